"""A major that ended, and consumers who know: in check, plan and build."""

from __future__ import annotations

import json
import shutil

import pytest

from mesh_platform.environments.workspace import Workspace
from tests.cli.conftest import Run
from tests.planned import acknowledge, in_step, rename_amount
from tests.release.staging import release
from tests.small_mesh import REVENUE, SmallMesh


@pytest.fixture
def ended(shop: SmallMesh, look: Run) -> SmallMesh:
    """Version 1 of the orders is gone and released so; the report's team has agreed to it."""
    rename_amount(shop)
    in_step(shop, "2.0.0")
    acknowledge(shop, until="2999-12-31")
    release(Workspace.open(shop.root), "shop/orders")
    look("sync")
    return shop


KNOWS = (
    "`shop/orders` is not offered in version 1.0.0 any more;"
    " Rita agreed to read its last release until 2999-12-31"
)


def test_a_check_warns_of_an_input_that_ended(look: Run, ended: SmallMesh) -> None:
    said = look("check", "report", "--output", "json")
    assert said.code == 0
    (finding,) = said.json["findings"]
    assert (finding["code"], finding["severity"], finding["message"], finding["fix"]) == (
        "input.acknowledged",
        "warning",
        KNOWS,
        f"read version 2.0.0, then remove the entry in {REVENUE}/acknowledgements.yaml",
    )


def test_a_word_whose_day_is_over_fails_check_and_plan(look: Run, ended: SmallMesh) -> None:
    acknowledge(ended, until="2026-01-31")
    for command in (("check",), ("check", "report"), ("plan",)):
        said = look(*command, "--output", "json")
        assert said.code == 1
        found = [f for f in said.json["findings"] if f["blocking"]]
        assert [(f["code"], f["file"], f["line"]) for f in found] == [
            ("ack.expired", f"{REVENUE}/acknowledgements.yaml", 2)
        ]
    assert look("check", "shop").code == 0


def test_a_build_keeps_what_waits_and_says_so(look: Run, ended: SmallMesh) -> None:
    said = look("build", "report")
    reason = "waits: reads `shop/orders`, which is no longer offered"
    assert (said.code, said.err) == (0, f"report/revenue: {reason}\n")
    (row,) = [line for line in said.out.splitlines() if line.startswith("report/revenue")]
    assert row.split()[1:3] == ["waits", "1"]
    assert "0 released, 0 up to date, 1 waiting, 0 failed" in said.out
    data = look("build", "report", "--output", "json").json
    (product,) = data["products"]
    assert (data["outcome"], product["outcome"], product["release"], product["reason"]) == (
        "up_to_date",
        "waits",
        1,
        reason,
    )
    assert json.loads(look("read", "report/revenue", "--format", "json").out) == [{"a": 1}]
    assert look("plan").code == 0


def test_a_product_that_is_gone_leaves_its_last_data_to_who_agreed(
    look: Run, shop: SmallMesh
) -> None:
    shutil.rmtree(shop.path("domains/shop/products/orders"))
    assert look("check", "report").code == 1
    acknowledge(shop, until="2999-12-31")
    look("sync")
    said = look("check", "report", "--output", "json")
    assert (said.code, [f["code"] for f in said.json["findings"]]) == (0, ["input.acknowledged"])
    (finding,) = said.json["findings"]
    assert finding["message"].startswith(
        "`shop/orders` is not offered any more; Rita agreed to read"
    )
    assert finding["fix"] == (
        f"stop reading it, then remove the entry in {REVENUE}/acknowledgements.yaml"
    )
    assert look("plan").code == 0
    built = look("build", "report")
    reason = "waits: reads `shop/orders`, which is no longer offered"
    assert (built.code, built.err) == (0, f"report/revenue: {reason}\n")
    assert look("read", "report/revenue").code == 0
