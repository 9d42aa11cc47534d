"""The maturity model: what it may say, and what each of its words counts."""

from __future__ import annotations

from importlib import resources
from typing import Any

import pytest
import yaml

from mesh_platform import governance
from mesh_platform.governance.compliance import Tally
from mesh_platform.governance.maturity import Evidence, Maturity, maturity
from mesh_platform.governance.maturity_model import MaturityModel, read_maturity_model

PRODUCT: dict[str, Any] = {
    "kind": "DataProduct",
    "apiVersion": "v1.1.0",
    "status": "active",
    "description": {"purpose": "Orders of the shop."},
    "outputPorts": [
        {"name": "orders", "contractId": "shop/orders", "sbom": [{"url": "x"}]},
        {"name": "items", "contractId": "shop/items", "tags": ["new"]},
    ],
    "team": {
        "members": [
            {"username": "ada", "dateOut": "2026-01-01", "replacedByUsername": "bob"},
            {"username": "bob"},
        ]
    },
}
CONTRACTS: dict[str, dict[str, Any]] = {
    "shop/orders": {
        "status": "active",
        "schema": [
            {
                "name": "orders",
                "properties": [
                    {"name": "id", "description": "Number.", "primaryKey": True},
                    {"name": "amount", "description": ""},
                    {"name": "state"},
                    {"name": "at", "description": "When."},
                ],
                "quality": [
                    {"dimension": "completeness"},
                    {"dimension": "completeness"},
                    {"dimension": "accuracy"},
                    {"dimension": "beauty"},
                ],
            }
        ],
    },
    "shop/items": {"status": "draft"},
}
COUNTED = {"port.grain": Tally(1), "column.named": Tally(3, 1), "rule.lost": Tally(0, 0, 0, 1)}


def model_of(*criteria: str, head: str = "", levels: str = "") -> str:
    told = "".join(f"      - {{id: L1-P0{n}, {words}}}\n" for n, words in enumerate(criteria))
    first = f"  - level: 1\n    name: Basic\n    description: Some.\n    criteria:\n{told}"
    return (
        "kind: MaturityModel\napiVersion: v0.2.0\nid: x\nstatus: active\n"
        f"{head}levels:\n{first}{levels}"
    )


def read(text: str) -> MaturityModel:
    codes = {*COUNTED, "port.other", "release.checks-ran"}
    model, findings = read_maturity_model(text, "maturity.yaml", codes)
    assert findings == []
    assert model is not None
    return model


def evaluated(text: str, product: dict[str, Any] | None = None) -> Maturity:
    measured = frozenset({*COUNTED, "port.other"})
    evidence = Evidence(product or PRODUCT, CONTRACTS, COUNTED, measured)
    return maturity(read(text), evidence)


PORTS = 'property: "outputPorts[].contractId"'
SCHEMA = "[DataContract].schema[]"
DESCRIBED = f'{PORTS}, arguments: {{relatesTo: "{SCHEMA}.properties[].description"}}'
STATUS = f'{PORTS}, arguments: {{relatesTo: "[DataContract].status"'
DIMENSION = f'{PORTS}, metric: rowCount, arguments: {{relatesTo: "{SCHEMA}.quality[].dimension"'
POLICY = "property: x, metric: invalidValues, customProperties: [{property: policy, value: %s}]"


@pytest.mark.parametrize(
    ("criterion", "met", "seen"),
    [
        ("property: kind, metric: validValues, mustBe: DataProduct", True, "DataProduct"),
        ("property: kind, metric: validValues, mustBe: [A, DataProduct]", True, "DataProduct"),
        ("property: kind, metric: validValues, mustNotBe: DataProduct", False, "DataProduct"),
        ("property: apiVersion, metric: validValues, mustBe: latest", True, "v1.1.0"),
        ("property: nothing, metric: validValues, mustBe: x", False, "nothing"),
        ("property: description.purpose, metric: nullValues, mustBe: 0", True, "0"),
        ("property: description.usage, metric: nullValues, mustBe: 0", False, "1"),
        ("property: outputPorts, metric: rowCount, mustBeGreaterOrEqualTo: 2", True, "2"),
        ('property: "outputPorts[]", metric: rowCount, mustBe: 2', True, "2"),
        ("property: inputPorts, metric: rowCount, mustBe: 0", True, "0"),
        ("property: outputPorts, metric: rowCount, mustBeBetween: [3, 5]", False, "2"),
        (
            'property: "outputPorts[]", metric: rowCount, arguments: {having: sbom}, '
            "mustBeGreaterOrEqualTo: 50, unit: percent",
            True,
            "50 %",
        ),
        (
            'property: "outputPorts[]", metric: rowCount, arguments: {anyOf: [sbom, tags]}, '
            "mustBe: 2",
            True,
            "2",
        ),
        (f"{DESCRIBED}, metric: nullValues, mustBeLessThan: 50, unit: percent", False, "50 %"),
        (f"{DESCRIBED}, metric: nullValues, mustBe: 2", True, "2"),
        (f"{STATUS}}}, metric: validValues, mustBe: active", False, "active, draft"),
        (
            f"{STATUS}, where: {{field: status, in: [active]}}}}, metric: rowCount, mustBe: 1",
            True,
            "1",
        ),
        (f"{DIMENSION}, distinct: true}}, mustBe: 3", True, "3"),
        (f"{DIMENSION}, validValues: [accuracy, completeness]}}, mustBe: 3", True, "3"),
        (
            DIMENSION.replace("rowCount", "invalidValues")
            + ", validValues: [accuracy, completeness]}, mustBe: 0",
            False,
            "1",
        ),
        (
            'property: "team.members[].replacedByUsername", metric: nullValues, mustBe: 0, '
            'arguments: {where: {field: "team.members[].dateOut", isNotNull: true}}',
            True,
            "0",
        ),
        (
            "property: anything, type: text, description: A person looks",
            True,
            "for a person to judge",
        ),
        (POLICY % "port.grain" + ", mustBe: 0", True, "port.grain: 0 open"),
        (POLICY % "column.named" + ", mustBe: 0", False, "column.named: 1 open"),
        (
            POLICY % "column.named" + ", mustBeLessOrEqualTo: 25, unit: percent",
            True,
            "column.named: 25 % open",
        ),
        (POLICY % "port.other" + ", mustBe: 0", True, "port.other: 0 open"),
        (POLICY % "rule.lost" + ", mustBe: 0", False, "rule.lost could not run"),
        (
            POLICY % "release.checks-ran" + ", mustBe: 0",
            False,
            "release.checks-ran was not measured",
        ),
    ],
)
def test_a_criterion_counts_what_its_words_say(criterion: str, met: bool, seen: str) -> None:
    found = evaluated(model_of(criterion))
    [answer] = found.answers
    assert (answer.met, answer.seen, found.level) == (met, seen, int(met))


SECOND = """\
  - level: 2
    name: Better
    description: More.
    criteria:
      - {id: L2-P01, property: description.usage, metric: nullValues, mustBe: 0}
      - {id: L2-P02, property: kind, metric: nullValues, mustBe: 0}
  - level: 3
    name: Best
    description: Most.
    criteria:
      - {id: L3-P01, property: kind, metric: nullValues, mustBe: 0}
"""
CAP = "policies:\n  - {id: POL-P01, property: status, arguments: {caps: {draft: 1, retired: 0}}}\n"
FIRST = "property: kind, metric: nullValues, mustBe: 0"


def test_levels_are_climbed_one_by_one_and_the_next_says_what_is_missing() -> None:
    found = evaluated(model_of(FIRST, levels=SECOND))
    assert (found.level, found.name, found.cap) == (1, "Basic", None)
    assert [answer.criterion.id for answer in found.missing] == ["L2-P01"]


def test_nothing_is_missing_at_the_top() -> None:
    product = PRODUCT | {"description": {"usage": "So."}}
    found = evaluated(model_of(FIRST, levels=SECOND), product)
    assert (found.level, found.name, found.missing) == (3, "Best", ())


@pytest.mark.parametrize(
    ("status", "level", "cap"),
    [
        ("active", 3, None),
        ("draft", 1, "status `draft` allows level 1 at most"),
        ("retired", 0, "status `retired` allows level 0 at most"),
    ],
)
def test_a_word_of_the_product_caps_its_level(status: str, level: int, cap: str | None) -> None:
    product = PRODUCT | {"status": status, "description": {"usage": "So."}}
    found = evaluated(model_of(FIRST, head=CAP, levels=SECOND), product)
    assert (found.level, found.cap) == (level, cap)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            model_of("property: kind, metric: nulValues, mustBe: 0"),
            "maturity.invalid maturity.yaml:10:38: `levels.0.criteria.0.metric`: `nulValues` is "
            "not one of the allowed words did you mean `nullValues` or ",
        ),
        (
            model_of("property: kind, metrik: nullValues, mustBe: 0"),
            "maturity.unknown-key maturity.yaml:10:38: `metrik` is not a key of a maturity file "
            "here did you mean `metric`?",
        ),
        (model_of("property: kind, mustBe: 0"), "`L1-P00` needs a `metric`"),
        (
            model_of("property: kind, metric: nullValues"),
            "`L1-P00` needs exactly one operator, as in `mustBe`",
        ),
        (
            model_of("property: kind, metric: nullValues, mustBe: none"),
            "`L1-P00` counts, and compares with what is no number",
        ),
        (
            model_of("property: kind, metric: invalidValues, mustBe: 0"),
            "`L1-P00` needs `arguments.validValues`",
        ),
        (
            model_of("property: kind, metric: validValues, mustBeLessThan: 3"),
            "`L1-P00` compares a word: write `mustBe` or `mustNotBe`",
        ),
        (
            model_of(POLICY % "port.grian" + ", mustBe: 0"),
            "maturity.unknown-policy maturity.yaml:10:58: `L1-P00` asks for a policy that does not "
            "exist: `port.grian` did you mean `port.grain`?",
        ),
        (
            model_of(FIRST, levels=SECOND.replace("level: 3", "level: 4").replace("L3", "L4")),
            "levels are not numbered 1, 2, 3",
        ),
        (
            model_of(FIRST, levels=SECOND.replace("L2-P02", "L2-P01")),
            "`L2-P01` stands twice",
        ),
        (
            model_of(FIRST, levels=SECOND.replace("L2-P02", "L3-P02")),
            "criterion `L3-P02` stands in level 2",
        ),
        (
            model_of(
                'property: a, arguments: {relatesTo: "team.members"}, metric: rowCount, mustBe: 1'
            ),
            "`relatesTo` is followed into contracts only",
        ),
        (model_of(FIRST).replace("L1-P00", "P00"), "`P00` is no id of a criterion"),
        (model_of().replace("criteria:", "criteria: []"), "`criteria` is empty"),
        ("kind: MaturityModel\n", "`apiVersion` is missing"),
        ("- a\n", "the file must hold `key: value` pairs"),
    ],
)
def test_a_model_that_is_not_understood_is_a_finding_at_its_line(text: str, said: str) -> None:
    model, findings = read_maturity_model(text, "maturity.yaml", {"port.grain"})
    assert model is None
    told = [f"{f.code} {f.place}: {f.message} {f.fix or ''}" for f in findings]
    assert said in told[0]
    assert len(told) == (4 if text == "kind: MaturityModel\n" else 1), told


def test_the_model_that_comes_along_is_in_the_form_of_the_draft() -> None:
    text = (resources.files(governance) / "maturity.yaml").read_text(encoding="utf-8")
    data = yaml.safe_load(text)
    assert (data["kind"], data["apiVersion"]) == ("MaturityModel", "v0.2.0")
    assert [level["level"] for level in data["levels"]] == [1, 2, 3, 4, 5]
    keys = {"id", "property", "type", "metric", "arguments", "unit", "description"}
    keys |= {"mustBe", "mustBeGreaterOrEqualTo", "mustBeLessThan", "customProperties"}
    assert {key for level in data["levels"] for c in level["criteria"] for key in c} <= keys
