"""A contract's word on masking is told as what it is: nothing masks values yet."""

from __future__ import annotations

from tests.cli.conftest import Run
from tests.small_mesh import ORDERS, SmallMesh


def test_a_mask_that_masks_nothing_is_said_in_check_and_show(shop: SmallMesh, look: Run) -> None:
    said = "classification: restricted\n"
    masks = "        customProperties: [{property: masking, value: hash}]\n"
    shop.edit(f"{ORDERS}/orders.odcs.yaml", said, f"{said}{masks}")
    findings = look("check", "--output", "json").json["findings"]
    (found,) = [each for each in findings if each["code"] == "contract.not-masked"]
    assert (found["severity"], found["blocking"]) == ("warning", False)
    assert "`customer`" in found["message"]
    assert "not masked yet" in " ".join(look("show", "shop/orders").out.split())
    columns = look("show", "shop/orders", "--output", "json").json["ports"][0]["columns"]
    assert {c["name"]: c["masking"] for c in columns}["customer"] == "hash"
