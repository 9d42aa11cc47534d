"""Resolve a name in a query: a column of a table in FROM, an alias, a column further out.

As DuckDB reads it: a column of FROM comes before an alias of the same SELECT, an inner query
before the outer one, and `a.b` is a column of the table `a` before it is a field of a column `a`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sqlglot import exp

from mesh_platform.lineage.sql.sources import (
    NOTHING,
    Column,
    Doubt,
    Relation,
    Sources,
    Table,
    union,
)

NO_COLUMN = "is not a known column"
"""Why a name is in doubt that nothing carries."""
FindTable = Callable[[tuple[str, ...]], tuple[Table, Relation | None]]
"""The table that the parts of a name mean, and what is known of it."""
ReadQuery = Callable[[exp.Expr, "Scope"], Relation]
"""What a query inside another returns."""


@dataclass
class Reading:
    """One model while it is read: where it finds tables, and what it was seen to mention."""

    model: str
    find_table: FindTable
    read_query: ReadQuery
    mentioned: set[Column] = field(default_factory=set)
    tables: dict[Table, None] = field(default_factory=dict)
    outside: dict[str, None] = field(default_factory=dict)
    doubts: dict[Doubt, None] = field(default_factory=dict)
    missing: dict[tuple[str, ...], frozenset[Table]] = field(default_factory=dict)
    unread: bool = False

    def doubt(self, reason: str) -> Sources:
        """Say that something cannot be vouched for."""
        doubt = Doubt(self.model, reason)
        self.doubts[doubt] = None
        return Sources(doubts=frozenset((doubt,)))

    def partly_unread(self, reason: str) -> Sources:
        """Say that what is read there is not known, so that it may be more than is named."""
        self.unread = True
        return self.doubt(reason)

    def by_place(self, relation: Relation) -> None:
        """Columns are told by their places: the SQL fails, or means others, if one goes."""
        self.mentioned |= relation.everything.values


class Scope:
    """The names that one query can use, and what it does that its parts must know."""

    def __init__(
        self, reading: Reading, ctes: Mapping[str, Relation], outer: Scope | None = None
    ) -> None:
        self.reading = reading
        self.ctes = dict(ctes)
        self.outer = outer
        self.relations: dict[str, Relation] = {}
        self.merged: dict[str, Sources] = {}
        """Columns of `join … using`, which stand for those of both sides."""
        self.shown: dict[tuple[str, str], Sources | None] = {}
        """What `*` shows for a column of a relation where `using` merged it; None is nothing."""
        self.aliases: dict[str, Sources] = {}
        self.windows: dict[str, exp.Expr] = {}
        self.multipliers: list[Sources] = []
        """What decides how many rows one row becomes: arguments of `unnest`."""
        self.expanded: Relation | None = None
        """Columns that `columns(…)` in the expression at hand stands for, one after another."""
        self.only: str | None = None
        """The one of them for which the expression is read."""

    def inner(self) -> Scope:
        """The scope of a query inside this one."""
        return Scope(self.reading, self.ctes, self)

    @property
    def order(self) -> Sources:
        """Return what decides the order in which rows come from FROM."""
        return union(relation.order for relation in self.relations.values())

    def name(self, parts: tuple[str, ...]) -> Sources:
        """Return what a name means; one that means nothing is a doubt."""
        found = self._certain(parts) or self._supposed(parts) or self._missing(parts)
        self.reading.mentioned |= found.values
        return found

    def whole(self, relation: Relation) -> Sources:
        """All columns of a relation; a doubt where they are not known."""
        if relation.complete:
            return relation.everything
        tables = " and ".join(sorted(map(str, relation.passes)))
        return relation.everything | self.reading.doubt(f"the columns of {tables} are not known")

    def _certain(self, parts: tuple[str, ...]) -> Sources | None:
        """A name that is there; with what a table further in, of unknown columns, may have."""
        scope: Scope | None = self
        maybe = NOTHING
        while scope is not None:
            found = scope._own(parts)
            if found is not None:
                return union((found, maybe))
            maybe = union((maybe, scope._unlisted(parts[0])))
            scope = scope.outer
        return None

    def _own(self, parts: tuple[str, ...]) -> Sources | None:
        qualified = self._qualified(parts)
        if qualified is not None:
            return qualified
        listed = self._listed(parts[0], parts[1:])
        if listed is not None:
            return listed
        if len(parts) == 1 and parts[0] in self.relations:
            return self.whole(self.relations[parts[0]])
        named = parts[1:] if parts[0] == "alias" and len(parts) > 1 else parts
        if named[0] not in self.aliases:
            return None
        return union((self.aliases[named[0]].inside(named[1:]), self._unlisted(named[0])))

    def _qualified(self, parts: tuple[str, ...]) -> Sources | None:
        for index in range(len(parts) - 2, -1, -1):
            relation = self.relations.get(parts[index])
            if relation is not None:
                found = relation.field(parts[index + 1], parts[index + 2 :])
                if found is None:
                    found = relation.suppose(parts[index + 1])
                if found is not None:
                    return found
        return None

    def _listed(self, name: str, fields: tuple[str, ...]) -> Sources | None:
        if name in self.merged:
            return self.merged[name]
        found = [relation.field(name, fields) for relation in self.relations.values()]
        there = [sources for sources in found if sources is not None]
        return union(there) if there else None

    def _unlisted(self, name: str) -> Sources:
        found = [relation.suppose(name) for relation in self.relations.values()]
        return union(sources for sources in found if sources is not None)

    def _supposed(self, parts: tuple[str, ...]) -> Sources | None:
        scope: Scope | None = self
        while scope is not None:
            relations = scope.relations.values()
            open_ones = [item for item in relations if item.suppose(parts[0]) is not None]
            if open_ones:
                return scope._from_one_of(parts[0], open_ones)
            scope = scope.outer
        return None

    def _from_one_of(self, name: str, relations: list[Relation]) -> Sources:
        """A name that tables of unknown columns may have; sure where there is but one table."""
        found = union(relation.suppose(name) or NOTHING for relation in relations)
        if len(self.relations) == 1 or (
            len(relations) == 1 and not relations[0].complete and len(found.values) == 1
        ):
            return found
        return found | self.reading.doubt(f"`{name}` may be a column of several tables")

    def _missing(self, parts: tuple[str, ...]) -> Sources:
        """A name that nothing carries: it may be a column that a provider took away."""
        scope: Scope | None = self
        text, passed, own = ".".join(parts), NOTHING, NOTHING
        while scope is not None:
            named = [scope.relations[part] for part in parts[:-1] if part in scope.relations]
            relations = named or list(scope.relations.values())
            own = union(relation.passed(parts[-1]) for relation in relations)
            passed |= own
            if named:
                break
            scope = scope.outer
        if self._all_named():
            lacking = own if named else passed
            self.reading.missing[parts] = frozenset(column.table for column in lacking.values)
        tables = " or ".join(sorted(str(column.table) for column in passed.values))
        of = f" of {tables}" if tables else ""
        return passed | self.reading.doubt(f"`{text}` {NO_COLUMN}{of}")

    def _all_named(self) -> bool:
        """Tell whether no table here or further out has a column that only the engine can name."""
        named = all(
            name is not None for item in self.relations.values() for name, _ in item.columns
        )
        return named and (self.outer is None or self.outer._all_named())
