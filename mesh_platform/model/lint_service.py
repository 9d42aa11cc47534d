"""Service levels that no program could read: schedules, time zones, days and lengths of time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from mesh_platform.model.cron import cron_problem, zone_problem
from mesh_platform.model.documents import Document, Path
from mesh_platform.model.durations import amount
from mesh_platform.model.findings import Finding
from mesh_platform.model.verdict import shown

TIME_ZONE = "timeZone"
"""Custom property of a `frequency`: the zone in which its schedule is meant."""
_DAYS = frozenset({"endofsupport", "es", "endoflife", "el", "generalavailability", "ga"})
_LENGTHS = frozenset(
    {
        *("frequency", "fy", "latency", "ly", "retention", "re", "freshness"),
        *("timetodetect", "td", "timetonotify", "tn", "timetorepair", "tr"),
    }
)
_EXAMPLE = "`0 6 * * *` for every day at 06:00, `0 6 * * mon` for every Monday"
Entry = dict[str, Any]


def service_findings(document: Document) -> Iterator[Finding]:
    """Yield what is wrong with the service levels of a contract."""
    yield from _more_schedules(document)
    for index, entry in enumerate(document.data.get("slaProperties") or []):
        path: Path = ("slaProperties", index)
        name = re.sub(r"[^a-z]", "", str(entry["property"]).lower())
        if has_cron(entry):
            yield from _schedule(entry, path, document)
        if name in _DAYS and _day(entry.get("value")) is None:
            said = f"`{entry['property']}`: {shown(entry.get('value'))} is not a day"
            place = document.place((*path, "value"))
            yield Finding("contract.day", said, place, "write it as `'2027-01-31'`")
        if name in _LENGTHS and not _is_length(entry):
            said = f"`{entry['property']}`: {_with_unit(entry)} is not a length of time"
            fix = "write a number as `value`, and as `unit` one of s, min, h, d, w, month, y"
            place = document.place((*path, "value"))
            yield Finding("contract.duration", said, place, fix, severity="warning")


def has_cron(entry: Entry) -> bool:
    """Tell whether a service level names cron as its scheduler."""
    return str(entry.get("scheduler")).lower() == "cron"


def builds(entry: Entry) -> bool:
    """Tell whether a service level has the schedule by which a product is built."""
    return str(entry.get("property")).lower() in ("frequency", "fy") and has_cron(entry)


def _more_schedules(document: Document) -> Iterator[Finding]:
    entries = enumerate(document.data.get("slaProperties") or [])
    for index, _ in [(index, entry) for index, entry in entries if builds(entry)][1:]:
        yield Finding(
            "contract.schedule",
            "a second schedule builds nothing: the product has the first one",
            document.place(("slaProperties", index)),
            "write one cron for both, such as `0 6,18 * * *`, or remove this one",
            severity="warning",
        )


def time_zone(entry: Entry) -> Any:
    """The zone of a schedule, as it is written; None where it is not said."""
    properties = entry.get("customProperties") or []
    return next((p.get("value") for p in properties if p.get("property") == TIME_ZONE), None)


def _schedule(entry: Entry, path: Path, document: Document) -> Iterator[Finding]:
    cron, zone = entry.get("schedule"), time_zone(entry)
    if cron is None:
        said = f"`{entry['property']}` has a scheduler, and no schedule"
        fix = f"add `schedule:`, for instance {_EXAMPLE}"
        yield Finding("contract.schedule", said, document.place(path), fix)
    elif problem := cron_problem(cron):
        place = document.place((*path, "schedule"))
        said = f"{shown(cron)} is not a cron schedule: {problem}"
        yield Finding("contract.schedule", said, place, f"write {_EXAMPLE}")
    if zone is not None and (problem := zone_problem(str(zone))):
        place = document.place((*path, "customProperties"))
        said = f"`{TIME_ZONE}`: {shown(zone)}: {problem}"
        fix = "write a name of the IANA list, for instance `Europe/Berlin` or `America/New_York`"
        yield Finding("contract.time-zone", said, place, fix)


def _day(value: Any) -> date | None:
    """A day, or the day of a point in time."""
    text = str(value)
    try:
        found = date.fromisoformat(text[:10])
    except ValueError:
        return None
    return found if re.fullmatch(r"\d{4}-\d{2}-\d{2}([T ].*)?", text) else None


def _is_length(entry: Entry) -> bool:
    found = amount(entry.get("value"), entry.get("unit"))
    return found is not None and found.unit == "time"


def _with_unit(entry: Entry) -> str:
    unit = entry.get("unit")
    return f"{shown(entry.get('value'))} {shown(unit)}" if unit else shown(entry.get("value"))
