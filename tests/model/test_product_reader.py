"""What is wrong in a product's folder is said with its product, its line and a way out."""

from __future__ import annotations

import pytest

from mesh_platform.model.loader import load_mesh
from tests.small_mesh import ORDERS, REVENUE, SmallMesh

PRODUCT = f"{ORDERS}/product.odps.yaml"
READS = f"{REVENUE}/product.odps.yaml"


def _said(mesh: SmallMesh) -> list[str]:
    return [str(finding) for finding in load_mesh(mesh.root).findings]


def test_a_wrong_key_in_a_descriptor_is_named_with_its_line(mesh: SmallMesh) -> None:
    mesh.edit(PRODUCT, "inputPorts:", "inputPort:")
    assert _said(mesh)[0] == (
        "shop/orders: `inputPort` is not a key of a product file here\n"
        f"  at: {PRODUCT}:{mesh.line(PRODUCT, 'inputPort:')}:1  [product.unknown-key]\n"
        "  try: did you mean `inputPorts` or `outputPorts` or `inputContracts`?"
    )


def test_a_missing_key_in_a_descriptor_is_named(mesh: SmallMesh) -> None:
    mesh.edit(PRODUCT, "id: shop/orders\n", "")
    assert _said(mesh)[0] == (
        f"shop/orders: `id` is missing\n  at: {PRODUCT}:1:1  [product.missing-key]\n"
        "  try: add `id:`"
    )


def test_a_wrong_key_in_a_contract_belongs_to_its_product(mesh: SmallMesh) -> None:
    contract = f"{ORDERS}/orders.odcs.yaml"
    mesh.edit(contract, "dataProduct:", "dataProdct:")
    assert _said(mesh) == [
        "shop/orders: `dataProdct` is not a key of the contract standard (ODCS) here\n"
        f"  at: {contract}:{mesh.line(contract, 'dataProdct')}:1  [contract.unknown-key]\n"
        "  try: did you mean `dataProduct` or `dataset`?"
    ]


def test_a_missing_contract_file_says_what_to_write(mesh: SmallMesh) -> None:
    mesh.delete(f"{ORDERS}/orders.odcs.yaml")
    assert _said(mesh) == [
        "shop/orders: port `orders` has no contract `shop/orders`\n"
        f"  at: {PRODUCT}:{mesh.line(PRODUCT, '- name: orders')}:5  [port.no-contract]\n"
        "  try: write the promise to orders.odcs.yaml beside this file"
    ]


def test_a_contract_whose_file_has_another_ending_is_named(mesh: SmallMesh) -> None:
    text = mesh.read(f"{ORDERS}/orders.odcs.yaml")
    mesh.delete(f"{ORDERS}/orders.odcs.yaml")
    mesh.write(f"{ORDERS}/orders.odcs.yml", text)
    assert _said(mesh)[0].splitlines()[2] == (
        "  try: rename orders.odcs.yml: a contract is read from a file `NAME.odcs.yaml`"
    )


def test_a_contract_under_another_id_is_suggested(mesh: SmallMesh) -> None:
    mesh.edit(f"{ORDERS}/orders.odcs.yaml", "id: shop/orders", "id: shop/order")
    assert _said(mesh)[0].endswith("[port.no-contract]\n  try: did you mean `shop/order`?")


def test_a_product_in_a_folder_with_a_bad_name_is_refused(mesh: SmallMesh) -> None:
    mesh.path(ORDERS).rename(mesh.path("domains/shop/products/my-orders"))
    assert any("`my-orders` cannot name a product" in said for said in _said(mesh))


def test_a_product_id_must_say_where_the_product_is(mesh: SmallMesh) -> None:
    mesh.edit(PRODUCT, "id: shop/orders", "id: orders")
    assert _said(mesh) == [
        "shop/orders: the id `orders` does not say where the product is\n"
        f"  at: {PRODUCT}:3:1  [product.id]\n  try: write `id: shop/orders`"
    ]


@pytest.mark.parametrize("contract_id", ["orders", "a/b/c/d", "Shop/orders", "shop/"])
def test_an_input_that_is_no_port_name_is_refused(mesh: SmallMesh, contract_id: str) -> None:
    mesh.edit(READS, "contractId: shop/orders", f"contractId: {contract_id}")
    assert _said(mesh)[0].splitlines()[0] == (
        f"report/revenue: `{contract_id}` is not a port of a mesh"
    )


def test_an_input_without_any_source_is_refused(mesh: SmallMesh) -> None:
    mesh.edit(PRODUCT, "{property: location, value: orders.csv}", "{property: place, value: x}")
    assert _said(mesh)[0].splitlines()[0] == (
        "shop/orders: input port `orders_file` names neither a contract nor a location"
    )


def test_a_port_and_its_contract_have_one_version(mesh: SmallMesh) -> None:
    mesh.edit(f"{ORDERS}/orders.odcs.yaml", "version: 1.0.0", "version: 1.1.0")
    assert _said(mesh) == [
        "shop/orders: the port is version 1.0.0, its contract 1.1.0\n"
        f"  at: {PRODUCT}:{mesh.line(PRODUCT, '- name: orders')}:5  [port.version]\n"
        "  try: give both the same version"
    ]


def test_a_port_that_stands_twice_is_told_at_its_second_entry(mesh: SmallMesh) -> None:
    text = mesh.read(PRODUCT)
    start = text.index("  - name: orders\n", text.index("outputPorts:"))
    entry = text[start : text.index("contractId: shop/orders\n") + len("contractId: shop/orders\n")]
    mesh.write(PRODUCT, text.replace(entry, entry + entry))
    first = text[:start].count("\n") + 1
    assert _said(mesh) == [
        f"shop/orders: the port `orders` stands twice in `outputPorts`, first at line {first}\n"
        f"  at: {PRODUCT}:{first + entry.count(chr(10))}:5  [port.name-clash]\n"
        "  try: remove one of the two entries, or rename it"
    ]


def test_a_product_without_a_port_is_refused(mesh: SmallMesh) -> None:
    text = mesh.read(PRODUCT)
    mesh.write(PRODUCT, text[: text.index("outputPorts:")])
    assert _said(mesh)[0].splitlines()[0] == "shop/orders: the product offers no output port"
