"""What consumers can rely on: how firmly, how often."""

from __future__ import annotations

from collections.abc import Mapping

from mesh_platform.governance.examples import a_port, level
from mesh_platform.governance.policy import Violation, policy
from mesh_platform.governance.subjects import PortSubject
from mesh_platform.model.contract import ServiceLevel


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
    """A port promises at least the availability that its type of product needs, in percent.

    Why: what others build on must stand more firmly than what stands at the end.
    """
    kind = port.product.product.type
    needed, found = minimum.get(kind, 0.0), port.level("availability")
    share = port.percent("availability")
    if needed and (share is None or share < needed):
        said = f"{share:g} percent" if share is not None else _in_words(found)
        return Violation(
            f"`{port.name}` promises {said}; a {kind} product needs {needed:g}",
            f"promise `{{property: availability, value: {needed:g}, unit: percent}}`, and keep it",
            found.place if found else None,
        )
    return None


def _in_words(level: ServiceLevel | None) -> str:
    """A level that is no share in percent."""
    if level is None:
        return "no availability"
    unit = f" {level.unit}" if level.unit else ""
    return f"an availability of `{level.value}{unit}`, which is no share in percent"


@port_availability.good
def _firm() -> PortSubject:
    return a_port(service_levels=(level("availability", 99.5, "percent"),))


@port_availability.good
def _no_minimum_for_this_type() -> PortSubject:
    return a_port(product={"type": "experiment"}, service_levels=())


@port_availability.bad
def _loose() -> PortSubject:
    return a_port(service_levels=(level("availability", 90, "percent"),))


@port_availability.good
def _firm_in_another_spelling() -> PortSubject:
    return a_port(service_levels=(level("availability", "99.5%"),))


@port_availability.bad
def _in_permille() -> PortSubject:
    return a_port(service_levels=(level("availability", 995, "permille"),))


@port_availability.bad
def _of_no_unit() -> PortSubject:
    return a_port(service_levels=(level("availability", 99.5),))


@port_availability.bad
def _of_more_than_all() -> PortSubject:
    return a_port(service_levels=(level("availability", 995, "percent"),))


@port_availability.bad
def _in_words_alone() -> PortSubject:
    return a_port(service_levels=(level("availability", "always", "percent"),))


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


@policy("port.latency", severity="warning")
def port_latency(
    port: PortSubject,
    *,
    most_hours: Mapping[str, float] = {
        "sourceAligned": 24.0,
        "aggregate": 24.0,
        "consumerAligned": 48.0,
    },
) -> Violation | None:
    """A port promises after how long data is there, no later than its type of product allows.

    Why: delays add up from product to product; each consumer plans with those before it.
    """
    kind, days = port.product.product.type, port.days("latency")
    allowed, found = most_hours.get(kind), port.level("latency")
    if allowed is not None and (days is None or days * 24 > allowed):
        said = "no latency" if found is None else "no time that can be counted"
        said = f"data after {days * 24:g} hours" if days is not None else said
        return Violation(
            f"`{port.name}` promises {said}; a {kind} product has {allowed:g} hours",
            f"promise `{{property: latency, value: {allowed:g}, unit: h}}`, and keep it",
            found.place if found else None,
        )
    return None


@port_latency.good
def _within_the_day() -> PortSubject:
    return a_port(service_levels=(level("latency", 1, "d"),))


@port_latency.good
def _later_at_the_end_of_the_chain() -> PortSubject:
    of_type = {"type": "consumerAligned"}
    return a_port(product=of_type, service_levels=(level("latency", 48, "h"),))


@port_latency.good
def _no_limit_for_this_type() -> PortSubject:
    return a_port(product={"type": "experiment"}, service_levels=())


@port_latency.bad
def _after_two_days() -> PortSubject:
    return a_port(service_levels=(level("latency", 2, "d"),))


@port_latency.bad
def _of_an_unknown_unit() -> PortSubject:
    return a_port(service_levels=(level("latency", 1, "shift"),))


@port_latency.bad
def _no_latency() -> PortSubject:
    return a_port(service_levels=())
