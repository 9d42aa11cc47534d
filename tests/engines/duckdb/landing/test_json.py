"""JSON comes as it is written: nothing is concluded from a sample, and half a file is none."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mesh_platform.engines.duckdb.landing.json_rows import json_columns, json_rows
from tests.engines.duckdb.landing.sources import a_landing, read, refused

JSON = a_landing("raw.json", "json")


@pytest.mark.parametrize(
    ("content", "columns", "expected"),
    [
        (
            '[{"a": 1.10}, {"a": 12345678901234567890123}]',
            ["a"],
            [("1.10",), ("12345678901234567890123",)],
        ),
        ('{"a": "2024-01-01"}\n{"a": 1}\n', ["a"], [("2024-01-01",), ("1",)]),
        ('{"a": 1}\n{"b": "x"}', ["a", "b"], [("1", None), (None, "x")]),
        ('{"a":\n 1}{"a": null}', ["a"], [("1",), (None,)]),
        ('[{"a": true, "b": ""}]', ["a", "b"], [("true", "")]),
        ('[{"a": {"x": 1.0}}, {"a": [1, "s"]}]', ["a"], [('{"x": 1.0}',), ('[1, "s"]',)]),
        ('\ufeff[{"a": "\\ud83d\\ude00\\n"}]', ["a"], [("😀\n",)]),
        ('{"rows": [{"a": 1}]}', ["rows"], [('[{"a": 1}]',)]),
    ],
)
def test_values_come_as_they_are_written(
    tmp_path: Path, content: str, columns: list[str], expected: list[Any]
) -> None:
    assert read(tmp_path, content, JSON) == (columns, expected)


def test_the_last_of_many_rows_may_be_another_than_the_first(tmp_path: Path) -> None:
    lines = ['{"a": 1}'] * 60_000 + ['{"a": 2.75, "b": "x"}', '{"a": "y"}']
    columns, found = read(tmp_path, "\n".join(lines), JSON)
    assert columns == ["a", "b"]
    assert (len(found), found[-3:]) == (60_002, [("1", None), ("2.75", "x"), ("y", None)])


BROKEN = {
    '{"id": 3,}': (
        ("nothing follows the comma", ",}")
        if sys.version_info >= (3, 13)
        else ("a key in double quotes is expected", "}")
    ),
    '{"id": x}': ("a value is expected", "x}"),
    '{"id" 3}': ("a colon is expected", "3}"),
    '{"id": 3 "b": 4}': ("a comma is expected", '"b": 4}'),
    "{id: 3}": ("a key in double quotes is expected", "id: 3}"),
    '{"id": tru}': ("a value is expected", "tru}"),
    '{"id": "a\\q"}': ("it is not JSON", '\\q"}'),
}


@pytest.mark.parametrize("broken", BROKEN)
@pytest.mark.parametrize("pad", [0, 2_000_000])
@pytest.mark.parametrize("before", [0, 1, 3])
@pytest.mark.parametrize("after", [0, 1, 50_000])
def test_what_is_wrong_in_one_of_many_objects_is_told_at_its_line(
    tmp_path: Path, broken: str, pad: int, before: int, after: int
) -> None:
    lines = [f'{{"id": 1, "text": "{"x" * pad}"}}'] * before + [broken] + ['{"id": 2}'] * after
    what, text = BROKEN[broken]
    told = refused(tmp_path, "\n".join(lines) + "\n", JSON)
    assert told.startswith(f"`raw.json`, line {before + 1}: {what}: `{text}`"), told


CUT = "the file ends too early: deliver it whole"
FORM = "write one list of objects, or one object per line"
AGAIN = "correct the file, or deliver it again"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("not json", f"`raw.json`, line 1: an object is expected: `not json` | {FORM}"),
        ('{"a": 1}\nx\n', f"`raw.json`, line 2: an object is expected: `x` | {FORM}"),
        ("[1, 2]", f"`raw.json`, line 1: an object is expected: `1, 2]` | {FORM}"),
        ('[{"a": 1},\n', f"`raw.json`, line 2: the list never ends | {CUT}"),
        ('[{"a": 1}', f"`raw.json`, line 1: the list never ends | {CUT}"),
        ('{"a": 1}\n{"a": "x', f"`raw.json`, line 2: the object never ends | {CUT}"),
        ('[{"a": 1},]', f"`raw.json`, line 1: an object is expected: `]` | {FORM}"),
        (
            '[{"a": 1} {"a": 2}]',
            f'`raw.json`, line 1: a comma is missing between two objects: `{{"a": 2}}]` | {FORM}',
        ),
        (
            '[{"a": 1}] x',
            f"`raw.json`, line 1: text after the end of the list: `x` | {FORM}",
        ),
        (
            "{\n'a': 1}",
            f"`raw.json`, line 2: a key in double quotes is expected: `'a': 1}}` | {FORM}",
        ),
        ('{"a": NaN}', f"`raw.json`, line 1: NaN is not a number of JSON | {AGAIN}"),
        ('{"a": 1, "a": 2}', f"`raw.json`, line 1: an object has a key twice | {AGAIN}"),
        (
            '{"a": 1, "A": 2}',
            "`raw.json`, line 1: two columns have one name: `A` | give each key a name of its own",
        ),
        (
            '{"a": "\\ud800"}',
            "`raw.json`, line 1: half of a surrogate pair is no character: `\\ud800` | " + AGAIN,
        ),
        (
            '{"a": ' + "[" * 100_000,
            f"`raw.json`, line 1: the object is nested too deeply | {AGAIN}",
        ),
        (
            b"\xff\xfe{",
            "`raw.json`: it is not text in utf-8, it begins as text in UTF-16 | "
            "set the property `encoding` to `utf-16`",
        ),
        (
            "",
            "`raw.json`: the file is empty | deliver at least one object: JSON has no header that "
            "names the columns of no row",
        ),
        (
            "[]",
            "`raw.json`: the file has no row | deliver at least one object: JSON has no header "
            "that names the columns of no row",
        ),
    ],
)
def test_what_is_not_json_is_told(tmp_path: Path, content: bytes | str, said: str) -> None:
    assert refused(tmp_path, content, JSON) == said


VALUE = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8"), max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("xyz"), inner),
    max_leaves=4,
)


@given(
    rows=st.lists(st.dictionaries(st.sampled_from(["a", "b", "ü"]), VALUE, min_size=1), min_size=1),
    indent=st.sampled_from([None, 1]),
    listed=st.booleans(),
    block=st.sampled_from([1, 7, 1 << 20]),
)
@settings(max_examples=100, deadline=None)
def test_any_objects_come_back(
    tmp_path_factory: pytest.TempPathFactory, rows: Any, indent: Any, listed: bool, block: int
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.json"
    parts = [json.dumps(row, indent=indent) for row in rows]
    path.write_text(f"[{', '.join(parts)}]" if listed else "\n".join(parts))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("mesh_platform.engines.duckdb.landing.json_rows._BLOCK", block)
        columns = json_columns(path)
        found = list(json_rows(path, columns))
    assert set(columns) == {key for row in rows for key in row}
    for row, values in zip(rows, found, strict=True):
        for name, value in zip(columns, values, strict=True):
            wanted = row.get(name)
            read_back = value if isinstance(wanted, str | None) else json.loads(str(value))
            assert read_back == wanted
