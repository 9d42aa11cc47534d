"""Schedules: `mesh check` refuses what Dagster would refuse, and says what to write."""

from __future__ import annotations

import pytest
from dagster._utils.schedules import CroniterShim, is_valid_cron_string
from hypothesis import given, settings
from hypothesis import strategies as st

from mesh_platform.model.cron import FIELDS, cron_problem, field_values, zone_problem
from mesh_platform.model.loader import load_mesh
from tests.small_mesh import ORDERS, SmallMesh

CONTRACT = f"{ORDERS}/orders.odcs.yaml"
SCHEDULE = '    schedule: "0 5 * * *"\n'


def _field(name: str, low: int, high: int, words: tuple[str, ...]) -> st.SearchStrategy[str]:
    numbers = st.integers(max(0, low - 1), high + 1).map(str)
    odd = st.sampled_from([*words, "*", "x", "", "00", "-1", "l", "1.5"])
    one = numbers | odd
    steps = st.sampled_from(["", "", "/2", "/5", "/0", "/90", "/x"])
    ends = st.just("") | one.map("-{}".format)
    part = st.builds(lambda a, b, step: a + b + step, one, ends, steps)
    usual = st.sampled_from(["*", "*", "*/2"])
    return usual | st.lists(part, min_size=1, max_size=2).map(",".join)


CRONS = st.tuples(*(_field(*field) for field in FIELDS)).map(" ".join)


@settings(max_examples=300, deadline=None)
@given(CRONS)
def test_a_schedule_that_is_let_through_is_one_for_dagster(cron: str) -> None:
    if cron_problem(cron) is not None:
        return
    assert is_valid_cron_string(cron)
    if "l" in cron.split()[2] or ("*" in cron and "," in cron):
        return  # values that no comparison asks for
    if any("-" in part and "/" in part for part in cron.replace(" ", ",").split(",")):
        return  # a range that goes round, in steps, is counted in another way
    for text, field, theirs in zip(cron.split(), FIELDS, CroniterShim.expand(cron)[0], strict=True):
        if theirs != ["*"]:
            ours = {value % 7 for value in field_values(text, field)} if field[2] == 7 else None
            assert (ours or field_values(text, field)) == {
                value % 7 if field[2] == 7 else value for value in theirs
            }


@pytest.mark.parametrize(
    "cron",
    [
        "0 5 * * *",
        "*/15 8-18 * * mon-fri",
        "0 0 1,15 * *",
        "@daily",
        "0 22 * * FRI-MON",
        "0 0 l * *",
    ],
)
def test_usual_schedules_are_let_through(cron: str) -> None:
    assert cron_problem(cron) is None
    assert is_valid_cron_string(cron)


@pytest.mark.parametrize(
    ("cron", "said"),
    [
        ("every day", "it has 2 of five fields: minute, hour, day, month, weekday"),
        ("", "it has 0 of five fields: minute, hour, day, month, weekday"),
        ("0 0 5 * * *", "it has 6 of five fields: minute, hour, day, month, weekday"),
        ("60 5 * * *", "`60` is not a minute: 0 to 59, `*`, `*/2` and ranges like `1-4`"),
        ("0 5 * * mo", "`mo` is not a weekday: 0 to 7, or sun to sat, `*`, `*/2`"),
        ("0 5 * 0 *", "`0` is not a month: 1 to 12, or jan to dec"),
        ("0 0 31 4,6 *", "it never runs: no such month has a day 31"),
        ("0 0 30 feb *", "it never runs: no such month has a day 30"),
    ],
)
def test_a_text_that_is_no_schedule_is_told_with_the_field(cron: str, said: str) -> None:
    assert (cron_problem(cron) or "").startswith(said)


@pytest.mark.parametrize(
    "name", ["CET+1", "Europe/Berlinn", "", "../etc/passwd", "/etc/passwd", "a\0b"]
)
def test_a_text_that_is_no_time_zone_is_told(name: str) -> None:
    assert zone_problem(name) == "it is not the name of a time zone"


@pytest.mark.parametrize(
    ("old", "new", "code", "line", "said", "fix"),
    [
        (
            SCHEDULE,
            "    schedule: every day\n",
            "contract.schedule",
            "schedule: every day",
            "`every day` is not a cron schedule: it has 2 of five fields: minute, hour, day,"
            " month, weekday",
            "write `0 6 * * *` for every day at 06:00, `0 6 * * mon` for every Monday",
        ),
        (
            SCHEDULE,
            "",
            "contract.schedule",
            "- property: frequency",
            "`frequency` has a scheduler, and no schedule",
            "add `schedule:`, for instance `0 6 * * *` for every day at 06:00, `0 6 * * mon` for"
            " every Monday",
        ),
        (
            SCHEDULE,
            SCHEDULE + "    customProperties: [{property: timeZone, value: Berlin}]\n",
            "contract.time-zone",
            "customProperties: [{property: timeZone, value: Berlin}]",
            "`timeZone`: `Berlin`: it is not the name of a time zone",
            "write a name of the IANA list, for instance `Europe/Berlin` or `America/New_York`",
        ),
        (
            "slaProperties:\n",
            "slaProperties:\n  - {property: endOfSupport, value: next year}\n",
            "contract.day",
            "- {property: endOfSupport, value: next year}",
            "`endOfSupport`: `next year` is not a day",
            "write it as `'2027-01-31'`",
        ),
        (
            "slaProperties:\n",
            "slaProperties:\n  - {property: latency, value: 4, unit: parsecs}\n",
            "contract.duration",
            "- {property: latency, value: 4, unit: parsecs}",
            "`latency`: `4` `parsecs` is not a length of time",
            "write a number as `value`, and as `unit` one of s, min, h, d, w, month, y",
        ),
    ],
)
def test_check_tells_what_no_program_can_read(  # noqa: PLR0913, PLR0917
    mesh: SmallMesh, old: str, new: str, code: str, line: str, said: str, fix: str
) -> None:
    mesh.edit(CONTRACT, old, new)
    [finding] = load_mesh(mesh.root).findings
    at = mesh.line(CONTRACT, line)
    assert (finding.code, finding.place.line, finding.message) == (code, at, said)
    assert finding.fix == fix
    assert finding.blocking == (code != "contract.duration")


def test_a_schedule_may_name_its_time_zone(mesh: SmallMesh) -> None:
    assert load_mesh(mesh.root).product("shop/orders").time_zone == "UTC"
    zone = "    customProperties: [{property: timeZone, value: Europe/Berlin}]\n"
    mesh.edit(CONTRACT, SCHEDULE, SCHEDULE + zone)
    product = load_mesh(mesh.root).product("shop/orders")
    assert (product.schedule, product.time_zone) == ("0 5 * * *", "Europe/Berlin")


def test_the_name_of_the_scheduler_may_be_written_in_any_case(mesh: SmallMesh) -> None:
    mesh.edit(CONTRACT, "scheduler: cron", "scheduler: Cron")
    contract = load_mesh(mesh.root).product("shop/orders").ports[0].contract
    assert contract.schedule == SCHEDULE.partition(": ")[2].strip().strip("'\"")
    assert [f for f in load_mesh(mesh.root).findings if f.code.startswith("contract.")] == []


def test_a_second_schedule_is_said_to_build_nothing(mesh: SmallMesh) -> None:
    more = "  - {property: frequency, value: 1, unit: d, scheduler: cron, schedule: 0 18 * * *}\n"
    mesh.edit(CONTRACT, SCHEDULE, SCHEDULE + more)
    (found,) = [f for f in load_mesh(mesh.root).findings if f.code == "contract.schedule"]
    assert (found.severity, found.message) == (
        "warning",
        "a second schedule builds nothing: the product has the first one",
    )
    assert found.place.line == mesh.line(CONTRACT, "schedule: 0 18")
