"""What consumers can rely on: how firmly, how often."""

from __future__ import annotations

from collections.abc import Mapping

from mesh_platform.governance.examples import a_port, level
from mesh_platform.governance.policy import Violation, policy
from mesh_platform.governance.subjects import PortSubject


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
