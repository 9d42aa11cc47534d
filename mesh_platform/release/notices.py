"""What a consumer should know before it is too late: ports that it reads and that will go."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from mesh_platform.model.mesh import Mesh, Port, Product
from mesh_platform.model.naming import major


def notices(mesh: Mesh, product: Product, today: date) -> tuple[str, ...]:
    """One sentence for each input port that is deprecated, or whose support has an end."""
    read = (mesh.ports[item.port] for item in product.inputs if item.port in mesh.ports)
    return tuple(
        f"{product.name} reads `{port.name}`, {said}{_way_out(mesh, port)}"
        for port in read
        if (said := ", ".join(_said(port, today)))
    )


def _said(port: Port, today: date) -> Iterator[str]:
    if port.deprecated:
        yield "which is deprecated"
    for what, told in (
        ("support", port.contract.end_of_support),
        ("life", port.contract.end_of_life),
    ):
        if told:
            ended = _is_over(told, today)
            yield f"{what} {'ended' if ended else 'ends'} on {told}"


def _is_over(told: str, today: date) -> bool:
    """Whether a date of a contract has passed; what is no date never does."""
    try:
        return date.fromisoformat(told[:10]) <= today
    except ValueError:
        return False


def _way_out(mesh: Mesh, port: Port) -> str:
    newer = [
        other
        for other in mesh.ports.values()
        if other.name.path == port.name.path
        and not other.deprecated
        and major(other.version) > major(port.version)
    ]
    if not newer:
        return ""
    best = max(newer, key=lambda other: major(other.version))
    schema, name = best.name.relation
    return f"; read `{best.name}` (version {best.version}) as source('{schema}', '{name}')"
