"""What a policy may judge, all in one place: the types, the words for them, where each belongs."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from mesh_platform.governance.happening import ChangeSubject, CheckSeen, ReleaseSubject
from mesh_platform.governance.written import (
    ColumnSubject,
    DomainSubject,
    MeshSubject,
    PortSubject,
    ProductSubject,
    Read,
)

__all__ = [
    "SUBJECTS",
    "Belongs",
    "ChangeSubject",
    "CheckSeen",
    "ColumnSubject",
    "DomainSubject",
    "MeshSubject",
    "PortSubject",
    "ProductSubject",
    "Read",
    "ReleaseSubject",
    "Subject",
    "belongs",
    "home",
    "static_subjects",
]

Subject = (
    MeshSubject
    | DomainSubject
    | ProductSubject
    | PortSubject
    | ColumnSubject
    | ChangeSubject
    | ReleaseSubject
)
SUBJECTS: dict[type, str] = {
    MeshSubject: "mesh",
    DomainSubject: "domain",
    ProductSubject: "product",
    PortSubject: "port",
    ColumnSubject: "column",
    ChangeSubject: "change",
    ReleaseSubject: "release",
}
"""What a policy may judge, and the word for it."""


@dataclass(frozen=True, slots=True)
class Belongs:
    """Where a subject belongs; what does not apply is None."""

    domain: str | None = None
    product: str | None = None
    port: str | None = None
    column: str | None = None


def belongs(subject: Subject) -> Belongs:
    """Domain, product, port and column of a subject."""
    match subject:
        case MeshSubject():
            return Belongs()
        case DomainSubject():
            return Belongs(subject.name)
        case ProductSubject():
            return Belongs(subject.domain.name, subject.name)
        case PortSubject():
            inner = belongs(subject.product)
            return Belongs(inner.domain, inner.product, subject.port.name.name)
        case ColumnSubject():
            inner = belongs(subject.port)
            return Belongs(inner.domain, inner.product, inner.port, subject.path)
        case _:
            return belongs(subject.port or subject.product)


def home(subject: Subject) -> Path | None:
    """The folder that a subject's waivers lie in; the mesh as a whole has none."""
    match subject:
        case MeshSubject():
            return None
        case DomainSubject():
            return subject.domain.folder
        case ProductSubject():
            return subject.product.folder
        case _:
            return home(subject.product)


def static_subjects(
    mesh: MeshSubject, domains: Collection[str] | None = None
) -> dict[str, list[Subject]]:
    """Everything that can be judged from files alone, by the word for it.

    Args:
        mesh: the mesh.
        domains: only what belongs to these, and nothing that is true of the whole mesh.
    """
    chosen = [d for d in mesh.domains if domains is None or d.name in domains]
    products = [product for domain in chosen for product in domain.products]
    ports = [port for product in products for port in product.ports]
    return {
        "mesh": [mesh] if domains is None else [],
        "domain": [domain for domain in chosen if not domain.unreadable],
        "product": [*products],
        "port": [*ports],
        "column": [column for port in ports for column in port.columns],
    }
