"""A file of the repository is written whole or not at all, and nothing stays beside it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from mesh_platform.errors import MeshError
from mesh_platform.scaffold.files import replace_file


@pytest.fixture
def masked() -> Iterator[None]:
    """New files of this process are for its owner and group."""
    before = os.umask(0o027)
    yield
    os.umask(before)


def _mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_new_file_has_the_mode_that_any_new_file_has(tmp_path: Path, masked: None) -> None:
    replace_file(tmp_path / "a.yml", b"new\n")
    assert (tmp_path / "a.yml").read_bytes() == b"new\n"
    assert _mode(tmp_path / "a.yml") == 0o640
    assert _names(tmp_path) == ["a.yml"]


def test_a_file_that_exists_keeps_its_mode(tmp_path: Path, masked: None) -> None:
    path = tmp_path / "a.yml"
    path.write_bytes(b"old\n")
    path.chmod(0o604)
    replace_file(path, b"new\n")
    assert (path.read_bytes(), _mode(path), _names(tmp_path)) == (b"new\n", 0o604, ["a.yml"])


def test_who_reads_the_old_file_goes_on_reading_it_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.yml"
    path.write_bytes(b"old\n")
    with path.open("rb") as reader:
        replace_file(path, b"new\n")
        assert reader.read() == b"old\n"


def test_a_link_stays_a_link_and_the_file_behind_it_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "real.yml").write_bytes(b"old\n")
    link = tmp_path / "link.yml"
    link.symlink_to("real.yml")
    replace_file(link, b"new\n")
    assert (link.is_symlink(), (tmp_path / "real.yml").read_bytes()) == (True, b"new\n")


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_write_that_fails_leaves_the_old_file_and_nothing_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def fail(*args: object) -> None:
        raise OSError("no space")

    path = tmp_path / "a.yml"
    path.write_bytes(b"old\n")
    monkeypatch.setattr(os, step, fail)
    with pytest.raises(MeshError, match="cannot be written: no space"):
        replace_file(path, b"new\n")
    assert (path.read_bytes(), _names(tmp_path)) == (b"old\n", ["a.yml"])
