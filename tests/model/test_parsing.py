from __future__ import annotations

import pytest

from mesh_platform.errors import MeshError
from mesh_platform.model.parsing import loaded, parse

LAUGHS = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{new}: &{new} [{', '.join([f'*{old}'] * 10)}]\n"
    for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)


def _refused(text: str) -> str:
    with pytest.raises(MeshError) as caught:
        parse(text, "a.yaml")
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (LAUGHS, "the file expands to more than 200,000 values\n  at: a.yaml:6:"),
        ("a: &a [*a]\n", "`*a` contains itself\n  at: a.yaml:1:8"),
        ("[" * 101 + "]" * 101, "values are nested more than 100 levels deep\n  at: a.yaml:1:101"),
        ("a:\n- " + "- " * 99999, "values are nested more than 100 levels deep\n  at: a.yaml:2:"),
        ("a: 1\n---\nb: 2\n", "the file holds more than one YAML document\n  at: a.yaml:2:1"),
        (
            "a:\n\t- b\n",
            "not valid YAML: a tab stands where spaces indent\n  at: a.yaml:2:1",
        ),
        (
            "a: b\x00\n",
            "not valid YAML: a character that cannot be shown stands here\n  at: a.yaml:1:5",
        ),
        (
            'a:\n  - name: "q""x"\n',
            "not valid YAML: something stands behind the quote that ends a value\n"
            "  at: a.yaml:2:14\n  try: put one pair of quotes around all of it;",
        ),
        ("1: a\n", "the key `1` is not text\n  at: a.yaml:1:1\n  try: write it in quotes"),
        ("on: a\n", "the key `on` is not text\n  at: a.yaml:1:1\n  try: write it in quotes"),
        ("{a: b}: c\n", "the key `[…]` is not text\n  at: a.yaml:1:1"),
        ("a:\n  b: 1\n  'b': 2\n", "the key `b` stands here twice\n  at: a.yaml:3:3"),
        ("a: .nan\n", "`.nan` is no number that a file can hold\n  at: a.yaml:1:4"),
        ("a: -.inf\n", "`-.inf` is no number that a file can hold"),
        ("a: " + "9" * 5000, f"`{'9' * 20}…` is no number that a file can hold"),
        ("a: !!set {b}\n", "the tag `"),
        ("a: !!binary aGk=\n", "the tag `"),
        ("a: !mine b\n", "the tag `!mine` is not understood"),
        ("<<: 3\n", "`<<` merges a mapping or a list of mappings\n  at: a.yaml:1:1"),
    ],
)
def test_what_a_file_must_not_say_is_refused_at_its_place(text: str, shown: str) -> None:
    assert _refused(text).startswith(shown)


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("a: &x {b: 1}\nc: *x\n", {"a": {"b": 1}, "c": {"b": 1}}),
        ("a: &x {b: 1, c: 2}\nd: {<<: *x, c: 3}\n", {"a": {"b": 1, "c": 2}, "d": {"b": 1, "c": 3}}),
        ("a: {<<: [{b: 1}, {b: 2, c: 3}]}\n", {"a": {"b": 1, "c": 3}}),
        ("'<<': 1\n", {"<<": 1}),
        ("&k a: 1\nb: *k\n", {"a": 1, "b": "a"}),
        (
            "a: 2026-01-02\nb: 1e6\nc: 1.5\nd: ~\n",
            {"a": "2026-01-02", "b": "1e6", "c": 1.5, "d": None},
        ),
        ("a: !!str 1\nb: !!int '2'\nc: ! 3\n", {"a": "1", "b": 2, "c": "3"}),
        ("a: 1_000\nb: 0x1F\nc: yes\nd: 1:30\n", {"a": 1000, "b": 31, "c": True, "d": 90}),
        (f"a: {'9' * 400}\n", {"a": int("9" * 400)}),
        ("\ufeffa: 1\n", {"a": 1}),
        ("", None),
        ("- 1\n", [1]),
    ],
)
def test_yaml_is_read_as_json_values(text: str, data: object) -> None:
    assert parse(text, "a.yaml")[0] == data


@pytest.mark.parametrize(
    "text",
    ["a: &a [*a]", "a: &a {b: *a}", "a: " + "[" * 300 + "]" * 300, "{a: [", "a: !!python/none x"],
)
def test_yaml_for_others_that_has_no_end_is_read_as_nothing(text: str) -> None:
    assert loaded(text) is None


def test_yaml_for_others_that_grows_without_end_is_read_as_nothing() -> None:
    lines = ["a0: &a0 [1, 2, 3, 4, 5, 6, 7, 8, 9]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 20)]
    assert loaded("\n".join(lines)) is None
    assert loaded("a: &a [1]\nb: [*a, *a]") == {"a": [1], "b": [[1], [1]]}
