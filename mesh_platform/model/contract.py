"""The promise of one output port, as the platform keeps it: a frozen view of an ODCS contract.

Only what is executed or shown is here; the file itself stays the source of the rest.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path as FilePath
from typing import Any

from pydantic import Field

from mesh_platform.errors import Place
from mesh_platform.model.documents import Document, Path
from mesh_platform.model.findings import Finding
from mesh_platform.model.frozen import Frozen
from mesh_platform.model.relationships import Relationship, read_relationship


class Severity(StrEnum):
    """What a broken rule does: an error withholds the release, a warning is shown."""

    ERROR = "error"
    WARNING = "warning"


class Operator(StrEnum):
    """How a rule compares the number it observed; the standard's spelling."""

    MUST_BE = "mustBe"
    MUST_NOT_BE = "mustNotBe"
    GREATER = "mustBeGreaterThan"
    GREATER_OR_EQUAL = "mustBeGreaterOrEqualTo"
    LESS = "mustBeLessThan"
    LESS_OR_EQUAL = "mustBeLessOrEqualTo"
    BETWEEN = "mustBeBetween"
    NOT_BETWEEN = "mustNotBeBetween"


_COMPARE: dict[Operator, Callable[[float, float, float], bool]] = {
    Operator.MUST_BE: lambda seen, first, _: seen == first,
    Operator.MUST_NOT_BE: lambda seen, first, _: seen != first,
    Operator.GREATER: lambda seen, first, _: seen > first,
    Operator.GREATER_OR_EQUAL: lambda seen, first, _: seen >= first,
    Operator.LESS: lambda seen, first, _: seen < first,
    Operator.LESS_OR_EQUAL: lambda seen, first, _: seen <= first,
    Operator.BETWEEN: lambda seen, first, last: first <= seen <= last,
    Operator.NOT_BETWEEN: lambda seen, first, last: not first <= seen <= last,
}


class Threshold(Frozen):
    """An operator with its one or two operands."""

    operator: Operator
    operands: tuple[float, ...]

    def holds(self, observed: float) -> bool:
        """Compare an observed number with the threshold; bounds are included in `between`."""
        if math.isnan(observed):
            return False
        return _COMPARE[self.operator](observed, self.operands[0], self.operands[-1])

    def __str__(self) -> str:
        """Say it in words: `must be between 1 and 2`."""
        words = re.sub(r"([A-Z])", lambda match: " " + match.group(1).lower(), self.operator.value)
        return f"{words} " + " and ".join(f"{operand:,.10g}" for operand in self.operands)


class Rule(Frozen):
    """One entry of a `quality` list."""

    name: str | None
    type: str
    metric: str | None
    query: str | None
    engine: str | None
    arguments: dict[str, Any]
    threshold: Threshold | None
    percent: bool
    severity: Severity
    dimension: str | None
    description: str | None
    business_impact: str | None
    implementation: Any = None
    place: Place


class Column(Frozen):
    """One promised column, or one inside it: a field, an array's item, a map's key or value."""

    name: str
    logical_name: str = ""
    id: str | None = None
    logical_type: str | None
    physical_type: str | None
    description: str | None
    required: bool
    unique: bool
    key_position: int | None
    enum: tuple[Any, ...]
    options: dict[str, Any]
    partition_position: int | None = None
    classification: str | None
    rules: tuple[Rule, ...]
    relationships: tuple[Relationship, ...] = ()
    columns: tuple[Column, ...] = ()
    items: Column | None = None
    key: Column | None = None
    value: Column | None = None
    place: Place


class Suite(Frozen):
    """A file of Great Expectations beside the contract: JSON, and the Python it was made from.

    `file` is relative to the mesh; `problem` is why the JSON is not what the Python says.
    """

    file: str
    text: str = Field(repr=False)
    python: FilePath | None = None
    problem: str | None = None


class Contract(Frozen):
    """The promise of one output port; `digest` changes whenever the file's text does."""

    id: str
    version: str
    status: str
    name: str | None
    purpose: str | None
    limitations: str | None
    usage: str | None
    table: str
    table_names: tuple[str, ...] = ()
    table_id: str | None = None
    description: str | None
    granularity: str | None
    columns: tuple[Column, ...]
    rules: tuple[Rule, ...]
    relationships: tuple[Relationship, ...] = ()
    schedule: str | None
    end_of_support: str | None = None
    end_of_life: str | None = None
    digest: str
    text: str = Field(default="", repr=False)
    suite: Suite | None = None
    place: Place

    @property
    def key(self) -> tuple[str, ...]:
        """Columns of the primary key, in its order."""
        keyed = [column for column in self.columns if column.key_position is not None]
        return tuple(c.name for c in sorted(keyed, key=lambda column: column.key_position or 0))


def with_suite(contract: Contract, suite: Suite) -> Contract:
    """The contract together with its expectations: they are a part of the promise."""
    digest = _digest(contract.text, suite.text)
    return contract.model_copy(update={"suite": suite, "digest": digest})


def _digest(*texts: str) -> str:
    digest = hashlib.sha256()
    for text in texts:
        digest.update(text.encode())
    return digest.hexdigest()


def is_number(value: Any) -> bool:
    """Whether a value of a file is a number that can be compared with one that was counted."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and -1e300 < value < 1e300


def contract_from(document: Document) -> tuple[Contract | None, list[Finding]]:
    """Build the frozen view of a document that the standard's schema accepts."""
    reader = _Reader(document)
    contract = reader.contract()
    return (None, reader.findings) if reader.findings else (contract, [])


class _Reader:
    """Walks one document; what the schema allows but cannot be kept becomes a finding."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.findings: list[Finding] = []

    def contract(self) -> Contract | None:
        data = self.document.data
        tables = data.get("schema") or []
        if len(tables) != 1:
            self._note(
                "contract.one-table",
                ("schema",),
                f"a port's contract describes exactly one table, this one describes {len(tables)}",
                "give each output port its own contract file",
            )
            return None
        table, prose = tables[0], data.get("description") or {}
        root: Path = ("schema", 0)
        return Contract(
            id=data["id"],
            version=str(data["version"]),
            status=data.get("status") or "active",
            name=data.get("name"),
            purpose=prose.get("purpose"),
            limitations=prose.get("limitations"),
            usage=prose.get("usage"),
            table=table.get("physicalName") or table["name"],
            table_names=tuple(
                dict.fromkeys((table["name"], table.get("physicalName") or table["name"]))
            ),
            table_id=table.get("id"),
            description=table.get("description"),
            granularity=table.get("dataGranularityDescription"),
            columns=self._table_columns(table, root),
            rules=self._rules(table, root),
            relationships=self._relationships(table, root),
            schedule=self._schedule(),
            end_of_support=self._service_level("endOfSupport"),
            end_of_life=self._service_level("endOfLife"),
            digest=_digest(self.document.text),
            text=self.document.text,
            place=self.document.place(),
        )

    def _table_columns(self, table: dict[str, Any], path: Path) -> tuple[Column, ...]:
        columns = self._columns(table, path)
        if not columns:
            self._note(
                "contract.no-columns",
                path,
                "the contract promises no column",
                "list the columns under `properties`",
            )
        return columns

    def _columns(self, item: dict[str, Any], path: Path) -> tuple[Column, ...]:
        """The columns of a table or an object."""
        path = (*path, "properties")
        entries = enumerate(item.get("properties") or [])
        columns = tuple(
            self._column(entry, (*path, index))
            for index, entry in entries
            if not self._is_measure(entry, (*path, index))
        )
        seen: set[str] = set()
        for index, column in enumerate(columns):
            if column.name in seen:
                self._note(
                    "contract.duplicate-column",
                    (*path, index, "name"),
                    f"column `{column.name}` is promised twice",
                    "remove one of the two entries",
                )
            seen.add(column.name)
        return columns

    def _column(self, item: dict[str, Any], path: Path) -> Column:
        position = item.get("primaryKeyPosition") or 1
        partition = item.get("partitionKeyPosition") or 1
        return Column(
            name=item.get("physicalName") or item.get("name") or "",
            logical_name=item.get("name") or "",
            id=item.get("id"),
            logical_type=item.get("logicalType"),
            physical_type=item.get("physicalType"),
            description=item.get("description"),
            required=bool(item.get("required")),
            unique=bool(item.get("unique")),
            key_position=position if item.get("primaryKey") else None,
            enum=tuple(entry["value"] for entry in item.get("enum") or []),
            options=item.get("logicalTypeOptions") or {},
            partition_position=partition if item.get("partitioned") else None,
            classification=item.get("classification"),
            rules=self._rules(item, path),
            relationships=self._relationships(item, path),
            columns=self._columns(item, path),
            items=self._part(item, (*path, "items")),
            key=self._part(item.get("map") or {}, (*path, "map", "key")),
            value=self._part(item.get("map") or {}, (*path, "map", "value")),
            place=self.document.place((*path, "name")),
        )

    def _is_measure(self, item: dict[str, Any], path: Path) -> bool:
        """A measure is computed by who reads; no stored column could keep a promise of its."""
        if item.get("semanticType") != "measure":
            return False
        for key in ("required", "unique", "primaryKey", "enum", "relationships", "quality"):
            if item.get(key):
                self._note(
                    "contract.measure",
                    (*path, key),
                    f"`{item.get('name')}` is a measure, which is not stored: "
                    f"its `{key}` cannot be checked",
                    "write an SQL rule at the table that computes it",
                )
        return True

    def _part(self, holder: dict[str, Any], path: Path) -> Column | None:
        """What an array or a map is made of, the last step of the path."""
        entry = holder.get(str(path[-1]))
        return self._column(entry, path) if isinstance(entry, dict) else None

    def _relationships(self, item: dict[str, Any], path: Path) -> tuple[Relationship, ...]:
        path = (*path, "relationships")
        entries = enumerate(item.get("relationships") or [])
        return tuple(read_relationship(e, self.document.place((*path, i))) for i, e in entries)

    def _rules(self, item: dict[str, Any], path: Path) -> tuple[Rule, ...]:
        entries = enumerate(item.get("quality") or [])
        return tuple(self._rule(entry, (*path, "quality", index)) for index, entry in entries)

    def _rule(self, entry: dict[str, Any], path: Path) -> Rule:
        severity = entry.get("severity") or "error"
        if severity not in ("error", "warning", "info"):
            self._note(
                "contract.unknown-severity",
                (*path, "severity"),
                f"severity `{severity}` is not one of error, warning, info",
                "use `error` to withhold the release, `warning` to show the problem",
            )
            severity = "error"
        return Rule(
            name=entry.get("name"),
            type=entry.get("type") or "library",
            metric=entry.get("metric"),
            query=entry.get("query"),
            engine=entry.get("engine"),
            arguments=entry.get("arguments") or {},
            threshold=self._threshold(entry, path),
            percent=entry.get("unit") == "percent",
            severity=Severity.ERROR if severity == "error" else Severity.WARNING,
            dimension=entry.get("dimension"),
            description=entry.get("description"),
            business_impact=entry.get("businessImpact"),
            implementation=entry.get("implementation"),
            place=self.document.place((*path, "name")),
        )

    def _threshold(self, entry: dict[str, Any], path: Path) -> Threshold | None:
        for operator in Operator:
            if operator not in entry:
                continue
            value = entry[operator]
            operands = value if isinstance(value, list) else [value]
            wanted = 2 if operator in (Operator.BETWEEN, Operator.NOT_BETWEEN) else 1
            numbers = [float(o) for o in operands if is_number(o)]
            if len(numbers) == len(operands) == wanted and numbers == sorted(numbers):
                return Threshold(operator=operator, operands=tuple(numbers))
            self._note(
                "contract.threshold",
                (*path, operator),
                f"`{operator}` needs "
                + ("two numbers, the smaller first" if wanted == 2 else "a number"),
                "correct the value",
            )
        return None

    def _schedule(self) -> str | None:
        for item in self.document.data.get("slaProperties") or []:
            if item.get("property") == "frequency" and item.get("scheduler") == "cron":
                schedule: str | None = item.get("schedule")
                return schedule
        return None

    def _service_level(self, name: str) -> str | None:
        for item in self.document.data.get("slaProperties") or []:
            if item.get("property") == name and item.get("value") is not None:
                return str(item["value"])
        return None

    def _note(self, code: str, path: Path, message: str, fix: str | None) -> None:
        self.findings.append(Finding(code, message, self.document.place(path), fix))
