"""Builds the frozen view of a contract from a document that the standard's schema accepts."""

from __future__ import annotations

from typing import Any

from mesh_platform.model.contract import (
    Column,
    Contract,
    Operator,
    Rule,
    ServiceLevel,
    Severity,
    Threshold,
    digest_of,
    is_number,
)
from mesh_platform.model.cron import UTC
from mesh_platform.model.documents import Document, Path
from mesh_platform.model.findings import Finding
from mesh_platform.model.lint_service import builds, time_zone
from mesh_platform.model.quotes import numbers_without
from mesh_platform.model.relationships import Relationship, read_relationship


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
        tables = self.document.data.get("schema") or []
        if len(tables) == 1:
            return self._contract_on(tables[0], ("schema", 0))
        self._note(
            "contract.one-table",
            ("schema",),
            f"a port's contract describes exactly one table, this one describes {len(tables)}",
            "give each output port its own contract file",
        )
        return None

    def _contract_on(self, table: dict[str, Any], path: Path) -> Contract:
        data = self.document.data
        prose = data.get("description") or {}
        stored = table.get("physicalName") or table["name"]
        return Contract(
            id=data["id"],
            version=str(data["version"]),
            status=data.get("status") or "active",
            name=data.get("name"),
            purpose=prose.get("purpose"),
            limitations=prose.get("limitations"),
            usage=prose.get("usage"),
            table=stored,
            table_names=tuple(dict.fromkeys((table["name"], stored))),
            table_id=table.get("id"),
            description=table.get("description"),
            granularity=table.get("dataGranularityDescription"),
            columns=self._table_columns(table, path),
            rules=self._rules(table, path),
            relationships=self._relationships(table, path),
            **self._schedule(),
            service_levels=self._service_levels(),
            api_version=data["apiVersion"],
            end_of_support=self._service_level("endOfSupport"),
            end_of_life=self._service_level("endOfLife"),
            digest=digest_of(self.document.text),
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
            tags=tuple(item.get("tags") or ()),
            custom={p["property"]: p.get("value") for p in item.get("customProperties") or ()},
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
        """Return what an array or a map is made of, the last step of the path."""
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
            needed = "two numbers, the smaller first" if wanted == 2 else "a number"
            plain = numbers_without(value)
            if len(numbers) == len(operands) == wanted:
                fix = f"write `{operator}: [{operands[1]}, {operands[0]}]`"
            else:
                fix = f"write `{operator}: {plain}`" if plain else "correct the value"
            said = f"`{operator}` needs {needed}{' without quotes' if plain else ''}"
            self._note("contract.threshold", (*path, operator), said, fix)
        return None

    def _schedule(self) -> dict[str, Any]:
        for item in self.document.data.get("slaProperties") or []:
            if builds(item):
                return {"schedule": item.get("schedule"), "time_zone": time_zone(item) or UTC}
        return {"schedule": None}

    def _service_levels(self) -> tuple[ServiceLevel, ...]:
        return tuple(
            ServiceLevel(
                property=item["property"],
                value=item.get("value"),
                unit=item.get("unit"),
                element=item.get("element"),
                place=self.document.place(("slaProperties", index)),
            )
            for index, item in enumerate(self.document.data.get("slaProperties") or [])
        )

    def _service_level(self, name: str) -> str | None:
        for item in self.document.data.get("slaProperties") or []:
            if item.get("property") == name and item.get("value") is not None:
                return str(item["value"])
        return None

    def _note(self, code: str, path: Path, message: str, fix: str | None) -> None:
        self.findings.append(Finding(code, message, self.document.place(path), fix))
