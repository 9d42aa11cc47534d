"""`waivers.yaml` is read strictly: what is not understood excuses nothing."""

from __future__ import annotations

from datetime import date

import pytest

from mesh_platform.governance.waivers import Waiver, read_waivers

GOOD = """\
waivers:
  - policy: column.classified
    port: orders
    column: amount
    reason: The law is being clarified.
    approver: privacy@example.com
    until: 2026-12-31
  - {policy: product.readme, reason: It is written., approver: Ada, until: 2026-07-01}
"""
FILE = "domains/sales/products/orders/waivers.yaml"


def read(text: str) -> tuple[tuple[Waiver, ...], list[str]]:
    waivers, findings = read_waivers(text, FILE, "sales", "sales/orders")
    assert all(finding.product == "sales/orders" for finding in findings)
    return waivers, [f"{f.place.line} {f.code}: {f.message}" for f in findings]


def test_entries_are_read_with_their_scope_and_place() -> None:
    (first, second), findings = read(GOOD)
    assert findings == []
    assert (first.policy, first.port, first.column) == ("column.classified", "orders", "amount")
    assert (first.until, first.product) == (date(2026, 12, 31), "sales/orders")
    assert str(first.place) == f"{FILE}:2:5"
    assert (str(first), str(second)) == ("`column.classified` at orders/amount", "`product.readme`")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("reason: The law", "resaon: The law", "`resaon` is not a key of a waiver file here"),
        ("    until: 2026-12-31\n", "", "`waivers.0.until` is missing"),
        ("until: 2026-12-31", "until: soon", "`waivers.0.until`: `soon`"),
        ("The law is being clarified.", "…", "`…` says nothing; write it in words"),
        (
            "approver: privacy@example.com",
            "approver: ''",
            "`waivers.0.approver`: an empty text says nothing",
        ),
        ("waivers:", "waiver:", "`waivers` is missing"),
    ],
)
def test_what_is_not_understood_is_a_finding_and_excuses_nothing(
    old: str, new: str, said: str
) -> None:
    waivers, findings = read(GOOD.replace(old, new, 1))
    assert waivers == ()
    assert any(said in finding for finding in findings), findings


def test_a_file_that_is_no_yaml_is_a_finding_at_its_line() -> None:
    waivers, [finding] = read("waivers:\n  - {policy: [}\n")
    assert waivers == ()
    assert finding.startswith("2 waiver.invalid: not valid YAML")
