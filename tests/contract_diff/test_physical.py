"""A type, and the length of a text, is one promise wherever it is written."""

from __future__ import annotations

from itertools import permutations, product
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mesh_platform.contract_diff.compare import contract_changes
from mesh_platform.contract_diff.values import Level
from tests.contract_diff.contracts import KEY, OFTEN, Document, contract, level_of
from tests.contract_diff.withheld import withheld

PLACES = {
    "column": ("{}", None),
    "item": ("{}[]", "array"),
    "key": ("MAP({}, INTEGER)", "map"),
    "value": ("MAP(VARCHAR, {})", "map"),
    "field": ("STRUCT(f {}, g INTEGER)", "object"),
    "deep": ("STRUCT(f {}[], g INTEGER)", "object"),
}


def _text(inner: int | None) -> str:
    return f"VARCHAR({inner})" if inner else "VARCHAR"


def _column(place: str, *, around: Any, own: Any = None, most: Any = None) -> Document:
    """A column with a text in it: lengths said by the type around it, its own type, an option."""
    form, kind = PLACES[place]
    options = {"logicalTypeOptions": {"maxLength": most}} if most else {}
    if place == "column":
        return {"logicalType": "string", "physicalType": _text(own or around), **options}
    typed = {"physicalType": _text(own)} if own else {}
    part: Document = {"logicalType": "string", **typed, **options}
    if place == "deep":
        part = {"logicalType": "array", "items": part}
    other = {"logicalType": "integer" if place == "key" else "string"}
    inside = {
        "array": {"items": part},
        "map": {"map": {"key": {"logicalType": "string"}, "value": other, place: part}},
        "object": {"properties": [{"name": "f", **part}, {"name": "g", "logicalType": "integer"}]},
    }
    return {"logicalType": kind, "physicalType": form.format(_text(around)), **inside[str(kind)]}


ALIKE = [(10, None, None), (None, 10, None), (None, None, 10), (20, 10, 15), (10, 10, 10)]
KEYS = ("around", "own", "most")


@pytest.mark.parametrize("place", PLACES)
def test_a_longest_length_is_one_promise_wherever_it_is_written(place: str) -> None:
    columns = [_column(place, **dict(zip(KEYS, each, strict=True))) for each in ALIKE]
    for old, new in permutations(columns, 2):
        assert level_of(old, new) is Level.PATCH, (old, new)
    shorter, longer = _column(place, around=None, most=9), _column(place, around=11)
    for each in columns:
        assert level_of(each, shorter) is Level.MINOR, each
        assert level_of(each, longer) is Level.MAJOR, each
        assert level_of(each, _column(place, around=None)) is Level.MAJOR, each


@pytest.mark.parametrize("place", ["item", "key", "value", "field", "deep"])
def test_what_an_unlisted_part_did_not_promise_is_promised_once_it_is_listed(place: str) -> None:
    form, kind = PLACES[place]
    bare = {"logicalType": kind, "physicalType": form.format("VARCHAR")}
    assert level_of(bare, _column(place, around=None)) is Level.PATCH
    assert level_of(bare, _column(place, around=None, most=5)) is Level.MINOR
    assert level_of(_column(place, around=None, most=5), bare) is Level.MAJOR


def test_a_shorter_text_by_an_option_is_told_as_narrowed() -> None:
    old, new = _column("item", around=10), _column("item", around=None, most=5)
    changes = contract_changes(*(contract({"name": "a", **each}) for each in (old, new)))
    assert [(c.code, c.level, c.message) for c in changes] == [
        (
            "type.physical.narrowed",
            Level.MINOR,
            "type of `a` changes from VARCHAR(10)[] to VARCHAR[]",
        ),
        ("size.most-lowered", Level.MINOR, "max length of the items of `a` is now said: 5"),
    ]


TABLES = {
    "column": "select 'i' id, '{}' a",
    "item": "select 'i' id, ['x', '{}'] a",
    "key": "select 'i' id, map {{'{}': 1}} a",
    "value": "select 'i' id, map {{'k': '{}'}} a",
    "field": "select 'i' id, {{'f': '{}', 'g': 1}} a",
    "deep": "select 'i' id, {{'f': ['{}'], 'g': 1}} a",
}
_LENGTHS = st.sampled_from([None, 1, 2, 3])


@OFTEN
@given(place=st.sampled_from(list(PLACES)), lengths=st.lists(_LENGTHS, min_size=6, max_size=6))
def test_a_build_withholds_a_text_where_the_promise_says_so(
    place: str, lengths: list[int | None]
) -> None:
    old, new = (
        _column(place, **dict(zip(KEYS, each, strict=True))) for each in (lengths[:3], lengths[3:])
    )
    tables = [TABLES[place].format("x" * length) for length in (1, 2, 3, 4)]
    documents = [contract(KEY, {"name": "a", **each}, status="active") for each in (old, new)]
    held, holds = (withheld(each, tables) for each in documents)
    later = [now and not before for before, now in zip(held, holds, strict=True)]
    sooner = [before and not now for before, now in zip(held, holds, strict=True)]
    wanted = Level.MAJOR if any(sooner) else Level.MINOR if any(later) else Level.PATCH
    assert level_of(old, new) is wanted


def test_a_build_holds_lengths_of_parts_that_the_contract_does_not_list() -> None:
    for place in ("item", "field", "deep"):
        form, kind = PLACES[place]
        bare = {
            "name": "a",
            "logicalType": kind or "string",
            "physicalType": form.format("VARCHAR(2)"),
        }
        tables = [TABLES[place].format("xx"), TABLES[place].format("xxx")]
        assert withheld(contract(KEY, bare, status="active"), tables) == [False, True], place


def _types(depth: int) -> st.SearchStrategy[tuple[str, Document]]:
    """A type with a column that says it at each depth."""
    simple = st.sampled_from([("VARCHAR", "string"), ("INTEGER", "integer"), ("DATE", "date")])
    leaf = simple.map(lambda pair: (pair[0], {"logicalType": pair[1]}))
    if not depth:
        return leaf
    inner = _types(depth - 1)
    lists = inner.map(lambda i: (f"{i[0]}[]", {"logicalType": "array", "items": i[1]}))
    maps = st.tuples(leaf, inner).map(
        lambda p: (
            f"MAP({p[0][0]}, {p[1][0]})",
            {"logicalType": "map", "map": {"key": p[0][1], "value": p[1][1]}},
        )
    )
    structs = st.tuples(inner, inner).map(
        lambda p: (
            f"STRUCT(f {p[0][0]}, g {p[1][0]})",
            {
                "logicalType": "object",
                "properties": [{"name": "f", **p[0][1]}, {"name": "g", **p[1][1]}],
            },
        )
    )
    return leaf | lists | maps | structs


def _less(draw: st.DrawFn, column: Document) -> Document:
    """The same column, with some of what is inside it left out."""
    told = dict(column)
    for name in ("items", "map", "properties"):
        if name in told and draw(st.booleans()):
            del told[name]
    if "items" in told:
        told["items"] = _less(draw, told["items"])
    if "map" in told:
        told["map"] = {key: _less(draw, part) for key, part in told["map"].items()}
    if "properties" in told:
        told["properties"] = [_less(draw, field) for field in told["properties"]]
    return told


@OFTEN
@given(kind=_types(3), data=st.data())
def test_what_is_inside_a_type_is_one_promise_whether_it_is_listed_or_not(
    kind: tuple[str, Document], data: st.DataObject
) -> None:
    draw = cast("st.DrawFn", data.draw)
    old, new = ({"physicalType": kind[0], **_less(draw, kind[1])} for _ in range(2))
    assert level_of(old, new) is Level.PATCH


SAID_BEFORE: list[list[Document]] = [
    [{"logicalType": "string"}, {"logicalType": "string", "physicalType": "text"}],
    [{"logicalType": "date"}, {"logicalType": "date", "physicalType": "DATE"}],
    [
        {"logicalType": "array", "items": {"logicalType": "boolean"}},
        {"logicalType": "array", "physicalType": "BOOLEAN[]", "items": {"logicalType": "boolean"}},
        {"logicalType": "array", "items": {"logicalType": "boolean", "physicalType": "BOOL"}},
    ],
    [
        _column("field", around=None),
        {
            **_column("field", around=None),
            "properties": [
                {"name": "f", "logicalType": "string", "physicalType": "VARCHAR"},
                {"name": "g", "logicalType": "integer", "physicalType": "INT"},
            ],
        },
    ],
    [
        {"logicalType": "timestamp", "logicalTypeOptions": {"timezone": True}},
        {
            "logicalType": "timestamp",
            "physicalType": "TIMESTAMPTZ",
            "logicalTypeOptions": {"timezone": True},
        },
    ],
]


SAID_BEFORE += [
    [{"physicalType": physical}, {"physicalType": physical, "logicalType": logical}]
    for physical, logical in [
        *(("BIGINT", "integer"), ("DOUBLE", "number"), ("DECIMAL(9,2)", "number")),
        *(("text", "string"), ("VARCHAR(9)", "string"), ("BOOL", "boolean"), ("DATE", "date")),
        *(("TIMESTAMP", "timestamp"), ("TIMESTAMPTZ", "timestamp"), ("INTEGER[]", "array")),
        *(("STRUCT(a INTEGER)", "object"), ("MAP(VARCHAR, INTEGER)", "map")),
    ]
]
SAID_BEFORE += [
    [
        {"physicalType": physical, "logicalType": logical, "logicalTypeOptions": options}
        for options in ({}, *said)
    ]
    for physical, logical, *said in [
        ("TIMESTAMPTZ", "timestamp", {"timezone": True}),
        ("TIMESTAMP", "timestamp", {"timezone": False}),
        ("FLOAT[]", "vector", {"elementType": "float32"}),
        ("BIGINT", "integer", {"format": "i64"}, {"format": "i128"}),
        ("SMALLINT", "integer", {"format": "i16"}, {"format": "i32"}),
        ("DOUBLE", "number", {"format": "f64"}),
        ("SMALLINT", "integer", {"maximum": 32767}, {"minimum": -32768, "exclusiveMaximum": 32768}),
        ("TINYINT", "integer", {"maximum": 127}, {"maximum": 1000}),
        ("DECIMAL(5,2)", "number", {"maximum": 999.99}, {"minimum": -1000}, {"multipleOf": 0.01}),
        ("DECIMAL(5,2)", "number", {"exclusiveMaximum": 1000, "minimum": -999.995}),
        ("DECIMAL(3,0)", "number", {"maximum": 999}, {"multipleOf": 1}),
        ("DECIMAL(4,1)", "integer", {"maximum": 999}, {"multipleOf": 1}),
    ]
]


SAID_BEFORE += [
    [
        {"physicalType": "DECIMAL(5,2)", "logicalType": "number", "logicalTypeOptions": options}
        for options in alike
    ]
    for alike in [
        [{"exclusiveMaximum": 100}, {"maximum": 99.99}, {"maximum": 99.995}],
        [{"exclusiveMinimum": 0.1}, {"minimum": 0.11}, {"minimum": 0.105}],
    ]
]


@pytest.mark.parametrize("alike", SAID_BEFORE, ids=range(len(SAID_BEFORE)))
def test_what_the_types_say_anyway_is_a_patch(alike: list[Document]) -> None:
    for old, new in product(alike, repeat=2):
        assert level_of(old, new) is Level.PATCH, (old, new)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"logicalType": "integer"}, {"logicalType": "integer", "physicalType": "BIGINT"}),
        ({"logicalType": "timestamp"}, {"logicalType": "timestamp", "physicalType": "TIMESTAMP"}),
        ({"logicalType": "array"}, {"logicalType": "array", "physicalType": "VARCHAR[]"}),
        ({"physicalType": "VARCHAR"}, {"physicalType": "VARCHAR", "logicalType": "date"}),
        ({"physicalType": "INTEGER"}, {"physicalType": "INTEGER", "logicalType": "number"}),
        *(
            (
                {"physicalType": kind, **asked},
                {"physicalType": kind, **asked, "logicalTypeOptions": more},
            )
            for kind, asked, more in [
                ("BIGINT", {"logicalType": "integer"}, {"format": "i32"}),
                ("BIGINT", {"logicalType": "integer"}, {"maximum": 32767}),
                ("BIGINT", {"logicalType": "integer"}, {"minimum": -32768}),
                ("DECIMAL(5,2)", {"logicalType": "number"}, {"maximum": 999.98}),
                ("DECIMAL(5,2)", {"logicalType": "number"}, {"exclusiveMaximum": 999.99}),
                ("DECIMAL(5,2)", {"logicalType": "number"}, {"multipleOf": 0.05}),
                ("DECIMAL", {"logicalType": "number"}, {"maximum": 999.99}),
            ]
        ),
    ],
)
def test_what_no_type_says_is_minor_and_missed(old: Document, new: Document) -> None:
    assert level_of(old, new) is Level.MINOR
    assert level_of(new, old) is Level.MAJOR


_PHYSICAL = [None, "VARCHAR", "VARCHAR(2)", "SMALLINT", "BIGINT", "DOUBLE", "DATE", "TIMESTAMPTZ"]
_ASKED: dict[str, list[Document]] = {
    "string": [{}, {"maxLength": 2}, {"minLength": 1}, {"maxLength": 3, "pattern": "^a"}],
    "integer": [{}, {"format": "i16"}, {"format": "i64"}, {"maximum": 32767}, {"maximum": 9}],
    "number": [{}, {"format": "f64"}, {"minimum": 0}],
    "date": [{}, {"minimum": "2024-01-01"}],
    "timestamp": [{}, {"timezone": True}, {"timezone": False}],
}
_VALUES = [
    *("'a'", "'abc'", "'2'", "2::smallint", "2", "40000", "40000::bigint", "2::bigint"),
    *("'nan'::double", "-1::double", "date '2023-01-01'", "date '2024-06-01'"),
    *("timestamp '2024-01-01'", "timestamptz '2024-01-01'"),
]


@pytest.mark.parametrize("physical", _PHYSICAL)
def test_types_and_options_that_withhold_other_data_are_never_a_patch(physical: str | None) -> None:
    tables = [f"select 'i' id, {value} a" for value in _VALUES]
    said = {"physicalType": physical} if physical else {}
    asked = [
        {"logicalType": kind, "logicalTypeOptions": o} for kind in _ASKED for o in _ASKED[kind]
    ]
    columns = [said, *({**said, **each} for each in asked)]
    for old, new in permutations(columns, 2):
        if level_of(old, new) is Level.PATCH:
            before, now = (contract(KEY, {"name": "a", **e}, status="active") for e in (old, new))
            assert withheld(before, tables) == withheld(now, tables), (old, new)
