"""A file appears whole, and what a person named stays what it is."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from mesh_platform.whole_files import appears, delivered, write_new


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def _deliver(path: Path, content: bytes) -> None:
    with delivered(path) as private:
        private.write_bytes(content)


def _fail_half_way(path: Path) -> None:
    with delivered(path) as private:
        private.write_bytes(b"half")
        raise RuntimeError


def test_a_file_is_there_only_when_it_is_whole(tmp_path: Path) -> None:
    with appears(tmp_path / "a.json") as private:
        private.write_text("half")
        assert not (tmp_path / "a.json").exists()
        private.write_text("whole")
    assert (tmp_path / "a.json").read_text() == "whole"
    assert _names(tmp_path) == ["a.json"]


def test_a_file_that_was_there_first_stays(tmp_path: Path) -> None:
    write_new(tmp_path / "a.yaml", b"mine")
    write_new(tmp_path / "a.yaml", b"other")
    assert (tmp_path / "a.yaml").read_bytes() == b"mine"
    assert _names(tmp_path) == ["a.yaml"]


def test_a_file_with_two_names_stays_one_file(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"old, and longer")
    os.link(tmp_path / "a", tmp_path / "b")
    _deliver(tmp_path / "a", b"new")
    assert (tmp_path / "b").read_bytes() == b"new"
    assert (tmp_path / "a").samefile(tmp_path / "b")


def test_a_link_that_leads_nowhere_gets_its_file(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("later")
    _deliver(tmp_path / "link", b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "later").read_bytes() == b"new"


def test_a_pipe_is_written_to(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.append(pipe.read_bytes()), daemon=True)
    reader.start()
    _deliver(pipe, b"new")
    reader.join(10)
    assert (got, pipe.is_fifo()) == ([b"new"], True)


def test_links_that_lead_to_each_other_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(OSError, match="symbolic links"):
        _deliver(tmp_path / "a", b"new")
    assert _names(tmp_path) == ["a", "b"]


def test_a_device_is_written_to_also_behind_a_link(tmp_path: Path) -> None:
    master, slave = os.openpty()
    device = Path(os.ttyname(slave))
    (tmp_path / "link").symlink_to(device)
    for place in (device, tmp_path / "link"):
        _deliver(place, b"new")
        assert os.read(master, 10) == b"new"
    assert (device.is_char_device(), (tmp_path / "link").is_symlink()) == (True, True)
    os.close(master)
    os.close(slave)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everything")
def test_a_file_that_may_not_be_written_stays(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"old")
    (tmp_path / "a").chmod(0o444)
    with pytest.raises(PermissionError):
        _deliver(tmp_path / "a", b"new")
    assert ((tmp_path / "a").read_bytes(), _names(tmp_path)) == (b"old", ["a"])


def test_a_file_in_a_folder_that_is_closed_is_written_in_place(tmp_path: Path) -> None:
    folder = tmp_path / "closed"
    folder.mkdir()
    (folder / "a").write_bytes(b"old")
    folder.chmod(0o555)
    try:
        _deliver(folder / "a", b"new")
        assert (folder / "a").read_bytes() == b"new"
    finally:
        folder.chmod(0o755)


def test_a_block_that_fails_leaves_what_was_there(tmp_path: Path) -> None:
    for name in ("plain", "other.part"):
        (tmp_path / name).write_bytes(b"old")
    (tmp_path / "link").symlink_to("plain")
    for name in ("plain", "link"):
        with pytest.raises(RuntimeError):
            _fail_half_way(tmp_path / name)
    assert (tmp_path / "plain").read_bytes() == b"old"
    assert _names(tmp_path) == ["link", "other.part", "plain"]
