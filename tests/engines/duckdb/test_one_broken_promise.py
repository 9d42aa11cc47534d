"""Random contracts over random shapes of data: exactly the check of the broken promise fails."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.checks.promises import column
from tests.engines.duckdb.checking import broken, run


@dataclass(frozen=True)
class Leaf:
    """A type with promises that can be broken one at a time; `good` values are distinct."""

    logical: str
    physical: str
    good: tuple[Any, ...]
    options: dict[str, dict[str, Any]]
    bad: dict[str, Any]


LEAVES = (
    Leaf(
        "integer",
        "BIGINT",
        tuple(range(-30, 31, 3)),
        {"range": {"minimum": -30, "exclusiveMaximum": 33}, "multiple": {"multipleOf": 3}},
        {"range": 33, "multiple": 4},
    ),
    Leaf(
        "number",
        "DOUBLE",
        tuple(number / 10 for number in range(21)),
        {"range": {"minimum": 0, "maximum": 2}, "multiple": {"multipleOf": 0.1}},
        {"range": -0.1, "multiple": 1.25},
    ),
    Leaf(
        "string",
        "VARCHAR",
        tuple(f"{first}{second}" for first in "abcé" for second in "xyz'\""),
        {"length": {"maxLength": 2}, "pattern": {"pattern": "^[a-zé]."}},
        {"length": "aaa", "pattern": "A"},
    ),
    Leaf(
        "string",
        "VARCHAR",
        tuple(f"user{number}@example.com" for number in range(20)),
        {"format": {"format": "email"}},
        {"format": "nobody at home"},
    ),
    Leaf(
        "date",
        "DATE",
        tuple(f"2013-01-{day:02}" for day in range(1, 21)),
        {"range": {"minimum": "2013-01-01", "maximum": "2013-01-31"}},
        {"range": "2013-02-01"},
    ),
    Leaf(
        "date",
        "VARCHAR",
        tuple(f"{day:02}.01.2013" for day in range(1, 21)),
        {"format": {"format": "dd.MM.yyyy"}, "range": {"minimum": "01.01.2013"}},
        {"format": "2013-01-01", "range": "31.12.2012"},
    ),
)
SHAPES = ("plain", "field", "items", "items of objects", "map", "field of a field")
STEMS = {
    "plain": "",
    "field": "_f",
    "items": "_item",
    "items of objects": "_item_f",
    "map": "_value",
    "field of a field": "_f_f",
}


@dataclass(frozen=True)
class Made:
    """A column of the test: what it promises, and the values that its rows hold, row by row."""

    name: str
    leaf: Leaf
    shape: str
    kept: frozenset[str]
    rows: list[list[Any]]

    @property
    def promise(self) -> dict[str, Any]:
        options: dict[str, Any] = {}
        for key in self.kept & set(self.leaf.options):
            options |= self.leaf.options[key]
        flags = {key: True for key in ("required", "unique") if key in self.kept}
        listed = {"enum": [{"value": v} for v in self.leaf.good]} if "allowed" in self.kept else {}
        inner = {
            "logicalType": self.leaf.logical,
            "physicalType": self.leaf.physical,
            "logicalTypeOptions": options,
        }
        return _shaped_promise(self.name, self.shape, inner | flags | listed)

    @property
    def typed(self) -> str:
        kind = self.leaf.physical
        shapes = {
            "plain": kind,
            "field": f"struct(f {kind})",
            "items": f"{kind}[]",
            "items of objects": f"struct(f {kind})[]",
            "map": f"map(varchar, {kind})",
            "field of a field": f"struct(f struct(f {kind}))",
        }
        return f"{self.name} {shapes[self.shape]}"

    def value(self, row: int) -> Any:
        values = self.rows[row]
        match self.shape:
            case "plain":
                return values[0]
            case "field":
                return {"f": values[0]}
            case "field of a field":
                return {"f": {"f": values[0]}}
            case "items":
                return values
            case "items of objects":
                return [{"f": value} for value in values]
            case _:
                return {f"k{number}": value for number, value in enumerate(values)}

    def checks(self) -> Iterator[str]:
        yield from (f"{self.name}{STEMS[self.shape]}_{key}" for key in sorted(self.kept))


def _shaped_promise(name: str, shape: str, inner: dict[str, Any]) -> dict[str, Any]:
    field = {"logicalType": "object", "properties": [column("f", **inner)]}
    shapes: dict[str, dict[str, Any]] = {
        "plain": inner,
        "field": field,
        "items": {"logicalType": "array", "items": inner},
        "items of objects": {"logicalType": "array", "items": field},
        "map": {"logicalType": "map", "map": {"key": {"logicalType": "string"}, "value": inner}},
        "field of a field": {"logicalType": "object", "properties": [column("f", **field)]},
    }
    return column(name, **shapes[shape])


@st.composite
def _column(draw: st.DrawFn, name: str, rows: int) -> Made:
    leaf, shape = draw(st.sampled_from(LEAVES)), draw(st.sampled_from(SHAPES))
    promises = sorted({*leaf.options, "required", "unique"})
    kept = draw(st.sets(st.sampled_from(promises), min_size=1))
    if leaf.logical == "date" and leaf.physical == "VARCHAR":
        kept |= {"format"}  # a date in text is readable as one, promised or not
    if not kept & {"unique", *leaf.options}:
        kept |= draw(st.sets(st.just("allowed")))
    many = 2 if shape.startswith(("items", "map")) else 1
    pool = draw(st.permutations(leaf.good))[: rows * many]
    if "required" not in kept:
        holes = draw(st.sets(st.integers(1, len(pool) - 1)))  # the first value stays
        pool = [None if index in holes else value for index, value in enumerate(pool)]
    cut = [pool[index * many : (index + 1) * many] for index in range(rows)]
    return Made(name, leaf, shape, frozenset(kept), cut)


def _break(draw: st.DrawFn, made: Made, key: str) -> None:
    """Break one promise in one place; what it takes to break it breaks nothing else."""
    row = draw(st.integers(1, len(made.rows) - 1))
    bad = made.leaf.bad | {"required": None, "allowed": _stranger(made.leaf)}
    made.rows[row][0] = made.rows[0][0] if key == "unique" else bad[key]


def _stranger(leaf: Leaf) -> Any:
    return leaf.bad.get("range", leaf.bad.get("pattern", leaf.bad.get("format")))


@st.composite
def _case(draw: st.DrawFn) -> tuple[list[Made], str | None]:
    rows = draw(st.integers(2, 6))
    count = draw(st.integers(1, 4))
    columns = [draw(_column(f"c{number}", rows)) for number in range(count)]
    victim = draw(st.sampled_from(columns))
    key = draw(st.sampled_from([None, *sorted(victim.kept)]))
    if key is None:
        return columns, None
    _break(draw, victim, key)
    return columns, f"{victim.name}{STEMS[victim.shape]}_{key}"


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(case=_case())
def test_exactly_the_check_of_the_broken_promise_fails(
    tmp_path: Path, case: tuple[list[Made], str | None]
) -> None:
    columns, expected = case
    rows = [tuple(made.value(row) for made in columns) for row in range(len(columns[0].rows))]
    typed = ", ".join(made.typed for made in columns)
    results = run(tmp_path, typed, rows, *(made.promise for made in columns))
    assert {"schema", *(name for made in columns for name in made.checks())} == set(results)
    assert broken(results) == ({expected: 1.0} if expected else {})
