"""What consumers can rely on, and how a port comes to its end."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from mesh_platform.errors import listed
from mesh_platform.governance.examples import Around, a_port, level
from mesh_platform.governance.policy import Violation, policy
from mesh_platform.governance.subjects import PortSubject

_ENDING = (level("endOfSupport", "2026-07-01"), level("endOfLife", "2026-12-31"))
_READ = Around(readers=1)


@policy("port.availability", severity="warning")
def port_availability(
    port: PortSubject,
    *,
    minimum: Mapping[str, float] = {
        "sourceAligned": 99.0,
        "aggregate": 99.0,
        "consumerAligned": 95.0,
    },
) -> Violation | None:
    """A port promises at least the availability that its type of product needs.

    Why: what others build on must stand more firmly than what stands at the end.
    """
    kind = port.product.product.type
    needed = minimum.get(kind, 0.0)
    found = port.level("availability")
    value = found.value if found and isinstance(found.value, int | float) else None
    if needed and (value is None or value < needed):
        said = f"{value:g} percent" if value is not None else "no availability"
        return Violation(
            f"`{port.name}` promises {said}; a {kind} product needs {needed:g}",
            f"promise `{{property: availability, value: {needed:g}, unit: percent}}`, and keep it",
            found.place if found else None,
        )
    return None


@port_availability.good
def _firm() -> PortSubject:
    return a_port(service_levels=(level("availability", 99.5, "percent"),))


@port_availability.good
def _no_minimum_for_this_type() -> PortSubject:
    return a_port(product={"type": "experiment"}, service_levels=())


@port_availability.bad
def _loose() -> PortSubject:
    return a_port(service_levels=(level("availability", 90, "percent"),))


@port_availability.bad
def _nothing_promised() -> PortSubject:
    return a_port(service_levels=())


@policy("port.frequency", severity="warning")
def port_frequency(port: PortSubject) -> Violation | None:
    """A contract says how often there is a new release.

    Why: without it old data cannot be told from data that is late.
    """
    if port.days("frequency") is None:
        return Violation(
            f"`{port.name}` does not say how often it is renewed",
            "add `{property: frequency, value: 1, unit: d}` to `slaProperties`",
        )
    return None


@port_frequency.good
def _daily() -> PortSubject:
    return a_port(service_levels=(level("frequency", 1, "d"),))


@port_frequency.bad
def _now_and_then() -> PortSubject:
    return a_port(service_levels=(level("frequency", "now and then"),))


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
    """A deprecated port says when it goes, and leaves its consumers time to move.

    Why: a port that vanishes overnight breaks the trust in all ports.
    """
    if not port.port.deprecated:
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


@port_deprecation_notice.bad
def _without_dates() -> PortSubject:
    return a_port(port={"deprecated": True})


@port_deprecation_notice.bad(days=365)
def _less_than_asked_for() -> PortSubject:
    return a_port(port={"deprecated": True}, service_levels=_ENDING)
