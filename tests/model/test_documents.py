from __future__ import annotations

from pathlib import Path

import pytest

from mesh_platform.errors import MeshError, Place
from mesh_platform.model.documents import read_document

TEXT = """\
name: small
owner:
  team: a
ports:
  - name: one
    rules: [x, y]
  - name: two
"""


def _written(folder: Path, text: str | bytes) -> Path:
    path = folder / "file.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.mark.parametrize(
    ("path", "line", "column"),
    [
        ((), 1, 1),
        (("owner",), 2, 1),
        (("owner", "team"), 3, 3),
        (("ports", 0), 5, 5),
        (("ports", 0, "rules", 1), 6, 16),
        (("ports", 1, "name"), 7, 5),
    ],
)
def test_every_value_has_the_position_of_its_key(
    tmp_path: Path, path: tuple[str | int, ...], line: int, column: int
) -> None:
    document = read_document(_written(tmp_path, TEXT), "a.yaml")
    assert document.place(path) == Place("a.yaml", line, column)


def test_a_value_that_is_not_there_is_placed_at_what_surrounds_it(tmp_path: Path) -> None:
    document = read_document(_written(tmp_path, TEXT), "a.yaml")
    assert document.place(("ports", 1, "version")) == Place("a.yaml", 7, 5)


def test_a_date_stays_text(tmp_path: Path) -> None:
    assert read_document(_written(tmp_path, "day: 2026-01-02\n"), "a.yaml").data == {
        "day": "2026-01-02"
    }


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (
            "a: [1\nb: 2\n",
            "not valid YAML: a list that begins with `[` is not closed",
        ),
        (
            "a: *x\n",
            "not valid YAML: `*x` stands for an anchor that there is not\n  at: a.yaml:1:4",
        ),
        ("- a\n", "the file must hold `key: value` pairs at its top level\n  at: a.yaml:1"),
        ("", "the file must hold `key: value` pairs at its top level\n  at: a.yaml:1"),
        (b"a: \xff\n", "the file is not UTF-8\n  at: a.yaml"),
        (
            "a: !!python/object:os.system x\n",
            "the tag `tag:yaml.org,2002:python/object:os.system` is not understood",
        ),
    ],
)
def test_a_file_that_is_not_a_mapping_says_what_and_where(
    tmp_path: Path, text: str | bytes, shown: str
) -> None:
    with pytest.raises(MeshError) as caught:
        read_document(_written(tmp_path, text), "a.yaml")
    assert str(caught.value).startswith(shown)


def test_two_values_for_one_key_are_refused_with_the_position_of_the_second(tmp_path: Path) -> None:
    with pytest.raises(MeshError) as caught:
        read_document(_written(tmp_path, "a: 1\nb: 2\na: 3\n"), "a.yaml")
    assert caught.value.place == Place("a.yaml", 3, 1)


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(MeshError, match=r"the file does not exist\n  at: a\.yaml"):
        read_document(tmp_path / "none.yaml", "a.yaml")
    with pytest.raises(MeshError, match=r"cannot be read: it is a folder\n  at: a\.yaml"):
        read_document(tmp_path, "a.yaml")
