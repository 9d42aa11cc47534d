"""Describe the sources of a column: the values that make it, the columns that decide its rows.

The vocabulary of lineage. Tables and columns are kept in lower case, as the engine compares them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import count
from typing import NamedTuple

ROWS = "*"
"""Stands as a column for the rows of a table: which there are, whatever they hold."""


class Table(NamedTuple):
    """An input of a product, or one of its models, which has no schema."""

    schema: str
    name: str

    def __str__(self) -> str:
        """Write the table as SQL does."""
        return f"{self.schema}.{self.name}" if self.schema else self.name


class Column(NamedTuple):
    """A column of a table."""

    table: Table
    name: str

    def __str__(self) -> str:
        """Write the column as SQL does."""
        return f"{self.table}.{self.name}"


class Doubt(NamedTuple):
    """Hold the reason why the columns of a model cannot be vouched for."""

    model: str
    reason: str


@dataclass(frozen=True, slots=True)
class Sources:
    """Hold the sources of a column.

    `values` stand in the expressions that make it; `rows` decide which rows there are to make it
    of: filters, joins, groups, limits. With a doubt, there may be more than is named.
    Of the values, those `kept` stand in the column or can be read off it, those `used` are computed
    with; the others are only tested or counted. `fields` are those of a struct that SQL builds;
    where it is `plain`, a column of a table as it is, a field of it is a field of that column.
    """

    values: frozenset[Column] = frozenset()
    rows: frozenset[Column] = frozenset()
    doubts: frozenset[Doubt] = frozenset()
    kept: frozenset[Column] = frozenset()
    used: frozenset[Column] = frozenset()
    fields: tuple[tuple[str, Sources], ...] = ()
    plain: bool = False

    def __or__(self, other: Sources) -> Sources:
        """Both together."""
        return union((self, other))

    def as_rows(self) -> Sources:
        """The same where the column decides which rows there are."""
        return Sources(frozenset(), self.values | self.rows, self.doubts) if self.values else self

    def computed(self) -> Sources:
        """The same where a function or an aggregate works with the values."""
        if not self.kept:
            return self
        return Sources(self.values, self.rows, self.doubts, used=self.kept | self.used)

    def tested(self) -> Sources:
        """The same where the values are compared or counted."""
        return Sources(self.values, self.rows, self.doubts) if self.kept or self.used else self

    def inside(self, names: tuple[str, ...]) -> Sources:
        """Return what a field of it comes from; the whole where the field is not known."""
        found = self
        for name in names:
            if found.plain:
                found = found._field(name)
                continue
            known = dict(found.fields)
            if name not in known:
                break
            found = known[name]
        return found

    def _field(self, name: str) -> Sources:
        """Return the same field of each column that it may be."""
        kept = frozenset(Column(column.table, f"{column.name}.{name}") for column in self.kept)
        values = (self.values - self.kept) | kept
        return Sources(values, self.rows, self.doubts, kept=kept, plain=True)

    def whole(self) -> Sources:
        """Return the same without its fields: as a function or an aggregate sees it."""
        return replace(self, fields=(), plain=False) if self.fields or self.plain else self


def copied(column: Column) -> Sources:
    """A column as it is."""
    values = frozenset((column,))
    return Sources(values, kept=values, plain=True)


NOTHING = Sources()


def union(items: Iterable[Sources]) -> Sources:
    """All of them together."""
    found = [item for item in items if item is not NOTHING]
    if len(found) < 2:
        return found[0] if found else NOTHING
    return Sources(
        frozenset().union(*[item.values for item in found]),
        frozenset().union(*[item.rows for item in found]),
        frozenset().union(*[item.doubts for item in found]),
        frozenset().union(*[item.kept for item in found]),
        frozenset().union(*[item.used for item in found]),
        _fields_of_all(found),
        _plain(found),
    )


def _fields_of_all(items: list[Sources]) -> tuple[tuple[str, Sources], ...]:
    """Return the fields of several structs of one shape; none where they differ.

    What only decides which of the structs it is, decides each of their fields.
    """
    structs = [item for item in items if item.fields]
    others = [item for item in items if not item.fields]
    names = {tuple(name for name, _ in item.fields) for item in structs}
    if len(names) != 1 or any(item.kept or item.used for item in others):
        return ()
    each = [dict(item.fields) for item in structs]
    return tuple(
        (name, union((*(fields[name] for fields in each), *others))) for name in names.pop()
    )


def _plain(items: list[Sources]) -> bool:
    """Tell whether each of several that has values is a column as it is."""
    return all(item.plain or not (item.kept or item.used) for item in items) and any(
        item.plain for item in items
    )


Named = tuple[str | None, Sources]
"""A column in its place; None where only the engine knows its name."""


@dataclass(frozen=True)
class Relation:
    """Hold the columns of a query or a table.

    Args:
        columns: in their order, names in lower case and unique.
        rows: what decides which rows there are.
        order: what decides their order, where the SQL says it.
        passes: tables whose columns, beyond those listed, are found under their own names.
        complete: whether `columns` are known to be all.
        otherwise: what columns beyond those listed come from, whatever they are called.
    """

    columns: tuple[Named, ...] = ()
    rows: Sources = NOTHING
    order: Sources = NOTHING
    passes: frozenset[Table] = frozenset()
    complete: bool = True
    otherwise: Sources | None = None

    @cached_property
    def by_name(self) -> dict[str, Sources]:
        """The listed columns that have a name."""
        return {name: sources for name, sources in self.columns if name is not None}

    @cached_property
    def everything(self) -> Sources:
        """All listed columns together."""
        return union((*(sources for _, sources in self.columns), self.otherwise or NOTHING))

    def field(self, column: str, fields: tuple[str, ...]) -> Sources | None:
        """Return what a field of a column comes from, where the table itself holds the column."""
        found = self.find(column)
        return found.inside(fields) if found is not None else None

    @property
    def enumerable(self) -> bool:
        """Tell whether the listed columns are all there are, as far as anybody knows."""
        return self.complete and self.otherwise is None

    def find(self, name: str) -> Sources | None:
        """Return what a column comes from, if it is certain that there is one of that name."""
        return self.by_name.get(name)

    def suppose(self, name: str) -> Sources | None:
        """The same if there may be one of that name, in a table whose columns are not known."""
        if self.enumerable:
            return None
        passed = NOTHING if self.complete else self.passed(name)
        return union((self.otherwise or NOTHING, passed))

    def passed(self, name: str) -> Sources:
        """A column of that name in the tables behind this one."""
        return union(copied(Column(table, name)) for table in self.passes)


def base_table(table: Table, columns: Iterable[str] | None) -> Relation:
    """A table at which lineage ends; None where its columns are not known."""
    own = ((name.lower(), Column(table, name.lower())) for name in columns or ())
    return Relation(
        columns=tuple((name, copied(column)) for name, column in own),
        rows=Sources(rows=frozenset((Column(table, ROWS),))),
        passes=frozenset((table,)),
        complete=columns is not None,
    )


def related(one: str, other: str) -> bool:
    """Tell whether two columns, or fields of them, share something: `a` holds `a.b`."""
    return one == other or one.startswith(f"{other}.") or other.startswith(f"{one}.")


def unique_names(columns: Iterable[Named]) -> tuple[Named, ...]:
    """Names as the engine makes them unique in a table: a second `k` is `k_1`."""
    taken: set[str] = set()
    made: list[Named] = []
    for name, sources in columns:
        new = name
        if name is not None and name in taken:
            candidates = (f"{name}_{number}" for number in count(1))
            new = next(candidate for candidate in candidates if candidate not in taken)
        if new is not None:
            taken.add(new)
        made.append((new, sources))
    return tuple(made)
