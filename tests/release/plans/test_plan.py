"""What a plan compares, which builds it expects, and what of it cannot be told."""

from __future__ import annotations

import shutil
from dataclasses import replace

import pytest

from mesh_platform.contract_diff.values import Level
from mesh_platform.environments.lifecycle import defer
from mesh_platform.environments.workspace import Workspace
from mesh_platform.errors import MeshError, UnknownNameError
from mesh_platform.model.naming import ProductName
from tests.majors import add_consumer, add_second_major
from tests.planned import (
    CONTRACT,
    DESCRIPTOR,
    RENAMED,
    REVENUE_CONTRACT,
    REVENUE_DESCRIPTOR,
    changes,
    codes,
    commit,
    findings,
    git,
    planned,
    reached,
    release_all,
    rename_amount,
    told,
)
from tests.release.staging import release
from tests.small_mesh import ORDERS, REVENUE, SmallMesh

SHOP = ProductName.parse("shop/orders")


def test_nothing_changes_where_nothing_changed(shop: SmallMesh) -> None:
    plan = planned(shop)
    assert (plan.products, plan.builds, plan.unread, plan.undescribed) == ((), (), (), ())
    assert (plan.against, findings(plan)) == ("the current releases", [])


def test_two_plans_of_the_same_files_are_equal(shop: SmallMesh) -> None:
    add_second_major(shop)
    add_consumer(shop)
    shop.edit(CONTRACT, *RENAMED)
    assert planned(shop) == planned(shop)


def test_what_breaks_most_comes_first(shop: SmallMesh) -> None:
    shop.edit(CONTRACT, "Every order of the shop.", "All orders.")
    shop.edit(CONTRACT, *RENAMED)
    levels = [item.change.level for item in changes(planned(shop))]
    assert levels == sorted(levels, reverse=True)
    assert set(levels) == {Level.MAJOR, Level.MINOR, Level.PATCH}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (
            "select count(distinct customer) from ${object}",
            "select count(custommer) from ${object}",
        ),
        ("physicalType: DOUBLE", "physicalType: DECIMAL(40,2)"),
    ],
    ids=["a rule that cannot run", "a type that nobody has"],
)
def test_who_follows_a_build_that_surely_fails_is_not_built(
    shop: SmallMesh, old: str, new: str
) -> None:
    shop.edit(CONTRACT, "severity: warning", "severity: error")
    shop.edit(CONTRACT, old, new)
    built = [(str(step.product), step.reason) for step in planned(shop).builds]
    why = "would fail, see below; code, contract or inputs have changed"
    assert built == [("shop/orders", why)]


def test_a_test_that_only_warns_keeps_no_build_from_its_end(shop: SmallMesh) -> None:
    test = "{{ config(severity='warn') }} select * from {{ ref('orders') }} where sum(amount) < 0"
    shop.write("domains/shop/tests/no_debt.sql", test)
    shop.edit(CONTRACT, "Every order of the shop.", "All orders.")
    plan = planned(shop)
    assert ("model.sql", "warning") in {(each.code, each.severity) for each in plan.findings}
    assert [step.reason for step in plan.builds if "would fail" in step.reason] == []


def test_a_product_that_was_never_released_is_new_and_free(mesh: SmallMesh) -> None:
    plan = planned(mesh)
    assert [(str(p.name), p.known_as, p.level, p.versions) for p in plan.products] == [
        ("report/revenue", None, None, ()),
        ("shop/orders", None, None, ()),
    ]
    assert codes(plan) == ["report/revenue port.added", "shop/orders port.added"]
    assert findings(plan) == []
    assert [(str(b.product), b.reason, b.cost) for b in plan.builds] == [
        ("shop/orders", "never released", None),
        ("report/revenue", "shop/orders will have a new release", None),
    ]


def test_a_product_that_is_not_committed_yet_is_new_to_git(mesh: SmallMesh) -> None:
    commit(mesh.root)
    add_second_major(mesh)
    add_consumer(mesh)
    plan = planned(mesh, against="main")
    assert {str(p.name): p.known_as for p in plan.products} == {
        "report/buyers": None,
        "shop/orders": "main",
    }


def test_a_contract_in_a_file_of_another_name_is_the_same(shop: SmallMesh) -> None:
    commit(shop.root)
    git(shop.root, "mv", CONTRACT, f"{ORDERS}/promise.odcs.yaml")
    assert codes(planned(shop)) == codes(planned(shop, against="main")) == []


def test_line_ends_are_no_change(shop: SmallMesh) -> None:
    commit(shop.root)
    for file in (CONTRACT, DESCRIPTOR):
        path = shop.path(file)
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert codes(planned(shop)) == codes(planned(shop, against="main")) == []


def test_a_product_that_moves_is_gone_here_and_new_there(shop: SmallMesh) -> None:
    commit(shop.root)
    new = "domains/report/products/orders"
    git(shop.root, "mv", ORDERS, new)
    for file in (f"{new}/product.odps.yaml", f"{new}/orders.odcs.yaml"):
        text = shop.read(file).replace("shop/orders", "report/orders")
        shop.write(file, text.replace("domain: shop", "domain: report"))
    for plan in (planned(shop), planned(shop, against="main")):
        assert codes(plan) == ["report/orders port.added", "shop/orders port.removed"]
        assert reached(plan)["port.removed"] == ["report/revenue"]
        assert findings(plan) == ["change.not-agreed"]


@pytest.mark.parametrize("against", [None, "main"])
@pytest.mark.parametrize("expressions", [(), ("shop",), ("shop/orders",), ("shop/orders+",)])
def test_a_product_that_is_gone_can_be_asked_for(
    shop: SmallMesh, against: str | None, expressions: tuple[str, ...]
) -> None:
    commit(shop.root)
    shutil.rmtree(shop.path(ORDERS))
    plan = planned(shop, *expressions, against=against)
    assert codes(plan) == ["shop/orders port.removed"]
    (finding,) = [finding for finding in plan.findings if finding.blocking]
    assert (
        finding.message == "`shop/orders` goes away for report/revenue, and nobody there has agreed"
    )
    assert str(finding.place).startswith(f"{REVENUE_DESCRIPTOR}:12")
    assert finding.fix == (
        "one of these, for each of them; ask report-team <report@example.com>\n"
        "- keep version 1.0.0\n"
        "- it stops reading the port\n"
        "- it agrees to keep its last release, and is not built until it moves, by DATE at the"
        " latest: `acknowledgements: [{port: shop/orders, version: 2.0.0, by: NAME, until: DATE}]`"
        " in domains/report/products/revenue/acknowledgements.yaml"
    )


def test_a_domain_that_is_gone_can_be_asked_for(shop: SmallMesh) -> None:
    shutil.rmtree(shop.path("domains/shop"))
    assert codes(planned(shop, "shop")) == ["shop/orders port.removed"]


def test_a_name_that_nothing_carries_is_refused(shop: SmallMesh) -> None:
    commit(shop.root)
    for against in (None, "main"):
        with pytest.raises(UnknownNameError) as told:
            planned(shop, "report", "shop/ordres+", against=against)
        assert str(told.value) == (
            "no domain or product is called `shop/ordres`\n"
            "  try: did you mean `shop/orders` or `shop`?"
        )


def test_an_empty_name_of_a_commit_is_no_wish_for_the_releases(shop: SmallMesh) -> None:
    commit(shop.root)
    with pytest.raises(MeshError, match="git knows no ``"):
        planned(shop, against="")


def test_releases_that_kept_no_descriptor_are_compared_by_their_ports(shop: SmallMesh) -> None:
    registry = Workspace.open(shop.root).registry
    with registry._engine.begin() as connection:
        connection.exec_driver_sql("update attempt set descriptor_digest = null")
    shop.edit(DESCRIPTOR, "status: active", "status: retired")
    plan = planned(shop, "shop")
    assert (codes(plan), plan.undescribed) == ([], (SHOP,))
    shop.edit(CONTRACT, *RENAMED)
    assert codes(planned(shop)) == ["shop/orders column.removed", "shop/orders column.added"]


def test_a_release_whose_contract_was_not_kept_is_neither_new_nor_compared(
    shop: SmallMesh,
) -> None:
    registry = Workspace.open(shop.root).registry
    with registry._engine.begin() as connection:
        connection.exec_driver_sql("delete from contract where file like '%orders.odcs.yaml'")
    plan = planned(shop)
    assert (plan.products, plan.undescribed) == ((), (SHOP,))


def test_a_version_that_is_none_cannot_be_compared(shop: SmallMesh) -> None:
    shop.edit(DESCRIPTOR, "version: 1.0.0", "version: spring")
    plan = planned(shop)
    (finding,) = [f for f in plan.findings if f.could_not_run]
    assert (finding.code, finding.product, finding.message) == (
        "plan.not-compared",
        "shop/orders",
        "cannot be compared with the current releases: `spring` is no version",
    )
    assert str(finding.place).startswith(f"{DESCRIPTOR}:5")
    assert plan.unread == (SHOP,)


def test_what_a_release_promised_in_a_way_that_is_not_read_any_more_is_told(
    shop: SmallMesh,
) -> None:
    registry = Workspace.open(shop.root).registry
    with registry._engine.begin() as connection:
        connection.exec_driver_sql(
            "update contract set text = replace(text, 'properties:', 'propertes:')"
            " where file like '%orders.odcs.yaml'"
        )
    plan = planned(shop)
    (finding,) = plan.findings
    assert finding.message == (
        "cannot be compared with the current releases:"
        " `propertes` is not a key of the contract standard (ODCS) here"
    )
    assert finding.place.file == f"release 1: {CONTRACT}"


def _suite(column: str, severity: str = "critical") -> str:
    entry = f'{{"type": "expect_column_values_to_not_be_null", "severity": "{severity}",'
    entry += f' "kwargs": {{"column": "{column}"}}}}'
    return f'{{"name": "s", "expectations": [{entry}], "meta": {{}}}}'


def test_an_expectation_that_goes_breaks_and_one_that_comes_does_not(mesh: SmallMesh) -> None:
    suite = f"{ORDERS}/expectations.json"
    mesh.write(suite, _suite("amount"))
    release_all(mesh)
    commit(mesh.root)
    mesh.write(suite, _suite("status"))
    for plan in (planned(mesh), planned(mesh, against="main")):
        assert [(item.change.code, item.change.columns, str(item.place))
                for item in changes(plan)] == [
            ("expectation.removed", ("amount",), f"{suite}:1"),
            ("expectation.added", ("status",), f"{suite}:1"),
        ]  # fmt: skip
        assert reached(plan)["expectation.removed"] == ["report/revenue"]
    mesh.delete(suite)
    assert codes(planned(mesh)) == ["shop/orders expectation.removed"]


def test_a_suite_that_is_none_cannot_be_compared(shop: SmallMesh) -> None:
    shop.write(f"{ORDERS}/expectations.json", "{")
    shop.edit(REVENUE_CONTRACT, "Revenue by status.", "Money by status.")
    plan = planned(shop)
    assert [str(item.product) for item in changes(plan)] == ["report/revenue"]
    (finding,) = [f for f in plan.findings if f.could_not_run]
    assert (finding.code, finding.place.file, finding.message) == (
        "plan.not-compared",
        f"{ORDERS}/expectations.json",
        "cannot be compared with the current releases: not valid JSON:"
        " Expecting property name enclosed in double quotes",
    )


def test_an_environment_that_defers_compares_with_what_it_defers_to(mesh: SmallMesh) -> None:
    release_all(mesh, "prod")
    defer(Workspace.open(mesh.root, "alice"), "prod")
    assert planned(mesh, environment="alice").against == "the current releases of prod"
    mesh.edit(CONTRACT, *RENAMED)
    release(Workspace.open(mesh.root, "alice"), "shop/orders")
    plan = planned(mesh, environment="alice")
    assert reached(plan)["column.removed"] == ["report/revenue"]
    assert [(str(b.product), b.reason) for b in plan.builds] == [
        ("report/revenue", "would fail, see below; code, contract or inputs have changed")
    ]


def test_builds_are_those_of_the_chosen_and_of_all_that_reads_them(shop: SmallMesh) -> None:
    shop.edit(f"{ORDERS}/orders.sql", "select *", "select  *")
    shop.edit(f"{REVENUE}/revenue.sql", "select status", "select  status")
    assert [str(b.product) for b in planned(shop, "shop").builds] == [
        "shop/orders",
        "report/revenue",
    ]
    assert [str(b.product) for b in planned(shop, "report").builds] == ["report/revenue"]
    assert [str(b.product) for b in planned(shop, "+report").builds] == [
        "shop/orders",
        "report/revenue",
    ]


def test_costs_are_those_of_the_last_releases(shop: SmallMesh) -> None:
    shop.edit(f"{ORDERS}/orders.sql", "select *", "select  *")
    plan = planned(shop)
    costs = [step.cost for step in plan.builds]
    assert all(cost is not None and cost.rows == 1 and cost.bytes > 0 for cost in costs)
    made = (2, sum(cost.bytes for cost in costs if cost))
    assert (plan.cost.rows, plan.cost.bytes) == made
    assert plan.cost.seconds == pytest.approx(sum(cost.seconds for cost in costs if cost))


def test_a_plan_tells_each_finding_once_and_those_that_block_first(shop: SmallMesh) -> None:
    rename_amount(shop)
    plan = planned(shop)
    (first, *_) = [f for f in plan.findings if not f.blocking]
    joined = plan.joined_by([first, replace(first, severity="error"), first])
    blocking = sum(f.blocking for f in plan.findings)
    others = len(plan.findings) - blocking
    assert [f.blocking for f in joined.findings] == [True] * (blocking + 1) + [False] * others
    assert len(joined.findings) == len(plan.findings) + 1


def test_a_promise_that_the_sql_does_not_keep_blocks(shop: SmallMesh) -> None:
    shop.edit(f"{ORDERS}/stg_orders.sql", "as amount", "as total")
    (finding,) = told(planned(shop))
    assert (finding.code, finding.blocking) == ("lineage.not-returned", True)


def test_a_rule_that_reads_what_is_not_promised_blocks(shop: SmallMesh) -> None:
    shop.edit(REVENUE_CONTRACT, "sum(orders)", "sum(order_count)")
    assert findings(planned(shop)) == ["version.too-small", "contract.cannot-run"]


def test_a_unit_test_that_cannot_run_blocks_where_its_product_changes(mesh: SmallMesh) -> None:
    said = "{name: one, model: revenue, given: [], expect: {rows: []}}"
    mesh.write(f"{REVENUE}/unit_tests.yml", f"unit_tests: [{said}]\n")
    release_all(mesh)
    assert planned(mesh).findings == ()
    mesh.edit(f"{REVENUE}/revenue.sql", "group by", "where amount > 0\ngroup by")
    (finding,) = told(planned(mesh))
    assert (finding.code, finding.blocking) == ("lineage.unit-test", True)
