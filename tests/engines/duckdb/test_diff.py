from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mesh_platform.engines.duckdb.diff import (
    ColumnDifference,
    Difference,
    Example,
    Side,
    difference,
)
from mesh_platform.errors import MeshError
from mesh_platform.model.contract import Contract
from tests.checks.promises import column, contract
from tests.engines.duckdb.parquet import write_parquet

Rows = list[tuple[Any, ...]]
BEFORE: Rows = [(1, "ann", 1.5), (2, "bob", 2.5), (3, "cid", None)]
SCHEMA = "id integer, name varchar, amount double"


def _side(folder: Path, name: str, rows: Rows, schema: str = SCHEMA) -> Side:
    columns = tuple(part.split()[0] for part in schema.split(", "))
    return Side((write_parquet(folder / f"{name}.parquet", schema, rows),), columns)


def _promise(*key: str, secret: tuple[str, ...] = ()) -> Contract:
    def promised(name: str) -> dict[str, Any]:
        told: dict[str, Any] = {"primaryKey": True} if name in key else {}
        return column(name, **told, **({"classification": "secret"} if name in secret else {}))

    return contract(*(promised(name) for name in dict.fromkeys([*key, "id", "name", "amount"])))


def _compared(
    folder: Path, before: Rows, after: Rows, *key: str, secret: tuple[str, ...] = ()
) -> Difference:
    sides = _side(folder, "a", before), _side(folder, "b", after)
    return difference(*sides, _promise(*key, secret=secret))


def test_rows_are_matched_by_their_key(tmp_path: Path) -> None:
    after: Rows = [(4, "dan", 4.0), (3, "cid", 3.5), (1, "Ann", 1.0)]
    found = _compared(tmp_path, BEFORE, after, "id")
    assert (found.rows_before, found.rows_after) == (3, 3)
    assert (found.added, found.removed, found.changed) == (1, 1, 2)
    assert found.columns == (
        ColumnDifference("id", "INTEGER", "INTEGER", 0),
        ColumnDifference("name", "VARCHAR", "VARCHAR", 1),
        ColumnDifference("amount", "DOUBLE", "DOUBLE", 2),
    )
    assert found.examples == (
        Example("added", {"id": 4}, {}, {}),
        Example("removed", {"id": 2}, {}, {}),
        Example("changed", {"id": 1}, {"name": "ann", "amount": 1.5}, {"name": "Ann", "amount": 1}),
        Example("changed", {"id": 3}, {"amount": None}, {"amount": 3.5}),
    )
    assert not found.same


def test_the_order_of_rows_is_no_difference(tmp_path: Path) -> None:
    found = _compared(tmp_path, BEFORE, BEFORE[::-1], "id")
    assert found.same
    assert found.examples == ()


@pytest.mark.parametrize(
    ("key", "after"),
    [
        ((), [(1, "ann", 1.5), (1, "ann", 1.5), (3, "cid", None)]),
        (("id",), [(1, "ann", 1.5), (1, "ann", 1.5), (3, "cid", None)]),
    ],
    ids=["no key", "a key that does not tell rows apart"],
)
def test_without_a_key_rows_are_compared_whole_and_counted(
    tmp_path: Path, key: tuple[str, ...], after: Rows
) -> None:
    found = _compared(tmp_path, BEFORE, after, *key)
    assert (found.key, found.added, found.removed, found.changed) == ((), 1, 1, None)
    assert found.examples == (
        Example("added", {"id": 1, "name": "ann", "amount": 1.5}, {}, {}),
        Example("removed", {"id": 2, "name": "bob", "amount": 2.5}, {}, {}),
    )


def test_a_key_with_a_gap_is_not_trusted(tmp_path: Path) -> None:
    gap: Rows = [(None, "x", 1.0), (1, "ann", 1.5)]
    assert _compared(tmp_path, gap, gap, "id") == _compared(tmp_path, gap, gap)


def test_columns_that_came_went_or_changed_their_type_are_told(tmp_path: Path) -> None:
    before = _side(tmp_path, "a", [(1, "x", 7)], "id integer, gone varchar, n integer")
    after = _side(tmp_path, "b", [(1, "y", 7)], "id integer, new varchar, n bigint")
    found = difference(before, after, _promise("id"))
    assert found.columns == (
        ColumnDifference("id", "INTEGER", "INTEGER", 0),
        ColumnDifference("gone", "VARCHAR", None, None),
        ColumnDifference("n", "INTEGER", "BIGINT", 0),
        ColumnDifference("new", None, "VARCHAR", None),
    )
    assert (found.changed, found.same) == (0, False)


def test_a_key_that_one_release_lacks_cannot_match(tmp_path: Path) -> None:
    before = _side(tmp_path, "a", [(1, 2)], "id integer, n integer")
    after = _side(tmp_path, "b", [(2,)], "n integer")
    found = difference(before, after, _promise("id"))
    assert (found.key, found.added, found.removed) == ((), 0, 0)


def test_classified_columns_are_masked_in_keys_and_values(tmp_path: Path) -> None:
    found = _compared(tmp_path, BEFORE, [(1, "eve", 1.5)], "id", secret=("id", "name"))
    assert found.examples[-1] == Example("changed", {"id": "•••"}, {"name": "•••"}, {"name": "•••"})


def test_at_most_five_examples_of_a_kind(tmp_path: Path) -> None:
    many: Rows = [(number, "x", 0.0) for number in range(100)]
    found = _compared(tmp_path, [], many, "id")
    assert found.added == 100
    assert [example.row["id"] for example in found.examples] == [0, 1, 2, 3, 4]


def test_empty_releases_are_the_same(tmp_path: Path) -> None:
    assert _compared(tmp_path, [], [], "id").same


def test_a_file_that_is_gone_is_said_plainly(tmp_path: Path) -> None:
    side = _side(tmp_path, "a", BEFORE)
    gone = Side((str(tmp_path / "gone.parquet"),), side.columns)
    with pytest.raises(MeshError, match=r"the releases cannot be compared: .*gone\.parquet"):
        difference(side, gone, _promise("id"))


def test_a_wider_type_changes_no_value(tmp_path: Path) -> None:
    before = _side(tmp_path, "a", [(1, 5), (2, 6)], "id integer, amount integer")
    after = _side(tmp_path, "b", [(1, 5.0), (2, 6.5)], "id bigint, amount double")
    found = difference(before, after, _promise("id"))
    assert (found.added, found.removed, found.changed) == (0, 0, 1)
    assert found.examples == (Example("changed", {"id": 2}, {"amount": 6}, {"amount": 6.5}),)


def test_a_key_that_became_text_still_matches(tmp_path: Path) -> None:
    before = _side(tmp_path, "a", [(1, "x")], "id integer, name varchar")
    after = _side(tmp_path, "b", [("1", "x")], "id varchar, name varchar")
    found = difference(before, after, _promise("id"))
    assert (found.added, found.removed, found.changed) == (0, 0, 0)


def test_a_value_that_is_no_number_equals_itself(tmp_path: Path) -> None:
    nan = float("nan")
    found = _compared(tmp_path, [(1, "a", nan)], [(1, "b", nan)], "id")
    assert found.examples == (Example("changed", {"id": 1}, {"name": "a"}, {"name": "b"}),)


def test_what_todays_contract_does_not_know_is_not_shown(tmp_path: Path) -> None:
    before = _side(tmp_path, "a", [(1, "ann@x")], "id integer, email varchar")
    after = _side(tmp_path, "b", [(1, "bob@x")], "id integer, email varchar")
    found = difference(before, after, _promise("id"))
    assert found.examples == (Example("changed", {"id": 1}, {"email": "•••"}, {"email": "•••"}),)
