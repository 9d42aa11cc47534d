"""Find what the standard allows in a contract and the platform cannot keep as meant.

These are pure functions over one contract's document, converted to 3.2.0 and accepted by the
schema. An error means that no release could keep the promise, or that no check could judge it.
Everything else is a warning.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from mesh_platform.model.contract import Contract, is_number
from mesh_platform.model.documents import Document, Path
from mesh_platform.model.findings import Finding
from mesh_platform.model.lint_columns import columns_of, option_findings
from mesh_platform.model.lint_rules import rule_findings
from mesh_platform.model.lint_service import service_findings
from mesh_platform.model.naming import identifier
from mesh_platform.model.verdict import shortened

LONGEST_NAME = 127
"""Bytes up to which common engines keep a name whole."""

_TABLE: Path = ("schema", 0)


def contract_findings(contract: Contract, document: Document) -> list[Finding]:
    """Return every finding on one contract that needs no data."""
    table = document.data["schema"][0]
    rules = [*_rules(table)]
    findings = [
        *_name_findings(contract, table, document),
        *_key_findings(table, document),
        *_duplicate_rules(rules, document),
        *service_findings(document),
    ]
    for column, path in columns_of(table, _TABLE):
        findings += option_findings(column, path, document)
    known = [column.name for column in contract.columns]
    for rule, path, column_name in rules:
        findings += rule_findings(rule, path, document, (column_name, known))
    return findings


def _rules(table: dict[str, Any]) -> Iterator[tuple[dict[str, Any], Path, str | None]]:
    """Yield every rule with its path, and with the name of its column if it has one."""
    for index, rule in enumerate(table.get("quality") or []):
        yield rule, (*_TABLE, "quality", index), None
    for column, path in columns_of(table, _TABLE):
        for index, rule in enumerate(column.get("quality") or []):
            yield rule, (*path, "quality", index), str(column.get("name", "items"))


def _duplicate_rules(
    rules: list[tuple[dict[str, Any], Path, str | None]], document: Document
) -> Iterator[Finding]:
    first: dict[str, str] = {}
    for rule, path, _ in rules:
        if not rule.get("name"):
            continue
        name, check = str(rule["name"]), identifier(rule["name"])
        if check in first:
            message, fix = _alike(name, first[check], check)
            place = document.place((*path, "name"))
            yield Finding("contract.duplicate-rule", message, place, fix, severity="warning")
        first.setdefault(check, name)


def _alike(name: str, other: str, check: str) -> tuple[str, str]:
    if name == other:
        way = "rename one: its check is called `…_2` as long as both are there"
        return f"two rules are called `{shortened(name)}`", way
    return (
        f"the rules `{shortened(other)}` and `{shortened(name)}` would both give the check"
        f" `{shortened(check)}`: only letters, digits and `_` stand in its name",
        "rename one: as long as both are there, a digest tells their checks apart",
    )


def _name_findings(
    contract: Contract, table: dict[str, Any], document: Document
) -> Iterator[Finding]:
    properties = (*_TABLE, "properties")
    seen: dict[str, str] = {}
    for index, column in enumerate(contract.columns):
        place = document.place((*properties, index, "name"))
        other = seen.setdefault(column.name.casefold(), column.name)
        if other != column.name:
            yield Finding(
                "contract.duplicate-column",
                f"columns `{other}` and `{column.name}` differ only in case",
                place,
                "rename one: SQL takes both for the same",
            )
        yield from _one_name(column.name, "column", document, (*properties, index, "name"))
    yield from _one_name(contract.table, "table", document, (*_TABLE, "name"))
    if not table.get("properties"):
        return
    for index, column in enumerate(contract.columns):
        if column.logical_type is None and column.physical_type is None:
            yield Finding(
                "contract.no-type",
                f"column `{shortened(column.name)}` has no type: any will do",
                document.place((*properties, index, "name")),
                "add one, for instance `logicalType: string`",
                severity="warning",
            )


def _one_name(name: str, kind: str, document: Document, path: Path) -> Iterator[Finding]:
    if not name.strip() or not name.isprintable():
        yield Finding(
            "contract.name",
            f"the name of a {kind} is empty or cannot be shown",
            document.place(path),
            "give it a name of letters, digits and `_`",
        )
    size = len(name.encode("utf-8", "replace"))
    if size > LONGEST_NAME:
        yield Finding(
            "contract.long-name",
            f"the {kind} name `{shortened(name, 30)}` is {size} bytes long",
            document.place(path),
            f"shorten it: many engines cut names after {LONGEST_NAME} bytes or fewer",
            severity="warning",
        )


def _key_findings(table: dict[str, Any], document: Document) -> Iterator[Finding]:
    """Check that the positions of the key's columns are 1, 2, 3 … without gap or repetition."""
    given: list[tuple[int, Path]] = []
    for index, column in enumerate(table.get("properties") or []):
        position = column.get("primaryKeyPosition")
        path = (*_TABLE, "properties", index, "primaryKeyPosition")
        if is_number(position) and column.get("primaryKey"):
            given.append((int(position), path))
        elif is_number(position) and position != -1:
            yield _key_finding(
                document, path, "the column has a position in the key, but is not part of it"
            )
    counts = Counter(position for position, _ in given)
    for position, path in given:
        if counts[position] > 1:
            yield _key_finding(document, path, f"two columns are number {position} of the key")
        elif not 1 <= position <= len(given):
            yield _key_finding(
                document, path, f"the position {position} leaves a gap in a key of {len(given)}"
            )


def _key_finding(document: Document, path: Path, message: str) -> Finding:
    return Finding(
        "contract.key-position",
        message,
        document.place(path),
        "number the columns with `primaryKey: true` from 1 without gaps",
        severity="warning",
    )
