"""The list of changes as a document of Bitol's draft OMDS (Open Metadata Difference Standard).

The draft has no word for another order: a MOVE is a CHANGE there.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

from mesh_platform.contract_diff.values import Change, Kind, Level, in_words
from mesh_platform.contract_diff.versions import required_version
from mesh_platform.model.naming import is_version

API_VERSION = "v1.0.0"
_SELECTOR = re.compile(r"\[[^\]]*\]")


def difference_document(
    old: dict[str, Any], new: dict[str, Any], changes: Sequence[Change]
) -> dict[str, Any]:
    """Write changes as OMDS wants them.

    Args:
        old: the document they start from.
        new: the document they lead to.
        changes: all changes between the two.
    """
    version = str(old.get("version") or "1.0.0")
    document: dict[str, Any] = {
        "apiVersion": API_VERSION,
        "kind": "MetadataDifference",
        "sourceKind": old.get("kind") or "DataContract",
        "source1": _source(old),
        "source2": _source(new),
        "scope": "all",
        "impact": _impact(changes),
    }
    if is_version(version):
        levels = [change.level for change in changes]
        document["suggestedVersion"] = required_version(version, levels)
    document["diffs"] = [_entry(change) for change in changes]
    document["customProperties"] = [
        {"property": "generatedBy", "value": "mesh-platform"},
        {"property": "codes", "value": [change.code for change in changes]},
        {"property": "reasons", "value": [change.why for change in changes]},
        {"property": "producerImpact", "value": [change.producer.name for change in changes]},
    ]
    return document


def _source(document: dict[str, Any]) -> dict[str, Any]:
    return {"id": document.get("id"), "version": str(document.get("version") or "1.0.0")}


def _impact(changes: Sequence[Change]) -> dict[str, int]:
    counted = Counter(change.level for change in changes)
    return {level.word: counted[level] for level in (Level.MAJOR, Level.MINOR, Level.PATCH)}


def _entry(change: Change) -> dict[str, Any]:
    keys = _SELECTOR.sub("", change.path).strip("/").split("/")
    kind = Kind.CHANGE if change.kind is Kind.MOVE else change.kind
    entry: dict[str, Any] = {
        "type": kind.value,
        "section": keys[0],
        "field": keys[-1],
        "path": change.path,
    }
    if kind is not Kind.ADD:
        entry["value1"] = change.before
    if kind is not Kind.REMOVE:
        entry["value2"] = change.after
    return {**entry, "message": in_words(change), "impactLevel": change.level.name}
