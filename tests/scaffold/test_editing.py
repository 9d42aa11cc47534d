from __future__ import annotations

import os
from difflib import ndiff
from pathlib import Path

import pytest

from mesh_platform.errors import MeshError
from mesh_platform.model.documents import read_document
from mesh_platform.scaffold.editing import EditedFile
from tests.model.official import EXAMPLES
from tests.small_mesh import REPOSITORY

FILES = [*sorted(REPOSITORY.glob("domains/**/*.y*ml")), *sorted(EXAMPLES.glob("complete.*"))]
TEXT = """\
# Who sells what.
apiVersion: "v3.2.0"   # the standard
id: 'shop/orders'

schema:
  - name: orders  # the table
    properties:
      - {name: a,   logicalType: string}   # odd spaces
      - name: b
        description: >-
          Long prose,
          folded.
tags: [x,  y]
"""


def _edited(folder: Path, text: str = TEXT) -> EditedFile:
    path = folder / "c.yaml"
    path.write_bytes(text.encode())
    return EditedFile(path, "c.yaml")


def _changed(before: str, after: str) -> list[str]:
    lines = ndiff(before.splitlines(), after.splitlines())
    return [line for line in lines if line[0] in "+-"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_file_that_is_not_changed_keeps_its_bytes(path: Path) -> None:
    assert EditedFile(path, path.name).text().encode() == path.read_bytes()


CONTRACTS = [path for path in FILES if path.name.endswith(("odcs.yaml", "odps.yaml"))]


@pytest.mark.parametrize("path", CONTRACTS, ids=lambda path: path.name)
def test_an_edit_of_one_value_changes_its_line_only_and_keeps_every_field(
    path: Path, tmp_path: Path
) -> None:
    copy = tmp_path / path.name
    copy.write_bytes(path.read_bytes())
    before = read_document(copy, path.name)
    edited = EditedFile(copy, path.name)
    edited.set(("version",), "7.8.9")
    edited.save()
    after = read_document(copy, path.name)
    assert after.data == {**before.data, "version": "7.8.9"}
    assert _changed(before.text, after.text) == [
        f"- version: {before.data['version']}",
        "+ version: 7.8.9",
    ]


def test_a_text_keeps_its_quotes_and_its_comment(tmp_path: Path) -> None:
    edited = _edited(tmp_path)
    edited.set(("apiVersion",), "v3.1.0")
    edited.set(("id",), "shop/baskets")
    assert _changed(TEXT, edited.text()) == [
        '- apiVersion: "v3.2.0"   # the standard',
        '+ apiVersion: "v3.1.0"   # the standard',
        "- id: 'shop/orders'",
        "+ id: 'shop/baskets'",
    ]


def test_a_column_is_added_and_another_removed(tmp_path: Path) -> None:
    edited = _edited(tmp_path)
    columns = ("schema", 0, "properties")
    edited.set((*columns, 2), {"name": "c", "logicalType": "integer"})
    edited.remove((*columns, 0))
    assert _changed(TEXT, edited.text()) == [
        "-       - {name: a,   logicalType: string}   # odd spaces",
        "+       - name: c",
        "+         logicalType: integer",
    ]


def test_a_line_with_an_own_layout_is_written_anew_only_where_it_is_edited(tmp_path: Path) -> None:
    edited = _edited(tmp_path)
    edited.set(("tags", 2), "z")
    assert _changed(TEXT, edited.text()) == ["- tags: [x,  y]", "+ tags: [x, y, z]"]


def test_line_ends_and_byte_order_mark_stay(tmp_path: Path) -> None:
    text = "\ufeff" + TEXT.replace("\n", "\r\n")
    edited = _edited(tmp_path, text)
    edited.set(("id",), "shop/x")
    assert edited.text() == text.replace("shop/orders", "shop/x")


def test_a_missing_end_of_the_last_line_stays_missing(tmp_path: Path) -> None:
    edited = _edited(tmp_path, "a: 1\nb: 2")
    edited.set(("a",), 3)
    assert edited.text() == "a: 3\nb: 2"


def test_what_is_not_there_cannot_be_edited(tmp_path: Path) -> None:
    with pytest.raises(MeshError) as caught:
        _edited(tmp_path).remove(("schema", 3, "name"))
    assert str(caught.value) == "there is no `schema.3` to edit\n  at: c.yaml"


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("a: {b: 1,\n    c: 2,\n  d: 3}\ne: 4\n", ("a", "b")),
        ("a:\n    -   b: 1\n        c: 2\n", ("a", 0, "d")),
    ],
)
def test_an_edit_that_would_lay_out_other_lines_anew_is_refused(
    tmp_path: Path, text: str, path: tuple[str | int, ...]
) -> None:
    edited = _edited(tmp_path, text)
    edited.set(path, 9)
    with pytest.raises(MeshError, match=r"cannot be made without writing other lines anew\n"):
        edited.text()


def test_a_file_changed_by_someone_else_is_not_overwritten(tmp_path: Path) -> None:
    edited = _edited(tmp_path)
    edited.set(("id",), "shop/x")
    edited.path.write_text("id: mine\n")
    with pytest.raises(MeshError, match="the file was changed while it was edited"):
        edited.save()
    assert edited.path.read_text() == "id: mine\n"


def test_saving_leaves_the_mode_and_nothing_beside_the_file(tmp_path: Path) -> None:
    edited = _edited(tmp_path)
    os.chmod(edited.path, 0o640)
    edited.set(("id",), "shop/x")
    edited.save()
    assert edited.path.stat().st_mode & 0o777 == 0o640
    assert [path.name for path in tmp_path.iterdir()] == ["c.yaml"]


def test_a_failed_write_leaves_the_old_file_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: object) -> None:
        raise OSError("no space")

    edited = _edited(tmp_path)
    edited.set(("id",), "shop/x")
    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(MeshError, match="cannot be written: no space"):
        edited.save()
    assert edited.path.read_text() == TEXT
    assert [path.name for path in tmp_path.iterdir()] == ["c.yaml"]
