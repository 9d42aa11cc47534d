"""Foreign keys: to the port itself, to a sibling, to another product's pinned release."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mesh_platform.checks.spec import CheckResult, Outcome
from mesh_platform.engines.duckdb.verify import verify
from mesh_platform.engines.duckdb.views import View, parquet_query
from mesh_platform.model.contract import Contract
from tests.checks.promises import column, contract
from tests.engines.duckdb.parquet import write_parquet

CARRIERS = contract(
    column("code", id="code_id"),
    column("year"),
    column("place", logicalType="object", properties=[column("zip")]),
    column("names", logicalType="array", items={"logicalType": "string"}),
    name="carriers",
    table={"id": "carriers_tbl", "physicalName": "carriers_v2"},
)
TYPED = "code varchar, year integer, place struct(zip varchar), names varchar[]"
PARENTS = [("AA", 2012, {"zip": "1"}, []), ("UA", 2013, {"zip": "2"}, []), (None, 1, None, None)]


def _check(
    path: Path, typed: str, rows: list[tuple[Any, ...]], promise: Contract
) -> dict[str, CheckResult]:
    """Results of a port whose product reads `network.carriers`."""
    file = write_parquet(path / "port.parquet", typed, rows)
    other = write_parquet(path / "carriers.parquet", TYPED, PARENTS)
    view = View("network", "carriers", parquet_query([other]))
    results = verify(promise, (file,), [view], (other,), {("network", "carriers"): CARRIERS})
    return {result.check: result for result in results}


def _to(*texts: str, **more: Any) -> list[dict[str, Any]]:
    return [{"type": "foreignKey", "to": text, **more} for text in texts]


@pytest.mark.parametrize(
    "reference",
    [
        "carriers.code",
        "carriers_v2.code",
        "network.carriers.code",
        "carriers.odcs.yaml#/schema/carriers_tbl/properties/code_id",
        "carriers.odcs.yaml#schema/carriers_tbl/properties/code_id",
    ],
)
def test_a_foreign_key_finds_its_table_in_either_notation(tmp_path: Path, reference: str) -> None:
    promise = contract(column("a", relationships=_to(reference)))
    held = _check(tmp_path, "a varchar", [("AA",), (None,)], promise)["a_foreign_key"]
    assert (held.outcome, held.observed) == (Outcome.PASSED, 0.0), held.message
    rows = [("AA",), ("XX",), ("XX",), ("YY",), (None,)]
    result = _check(tmp_path, "a varchar", rows, promise)["a_foreign_key"]
    assert (result.outcome, result.observed, result.blocks) == (Outcome.FAILED, 3.0, True)
    assert result.sample == ({"a": "XX", "rows": 2}, {"a": "YY", "rows": 1})


def test_a_column_called_as_the_key_it_points_at_is_not_confused(tmp_path: Path) -> None:
    promise = contract(column("code", relationships=_to("carriers.code")))
    result = _check(tmp_path, "code varchar", [("XX",)], promise)["code_foreign_key"]
    assert result.observed == 1.0


def test_a_foreign_key_of_no_rows_holds(tmp_path: Path) -> None:
    promise = contract(column("a", relationships=_to("carriers.code")))
    assert _check(tmp_path, "a varchar", [], promise)["a_foreign_key"].outcome is Outcome.PASSED


def test_a_key_of_two_columns_is_compared_together(tmp_path: Path) -> None:
    relationship = {"from": ["port.a", "port.b"], "to": ["carriers.code", "carriers.year"]}
    promise = contract(column("a"), column("b"), relationships=(relationship,))
    typed = "a varchar, b integer"
    held = _check(tmp_path, typed, [("AA", 2012), ("AA", None), (None, 9)], promise)
    assert held["a_b_foreign_key"].outcome is Outcome.PASSED
    result = _check(tmp_path, typed, [("AA", 2012), ("AA", 2013)], promise)["a_b_foreign_key"]
    assert (result.observed, result.sample) == (1.0, ({"a": "AA", "b": 2013, "rows": 1},))


def test_a_table_may_point_at_itself(tmp_path: Path) -> None:
    promise = contract(column("id"), column("boss", relationships=_to("port.id")))
    rows = [(1, None), (2, 1), (3, 9)]
    result = _check(tmp_path, "id integer, boss integer", rows, promise)["boss_foreign_key"]
    assert (result.observed, result.sample) == (1.0, ({"boss": 9, "rows": 1},))


def test_a_foreign_key_may_start_and_end_inside_columns(tmp_path: Path) -> None:
    zips = column("zip", relationships=_to("carriers.place.zip"))
    listed = {"logicalType": "string", "relationships": _to("carriers.code")}
    promise = contract(
        column("a", logicalType="object", properties=[zips]),
        column("b", logicalType="array", items=listed),
    )
    rows = [({"zip": "1"}, ["AA", None, "UA"]), ({"zip": "9"}, ["ZZ"]), (None, None)]
    results = _check(tmp_path, "a struct(zip varchar), b varchar[]", rows, promise)
    assert results["a_zip_foreign_key"].sample == ({"a.zip": "9", "rows": 1},)
    assert results["b_item_foreign_key"].sample == ({"b[]": "ZZ", "rows": 1},)


def test_a_missing_key_that_is_classified_is_hidden(tmp_path: Path) -> None:
    promise = contract(column("a", classification="restricted", relationships=_to("carriers.code")))
    result = _check(tmp_path, "a varchar", [("XX",)], promise)["a_foreign_key"]
    assert result.sample == ({"a": "•••", "rows": 1},)


@pytest.mark.parametrize(
    ("reference", "said"),
    [
        (
            "airports.code",
            "`airports.code` is in no table that the product can read; "
            "add its port to `inputPorts`, or correct the reference",
        ),
        (
            "other.odcs.yaml#/schema/carriers_tbl/properties/code_id",
            "`other.odcs.yaml#/schema/carriers_tbl/properties/code_id` is in no table that the "
            "product can read; add its port to `inputPorts`, or correct the reference",
        ),
        (
            "carriers.cod",
            "`carriers.cod` names no column of `shop/carriers`; did you mean `code`?",
        ),
        (
            "carriers.names",
            None,
        ),
        ("carriers.code.deep", "`carriers.code.deep` names no column of `shop/carriers`;"),
    ],
)
def test_a_foreign_key_to_what_cannot_be_read_is_not_green(
    tmp_path: Path, reference: str, said: str | None
) -> None:
    promise = contract(column("a", relationships=_to(reference)))
    result = _check(tmp_path, "a varchar", [("AA",)], promise)["a_foreign_key"]
    assert (result.outcome, result.blocks) == (Outcome.COULD_NOT_RUN, True)
    assert said is None or result.message.startswith(said)


def test_a_key_and_its_table_must_have_as_many_columns(tmp_path: Path) -> None:
    relationship = {"from": ["port.a"], "to": ["carriers.code", "carriers.year"]}
    promise = contract(column("a"), relationships=(relationship,))
    result = _check(tmp_path, "a varchar", [("AA",)], promise)["a_foreign_key"]
    assert result.message == "1 and 2 columns cannot be compared"
    assert result.outcome is Outcome.COULD_NOT_RUN


def test_a_foreign_key_starts_in_its_own_table(tmp_path: Path) -> None:
    relationship = {"from": "elsewhere.a", "to": "carriers.code"}
    promise = contract(column("a"), relationships=(relationship,))
    result = _check(tmp_path, "a varchar", [("AA",)], promise)["a_foreign_key"]
    assert result.message == "`from: elsewhere.a` is not a column of this contract's table"
    assert result.outcome is Outcome.COULD_NOT_RUN


def test_a_name_that_two_ports_have_must_be_written_in_full(tmp_path: Path) -> None:
    file = write_parquet(tmp_path / "port.parquet", "a varchar", [("AA",)])
    promise = contract(column("a", relationships=_to("carriers.code")))
    known = {("network", "carriers"): CARRIERS, ("old", "carriers"): CARRIERS}
    result = verify(promise, (file,), [], (), known)[1]
    assert result.outcome is Outcome.COULD_NOT_RUN
    assert result.message == (
        "`carriers.code` may mean network.carriers and old.carriers; "
        "write `<domain>.<port>.<column>`"
    )


def test_the_name_of_a_port_means_that_port_and_not_another_major_of_it(tmp_path: Path) -> None:
    """A new major keeps the name of the table in its contract; who names the port means the old."""
    file = write_parquet(tmp_path / "port.parquet", "a varchar", [("AA",)])
    old = write_parquet(tmp_path / "old.parquet", TYPED, PARENTS)
    new = write_parquet(tmp_path / "new.parquet", TYPED, [("ZZ", 1, None, None)])
    views = [
        View("network", name, parquet_query([path]))
        for name, path in (("carriers", old), ("carriers_v9", new))
    ]
    promise = contract(column("a", relationships=_to("carriers.code")))
    known = {("network", "carriers"): CARRIERS, ("network", "carriers_v9"): CARRIERS}
    result = verify(promise, (file,), views, (old, new), known)[1]
    assert (result.outcome, result.observed) == (Outcome.PASSED, 0.0), result.message
