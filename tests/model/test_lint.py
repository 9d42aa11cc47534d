from __future__ import annotations

import pytest

from mesh_platform.model.odcs import read_contract
from tests.small_mesh import ORDERS, SmallMesh

FILE = f"{ORDERS}/orders.odcs.yaml"
RULE = "        metric: rowCount\n        mustBeGreaterThan: 0\n"
AMOUNT = "        logicalTypeOptions:\n          minimum: 0\n"
STATUS = "        enum:\n          - value: open\n          - value: paid\n"


def _said(mesh: SmallMesh) -> list[str]:
    """Each finding as `severity code line: message`; an error leaves no contract."""
    contract, findings = read_contract(mesh.path(FILE), FILE)
    assert (contract is None) == any(finding.blocking for finding in findings)
    assert all(finding.place.line and finding.place.column for finding in findings)
    assert all(finding.fix for finding in findings)
    return [f"{f.severity} {f.code} {f.place.line}: {f.message}" for f in findings]


def _rule(mesh: SmallMesh, text: str) -> None:
    """Replace what the first rule counts and compares."""
    lines = "".join(f"        {line}\n" for line in text.split("; "))
    mesh.edit(FILE, f"        type: library\n{RULE}", lines)


RULES = [
    (
        "metric: nullValues; arguments: {properties: [amuont]}; mustBe: 0",
        "amuont",
        "error contract.rule-column @: the rule measures `amuont`,"
        " which is no column of the contract",
    ),
    (
        "metric: duplicateValues; mustBe: 0",
        "- name: some_orders",
        "error contract.rule-columns @: `duplicateValues` does not say which columns it measures",
    ),
    (
        "metric: nullValues; arguments: {properties: amount}; mustBe: 0",
        "properties: amount",
        "error contract.rule-columns @: `properties` is not a list of columns",
    ),
    (
        "type: sql; query: 'select count(*) from ${object} where ${property} < 0'; mustBe: 0",
        "query: 'select",
        "error contract.rule-column @: `${property}` stands for a column,"
        " but the rule is written at the table",
    ),
    (
        "metric: invalidValues; arguments: {properties: [amount]}; mustBe: 0",
        "- name: some_orders",
        "error contract.rule-arguments @: `invalidValues` does not say which values are valid",
    ),
    (
        "metric: invalidValues; arguments: {properties: [amount], validValues: 3}; mustBe: 0",
        "validValues: 3",
        "error contract.rule-arguments @: `validValues` is not a list of values",
    ),
    (
        "metric: invalidValues; arguments: {properties: [status], pattern: 5}; mustBe: 0",
        "pattern",
        "error contract.rule-arguments @: `pattern` is not text",
    ),
    (
        "metric: nullValues; arguments: {properties: [amount], most: 3}; mustBe: 0",
        "most: 3",
        "warning contract.unknown-argument @: `nullValues` does not use the argument `most`",
    ),
    (
        "metric: nullValues; arguments: {properties: [amount]}; mustBe: 0; unit: percentage",
        "unit: percentage",
        "error contract.unit @: the unit `percentage` is not one of rows, percent",
    ),
    (
        "metric: nullValues; arguments: {properties: [amount]}; unit: percent; mustBeLessThan: 140",
        "140",
        "error contract.percent @: `mustBeLessThan` 140 is not a percentage",
    ),
    (
        "metric: nullValues; arguments: {properties: [amount]}; unit: percent;"
        " mustBeBetween: [-1, 5]",
        "[-1, 5]",
        "error contract.percent @: `mustBeBetween` -1 is not a percentage",
    ),
    (
        "metric: rowCount; unit: percent; mustBeGreaterThan: 5",
        "unit: percent",
        "error contract.unit @: a number of rows has no percentage",
    ),
    (
        "type: sql; query: select 1; mustBe: 1; unit: days",
        "unit: days",
        "warning contract.unit @: the unit `days` is not one of rows, percent",
    ),
    (
        "severity: error; method: by hand",
        "- name: some_orders",
        "error contract.no-metric @: the rule does not say what it counts",
    ),
    (
        "metric: rowCount; mustBe: many",
        "mustBe: many",
        "error contract.threshold @: `mustBe` needs a number",
    ),
    (
        f"metric: rowCount; mustBe: 1{'0' * 400}",
        "mustBe: 1",
        "error contract.threshold @: `mustBe` needs a number",
    ),
]


@pytest.mark.parametrize(("text", "line", "said"), RULES)
def test_a_rule_that_cannot_be_judged_is_said_at_its_line(
    mesh: SmallMesh, text: str, line: str, said: str
) -> None:
    mesh.edit(FILE, "        severity: error\n        type: library", "        type: library")
    _rule(mesh, text)
    assert _said(mesh) == [said.replace("@", str(mesh.line(FILE, line)))]


def test_a_sql_rule_at_a_column_may_name_it(mesh: SmallMesh) -> None:
    query = "select count(*) from ${object} where ${property} is null"
    rule = f"        quality:\n          - {{type: sql, query: '{query}', mustBe: 0}}\n"
    mesh.edit(FILE, STATUS, STATUS + rule)
    assert _said(mesh) == []


def test_two_rules_of_one_name_are_a_warning_at_the_second(mesh: SmallMesh) -> None:
    line = mesh.line(FILE, "name: no_single_customer")
    mesh.edit(FILE, "name: no_single_customer", "name: some_orders")
    assert _said(mesh) == [
        f"warning contract.duplicate-rule {line}: two rules are called `some_orders`"
    ]


def test_two_rules_whose_checks_would_be_called_alike_are_named_both(mesh: SmallMesh) -> None:
    mesh.edit(FILE, "name: no_single_customer", "name: some-orders")
    line = mesh.line(FILE, "name: some-orders")
    [said] = _said(mesh)
    assert said == (
        f"warning contract.duplicate-rule {line}: the rules `some_orders` and `some-orders` would"
        " both give the check `some_orders`: only letters, digits and `_` stand in its name"
    )


def test_an_unknown_dimension_is_the_schema_s_word(mesh: SmallMesh) -> None:
    mesh.edit(
        FILE, "        metric: rowCount", "        dimension: correct\n        metric: rowCount"
    )
    line = mesh.line(FILE, "dimension: correct")
    assert _said(mesh) == [
        f"error contract.invalid {line}: `schema.orders.quality.some_orders.dimension`:"
        " `correct` is not one of the allowed words"
    ]


OPTIONS = [
    (
        "minimum: 5, maximum: 1",
        "error",
        "contradiction",
        "no value can be kept: minimum 5, maximum 1",
    ),
    (
        "exclusiveMinimum: 5, maximum: 5",
        "error",
        "contradiction",
        "no value can be kept: exclusiveMinimum 5, maximum 5",
    ),
    (
        "minimum: 5, exclusiveMinimum: 5",
        "warning",
        "two-bounds",
        "minimum 5 and exclusiveMinimum 5 bound one side",
    ),
]


@pytest.mark.parametrize(("options", "severity", "code", "said"), OPTIONS)
def test_bounds_that_contradict_are_found(
    mesh: SmallMesh, options: str, severity: str, code: str, said: str
) -> None:
    mesh.edit(FILE, AMOUNT, f"        logicalTypeOptions: {{{options}}}\n")
    line = mesh.line(FILE, "logicalTypeOptions")
    assert _said(mesh) == [f"{severity} contract.{code} {line}: {said}"]


@pytest.mark.parametrize("options", ["minimum: 5, maximum: 5", "exclusiveMinimum: 4, maximum: 5"])
def test_bounds_that_one_value_keeps_are_fine(mesh: SmallMesh, options: str) -> None:
    mesh.edit(FILE, AMOUNT, f"        logicalTypeOptions: {{{options}}}\n")
    assert _said(mesh) == []


TEXTS = [
    ("minLength: 9, maxLength: 2", "no value can be kept: minLength 9, maxLength 2"),
]


@pytest.mark.parametrize(("options", "said"), TEXTS)
def test_options_of_a_text_are_held_against_each_other(
    mesh: SmallMesh, options: str, said: str
) -> None:
    mesh.edit(FILE, STATUS, f"        logicalTypeOptions: {{{options}}}\n")
    (finding,) = _said(mesh)
    assert finding.endswith(said)


ENUMS = [
    ("[{value: 1}]", "", "the allowed value `1` is not of the type string"),
    ("[{value: true}]", "", "the allowed value `true` is not of the type string"),
    ("[{value: open}]", "{maxLength: 3}", "the allowed value `open` is longer than maxLength 3"),
    ("[{value: o}]", "{minLength: 3}", "the allowed value `o` is shorter than minLength 3"),
]


@pytest.mark.parametrize(("enum", "options", "said"), ENUMS)
def test_an_allowed_value_that_the_column_refuses_is_an_error(
    mesh: SmallMesh, enum: str, options: str, said: str
) -> None:
    more = f"        logicalTypeOptions: {options}\n" if options else ""
    mesh.edit(FILE, STATUS, f"        enum: {enum}\n{more}")
    assert _said(mesh) == [f"error contract.enum-value {mesh.line(FILE, 'enum:')}: {said}"]


def test_an_allowed_number_outside_its_bounds_is_an_error(mesh: SmallMesh) -> None:
    mesh.edit(
        FILE, AMOUNT, f"{AMOUNT}        enum: [{{value: -1.5}}, {{value: 2}}, {{value: null}}]\n"
    )
    assert _said(mesh) == [
        f"error contract.enum-value {mesh.line(FILE, 'enum: [')}:"
        " the allowed value `-1.5` is below the minimum `0`"
    ]


def test_a_value_allowed_twice_is_a_warning(mesh: SmallMesh) -> None:
    mesh.edit(FILE, "          - value: paid\n", "          - {value: open, label: again}\n")
    assert _said(mesh) == [
        f"warning contract.enum-twice {mesh.line(FILE, 'again')}: the value `open` is allowed twice"
    ]


def test_a_very_long_name_is_a_warning(mesh: SmallMesh) -> None:
    mesh.edit(FILE, "- name: amount", f"- name: {'x' * 300}")
    assert _said(mesh) == [
        f"warning contract.long-name {mesh.line(FILE, 'xxxx')}:"
        f" the column name `{'x' * 29}…` is 300 bytes long"
    ]


@pytest.mark.parametrize("name", ['""', '" "', '"a\\nb"'])
def test_a_name_that_cannot_be_shown_is_an_error(mesh: SmallMesh, name: str) -> None:
    mesh.edit(FILE, "- name: amount", f"- name: {name}")
    assert [said.split(": ")[1] for said in _said(mesh)] == [
        "the name of a column is empty or cannot be shown"
    ]


def test_columns_that_differ_only_in_case_are_an_error(mesh: SmallMesh) -> None:
    mesh.edit(FILE, "- name: amount", "- name: Customer")
    assert _said(mesh) == [
        f"error contract.duplicate-column {mesh.line(FILE, 'Customer')}:"
        " columns `customer` and `Customer` differ only in case"
    ]


def test_a_column_without_any_type_is_a_warning_and_one_with_a_physical_type_is_fine(
    mesh: SmallMesh,
) -> None:
    mesh.edit(FILE, "        logicalType: integer\n", "")
    assert _said(mesh) == []
    mesh.edit(FILE, "        physicalType: INTEGER\n", "")
    assert _said(mesh) == [
        f"warning contract.no-type {mesh.line(FILE, '- name: order_id')}:"
        " column `order_id` has no type: any will do"
    ]


KEYS = [
    ("primaryKeyPosition: 1", "primaryKeyPosition: 2", "the position 2 leaves a gap in a key of 1"),
    (
        "        primaryKey: true\n",
        "",
        "the column has a position in the key, but is not part of it",
    ),
]


@pytest.mark.parametrize(("old", "new", "said"), KEYS)
def test_positions_of_the_key_have_no_gaps(mesh: SmallMesh, old: str, new: str, said: str) -> None:
    mesh.edit(FILE, old, new)
    assert _said(mesh) == [
        f"warning contract.key-position {mesh.line(FILE, 'primaryKeyPosition')}: {said}"
    ]


def test_two_columns_at_one_position_of_the_key_are_warned_of(mesh: SmallMesh) -> None:
    key = "        primaryKey: true\n        primaryKeyPosition: 1\n"
    mesh.edit(FILE, "- name: status\n", f"- name: status\n{key}")
    said = _said(mesh)
    assert len(said) == 2
    assert all(text.endswith("two columns are number 1 of the key") for text in said)


EXAMPLES = [("[1, 2.5, '3', null]", []), ("[2, cheap]", ["cheap"]), ("[true]", ["true"])]


@pytest.mark.parametrize(("written", "wrong"), EXAMPLES)
def test_an_example_of_another_type_is_a_warning(
    mesh: SmallMesh, written: str, wrong: list[str]
) -> None:
    mesh.edit(FILE, AMOUNT, f"{AMOUNT}        examples: {written}\n")
    line = mesh.line(FILE, "examples:")
    assert _said(mesh) == [
        f"warning contract.example {line}: the example `{value}` is not of the type number"
        for value in wrong
    ]
