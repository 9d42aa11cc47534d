"""Every file that cannot be read as YAML is told with its line and the way out."""

from __future__ import annotations

import pytest

from mesh_platform.errors import MeshError
from mesh_platform.model.loader import load_mesh
from mesh_platform.model.parsing import parse
from tests.small_mesh import ORDERS, SmallMesh

CONTRACT = f"{ORDERS}/orders.odcs.yaml"
ALIGN = "give all keys of a mapping, and all dashes of a list, the same number of spaces"
CASES = [
    ("a:\n\tb: 1\n", 2, "a tab stands where spaces indent", "indent with spaces"),
    ("a: |\n\tx\n", 2, "a tab stands where spaces indent", "indent with spaces"),
    ("a: 1\n b: 2\n", 2, "a `:` stands where no key can be", ALIGN),
    ("a: b: c\n", 1, "a `:` stands where no key can be", "put a value that holds `: ` in quotes"),
    ("a:\n  - b\n - c\n", 3, "does not fit the indentation above it", ALIGN),
    ("- a\nb: 1\n", 2, "a key stands between the entries of a list", ALIGN),
    ("a: [1,\n  2\nb: 3\n", 3, "`[` is not closed; it begins in line 1", "close it"),
    ("a: {b: 1\n", 2, "`{` is not closed; it begins in line 1", "close it"),
    ("a: 'x\nb: 1\n", 3, "in quotes is not closed; it begins in line 1", "add the second quote"),
    ("a: @x\n", 1, "a value begins with `@`", "put it in quotes"),
    ("a: `x`\n", 1, "a value begins with ```", "put it in quotes"),
    ("a: *x\n", 1, "`*x` stands for an anchor that there is not", "put it in quotes"),
    ("a: }\n", 1, "a value is missing", "in quotes where it begins with `}`"),
    ('a: "\\q"\n', 1, "an escape that there is not", "write it twice, or use single quotes"),
    ("a: \x07\n", 1, "a character that cannot be shown", "remove it"),
    ("a: !x y\n", 1, "the tag `!x` is not understood", "remove it"),
    ("a: 1\nb: 2\na: 3\n", 3, "the key `a` stands here twice", "remove one of them"),
    ("a: {{ x }}\n", 1, "the key `[…]` is not text", "write it in quotes"),
    ("--- a\n--- b\n", 2, "more than one YAML document", "remove this line"),
]


@pytest.mark.parametrize(("text", "line", "said", "fix"), CASES)
def test_what_is_no_yaml_is_told_with_line_and_way_out(
    text: str, line: int, said: str, fix: str
) -> None:
    with pytest.raises(MeshError) as refused:
        parse(text, "a.yaml")
    error = refused.value
    assert error.place is not None
    assert (error.place.file, error.place.line) == ("a.yaml", line)
    assert said in error.message
    assert fix in (error.fix or "")


@pytest.mark.parametrize(
    ("old", "new", "fix"),
    [
        (
            "        enum:\n          - value: open\n          - value: paid\n",
            "        enum: [open, in part, 1, '=x', yes]\n",
            "write each entry as a mapping: `- value: open`",
        ),
        (
            "slaProperties:\n",
            "slaProperties:\n  - daily\n",
            "write `key: value` pairs below it",
        ),
        (
            "    properties:\n",
            "    properties:\n      - order\n",
            "write each entry as a mapping: `- name: order`",
        ),
        (
            "        logicalTypeOptions:\n          minimum: 0\n",
            "        logicalTypeOptions: 3\n",
            "write `key: value` pairs below it",
        ),
        (
            "schema:\n",
            "tags: x\nschema:\n",
            "write a list: `[x]`",
        ),
    ],
)
def test_a_plain_value_where_an_entry_belongs_is_told_with_the_entry(
    mesh: SmallMesh, old: str, new: str, fix: str
) -> None:
    mesh.edit(CONTRACT, old, new)
    assert fix in {finding.fix for finding in load_mesh(mesh.root).findings}


@pytest.mark.parametrize(
    ("text", "line", "fix"),
    [
        ("a: 1\ndescription:Who ordered.\nb: 2\n", 2, "write `description: Who ordered.`"),
        ("x:\n  - name: a\n    text:Who\n    b: 1\n", 3, "write `text: Who`"),
        ("- name:x\n  b: 1\n", 1, "write `name: x`"),
        ("name:x\nb: 2\n", 1, "write `name: x`"),
    ],
)
def test_a_key_without_a_space_after_it_is_told_at_its_line(text: str, line: int, fix: str) -> None:
    with pytest.raises(MeshError) as caught:
        parse(text, "a.yaml")
    assert caught.value.message == "not valid YAML: no space stands after a `:`"
    assert (caught.value.place.line if caught.value.place else 0, caught.value.fix) == (line, fix)


def test_a_line_without_a_colon_is_told_where_it_stands() -> None:
    with pytest.raises(MeshError, match="a key is not followed by `:`") as caught:
        parse("a: 1\nurl http\nb: 2\n", "a.yaml")
    assert caught.value.place is not None
    assert caught.value.place.line == 2


def test_a_conflict_that_git_left_is_told_as_such() -> None:
    text = "a: 1\n<<<<<<< HEAD\nb: 2\n=======\nb: 3\n>>>>>>> other\n"
    with pytest.raises(MeshError, match="a conflict of a merge is not settled") as caught:
        parse(text, "a.yaml")
    assert caught.value.place is not None
    assert caught.value.place.line == 2
