from __future__ import annotations

import copy
import random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from mesh_platform.contract_diff.documents import (
    MISSING,
    Difference,
    Entry,
    apply,
    differences,
    written,
)
from mesh_platform.contract_diff.values import Kind
from tests.contract_diff.contracts import OFTEN

SCALARS = st.none() | st.booleans() | st.integers(-2, 2) | st.sampled_from(["a", "b", "a#2", "1"])
WORDS = """name id value properties quality tags enum schema physicalName metric from to
outputPorts version items other required type"""
KEYS = st.sampled_from(WORDS.split())


def values() -> st.SearchStrategy[Any]:
    def inside(children: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        return st.lists(children, max_size=4) | st.dictionaries(KEYS, children, max_size=4)

    return st.recursive(SCALARS, inside, max_leaves=25)


DOCUMENTS = st.dictionaries(KEYS, values(), max_size=5)


@settings(OFTEN, max_examples=150)
@given(DOCUMENTS, DOCUMENTS)
def test_all_differences_together_make_the_new_document(old: Any, new: Any) -> None:
    kept = copy.deepcopy(old)
    assert apply(old, differences(old, new)) == new
    assert old == kept


@settings(OFTEN, max_examples=150)
@given(DOCUMENTS, st.randoms(use_true_random=False))
def test_entries_in_another_order_are_found_again(old: Any, chance: random.Random) -> None:
    new = _shuffled(old, chance)
    assert apply(old, differences(old, new)) == new


@settings(OFTEN, max_examples=80)
@given(DOCUMENTS, st.randoms(use_true_random=False))
def test_equal_documents_have_no_difference_in_whatever_order_their_keys_stand(
    document: Any, chance: random.Random
) -> None:
    assert differences(document, _keys_shuffled(document, chance)) == ()


@settings(OFTEN, max_examples=80)
@given(DOCUMENTS, DOCUMENTS)
def test_a_difference_is_found_exactly_where_documents_differ(old: Any, new: Any) -> None:
    assert (differences(old, new) == ()) == (repr(_sorted(old)) == repr(_sorted(new)))


@settings(OFTEN, max_examples=80)
@given(DOCUMENTS, DOCUMENTS)
def test_no_two_differences_of_one_kind_stand_at_one_place(old: Any, new: Any) -> None:
    places = [(d.kind, written(d.path)) for d in differences(old, new)]
    assert len(places) == len(set(places))


def _shuffled(value: Any, chance: random.Random) -> Any:
    """The same entries in another order, some of them twice or gone."""
    if isinstance(value, dict):
        return {key: _shuffled(item, chance) for key, item in value.items()}
    if isinstance(value, list):
        items = [_shuffled(item, chance) for item in value for _ in range(chance.choice((0, 1, 2)))]
        chance.shuffle(items)
        return items
    return value


def _keys_shuffled(value: Any, chance: random.Random) -> Any:
    if isinstance(value, dict):
        keys = list(value)
        chance.shuffle(keys)
        return {key: _keys_shuffled(value[key], chance) for key in keys}
    return [_keys_shuffled(item, chance) for item in value] if isinstance(value, list) else value


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _sorted(value[key]) for key in sorted(value)}
    return [_sorted(item) for item in value] if isinstance(value, list) else value


def _contract(*columns: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"schema": [{"name": "orders", "properties": list(columns)}], **more}


def _told(old: Any, new: Any) -> list[tuple[str, str, Any, Any]]:
    return [(d.kind.value, written(d.path), d.before, d.after) for d in differences(old, new)]


def test_columns_are_found_by_name() -> None:
    a, b = {"name": "a", "required": True}, {"name": "b"}
    assert _told(_contract(a, b), _contract({"name": "c"}, {**a, "required": False})) == [
        ("CHANGE", "/schema[name=orders]/properties[name=a]/required", True, False),
        ("REMOVE", "/schema[name=orders]/properties[name=b]", b, MISSING),
        ("ADD", "/schema[name=orders]/properties[name=c]", MISSING, {"name": "c"}),
    ]


def test_another_order_is_one_move() -> None:
    a, b = {"name": "a"}, {"name": "b"}
    assert differences(_contract(a, b), _contract(b, a)) == (
        Difference(
            Kind.MOVE,
            ("schema", Entry("name=orders"), "properties"),
            ("name=a", "name=b"),
            ("name=b", "name=a"),
        ),
    )


def test_a_column_that_keeps_its_physical_name_is_the_same_column() -> None:
    old = _contract({"name": "a", "physicalName": "x"})
    new = _contract({"name": "b", "physicalName": "x"})
    place = "/schema[name=orders]/properties[name=a]/name"
    assert _told(old, new) == [("CHANGE", place, "a", "b")]


def test_the_only_table_is_the_same_table_under_another_name() -> None:
    old, new = {"schema": [{"name": "a"}]}, {"schema": [{"name": "b"}]}
    assert _told(old, new) == [("CHANGE", "/schema[name=a]/name", "a", "b")]


def test_a_rule_that_measures_the_same_is_the_same_rule() -> None:
    old = {"quality": [{"name": "a", "metric": "rowCount", "mustBe": 1}]}
    new = {"quality": [{"name": "b", "metric": "rowCount", "mustBe": 1}]}
    assert _told(old, new) == [("CHANGE", "/quality[name=a]/name", "a", "b")]


def test_rules_without_a_name_are_found_by_their_metric_and_content() -> None:
    nulls = {"metric": "nullValues", "mustBe": 0}
    rows, more = {"metric": "rowCount", "mustBe": 1}, {"metric": "rowCount", "mustBe": 2}
    assert _told({"quality": [nulls, rows]}, {"quality": [more, nulls]}) == [
        (
            "MOVE",
            "/quality",
            ("metric=nullValues", "metric=rowCount"),
            ("metric=rowCount", "metric=nullValues"),
        ),
        ("CHANGE", "/quality[metric=rowCount]/mustBe", 1, 2),
    ]
    twice = [{**nulls, "unit": "rows"}, nulls]
    assert _told({"quality": twice}, {"quality": twice[1:]}) == [
        ("REMOVE", "/quality[metric=nullValues]", twice[0], MISSING)
    ]


def test_ports_are_found_by_name_and_major() -> None:
    one, two = {"name": "p", "version": "1.2.0"}, {"name": "p", "version": "2.0.0"}
    assert _told({"outputPorts": [one]}, {"outputPorts": [{**one, "version": "1.3.0"}, two]}) == [
        ("CHANGE", "/outputPorts[name=p,version=1.2.0]/version", "1.2.0", "1.3.0"),
        ("ADD", "/outputPorts[name=p,version=2.0.0]", MISSING, two),
    ]


def test_values_are_found_by_themselves() -> None:
    assert _told({"tags": ["a", "b", 1]}, {"tags": ["b", 1.0, True]}) == [
        ("REMOVE", "/tags[a]", "a", MISSING),
        ("ADD", "/tags[true]", MISSING, True),
    ]


def test_unknown_lists_are_compared_by_position() -> None:
    assert _told({"other": ["a", "b"]}, {"other": ["c"]}) == [
        ("CHANGE", "/other[0]", "a", "c"),
        ("REMOVE", "/other[1]", "b", MISSING),
    ]


def test_bounds_and_keys_of_several_columns_are_one_value() -> None:
    assert _told({"mustBeBetween": [1, 2]}, {"mustBeBetween": [1, 3]}) == [
        ("CHANGE", "/mustBeBetween", [1, 2], [1, 3])
    ]


def test_null_is_not_the_same_as_nothing_and_true_is_not_one() -> None:
    assert _told({"a": None, "b": 1}, {"b": True, "c": None}) == [
        ("REMOVE", "/a", None, MISSING),
        ("CHANGE", "/b", 1, True),
        ("ADD", "/c", MISSING, None),
    ]


def test_a_difference_says_where_it_stands_in_the_new_file() -> None:
    a, b = {"name": "a", "tags": ["x"]}, {"name": "b"}
    found = differences(_contract(a, b), _contract({"name": "n"}, {"name": "a", "tags": ["y"]}))
    assert [d.spot for d in found] == [
        ("schema", 0, "properties", 1, "tags"),
        ("schema", 0, "properties", 1, "tags", 0),
        ("schema", 0, "properties"),
        ("schema", 0, "properties", 0),
    ]


def test_signs_with_a_meaning_in_paths_are_escaped() -> None:
    path = ("a/b~", Entry("name=x[0]"))
    assert written(path) == "/a~1b~0[name=x[0~2]"
