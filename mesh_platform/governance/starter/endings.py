"""How a port comes to its end: announced, in time, and with nobody left behind."""

from __future__ import annotations

from datetime import date
from typing import Any

from mesh_platform.errors import listed
from mesh_platform.governance.examples import Around, a_change, a_port, level
from mesh_platform.governance.policy import Violation, policy
from mesh_platform.governance.subjects import ChangeSubject, PortSubject

_ENDING = (level("endOfSupport", "2026-07-01"), level("endOfLife", "2026-12-31"))
_READ = Around(readers=1)
_NEARER = ("end.announced", "end.earlier")
"""Changes by which consumers have less time than they knew."""


@policy("port.supported")
def port_supported(port: PortSubject) -> Violation | None:
    """A port that is read has not come to the end of its support.

    Why: consumers of such a port rely on data that nobody answers for.
    """
    end = port.day("endOfSupport")
    if end is not None and end < port.mesh.today and port.consumers:
        return Violation(
            f"support of `{port.name}` ended on {end}, and {listed(port.consumers)} read it",
            "move its consumers to a newer major, or extend `endOfSupport`",
        )
    return None


@port_supported.good
def _supported_for_a_while() -> PortSubject:
    return a_port(service_levels=_ENDING, around=_READ)


@port_supported.good
def _ended_and_not_read() -> PortSubject:
    return a_port(service_levels=_ENDING, around=Around(today=date(2027, 1, 1)))


@port_supported.bad
def _ended_and_read() -> PortSubject:
    return a_port(service_levels=_ENDING, around=Around(today=date(2026, 8, 1), readers=2))


@policy("port.deprecation-notice")
def port_deprecation_notice(port: PortSubject, *, days: int = 90) -> Violation | None:
    """A deprecated port says when its support and its life end, with time to move in between.

    A port is deprecated where its contract or its entry in the descriptor says so, or the status of
    its product. How long before the support ends consumers are told, is for `change.end-notice`.

    Why: a port that vanishes overnight breaks the trust in all ports.
    """
    if not port.port.deprecated and port.product.product.status != "deprecated":
        return None
    support, life = port.day("endOfSupport"), port.day("endOfLife")
    if support is None or life is None or (life - support).days < days:
        return Violation(
            f"`{port.name}` is deprecated and does not leave {days} days between the end of its "
            "support and the end of its life",
            "write `endOfSupport` and `endOfLife` under `slaProperties`, with their dates",
        )
    return None


@port_deprecation_notice.good
def _half_a_year() -> PortSubject:
    return a_port(port={"deprecated": True}, service_levels=_ENDING)


@port_deprecation_notice.good
def _of_a_deprecated_product_with_dates() -> PortSubject:
    return a_port(product={"status": "deprecated"}, service_levels=_ENDING)


@port_deprecation_notice.bad
def _without_dates() -> PortSubject:
    return a_port(port={"deprecated": True})


@port_deprecation_notice.bad
def _of_a_deprecated_product_without_dates() -> PortSubject:
    return a_port(product={"status": "deprecated"})


@port_deprecation_notice.bad(days=365)
def _less_than_asked_for() -> PortSubject:
    return a_port(port={"deprecated": True}, service_levels=_ENDING)


@policy("change.end-notice")
def change_end_notice(change: ChangeSubject, *, days: int = 90) -> Violation | None:
    """Who reads a port knows of its end long enough before.

    It is judged when the end is announced, or set to an earlier day than the last release said:
    from today there must be so many days until then. What was released before is no change any
    more, so an end that comes near, or has passed, is never held against later plans. Consumers
    that have agreed to the change need no notice.

    Why: moving to another port takes its time, and nobody plans it before being told.
    """
    end, known = _new_end(change), _day(change.change.before)
    waiting = set(change.port.consumers if change.port else ()) - set(change.acknowledged)
    over = known is not None and known < change.mesh.today
    if end and waiting and not over and (end - change.mesh.today).days < days:
        return Violation(
            f"{change.message}: {end} leaves {listed(sorted(waiting))} less than {days} days",
            "set a later day, or ask them for their word on it in `acknowledgements.yaml`",
        )
    return None


def _new_end(change: ChangeSubject) -> date | None:
    """The day that consumers are told of for the first time."""
    return _day(change.change.after) if change.change.code in _NEARER else None


def _day(said: Any) -> date | None:
    """The day in a service level, or in its value."""
    value = said.get("value") if isinstance(said, dict) else said
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        return None


def _an_end(after: str, before: str | None = None, **fields: Any) -> ChangeSubject:
    """A change of the day on which the support of `sales/orders` ends."""
    words: dict[str, Any] = {"code": "end.earlier", "before": before, "after": after}
    if before is None:
        said = {"property": "endOfSupport", "value": after}
        words = {"code": "end.announced", "before": None, "after": said}
    return a_change(change=words, around=fields.pop("around", _READ), **fields)


@change_end_notice.good
def _announced_in_time() -> ChangeSubject:
    return _an_end("2026-09-30")


@change_end_notice.good
def _no_end() -> ChangeSubject:
    return a_change(around=_READ)


@change_end_notice.good
def _soon_and_read_by_nobody() -> ChangeSubject:
    return _an_end("2026-06-02", around=Around())


@change_end_notice.good
def _soon_as_its_consumers_agreed() -> ChangeSubject:
    return _an_end("2026-06-02", acknowledged=("reader0/report",))


@change_end_notice.good
def _put_off() -> ChangeSubject:
    later = {"code": "end.later", "before": "2026-06-02", "after": "2026-06-09"}
    return a_change(change=later, around=_READ)


@change_end_notice.good
def _over_before_and_said_better() -> ChangeSubject:
    return _an_end("2026-05-01", before="2026-05-31")


@change_end_notice.bad
def _announced_for_tomorrow() -> ChangeSubject:
    return _an_end("2026-06-02")


@change_end_notice.bad
def _brought_forward() -> ChangeSubject:
    return _an_end("2026-07-01", before="2026-12-31")


@change_end_notice.bad
def _announced_when_it_is_over() -> ChangeSubject:
    return _an_end("2026-05-01")


@change_end_notice.bad(days=365)
def _sooner_than_asked_for() -> ChangeSubject:
    return _an_end("2026-12-31")
