"""Records as rows of the registry's tables, and back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row

from mesh_platform.checks.spec import CheckResult, Outcome
from mesh_platform.state.records import (
    Attempt,
    CheckRecord,
    FileRecord,
    Followed,
    InputRecord,
    Origin,
    PortRecord,
    State,
)


def attempt_values(item: Attempt) -> dict[str, Any]:
    """Columns of an attempt, without those of its parts."""
    values = asdict(item)
    for name in ("ports", "inputs", "environment"):
        del values[name]
    for part in ("origin", "follows"):
        for key, value in (values.pop(part) or {}).items():
            values[f"{part}_id" if key == "release_id" else f"{part}_{key}"] = value
    return values


def port_values(port: PortRecord) -> dict[str, Any]:
    """Columns of a port, without its files."""
    values = asdict(port)
    del values["files"]
    return values


def file_rows(ports: Iterable[PortRecord]) -> list[dict[str, Any]]:
    """Columns of the files of some ports."""
    return [{"port": port.port, **asdict(file)} for port in ports for file in port.files]


def to_attempt(
    row: Row[Any], ports: Iterable[Row[Any]], files: Iterable[Row[Any]], inputs: Iterable[Row[Any]]
) -> Attempt:
    """An attempt with its parts."""
    of_port: dict[str, list[FileRecord]] = {}
    for file in files:
        record = FileRecord(file.name, file.rows, file.bytes, file.digest)
        of_port.setdefault(file.port, []).append(record)
    values = dict(row._mapping)
    values["state"] = State(row.state)
    values["started_at"] = utc(row.started_at)
    values["ended_at"] = utc(row.ended_at) if row.ended_at else None
    origin = [values.pop(f"origin_{name}") for name in ("id", "environment", "number")]
    follows = [values.pop(f"follows_{name}") for name in ("id", "environment")]
    return Attempt(
        **values,
        ports=tuple(_port(port, of_port.get(port.port, ())) for port in ports),
        inputs=tuple(sorted(map(_input, inputs), key=lambda pin: pin.port)),
        origin=Origin(*origin) if origin[0] else None,
        follows=Followed(*follows) if follows[0] else None,
    )


def _input(row: Row[Any]) -> InputRecord:
    return InputRecord(row.port, row.release_id, row._mapping.get("environment"))


def _port(row: Row[Any], files: Iterable[FileRecord]) -> PortRecord:
    values = dict(row._mapping)
    del values["attempt_id"]
    values["columns"] = tuple(values["columns"])
    return PortRecord(**values, files=tuple(files))


def utc(moment: datetime) -> datetime:
    """A moment in UTC: SQLite forgets the zone; everything the registry holds is UTC."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def check_rows(checks: Sequence[CheckRecord]) -> Iterable[dict[str, Any]]:
    """Columns of check results, in their order."""
    for position, record in enumerate(checks):
        values = asdict(record.result)
        values["sample"] = list(values["sample"])
        yield {"port": record.port or "", "position": position, **values}


def to_check(row: Row[Any]) -> CheckRecord:
    """Return what a check said."""
    values = dict(row._mapping)
    port = values.pop("port") or None
    del values["attempt_id"], values["position"]
    values["outcome"], values["sample"] = Outcome(row.outcome), tuple(row.sample)
    return CheckRecord(port, CheckResult(**values))
