"""Count what changed between two releases of a port, with DuckDB over their Parquet files.

Rows are matched by the primary key. Without one, or where it does not tell rows apart, rows are
compared whole: then nothing can be called changed, only added and removed.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from mesh_platform.checks.sql import quoted
from mesh_platform.engines.duckdb.error_messages import EngineWords
from mesh_platform.engines.duckdb.masks import Masks
from mesh_platform.engines.duckdb.session import (
    Connection,
    QueryError,
    create_views,
    open_session,
    seal,
)
from mesh_platform.engines.duckdb.views import View, parquet_query
from mesh_platform.errors import MeshError
from mesh_platform.model.contract import Contract

EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class Side:
    """One release of the port: its Parquet files and the columns it promised, in order."""

    files: tuple[str, ...]
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ColumnDifference:
    """One column; a type is None where the release has no such column.

    `changed` counts matched rows whose value differs; None where rows could not be matched.
    """

    name: str
    before: str | None
    after: str | None
    changed: int | None

    @property
    def same(self) -> bool:
        """Tell whether nothing about the column differs."""
        return self.before == self.after and not self.changed


@dataclass(frozen=True, slots=True)
class Example:
    """A row that differs: `kind` is added, removed or changed; `before`/`after` where it changed.

    `row` is the key, or the whole row where there is none; classified columns are masked.
    """

    kind: str
    row: dict[str, Any]
    before: dict[str, Any]
    after: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Difference:
    """All of it; `key` is empty where rows were compared whole, and `changed` None then."""

    key: tuple[str, ...]
    rows_before: int
    rows_after: int
    added: int
    removed: int
    changed: int | None
    columns: tuple[ColumnDifference, ...]
    examples: tuple[Example, ...]

    @property
    def same(self) -> bool:
        """Tell whether both releases hold the same rows in the same columns."""
        return not (self.added or self.removed or self.changed) and all(
            column.same for column in self.columns
        )


def difference(before: Side, after: Side, contract: Contract) -> Difference:
    """Compare two releases of a port.

    Args:
        before: the release to start from.
        after: the release to arrive at.
        contract: says which columns identify a row, and whose values are not to be shown.

    Raises:
        MeshError: a file cannot be read.
    """
    session = open_session()
    try:
        seal(session, (*before.files, *after.files))
        sides = {"a": before, "b": after}
        create_views(
            session,
            [View("main", name, parquet_query(s.files, s.columns)) for name, s in sides.items()],
        )
        return _Comparison(session, contract).result()
    except QueryError as error:
        said = EngineWords([contract]).told(error)
        raise MeshError(
            f"the releases cannot be compared: {said}", fix="mesh doctor --deep"
        ) from None
    finally:
        session.close()


class _Comparison:
    """The views `a` and `b` of one session, being compared."""

    def __init__(self, session: Connection, contract: Contract) -> None:
        self.session, self.masks = session, Masks(contract)
        self.types = {name: self._types(name) for name in "ab"}
        self.shared = tuple(name for name in self.types["a"] if name in self.types["b"])
        self.key = contract.key if self._tells_rows_apart(contract.key) else ()

    def result(self) -> Difference:
        before, after = self._counts()
        if self.key:
            return self._by_key(before, after)
        return self._by_row(before, after)

    def _types(self, view: str) -> dict[str, str]:
        return {row[0]: row[1] for row in self.session.execute(f"describe {view}").fetchall()}

    def _counts(self) -> tuple[int, int]:
        query = "select (select count(*) from a), (select count(*) from b)"
        before, after = self._row(query)
        return before, after

    def _row(self, query: str) -> tuple[Any, ...]:
        row = self.session.execute(query).fetchone()
        return row or ()

    def _tells_rows_apart(self, key: tuple[str, ...]) -> bool:
        if not key or not set(key) <= set(self.shared):
            return False
        names = ", ".join(map(quoted, key))
        whole = " and ".join(f"{quoted(name)} is not null" for name in key)
        tests = [
            f"(select count(*) = count(distinct ({names})) and count(*) = count(*) "
            f"filter (where {whole}) from {view})"
            for view in "ab"
        ]
        return all(self._row(f"select {', '.join(tests)}"))

    def _joined(self) -> str:
        on = " and ".join("{} = {}".format(*self._sides(name)) for name in self.key)
        left, right = (f"(select *, true as _in from {view}) {view}" for view in "ab")
        return f"from {left} full join {right} on {on}"

    def _differs(self, name: str) -> str:
        return "{} is distinct from {}".format(*self._sides(name))

    def _sides(self, name: str) -> tuple[str, str]:
        """Both values of a column so that they can be compared: as text where types differ."""
        left, right = f"a.{quoted(name)}", f"b.{quoted(name)}"
        kinds = {_family(types[name]) for types in self.types.values()}
        if len(kinds) == 1:
            return left, right
        return f"cast({left} as varchar)", f"cast({right} as varchar)"

    def _by_key(self, before: int, after: int) -> Difference:
        values = [name for name in self.shared if name not in self.key]
        both, differs = "a._in and b._in", [self._differs(name) for name in values]
        counted = [
            "count(*) filter (where a._in is null)",
            "count(*) filter (where b._in is null)",
            f"count(*) filter (where {both} and ({' or '.join(differs) or 'false'}))",
            *(f"count(*) filter (where {both} and {test})" for test in differs),
        ]
        added, removed, changed, *each = self._row(f"select {', '.join(counted)} {self._joined()}")
        columns = self._columns(dict(zip(values, each, strict=True)))
        examples = self._keyed_examples({"added": added, "removed": removed, "changed": changed})
        return Difference(
            self.key, before, after, added, removed, changed, columns, tuple(examples)
        )

    def _columns(self, changed: dict[str, int]) -> tuple[ColumnDifference, ...]:
        before, after = self.types["a"], self.types["b"]
        names = dict.fromkeys([*before, *after])
        known = changed | dict.fromkeys(self.key, 0)
        return tuple(
            ColumnDifference(name, before.get(name), after.get(name), known.get(name))
            for name in names
        )

    def _keyed_examples(self, counts: dict[str, int]) -> list[Example]:
        values = [name for name in self.shared if name not in self.key]
        tests = {
            "added": "a._in is null",
            "removed": "b._in is null",
            "changed": "a._in and b._in and ("
            + (" or ".join(self._differs(name) for name in values) or "false")
            + ")",
        }
        found: list[Example] = []
        for kind, count in counts.items():
            if count:
                found += self._examples(kind, tests[kind], values)
        return found

    def _examples(self, kind: str, test: str, values: list[str]) -> list[Example]:
        keys = [f"coalesce(a.{quoted(name)}, b.{quoted(name)})" for name in self.key]
        sides = [f"{side}.{quoted(name)}" for side in "ab" for name in values]
        order = ", ".join(str(number + 1) for number in range(len(keys)))
        rows = self.session.execute(
            f"select {', '.join([*keys, *sides])} {self._joined()} where {test} "
            f"order by {order} limit {EXAMPLES}"
        ).fetchall()
        return [self._example(kind, row, values) for row in rows]

    def _example(self, kind: str, row: tuple[Any, ...], values: list[str]) -> Example:
        width = len(self.key)
        before, after = row[width : width + len(values)], row[width + len(values) :]
        told = [
            (name, old, new)
            for name, old, new in zip(values, before, after, strict=True)
            if kind == "changed" and _differ(old, new)
        ]
        return Example(
            kind,
            self._shown(zip(self.key, row, strict=False)),
            self._shown((name, old) for name, old, _ in told),
            self._shown((name, new) for name, _, new in told),
        )

    def _shown(self, pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
        return self.masks.strict_row(dict(pairs), frozenset())

    def _by_row(self, before: int, after: int) -> Difference:
        names = ", ".join(map(quoted, self.shared))
        found: dict[str, int] = {}
        examples: list[Example] = []
        for kind, one, other in (("added", "b", "a"), ("removed", "a", "b")):
            rest = f"(select {names} from {one} except all select {names} from {other})"
            (found[kind],) = self._row(f"select count(*) from {rest}")
            rows = self.session.execute(
                f"select * from {rest} order by all limit {EXAMPLES}"
            ).fetchall()
            examples += [
                Example(kind, self._shown(zip(self.shared, row, strict=True)), {}, {})
                for row in rows
            ]
        return Difference(
            (),
            before,
            after,
            found["added"],
            found["removed"],
            None,
            self._columns({}),
            tuple(examples),
        )


def _family(kind: str) -> str:
    """Types of one family compare with each other as they are."""
    name = kind.split("(", maxsplit=1)[0].split("[", maxsplit=1)[0]
    if "[" in kind or name in ("STRUCT", "MAP"):
        return kind
    if "INT" in name or name in ("DECIMAL", "DOUBLE", "FLOAT"):
        return "number"
    return "moment" if name == "DATE" or name.startswith("TIMESTAMP") else kind


def _differ(old: Any, new: Any) -> bool:
    """Tell whether two values differ as SQL sees it, where NaN is itself."""
    if isinstance(old, float) and isinstance(new, float) and math.isnan(old) and math.isnan(new):
        return False
    return bool(old != new)
