"""Formats, widths, multiples and limits of single values; NaN, infinity and text in other types."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mesh_platform.checks.spec import Outcome
from mesh_platform.engines.duckdb.verify import verify
from tests.checks.promises import column, contract, rule
from tests.engines.duckdb.checking import a, broken, run

NAN, INFINITY = float("nan"), float("inf")


def _options(kind: str, **options: Any) -> dict[str, Any]:
    return {"logicalType": kind, "logicalTypeOptions": options}


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("email", "ann.o+x@mail.example.com", "ann@localhost"),
        ("uuid", "123e4567-e89b-12d3-a456-426614174000", "123e4567"),
        ("uri", "https://example.com/a?b=1#c", "example.com/a"),
        ("hostname", "a-b.example.com", "-a.example.com"),
        ("ipv4", "192.168.0.255", "192.168.0.256"),
        ("ipv6", "2001:db8::8a2e:370:7334", "2001:db8::8a2e::7334"),
        ("ipv6", "::ffff:192.0.2.1", "1:2:3:4:5:6:7"),
        ("byte", "YWI=", "YWI"),
        ("date", "2013-02-28", "2013-02-30"),
        ("date-time", "2013-02-28T10:00:00Z", "2013-02-28T25:00:00Z"),
        ("time", "23:59:59", "24:01:00"),
    ],
)
def test_text_of_a_format_is_held_to_it(tmp_path: Path, name: str, good: str, bad: str) -> None:
    promise = _options("string", format=name)
    assert broken(a(tmp_path, "varchar", [good, None], **promise)) == {}
    assert broken(a(tmp_path, "varchar", [good, bad], **promise)) == {"a_format": 1.0}


@pytest.mark.parametrize("name", ["password", "binary"])
def test_a_format_that_any_text_has_is_not_a_check(tmp_path: Path, name: str) -> None:
    assert list(a(tmp_path, "varchar", ["x"], **_options("string", format=name))) == ["schema"]


def test_a_format_that_nobody_knows_is_not_green(tmp_path: Path) -> None:
    result = a(tmp_path, "varchar", ["x"], **_options("string", format="iban"))["a_format"]
    assert (result.outcome, result.blocks) == (Outcome.COULD_NOT_RUN, False)
    assert result.message == "the platform does not know the format `iban`; write a `pattern`"


@pytest.mark.parametrize(
    ("name", "kind", "good", "bad"),
    [
        ("i8", "bigint", [-128, 127], 128),
        ("u8", "bigint", [0, 255], -1),
        ("i16", "bigint", [32767], 32768),
        ("u16", "bigint", [65535], 65536),
        ("i32", "bigint", [2**31 - 1], 2**31),
        ("u32", "bigint", [2**32 - 1], 2**32),
        ("i64", "decimal(20,0)", [2**63 - 1], 2**63),
        ("u64", "decimal(38,0)", [2**64 - 1], 2**64),
        ("u128", "bigint", [2**63 - 1], -1),
    ],
)
def test_an_integer_stays_within_its_width(
    tmp_path: Path, name: str, kind: str, good: list[int], bad: int
) -> None:
    promise = _options("integer", format=name) | {"physicalType": kind}
    assert broken(a(tmp_path, kind, [*good, None], **promise)) == {}
    assert broken(a(tmp_path, kind, [*good, bad], **promise)) == {"a_format": 1.0}


def test_a_number_stays_within_its_width(tmp_path: Path) -> None:
    promise = _options("number", format="f32")
    assert broken(a(tmp_path, "double", [3.4e38, 0.1, None], **promise)) == {}
    assert broken(a(tmp_path, "double", [3.5e38], **promise)) == {"a_format": 1.0}


@pytest.mark.parametrize(
    ("kind", "factor", "good", "bad"),
    [
        ("double", 0.1, [0.3, 0.1 + 0.2, -0.7, 0.0, 1e17, None], 0.35),
        ("double", 0.01, [0.07, 1.1, 4.35], 0.005),
        ("double", 0.1, [123456789.1], 123456789.05),
        ("double", 5, [5.0, -10.0, 1e300], 7.5),
        ("double", 0.5, [1e30, 2.5], INFINITY),
        ("double", 0.5, [2.5], NAN),
        ("decimal(10,2)", 0.05, ["0.15", "-7.35"], "0.07"),
        ("bigint", 2.5, [5, -10, 0], 7),
        ("bigint", 7, [2**63 - 1 - (2**63 - 1) % 7], 8),
    ],
)
def test_a_multiple_is_decimal_not_binary(
    tmp_path: Path, kind: str, factor: float, good: list[Any], bad: Any
) -> None:
    logical = "integer" if kind == "bigint" else "number"
    promise = _options(logical, multipleOf=factor) | {"physicalType": kind}
    assert broken(a(tmp_path, kind, good, **promise)) == {}
    assert broken(a(tmp_path, kind, [*good, bad], **promise)) == {"a_multiple": 1.0}


@pytest.mark.parametrize(
    ("options", "bad"),
    [
        ({"minimum": 0}, [NAN, -INFINITY, -0.5]),
        ({"exclusiveMinimum": 0}, [NAN, 0.0]),
        ({"maximum": 9}, [NAN, INFINITY]),
        ({"minimum": 0, "maximum": 9}, [NAN, INFINITY, -INFINITY]),
    ],
)
def test_not_a_number_lies_in_no_range(
    tmp_path: Path, options: dict[str, float], bad: list[float]
) -> None:
    results = a(tmp_path, "double", [1.0, None, *bad], **_options("number", **options))
    assert broken(results) == {"a_range": float(len(bad))}


def test_limits_of_an_earlier_standard_are_excluded_by_a_flag(tmp_path: Path) -> None:
    promise = _options("integer", minimum=1, exclusiveMinimum=True, exclusiveMaximum=False)
    assert broken(a(tmp_path, "integer", [1, 2], **promise)) == {"a_range": 1.0}


def test_the_largest_integers_are_compared_exactly(tmp_path: Path) -> None:
    promise = _options("integer", maximum=2**63 - 2)
    assert broken(a(tmp_path, "bigint", [2**63 - 2], **promise)) == {}
    assert broken(a(tmp_path, "bigint", [2**63 - 1], **promise)) == {"a_range": 1.0}


def test_short_and_long_texts_are_found_whatever_bytes_their_characters_take(
    tmp_path: Path,
) -> None:
    texts = [sign * size for sign in "aé€🙂" for size in range(1, 13)]
    options = {"logicalType": "string", "logicalTypeOptions": {"minLength": 3, "maxLength": 5}}
    found = a(tmp_path, "varchar", [*texts, "", None], **options)
    assert broken(found) == {"a_length": 1 + 4 * (2 + 7)}


def test_length_counts_characters_not_bytes(tmp_path: Path) -> None:
    promise = _options("string", maxLength=3)
    assert broken(a(tmp_path, "varchar", ["äöü", "日本語", "🛫🛬🛫"], **promise)) == {}
    assert broken(a(tmp_path, "varchar", ["äöüß"], **promise)) == {"a_length": 1.0}


def test_an_empty_text_is_there_and_has_no_length(tmp_path: Path) -> None:
    results = a(tmp_path, "varchar", [""], required=True, **_options("string", minLength=1))
    assert broken(results) == {"a_length": 1.0}


def test_a_promised_width_of_text_is_a_longest_length(tmp_path: Path) -> None:
    promise = {"logicalType": "string", "physicalType": "VARCHAR(3)"}
    assert broken(a(tmp_path, "varchar", ["abc"], **promise)) == {}
    assert broken(a(tmp_path, "varchar", ["abcd"], **promise)) == {"a_length": 1.0}


def test_case_counts_in_allowed_values(tmp_path: Path) -> None:
    promise = {"logicalType": "string", "enum": [{"value": "x"}]}
    assert broken(a(tmp_path, "varchar", ["x", "X"], **promise)) == {"a_allowed": 1.0}


@pytest.mark.parametrize(
    ("kind", "logical", "values", "good", "bad"),
    [
        ("varchar", "string", [1, True, "x"], ["1", "true", "x"], "2"),
        ("integer", "integer", [1, "2", "none"], [1, 2], 3),
        ("boolean", "boolean", [True], [True], False),
        ("date", "date", ["2013-01-01"], ["2013-01-01"], "2013-01-02"),
        ("integer", "integer", [None], [None], 1),
    ],
)
def test_allowed_values_are_compared_in_the_columns_type(
    tmp_path: Path, kind: str, logical: str, values: list[Any], good: list[Any], bad: Any
) -> None:
    promise = {"logicalType": logical, "enum": [{"value": value} for value in values]}
    assert broken(a(tmp_path, kind, good, **promise)) == {}
    assert broken(a(tmp_path, kind, [*good, bad], **promise)) == {"a_allowed": 1.0}


@pytest.mark.parametrize(
    ("logical", "options", "good", "bad"),
    [
        ("date", {}, "2013-01-05", "2013-1-5"),
        ("date", {"format": "dd.MM.yyyy"}, "05.01.2013", "1.5.13"),
        ("date", {"format": "d MMM yy"}, "5 Jan 13", "5 Foo 13"),
        ("timestamp", {"format": "yyyy-MM-dd'T'HH:mm:ss"}, "2013-01-05T10:00:00", "2013-01-05"),
        (
            "timestamp",
            {"format": "yyyy-MM-dd HH:mm:ss.SSSXXX"},
            "2013-01-05 10:00:00.125Z",
            "2013-01-05 10:00:00.125",
        ),
        ("timestamp", {}, "2013-01-05 10:00:00", "noon"),
        ("time", {"format": "h:mm a"}, "9:30 PM", "21:30"),
        ("integer", {}, "-12", "1.5"),
        ("integer", {"format": "i8"}, "127", "128"),
        ("number", {}, "1.5e3", "1,5"),
        ("boolean", {}, "true", "maybe"),
    ],
)
def test_text_that_holds_another_type_is_readable_as_it(
    tmp_path: Path, logical: str, options: dict[str, Any], good: str, bad: str
) -> None:
    promise = _options(logical, **options) | {"physicalType": "VARCHAR"}
    assert broken(a(tmp_path, "varchar", [good, None], **promise)) == {}
    assert broken(a(tmp_path, "varchar", [good, bad], **promise)) == {"a_format": 1.0}


def test_a_date_format_without_letters_of_the_engine_is_not_green(tmp_path: Path) -> None:
    promise = _options("date", format="yyyy 'week' ww") | {"physicalType": "VARCHAR"}
    result = a(tmp_path, "varchar", ["2013 week 01"], **promise)["a_format"]
    assert result.outcome is Outcome.COULD_NOT_RUN
    assert "`yyyy 'week' ww` has letters that the engine cannot read" in result.message


def test_dates_kept_as_text_are_compared_as_dates(tmp_path: Path) -> None:
    promise = _options("date", format="dd.MM.yyyy", minimum="02.01.2013")
    results = a(
        tmp_path, "varchar", ["01.02.2013", "31.12.2012"], physicalType="VARCHAR", **promise
    )
    assert broken(results) == {"a_range": 1.0}


@pytest.mark.parametrize("physical", ["DATE", "VARCHAR"])
def test_a_limit_that_is_no_date_is_not_green(tmp_path: Path, physical: str) -> None:
    promise = _options("date", minimum="soon") | {"physicalType": physical}
    result = a(tmp_path, physical, ["2013-01-01"], **promise)["a_range"]
    assert (result.outcome, result.blocks) == (Outcome.COULD_NOT_RUN, True)


def test_integers_kept_as_fractions_are_whole(tmp_path: Path) -> None:
    promise = {"logicalType": "integer", "physicalType": "DOUBLE"}
    assert broken(a(tmp_path, "double", [1.0, -3.0, None], **promise)) == {}
    assert broken(a(tmp_path, "double", [1.5], **promise)) == {"a_format": 1.0}


INVALID = {"validValues": ["AA", "b"], "pattern": "^[A-Z]+$"}


@pytest.mark.parametrize(
    ("entry", "values", "observed"),
    [
        ({"metric": "missingValues"}, ["", None, "x"], 1),
        ({"metric": "missingValues", "arguments": {"missingValues": [""]}}, ["", None, "x"], 2),
        (
            {"metric": "missingValues", "arguments": {"missingValues": [None, "", "N/A", 0]}},
            ["", None, "N/A", "0", "x"],
            4,
        ),
        ({"metric": "invalidValues", "arguments": INVALID}, ["AA", "b", "CC", None], 2),
        ({"metric": "duplicateValues"}, ["x", "x", "X", None, None], 1),
        ({"metric": "rowCount"}, ["x", None], 2),
    ],
)
def test_metrics_measure_text(
    tmp_path: Path, entry: dict[str, Any], values: list[Any], observed: int
) -> None:
    quality = [rule(name="it", mustBe=observed, **entry)]
    result = a(tmp_path, "varchar", values, logicalType="string", quality=quality)["it"]
    assert (result.outcome, result.observed) == (Outcome.PASSED, float(observed))


OPERATORS = [
    ("mustBe", 25, True),
    ("mustBe", 24, False),
    ("mustNotBe", 24, True),
    ("mustNotBe", 25, False),
    ("mustBeGreaterThan", 24, True),
    ("mustBeGreaterThan", 25, False),
    ("mustBeGreaterOrEqualTo", 25, True),
    ("mustBeGreaterOrEqualTo", 26, False),
    ("mustBeLessThan", 26, True),
    ("mustBeLessThan", 25, False),
    ("mustBeLessOrEqualTo", 25, True),
    ("mustBeLessOrEqualTo", 24, False),
    ("mustBeBetween", [25, 26], True),
    ("mustBeBetween", [26, 27], False),
    ("mustNotBeBetween", [26, 27], True),
    ("mustNotBeBetween", [24, 25], False),
]
METRICS: dict[str, dict[str, Any]] = {
    "nullValues": {},
    "missingValues": {"missingValues": [7]},
    "invalidValues": {"validValues": [1, 2, 3]},
    "duplicateValues": {},
}
ONE_IN_FOUR = {
    "nullValues": [1, 1, 2, None],
    "missingValues": [1, 1, 2, 7],
    "invalidValues": [1, 1, 2, 9],
    "duplicateValues": [1, 1, 2, 3],
}


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("unit", ["percent", "rows"])
def test_each_metric_is_held_against_each_operator_in_each_unit(
    tmp_path: Path, metric: str, unit: str
) -> None:
    """One broken row in four, or 25 broken ones in a hundred."""
    values = ONE_IN_FOUR[metric] * (1 if unit == "percent" else 25)
    if metric == "duplicateValues" and unit == "rows":
        values = [*range(75), *range(25)]
    entry = rule(metric=metric, unit=unit, arguments=METRICS[metric])
    quality = [
        {**entry, "name": f"it_{number}", operator: operand}
        for number, (operator, operand, _) in enumerate(OPERATORS)
    ]
    results = a(tmp_path, "integer", values, logicalType="integer", quality=quality)
    for number, (operator, operand, holds) in enumerate(OPERATORS):
        result = results[f"it_{number}"]
        said = (result.outcome is Outcome.PASSED, result.observed)
        assert said == (holds, 25.0), f"{operator} {operand}"


def test_duplicates_of_several_columns_count_together(tmp_path: Path) -> None:
    arguments = {"properties": ["a", "b"]}
    entry = rule(name="it", metric="duplicateValues", mustBe=0, arguments=arguments)
    columns = (column("a"), column("b"), column("c"))
    rows = [(1, 1, 1), (1, 2, 1), (1, 1, 2), (None, 1, 1), (None, 1, 1)]
    result = run(tmp_path, "a int, b int, c int", rows, *columns, rules=(entry,))["it"]
    assert (result.observed, result.sample) == (1.0, ({"a": 1, "b": 1, "rows": 2},))


def test_nan_that_a_file_does_not_tell_of_is_found(tmp_path: Path) -> None:
    """Other writers leave NaN out of a column's least and largest value."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    file = tmp_path / "port.parquet"
    pq.write_table(pa.table({"a": [1.0, 2.0, NAN]}), file)
    for options in ({"maximum": 9}, {"minimum": 0}, {"multipleOf": 0.5}):
        promise = contract(column("a", physicalType="DOUBLE", **_options("number", **options)))
        assert [result.observed for result in verify(promise, (str(file),), [], ())] == [0.0, 1.0]


def test_a_text_that_is_no_date_is_in_no_range_and_out_of_none(tmp_path: Path) -> None:
    promise = _options("date", format="dd.MM.yyyy", minimum="02.01.2013")
    results = a(tmp_path, "varchar", ["1.1.13"], physicalType="VARCHAR", **promise)
    assert broken(results) == {"a_format": 1.0}
