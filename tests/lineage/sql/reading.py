"""Reads the lineage of one SELECT over three tables, in a notation that fits on a line.

`t(a, b, k, l, s)` and `u(a, z, k)` are known by their columns; those of `raw` are not known.
"""

from __future__ import annotations

from mesh_platform.lineage.sql.model_lineage import ModelLineage, model_lineage
from mesh_platform.lineage.sql.sources import Column, Relation, Table, base_table

TABLES = {"t": ("a", "b", "k", "l", "s"), "u": ("a", "z", "k"), "raw": None}


def find_table(parts: tuple[str, ...]) -> tuple[Table, Relation | None]:
    table = Table("", parts[-1])
    known = parts[-1] in TABLES
    return table, base_table(table, TABLES[parts[-1]]) if known else None


def read(*texts: str) -> ModelLineage:
    return model_lineage("m", texts, find_table)


def columns(*texts: str) -> dict[str, str]:
    """The columns that a SELECT returns, each with the values it is made of: `t.a t.b`."""
    return {str(name): _said(sources.values) for name, sources in read(*texts).relation.columns}


def rows(*texts: str) -> str:
    """What decides the rows of a SELECT; `t.*` is that `t` has rows at all."""
    return _said(read(*texts).relation.rows.rows)


def decided(sql: str, column: str) -> str:
    """What decides the rows of which one column is made."""
    return _said(read(sql).column(column).rows)


def column_doubts(sql: str) -> dict[str, list[str]]:
    """The doubts about each column."""
    lineage = read(sql)
    names = [str(name) for name, _ in lineage.relation.columns]
    return {name: [d.reason for d in lineage.column(name).doubts] for name in names}


def doubts(sql: str) -> list[str]:
    return [doubt.reason for doubt in read(sql).doubts]


def mentioned(sql: str) -> str:
    return _said(read(sql).mentioned)


def tables(sql: str) -> list[str]:
    return [str(table) for table in read(sql).tables]


def outside(sql: str) -> list[str]:
    return list(read(sql).outside)


def _said(found: frozenset[Column]) -> str:
    return " ".join(sorted(map(str, found)))
