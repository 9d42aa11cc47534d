"""What is told of a model whose columns are not those of its port, and what way out is named."""

from __future__ import annotations

import pytest

from mesh_platform.checks.types import ActualColumn
from mesh_platform.errors import PromiseBrokenError
from mesh_platform.model.mesh import Port
from mesh_platform.model.naming import PortName, ProductName
from mesh_platform.release.columns import refuse_columns, refuse_endless
from tests.checks.promises import column, contract

INTEGER = {"logicalType": "integer"}


def _port(*columns: dict[str, object]) -> Port:
    name = PortName(ProductName("shop", "sums"), "sums")
    promise = contract(*columns, name="sums")
    return Port(name=name, description=None, version="1.0.0", contract=promise)


def _told(port: Port, query: str | None, **actual: str) -> str:
    columns = tuple(ActualColumn(name, kind) for name, kind in actual.items())
    with pytest.raises(PromiseBrokenError) as caught:
        refuse_columns(port, columns, query)
    return str(caught.value)


def test_a_sum_of_integers_is_told_as_the_model_returns_it_with_the_cast_to_write() -> None:
    query = "with final as (select sum(x) as total from t) select * from final"
    assert _told(_port(column("total", **INTEGER)), query, total="HUGEINT") == (
        "shop/sums: column `total` is promised as integer but the model returns HUGEINT: "
        "no release can hold the type HUGEINT\n"
        "  at: sums.odcs.yaml:9:2\n"
        "  try: write `cast(SUM(x) as BIGINT) as total` in sums.sql, "
        "or promise another type in a new version"
    )


@pytest.mark.parametrize(
    "query",
    [
        None,
        "select * from t",
        "select * from a join b using (x)",
        "no query at all",
    ],
)
def test_the_cast_is_of_the_column_where_its_expression_is_not_known(query: str | None) -> None:
    told = _told(_port(column("total", physicalType="int")), query, total="BIGINT")
    assert "try: write `cast(total as INTEGER) as total` in sums.sql, " in told


def test_a_long_expression_is_not_repeated_and_no_other_name_stands_for_it() -> None:
    query = f"select {' + '.join(['x'] * 60)} as total from t"
    told = _told(_port(column("total", physicalType="int")), query, total="BIGINT")
    assert "try: write `cast(… as INTEGER) as total` in sums.sql, " in told


def test_of_several_columns_each_says_its_line_and_its_cast() -> None:
    port = _port(column("a", **INTEGER), column("b c", physicalType="TEXT"), column("d"))
    query = 'select 1.5 as a, x as "b c", 1 as e from (select * from t)'
    told = _told(port, query, a="DECIMAL(2,1)", **{"b c": "UUID", "e": "INTEGER"})
    assert told == (
        "shop/sums: column `a` is promised as integer but the model returns DECIMAL(2,1) (line 9); "
        "column `b c` is promised as TEXT but the model returns UUID (line 10); "
        "column `d` is promised but the model does not return it; "
        "the model returns column `e`, which is not promised\n"
        "  at: sums.odcs.yaml:9:2\n"
        '  try: write `cast(1.5 as BIGINT) as a`, `cast(x as VARCHAR) as "b c"` in sums.sql, '
        "or promise another type in a new version"
    )


def test_of_several_promises_that_cannot_be_kept_each_has_its_way_out() -> None:
    port = _port(column("a", physicalType="HUGEINT"), column("b", physicalType="UHUGEINT"))
    assert _told(port, None, a="HUGEINT", b="UHUGEINT").splitlines()[-1] == (
        "  try: for `a`: promise `physicalType: BIGINT`, and cast to it in the model; "
        "for `b`: promise `physicalType: DECIMAL(38,0)`, and cast to it in the model"
    )


@pytest.mark.parametrize(
    ("promised", "returned", "way"),
    [
        ("STRUCT(a INTEGER, b VARCHAR)", "STRUCT(a INTEGER, c VARCHAR)", "call the fields of `s`"),
        ("STRUCT(a INTEGER)", "STRUCT(a INTEGER, c VARCHAR)", "call the fields of `s`"),
        ("STRUCT(a INTEGER, b VARCHAR)", "STRUCT(a INTEGER)", "call the fields of `s`"),
        ("STRUCT(x STRUCT(a INTEGER))[]", "STRUCT(x STRUCT(b INTEGER))[]", "call the fields"),
        ("MAP(VARCHAR, STRUCT(a INTEGER))", "MAP(VARCHAR, STRUCT(b INTEGER))", "call the fields"),
        ("STRUCT(a INTEGER, b VARCHAR)", "STRUCT(b VARCHAR, a INTEGER)", "write `cast(s as "),
        ("STRUCT(a INTEGER, b VARCHAR)", "STRUCT(a BIGINT, b VARCHAR)", "write `cast(s as "),
    ],
)
def test_no_cast_is_advised_that_loses_fields(promised: str, returned: str, way: str) -> None:
    """Of a struct, DuckDB casts what has the same name, and puts null for the rest."""
    port = _port(column("s", physicalType=promised))
    assert f"\n  try: {way}" in _told(port, None, s=returned)


def test_columns_as_promised_are_let_pass() -> None:
    refuse_columns(_port(column("a", **INTEGER)), (ActualColumn("a", "BIGINT"),), None)


def test_an_infinite_day_is_refused_at_its_promise() -> None:
    port = _port(column("a"), column("until", logicalType="date"))
    refuse_endless(port, [])
    with pytest.raises(PromiseBrokenError) as caught:
        refuse_endless(port, ["until"])
    assert str(caught.value) == (
        "shop/sums: column `until` holds `infinity`, which no engine but DuckDB reads as such\n"
        "  at: sums.odcs.yaml:10:2\n"
        "  try: return null, or a date that stands for it, such as 9999-12-31"
    )


@pytest.mark.parametrize(("name", "mark"), [("a;b", ";"), ("a\tb", "\\t"), ("a|b", "|")])
def test_a_line_that_was_not_taken_apart_is_told_with_the_delimiter_to_set(
    name: str, mark: str
) -> None:
    told = _told(_port(column("a"), column("b")), "select * from t", **{name: "VARCHAR"})
    assert f"  try: where `{mark}` separates fields, set the property `delimiter`" in told


def test_over_a_union_the_cast_goes_into_each_select() -> None:
    query = "select sum(x) as total from t union all select sum(y) from u"
    told = _told(_port(column("total", **INTEGER)), query, total="HUGEINT")
    assert told.endswith(
        "  try: cast `total` to BIGINT in each SELECT of sums.sql, "
        "or promise another type in a new version"
    )
