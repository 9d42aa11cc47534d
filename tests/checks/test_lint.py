from __future__ import annotations

from typing import Any

import pytest

from mesh_platform.checks.lint import findings, promise_findings
from mesh_platform.model.loader import load_mesh
from tests.checks.promises import column, contract, rule
from tests.small_mesh import REVENUE, SmallMesh


def _said(*columns: dict[str, Any], **more: Any) -> list[tuple[str, str, str, str]]:
    known = {("other", "things"): contract(column("a"), name="things")}
    found = findings(contract(*columns, **more), known)
    return [(item.code, item.severity, item.message, str(item.place)) for item in found]


def _sql(query: str, **more: Any) -> dict[str, Any]:
    return {"name": "it", "type": "sql", "query": query, "mustBe": 0, **more}


def test_a_contract_whose_checks_can_all_run_has_no_finding() -> None:
    query = "select count(*) from ${object} join other.things using (a)"
    linked = column("a", required=True, quality=[_sql(query)], relationships=[{"to": "things.a"}])
    assert _said(linked) == []


@pytest.mark.parametrize("kind", ["DECIMAL(39,2)", "integre"])
def test_a_type_that_does_not_exist_is_corrected_itself_not_one_of_two(kind: str) -> None:
    found = findings(contract(column("a", physicalType=kind)), {})
    assert [item.fix for item in found] == ["correct it"]


def test_two_types_that_contradict_each_other_are_brought_to_agree() -> None:
    typed = column("a", logicalType="date", physicalType="DOUBLE")
    (found,) = findings(contract(typed), {})
    assert found.fix == "correct one of the two, so that they agree"


def test_a_rule_of_another_tool_withholds_releases_only_where_it_says_so() -> None:
    entry = {"type": "custom", "engine": "soda", "implementation": "checks: x"}
    ((code, severity, message, _),) = _said(column("a", quality=[entry]))
    assert (code, severity) == ("contract.cannot-run", "error")
    assert message.startswith("check `a_custom` cannot run: the engine `soda` does not run here; ")
    ((_, severity, _, _),) = _said(column("a", quality=[{**entry, "severity": "info"}]))
    assert severity == "warning"


@pytest.mark.parametrize("severity", ["error", "warning"])
def test_sql_that_reaches_outside_never_runs_and_blocks_as_its_severity_says(severity: str) -> None:
    entry = _sql("select count(*) from read_csv('x')", severity=severity)
    assert _said(column("a", quality=[entry])) == [
        (
            "contract.cannot-run",
            severity,
            "check `it` cannot run: the rule calls `read_csv`, "
            "which reaches outside the data it may read",
            "port.odcs.yaml:9:28",
        )
    ]


def test_a_rule_on_a_missing_column_is_found_without_data() -> None:
    arguments = {"properties": ["b"]}
    entry = rule(name="it", metric="nullValues", mustBe=0, arguments=arguments)
    [(code, severity, message, place)] = _said(column("a"), rules=(entry,))
    assert (code, severity, place) == ("contract.cannot-run", "error", "port.odcs.yaml:7:46")
    assert message == "check `it` cannot run: the contract has no column `b`; known: `a`"


def test_a_foreign_key_to_an_undeclared_port_is_found_without_data() -> None:
    [(_, severity, message, _)] = _said(column("a", relationships=[{"to": "nothing.a"}]))
    assert severity == "error"
    assert message == (
        "check `a_foreign_key` cannot run: `nothing.a` is in no table that the product can read; "
        "add its port to `inputPorts`, or correct the reference"
    )


def test_an_unknown_format_is_a_warning() -> None:
    promise = {"logicalType": "string", "logicalTypeOptions": {"format": "iban"}}
    [(_, severity, message, _)] = _said(column("a", **promise))
    assert severity == "warning"
    assert message == (
        "check `a_format` cannot run: the platform does not know the format `iban`; "
        "write a `pattern`"
    )


@pytest.mark.parametrize("physical", ["VARCHAR", "TEXT"])
def test_what_is_inside_a_text_cannot_be_checked(physical: str) -> None:
    inside = {"logicalType": "object", "properties": [column("x", required=True), column("y")]}
    ((code, severity, message, _),) = _said(column("a", physicalType=physical, **inside))
    assert (code, severity) == ("contract.cannot-run", "error")
    assert message == (
        "check `a_x_required` cannot run: "
        "`a` is kept as VARCHAR, so nothing inside it can be checked"
    )
    assert _said(column("a", **inside)) == []


def _found_in_report(mesh: SmallMesh) -> list[str]:
    loaded = load_mesh(mesh.root)
    product = loaded.product("report/revenue")
    found = promise_findings(loaded, product, product.ports[0].contract)
    return [str(finding) for finding in found]


def test_a_finding_on_a_promise_names_its_product(mesh: SmallMesh) -> None:
    promise = f"{REVENUE}/revenue.odcs.yaml"
    assert _found_in_report(mesh) == []
    mesh.edit(promise, "from shop.orders)", "from read_csv('orders.csv'))")
    assert _found_in_report(mesh) == [
        "report/revenue: check `no_order_lost` cannot run: the rule calls `read_csv`, "
        "which reaches outside the data it may read\n"
        f"  at: {promise}:{mesh.line(promise, '- name: no_order_lost')}:9  [contract.cannot-run]"
    ]


def test_rules_are_not_blamed_for_an_input_port_that_nobody_offers(mesh: SmallMesh) -> None:
    mesh.edit(f"{REVENUE}/product.odps.yaml", "contractId: shop/orders", "contractId: shop/order")
    assert _found_in_report(mesh) == []
