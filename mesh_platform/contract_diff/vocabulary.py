"""What the keys, lists and values of the standards are called in a sentence."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from mesh_platform.contract_diff.seen import Holder
from mesh_platform.contract_diff.thresholds import operator_of
from mesh_platform.model.contract import Threshold, is_number

_KEYS = {
    "dataGranularityDescription": "grain",
    "logicalType": "logical type",
    "physicalType": "type",
    "physicalName": "physical name",
    "primaryKeyPosition": "place in the key",
    "criticalDataElement": "mark as critical",
    "contractId": "contract",
    "multipleOf": "multiple",
    "apiVersion": "version of the standard",
    "enum": "allowed values",
    "valueExt": "extended value",
    "items": "type of each item",
    "contractCreatedTs": "date of creation",
    "productCreatedTs": "date of creation",
}
SUBJECTS = {
    "schema": "table",
    "properties": "column",
    "quality": "rule",
    "enum": "allowed value",
    "relationships": "foreign key",
    "slaProperties": "service level",
    "roles": "role",
    "servers": "server",
    "team": "team member",
    "members": "team member",
    "support": "support channel",
    "customProperties": "custom property",
    "authoritativeDefinitions": "link",
    "synonyms": "synonym",
    "constraints": "constraint",
    "verifiedStatements": "verified statement",
    "inputPorts": "input port",
    "outputPorts": "output port",
    "managementPorts": "management port",
    "sbom": "software bill",
    "inputContracts": "input contract",
    "tags": "tag",
    "validValues": "valid value",
    "missingValues": "missing value",
    "required": "required field",
}
LISTS = {
    "properties": "columns",
    "quality": "rules",
    "enum": "allowed values",
    "slaProperties": "service levels",
    "relationships": "foreign keys",
    "schema": "tables",
    "required": "required fields",
}
"""What lists of such entries are called as a whole."""
FLAGS = {
    "required": ("is now required", "is no longer required"),
    "unique": ("is now unique", "is no longer unique"),
    "primaryKey": ("is now part of the key", "is no longer part of the key"),
    "partitioned": ("is now partitioned by", "is no longer partitioned by"),
    "deprecated": ("is now deprecated", "is no longer deprecated"),
    "criticalDataElement": ("is now critical", "is no longer critical"),
    "uniqueItems": ("now has distinct items", "may now have equal items"),
}
_LONGEST = 60


def shown(value: Any) -> str:
    """A value in a sentence; empty where it is too long to be read there."""
    if isinstance(value, dict) and "value" in value:
        text = shown(value["value"])
    elif isinstance(value, dict):
        parts = [f"{worded(key)} {shown(item)}" for key, item in value.items()]
        text = ", ".join(parts)
    elif isinstance(value, list):
        text = ", ".join(map(shown, value))
    else:
        text = {"True": "true", "False": "false", "None": "nothing"}.get(str(value), str(value))
    return text if len(text) <= _LONGEST and "\n" not in text.strip() else ""


def worded(key: str) -> str:
    """A key of the standards as people say it: `minLength` is `min length`."""
    return _KEYS.get(key) or re.sub(r"(?<=[a-z])([A-Z])", lambda m: " " + m[1].lower(), key)


def _threshold(rule: Holder) -> str:
    operator = operator_of(rule)
    if operator is None:
        return ""
    operands = rule[operator] if isinstance(rule[operator], list) else [rule[operator]]
    share = " percent" if rule.get("unit") == "percent" else ""
    if not all(map(is_number, operands)):
        return f"{worded(operator)} {shown(operands)}{share}"
    return f"{Threshold(operator=operator, operands=tuple(operands))}{share}"


def _level(entry: Holder) -> str:
    parts = (entry.get("value"), entry.get("valueExt"), entry.get("unit"))
    return " ".join(shown(part) for part in parts if part is not None)


def _price(holder: Holder) -> str:
    amount = " ".join(
        str(holder[key]) for key in ("priceAmount", "priceCurrency") if holder.get(key) is not None
    )
    return f"{amount} per {holder['priceUnit']}" if holder.get("priceUnit") else amount


PHRASES: dict[str, Callable[[Holder], str]] = {
    "threshold": _threshold,
    "level": _level,
    "price": _price,
}
"""Promises that several keys say, in the words that say them best."""
