"""Every function of the engine that returns a value whole is known to keep it."""

from __future__ import annotations

import duckdb
import pytest

from mesh_platform.lineage.sql.carried import CUTS
from mesh_platform.lineage.sql.model_lineage import model_lineage
from mesh_platform.lineage.sql.sources import Relation, Table, base_table

TOLD = "mArk7er"
"""A value that no function makes by itself."""
ARGUMENTS = """
v; [v]; v, 1; 1, v; v, 'x'; 'x', v; v, v; [v], 1; [v], 'max'; [v], 'x'; map {v: 1}; map {1: v};
{'x': v}; {'x': v}, 'x'; {'x': v}, 1; [v], [v]; v, 1, 1; v, 1, 'x'; v, 'a', 'b'; [v], 1, 1;
map {v: 1}, v; map {1: v}, 1; to_json({'k': v}); to_json({'k': v}), '$.k'; [[v]]; v, '.*';
v, '(.*)', 1; [v], [true]; [v], [1]; v::blob; to_json([v])
"""
REACHES_OUT = {"error", "getenv", "read_text", "repeat_row", "write_log", "set_config", "setseed"}


def _find(_: object) -> tuple[Table, Relation]:
    table = Table("", "t")
    return table, base_table(table, ["v"])


def _returns(session: duckdb.DuckDBPyConnection, sql: str) -> bool:
    try:
        answer = str(session.execute(sql).fetchall()).lower()
    except (duckdb.Error, OverflowError, ValueError):
        return False
    return TOLD.lower() in answer or TOLD[::-1].lower() in answer


@pytest.mark.slow
def test_a_function_that_returns_a_value_is_known_to_keep_it() -> None:
    session = duckdb.connect(config={"memory_limit": "500MB", "threads": 1})
    session.execute("pragma disable_optimizer")
    session.execute(f"create table t as select '{TOLD}' as v")
    listed = "select distinct function_name from duckdb_functions()"
    named = {str(name) for (name,) in session.execute(listed).fetchall()} - REACHES_OUT
    plain = {name for name in named if name.isidentifier() and not name.startswith("_")}
    assert len(plain) > 700
    unknown = set[str]()
    for name in sorted(plain):
        for arguments in map(str.strip, ARGUMENTS.split(";")):
            sql = f"select {name}({arguments}) as c from t"
            if _returns(session, sql):
                ((_, sources),) = model_lineage("m", [sql], _find).relation.columns
                unknown |= set() if sources.kept else {name}
    assert unknown <= CUTS
