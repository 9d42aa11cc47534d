"""`mesh sync` writes what is out of step, names it, and leaves alone what a person wrote."""

from __future__ import annotations

import json

import pytest

from mesh_platform.files import digest as digest_of
from mesh_platform.model.generated import drift
from mesh_platform.model.loader import load_mesh
from mesh_platform.model.suites import MADE_FROM
from mesh_platform.scaffold.sync import Synced, bring_in_step
from tests.small_mesh import ORDERS, REVENUE, SmallMesh

SOURCES = {
    "report": "domains/report/products/sources.yml",
    "shop": "domains/shop/products/sources.yml",
}
CONTRACT = f"{ORDERS}/orders.odcs.yaml"
NOTHING = Synced(written=(), removed=(), left=())
SUITE = """\
import great_expectations.expectations as gxe


def suite():
    return [gxe.ExpectColumnValuesToBeUnique(column="order_id")]
"""


def _sync(mesh: SmallMesh, *domains: str) -> Synced:
    loaded = load_mesh(mesh.root)
    chosen = [loaded.domain(name) for name in domains] if domains else loaded.domains
    return bring_in_step(loaded, chosen)


def test_what_was_written_is_named_and_then_everything_is_in_step(mesh: SmallMesh) -> None:
    before = _sync(mesh)
    assert before == Synced(
        written=(SOURCES["report"], f"{REVENUE}/ports.yml", f"{ORDERS}/ports.yml"),
        removed=(),
        left=(),
    )
    assert _sync(mesh) == NOTHING


def test_only_the_named_domains_are_brought_in_step(mesh: SmallMesh) -> None:
    assert _sync(mesh, "shop").written == (f"{ORDERS}/ports.yml",)
    assert not mesh.path(f"{REVENUE}/ports.yml").exists()


def test_the_file_of_a_product_that_is_gone_is_removed(mesh: SmallMesh) -> None:
    _sync(mesh)
    mesh.delete(f"{REVENUE}/product.odps.yaml")
    done = _sync(mesh)
    assert (done.written, done.removed) == ((SOURCES["report"],), (f"{REVENUE}/ports.yml",))
    assert not mesh.path(f"{REVENUE}/ports.yml").exists()


def test_what_a_person_wrote_is_left_and_the_rest_is_written(mesh: SmallMesh) -> None:
    mesh.write(f"{ORDERS}/ports.yml", "version: 2\n")
    done = _sync(mesh)
    assert [finding.code for finding in done.left] == ["generated.in-the-way"]
    assert done.written == (SOURCES["report"], f"{REVENUE}/ports.yml")
    assert mesh.read(f"{ORDERS}/ports.yml") == "version: 2\n"


def test_a_domain_whose_files_have_errors_is_left_alone(mesh: SmallMesh) -> None:
    mesh.write(f"{ORDERS}/expectations.py", "raise SystemExit('this must not run')\n")
    mesh.edit("domains/shop/domain.yaml", "name: shop", "name: store")
    assert _sync(mesh, "shop") == NOTHING
    assert not mesh.path(f"{ORDERS}/expectations.json").exists()


def test_a_generated_file_keeps_its_mode_and_nothing_stays_beside_it(mesh: SmallMesh) -> None:
    _sync(mesh)
    names = sorted(path.name for path in mesh.path(ORDERS).iterdir())
    mesh.path(f"{ORDERS}/ports.yml").chmod(0o640)
    mesh.edit(CONTRACT, "Who ordered.", "Who ordered it.")
    assert f"{ORDERS}/ports.yml" in _sync(mesh).written
    assert mesh.path(f"{ORDERS}/ports.yml").stat().st_mode & 0o777 == 0o640
    assert sorted(path.name for path in mesh.path(ORDERS).iterdir()) == names


@pytest.mark.slow
def test_a_suite_in_python_is_made_into_json_after_the_files_of_dbt(mesh: SmallMesh) -> None:
    mesh.write(f"{ORDERS}/expectations.py", SUITE)
    assert _sync(mesh, "shop").written == (f"{ORDERS}/ports.yml", f"{ORDERS}/expectations.json")
    meta = json.loads(mesh.read(f"{ORDERS}/expectations.json"))["meta"]
    assert meta["note"] == "Made by `mesh sync` from expectations.py; change that file instead."
    assert meta[MADE_FROM] == digest_of(mesh.path(f"{ORDERS}/expectations.py"))
    assert _sync(mesh, "shop") == NOTHING


def test_the_link_to_the_shared_profile_is_made_where_nothing_stands(mesh: SmallMesh) -> None:
    _sync(mesh)
    link = mesh.path("domains/shop/profiles.yml")
    link.unlink()
    loaded = load_mesh(mesh.root)
    [found] = drift(loaded, loaded.domain("shop"))
    assert (found.code, found.severity, found.fix) == (
        "generated.profile",
        "warning",
        "mesh sync shop",
    )
    assert _sync(mesh).written == ("domains/shop/profiles.yml",)
    assert link.readlink().as_posix() == "../../dbt_project/profiles.yml"
    link.unlink()
    link.write_text("mesh: {}\n")
    assert (_sync(mesh), link.read_text()) == (NOTHING, "mesh: {}\n")
