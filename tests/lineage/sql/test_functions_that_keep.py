"""Every function of the engine that returns a value whole is known to keep it."""

from __future__ import annotations

import functools

import duckdb
import pytest
import sqlglot

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


def _numbers_of_arguments(session: duckdb.DuckDBPyConnection) -> dict[str, set[int]]:
    """Return how many arguments each function takes: with another number it cannot be called.

    Those with settings are listed with all of them, and take one argument as well.
    """
    listed = """
        select function_name, len(parameters), varargs is not null
               or function_type not in ('scalar', 'aggregate') from duckdb_functions()
    """
    taken: dict[str, set[int]] = {}
    for name, count, any_number in session.execute(listed).fetchall():
        taken.setdefault(name, set()).update(range(9) if any_number else [min(count, 1), count])
    return taken


@functools.cache
def _count(arguments: str) -> int:
    return len(sqlglot.parse_one(f"f({arguments})", read="duckdb").expressions)


@pytest.mark.slow
def test_a_function_that_returns_a_value_is_known_to_keep_it() -> None:
    session = duckdb.connect(config={"memory_limit": "500MB", "threads": 1})
    session.execute("pragma disable_optimizer")
    session.execute(f"create table t as select '{TOLD}' as v")
    taken = _numbers_of_arguments(session)
    plain = {name for name in taken if name.isidentifier() and not name.startswith("_")}
    assert len(plain - REACHES_OUT) > 700
    unknown = set[str]()
    for name in sorted(plain - REACHES_OUT):
        for arguments in map(str.strip, ARGUMENTS.split(";")):
            sql = f"select {name}({arguments}) as c from t"
            if _count(arguments) in taken[name] and _returns(session, sql):
                ((_, sources),) = model_lineage("m", [sql], _find).relation.columns
                unknown |= set() if sources.kept else {name}
    assert unknown <= CUTS
