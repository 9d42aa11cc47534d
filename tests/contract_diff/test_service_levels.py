from __future__ import annotations

from typing import Any

import pytest

from mesh_platform.contract_diff.compare import contract_changes
from mesh_platform.contract_diff.relations import Relation
from mesh_platform.contract_diff.schedules import compared_schedules, runs
from mesh_platform.model.durations import amount
from tests.contract_diff.contracts import contract

SAME, TIGHTER, LOOSER, OTHER = Relation.SAME, Relation.TIGHTER, Relation.LOOSER, Relation.OTHER
LEVELS = {
    SAME: ["level.as-before"],
    TIGHTER: ["level.improved"],
    LOOSER: ["level.worsened"],
    OTHER: ["level.changed"],
}


def _codes(name: str, old: tuple[Any, ...], new: tuple[Any, ...]) -> list[str]:
    entries = (
        {"property": name, **dict(zip(("value", "unit"), given, strict=False))}
        for given in (old, new)
    )
    return [c.code for c in contract_changes(*(contract(slaProperties=[e]) for e in entries))]


@pytest.mark.parametrize(
    ("name", "old", "new", "relation"),
    [
        ("latency", (24, "h"), (1, "d"), SAME),
        ("latency", (24, "h"), (1, "days"), SAME),
        ("latency", ("PT24H",), ("P1D",), SAME),
        ("latency", (60, "min"), (2, "h"), LOOSER),
        ("ly", (2, "hours"), (90, "minutes"), TIGHTER),
        ("latency", ("4h",), (3, "h"), TIGHTER),
        ("latency", (5, "ticks"), (6, "ticks"), LOOSER),
        ("latency", (5, "ticks"), (5, "h"), OTHER),
        ("latency", (5, "h"), ("soon",), OTHER),
        ("latency", ("5h", "min"), (5, "h"), OTHER),
        ("frequency", ("daily",), (1, "d"), SAME),
        ("frequency", ("hourly",), ("daily",), LOOSER),
        ("Time to Repair", (4, "h"), (8, "h"), LOOSER),
        ("availability", (99.5, "percent"), (99.9, "%"), TIGHTER),
        ("availability", ("99.9%",), ("99.5%",), LOOSER),
        ("retention", (30, "d"), (20, "d"), LOOSER),
        ("retention", (12, "months"), (1, "year"), SAME),
        ("retention", (1, "y"), (13, "mo"), TIGHTER),
        ("retention", (1, "month"), (30, "d"), OTHER),
        ("retention", (1, "month"), (4, "weeks"), LOOSER),
        ("retention", (1, "month"), (31, "d"), TIGHTER),
        ("throughput", (100, "rows/s"), (50, "rows/s"), LOOSER),
        ("timeOfAvailability", ("09:00",), ("08:30",), TIGHTER),
        ("timeOfAvailability", ("09:00-08:00",), ("18:00Z",), LOOSER),
        ("timeOfAvailability", ("09:00-08:00",), ("17:00Z",), SAME),
        ("timeOfAvailability", ("morning",), ("09:00",), OTHER),
        ("timeOfAvailability", ("09:00", "CET"), ("09:00", "UTC"), OTHER),
        ("generalAvailability", ("2026-01-01",), ("2026-02-01",), LOOSER),
        ("supportHours", ("08:00-18:00",), ("8-20",), TIGHTER),
        ("supportHours", ("24x7",), ("0-23",), LOOSER),
        ("supportHours", ("8-18",), ("9-19",), OTHER),
        ("supportHours", ("Mon-Fri 8-18",), ("Mon-Thu 8-18",), OTHER),
        ("supportHours", (8, "h"), (10, "h"), TIGHTER),
        ("mood", (1,), (2,), OTHER),
        ("mood", (60, "min"), (1, "h"), SAME),
    ],
)
def test_a_service_level_is_better_or_worse_by_what_it_means(
    name: str, old: tuple[Any, ...], new: tuple[Any, ...], relation: Relation
) -> None:
    assert _codes(name, old, new) == LEVELS[relation]
    back = {TIGHTER: LOOSER, LOOSER: TIGHTER}.get(relation, relation)
    assert _codes(name, new, old) == LEVELS[back]


def test_an_upper_value_that_changes_is_not_compared() -> None:
    old, new = ({"property": "latency", "value": 1, "valueExt": n} for n in (2, 3))
    (change,) = contract_changes(contract(slaProperties=[old]), contract(slaProperties=[new]))
    assert (change.code, change.message) == (
        "level.changed",
        "service level `latency` changes from 1 2 to 1 3",
    )


def test_a_month_has_no_fixed_length() -> None:
    found = amount(1, "month")
    assert found is not None
    assert (found.least / 86400, found.most / 86400, found.months) == (28, 31, 1)


@pytest.mark.parametrize(
    ("old", "new", "relation"),
    [
        ("0 5 * * *", "0 5 * * *", SAME),
        ("0 0 * * *", "@daily", SAME),
        ("0 5 * * 0", "0 5 * * SUN", SAME),
        ("0 5 * * 0", "0 5 * * 7", SAME),
        ("0 5 * * *", "0 8 * * *", LOOSER),
        ("0 5 * * *", "0 5,17 * * *", TIGHTER),
        ("0 5,6 * * *", "0 5 * * *", LOOSER),
        ("0 5 * * *", "0 5 * * MON-FRI", LOOSER),
        ("0 5 1 * *", "0 5 1,15 * *", TIGHTER),
        ("0 5 1 * *", "0 5 * * 1", TIGHTER),
        ("0 * * * *", "*/15 * * * *", TIGHTER),
        ("0 * * * *", "*/2 0 * * *", LOOSER),
        ("0 5 * * 1", "0 5 * * 2", OTHER),
        ("0 5,17 * * *", "0 6,18 * * *", OTHER),
        ("0 5 1 * *", "0 5 1 1 *", LOOSER),
        ("soon", "0 5 * * *", OTHER),
        ("at  noon", "at noon", SAME),
        ("0 6 l * *", "0 6 L * *", SAME),
        ("0 6 L,1 * *", "0 6 1,l * *", SAME),
        ("0 6 l 12 *", "0 6 31 12 *", SAME),
        ("0 6 l * *", "0 6 31 * *", LOOSER),
        ("0 6 l * *", "0 6 15,l * *", TIGHTER),
        ("0 6 l * *", "0 6 * * *", TIGHTER),
        ("0 6 l * *", "0 8 l * *", LOOSER),
        ("0 6 l * *", "0 6 l * 1", TIGHTER),
    ],
)
def test_schedules_are_compared_by_how_long_one_waits(
    old: str, new: str, relation: Relation
) -> None:
    assert compared_schedules(old, new) is relation
    back = {TIGHTER: LOOSER, LOOSER: TIGHTER}.get(relation, relation)
    assert compared_schedules(new, old) is back


@pytest.mark.parametrize(
    "cron",
    [
        "",
        "* * * *",
        "60 * * * *",
        "* * 0 * *",
        "*/0 * * * *",
        "a * * * *",
        "0 0 31 2 *",
    ],
)
def test_what_never_runs_is_no_schedule(cron: str) -> None:
    assert runs(cron) is None


def test_date_and_weekday_together_mean_either() -> None:
    both, dates, days = (runs(f"0 5 {each}") for each in ("1 * 1", "1 * *", "* * 1"))
    assert both is not None
    assert dates is not None
    assert days is not None
    assert both.days == dates.days | days.days
    assert days.longest_wait == 7 * 24 * 60


def test_a_schedule_that_goes_is_missed_and_one_that_comes_is_a_promise() -> None:
    frequency = {"property": "frequency", "value": 1, "unit": "d"}
    cron = {**frequency, "scheduler": "cron", "schedule": "0 5 * * *"}
    with_cron, without = contract(slaProperties=[cron]), contract(slaProperties=[frequency])
    assert [c.code for c in contract_changes(without, with_cron)] == ["schedule.more-often"]
    assert [c.code for c in contract_changes(with_cron, without)] == ["schedule.less-often"]
    other = contract(slaProperties=[{**cron, "scheduler": "dagster"}])
    assert [c.code for c in contract_changes(with_cron, other)] == ["schedule.changed"]
