from __future__ import annotations

import re
from typing import Any

import pytest

from mesh_platform.contract_diff.compare import contract_changes, product_changes
from mesh_platform.contract_diff.rows import Row
from mesh_platform.contract_diff.rules import CONTRACT_RULES, PRODUCT_RULES
from mesh_platform.contract_diff.values import Change, in_words
from tests.contract_diff.contracts import Document, contract, examples, placed

ROWS = {row.code: row for row in (*CONTRACT_RULES.rows, *PRODUCT_RULES.rows)}


def _changes(old: Document, new: Document) -> tuple[Change, ...]:
    compare = contract_changes if old["kind"] == "DataContract" else product_changes
    return compare(old, new)


def _name(example: Document) -> str:
    return f"{example['code']}: {example['says']}"


@pytest.mark.parametrize("example", examples(), ids=_name)
def test_each_edit_is_one_change_of_its_rule_in_plain_words(example: Document) -> None:
    where = example["at"]
    old, new = placed(where, example["old"]), placed(where, example["new"])
    (change,) = _changes(old, new)
    row = ROWS[example["code"]]
    assert (change.code, in_words(change)) == (example["code"], example["says"])
    assert (change.level, change.producer, change.why) == (row.level, row.producer, row.why)
    if where in ("column", "options"):
        assert change.columns == tuple(example.get("columns", ["amount"]))
    elif "columns" in example:
        assert change.columns == tuple(example["columns"])


def test_every_rule_has_an_example() -> None:
    shown = {example["code"] for example in examples()} | SHOWN_BELOW
    assert set(ROWS) - shown == set()


SHOWN_BELOW = {
    *("rule.asked-elsewhere", "foreign-key.held-elsewhere"),
    *("required.by-rule", "unique.by-rule", "enum.by-rule", "option.by-rule"),
    *("table.added", "columns.moved", "column.removed", "column.added", "column.added-to-key"),
    "key.moved",
    *("rule.removed", "rule.warning-removed", "rule.added", "rule.warning-added"),
}
A, B = {"name": "a"}, {"name": "b"}


def _told(old: Document, new: Document) -> list[tuple[str, str, str]]:
    return [(c.code, in_words(c), c.level.word) for c in _changes(old, new)]


def test_a_column_more_is_minor_and_one_less_is_major() -> None:
    assert _told(contract(A), contract(A, B)) == [("column.added", "column `b` is added", "minor")]
    assert _told(contract(A, B), contract(A)) == [
        ("column.removed", "column `b` is removed", "major")
    ]


def test_a_new_column_in_an_old_key_breaks_who_joins_on_the_key() -> None:
    key, more = {**A, "primaryKey": True}, {**B, "primaryKey": True}
    (change,) = _changes(contract(key), contract(key, more))
    assert (change.code, change.level.word) == ("column.added-to-key", "major")
    assert change.columns == ()
    assert _told(contract(A), contract(A, more)) == [
        ("column.added", "column `b` is added", "minor")
    ]


def test_columns_in_another_order_are_minor() -> None:
    assert _told(contract(A, B), contract(B, A)) == [
        ("columns.moved", "the order of columns of table `orders` changes", "minor")
    ]


def test_a_key_in_another_order_is_the_same_promise() -> None:
    def keyed(first: int, second: int) -> Document:
        columns = ({**A, "primaryKeyPosition": first}, {**B, "primaryKeyPosition": second})
        return contract(*({**column, "primaryKey": True} for column in columns))

    assert _told(keyed(1, 2), keyed(3, 2)) == [
        ("key.moved", "place in the key of `a` changes from 1 to 3", "patch")
    ]


def test_a_second_table_is_minor() -> None:
    old = contract(A)
    new = {**old, "schema": [*old["schema"], {"name": "items"}]}
    assert _told(old, new) == [("table.added", "table `items` is added", "minor")]


RULE = {"name": "r", "metric": "rowCount", "mustBeGreaterThan": 0}
WARNING = {**RULE, "severity": "warning"}


@pytest.mark.parametrize(
    ("rule", "added", "removed"),
    [
        (RULE, ("rule.added", "minor"), ("rule.removed", "major")),
        (WARNING, ("rule.warning-added", "minor"), ("rule.warning-removed", "minor")),
        ({"type": "text"}, ("rule.warning-added", "minor"), ("rule.warning-removed", "minor")),
    ],
)
def test_a_rule_that_holds_data_back_is_missed_more_than_one_that_warns(
    rule: Document, added: Any, removed: Any
) -> None:
    without, with_rule = contract(A), contract({**A, "quality": [rule]})
    assert [(c.code, c.level.word) for c in _changes(without, with_rule)] == [added]
    assert [(c.code, c.level.word) for c in _changes(with_rule, without)] == [removed]


def test_a_rule_of_a_column_is_called_with_its_column() -> None:
    (change,) = _changes(contract({**A, "quality": [RULE]}), contract(A))
    assert (in_words(change), change.columns) == ("rule `r` of `a` is removed", ("a",))


def test_a_rule_of_the_table_concerns_the_columns_that_it_names() -> None:
    rule = {**RULE, "metric": "duplicateValues", "arguments": {"properties": ["a", "b"]}}
    (change,) = _changes(contract(A, B, table={"quality": [rule]}), contract(A, B))
    assert change.columns == ("a", "b")


def test_nested_columns_are_named_with_the_way_to_them() -> None:
    def nested(*fields: Document) -> Document:
        return contract({"name": "x", "items": {"properties": [{**A, "properties": list(fields)}]}})

    (change,) = _changes(nested({**B, "required": True}), nested(B))
    assert (in_words(change), change.columns) == (
        "column `x.a.b` is no longer required",
        ("x.a.b",),
    )
    assert change.path == (
        "/schema[name=orders]/properties[name=x]/items/properties[name=a]/properties[name=b]/required"
    )


def test_the_items_of_a_list_and_the_parts_of_a_map_are_judged_as_columns() -> None:
    def holding(**parts: Document) -> Document:
        return contract({"name": "x", **parts})

    text, number = {"logicalType": "string"}, {"logicalType": "number"}
    assert _told(holding(items=text), holding(items=number)) == [
        (
            "type.logical.changed",
            "logical type of the items of `x` changes from string to number",
            "major",
        )
    ]
    assert _told(holding(map={"key": text}), holding(map={"key": number})) == [
        (
            "type.logical.changed",
            "logical type of the keys of `x` changes from string to number",
            "major",
        )
    ]
    assert _told(holding(items=text), holding()) == [
        (
            "column.removed",
            "type of each item of `x` is no longer said: it was logical type string",
            "major",
        )
    ]


def test_the_last_rows_fit_everything() -> None:
    for table in (CONTRACT_RULES, PRODUCT_RULES):
        last: Row = table.rows[-1]
        assert (last.path, last.kinds, last.judges) == ("**", (), ())


def test_the_version_is_no_change_of_its_own() -> None:
    assert _changes(contract(A), {**contract(A), "version": "2.0.0"}) == ()


def test_reasons_are_one_sentence() -> None:
    for row in ROWS.values():
        assert re.fullmatch(r"[A-Z].*\.", row.why), row.code
