"""Small tables and promises, over every kind of rule that both programs say they check.

A case is one table with one promise; whether the promise is kept is not written down: the two
programs tell it, and are compared.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

Entry = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """A table in DuckDB's words, and its contract in the standard's."""

    name: str
    columns: str
    rows: str
    properties: tuple[Entry, ...]
    rules: tuple[Entry, ...] = ()
    relationships: tuple[Entry, ...] = field(default=())


def all_cases() -> tuple[Case, ...]:
    parts = (_keys, _types, _ranges, _texts, _sets, _lists, _metrics, _sql, _tables, _severities)
    cases = tuple(case for part in parts for case in part())
    assert len({case.name for case in cases}) == len(cases)
    return cases


def _column(name: str, kind: str, rows: str, /, **promises: Any) -> Case:
    """A table of the one column `a`; `rows` are values, one for each row."""
    values = ", ".join(f"({value})" for value in rows.split(";")) if rows else ""
    return Case(name, f"a {kind}", values, ({"name": "a", **promises},))


def _option(name: str, kind: str, logical: str, rows: dict[str, str], **options: Any) -> list[Case]:
    """One promise on several tables; the keys of `rows` say what is in them."""
    said: Entry = {"logicalType": logical, "logicalTypeOptions": options}
    return [_column(f"{name}_{what}", kind, values, **said) for what, values in rows.items()]


_INTEGER: Entry = {"logicalType": "integer"}
_TEXT: Entry = {"logicalType": "string"}


def _keys() -> Iterator[Case]:
    tables = {
        "there": "1;2;3",
        "null": "1;null;3",
        "twice": "1;1;2",
        "nulls": "null;null",
        "empty": "",
    }
    for key in ("required", "unique", "primaryKey"):
        for what, rows in tables.items():
            yield _column(f"{key}_{what}", "bigint", rows, **_INTEGER, **{key: True})
    pairs = {"there": "(1, 1), (1, 2)", "twice": "(1, 1), (1, 1)", "null": "(1, 1), (1, null)"}
    parts = tuple(
        {"name": name, **_INTEGER, "primaryKey": True, "primaryKeyPosition": place}
        for place, name in enumerate("ab", 1)
    )
    for what, rows in pairs.items():
        yield Case(f"composite_key_{what}", "a bigint, b bigint", rows, parts)
    yield _column("unique_nan_twice", "double", "'nan';'nan'", logicalType="number", unique=True)
    yield _column("unique_text_case", "varchar", "'a';'A'", **_TEXT, unique=True)
    yield _column("required_empty_text", "varchar", "''", **_TEXT, required=True)
    for what, rows in {"found": "(1, null), (2, 1)", "missing": "(1, null), (2, 7)"}.items():
        for name in ("a", "b"):
            own: tuple[Entry, ...] = ({"name": "a", **_INTEGER}, {"name": "b", **_INTEGER})
            link = {"type": "foreignKey", "from": f"foreign_key_{what}_{name}.b"}
            link["to"] = f"foreign_key_{what}_{name}.a"
            if name == "a":
                case = f"foreign_key_{what}_{name}"
                yield Case(case, "a bigint, b bigint", rows, own, relationships=(link,))


_STORED = {
    "bigint": "1",
    "integer": "1",
    "utinyint": "1",
    "hugeint": "1",
    "double": "1.5",
    "float": "1.5",
    "decimal(10,2)": "1.5",
    "varchar": "'x'",
    "boolean": "true",
    "date": "date '2024-02-29'",
    "timestamp": "timestamp '2024-02-29 10:00:00'",
    "timestamptz": "timestamptz '2024-02-29 10:00:00+00'",
    "time": "time '10:00:00'",
    "uuid": "'6f1b2c9e-52a1-4f0e-9d8b-0a1b2c3d4e5f'",
    "blob": "'x'::blob",
    "bigint[]": "[1]",
    "struct(x bigint)": "{'x': 1}",
    "map(varchar, bigint)": "map {'x': 1}",
}
_LOGICAL = ("integer", "number", "string", "boolean", "date", "timestamp", "time")
_PHYSICAL = (
    "BIGINT",
    "INTEGER",
    "int8",
    "VARCHAR",
    "VARCHAR(10)",
    "DECIMAL(10,2)",
    "DECIMAL(12,2)",
    "DECIMAL",
    "DOUBLE",
    "TIMESTAMP",
)


def _types() -> Iterator[Case]:
    for kind, value in _STORED.items():
        named = "_".join(re.findall(r"\w+", kind.replace("[]", " list")))
        for logical in _LOGICAL:
            yield _column(f"type_{logical}_in_{named}", kind, value, logicalType=logical)
    for kind in ("bigint", "decimal(10,2)", "varchar"):
        named = kind.split("(")[0]
        for physical in _PHYSICAL:
            stem = physical.lower().translate(str.maketrans("(),", "___")).strip("_")
            yield _column(f"physical_{stem}_in_{named}", kind, _STORED[kind], physicalType=physical)
    two: tuple[Entry, ...] = ({"name": "a", **_INTEGER}, {"name": "b", **_INTEGER})
    yield Case("column_missing", "a bigint", "(1)", two)
    yield Case("column_not_promised", "a bigint, b bigint", "(1, 1)", two[:1])
    yield Case("column_in_other_case", "A bigint", "(1)", two[:1])


def _ranges() -> Iterator[Case]:
    rows = {"inside": "5;6", "below": "4", "at_least": "2;3", "above": "8", "null": "null"}
    for key, bound in {
        "minimum": 3,
        "maximum": 7,
        "exclusiveMinimum": 5,
        "exclusiveMaximum": 6,
    }.items():
        for kind, logical in {
            "bigint": "integer",
            "double": "number",
            "decimal(10,2)": "number",
        }.items():
            stem = f"{key}_{kind.split('(')[0]}"
            yield from _option(stem, kind, logical, rows, **{key: bound})
    yield from _option("minimum_nan", "double", "number", {"nan": "'nan'"}, minimum=0)
    yield from _option("maximum_nan", "double", "number", {"nan": "'nan'"}, maximum=0)
    days = {"inside": "date '2024-06-01'", "outside": "date '2023-06-01'"}
    yield from _option("minimum_date", "date", "date", days, minimum="2024-01-01")
    yield from _option("maximum_date", "date", "date", days, maximum="2023-12-31")
    moments = {
        "inside": "timestamp '2024-06-01 12:00:00'",
        "outside": "timestamp '2023-06-01 12:00:00'",
    }
    yield from _option(
        "minimum_timestamp", "timestamp", "timestamp", moments, minimum="2024-01-01T00:00:00Z"
    )
    multiples = {"multiple": "0;3;6;-3", "other": "3;4", "null": "null"}
    yield from _option("multiple_of", "bigint", "integer", multiples, multipleOf=3)
    yield from _option(
        "multiple_of_decimal",
        "decimal(10,2)",
        "number",
        {"multiple": "0.3", "other": "0.35"},
        multipleOf=0.1,
    )


def _texts() -> Iterator[Case]:
    lengths = {
        "short": "'a'",
        "fits": "'abc'",
        "long": "'abcdef'",
        "accents": "'äöü'",
        "emoji": "'🙂🙂🙂'",
        "empty": "''",
        "null": "null",
    }
    yield from _option("min_length", "varchar", "string", lengths, minLength=2)
    yield from _option("max_length", "varchar", "string", lengths, maxLength=4)
    words = {
        "whole": "'abc'",
        "inside": "'1abc2'",
        "none": "'123'",
        "empty": "''",
        "null": "null",
        "lines": "'abc\n1'",
    }
    for name, pattern in {
        "whole": "^[a-z]+$",
        "part": "[a-z]+",
        "anchored": "^abc",
        "any": ".*",
    }.items():
        yield from _option(f"pattern_{name}", "varchar", "string", words, pattern=pattern)
    formats = {
        "email": ("'ann@example.com'", "'ann'"),
        "uuid": ("'6f1b2c9e-52a1-4f0e-9d8b-0a1b2c3d4e5f'", "'6f1b2c9e'"),
        "uri": ("'https://example.com/a'", "'no uri'"),
        "hostname": ("'example.com'", "'-a-'"),
        "ipv4": ("'10.0.0.1'", "'10.0.0.256'"),
    }
    for name, (good, bad) in formats.items():
        yield from _option(
            f"format_{name}", "varchar", "string", {"good": good, "bad": bad}, format=name
        )


def _sets() -> Iterator[Case]:
    texts = {
        "known": "'x';'y'",
        "unknown": "'x';'z'",
        "null": "'x';null",
        "case": "'X'",
        "empty": "",
    }
    for what, rows in texts.items():
        yield _column(
            f"enum_{what}", "varchar", rows, **_TEXT, enum=[{"value": "x"}, {"value": "y"}]
        )
    for what, rows in {"known": "1;2", "unknown": "1;3"}.items():
        yield _column(
            f"enum_integer_{what}", "bigint", rows, **_INTEGER, enum=[{"value": 1}, {"value": 2}]
        )
    yield _column("enum_number_as_text", "varchar", "'1'", **_TEXT, enum=[{"value": 1}])


def _lists() -> Iterator[Case]:
    lists = {
        "one": "[1]",
        "two": "[1, 2]",
        "four": "[1, 2, 3, 4]",
        "repeated": "[1, 1]",
        "null_twice": "[1, null, null]",
        "empty": "[]",
        "null": "null",
    }
    for key, bound in {"minItems": 2, "maxItems": 3, "uniqueItems": True}.items():
        yield from _option(key, "bigint[]", "array", lists, **{key: bound})


_OPERATORS: dict[str, tuple[Any, Any, Any]] = {
    "mustBe": (0, 1, -1),
    "mustNotBe": (1, 0, 2),
    "mustBeGreaterThan": (-1, 0, 1),
    "mustBeGreaterOrEqualTo": (0, 1, -1),
    "mustBeLessThan": (1, 0, -1),
    "mustBeLessOrEqualTo": (0, -1, 1),
    "mustBeBetween": ((0, 1), (1, 2), (-1, 0)),
    "mustNotBeBetween": ((1, 2), (0, 1), (-1, 0)),
}
"""Three operands of each, relative to the number that is there."""


def _operands(number: float) -> Iterator[tuple[str, str, Any]]:
    for operator, tried in _OPERATORS.items():
        for place, operand in enumerate(tried, 1):
            several = isinstance(operand, tuple)
            moved = [number + each for each in operand] if several else number + operand
            yield f"{operator}_{place}", operator, moved


_ARGUMENTS: dict[str, Entry] = {
    "nullValues": {},
    "missingValues": {"missingValues": ["", "n/a"]},
    "invalidValues": {"validValues": ["x", "y"]},
    "duplicateValues": {},
}
_WORDS = "'x';'x';'y';'';'n/a';null;null;'z';'z';'z'"
_NUMBERS = {
    ("nullValues", "rows"): 2,
    ("nullValues", "percent"): 20,
    ("missingValues", "rows"): 4,
    ("missingValues", "percent"): 40,
    ("invalidValues", "rows"): 5,
    ("invalidValues", "percent"): 50,
    ("duplicateValues", "rows"): 3,
    ("duplicateValues", "percent"): 37.5,
}
"""What the platform counts in `_WORDS`."""


def _metric(name: str, rows: str, **rule: Any) -> Case:
    return _column(name, "varchar", rows, **_TEXT, quality=[{"type": "library", **rule}])


def _metrics() -> Iterator[Case]:
    for (metric, unit), number in _NUMBERS.items():
        said: Entry = {"metric": metric, "unit": unit, "arguments": _ARGUMENTS[metric]}
        shares_of_keys = (metric, unit) == ("duplicateValues", "percent")
        for what, operator, operand in list(_operands(number))[: 3 if shares_of_keys else None]:
            yield _metric(f"{metric}_{unit}_{what}", _WORDS, **said, **{operator: operand})
        yield _metric(f"{metric}_{unit}_empty", "", **said, mustBe=0)
        yield _metric(f"{metric}_{unit}_fraction", _WORDS, **said, mustBeLessThan=number + 0.5)
    pattern: Entry = {"metric": "invalidValues", "arguments": {"pattern": "^[xyz]$"}}
    yield _metric("invalidValues_pattern_zero", _WORDS, **pattern, mustBe=0)
    yield _metric("invalidValues_pattern_two", _WORDS, **pattern, mustBe=2)
    both: Entry = {
        "metric": "invalidValues",
        "arguments": {"validValues": ["x", "z", ""], "pattern": "^[xyz]$"},
    }
    yield _metric("invalidValues_both_three", _WORDS, **both, mustBe=3)
    yield _metric("invalidValues_nothing_valid", _WORDS, metric="invalidValues", mustBe=0)
    yield _metric(
        "invalidValues_null_is_valid",
        "'x';null",
        metric="invalidValues",
        arguments={"validValues": ["x", None]},
        mustBe=0,
    )
    yield _metric(
        "missingValues_null_in_list",
        "'x';null",
        metric="missingValues",
        arguments={"missingValues": [None, "x"]},
        mustBe=2,
    )
    yield _metric("no_operator", _WORDS, metric="nullValues")
    yield _metric("duplicateValues_nulls", "null;null;'x'", metric="duplicateValues", mustBe=0)
    yield _metric("duplicateValues_groups", "'x';'x';'x'", metric="duplicateValues", mustBe=1)
    yield _metric("duplicateValues_later_rows", "'x';'x';'x'", metric="duplicateValues", mustBe=2)
    yield _metric("rowCount_at_a_column", "'x'", metric="rowCount", mustBe=1)


def _sql() -> Iterator[Case]:
    count = "select count(*) from ${object} where a > 1"
    for what, operator, operand in _operands(2):
        rule = {"type": "sql", "query": count, operator: operand}
        yield _table(f"sql_{what}", "(1), (2), (3)", rule)
    queries = {
        "empty_table_mean": "select avg(a) from ${object} where a > 9",
        "two_columns": "select 0, 1 from ${object}",
        "two_rows": "select 0 from ${object}",
        "no_rows": "select 0 from ${object} where a > 9",
        "text": "select 'x'",
        "not_sql": "selct 1",
        "missing_column": "select count(*) from ${object} where nothing = 1",
        "true": "select true",
        "two_statements": "select 0; select 0",
        "table_word": "select count(*) from {table} where a > 9",
        "model_word": "select count(*) from {model} where a > 9",
    }
    for name, query in queries.items():
        yield _table(f"sql_{name}", "(1), (2), (3)", {"type": "sql", "query": query, "mustBe": 0})
    at_column = {
        "type": "sql",
        "query": "select count(*) from ${object} where ${property} > 2",
        "mustBe": 1,
    }
    yield _column("sql_at_a_column", "bigint", "1;2;3", **_INTEGER, quality=[at_column])


def _table(name: str, rows: str, *rules: Entry) -> Case:
    return Case(name, "a bigint", rows, ({"name": "a", **_INTEGER},), rules)


def _tables() -> Iterator[Case]:
    for what, operator, operand in _operands(3):
        rule = {"type": "library", "metric": "rowCount", operator: operand}
        yield _table(f"rowCount_{what}", "(1), (2), (3)", rule)
    zero = {"type": "library", "metric": "rowCount", "mustBe": 0}
    yield _table("rowCount_empty", "", zero)
    yield _table("rowCount_percent", "(1)", {**zero, "mustBe": 100, "unit": "percent"})
    own: tuple[Entry, ...] = ({"name": "a", **_INTEGER}, {"name": "b", **_INTEGER})
    tables = {
        "none": "(1, 1), (1, 2)",
        "twice": "(1, 1), (1, 1), (1, 1)",
        "null": "(1, null), (1, null)",
        "empty": "",
    }
    for what, rows in tables.items():
        for named, properties in {"pair": ["a", "b"], "one": ["a"], "no": None}.items():
            for number in (0, 1, 2) if properties else (0,):
                rule = {"type": "library", "metric": "duplicateValues", "mustBe": number}
                if properties:
                    rule["arguments"] = {"properties": properties}
                name = f"duplicateValues_table_{named}_{what}_{number}"
                yield Case(name, "a bigint, b bigint", rows, own, (rule,))


def _severities() -> Iterator[Case]:
    for severity in ("error", "warning", "info"):
        for number in (1, 2):
            rule = {"type": "library", "metric": "rowCount", "severity": severity, "mustBe": number}
            yield _table(f"severity_{severity}_{number}", "(1)", rule)
        rule = {
            "type": "sql",
            "query": "select nothing from ${object}",
            "severity": severity,
            "mustBe": 0,
        }
        yield _table(f"severity_{severity}_could_not_run", "(1)", rule)
    yield _table("text_rule", "(1)", {"type": "text", "description": "Somebody looks at it."})
