"""What stands in the files of a mesh, as policies see it: each value with what it belongs to.

A subject knows its mesh and the day; so a policy needs neither a clock nor a file. Words that many
policies need are said here once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from mesh_platform.errors import Place
from mesh_platform.governance.waivers import Waiver
from mesh_platform.model.changes.durations import amount
from mesh_platform.model.contract import Column, Contract, Rule, ServiceLevel
from mesh_platform.model.mesh import Domain, Mesh, Port, Product
from mesh_platform.model.naming import PortName, ProductName, major
from mesh_platform.model.settings import Term

_DAY = 86400


@dataclass(frozen=True, slots=True)
class Read:
    """Something that a product's SQL reads and should not, in words, with its line."""

    what: str
    place: Place


@dataclass(frozen=True)
class MeshSubject:
    """The whole mesh on a day.

    `reads` is what SQL reads around ports, `tests` are dbt tests that block on data of other
    domains alone; both as far as it is known.
    """

    mesh: Mesh
    today: date
    waivers: tuple[Waiver, ...] = ()
    reads: Mapping[ProductName, tuple[Read, ...]] = field(default_factory=dict)
    tests: Mapping[ProductName, tuple[Read, ...]] = field(default_factory=dict)

    @property
    def place(self) -> Place:
        """Where what is true of the whole mesh is written."""
        return Place("mesh.yaml", 1)

    @property
    def dictionary(self) -> dict[str, Term]:
        """What a column of a name is in every domain."""
        return self.mesh.dictionary

    @cached_property
    def domains(self) -> tuple[DomainSubject, ...]:
        """All domains."""
        return tuple(DomainSubject(domain, self) for domain in self.mesh.domains)

    @cached_property
    def ports(self) -> tuple[PortSubject, ...]:
        """All output ports."""
        return tuple(port for domain in self.domains for p in domain.products for port in p.ports)

    @cached_property
    def readers(self) -> dict[PortName, tuple[Product, ...]]:
        """Products that read each port."""
        found: dict[PortName, list[Product]] = {}
        for product in self.mesh.products.values():
            for name in {item.port for item in product.inputs}:
                found.setdefault(name, []).append(product)
        return {name: tuple(products) for name, products in found.items()}

    @cached_property
    def key_domains(self) -> dict[str, frozenset[str]]:
        """Domains in which a column of a name is part of a key."""
        found: dict[str, set[str]] = {}
        for name, port in self.mesh.ports.items():
            for column in port.contract.key:
                found.setdefault(column, set()).add(name.product.domain)
        return {column: frozenset(domains) for column, domains in found.items()}


@dataclass(frozen=True)
class DomainSubject:
    """One domain."""

    domain: Domain
    mesh: MeshSubject

    @property
    def name(self) -> str:
        """Its name."""
        return self.domain.name

    @property
    def place(self) -> Place:
        """Its `domain.yaml`."""
        return self.domain.home

    @cached_property
    def products(self) -> tuple[ProductSubject, ...]:
        """Its products."""
        return tuple(ProductSubject(product, self) for product in self.domain.products)

    @property
    def waivers(self) -> tuple[Waiver, ...]:
        """Its waivers, and those of its products."""
        return tuple(waiver for waiver in self.mesh.waivers if waiver.domain == self.name)

    @property
    def unreadable(self) -> bool:
        """Whether its `domain.yaml` says nothing that could be judged: a finding by itself."""
        return (None, "domain.invalid") in self.refused

    @cached_property
    def refused(self) -> frozenset[tuple[str | None, str]]:
        """Products with the codes of what the platform itself found in their files."""
        return frozenset((finding.product, finding.code) for finding in self.domain.findings)


@dataclass(frozen=True)
class ProductSubject:
    """One data product."""

    product: Product
    domain: DomainSubject

    @cached_property
    def mesh(self) -> MeshSubject:
        """The mesh it belongs to."""
        return self.domain.mesh

    @property
    def name(self) -> str:
        """Its name, `domain/product`."""
        return str(self.product.name)

    @property
    def place(self) -> Place:
        """Its descriptor."""
        return self.product.place

    @cached_property
    def ports(self) -> tuple[PortSubject, ...]:
        """Its output ports."""
        return tuple(PortSubject(port, self) for port in self.product.ports)

    @property
    def reads_around_ports(self) -> tuple[Read, ...]:
        """What its SQL reads and no input port names."""
        return self.mesh.reads.get(self.product.name, ())

    @property
    def tests_of_others(self) -> tuple[Read, ...]:
        """Its dbt tests that block on data of other domains alone."""
        return self.mesh.tests.get(self.product.name, ())

    def found(self, code: str) -> bool:
        """Whether the platform itself has found this in its files."""
        return (self.name, code) in self.domain.refused


@dataclass(frozen=True)
class PortSubject:
    """One output port with its contract."""

    port: Port
    product: ProductSubject

    @cached_property
    def mesh(self) -> MeshSubject:
        """The mesh it belongs to."""
        return self.product.mesh

    @property
    def contract(self) -> Contract:
        """Its promise."""
        return self.port.contract

    @property
    def name(self) -> str:
        """Its name as people type it."""
        return str(self.port.name)

    @property
    def place(self) -> Place:
        """Its contract."""
        return self.contract.place

    @property
    def consumers(self) -> tuple[str, ...]:
        """Products that read it."""
        return tuple(str(product.name) for product in self.mesh.readers.get(self.port.name, ()))

    @property
    def is_last_major(self) -> bool:
        """Whether no newer major of it is offered."""
        path, number = self.port.name.path, major(self.port.version)
        return not any(
            other.name.path == path and major(other.version) > number
            for other in self.product.product.ports
        )

    @cached_property
    def columns(self) -> tuple[ColumnSubject, ...]:
        """Its columns, and those inside them."""
        return tuple(_columns(self, self.contract.columns, ""))

    def level(self, name: str) -> ServiceLevel | None:
        """What it promises of a service level."""
        return next((s for s in self.contract.service_levels if s.property == name), None)

    def days(self, name: str) -> float | None:
        """A service level that is a time span with its unit, in days: a year is 365."""
        level = self.level(name)
        found = amount(level.value, level.unit) if level else None
        return found.least / _DAY if found and found.unit == "time" else None

    def percent(self, name: str) -> float | None:
        """A service level that is a share, in percent; None where its unit says something else."""
        level = self.level(name)
        found = amount(level.value, level.unit) if level else None
        share = found.least if found and found.unit == "percent" else None
        return share if share is not None and 0 <= share <= 100 else None

    def day(self, name: str) -> date | None:
        """A service level that is a day, `endOfSupport` for instance."""
        level = self.level(name)
        try:
            return date.fromisoformat(str(level.value)[:10]) if level else None
        except ValueError:
            return None

    def rules_of(self, column: str) -> tuple[Rule, ...]:
        """Rules that hold one column."""
        own = next((c.rules for c in self.contract.columns if c.name == column), ())
        named = (rule for rule in self.contract.rules if _names(rule, column))
        return (*own, *named)


@dataclass(frozen=True)
class OfPort:
    """What belongs to an output port, and stands where the port stands unless it says more."""

    port: PortSubject

    @property
    def product(self) -> ProductSubject:
        """The product that offers it."""
        return self.port.product

    @property
    def mesh(self) -> MeshSubject:
        """The mesh it belongs to."""
        return self.port.mesh

    @property
    def name(self) -> str:
        """The port."""
        return self.port.name

    @property
    def place(self) -> Place:
        """The contract."""
        return self.port.place


@dataclass(frozen=True)
class ColumnSubject(OfPort):
    """One promised column; `path` is dotted where it lies inside another."""

    column: Column
    path: str

    @property
    def name(self) -> str:
        """Its own name."""
        return self.column.name

    @property
    def place(self) -> Place:
        """Its line in the contract."""
        return self.column.place

    @property
    def term(self) -> Term | None:
        """What the dictionary of the mesh says of a column of this name."""
        return self.mesh.dictionary.get(self.name)

    @property
    def is_key(self) -> bool:
        """Whether it is part of the primary key."""
        return self.column.key_position is not None


def _columns(port: PortSubject, columns: tuple[Column, ...], way: str) -> Iterator[ColumnSubject]:
    for column in columns:
        path = f"{way}{column.name}"
        yield ColumnSubject(port, column, path)
        inside = column.columns or (column.items.columns if column.items else ())
        yield from _columns(port, inside, f"{path}.")


def _names(rule: Rule, column: str) -> bool:
    """Whether a rule of the table is about a column, as far as its words tell."""
    listed = rule.arguments.get("properties") or ()
    return column in listed or (rule.query is not None and column in rule.query)
