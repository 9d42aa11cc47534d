from __future__ import annotations

from typing import Any

import pytest

from mesh_platform.errors import Place
from mesh_platform.model.contract import Contract
from mesh_platform.model.documents import read_document
from mesh_platform.model.odcs import read_contract
from mesh_platform.model.odcs_upgrade import upgraded
from tests.model.official import EXAMPLES
from tests.small_mesh import ORDERS, SmallMesh

FILE = f"{ORDERS}/orders.odcs.yaml"
ENUM = "        enum:\n          - value: open\n          - value: paid\n"


def _older(mesh: SmallMesh, version: str) -> None:
    """Write the contract as an earlier version of the standard says it."""
    mesh.edit(FILE, "v3.2.0", version)
    mesh.edit(FILE, ENUM, "")
    if version.startswith("v3.0"):
        mesh.edit(FILE, "metric: rowCount", "rule: rowCount")


def _said(mesh: SmallMesh) -> tuple[Contract | None, list[str]]:
    contract, findings = read_contract(mesh.path(FILE), FILE)
    return contract, [f"{f.severity} {f.code} {f.place.line}: {f.message}" for f in findings]


def _note(version: str) -> str:
    return (
        f"warning upgrade.version 1: the contract is written for ODCS {version} and read as v3.2.0"
    )


@pytest.mark.parametrize("version", ["v3.0.0", "v3.0.1", "v3.0.2", "v3.1.0"])
def test_contracts_of_every_supported_version_of_the_standard_are_read(
    mesh: SmallMesh, version: str
) -> None:
    _older(mesh, version)
    contract, said = _said(mesh)
    assert contract is not None
    assert contract.rules[0].metric == "rowCount"
    assert said == [_note(version)]


@pytest.mark.parametrize("version", ["v3.0.2", "v3.1.0"])
def test_a_key_of_a_later_version_is_refused_and_says_so(mesh: SmallMesh, version: str) -> None:
    _older(mesh, version)
    mesh.edit(FILE, "- name: status\n", f"- name: status\n{ENUM}")
    _, (finding,) = read_contract(mesh.path(FILE), FILE)
    assert str(finding) == (
        f"`enum` is not a key of the contract standard (ODCS {version}) here\n"
        f"  at: {FILE}:{mesh.line(FILE, 'enum:')}:9  [contract.unknown-key]\n"
        "  try: v3.2.0 brought it: write `apiVersion: v3.2.0`"
    )


@pytest.mark.parametrize("version", ["v3.2.1", "v4.0.0", "3.2.0", "12", "[v3.2.0]", "null"])
def test_a_version_that_nobody_knows_is_refused(mesh: SmallMesh, version: str) -> None:
    mesh.edit(FILE, "v3.2.0", version)
    contract, said = _said(mesh)
    assert contract is None
    assert all(text.startswith("error contract.invalid 1: `apiVersion`: ") for text in said)
    assert said


def test_a_version_before_3_is_valid_by_name_and_not_read(mesh: SmallMesh) -> None:
    mesh.edit(FILE, "v3.2.0", "v2.2.2")
    assert _said(mesh) == (
        None,
        ["error contract.api-version 1: the version `v2.2.2` of the contract standard is not read"],
    )


RULES = [
    ("rule: duplicateCount; mustBe: 0", "duplicateValues", {}, "must be 0"),
    (
        "rule: validValues; validValues: [a, b]",
        "invalidValues",
        {"validValues": ["a", "b"]},
        "must be 0",
    ),
    ("rule: nullCheck", "nullValues", {}, "must be 0"),
]


@pytest.mark.parametrize(("text", "metric", "arguments", "threshold"), RULES)
def test_a_rule_of_3_0_is_said_as_a_metric(
    mesh: SmallMesh, text: str, metric: str, arguments: dict[str, Any], threshold: str
) -> None:
    _older(mesh, "v3.0.2")
    lines = "".join(f"            {line}\n" for line in text.split("; "))
    mesh.edit(
        FILE, "- name: status\n", f"- name: status\n        quality:\n          - name: q\n{lines}"
    )
    contract, said = _said(mesh)
    assert said == [_note("v3.0.2")]
    assert contract is not None
    (rule,) = contract.columns[3].rules
    assert (rule.metric, rule.arguments, str(rule.threshold)) == (metric, arguments, threshold)


def test_what_3_2_cannot_say_is_an_error_at_the_file_s_own_line(mesh: SmallMesh) -> None:
    _older(mesh, "v3.0.2")
    mesh.edit(FILE, "rule: rowCount", "rule: freshness")
    assert _said(mesh) == (
        None,
        [
            _note("v3.0.2"),
            f"error upgrade.invalid {mesh.line(FILE, 'rule: freshness')}:"
            " `schema.orders.quality.some_orders.metric`:"
            " `freshness` is not one of the allowed words",
        ],
    )


def test_a_key_that_3_0_let_pass_is_not_read_and_says_so(mesh: SmallMesh) -> None:
    _older(mesh, "v3.0.2")
    mesh.edit(FILE, "rule: rowCount", "rule: rowCount\n        toolName: soda")
    contract, said = _said(mesh)
    assert contract is not None
    assert said == [
        _note("v3.0.2"),
        f"warning upgrade.unknown-key {mesh.line(FILE, 'toolName')}:"
        " `toolName` is not a key of ODCS v3.2.0 here",
    ]


@pytest.mark.parametrize("version", ["3.0", "3.1"])
def test_a_contract_with_every_field_says_the_same_in_the_newest_words(version: str) -> None:
    file = f"complete-{version}.odcs.yaml"
    document = read_document(EXAMPLES / file, file)
    newer, _ = upgraded(document)
    assert newer.text == document.text
    assert newer.data["apiVersion"] == "v3.2.0"
    assert newer.data["customProperties"] == document.data["customProperties"]
    assert newer.data["slaProperties"][1]["element"] == "orders.day"
    assert "slaDefaultElement" not in newer.data
    assert isinstance(newer.data["team"], dict)


def test_bounds_instants_and_team_of_3_0_are_said_anew() -> None:
    document = read_document(EXAMPLES / "complete-3.0.odcs.yaml", "c.yaml")
    columns = document.data["schema"][0]["properties"]
    day = next(column for column in columns if column["name"] == "day")
    day["logicalTypeOptions"]["format"] = "yyyy-MM-dd'T'HH:mm"
    newer, _ = upgraded(document)
    new = {column["name"]: column for column in newer.data["schema"][0]["properties"]}
    assert new["day"]["logicalType"] == "timestamp"
    assert new["day"]["logicalTypeOptions"] == {
        "format": "yyyy-MM-dd'T'HH:mm",
        "exclusiveMinimum": "2020-01-01",
        "maximum": "2030-12-31",
    }
    line = document.place(("team", 0, "username")).line
    assert newer.place(("team", "members", 0, "username")) == Place("c.yaml", line, 6)
