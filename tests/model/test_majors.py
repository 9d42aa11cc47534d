"""Finding a port among its majors, and what is wrong with two that get in each other's way."""

from __future__ import annotations

import pytest

from mesh_platform.errors import MeshError
from mesh_platform.model.loader import load_mesh
from tests.majors import SECOND, add_second_major
from tests.small_mesh import ORDERS, REVENUE, SmallMesh


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("shop/orders", "2.0.0"),
        ("shop/orders@1", "1.0.0"),
        ("shop/orders@2", "2.0.0"),
        ("shop/orders/orders@1", "1.0.0"),
        ("shop/orders/orders", "2.0.0"),
    ],
)
def test_a_major_is_named_behind_an_at_sign(mesh: SmallMesh, text: str, version: str) -> None:
    add_second_major(mesh)
    assert load_mesh(mesh.root).port(text).version == version


def test_without_a_number_the_newest_that_is_not_deprecated_is_meant(mesh: SmallMesh) -> None:
    add_second_major(mesh)
    mesh.edit(f"{ORDERS}/orders.odcs.yaml", "status: deprecated", "status: active")
    mesh.edit(SECOND, "status: active", "status: deprecated")
    assert load_mesh(mesh.root).port("shop/orders").version == "1.0.0"


def test_a_major_that_is_not_there_is_unknown(mesh: SmallMesh) -> None:
    add_second_major(mesh)
    with pytest.raises(MeshError) as caught:
        load_mesh(mesh.root).port("shop/orders@3")
    assert str(caught.value).startswith("no port is called `shop/orders@3`\n  try: did you mean")


def test_majors_that_promise_one_table_are_found(mesh: SmallMesh) -> None:
    add_second_major(mesh)
    mesh.edit(SECOND, "    physicalName: orders_v2\n", "")
    (finding,) = load_mesh(mesh.root).findings
    assert (finding.code, finding.message, finding.fix) == (
        "port.same-table",
        "the ports `shop/orders@2` and `shop/orders` promise the same table `orders`",
        "write `physicalName: orders_v2` and a model orders_v2.sql",
    )


def test_a_major_without_a_contract_names_those_that_are_there(mesh: SmallMesh) -> None:
    add_second_major(mesh)
    mesh.delete(SECOND)
    said = [str(finding) for finding in load_mesh(mesh.root).findings]
    assert any("write a contract of version 2.0.0; there is one of 1.0.0" in text for text in said)


@pytest.mark.parametrize("version", ["^2.0.0", "latest"])
def test_an_input_that_names_no_version_is_refused(mesh: SmallMesh, version: str) -> None:
    mesh.edit(
        f"{REVENUE}/product.odps.yaml",
        "    version: 1.0.0\n    contractId: shop",
        f"    version: {version}\n    contractId: shop",
    )
    said = [finding.message for finding in load_mesh(mesh.root).findings]
    assert f"`{version}` is no version" in said


def test_a_provider_may_be_called_like_a_later_version(mesh: SmallMesh) -> None:
    mesh.edit(f"{REVENUE}/product.odps.yaml", "contractId: shop/orders", "contractId: shop_v2/x")
    (finding,) = load_mesh(mesh.root).findings
    assert finding.message == "no product offers the port `shop_v2/x`"
