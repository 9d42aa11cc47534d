from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from mesh_platform.errors import MeshError, Place
from mesh_platform.model.contract import Contract, Operator, Severity, Threshold
from mesh_platform.model.odcs import read_contract
from tests.small_mesh import ORDERS, SmallMesh

FILE = f"{ORDERS}/orders.odcs.yaml"


def _read(mesh: SmallMesh) -> Contract:
    contract, findings = read_contract(mesh.path(FILE), FILE)
    assert findings == []
    assert contract is not None
    return contract


def _refused(mesh: SmallMesh) -> list[str]:
    contract, findings = read_contract(mesh.path(FILE), FILE)
    assert contract is None
    return [str(finding) for finding in findings]


def test_a_contract_is_read_whole(mesh: SmallMesh) -> None:
    contract = _read(mesh)
    assert (contract.id, contract.version, contract.status) == ("shop/orders", "1.0.0", "active")
    assert contract.table == "orders"
    assert contract.purpose == "Every order of the shop."
    assert contract.granularity == "One row per order."
    assert contract.schedule == "0 5 * * *"
    assert contract.key == ("order_id",)
    assert [column.name for column in contract.columns] == [
        "order_id",
        "customer",
        "amount",
        "status",
    ]
    assert contract.columns[3].enum == ("open", "paid")
    assert contract.columns[2].options == {"minimum": 0}
    assert contract.columns[1].classification == "restricted"
    assert contract.digest == hashlib.sha256(mesh.read(FILE).encode()).hexdigest()


def test_a_rule_keeps_its_severity_threshold_and_place(mesh: SmallMesh) -> None:
    first, second = _read(mesh).rules
    assert (first.name, first.metric, first.severity) == (
        "some_orders",
        "rowCount",
        Severity.ERROR,
    )
    assert first.threshold == Threshold(operator=Operator.GREATER, operands=(0.0,))
    assert first.place == Place(FILE, mesh.line(FILE, "some_orders"), 9)
    assert second.severity is Severity.WARNING


def test_the_physical_name_is_the_name_of_table_and_column(mesh: SmallMesh) -> None:
    mesh.edit(FILE, "  - name: orders\n", "  - name: orders\n    physicalName: ord\n")
    mesh.edit(FILE, "- name: status\n", "- name: status\n        physicalName: state\n")
    contract = _read(mesh)
    assert (contract.table, contract.columns[3].name) == ("ord", "state")


def test_the_key_follows_its_positions(mesh: SmallMesh) -> None:
    mesh.edit(FILE, "primaryKeyPosition: 1", "primaryKeyPosition: 2")
    mesh.edit(
        FILE,
        "- name: status\n",
        "- name: status\n        primaryKey: true\n        primaryKeyPosition: 1\n",
    )
    assert _read(mesh).key == ("status", "order_id")


def test_a_wrong_key_is_named_with_its_line_and_the_right_one(mesh: SmallMesh) -> None:
    mesh.edit(FILE, "        required: true", "        requird: true")
    line = mesh.line(FILE, "requird")
    assert _refused(mesh) == [
        "`requird` is not a key of the contract standard (ODCS) here\n"
        f"  at: {FILE}:{line}:9  [contract.unknown-key]\n"
        "  try: did you mean `required` or `query`?"
    ]


@pytest.mark.parametrize("cut", ["if there is one", "number"])
def test_a_text_that_a_comma_cuts_needs_quotes(mesh: SmallMesh, cut: str) -> None:
    column = f"{{name: note, logicalType: string, description: A note, {cut}}}"
    mesh.edit(FILE, "      - name: status\n", f"      - {column}\n      - name: status\n")
    at = f"{FILE}:{mesh.line(FILE, 'A note')}:{len('      - ') + column.index(cut) + 1}"
    assert _refused(mesh) == [
        f"`{cut}` is not a key of the contract standard (ODCS) here\n"
        f"  at: {at}  [contract.unknown-key]\n"
        "  try: between `{` and `}` a comma ends a text: put the whole text in quotes"
    ]


def test_two_wrong_keys_are_two_findings(mesh: SmallMesh) -> None:
    mesh.edit(FILE, "        required: true", "        requird: true")
    mesh.edit(FILE, "status: active", "statuss: active")
    assert len(_refused(mesh)) == 2


def test_a_wrong_value_is_named_with_its_line(mesh: SmallMesh) -> None:
    mesh.edit(FILE, "        required: true", "        required: often")
    (said,) = _refused(mesh)
    assert said == (
        "`schema.orders.properties.order_id.required`: `often` is not a boolean\n"
        f"  at: {FILE}:{mesh.line(FILE, 'often')}:9  [contract.invalid]\n"
        "  try: write `true` or `false`"
    )


def test_a_missing_id_is_said(mesh: SmallMesh) -> None:
    mesh.edit(FILE, "id: shop/orders\n", "")
    assert _refused(mesh) == [
        f"the file: `id` is missing\n  at: {FILE}:1:1  [contract.missing-key]\n  try: add `id:`"
    ]


def test_a_column_promised_twice_is_an_error_at_the_second(mesh: SmallMesh) -> None:
    mesh.edit(FILE, "- name: status", "- name: customer")
    lines = mesh.read(FILE).splitlines()
    second = max(n for n, line in enumerate(lines, 1) if "- name: customer" in line)
    assert _refused(mesh) == [
        "column `customer` is promised twice\n"
        f"  at: {FILE}:{second}:9  [contract.duplicate-column]\n"
        "  try: remove one of the two entries"
    ]


def test_a_contract_of_two_tables_is_refused(mesh: SmallMesh) -> None:
    mesh.edit(FILE, "slaProperties:", "  - name: more\nslaProperties:")
    assert _refused(mesh) == [
        "a port's contract describes exactly one table, this one describes 2\n"
        f"  at: {FILE}:{mesh.line(FILE, 'schema:')}:1  [contract.one-table]\n"
        "  try: give each output port its own contract file"
    ]


def test_a_contract_without_columns_is_refused(mesh: SmallMesh) -> None:
    text = mesh.read(FILE)
    start, end = text.index("    properties:"), text.index("slaProperties:")
    mesh.write(FILE, text[:start] + text[end:])
    assert [said.splitlines()[0] for said in _refused(mesh)] == ["the contract promises no column"]


def test_an_unknown_severity_is_refused(mesh: SmallMesh) -> None:
    mesh.edit(FILE, "severity: warning", "severity: fatal")
    assert _refused(mesh) == [
        "severity `fatal` is not one of error, warning, info\n"
        f"  at: {FILE}:{mesh.line(FILE, 'fatal')}:9  [contract.unknown-severity]\n"
        "  try: use `error` to withhold the release, `warning` to show the problem"
    ]


def test_info_is_shown_and_does_not_block(mesh: SmallMesh) -> None:
    mesh.edit(FILE, "severity: warning", "severity: info")
    assert _read(mesh).rules[1].severity is Severity.WARNING


BAD_RULES = [
    ("mustBeGreaterThan: 0", "mustBeBetween: many"),
    ("mustBeGreaterThan: 0", "mustBeBetween: [1]"),
    ("mustBeGreaterThan: 0", "mustBeBetween: [1, 2, 3]"),
    ("mustBeGreaterThan: 0", "mustBeBetween: [1, a]"),
    ("mustBeGreaterThan: 0", "mustBeGreaterThan: 0\n        mustBeLessThan: 2"),
    ("metric: rowCount", "metric: rowCounts"),
    ("metric: rowCount", "metrc: rowCount"),
]


@pytest.mark.parametrize(("old", "new"), BAD_RULES)
def test_a_rule_that_the_standard_does_not_know_is_refused_at_its_lines(
    mesh: SmallMesh, old: str, new: str
) -> None:
    mesh.edit(FILE, old, new)
    first, last = mesh.line(FILE, "- name: some_orders"), mesh.line(FILE, "no_single_customer")
    _, findings = read_contract(mesh.path(FILE), FILE)
    assert findings
    assert all(first <= (finding.place.line or 0) < last for finding in findings)


@pytest.mark.parametrize(("old", "new"), BAD_RULES)
def test_no_right_key_is_called_wrong(mesh: SmallMesh, old: str, new: str) -> None:
    mesh.edit(FILE, old, new)
    _, findings = read_contract(mesh.path(FILE), FILE)
    named = [f.message.split("`")[1] for f in findings if f.code == "contract.unknown-key"]
    assert named in ([], ["metrc"])


@pytest.mark.parametrize("operator", ["mustBeBetween", "mustNotBeBetween"])
def test_a_range_that_ends_before_it_starts_is_refused(mesh: SmallMesh, operator: str) -> None:
    mesh.edit(FILE, "mustBeGreaterThan: 0", f"{operator}: [9, 1]")
    assert len(_refused(mesh)) == 1


@pytest.mark.parametrize(
    ("operator", "operands", "holding", "broken"),
    [
        ("mustBe", (3,), [3], [2, 4]),
        ("mustNotBe", (3,), [2, 4], [3]),
        ("mustBeGreaterThan", (3,), [3.1], [3, 2]),
        ("mustBeGreaterOrEqualTo", (3,), [3, 4], [2.9]),
        ("mustBeLessThan", (3,), [2.9], [3, 4]),
        ("mustBeLessOrEqualTo", (3,), [3, 2], [3.1]),
        ("mustBeBetween", (1, 3), [1, 2, 3], [0.9, 3.1]),
        ("mustNotBeBetween", (1, 3), [0.9, 3.1], [1, 2, 3]),
    ],
)
def test_every_operator_holds_where_it_says(
    operator: str, operands: tuple[float, ...], holding: list[float], broken: list[float]
) -> None:
    threshold = Threshold(operator=Operator(operator), operands=operands)
    assert all(threshold.holds(seen) for seen in holding)
    assert not any(threshold.holds(seen) for seen in broken)


@pytest.mark.parametrize("operator", list(Operator))
def test_not_a_number_keeps_no_promise(operator: Operator) -> None:
    assert not Threshold(operator=operator, operands=(1.0, 2.0)).holds(float("nan"))


def test_a_threshold_says_itself_in_words() -> None:
    between = Threshold(operator=Operator.BETWEEN, operands=(10.0, 1e6))
    assert str(between) == "must be between 10 and 1,000,000"
    assert str(Threshold(operator=Operator.NOT_BETWEEN, operands=(0.5, 1.0))) == (
        "must not be between 0.5 and 1"
    )
    at_least = Threshold(operator=Operator.GREATER_OR_EQUAL, operands=(3.0,))
    assert str(at_least) == "must be greater or equal to 3"


def test_a_large_bound_is_said_in_full() -> None:
    assert str(Threshold(operator=Operator.GREATER, operands=(336_776.0,))) == (
        "must be greater than 336,776"
    )
    assert str(Threshold(operator=Operator.LESS, operands=(12_345_678.0,))) == (
        "must be less than 12,345,678"
    )


def test_a_contract_that_is_missing_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(MeshError, match=r"the file does not exist\n  at: x\.odcs\.yaml"):
        read_contract(tmp_path / "x.odcs.yaml", "x.odcs.yaml")


def test_a_rule_without_an_operator_is_named(mesh: SmallMesh) -> None:
    mesh.edit(FILE, "        mustBeGreaterThan: 0\n", "")
    said = _refused(mesh)
    assert "some_orders` does not say what must hold" in said[0]
    assert "add an operator, for instance `mustBe: 0`" in said[0]


def _with_rule(mesh: SmallMesh, *lines: str) -> list[str]:
    """What is said of a library rule at the column `status`."""
    entry = "".join(f"            {line}\n" for line in lines)
    column = "- name: status\n"
    mesh.edit(FILE, column, f"{column}        quality:\n          - type: library\n{entry}")
    return _refused(mesh)


@pytest.mark.parametrize("value", ["true", "soon"])
def test_a_limit_that_is_no_number_is_refused(mesh: SmallMesh, value: str) -> None:
    (said,) = _with_rule(mesh, "metric: nullValues", f"mustBe: {value}")
    assert said.startswith("`mustBe` needs a number\n")


NESTED = """\
      - name: lines
        logicalType: array
        items:
          logicalType: object
          properties:
            - name: price
              physicalName: prc
              logicalType: number
              relationships:
                - to: prices.price
      - name: names
        logicalType: map
        map:
          key: {logicalType: string}
          value: {logicalType: string, required: true}
      - name: day
        logicalType: date
        partitioned: true
        partitionKeyPosition: 2
      - name: total
        semanticType: measure
        logicalType: number
        transformLogic: sum(amount)
slaProperties:
"""


def test_columns_inside_columns_are_read(mesh: SmallMesh) -> None:
    mesh.edit(FILE, "slaProperties:\n", NESTED)
    lines, names, day = _read(mesh).columns[4:]
    assert lines.items is not None
    (price,) = lines.items.columns
    assert (price.name, price.logical_name, price.logical_type) == ("prc", "price", "number")
    assert price.place.line == mesh.line(FILE, "- name: price")
    ((target,),) = [relationship.target for relationship in price.relationships]
    assert (target.parts, target.by_id, target.file) == (("prices", "price"), False, None)
    assert names.key is not None
    assert names.value is not None
    assert (names.key.required, names.value.required) == (False, True)
    assert (day.partition_position, names.partition_position) == (2, None)


def test_a_measure_is_not_a_column_and_promises_nothing_of_its_own(mesh: SmallMesh) -> None:
    mesh.edit(FILE, "slaProperties:\n", NESTED)
    assert "total" not in [column.name for column in _read(mesh).columns]
    mesh.edit(FILE, "semanticType: measure\n", "semanticType: measure\n        required: true\n")
    line = mesh.line(FILE, "semanticType: measure") + 1
    assert _refused(mesh) == [
        "`total` is a measure, which is not stored: its `required` cannot be checked\n"
        f"  at: {FILE}:{line}:9  [contract.measure]\n"
        "  try: write an SQL rule at the table that computes it"
    ]


def test_a_rule_of_another_tool_keeps_what_the_tool_needs(mesh: SmallMesh) -> None:
    entry = (
        "      - name: theirs\n        type: custom\n        engine: soda\n"
        "        implementation: {checks: [row_count > 0]}\n    properties:\n"
    )
    mesh.edit(FILE, "    properties:\n", entry)
    rule = _read(mesh).rules[-1]
    assert (rule.engine, rule.implementation) == ("soda", {"checks": ["row_count > 0"]})
