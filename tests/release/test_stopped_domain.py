"""What keeps dbt from a whole domain is told whichever of its products is asked for."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from mesh_platform.application.check_mesh import CheckedMesh, check_mesh
from mesh_platform.environments.workspace import Workspace
from mesh_platform.planning.plan import Plan
from mesh_platform.release.build import release_product
from mesh_platform.release.outcome import Verdict
from tests.planned import planned, release_all, told
from tests.small_mesh import ORDERS, PAIR, SmallMesh, write_mesh, write_sources

BESIDE = "domains/shop/products/pair"
FAULTS = {
    "source": "select * from {{ source('landing', 'pair_file') }}\n",
    "model": "select * from {{ ref('stg_pair') }}\n",
    "arguments": "select {{ mesh.typed('a', 'b', 'c') }} as a\n",
    "template": "select {{ 'a' as a\n",
}


@pytest.fixture
def mesh(tmp_path: Path) -> SmallMesh:
    """A domain with two products: `shop/orders`, and `shop/pair` beside it."""
    mesh = write_mesh(tmp_path / "mesh", "shop", "twins")
    shutil.move(mesh.path(PAIR), mesh.path(BESIDE))
    for file in mesh.path(BESIDE).iterdir():
        text = mesh.read(f"{BESIDE}/{file.name}")
        mesh.write(f"{BESIDE}/{file.name}", text.replace("twins/pair", "shop/pair"))
    write_sources(mesh, "shop", "landing", "orders_file", "pairs_file")
    shutil.rmtree(mesh.path("domains/twins"))
    return mesh


def _checked(mesh: SmallMesh, *words: str) -> CheckedMesh:
    return check_mesh(Workspace.open(mesh.root), words)


def _blocking(checked: CheckedMesh) -> list[tuple[str | None, str]]:
    """Return what blocks, but for files that nobody has generated in this mesh."""
    found = (each for each in checked.findings if each.blocking and each.code != "ports.drift")
    return [(each.product, each.message) for each in found]


def _told(made: Plan) -> list[tuple[str | None, str]]:
    """Return what blocks a plan."""
    return [(each.product, each.message) for each in told(made) if each.blocking]


@pytest.mark.parametrize(
    ("edited", "asked"),
    [(f"{ORDERS}/orders.sql", ()), (f"{ORDERS}/orders.sql", ("shop/orders",)), (None, ())],
    ids=["both", "orders", "pair"],
)
@pytest.mark.parametrize("name", [*FAULTS, "clash", "properties"])
def test_a_plan_tells_what_keeps_the_domain_from_building(
    mesh: SmallMesh, name: str, edited: str | None, asked: tuple[str, ...]
) -> None:
    release_all(mesh)
    assert _told(planned(mesh)) == []
    if edited:
        mesh.write(edited, f"-- another text\n{mesh.read(edited)}")
    if name in FAULTS:
        mesh.write(f"{BESIDE}/left.sql", FAULTS[name])
    elif name == "clash":
        mesh.write(f"{BESIDE}/stg_orders.sql", mesh.read(f"{ORDERS}/stg_orders.sql"))
    else:
        described = "models: [{name: left, description: x}, {name: left, description: y}]\n"
        mesh.write(f"{BESIDE}/more.yml", described)
    made = planned(mesh, *asked)
    assert set(_blocking(_checked(mesh, *asked))) == set(_told(made)) != set()
    assert made.builds
    assert all(step.reason.startswith("would fail, see below; ") for step in made.builds)


@pytest.mark.parametrize("text", FAULTS.values(), ids=list(FAULTS))
def test_check_of_a_product_tells_what_keeps_its_domain_from_building(
    mesh: SmallMesh, text: str
) -> None:
    assert _blocking(_checked(mesh, "shop/orders")) == []
    mesh.write(f"{BESIDE}/left.sql", text)
    ((owner, message),) = _blocking(_checked(mesh, "shop/orders"))
    assert owner == "shop/pair"
    workspace = Workspace.open(mesh.root)
    outcome = release_product(workspace, workspace.mesh.product("shop/orders"))
    assert outcome.verdict is Verdict.FAILED
    assert f"shop/pair: {message}\n" in (outcome.reason or ""), "in the words of check"


def test_an_error_in_a_contract_of_the_domain_is_told(mesh: SmallMesh) -> None:
    mesh.edit(f"{BESIDE}/left.odcs.yaml", "version: 1.0.0", "version: one")
    ((owner, _),) = _blocking(_checked(mesh, "shop/orders"))
    assert owner == "shop/pair"


def test_a_finding_on_the_domain_as_a_whole_is_told(mesh: SmallMesh) -> None:
    write_sources(mesh, "shop", "landing", "pairs_file")
    assert _blocking(_checked(mesh, "shop/pair")) == [
        ("shop", "the generated file does not match the input ports")
    ]


@pytest.mark.parametrize(
    "text",
    [
        "select 'x' as pair_id, 1 as generation\n",
        "select {{ tipped('a') }} as a\n",
        "select {{ mesh.tipped('a') }} as a, {{ var('nobody') }} as b\n",
    ],
)
def test_what_another_product_alone_suffers_from_is_not(mesh: SmallMesh, text: str) -> None:
    mesh.write(f"{BESIDE}/left.sql", text)
    assert _blocking(_checked(mesh, "shop/pair"))
    assert _blocking(_checked(mesh, "shop/orders")) == []
    assert _checked(mesh, "shop/orders").products == 1
    workspace = Workspace.open(mesh.root)
    outcome = release_product(workspace, workspace.mesh.product("shop/orders"))
    assert outcome.verdict is Verdict.RELEASED


def test_a_program_that_reads_a_model_of_another_product_is_told(mesh: SmallMesh) -> None:
    mesh.write(f"{BESIDE}/late.py", "def model(dbt, session):\n    return dbt.ref('orders')\n")
    assert _blocking(_checked(mesh, "shop/pair")) == [
        (
            "shop/pair",
            "model `late` reads `orders`, the model behind a port of shop/orders, which is no input"
            " port of the product",
        )
    ]


def test_a_test_belongs_to_the_product_whose_model_it_reads(mesh: SmallMesh) -> None:
    mesh.write("domains/shop/tests/late.sql", "select nothing from {{ ref('orders') }}\n")
    assert _blocking(_checked(mesh, "shop/pair")) == []
    assert [owner for owner, _ in _blocking(_checked(mesh, "shop/orders"))] == ["shop/orders"]
