"""Git is asked for real: a repository in a temporary folder."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from mesh_platform.errors import MeshError
from mesh_platform.release.history import History, days_of
from tests.planned import CONTRACT, commit, git
from tests.small_mesh import ORDERS, SmallMesh


@pytest.fixture
def history(mesh: SmallMesh) -> History:
    commit(mesh.root)
    return History(mesh.root)


def test_a_commit_gives_the_text_of_then(mesh: SmallMesh, history: History) -> None:
    then = mesh.read(CONTRACT)
    mesh.edit(CONTRACT, "Every order", "All orders")
    first = history.commit("main")
    kept = history.files(first, ".")
    assert history.texts({name: kept[name] for name in (CONTRACT, "mesh.yaml")}) == {
        CONTRACT: then,
        "mesh.yaml": mesh.read("mesh.yaml"),
    }
    assert history.texts({}) == {}


def test_touched_are_files_that_changed_went_or_are_new(mesh: SmallMesh, history: History) -> None:
    first = history.commit("HEAD")
    assert history.touched(first, "domains") == frozenset()
    mesh.edit(CONTRACT, "Every order", "All orders")
    mesh.delete(f"{ORDERS}/orders.sql")
    mesh.write(f"{ORDERS}/new file.sql", "select 1")
    mesh.write("elsewhere.txt", "not below the folder")
    found = {CONTRACT, f"{ORDERS}/orders.sql", f"{ORDERS}/new file.sql"}
    assert history.touched(first, "domains") == found


def test_a_mesh_inside_a_larger_repository_has_its_own_paths(mesh: SmallMesh) -> None:
    commit(mesh.root.parent)
    history = History(mesh.root)
    first = history.commit("main")
    then = mesh.read(CONTRACT)
    mesh.edit(CONTRACT, "Every order", "All orders")
    assert history.touched(first, "domains") == {CONTRACT}
    kept = history.files(first, ORDERS)
    assert history.texts({CONTRACT: kept[CONTRACT]}) == {CONTRACT: then}


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
    commit(mesh.root)
    history = History(mesh.root)
    with pytest.raises(MeshError, match=r"latin\.txt was not UTF-8 then"):
        history.texts(history.files(history.commit("main"), "latin.txt"))


def test_a_file_that_moved_is_told_under_both_names(mesh: SmallMesh, history: History) -> None:
    git(mesh.root, "mv", CONTRACT, "promise.odcs.yaml")
    assert history.touched(history.commit("main"), ".") == {CONTRACT, "promise.odcs.yaml"}


@pytest.mark.parametrize("name", ['für "ä"\t.txt', "two\nlines.txt", ":(top)x", "-x"])
def test_names_are_any_text(mesh: SmallMesh, name: str) -> None:
    mesh.write(f"domains/{name}", "then\r\n")
    commit(mesh.root)
    mesh.write(f"domains/{name}", "now")
    history = History(mesh.root)
    first = history.commit("main")
    kept = history.files(first, "domains")
    assert history.touched(first, "domains") == {f"domains/{name}"}
    assert history.texts({"it": kept[f"domains/{name}"]}) == {"it": "then\n"}


def test_what_git_keeps_only_a_reference_to_is_told(mesh: SmallMesh) -> None:
    mesh.path("link").symlink_to("mesh.yaml")
    commit(mesh.path("domains/shop"))
    commit(mesh.root)
    history = History(mesh.root)
    kept = history.files(history.commit("main"), ".")
    assert kept["link"].elsewhere == "a symbolic link"
    assert kept["domains/shop"].elsewhere == "a git repository of its own"
    assert kept["mesh.yaml"].elsewhere is None


def test_a_repository_without_a_commit_says_so(mesh: SmallMesh) -> None:
    git(mesh.root, "init", "--initial-branch=main")
    with pytest.raises(MeshError) as told:
        History(mesh.root).commit("main")
    assert str(told.value) == ("git knows no `main`\n  try: commit first: there is no commit yet")


def test_a_shallow_clone_says_how_to_get_the_rest(mesh: SmallMesh, tmp_path: Path) -> None:
    commit(mesh.root)
    mesh.write("more.txt", "more")
    commit(mesh.root)
    git(tmp_path, "clone", "--depth=1", f"file://{mesh.root}", "shallow")
    history = History(tmp_path / "shallow")
    assert history.touched(history.commit("origin/main"), ".") == frozenset()
    with pytest.raises(MeshError) as told:
        history.commit("HEAD~1")
    assert str(told.value) == (
        "git knows no `HEAD~1`\n"
        "  try: this clone is shallow: get the rest with `git fetch --unshallow`"
    )


def test_a_detached_head_a_tag_and_a_branch_with_slashes_are_commits(
    mesh: SmallMesh, history: History
) -> None:
    git(mesh.root, "tag", "v1")
    git(mesh.root, "checkout", "-b", "feature/a/b")
    git(mesh.root, "checkout", "--detach")
    first = history.commit("main")
    assert {history.commit(ref) for ref in ("HEAD", "v1", "feature/a/b", first[:9])} == {first}


@pytest.mark.parametrize("ref", ["", "main:domains", "main...HEAD", "[bold]"])
def test_what_is_no_commit_is_refused(history: History, ref: str) -> None:
    with pytest.raises(MeshError) as told:
        history.commit(ref)
    assert told.value.message == f"git knows no `{ref}`"


def test_other_trouble_of_git_is_said_in_its_words(mesh: SmallMesh, history: History) -> None:
    mesh.write(".git/config", "[core")
    with pytest.raises(MeshError) as told:
        history.commit("main")
    assert told.value.message.startswith("git said: fatal: bad config line 2 in file .git/config")


def test_content_that_git_lost_is_told(mesh: SmallMesh, history: History) -> None:
    kept = history.files(history.commit("main"), CONTRACT)
    identity = kept[CONTRACT].identity
    mesh.delete(f".git/objects/{identity[:2]}/{identity[2:]}")
    with pytest.raises(MeshError) as told:
        history.texts(kept)
    assert str(told.value) == f"git has lost what {CONTRACT} held\n  try: git fsck"


def test_what_git_tells_a_hook_is_not_meant_for_the_mesh(
    mesh: SmallMesh, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit(mesh.root.parent)
    monkeypatch.setenv("GIT_DIR", ".git")
    monkeypatch.setenv("GIT_INDEX_FILE", ".git/index")
    history = History(mesh.root)
    assert history.touched(history.commit("main"), "domains") == frozenset()


@pytest.mark.parametrize("flag", ["--assume-unchanged", "--skip-worktree"])
def test_what_git_was_told_to_take_for_unchanged_is_looked_at(
    mesh: SmallMesh, history: History, flag: str
) -> None:
    first = history.commit("HEAD")
    for file in (CONTRACT, f"{ORDERS}/orders.sql"):
        git(mesh.root, "update-index", flag, file)
    mesh.edit(CONTRACT, "Every order", "All orders")
    mesh.delete(f"{ORDERS}/orders.sql")  # not checked out: nothing is known of it
    assert history.touched(first, "domains") == {CONTRACT}


def test_each_line_has_the_day_on_which_it_was_committed(
    mesh: SmallMesh, history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    today = history.days("mesh.yaml")
    assert len(today) == 2
    assert len({*today}) == 1
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2020-02-03T12:00:00Z")
    mesh.write("mesh.yaml", f"{mesh.read('mesh.yaml')}# old\n")
    commit(mesh.root)
    mesh.write("mesh.yaml", f"{mesh.read('mesh.yaml')}# new\n")
    assert history.days("mesh.yaml") == (*today, date(2020, 2, 3), None)


def test_where_git_knows_no_day_there_is_none(mesh: SmallMesh) -> None:
    assert days_of(mesh.root, "mesh.yaml") == ()
    commit(mesh.root)
    mesh.write("new.yaml", "x: 1\n")
    assert days_of(mesh.root, "new.yaml") == ()
    assert days_of(mesh.root, "nowhere.yaml") == ()
