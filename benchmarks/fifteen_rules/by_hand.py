"""The limit: DuckDB with one query per rule, as somebody writes them who knows the data.

Each query counts the rows that break its rule, or measures one number; nothing else is done.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from benchmarks.fifteen_rules.answer import run, timed

_NONE = (0.0, 0.0)
_RULES: dict[str, tuple[str, tuple[float, float]]] = {
    "rows": ("select count(*) from port", (5_000_000, 7_000_000)),
    "l_orderkey_required": ("select count(*) from port where l_orderkey is null", _NONE),
    "l_partkey_required": ("select count(*) from port where l_partkey is null", _NONE),
    "l_id_unique": (
        "select (select count(l_id) from port) - "
        "(select count(*) from (select distinct l_id from port where l_id is not null))",
        _NONE,
    ),
    "line_once": (
        "select (select count(*) from port where l_orderkey is not null "
        "and l_linenumber is not null) - "
        "(select count(*) from (select distinct l_orderkey, l_linenumber from port "
        "where l_orderkey is not null and l_linenumber is not null))",
        _NONE,
    ),
    "l_quantity_range": (
        "select count(*) from port where l_quantity < 1 or l_quantity > 50",
        _NONE,
    ),
    "l_discount_range": (
        "select count(*) from port where l_discount < 0 or l_discount > 0.1",
        _NONE,
    ),
    "l_returnflag_allowed": (
        "select count(*) from port where l_returnflag not in ('A', 'N', 'R')",
        _NONE,
    ),
    "l_shipmode_allowed": (
        "select count(*) from port where l_shipmode not in "
        "('AIR', 'FOB', 'MAIL', 'RAIL', 'REG AIR', 'SHIP', 'TRUCK')",
        _NONE,
    ),
    "l_shipinstruct_pattern": (
        "select count(*) from port where not regexp_matches(l_shipinstruct, '^[A-Z ]+$')",
        _NONE,
    ),
    "l_comment_length": (
        "select count(*) from port where length(l_comment) < 1 or length(l_comment) > 44",
        _NONE,
    ),
    "received_after_shipped": (
        "select count(*) from port where l_receiptdate <= l_shipdate",
        _NONE,
    ),
    "mean_price": ("select avg(l_extendedprice) from port", (30_000, 50_000)),
    "last_day": (
        "select date_diff('day', date '1998-01-01', max(l_shipdate)) from port",
        (0, 365),
    ),
    "l_suppkey_foreign_key": (
        "select count(*) from port anti join supplier on l_suppkey = s_suppkey "
        "where l_suppkey is not null",
        _NONE,
    ),
}


def _validate(folder: Path) -> tuple[float, Iterable[str]]:
    return timed(lambda: _failed(folder))


def _failed(folder: Path) -> list[str]:
    import duckdb

    session = duckdb.connect()
    for view, file in {"port": "lineitem", "supplier": "supplier"}.items():
        path = folder / f"{file}.parquet"
        session.execute(f"create view {view} as select * from read_parquet('{path}')")
    failed = []
    for name, (query, (least, most)) in _RULES.items():
        row = session.execute(query).fetchone()
        if row is None or not least <= row[0] <= most:
            failed.append(name)
    return failed


if __name__ == "__main__":
    run(_validate)
