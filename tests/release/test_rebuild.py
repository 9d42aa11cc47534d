"""A registry that is lost, damaged or too old is filled again from the commits of the lake."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from mesh_platform.environments.locks import in_use
from mesh_platform.environments.workspace import Workspace
from mesh_platform.errors import MeshError
from mesh_platform.release.health import examine, examine_lake
from mesh_platform.release.promote import promote
from mesh_platform.release.publish import as_released, commit, recover, roll_back, take_back
from mesh_platform.release.rebuild import rebuild_registry
from mesh_platform.release.stale import needs
from mesh_platform.state.records import State
from mesh_platform.storage.tables import RELEASE_KEY
from tests.cli.conftest import Run, look  # noqa: F401 - a fixture
from tests.planned import CONTRACT, DESCRIPTOR, in_step
from tests.release.staging import begin, release, verify
from tests.small_mesh import SmallMesh, write_mesh

ORDERS, REVENUE, PAIR = "shop/orders", "report/revenue", "twins/pair"
NAMES = (ORDERS, REVENUE, PAIR)


@pytest.fixture
def mesh_root(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def mesh(mesh_root: Path, _as_made: SmallMesh) -> SmallMesh:
    """Releases of three products, a rollback, an attempt that failed, and a promotion."""
    return _as_made.copied(mesh_root)


@pytest.fixture(scope="module")
def _as_made(tmp_path_factory: pytest.TempPathFactory) -> SmallMesh:
    """The same mesh, made once."""
    mesh_root = tmp_path_factory.mktemp("made") / "mesh"
    mesh = write_mesh(mesh_root, "shop", "report", "twins")
    workspace = Workspace.open(mesh_root)
    for name in (ORDERS, ORDERS, PAIR, ORDERS, REVENUE, PAIR):
        release(workspace, name)
    failed = begin(workspace, ORDERS)
    workspace.registry.record(failed.id, State.FAILED, (), (), reason="a test")
    roll_back(workspace, workspace.mesh.product(ORDERS), 2)
    roll_back(workspace, workspace.mesh.product(PAIR), 1)
    release(workspace, REVENUE)
    Workspace.open(mesh_root, "prod").registry.set("x", "y")
    products = [workspace.mesh.product(name) for name in (ORDERS, REVENUE)]
    promote(workspace, Workspace.open(mesh_root, "prod"), products)
    return mesh


def _picture(root: Path) -> dict[str, Any]:
    """Everything that people and programs see of the releases, in both environments."""
    seen: dict[str, Any] = {}
    for environment in ("dev", "prod"):
        workspace = Workspace.open(root, environment)
        registry = workspace.registry
        products = [workspace.mesh.product(name) for name in NAMES]
        seen[environment] = {
            "releases": {name: registry.releases(name) for name in NAMES},
            "current": registry.all_current(),
            "needs": [(str(n.product.name), n.reason) for n in needs(workspace, products)],
            "contracts": {
                port.contract_digest: registry.contract(port.contract_digest)
                for name in NAMES
                for item in registry.releases(name)
                for port in item.ports
            },
            "files": {
                (name, port.port): workspace.files(item, port.port, deep=True)
                for name, item in registry.all_current().items()
                for port in item.ports
            },
        }
    return seen


def _copy(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as there, closing(sqlite3.connect(target)) as here:
        there.backup(here)


def _lose(root: Path, environment: str) -> None:
    for path in (root / ".mesh" / environment).glob("registry.db*"):
        path.unlink()


def test_a_lost_registry_is_restored_as_it_was(mesh: SmallMesh) -> None:
    before = _picture(mesh.root)
    for environment in ("dev", "prod"):
        _lose(mesh.root, environment)
        rebuild_registry(Workspace.open(mesh.root, environment))
    assert _picture(mesh.root) == before


def test_building_goes_on_after_a_restore(mesh: SmallMesh) -> None:
    _lose(mesh.root, "dev")
    rebuilt = rebuild_registry(Workspace.open(mesh.root))
    assert (rebuilt.releases, rebuilt.current) == (
        {ORDERS: 3, PAIR: 2, REVENUE: 2},
        {ORDERS: 2, PAIR: 1, REVENUE: 2},
    )
    workspace = Workspace.open(mesh.root)
    for name in NAMES:
        recover(workspace, workspace.mesh.product(name))
    assert release(workspace, ORDERS).number == 4
    assert all(symptom.fine for symptom in examine(workspace, deep=True))
    again = rebuild_registry(Workspace.open(mesh.root))
    assert (again.releases, again.aside, again.problems) == ({}, None, ())


@pytest.mark.parametrize("content", [None, b"", b"no database " * 400])
def test_a_registry_that_is_missing_empty_or_garbled_is_told_and_nothing_starts_at_one(
    mesh: SmallMesh,
    look: Run,  # noqa: F811
    content: bytes | None,
) -> None:
    before = _picture(mesh.root)
    _lose(mesh.root, "dev")
    file = mesh.root / ".mesh/dev/registry.db"
    if content is not None:
        file.write_bytes(content)
    for words in (("list",), ("status",), ("releases", ORDERS), ("read", ORDERS), ("build",)):
        said = look(*words)
        assert said.code == 2, words
        assert said.err.splitlines()[-1] == "  try: mesh doctor --rebuild-registry"
    said = look("doctor", "--output", "json")
    wrong = [symptom for symptom in said.json if not symptom["fine"]]
    assert [(s["name"], s["fix"]) for s in wrong] == [
        ("registry", "mesh doctor --rebuild-registry")
    ]
    said = look("doctor", "--rebuild-registry")
    assert said.code == 0
    assert f"{ORDERS}: 3 releases restored; release 2 is current\n" in said.err
    assert _picture(mesh.root) == before
    aside = list(file.parent.glob("registry.db.aside-*"))
    assert [path.read_bytes() for path in aside] == ([content] if content else [])


@pytest.mark.parametrize(
    "statement",
    [
        "drop table port_file",
        "alter table port_file drop column digest",
        "delete from port_file",
    ],
)
def test_a_registry_that_lacks_a_table_a_column_or_files_is_set_aside(
    mesh: SmallMesh,
    look: Run,  # noqa: F811
    statement: str,
) -> None:
    before = _picture(mesh.root)
    with closing(sqlite3.connect(mesh.root / ".mesh/dev/registry.db")) as connection:
        connection.execute(statement)
        connection.commit()
    said = look("read", ORDERS)
    assert (said.code, said.err.splitlines()[-1]) == (2, "  try: mesh doctor --rebuild-registry")
    assert look("doctor", "--rebuild-registry").code == 0
    assert _picture(mesh.root) == before


def test_a_registry_older_than_the_lake_is_told_and_keeps_what_it_knows(
    mesh: SmallMesh,
    look: Run,  # noqa: F811
) -> None:
    file, copy = mesh.root / ".mesh/dev/registry.db", mesh.root / "copy.db"
    _copy(file, copy)
    workspace = Workspace.open(mesh.root)
    release(workspace, ORDERS)
    before = _picture(mesh.root)
    _copy(copy, file)
    said = look("status")
    assert "the registry is older than the lake: it lacks releases of shop/orders/orders_v1" in (
        " ".join(said.err.split())
    )
    said = look("doctor", "--output", "json")
    assert [s["fix"] for s in said.json if not s["fine"]] == ["mesh doctor --rebuild-registry"]
    old = Workspace.open(mesh.root)
    with pytest.raises(MeshError, match="the registry is older than the lake"):
        recover(old, old.mesh.product(ORDERS))
    for words in (("read", ORDERS), ("read", ORDERS, "--release", "1"), ("verify", ORDERS)):
        said = look(*words)
        assert said.code == 2
        assert "the registry is older than the lake" in " ".join(said.err.split())
    assert look("doctor", "--rebuild-registry").code == 0
    assert look("read", ORDERS).code == 0
    assert _picture(mesh.root) == before
    failed = Workspace.open(mesh.root).registry.last_attempts()
    assert failed[ORDERS].number == 4


def _put_back(mesh: SmallMesh, environment: str, *since: Callable[[Workspace], object]) -> None:
    """Do things in an environment, then replace its registry by the copy from before them."""
    file, copy = mesh.root / f".mesh/{environment}/registry.db", mesh.root / "copy.db"
    _copy(file, copy)
    for act in since:
        act(Workspace.open(mesh.root, environment))
    _copy(copy, file)


def _roll(name: str, number: int) -> Callable[[Workspace], object]:
    return lambda at: roll_back(at, at.mesh.product(name), number)


def _new(name: str) -> Callable[[Workspace], object]:
    return lambda at: release(at, name)


def _promoted(root: Path) -> Callable[[Workspace], object]:
    dev = Workspace.open(root)
    return lambda at: promote(dev, at, [dev.mesh.product(ORDERS)])


def _is_older(mesh: SmallMesh, look: Run, name: str, environment: str) -> None:  # noqa: F811
    """Assert that whatever looks at a product finds its registry older than the lake."""
    told, there = "the registry is older than the lake", ("--env", environment)
    old = Workspace.open(mesh.root, environment)
    port = old.mesh.product(name).ports[0].name
    assert told in " ".join(look("status", *there).err.split())
    said = look("doctor", "--output", "json", *there)
    fix = f"mesh doctor --rebuild-registry{old.option}"
    assert [(s["name"], s["fix"]) for s in said.json if not s["fine"]] == [("releases", fix)]
    said = look("read", str(port), *there)
    assert (said.code, told in " ".join(said.err.split())) == (2, True)
    (need,) = needs(old, [old.mesh.product(name)])
    assert (need.stale, told in need.reason) == (True, True), "a build tells it, and is not idle"
    with pytest.raises(MeshError, match=told):
        recover(old, old.mesh.product(name))


@pytest.mark.parametrize(
    "since",
    [
        (_new(ORDERS), _roll(ORDERS, 1)),
        (_new(ORDERS), _roll(ORDERS, 3)),
        (_new(ORDERS), _roll(ORDERS, 3), _roll(ORDERS, 1)),
        (_new(ORDERS), _new(ORDERS), _roll(ORDERS, 2)),
    ],
)
def test_a_registry_older_than_the_lake_is_told_behind_a_rollback(
    mesh: SmallMesh,
    look: Run,  # noqa: F811
    since: tuple[Callable[[Workspace], object], ...],
) -> None:
    seen = list[Any]()
    _put_back(mesh, "dev", *since, lambda _: seen.append(_picture(mesh.root)))
    _is_older(mesh, look, ORDERS, "dev")
    assert look("doctor", "--rebuild-registry").code == 0
    assert seen == [_picture(mesh.root)]
    assert all(symptom.fine for symptom in examine(Workspace.open(mesh.root), deep=True))


def test_a_promotion_is_told_behind_a_rollback_too(mesh: SmallMesh, look: Run) -> None:  # noqa: F811
    release(Workspace.open(mesh.root), ORDERS)
    _put_back(mesh, "prod", _promoted(mesh.root), _roll(ORDERS, 1))
    _is_older(mesh, look, ORDERS, "prod")
    assert look("doctor", "--rebuild-registry", "--env", "prod").code == 0
    prod = Workspace.open(mesh.root, "prod")
    assert [item.number for item in prod.registry.releases(ORDERS)] == [2, 1]
    assert prod.registry.all_current()[ORDERS].number == 1


def test_a_promotion_after_a_rollback_raises_no_alarm(mesh: SmallMesh) -> None:
    release(Workspace.open(mesh.root), ORDERS)
    prod = Workspace.open(mesh.root, "prod")
    _promoted(mesh.root)(prod)
    _roll(ORDERS, 1)(prod)
    release(Workspace.open(mesh.root), ORDERS)
    _promoted(mesh.root)(prod)
    assert all(symptom.fine for symptom in examine_lake(Workspace.open(mesh.root, "prod")))
    assert all(symptom.fine for symptom in examine_lake(Workspace.open(mesh.root)))


def test_a_release_in_the_table_of_another_port_is_told_for_the_whole_product(
    mesh: SmallMesh,
    look: Run,  # noqa: F811
) -> None:
    """The files say the former major again, whose table the unknown release never reached."""
    before = {name: mesh.read(name) for name in (CONTRACT, DESCRIPTOR)}

    def as_next_major(_: Workspace) -> None:
        in_step(mesh, "2.0.0")

    def as_before(_: Workspace) -> None:
        for name, text in before.items():
            mesh.write(name, text)

    _put_back(mesh, "dev", as_next_major, _new(ORDERS), as_before, _roll(ORDERS, 1))
    assert (mesh.root / ".mesh/dev/lake/shop/orders/orders_v2").is_dir()
    _is_older(mesh, look, ORDERS, "dev")


def test_an_attempt_that_was_taken_back_is_no_release_that_the_registry_lacks(
    mesh: SmallMesh,
) -> None:
    def taken_back(at: Workspace) -> None:
        attempt = verify(at, ORDERS)
        record = as_released(at, attempt, (), datetime.now(UTC))
        for port in attempt.ports:
            commit(at, record, port)
        take_back(at, attempt, "a test")

    _put_back(mesh, "dev", taken_back)
    workspace = Workspace.open(mesh.root)
    assert all(symptom.fine for symptom in examine_lake(workspace))
    recover(workspace, workspace.mesh.product(ORDERS))
    assert release(workspace, ORDERS).number == 4


def test_what_was_never_released_is_not_restored(mesh: SmallMesh) -> None:
    workspace = Workspace.open(mesh.root)
    verify(workspace, PAIR)
    left = verify(workspace, ORDERS)
    before = {name: workspace.registry.releases(name) for name in NAMES}
    assert workspace.registry.get(left.id) is not None
    _lose(mesh.root, "dev")
    rebuild_registry(Workspace.open(mesh.root))
    registry = Workspace.open(mesh.root).registry
    assert {name: registry.releases(name) for name in NAMES} == before


def test_nobody_may_work_in_the_environment_meanwhile(mesh: SmallMesh) -> None:
    workspace = Workspace.open(mesh.root)
    with in_use(workspace.home), pytest.raises(MeshError, match="`dev` is in use by process"):
        rebuild_registry(workspace)


def test_commits_from_before_releases_were_recorded_restore_what_they_hold(
    mesh: SmallMesh,
) -> None:
    """Take out of each commit what an earlier version of the platform did not write."""
    registry = Workspace.open(mesh.root).registry
    before = {name: registry.releases(name) for name in NAMES}
    current = {name: item.number for name, item in registry.all_current().items()}
    for entry in (mesh.root / ".mesh/dev/lake").glob("*/*/*/_delta_log/*.json"):
        entry.write_text("".join(map(_as_before, entry.read_text().splitlines())))
    _lose(mesh.root, "dev")
    rebuild_registry(Workspace.open(mesh.root))
    registry = Workspace.open(mesh.root).registry
    after = {name: registry.releases(name) for name in NAMES}
    for name in NAMES:
        assert [(r.number, r.id, r.fingerprint) for r in after[name]] == [
            (r.number, r.id, r.fingerprint) for r in before[name]
        ]
        files = [[(p.port, p.rows, p.bytes) for p in r.ports] for r in before[name]]
        assert [[(p.port, p.rows, p.bytes) for p in r.ports] for r in after[name]] == files
    assert {name: item.number for name, item in registry.all_current().items()} == current


def _as_before(line: str) -> str:
    action = json.loads(line)
    info = action.get("commitInfo", {})
    if RELEASE_KEY in info:
        for key in ("mesh.record", "mesh.checks", "mesh.promises"):
            del info[key]
    return json.dumps(action) + "\n"
