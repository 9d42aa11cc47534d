"""Released data that is damaged is never called healthy, and never read as if it were whole."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from deltalake import DeltaTable

from mesh_platform.cli.build_text import BuildReport, report_text
from mesh_platform.environments.lifecycle import defer
from mesh_platform.environments.stored import DamagedError, damages, paths
from mesh_platform.environments.workspace import Workspace
from mesh_platform.errors import MeshError
from mesh_platform.release.build import release_product
from mesh_platform.release.inputs import pin_views, resolve
from mesh_platform.release.outcome import Verdict
from mesh_platform.release.publish import recover, roll_back
from mesh_platform.release.stale import needs
from mesh_platform.state.records import State
from tests.cli.conftest import Run, look  # noqa: F401 - a fixture
from tests.planned import acknowledge, in_step, rename_amount
from tests.release.staging import delta_files, release, verify
from tests.small_mesh import SmallMesh, write_mesh

ORDERS, REVENUE = "shop/orders", "report/revenue"
TABLE = "shop/orders/orders_v1"
Damage = Callable[[Path, Path], None]


@pytest.fixture
def mesh_root(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def mesh(mesh_root: Path, _as_made: SmallMesh) -> SmallMesh:
    return _as_made.copied(mesh_root)


@pytest.fixture(scope="module")
def _as_made(tmp_path_factory: pytest.TempPathFactory) -> SmallMesh:
    """The mesh before it is damaged, made once."""
    mesh_root = tmp_path_factory.mktemp("made") / "mesh"
    mesh = write_mesh(mesh_root)
    workspace = Workspace.open(mesh_root)
    for name in (ORDERS, ORDERS, REVENUE):
        release(workspace, name)
    return mesh


def _files(workspace: Workspace) -> list[Path]:
    """The file of each release of the orders, newest first."""
    return [
        path
        for item in workspace.registry.releases(ORDERS)
        for port in item.ports
        for path in paths(workspace.lake, port)
    ]


def _cut(path: Path, _other: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])


def _remove(path: Path, _other: Path) -> None:
    path.unlink()


def _swap_longer(path: Path, other: Path) -> None:
    path.write_bytes(other.read_bytes() + b"x")


def _same_size(path: Path, _other: Path) -> None:
    path.write_bytes(b"\0" * path.stat().st_size)


@pytest.mark.parametrize("damage", [_cut, _remove, _swap_longer])
def test_a_file_of_another_size_is_seen_by_every_command_at_once(
    mesh: SmallMesh,
    look: Run,  # noqa: F811
    damage: Damage,
) -> None:
    workspace = Workspace.open(mesh.root)
    newest, older = _files(workspace)
    damage(newest, older)
    sentence = f"the data of release 2 of {ORDERS} is "
    status = look("status", "shop", "--output", "json").json[0]
    assert (status["health"], status["damage"].startswith(sentence)) == ("damaged", True)
    assert look("list", "shop", "--output", "json").json[0]["health"] == "damaged"
    (wrong,) = [s for s in look("doctor", "--output", "json").json if not s["fine"]]
    assert (wrong["name"], wrong["found"].startswith(sentence)) == ("lake", True)
    for words in (("read", ORDERS), ("verify", ORDERS), ("diff", ORDERS)):
        said = look(*words)
        assert (said.code, said.out) == (2, "")
        assert said.err.splitlines()[0].startswith(sentence + ("gone" if damage is _remove else ""))
        assert "mesh rollback shop/orders --to N" in said.err
    (need, *_) = needs(workspace, [workspace.mesh.product(ORDERS)])
    assert (need.stale, need.reason.startswith(sentence)) == (True, True)
    outcome = release_product(workspace, need.product)
    assert outcome.verdict is Verdict.FAILED
    assert (outcome.reason or "").startswith(sentence)
    product = workspace.mesh.product(REVENUE)
    with pytest.raises(DamagedError, match=sentence):
        pin_views(workspace, resolve(product, workspace.all_current()))
    assert look("read", ORDERS, "--release", "1").code == 0


def test_bytes_that_changed_are_found_by_their_digest(
    mesh: SmallMesh,
    look: Run,  # noqa: F811
) -> None:
    """What an engine says of them is never shown."""
    workspace = Workspace.open(mesh.root)
    newest, older = _files(workspace)
    assert newest.stat().st_size == older.stat().st_size
    shutil.copy(older, newest)
    assert look("read", ORDERS).code == 0  # the size alone cannot tell
    said = look("read", ORDERS, "--verify")
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith(
        f"the data of release 2 of {ORDERS} is damaged: {newest} holds other"
    )
    (wrong,) = [s for s in look("doctor", "--deep", "--output", "json").json if not s["fine"]]
    assert wrong["name"] == "lake"
    assert str(newest) in wrong["found"]
    _same_size(newest, older)
    for words in (("read", ORDERS), ("verify", ORDERS), ("diff", ORDERS)):
        said = look(*words)
        assert (said.code, said.out) == (2, "")
        assert said.err.startswith(f"the data of release 2 of {ORDERS} is damaged: {newest} holds")


def test_a_new_release_is_no_way_out_for_an_earlier_one(
    mesh: SmallMesh,
    look: Run,  # noqa: F811
) -> None:
    newest, older = _files(Workspace.open(mesh.root))
    _cut(older, newest)
    way = "  try: restore this file from a backup; `mesh releases shop/orders` lists the others"
    for words in (("read", ORDERS, "--release", "1"), ("rollback", ORDERS, "--to", "1")):
        said = look(*words)
        assert said.code == 2
        assert said.err.splitlines()[-1] == way
    assert look("read", ORDERS).code == 0


def test_data_that_this_user_may_not_read_is_not_called_damaged(mesh: SmallMesh) -> None:
    workspace = Workspace.open(mesh.root)
    newest, _ = _files(workspace)
    newest.parent.chmod(0)
    user = os.geteuid()
    try:
        os.seteuid(user or 65534)
        release_of = workspace.registry.current(ORDERS)
        assert release_of
        (found,) = damages(workspace.lake, [release_of], deep=False)
    finally:
        os.seteuid(user)
        newest.parent.chmod(0o755)
    assert str(found.error("", others=True, current=True)) == (
        f"the data of release 2 of {ORDERS} may not be read by this user: {newest}\n"
        f"  try: let this user read {newest.parent} and the files in it"
    )


def test_damage_of_a_release_that_is_not_current_is_found_by_looking_deeply(
    mesh: SmallMesh,
    look: Run,  # noqa: F811
) -> None:
    workspace = Workspace.open(mesh.root)
    older = _files(workspace)[1]
    whole = older.read_bytes()
    _cut(older, Path())
    assert look("doctor").code == 0
    said = look("doctor", "--deep", "--output", "json")
    (wrong,) = [symptom for symptom in said.json if symptom["warning"]]
    assert (said.code, wrong["name"], wrong["fine"]) == (0, "lake", True)
    assert wrong["found"].startswith(f"the data of release 1 of {ORDERS} is damaged: {older}")
    assert wrong["fix"].startswith("the current release is whole; restore this file from a backup")
    with pytest.raises(DamagedError):
        roll_back(workspace, workspace.mesh.product(ORDERS), 1)
    current = workspace.registry.current(ORDERS)
    assert current is not None
    assert current.number == 2
    older.write_bytes(whole)
    assert "!" not in look("doctor", "--deep").out


@pytest.mark.parametrize("reader", ["another environment", "a consumer that agreed"])
def test_damage_of_an_earlier_release_that_is_still_read_is_an_error(
    mesh: SmallMesh,
    look: Run,  # noqa: F811
    reader: str,
) -> None:
    workspace = Workspace.open(mesh.root)
    read = workspace.registry.current(ORDERS)
    assert read
    if reader == "another environment":
        there = workspace.at("alice")
        defer(there, "dev")
        release(there, REVENUE)
        expected = f"{REVENUE} in `alice` still reads"
    else:
        rename_amount(mesh)
        in_step(mesh, "2.0.0")
        acknowledge(mesh, until="2999-12-31")
        workspace = Workspace.open(mesh.root)
        expected = f"{REVENUE}, which agreed to wait, still reads"
    release(workspace, ORDERS)
    (path,) = paths(workspace.lake, read.ports[0])
    _cut(path, Path())
    said = look("doctor", "--deep", "--output", "json")
    (wrong,) = [symptom for symptom in said.json if not symptom["fine"]]
    assert (said.code, wrong["name"], expected in wrong["fix"]) == (2, "lake", True)


def test_where_there_is_no_other_release_no_rollback_is_offered(
    mesh: SmallMesh,
    look: Run,  # noqa: F811
) -> None:
    workspace = Workspace.open(mesh.root)
    made = workspace.registry.current(REVENUE)
    assert made
    (path,) = paths(workspace.lake, made.ports[0])
    _cut(path, Path())
    said = look("read", REVENUE)
    assert f"`mesh build {REVENUE} --full` makes a new release" in said.err
    assert "rollback" not in said.err
    outcome = release_product(workspace, workspace.mesh.product(REVENUE))
    assert outcome.damaged
    assert "Consumers still" not in str(report_text(BuildReport((outcome,)), "dev").renderables[-1])


def test_what_was_staged_and_is_not_whole_any_more_is_not_released(mesh: SmallMesh) -> None:
    """A power cut may leave a file of the right length whose bytes never reached the disk."""
    workspace = Workspace.open(mesh.root)
    attempt = verify(workspace, ORDERS)
    (path,) = paths(workspace.lake, attempt.ports[0])
    _same_size(path, path)
    recover(workspace, workspace.mesh.product(ORDERS))
    found = workspace.registry.get(attempt.id)
    assert found is not None
    assert found.state is State.INTERRUPTED


def _newest_entry(mesh: SmallMesh) -> Path:
    return max(mesh.path(f".mesh/dev/lake/{TABLE}/_delta_log").glob("*.json"))


@pytest.mark.parametrize("content", [None, b"", b'{"commitInfo":{"timest', b"\0" * 100])
def test_a_log_without_its_newest_entry_is_told_and_written_again(
    mesh: SmallMesh,
    look: Run,  # noqa: F811
    content: bytes | None,
) -> None:
    entry = _newest_entry(mesh)
    entry.unlink() if content is None else entry.write_bytes(content)
    said = look("doctor", "--output", "json")
    (wrong,) = [symptom for symptom in said.json if not symptom["fine"]]
    assert (wrong["name"], wrong["fix"]) == ("delta logs", f"mesh build {ORDERS} --full")
    assert "the Delta log of " in look("status").err
    assert look("read", ORDERS).code == 0
    assert look("rollback", ORDERS, "--to", "2").code == 0
    assert look("doctor", "--deep").code == 0
    workspace = Workspace.open(mesh.root)
    assert delta_files(workspace, TABLE) == [_files(workspace)[0].name]
    assert release(workspace, ORDERS).number == 3
    roll_back(workspace, workspace.mesh.product(ORDERS), 1)
    assert delta_files(workspace, TABLE) == [_files(workspace)[-1].name]


@pytest.mark.parametrize("wrote", [False, True])
def test_a_vacuum_of_another_program_is_no_write_and_hides_none(
    mesh: SmallMesh,
    look: Run,  # noqa: F811
    *,
    wrote: bool,
) -> None:
    table = DeltaTable(str(mesh.path(f".mesh/dev/lake/{TABLE}")))
    if wrote:
        table.delete()
    table.vacuum(retention_hours=0, enforce_retention_duration=False, dry_run=False)
    told = {each["name"]: each for each in look("doctor", "--output", "json").json}
    assert told["delta logs"]["fine"] is not wrote
    assert look("read", ORDERS).code == (2 if wrote else 0)


def test_a_write_of_another_program_to_the_table_is_told_and_written_over(
    mesh: SmallMesh,
    look: Run,  # noqa: F811
) -> None:
    folder = str(mesh.path(f".mesh/dev/lake/{TABLE}"))
    DeltaTable(folder).delete()
    said = look("doctor", "--output", "json")
    (wrong,) = [symptom for symptom in said.json if not symptom["fine"]]
    assert (wrong["name"], wrong["fix"]) == ("delta logs", f"mesh build {ORDERS} --full")
    assert "another program has written to the Delta table" in wrong["found"]
    assert look("read", ORDERS).code == 0
    assert look("rollback", ORDERS, "--to", "2").code == 0
    assert look("doctor", "--deep").code == 0
    workspace = Workspace.open(mesh.root)
    assert delta_files(workspace, TABLE) == [_files(workspace)[0].name]


def test_an_entry_in_the_middle_that_is_damaged_is_found_and_written_again(
    mesh: SmallMesh,
    look: Run,  # noqa: F811
) -> None:
    first = min(mesh.path(f".mesh/dev/lake/{TABLE}/_delta_log").glob("*.json"))
    first.write_bytes(b"{")
    assert look("doctor", "--deep").code == 2
    assert look("rollback", ORDERS, "--to", "1").code == 0
    assert look("doctor", "--deep").code == 0


def test_an_entry_in_the_middle_that_lacks_is_told_without_looking_deeply(
    mesh: SmallMesh,
    look: Run,  # noqa: F811
) -> None:
    release(Workspace.open(mesh.root), ORDERS)
    lost = sorted(mesh.path(f".mesh/dev/lake/{TABLE}/_delta_log").glob("*.json"))[1]
    lost.unlink()
    for words in (("doctor",), ("doctor", "--deep")):
        (wrong,) = [s for s in look(*words, "--output", "json").json if not s["fine"]]
        assert (wrong["name"], wrong["fix"]) == ("delta logs", f"mesh build {ORDERS} --full")
        assert f"its entry {lost.name} is missing" in wrong["found"]
    assert look("rollback", ORDERS, "--to", "3").code == 0
    assert look("doctor", "--deep").code == 0


def test_no_log_that_cannot_be_read_is_called_known(
    mesh: SmallMesh,
    look: Run,  # noqa: F811
) -> None:
    """The newest entry is that of a rollback, and whole."""
    newest = _newest_entry(mesh)
    workspace = Workspace.open(mesh.root)
    roll_back(workspace, workspace.mesh.product(ORDERS), 1)
    newest.write_bytes(b"{")
    symptoms = {s["name"]: s for s in look("doctor", "--output", "json").json}
    assert [name for name, s in symptoms.items() if not s["fine"]] == ["delta logs"]
    assert symptoms["releases"]["found"].endswith(f"logs that cannot be read: {TABLE}")


def test_a_build_ends_with_words_where_a_log_cannot_be_written(mesh: SmallMesh) -> None:
    workspace = Workspace.open(mesh.root)
    attempt = verify(workspace, ORDERS)
    _newest_entry(mesh).write_bytes(b"{")
    with pytest.raises(MeshError, match=r"the Delta log of .* cannot be read"):
        workspace.table(TABLE).version_of(attempt.id)
