from __future__ import annotations

import copy
import json
import sys
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mesh_platform.contract_diff.compare import (
    contract_changes,
    contract_text_changes,
    product_changes,
    product_text_changes,
)
from mesh_platform.contract_diff.documents import apply, differences
from mesh_platform.contract_diff.rules import CONTRACT_RULES
from mesh_platform.contract_diff.seen import seen
from mesh_platform.contract_diff.values import Change, Kind, Level, in_words
from mesh_platform.errors import MeshError
from tests.contract_diff.contracts import KEY, OFTEN, Document, contract

NAMES = st.sampled_from(["a", "b", "c", "d"])
WORDS = st.sampled_from(["x", "y", "public", "restricted", "INTEGER", "BIGINT", "24", "0 5 * * *"])
ANYTHING = st.none() | st.booleans() | st.integers(-3, 3) | WORDS


def some(**keys: st.SearchStrategy[Any]) -> st.SearchStrategy[Document]:
    """A mapping that has some of these keys."""
    return st.fixed_dictionaries({}, optional=keys)


def unique(entries: st.SearchStrategy[Document], key: str) -> st.SearchStrategy[list[Document]]:
    return st.lists(entries, max_size=3, unique_by=lambda entry: repr(entry.get(key)))


CUSTOM = st.lists(
    st.builds(lambda p, v: {"property": p, "value": v}, st.sampled_from(["unit", "x"]), ANYTHING),
    max_size=2,
)
RULES = unique(
    some(
        name=NAMES,
        type=st.sampled_from(["library", "sql", "text"]),
        metric=st.sampled_from(["rowCount", "nullValues"]),
        severity=st.sampled_from(["error", "warning"]),
        unit=st.sampled_from(["rows", "percent"]),
        query=st.sampled_from(["select 1", "SELECT 1", "select", "select 2"]),
        mustBe=st.integers(0, 3),
        mustBeBetween=st.lists(st.integers(0, 3), max_size=2),
        mustBeLessThan=st.integers(0, 3) | WORDS,
        arguments=some(properties=st.lists(NAMES, max_size=2), validValues=st.lists(ANYTHING)),
    ),
    "name",
)


def columns(depth: int = 2) -> st.SearchStrategy[Document]:
    inside = columns(depth - 1) if depth else st.just({})
    return some(
        name=NAMES,
        physicalName=NAMES,
        required=st.booleans(),
        unique=st.booleans(),
        primaryKey=st.booleans(),
        primaryKeyPosition=st.integers(1, 3),
        logicalType=st.sampled_from(["integer", "string"]),
        physicalType=WORDS | st.sampled_from(["DECIMAL(5,2)", "STRUCT(a INT)", "VARCHAR(", "x[]"]),
        classification=WORDS,
        enum=st.lists(some(value=ANYTHING, label=WORDS), max_size=3),
        logicalTypeOptions=some(
            minimum=ANYTHING,
            exclusiveMinimum=ANYTHING,
            maxLength=ANYTHING,
            multipleOf=ANYTHING,
            format=WORDS,
            required=st.lists(NAMES, max_size=2),
        ),
        customProperties=CUSTOM,
        quality=RULES,
        items=inside,
        properties=st.lists(inside, max_size=2),
        map=some(key=inside, value=inside),
    )


CONTRACTS = some(
    version=WORDS,
    status=WORDS,
    name=WORDS,
    schema=st.lists(
        some(name=NAMES, properties=st.lists(columns(), max_size=3), quality=RULES), max_size=2
    ),
    slaProperties=st.lists(
        some(
            property=st.sampled_from(["latency", "endOfSupport", "frequency", "supportHours", "x"]),
            value=ANYTHING,
            unit=WORDS,
            schedule=WORDS,
            scheduler=WORDS,
            element=NAMES,
        ),
        max_size=3,
    ),
    roles=st.lists(some(role=NAMES, access=WORDS), max_size=2),
    price=some(priceAmount=ANYTHING, priceCurrency=WORDS),
    team=some(name=WORDS) | st.lists(some(username=NAMES), max_size=2),
    customProperties=CUSTOM,
    description=some(purpose=WORDS, usage=WORDS) | WORDS,
)


@settings(OFTEN, max_examples=120)
@given(CONTRACTS, CONTRACTS)
def test_all_differences_of_contracts_are_judged_and_together_make_the_new_one(
    old: Document, new: Document
) -> None:
    found = differences(old, new)
    assert apply(old, found) == new
    changes = contract_changes(old, new)
    left = [each for each in seen(found) if each.path != ("version",)]
    assert bool(changes) == bool(left)
    told = [each for change in changes for each in change.differences]
    assert all(each in found for each in told)
    kept = [each for each in found if each in told or each.path == ("version",)]
    assert apply(old, kept) == new
    for change in changes:
        assert isinstance(change.level, Level)
        assert change.why
        assert in_words(change)
        json.dumps([change.before, change.after, change.columns, change.path])


@settings(OFTEN, max_examples=80)
@given(CONTRACTS)
def test_equal_contracts_have_no_changes(document: Document) -> None:
    assert contract_changes(document, copy.deepcopy(document)) == ()


@settings(OFTEN, max_examples=100)
@given(CONTRACTS, CONTRACTS)
def test_one_row_and_no_more_judges_each_difference(old: Document, new: Document) -> None:
    for each in seen(differences(old, new)):
        judged = CONTRACT_RULES.judge(each)
        assert judged in CONTRACT_RULES.rows
        assert judged is CONTRACT_RULES.judge(each)


@settings(OFTEN, max_examples=80)
@given(st.dictionaries(st.sampled_from("abcdefgh"), ANYTHING), CONTRACTS)
def test_products_of_any_shape_are_judged(old: Document, new: Document) -> None:
    for change in product_changes(old, new):
        assert in_words(change)


A, B = {"name": "a", "logicalType": "string"}, {"name": "b", "logicalType": "string"}


def test_a_change_says_all_that_a_plan_needs() -> None:
    old = contract({**A, "required": True}, B)
    new = contract(B, {"name": "c"}, A)
    (moved, dropped, added) = contract_changes(old, new)
    assert moved.kind is Kind.MOVE
    assert added.spot == ("schema", 0, "properties", 1)
    assert dropped == Change(
        code="required.dropped",
        kind=Kind.REMOVE,
        path="/schema[name=orders]/properties[name=a]/required",
        level=Level.MAJOR,
        producer=Level.PATCH,
        before=True,
        after=None,
        why="Values may be missing where consumers count on them.",
        columns=("a",),
        message="column `a` is no longer required",
    )
    assert dropped.spot == ("schema", 0, "properties", 2)


def test_keys_that_say_one_promise_are_one_change() -> None:
    def latency(**keys: Any) -> Document:
        return contract(slaProperties=[{"property": "latency", **keys}])

    (change,) = contract_changes(latency(value=24, unit="h"), latency(value=2, unit="d"))
    assert change == Change(
        code="level.worsened",
        kind=Kind.CHANGE,
        path="/slaProperties[property=latency]",
        level=Level.MAJOR,
        producer=Level.PATCH,
        before={"value": 24, "unit": "h"},
        after={"value": 2, "unit": "d"},
        why="Who planned with the old level cannot rely on it any more.",
        message="service level `latency` changes from 24 h to 2 d",
    )
    assert change.spot == ("slaProperties", 0)


def test_what_is_added_as_a_whole_list_is_judged_one_by_one() -> None:
    rules = [{"name": "r", "metric": "rowCount"}, {"name": "s", "severity": "warning"}]
    found = contract_changes(contract(A), contract(A, table={"quality": rules}))
    assert [(c.code, c.path, c.spot) for c in found] == [
        ("rule.added", "/schema[name=orders]/quality[name=r]", ("schema", 0, "quality", 0)),
        ("rule.warning-added", "/schema[name=orders]/quality[name=s]", ("schema", 0, "quality", 1)),
    ]


@pytest.mark.parametrize(
    ("gone", "come", "renamed"),
    [
        ({"name": "discount", "id": "x"}, {"name": "rebate", "id": "x"}, "rebate"),
        ({"name": "discount"}, {"name": "discounts"}, "discounts"),
        (
            {"name": "discount", "description": "What is taken off."},
            {"name": "rebate", "description": "what is  taken off."},
            "rebate",
        ),
        ({"name": "discount"}, {"name": "rebate"}, ""),
        ({"name": "discount", "logicalType": "date"}, {"name": "discounts"}, ""),
    ],
)
def test_a_column_that_seems_renamed_is_removed_all_the_same(
    gone: Document, come: Document, renamed: str
) -> None:
    removed, added = contract_changes(contract(A, gone), contract(A, come))
    assert (removed.code, removed.renamed, added.code) == (
        "column.removed",
        renamed,
        "column.added",
    )
    tail = f"; `{renamed}` seems to be its new name" if renamed else ""
    assert in_words(removed) == f"column `discount` is removed{tail}"


def test_a_threshold_that_was_only_a_warning_before_is_no_loss() -> None:
    def rule(**keys: Any) -> Document:
        return contract(table={"quality": [{"name": "r", "metric": "nullValues", **keys}]})

    old, new = rule(severity="warning", mustBe=0), rule(severity="error", mustBeLessThan=5)
    assert [(c.code, c.level.word) for c in contract_changes(old, new)] == [
        ("rule.severity-raised", "minor"),
        ("rule.warning-threshold", "minor"),
    ]


def test_a_contract_of_twenty_columns_is_compared_in_few_calls() -> None:
    """The number of calls, since time depends on the machine; it grows with the columns alone."""
    found, calls = zip(*(_compared(columns) for columns in (20, 40)), strict=True)
    assert [len(changes) for changes in found] == [30, 60]
    assert calls[0] < 30_000
    assert calls[1] < 2.5 * calls[0]


def _compared(columns: int) -> tuple[tuple[Change, ...], int]:
    """What is compared of a wide contract, and how many functions that calls."""
    rule = {"name": "known", "type": "library", "metric": "nullValues", "mustBe": 0}
    said = {"description": "What it is.", "classification": "public", "quality": [rule]}
    options = {"logicalType": "integer", "logicalTypeOptions": {"minimum": 0, "maximum": 9}}
    old = contract(
        *({"name": f"c{n}", "physicalType": "INTEGER", **options, **said} for n in range(columns))
    )
    new = copy.deepcopy(old)
    for column in new["schema"][0]["properties"][::2]:
        column |= {"required": True, "physicalType": "BIGINT", "classification": "restricted"}
    calls = Counter[str]()
    sys.setprofile(lambda _, event, __: calls.update([event]))
    try:
        found = contract_changes(old, new)
    finally:
        sys.setprofile(None)
    return found, calls["call"]


TEXT = """\
apiVersion: {version}
kind: DataContract
id: shop/orders
version: 1.0.0
status: active
servers:
  - {{server: prod, type: s3, location: "${{BUCKET}}/orders"}}
schema:
  - name: orders
    properties:
      - name: amount
        logicalType: {type}
        quality:
          - {{name: known, type: library, {rule}}}
"""
OLD = TEXT.format(version="v3.0.2", type="integer", rule="rule: nullCheck")
SAME = TEXT.format(version="v3.2.0", type="integer", rule="metric: nullValues, mustBe: 0")


def test_texts_of_two_versions_of_the_standard_are_compared_by_what_they_promise() -> None:
    (change,) = contract_text_changes(OLD, SAME)
    assert (change.code, in_words(change)) == (
        "contract.standard",
        "version of the standard changes from v3.0.2 to v3.2.0",
    )
    assert contract_text_changes(OLD, OLD) == ()


def test_variables_stay_as_written() -> None:
    (change,) = contract_text_changes(SAME, SAME.replace("${BUCKET}", "${STORE}"))
    assert (change.level.word, in_words(change)) == (
        "minor",
        "location of server `prod` changes from ${BUCKET}/orders to ${STORE}/orders",
    )


def test_a_text_that_is_no_contract_is_refused_with_its_place() -> None:
    wrong = SAME.replace("logicalType: integer", "logicalType: int")
    with pytest.raises(MeshError) as refused:
        contract_text_changes(SAME, wrong, "HEAD:a.odcs.yaml", "a.odcs.yaml")
    assert str(refused.value.place) == "a.odcs.yaml:12:9"


def test_comments_and_spacing_of_a_file_are_no_change() -> None:
    assert contract_text_changes(SAME, "# now\n" + SAME.replace("1.0.0", "'1.0.0'")) == ()


PRODUCT = """\
apiVersion: {version}
kind: DataProduct
id: shop/orders
status: active
team: {team}
outputPorts:
  - {{name: orders, version: {port}, contractId: shop/orders}}
"""


def test_texts_of_products_are_compared_whatever_form_their_team_has() -> None:
    old = PRODUCT.format(version="v0.9.0", team="[{username: ann}]", port="1.0.0")
    new = PRODUCT.format(version="v1.1.0", team="{members: [{username: ann}]}", port="2.0.0")
    assert [(c.code, c.level.word, in_words(c)) for c in product_text_changes(old, new)] == [
        ("product.standard", "patch", "version of the standard changes from v0.9.0 to v1.1.0"),
        ("port.removed", "major", "output port `orders` is removed"),
        ("port.added", "minor", "output port `orders` is added"),
    ]
    assert product_text_changes(old, old) == ()


def test_two_columns_never_get_one_new_name() -> None:
    same = {"logicalType": "string", "description": "Who it is."}
    old = contract(KEY, {"name": "name_a", **same}, {"name": "name_b", **same})
    (one,) = [
        c for c in contract_changes(old, contract(KEY, {"name": "name_c", **same})) if c.renamed
    ]
    assert one.columns == ("name_a",)
    both = contract(KEY, {"name": "name_bb", **same}, {"name": "x", **same, "id": "b"})
    renamed = {c.columns[0]: c.renamed for c in contract_changes(old, both) if c.renamed}
    assert sorted(renamed) == ["name_a", "name_b"]
    assert sorted(renamed.values()) == ["name_bb", "x"]
