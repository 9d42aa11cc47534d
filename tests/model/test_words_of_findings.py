"""What a person reads who writes a contract in words of another version, or in wrong ones."""

from __future__ import annotations

import pytest

from mesh_platform.model.foreign_words import MEANT
from mesh_platform.model.odcs import parse_contract
from mesh_platform.model.odcs_versions import NEWEST, known_keys

HEAD = """\
apiVersion: VERSION
kind: DataContract
id: shop/orders
version: 1.0.0
status: active
schema:
  - name: orders
    properties:
      - name: a
        LINE
"""
WORDS = "`string`, `date`, `number`, `integer`, `object`, `array`, `boolean`"
OF_3_2 = (
    "`string`, `date`, `timestamp`, `time`, `number`, `integer`, `object`, `array`, `boolean`, "
    "`map`, `vector`"
)
A = "`schema.orders.properties.a."


def _told(version: str, line: str) -> list[tuple[str, str | None]]:
    text = HEAD.replace("VERSION", version).replace("LINE", line)
    _, findings = parse_contract(text, "orders.odcs.yaml")
    assert all(finding.place.line for finding in findings)
    return [(f.message, f.fix) for f in findings if f.blocking]


@pytest.mark.parametrize(
    ("version", "line", "said", "fix"),
    [
        (
            "v3.0.2",
            "logicalType: timestamp",
            f"{A}logicalType`: `timestamp` came with v3.1.0 of the standard",
            f"write `apiVersion: v3.2.0`, or write one of {WORDS}",
        ),
        (
            "v3.0.1",
            "logicalType: map",
            f"{A}logicalType`: `map` came with v3.2.0 of the standard",
            f"write `apiVersion: v3.2.0`, or write one of {WORDS}",
        ),
        (
            NEWEST,
            "logicalType: money",
            f"{A}logicalType`: `money` is not one of the allowed words",
            f"write one of {OF_3_2}",
        ),
        (
            NEWEST,
            "logicalType: 3",
            f"{A}logicalType`: `3` is not one of the allowed words",
            f"write one of {OF_3_2}",
        ),
        (
            NEWEST,
            "logicalType: timstamp",
            f"{A}logicalType`: `timstamp` is not one of the allowed words",
            "did you mean `timestamp` or `map` or `time`?",
        ),
        (
            NEWEST,
            "required: 'true'",
            f"{A}required`: `'true'` is not a boolean",
            "write it without quotes: `true`",
        ),
        (
            NEWEST,
            "unique: '1'",
            f"{A}unique`: `'1'` is not a boolean",
            "write `true` or `false`",
        ),
        (
            NEWEST,
            "primaryKeyPosition: '1'",
            f"{A}primaryKeyPosition`: `'1'` is not a whole number",
            "write it without quotes: `1`",
        ),
        (NEWEST, "tags: a", f"{A}tags`: `a` is not a list", "write a list: `[a]`"),
        (
            NEWEST,
            "enum: [open]",
            f"{A}enum.1`: `open` is not a mapping",
            "write each entry as a mapping: `- value: open`",
        ),
        (
            "v3.1.0",
            "enum: [open]",
            "`enum` is not a key of the contract standard (ODCS v3.1.0) here",
            "v3.2.0 brought it: write `apiVersion: v3.2.0`",
        ),
        (
            "v3.0.2",
            "relationships: [{to: a.b}]",
            "`relationships` is not a key of the contract standard (ODCS v3.0.2) here",
            "v3.1.0 brought it: write `apiVersion: v3.2.0`",
        ),
        (
            NEWEST,
            "isNullable: false",
            "`isNullable` is not a key of the contract standard (ODCS) here",
            "write `required`, which is its opposite",
        ),
        (
            NEWEST,
            "type: string",
            "`type` is not a key of the contract standard (ODCS) here",
            "write `logicalType`, or `physicalType` for the engine's own type",
        ),
        (
            "2.2.2",
            "required: true",
            "`apiVersion`: `2.2.2` is not one of the allowed words",
            "write `apiVersion: v3.2.0`",
        ),
    ],
)
def test_a_wrong_word_is_told_with_the_right_one(
    version: str, line: str, said: str, fix: str
) -> None:
    assert _told(version, line) == [(said, fix)]


@pytest.mark.parametrize("key", MEANT)
def test_a_key_of_another_standard_is_told_as_this_one_has_it(key: str) -> None:
    assert key not in known_keys(NEWEST)
    assert _told(NEWEST, f"{key}: x")[0][1] == f"write {MEANT[key]}"


@pytest.mark.parametrize(
    ("version", "word", "fix"),
    [
        (NEWEST, "datetime", "write `timestamp`"),
        (NEWEST, "Decimal", "write `number`"),
        (NEWEST, "struct", "write `object`"),
        ("v3.0.2", "datetime", "did you mean `date`?"),
    ],
)
def test_a_type_of_another_language_is_told_with_the_one_of_the_standard(
    version: str, word: str, fix: str
) -> None:
    said = f"{A}logicalType`: `{word}` is not one of the allowed words"
    assert _told(version, f"logicalType: {word}") == [(said, fix)]


@pytest.mark.parametrize(
    ("line", "fix"),
    [
        ("{logicalType: string, pattern: '^a$'}", "write `logicalTypeOptions: {pattern: '^a$'}`"),
        ("{logicalType: string, maxLength: 3}", "write `logicalTypeOptions: {maxLength: 3}`"),
        (
            "{logicalType: integer, minimum: 0, logicalTypeOptions: {maximum: 9}}",
            "write `minimum: 0` into its `logicalTypeOptions`",
        ),
        (
            "{maxLength: 3}",
            "add a `logicalType` that has such an option: `string`; then write"
            " `logicalTypeOptions: {maxLength: 3}`",
        ),
        (
            "{logicalType: integer, pattern: a}",
            "take it out, or make the column one that has such an option: `string`; then write"
            " `logicalTypeOptions: {pattern: 'a'}`",
        ),
        (
            "{logicalType: integer, logicalTypeOptions: {maxLength: 3}}",
            "take it out, or make the column one that has such an option: `string`",
        ),
        (
            "{logicalType: array, items: {logicalType: string, minLength: 1}}",
            "write `logicalTypeOptions: {minLength: 1}`",
        ),
        ("{query: select 1}", "it goes under `quality`"),
        ("{mustBe: 3}", "it goes under `quality`"),
        ("{severity: error}", "it goes under `quality`"),
        ("{location: x}", "it goes under `servers`"),
        ("{schedule: '0 5 * * *'}", "it goes under `quality` or `slaProperties`"),
    ],
)
def test_a_key_in_the_wrong_place_is_told_with_its_place(line: str, fix: str) -> None:
    text = HEAD.replace("VERSION", NEWEST).replace("      - name: a\n        LINE\n", "")
    text += "      - " + line.replace("{", "{name: a, ", 1) + "\n"
    _, [found] = parse_contract(text, "orders.odcs.yaml")
    assert found.fix == fix
    assert "is not a key of the contract standard (ODCS) here" in found.message


@pytest.mark.parametrize("key", ["required: true", "primaryKey: true", "classification: public"])
@pytest.mark.parametrize("after", ["status: active\n", "  - name: orders\n    "])
def test_a_key_of_columns_elsewhere_is_sent_to_a_column(key: str, after: str) -> None:
    text = HEAD.replace("VERSION", NEWEST).replace("        LINE\n", "")
    indent = after.rpartition("\n")[2]
    _, [found] = parse_contract(text.replace(after, f"{after}{key}\n{indent}", 1), "a")
    assert found.fix == "it goes to a column, under `properties`"


AS_WRITTEN = [
    (
        "logicalType: string\n        enum: [{value: NO}]",
        "the allowed value `NO` is not of the type string",
        "NO",
    ),
    ("logicalType: string\n        enum: [{value: 01234}]", "the allowed value `01234`", "01234"),
    (
        "logicalType: string\n        enum:\n          - value: 12:30:00",
        "value `12:30:00`",
        "12:30:00",
    ),
    ("description: on", "`on` is not text", "on"),
    ("businessName: 1.10", "`1.10` is not text", "1.10"),
]


@pytest.mark.parametrize(("line", "said", "word"), AS_WRITTEN)
def test_what_yaml_reads_otherwise_is_shown_as_it_is_written(
    line: str, said: str, word: str
) -> None:
    [(message, fix)] = _told(NEWEST, line)
    assert said in message
    assert fix == f"write it in quotes: `'{word}'`"


@pytest.mark.parametrize(
    ("value", "told", "fix"),
    [
        ("'1'", "`'1'`", "write it without quotes: `1`"),
        ("one", "`'one'`", "correct the value, or what the column promises besides"),
        ("1.50", "`1.50`", "correct the value, or what the column promises besides"),
    ],
)
def test_an_allowed_value_of_another_type_shows_its_quotes(value: str, told: str, fix: str) -> None:
    line = f"logicalType: integer\n        enum: [{{value: {value}}}]"
    said = f"the allowed value {told} is not of the type integer"
    assert _told(NEWEST, line) == [(said, fix)]


@pytest.mark.parametrize(
    ("threshold", "fix"),
    [
        ("mustNotBeBetween: [5, 5]", "write `mustNotBe: 5`"),
        ("mustBeBetween: [0.5, 0.5]", "write `mustBe: 0.5`"),
        ("mustBeBetween: [5]", "correct the value"),
        ("mustBeBetween: [a, a]", "correct the value"),
        ("mustBeBetween: 5", "correct the value"),
    ],
)
def test_bounds_that_are_one_number_are_another_operator(threshold: str, fix: str) -> None:
    line = f"quality: [{{metric: nullValues, {threshold}}}]"
    [(message, told)] = _told(NEWEST, line)
    assert message.endswith(f"`{threshold.partition(':')[0]}` needs two different numbers")
    assert told == fix


@pytest.mark.parametrize(
    ("threshold", "needs", "fix"),
    [
        ("mustBeLessThan: '1'", "a number without quotes", "write `mustBeLessThan: 1`"),
        ("mustBeBetween: ['1', '-2.5']", "two different numbers without quotes",
         "write `mustBeBetween: [1, -2.5]`"),
        ("mustBeBetween: ['1', 5]", "two different numbers", "correct the value"),
        ("mustBe: 'true'", "a number", "correct the value"),
        ("mustBe: '1'", "a number without quotes", "write `mustBe: 1`"),
        ("mustBeBetween: [5, 1.5]", "two numbers, the smaller first",
         "write `mustBeBetween: [1.5, 5]`"),
    ],
)  # fmt: skip
def test_a_number_in_quotes_is_told_as_such(threshold: str, needs: str, fix: str) -> None:
    [(message, told)] = _told(NEWEST, f"quality: [{{metric: nullValues, {threshold}}}]")
    assert message.endswith(f"`{threshold.partition(':')[0]}` needs {needs}")
    assert told == fix


@pytest.mark.parametrize("value", ["first", "1.5", "[1]"])
def test_what_is_no_number_where_one_is_wanted_has_a_way_out(value: str) -> None:
    [(message, told)] = _told(NEWEST, f"primaryKeyPosition: {value}")
    assert message.endswith("is not a whole number")
    assert told == "write a whole number, as in `1`"
