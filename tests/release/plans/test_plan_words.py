"""What the word of a consumer is worth: for which change, and until when."""

from __future__ import annotations

from datetime import date

import pytest

from mesh_platform.contract_diff.values import Level
from mesh_platform.environments.workspace import Workspace
from mesh_platform.planning.impact import Stand
from mesh_platform.planning.plan import Plan
from mesh_platform.scaffold.sync import bring_in_step
from tests.majors import add_second_major
from tests.planned import (
    CONTRACT,
    REVENUE_CONTRACT,
    REVENUE_DESCRIPTOR,
    acknowledge,
    changes,
    commit,
    findings,
    in_step,
    planned,
    rename_amount,
    told,
)
from tests.release.staging import release
from tests.small_mesh import REVENUE, SmallMesh


@pytest.fixture
def breaking(shop: SmallMesh) -> SmallMesh:
    """A column went, and the version says so in place."""
    rename_amount(shop)
    in_step(shop, "2.0.0")
    return shop


def _stands(plan: Plan) -> set[Stand]:
    return {consumer.stand for item in changes(plan) for consumer in item.consumers}


def test_a_consumer_that_agreed_lets_the_change_pass(breaking: SmallMesh) -> None:
    acknowledge(breaking)
    plan = planned(breaking)
    assert (findings(plan), _stands(plan)) == ([], {Stand.AGREED})
    assert "input.acknowledged" in [f.code for f in plan.findings]


def test_a_word_may_be_given_before_the_version_is_raised(shop: SmallMesh) -> None:
    rename_amount(shop)
    acknowledge(shop)
    plan = planned(shop)
    assert (findings(plan), _stands(plan)) == (["version.too-small"], {Stand.AGREED})


@pytest.mark.parametrize(
    ("today", "codes"),
    [(date(2027, 1, 31), []), (date(2027, 2, 1), ["ack.expired"])],
)
def test_a_word_holds_until_the_end_of_its_day(
    breaking: SmallMesh, today: date, codes: list[str]
) -> None:
    acknowledge(breaking)
    plan = planned(breaking, today=today)
    assert findings(plan) == codes
    assert _stands(plan) == ({Stand.READS} if codes else {Stand.AGREED})


def test_an_expired_word_is_told_also_after_the_release(breaking: SmallMesh) -> None:
    acknowledge(breaking)
    workspace = Workspace.open(breaking.root)
    release(workspace, "shop/orders")
    assert findings(planned(breaking)) == []
    (finding,) = [f for f in planned(breaking, today=date(2027, 2, 1)).findings if f.blocking]
    assert (finding.code, finding.product, finding.message) == (
        "ack.expired",
        "report/revenue",
        "report/revenue agreed to the change of `shop/orders` until 2027-01-31: that is over",
    )
    assert str(finding.place) == f"{REVENUE}/acknowledgements.yaml:2:5"


def test_a_word_on_another_version_does_not_count(breaking: SmallMesh) -> None:
    acknowledge(breaking, version="3.0.0")
    plan = planned(breaking)
    (finding,) = [f for f in plan.findings if f.blocking]
    assert (finding.code, finding.message) == (
        "ack.other-change",
        "report/revenue agreed to version 3.0.0 of `shop/orders`, not to 2.0.0",
    )
    assert _stands(plan) == {Stand.READS}


@pytest.mark.parametrize(
    ("paths", "counts"),
    [
        ("[/schema[name=orders]/properties[name=amount]]", True),
        ("['/schema[name=orders]/']", True),
        ("['/schema[name=orders]/properties[name=amou']", False),
        ("['/schema[name=orders]/properties[name=customer]']", False),
    ],
)
def test_a_word_on_some_changes_covers_only_these(
    breaking: SmallMesh, paths: str, counts: bool
) -> None:
    acknowledge(breaking, changes=paths if "'" in paths else f"['{paths[1:-1]}']")
    expected = [] if counts else ["ack.other-change"]
    assert findings(planned(breaking)) == expected


def test_a_consumer_that_moved_needs_no_word(breaking: SmallMesh) -> None:
    breaking.edit(REVENUE_DESCRIPTOR, "    version: 1.0.0\n    contractId: shop/orders",
                  "    version: 2.0.0\n    contractId: shop/orders")  # fmt: skip
    breaking.edit(
        f"{REVENUE}/revenue.sql",
        "sum(amount) as amount\nfrom {{ source('shop', 'orders')",
        "sum(total) as amount\nfrom {{ source('shop', 'orders_v2')",
    )
    breaking.edit(REVENUE_CONTRACT, "count(*) from shop.orders", "count(*) from shop.orders_v2")
    plan = planned(breaking, "shop")
    assert findings(plan) == []
    assert _stands(plan) == {Stand.MOVED}


def test_a_consumer_that_moved_by_its_descriptor_only_has_not_moved(breaking: SmallMesh) -> None:
    breaking.edit(REVENUE_DESCRIPTOR, "    version: 1.0.0\n    contractId: shop/orders",
                  "    version: 2.0.0\n    contractId: shop/orders")  # fmt: skip
    breaking.edit(
        f"{REVENUE}/revenue.sql", "source('shop', 'orders')", "source('shop', 'orders_v2')"
    )
    breaking.edit(REVENUE_CONTRACT, "count(*) from shop.orders", "count(*) from shop.orders_v2")
    assert findings(planned(breaking, "shop")) == ["lineage.no-column"]
    model = breaking.read(f"{REVENUE}/revenue.sql").replace(
        "group by", ", unnest([1]) u(z) group by"
    )
    breaking.write(f"{REVENUE}/revenue.sql", model)
    plan = planned(breaking, "shop")
    (finding,) = [item for item in told(plan) if item.blocking]
    assert (finding.code, finding.message) == (
        "change.half-moved",
        "the descriptor reads `shop/orders@2`, and the SQL still names `amount`,"
        " not promised there",
    )
    assert finding.place.file == REVENUE_DESCRIPTOR
    assert _stands(plan) == {Stand.READS, Stand.MOVED}


@pytest.mark.parametrize(
    ("query", "code", "level"),
    [
        ("count(*) from shop.orders_v2", "rule.input-moved", Level.PATCH),
        ("count(*) from SHOP.orders_v2", "rule.query-changed", Level.MAJOR),
        ("count(order_id) from shop.orders_v2", "rule.query-changed", Level.MAJOR),
        ("count(*) from shop.orders_v2x", "rule.query-changed", Level.MAJOR),
    ],
)
def test_a_rule_that_asks_the_same_of_the_new_major_is_no_break(
    breaking: SmallMesh, query: str, code: str, level: Level
) -> None:
    breaking.edit(REVENUE_DESCRIPTOR, "    version: 1.0.0\n    contractId: shop/orders",
                  "    version: 2.0.0\n    contractId: shop/orders")  # fmt: skip
    breaking.edit(REVENUE_CONTRACT, "count(*) from shop.orders", query)
    found = {item.change.code: item.change for item in changes(planned(breaking, "report"))}
    assert found[code].level is level
    assert {"rule.input-moved", "rule.query-changed"} & found.keys() == {code}


def test_a_source_that_dbt_would_not_find_blocks_until_the_files_are_in_step(
    shop: SmallMesh,
) -> None:
    def out_of_step() -> list[tuple[bool, str | None]]:
        found = planned(shop).findings
        return [(f.blocking, f.fix) for f in found if f.code == "generated.out-of-step"]

    shop.edit(CONTRACT, "description: Who ordered.", "description: Who ordered it.")
    assert out_of_step() == [(False, "mesh sync report shop")]
    add_second_major(shop)
    shop.edit(REVENUE_DESCRIPTOR, "    version: 1.0.0\n    contractId: shop/orders",
              "    version: 2.0.0\n    contractId: shop/orders")  # fmt: skip
    assert out_of_step() == [(True, "mesh sync report shop")]
    mesh = Workspace.open(shop.root).mesh
    bring_in_step(mesh, mesh.domains)
    assert out_of_step() == []


def test_a_commit_and_the_releases_tell_the_same_of_who_only_reads_it(shop: SmallMesh) -> None:
    commit(shop.root)
    rename_amount(shop)
    for against in (None, "main"):
        found = [f for f in planned(shop, against=against).findings if f.blocking]
        assert [(f.code, f.product) for f in found] == [
            ("version.too-small", "shop/orders"),
            ("change.not-agreed", "shop/orders"),
            ("lineage.no-column", "report/revenue"),
        ]
