"""What commands say of a domain whose files have errors: what stands, and what is a slip."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Run
from tests.small_mesh import ORDERS, SmallMesh

DESCRIPTOR = f"{ORDERS}/product.odps.yaml"
CONTRACT = f"{ORDERS}/orders.odcs.yaml"


@pytest.fixture
def broken(mesh: SmallMesh) -> SmallMesh:
    """`shop/orders` cannot be read."""
    mesh.write(DESCRIPTOR, "id: [\n")
    return mesh


@pytest.mark.parametrize("command", ["list", "status", "check", "plan", "build", "show", "read"])
def test_a_slip_in_a_name_is_one_in_a_domain_with_errors_too(
    look: Run, broken: SmallMesh, command: str
) -> None:
    assert broken.path(DESCRIPTOR).is_file()
    said = look(command, "shop/ordrs")
    assert said.code == 2
    assert "is called `shop/ordrs`\n  try: did you mean `shop/orders`" in said.err


@pytest.mark.parametrize(("command", "code"), [("list", 1), ("show", 1), ("read", 2)])
def test_what_cannot_be_read_is_not_unknown(
    look: Run, broken: SmallMesh, command: str, code: int
) -> None:
    assert broken.path(DESCRIPTOR).is_file()
    said = look(command, "shop/orders")
    told = "has no release yet" if command == "read" else "`shop/orders` cannot be read: the files"
    assert (said.code, told in said.err) == (code, True)


def test_a_product_that_cannot_be_read_and_was_never_released_has_no_consumers_to_calm(
    look: Run, broken: SmallMesh
) -> None:
    broken.delete("domains/report/products/revenue/product.odps.yaml")
    said = look("build", "shop")
    assert said.code == 1
    assert "Consumers still read" not in said.out
    assert said.out.splitlines()[1].split() == ["shop/orders", "failed", "-", "-", "0.0"]


def test_releases_of_others_are_none_that_consumers_of_a_failed_product_read(
    look: Run, shop: SmallMesh
) -> None:
    shop.write("domains/new/domain.yaml", "name: [\n")
    shop.write("domains/new/products/first/product.odps.yaml", "id: [\n")
    said = look("build")
    assert said.code == 1
    assert "new/first" in said.out
    assert "2 up to date, 1 failed" in said.out
    assert "Consumers still read" not in said.out


def test_a_product_that_cannot_be_read_keeps_its_release(look: Run, shop: SmallMesh) -> None:
    shop.write(DESCRIPTOR, "id: [\n")
    said = look("build", "shop")
    assert said.out.splitlines()[1].split() == ["shop/orders", "failed", "1", "1", "0.0"]
    assert "Consumers still read the last good releases." in said.out
    [entry] = look("build", "shop", "--output", "json").json["products"]
    assert (entry["release"], entry["environment"]) == (1, "dev")
    [release] = look("releases", "shop/orders", "--output", "json").json
    assert (release["number"], release["current"]) == (1, True)


BROKEN = {
    "domains/shop/domain.yaml": "name: [\n",
    "domains/shop/dbt_project.yml": "a: &a [*a]\n",
    f"{ORDERS}/more.odcs.yaml": "id: [\n",
    DESCRIPTOR: "id: [\n",
}


def test_what_was_released_is_read_while_other_files_have_errors(
    look: Run, shop: SmallMesh
) -> None:
    sound = look("read", "shop/orders", "--format", "csv")
    assert (sound.code, sound.err) == (0, "")
    for file, text in BROKEN.items():
        before = shop.read(file) if shop.path(file).exists() else None
        shop.write(file, text)
        said = look("read", "shop/orders", "--format", "csv")
        assert (said.code, said.out) == (0, sound.out), file
        assert said.err == (
            "the files of the domain `shop` have errors: this is release 1, as it was made before;"
            " see `mesh check shop`\n"
        )
        shop.write(file, before) if before is not None else shop.delete(file)
    shop.write(DESCRIPTOR, "id: [\n")
    for port in ("shop/orders/orders", "shop/orders@1"):
        assert look("read", port, "--format", "csv").out == sound.out
    assert look("read", "shop/orders@2").code == 2


def test_nothing_is_read_while_the_contract_cannot_say_who_may_see_it(
    look: Run, shop: SmallMesh
) -> None:
    shop.write(DESCRIPTOR, "id: [\n")
    for spoil in (lambda: shop.write(CONTRACT, "id: [\n"), lambda: shop.delete(CONTRACT)):
        spoil()
        said = look("read", "shop/orders", "--format", "csv")
        assert (said.code, said.out) == (1, "")
        assert "`shop/orders` is not read: its contract, which says who may see what" in said.err
        assert f"at: {CONTRACT}" in said.err


def test_an_error_of_a_domain_is_told_once_and_counts_its_products_alone(
    look: Run, shop: SmallMesh
) -> None:
    shop.write("domains/shop/domain.yaml", "name: [\n")
    said = look("build")
    assert said.code == 1
    assert [line.split()[0] for line in said.out.splitlines()[1:3]] == [
        "report/revenue",
        "shop/orders",
    ]
    assert "1 up to date, 1 failed" in said.out
    assert said.err.count("domains/shop/domain.yaml") == 1
    told = look("build", "--output", "json").json
    assert [entry["product"] for entry in told["products"]] == ["report/revenue", "shop/orders"]
    assert told["products"][1]["reason"] in said.err
    assert told["reasons"] == [told["products"][1]["reason"]]


def test_an_error_of_a_domain_without_products_fails_the_build(look: Run, shop: SmallMesh) -> None:
    shop.write("domains/new/domain.yaml", "name: [\n")
    said = look("build")
    assert (said.code, "2 up to date, 0 failed" in said.out) == (1, True)
    assert said.err.count("domains/new/domain.yaml") == 1
