"""Git is asked for real: a repository in a temporary folder."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from mesh_platform.errors import MeshError
from mesh_platform.release.history import History
from tests.small_mesh import ORDERS, SmallMesh

CONTRACT = f"{ORDERS}/orders.odcs.yaml"


def git(folder: Path, *arguments: str) -> None:
    """Run git as somebody, whatever this machine's settings are."""
    who = ["-c", "user.name=Somebody", "-c", "user.email=somebody@example.org"]
    subprocess.run(["git", "-C", str(folder), *who, *arguments], check=True, capture_output=True)


def committed(folder: Path) -> None:
    """Make a repository of a folder as it is."""
    git(folder, "init", "--initial-branch=main")
    git(folder, "add", "--all")
    git(folder, "commit", "--message=first")


@pytest.fixture
def history(mesh: SmallMesh) -> History:
    committed(mesh.root)
    return History(mesh.root)


def test_a_commit_gives_the_text_of_then(mesh: SmallMesh, history: History) -> None:
    then = mesh.read(CONTRACT)
    mesh.edit(CONTRACT, "Every order", "All orders")
    commit = history.commit("main")
    assert history.texts(commit, [CONTRACT, "mesh.yaml"]) == {
        CONTRACT: then,
        "mesh.yaml": mesh.read("mesh.yaml"),
    }
    assert history.texts(commit, []) == {}


def test_touched_are_files_that_changed_went_or_are_new(mesh: SmallMesh, history: History) -> None:
    commit = history.commit("HEAD")
    assert history.touched(commit, "domains") == frozenset()
    mesh.edit(CONTRACT, "Every order", "All orders")
    mesh.delete(f"{ORDERS}/orders.sql")
    mesh.write(f"{ORDERS}/new file.sql", "select 1")
    mesh.write("elsewhere.txt", "not below the folder")
    found = {CONTRACT, f"{ORDERS}/orders.sql", f"{ORDERS}/new file.sql"}
    assert history.touched(commit, "domains") == found


def test_a_mesh_inside_a_larger_repository_has_its_own_paths(mesh: SmallMesh) -> None:
    committed(mesh.root.parent)
    history = History(mesh.root)
    commit = history.commit("main")
    then = mesh.read(CONTRACT)
    mesh.edit(CONTRACT, "Every order", "All orders")
    assert history.touched(commit, "domains") == {CONTRACT}
    assert CONTRACT in history.files(commit, ORDERS)
    assert history.texts(commit, [CONTRACT]) == {CONTRACT: then}


def test_a_name_that_git_does_not_know_is_told_with_those_it_knows(history: History) -> None:
    with pytest.raises(MeshError) as told:
        history.commit("mian")
    assert str(told.value) == "git knows no `mian`\n  try: did you mean `main`?"


def test_a_name_that_looks_like_an_option_is_a_name(history: History) -> None:
    with pytest.raises(MeshError, match="git knows no `--output=x`"):
        history.commit("--output=x")


def test_a_mesh_outside_git_is_told(mesh: SmallMesh) -> None:
    with pytest.raises(MeshError) as told:
        History(mesh.root).commit("main")
    assert "is not in a git repository" in str(told.value)
    assert "leave `--against` out" in str(told.value)


def test_a_file_that_was_not_utf8_is_told(mesh: SmallMesh) -> None:
    mesh.path("latin.txt").write_bytes(b"caf\xe9")
    committed(mesh.root)
    history = History(mesh.root)
    with pytest.raises(MeshError, match=r"latin\.txt was not UTF-8 then"):
        history.texts(history.commit("main"), ["latin.txt"])
