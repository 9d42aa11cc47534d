"""A contract of ODCS 3.0 or 3.1, said in the words of 3.2.0; the file itself is not touched.

Positions stay those of the file. What is said differently in 3.2.0:

- a library rule is named by `metric`, not `rule`, and its words changed;
- an exclusive bound is a number, not a switch beside the bound;
- an instant is a `timestamp`, not a `date` whose format has hours or whose physical type is one;
- `team` is a mapping with `members`, and `slaDefaultElement` is written at each service level.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from mesh_platform.model.documents import Document, Path
from mesh_platform.model.findings import Finding
from mesh_platform.model.odcs_versions import NEWEST
from mesh_platform.model.type_text import named_in_duckdb, read_type

_METRICS = {
    "duplicateCount": "duplicateValues",
    "validValues": "invalidValues",
    "nullCheck": "nullValues",
    "nullCount": "nullValues",
    "uniqueCheck": "duplicateValues",
}
_MEANS_NONE = frozenset({"validValues", "nullCheck", "uniqueCheck"})
"""Rules of 3.0 that need no operator: no row may break them."""


def upgraded(document: Document) -> tuple[Document, list[Finding]]:
    """Say a contract in 3.2.0's words; a warning names the version it was written for."""
    version = document.data["apiVersion"]
    upgrade = _Upgrade(is_3_0=version.startswith("v3.0."))
    data = upgrade.contract(document.data)
    note = Finding(
        "upgrade.version",
        f"the contract is written for ODCS {version} and read as {NEWEST}",
        document.place(("apiVersion",)),
        f"write `apiVersion: {NEWEST}` and mend what `mesh check` then says",
        severity="warning",
    )
    return replace(document, data=data, moved=upgrade.moved), [note]


class _Upgrade:
    """Copies one document; `moved` says where renamed keys stand in the file."""

    def __init__(self, *, is_3_0: bool) -> None:
        self.is_3_0 = is_3_0
        self.moved: dict[Path, Path] = {}

    def contract(self, old: dict[str, Any]) -> dict[str, Any]:
        new = {**old, "apiVersion": NEWEST}
        if isinstance(old.get("team"), list):
            new["team"] = {"members": old["team"]}
            self.moved |= {
                ("team", "members", i): ("team", i) for i in range(len(new["team"]["members"]))
            }
        element = new.pop("slaDefaultElement", None)
        if element is not None:
            new["slaProperties"] = [
                {"element": element, **entry} for entry in old.get("slaProperties") or []
            ]
        if "schema" in old:
            new["schema"] = [self._element(e, ("schema", i)) for i, e in enumerate(old["schema"])]
        return new

    def _element(self, old: dict[str, Any], path: Path) -> dict[str, Any]:
        """A table or a column, with all columns inside it."""
        new = dict(old)
        if isinstance(old.get("quality"), list):
            new["quality"] = [
                self._rule(rule, (*path, "quality", i)) for i, rule in enumerate(old["quality"])
            ]
        if isinstance(old.get("properties"), list):
            new["properties"] = [
                self._element(item, (*path, "properties", i))
                for i, item in enumerate(old["properties"])
            ]
        if isinstance(old.get("items"), dict):
            new["items"] = self._element(old["items"], (*path, "items"))
        if self.is_3_0:
            self._options(new)
        return new

    def _options(self, new: dict[str, Any]) -> None:
        given = new.get("logicalTypeOptions")
        options = dict(given) if isinstance(given, dict) else {}
        for exclusive, bound in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
            if options.pop(exclusive, False) and bound in options:
                options[exclusive] = options.pop(bound)
        if new.get("logicalType") == "date":
            new["logicalType"] = _moment(new.get("physicalType"), options.get("format"))
        if isinstance(given, dict):
            new["logicalTypeOptions"] = options

    def _rule(self, old: dict[str, Any], path: Path) -> dict[str, Any]:
        new = dict(old)
        rule = new.pop("rule", None)
        if not self.is_3_0 or rule is None or old.get("type", "library") != "library":
            return new
        self.moved[*path, "metric"] = (*path, "rule")
        new["metric"] = _METRICS.get(rule, rule)
        if "validValues" in new:
            new["arguments"] = {"validValues": new.pop("validValues")}
        if rule in _MEANS_NONE and not any(key.startswith("must") for key in new):
            new["mustBe"] = 0
        return new


def _moment(physical: object, date_format: object) -> str:
    """What a `date` of 3.0 is, which had no other word for points in time and times of day."""
    kind = named_in_duckdb(read_type(str(physical or ""))).name
    if kind.startswith("TIMESTAMP") or "h" in str(date_format or "").lower():
        return "timestamp"
    return "time" if kind.startswith("TIME") else "date"
