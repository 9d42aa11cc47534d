"""Rules of a contract that no check could judge: wrong columns, units, arguments, numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from mesh_platform.errors import did_you_mean
from mesh_platform.model.contract import Operator, is_number
from mesh_platform.model.documents import Document, Path
from mesh_platform.model.findings import Finding
from mesh_platform.model.verdict import shown

_ARGUMENTS = {
    "rowCount": frozenset[str](),
    "nullValues": frozenset({"properties"}),
    "missingValues": frozenset({"properties", "missingValues"}),
    "invalidValues": frozenset({"properties", "validValues", "pattern"}),
    "duplicateValues": frozenset({"properties"}),
}
_UNITS = ("rows", "percent")
_OF_COLUMN = re.compile(r"\$?\{(?:property|column)\}")
Rule = dict[str, Any]


def rule_findings(
    rule: Rule, path: Path, document: Document, columns: tuple[str | None, list[str]]
) -> Iterator[Finding]:
    """What is wrong with one rule.

    Args:
        rule: the entry of a `quality` list.
        path: where it stands.
        document: the contract.
        columns: the column at which the rule stands, if any, and all columns of the table.
    """
    match rule.get("type") or "library":
        case "library":
            yield from _library(rule, path, document, columns)
        case "sql":
            yield from _sql(rule, path, document, columns[0])
    yield from _unit(rule, path, document)


def _library(
    rule: Rule, path: Path, document: Document, columns: tuple[str | None, list[str]]
) -> Iterator[Finding]:
    metric = rule.get("metric")
    if metric not in _ARGUMENTS:
        yield Finding(
            "contract.no-metric",
            "the rule does not say what it counts",
            document.place(path),
            "add `metric:` and an operator, or say `type: text`",
        )
        return
    arguments = rule.get("arguments") or {}
    for key in arguments:
        if key not in _ARGUMENTS[metric]:
            yield Finding(
                "contract.unknown-argument",
                f"`{metric}` does not use the argument {shown(key)}",
                document.place((*path, "arguments", key)),
                did_you_mean(key, _ARGUMENTS[metric]),
                severity="warning",
            )
    yield from _measured_columns(rule, path, document, columns)
    yield from _compared_values(metric, arguments, path, document)


def _measured_columns(
    rule: Rule, path: Path, document: Document, columns: tuple[str | None, list[str]]
) -> Iterator[Finding]:
    here, known = columns
    names = (rule.get("arguments") or {}).get("properties")
    where = (*path, "arguments", "properties")
    if names is None:
        if here is None and rule["metric"] != "rowCount":
            yield Finding(
                "contract.rule-columns",
                f"`{rule['metric']}` does not say which columns it measures",
                document.place(path),
                "add `arguments: {properties: [...]}`, or write the rule at a column",
            )
        return
    if not isinstance(names, list) or not names:
        yield Finding(
            "contract.rule-columns",
            "`properties` is not a list of columns",
            document.place(where),
            "write `properties: [a, b]`",
        )
        return
    for index, name in enumerate(names):
        if name not in known:
            yield Finding(
                "contract.rule-column",
                f"the rule measures {shown(name)}, which is no column of the contract",
                document.place((*where, index)),
                did_you_mean(str(name), known),
            )


def _compared_values(
    metric: str, arguments: dict[str, Any], path: Path, document: Document
) -> Iterator[Finding]:
    where = (*path, "arguments")
    if metric == "invalidValues" and not {"validValues", "pattern"} & set(arguments):
        yield Finding(
            "contract.rule-arguments",
            "`invalidValues` does not say which values are valid",
            document.place(path),
            "add `validValues` or `pattern` under `arguments`",
        )
    for key in ("validValues", "missingValues"):
        values = arguments.get(key)
        plain = isinstance(values, list) and not any(isinstance(v, dict | list) for v in values)
        if key in arguments and not plain:
            yield Finding(
                "contract.rule-arguments",
                f"`{key}` is not a list of values",
                document.place((*where, key)),
                f"write `{key}: [a, b]`",
            )
    if not isinstance(arguments.get("pattern", ""), str):
        yield Finding(
            "contract.rule-arguments",
            "`pattern` is not text",
            document.place((*where, "pattern")),
            "write it in quotes",
        )


def _sql(rule: Rule, path: Path, document: Document, here: str | None) -> Iterator[Finding]:
    if here is None and (found := _OF_COLUMN.search(rule["query"])):
        yield Finding(
            "contract.rule-column",
            f"`{found.group()}` stands for a column, but the rule is written at the table",
            document.place((*path, "query")),
            "name the column, or write the rule at it",
        )


def _unit(rule: Rule, path: Path, document: Document) -> Iterator[Finding]:
    unit, library = rule.get("unit"), (rule.get("type") or "library") == "library"
    if unit is None or rule.get("type") in ("text", "custom"):
        return
    place = document.place((*path, "unit"))
    if unit not in _UNITS:
        yield Finding(
            "contract.unit",
            f"the unit {shown(unit)} is not one of rows, percent",
            place,
            did_you_mean(unit, _UNITS),
            severity="error" if library else "warning",
        )
    if unit != "percent":
        return
    if rule.get("metric") == "rowCount":
        yield Finding(
            "contract.unit",
            "a number of rows has no percentage",
            place,
            "remove `unit`, or count something else",
        )
    yield from _percentages(rule, path, document)


def _percentages(rule: Rule, path: Path, document: Document) -> Iterator[Finding]:
    for operator in Operator:
        value = rule.get(operator)
        for number in value if isinstance(value, list) else [value]:
            if is_number(number) and not 0 <= number <= 100:
                yield Finding(
                    "contract.percent",
                    f"`{operator}` {number} is not a percentage",
                    document.place((*path, operator)),
                    "write a number from 0 to 100",
                )
