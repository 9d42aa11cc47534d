"""Small tables in DuckDB, once as they are and once for each change to one of their columns."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

import duckdb

from mesh_platform.lineage.sql.sources import ROWS, Column, Relation, Table, base_table
from tests.lineage.sql.shapes import COLUMNS

Rows = list[tuple[int | None, ...]]
Data = dict[str, Rows]
_AS_IT_IS = -1
FIXED: Data = {
    "p": [(0, 1, 2), (1, 2, 0), (2, 0, 1), (2, 3, 3), (3, 1, 4), (1, None, 2), (4, 4, 3)],
    "q": [(0, 2, 1), (1, 0, 3), (2, 3, 2), (2, 1, 4), (4, 4, 0), (None, 2, 2)],
    "r": [(0, 1, 3), (1, 0, 2), (2, 3, 1), (3, 1, 4), (1, 2, 2)],
}


class World:
    """A database with each table as it is, and again for each change, told apart by a number.

    A SELECT is planned once and executed for each change: planning takes longer than such small
    tables do.

    Args:
        data: the rows of each table.
    """

    def __init__(self, data: Data) -> None:
        self._connection = duckdb.connect(config={"threads": 1})
        self._connection.execute("pragma disable_optimizer")  # it costs more than such small tables
        self.changes = dict(enumerate(_changes(data)))
        self._planned: dict[str, tuple[str, list[str]]] = {}
        for table, rows in data.items():
            states = {_AS_IT_IS: rows}
            states |= {n: rows for n, (c, rows) in self.changes.items() if c.table.name == table}
            parts = (
                f"select {n} as n, * from ({_rows(table, rows)})" for n, rows in states.items()
            )
            self._connection.execute(f"create table all_{table} as {' union all '.join(parts)}")

    def run(self, sql: str, change: int | None = None) -> tuple[list[str], list[Counter[str]]]:
        """Names and values of the columns that a SELECT returns, in whatever order of rows.

        Raises:
            duckdb.Error: it cannot run.
        """
        statement, tables = self._planned.get(sql) or self._plan(sql)
        changed = None if change is None else self.changes[change][0].table.name
        states = ", ".join(f"{change if each == changed else _AS_IT_IS}" for each in tables)
        found = self._connection.execute(f"execute {statement}({states})" if tables else statement)
        names = [item[0] for item in found.description or ()]
        rows = found.fetchall()
        return names, [Counter(repr(row[index]) for row in rows) for index in range(len(names))]

    def _plan(self, sql: str) -> tuple[str, list[str]]:
        """Prepare a SELECT over the states of its tables; return what to execute, and for which."""
        words = set(re.findall(r"\w+", sql.lower()))
        tables = [table for table in COLUMNS if table in words]
        if not tables:
            return f"select * from ({sql})", []
        states = ", ".join(
            f"{table} as (select {', '.join(COLUMNS[table])} from all_{table} where n = ${number})"
            for number, table in enumerate(tables, 1)
        )
        name = f"planned_{len(self._planned)}"
        self._connection.execute(f"prepare {name} as with {states} select * from ({sql})")
        self._planned[sql] = name, tables
        return name, tables


def find_table(parts: tuple[str, ...]) -> tuple[Table, Relation | None]:
    """What lineage knows of the tables."""
    table = Table("", parts[-1])
    return table, base_table(table, COLUMNS[parts[-1]])


def _rows(table: str, rows: Rows) -> str:
    cells = [["null" if item is None else f"{item}" for item in row] for row in rows]
    values = ", ".join(f"({', '.join(row)})" for row in cells)
    typed = ", ".join(f"{name}::integer as {name}" for name in COLUMNS[table])
    return f"select {typed} from (values {values}) v({', '.join(COLUMNS[table])})"


def _changes(data: Data) -> Iterator[tuple[Column, Rows]]:
    """A column and its table with other values in it; `*` is for a row less."""
    for name, columns in COLUMNS.items():
        yield Column(Table("", name), ROWS), data[name][:-1]
        for index, column in enumerate(columns):
            for rows in _other_values(data[name], index):
                yield Column(Table("", name), column), rows


def _other_values(rows: Rows, index: int) -> Iterator[Rows]:
    """The same rows with other values in one column: shifted, turned round, one changed, none."""
    values = [row[index] for row in rows]
    last = [*values[:-1], 0 if values[-1] is None else values[-1] + 1]
    shifted = [None if item is None else item + 1 for item in values]
    for new in (shifted, values[1:] + values[:1], last, [None] * len(values), [1] * len(values)):
        yield [(*row[:index], item, *row[index + 1 :]) for row, item in zip(rows, new, strict=True)]
