"""Presents the files of a mesh to policies, each value with the object that it belongs to.

A subject knows its mesh and the day, so that a policy needs neither a clock nor a file. Values
that many policies need are computed here once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from mesh_platform.errors import Place
from mesh_platform.governance.waivers import Waiver
from mesh_platform.model.contract import Column, Contract, Rule, ServiceLevel
from mesh_platform.model.durations import amount
from mesh_platform.model.mesh import Domain, Mesh, Port, Product
from mesh_platform.model.naming import PortName, ProductName, major
from mesh_platform.model.settings import Term

_DAY = 86400


@dataclass(frozen=True, slots=True)
class Read:
    """Describe something that a product's SQL or dbt test reads and should not, with its line."""

    what: str
    place: Place


@dataclass(frozen=True)
class MeshSubject:
    """Hold the whole mesh on a day.

    `reads` holds what SQL reads without an input port. `tests` holds dbt tests that block on data
    of other domains alone. Both may be incomplete.
    """

    mesh: Mesh
    today: date
    waivers: tuple[Waiver, ...] = ()
    reads: Mapping[ProductName, tuple[Read, ...]] = field(default_factory=dict)
    tests: Mapping[ProductName, tuple[Read, ...]] = field(default_factory=dict)

    @property
    def place(self) -> Place:
        """Return the place of `mesh.yaml`."""
        return Place("mesh.yaml", 1)

    @property
    def dictionary(self) -> dict[str, Term]:
        """Return the terms of the mesh by column name; they apply in every domain."""
        return self.mesh.dictionary

    @cached_property
    def domains(self) -> tuple[DomainSubject, ...]:
        """Return all domains."""
        return tuple(DomainSubject(domain, self) for domain in self.mesh.domains)

    @cached_property
    def ports(self) -> tuple[PortSubject, ...]:
        """Return all output ports."""
        return tuple(port for domain in self.domains for p in domain.products for port in p.ports)

    @cached_property
    def readers(self) -> dict[PortName, tuple[Product, ...]]:
        """Return the products that read each output port."""
        found: dict[PortName, list[Product]] = {}
        for product in self.mesh.products.values():
            for name in {item.port for item in product.inputs}:
                found.setdefault(name, []).append(product)
        return {name: tuple(products) for name, products in found.items()}

    @cached_property
    def key_domains(self) -> dict[str, frozenset[str]]:
        """Return, for each column name, the domains in which it is part of a primary key."""
        found: dict[str, set[str]] = {}
        for name, port in self.mesh.ports.items():
            for column in port.contract.key:
                found.setdefault(column, set()).add(name.product.domain)
        return {column: frozenset(domains) for column, domains in found.items()}


@dataclass(frozen=True)
class DomainSubject:
    """Hold one domain."""

    domain: Domain
    mesh: MeshSubject

    @property
    def name(self) -> str:
        """Return the name of the domain."""
        return self.domain.name

    @property
    def place(self) -> Place:
        """Return the place of its `domain.yaml`."""
        return self.domain.home

    @cached_property
    def products(self) -> tuple[ProductSubject, ...]:
        """Return its products."""
        return tuple(ProductSubject(product, self) for product in self.domain.products)

    @property
    def waivers(self) -> tuple[Waiver, ...]:
        """Return its waivers, and those of its products."""
        return tuple(waiver for waiver in self.mesh.waivers if waiver.domain == self.name)

    @property
    def unreadable(self) -> bool:
        """Tell whether its `domain.yaml` is invalid; the platform reports that by itself."""
        return (None, "domain.invalid") in self.refused

    @cached_property
    def refused(self) -> frozenset[tuple[str | None, str]]:
        """Return product and code of each finding of the platform itself in its files."""
        return frozenset((finding.product, finding.code) for finding in self.domain.findings)


@dataclass(frozen=True)
class ProductSubject:
    """Hold one data product."""

    product: Product
    domain: DomainSubject

    @cached_property
    def mesh(self) -> MeshSubject:
        """Return the mesh that it belongs to."""
        return self.domain.mesh

    @property
    def name(self) -> str:
        """Return its name, `domain/product`."""
        return str(self.product.name)

    @property
    def place(self) -> Place:
        """Return the place of its descriptor."""
        return self.product.place

    @cached_property
    def ports(self) -> tuple[PortSubject, ...]:
        """Return its output ports."""
        return tuple(PortSubject(port, self) for port in self.product.ports)

    @property
    def reads_around_ports(self) -> tuple[Read, ...]:
        """Return what its SQL reads without an input port."""
        return self.mesh.reads.get(self.product.name, ())

    @property
    def tests_of_others(self) -> tuple[Read, ...]:
        """Return its dbt tests that block on data of other domains alone."""
        return self.mesh.tests.get(self.product.name, ())

    def found(self, code: str) -> bool:
        """Tell whether the platform itself has reported this code for the product."""
        return (self.name, code) in self.domain.refused


@dataclass(frozen=True)
class PortSubject:
    """Hold one output port with its contract."""

    port: Port
    product: ProductSubject

    @cached_property
    def mesh(self) -> MeshSubject:
        """Return the mesh that it belongs to."""
        return self.product.mesh

    @property
    def contract(self) -> Contract:
        """Return its contract."""
        return self.port.contract

    @property
    def name(self) -> str:
        """Return its name as people type it."""
        return str(self.port.name)

    @property
    def place(self) -> Place:
        """Return the place of its contract."""
        return self.contract.place

    @property
    def consumers(self) -> tuple[str, ...]:
        """Return the names of the products that read it."""
        return tuple(str(product.name) for product in self.mesh.readers.get(self.port.name, ()))

    @property
    def is_last_major(self) -> bool:
        """Tell whether its product offers no newer major of it."""
        path, number = self.port.name.path, major(self.port.version)
        return not any(
            other.name.path == path and major(other.version) > number
            for other in self.product.product.ports
        )

    @cached_property
    def columns(self) -> tuple[ColumnSubject, ...]:
        """Return its columns, and those nested in them."""
        return tuple(_columns(self, self.contract.columns, ""))

    def level(self, name: str) -> ServiceLevel | None:
        """Return the service level of this name that its contract promises, if any."""
        return next((s for s in self.contract.service_levels if s.property == name), None)

    def days(self, name: str) -> float | None:
        """Return a service level that is a time span, in days; a year counts as 365 days."""
        level = self.level(name)
        found = amount(level.value, level.unit) if level else None
        return found.least / _DAY if found and found.unit == "time" else None

    def percent(self, name: str) -> float | None:
        """Return a service level that is a share of 0 to 100 percent; None if it is not."""
        level = self.level(name)
        found = amount(level.value, level.unit) if level else None
        share = found.least if found and found.unit == "percent" else None
        return share if share is not None and 0 <= share <= 100 else None

    def day(self, name: str) -> date | None:
        """Return a service level that is a day, such as `endOfSupport`."""
        level = self.level(name)
        try:
            return date.fromisoformat(str(level.value)[:10]) if level else None
        except ValueError:
            return None

    def rules_of(self, column: str) -> tuple[Rule, ...]:
        """Return the rules on one column: its own, and those of the table that name it."""
        own = next((c.rules for c in self.contract.columns if c.name == column), ())
        named = (rule for rule in self.contract.rules if _names(rule, column))
        return (*own, *named)


@dataclass(frozen=True)
class OfPort:
    """Hold a part of an output port; a subclass may have a more exact place than the port's."""

    port: PortSubject

    @property
    def product(self) -> ProductSubject:
        """Return the product that offers the port."""
        return self.port.product

    @property
    def mesh(self) -> MeshSubject:
        """Return the mesh that it belongs to."""
        return self.port.mesh

    @property
    def name(self) -> str:
        """Return the name of the port."""
        return self.port.name

    @property
    def place(self) -> Place:
        """Return the place of the contract."""
        return self.port.place


@dataclass(frozen=True)
class ColumnSubject(OfPort):
    """Hold one promised column; `path` is dotted if the column is nested in another."""

    column: Column
    path: str

    @property
    def name(self) -> str:
        """Return the name of the column."""
        return self.column.name

    @property
    def place(self) -> Place:
        """Return its line in the contract."""
        return self.column.place

    @property
    def term(self) -> Term | None:
        """Return the term in the mesh's dictionary for this column name, if there is one."""
        return self.mesh.dictionary.get(self.name)

    @property
    def is_key(self) -> bool:
        """Tell whether it is part of the primary key."""
        return self.column.key_position is not None


def _columns(port: PortSubject, columns: tuple[Column, ...], way: str) -> Iterator[ColumnSubject]:
    for column in columns:
        path = f"{way}{column.name}"
        yield ColumnSubject(port, column, path)
        inside = column.columns or (column.items.columns if column.items else ())
        yield from _columns(port, inside, f"{path}.")


def _names(rule: Rule, column: str) -> bool:
    """Tell whether a rule of the table lists a column, or has its name in its query."""
    listed = rule.arguments.get("properties") or ()
    return column in listed or (rule.query is not None and column in rule.query)
