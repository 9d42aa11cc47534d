"""What a commit of the Delta log says of its release: enough for the registry to know it again.

Rows that broke a check and the SQL of checks are left out: who may read a table may read its log.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from mesh_platform.checks.spec import CheckResult, Outcome
from mesh_platform.state.records import (
    Attempt,
    CheckRecord,
    ContractRecord,
    FileRecord,
    Followed,
    InputRecord,
    Origin,
    PortRecord,
    State,
)
from mesh_platform.storage.tables import RELEASE_KEY

_RECORD = "mesh.record"
_CHECKS = "mesh.checks"
_PROMISES = "mesh.promises"
_DEFERS_TO = "mesh.defers_to"
ORIGIN_KEY = "mesh.origin"


@dataclass(frozen=True, slots=True)
class ReleaseRecord:
    """A release with what its checks said and the texts that it was held against.

    `defers_to` is the environment that its own one read at that time.
    """

    attempt: Attempt
    checks: tuple[CheckRecord, ...] = ()
    promises: tuple[ContractRecord, ...] = ()
    defers_to: str | None = None


def written(record: ReleaseRecord, port: PortRecord, known: Iterable[str] = ()) -> dict[str, str]:
    """The metadata of the commit of one port; texts whose digest is `known` are left out."""
    attempt, digests = record.attempt, set(known)
    metadata = {
        RELEASE_KEY: attempt.id,
        "mesh.product": attempt.product,
        "mesh.port": port.port,
        "mesh.version": port.version,
        "mesh.fingerprint": attempt.fingerprint,
        "mesh.contract": port.contract_digest,
        _RECORD: json.dumps(asdict(attempt), default=_text),
        _CHECKS: json.dumps([_check(check) for check in record.checks]),
        _PROMISES: json.dumps([asdict(p) for p in record.promises if p.digest not in digests]),
    }
    if attempt.origin:
        metadata[ORIGIN_KEY] = attempt.origin.release_id
    if record.defers_to:
        metadata[_DEFERS_TO] = record.defers_to
    return metadata


def read(metadata: Mapping[str, str]) -> ReleaseRecord | None:
    """The release of a commit, or None where the commit is from before releases were recorded.

    Raises:
        ValueError: the metadata is damaged.
    """
    if _RECORD not in metadata:
        return None
    try:
        return ReleaseRecord(
            attempt=_attempt(json.loads(metadata[_RECORD])),
            checks=tuple(map(_check_record, json.loads(metadata[_CHECKS]))),
            promises=promises_of(metadata),
            defers_to=metadata.get(_DEFERS_TO),
        )
    except (KeyError, TypeError) as error:
        raise ValueError(f"the record of release {metadata.get(RELEASE_KEY)} is damaged") from error


def promises_of(metadata: Mapping[str, str]) -> tuple[ContractRecord, ...]:
    """The texts that a commit carries."""
    return tuple(ContractRecord(**values) for values in json.loads(metadata.get(_PROMISES, "[]")))


def _text(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _attempt(values: dict[str, Any]) -> Attempt:
    ended, origin, follows = (values.get(key) for key in ("ended_at", "origin", "follows"))
    return Attempt(
        **values
        | {
            "state": State(values["state"]),
            "started_at": datetime.fromisoformat(values["started_at"]),
            "ended_at": datetime.fromisoformat(ended) if ended else None,
            "ports": tuple(map(_port, values["ports"])),
            "inputs": tuple(InputRecord(**pin) for pin in values["inputs"]),
            "origin": Origin(**origin) if origin else None,
            "follows": Followed(**follows) if follows else None,
        }
    )


def _port(values: dict[str, Any]) -> PortRecord:
    files = tuple(FileRecord(**file) for file in values["files"])
    return PortRecord(**values | {"files": files, "columns": tuple(values["columns"])})


def _check(record: CheckRecord) -> dict[str, Any]:
    return asdict(replace(record, result=replace(record.result, sample=(), sql=None)))


def _check_record(values: dict[str, Any]) -> CheckRecord:
    result = values["result"]
    again = result | {"outcome": Outcome(result["outcome"]), "sample": ()}
    return CheckRecord(values["port"], CheckResult(**again))
