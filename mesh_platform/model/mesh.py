"""The whole mesh as one frozen value: domains, products, ports and who reads whom."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path

from mesh_platform.errors import MeshError, Place, PromiseBrokenError, UnknownNameError
from mesh_platform.model.contract import Contract
from mesh_platform.model.findings import Finding
from mesh_platform.model.frozen import Frozen
from mesh_platform.model.naming import PortName, ProductName


class Landing(Frozen):
    """An input port that brings data from outside the mesh, a file."""

    name: str
    location: str
    format: str
    place: Place


class PortInput(Frozen):
    """An input port that reads another product's output port."""

    port: PortName
    version: str | None
    place: Place


class Port(Frozen):
    """An output port with its promise."""

    name: PortName
    description: str | None
    version: str
    contract: Contract


class Product(Frozen):
    """A data product: what it reads, what it offers, where its files are."""

    name: ProductName
    title: str
    type: str
    version: str
    status: str
    purpose: str | None
    folder: Path
    landings: tuple[Landing, ...]
    inputs: tuple[PortInput, ...]
    ports: tuple[Port, ...]
    place: Place

    @property
    def schedule(self) -> str | None:
        """Cron of the product: the first its contracts promise."""
        return next((p.contract.schedule for p in self.ports if p.contract.schedule), None)


class Domain(Frozen):
    """One team's folder: owner, purpose, products that could be read."""

    name: str
    purpose: str
    team: str
    email: str
    folder: Path
    products: tuple[Product, ...]
    findings: tuple[Finding, ...]

    @property
    def broken(self) -> bool:
        """Whether an error in its files keeps the domain from building."""
        return any(finding.blocking for finding in self.findings)


class Mesh(Frozen):
    """Everything the files of the mesh say."""

    name: str
    description: str
    root: Path
    domains: tuple[Domain, ...]
    findings: tuple[Finding, ...]

    @cached_property
    def products(self) -> dict[ProductName, Product]:
        """All products by name, in the order of their domains' names."""
        return {product.name: product for domain in self.domains for product in domain.products}

    @cached_property
    def ports(self) -> dict[PortName, Port]:
        """All output ports by name."""
        return {port.name: port for product in self.products.values() for port in product.ports}

    def domain(self, name: str) -> Domain:
        """Find a domain.

        Raises:
            UnknownNameError: there is none of that name.
        """
        found = next((domain for domain in self.domains if domain.name == name), None)
        if found is None:
            raise UnknownNameError("domain", name, [domain.name for domain in self.domains])
        return found

    def product(self, text: str) -> Product:
        """Find a product by `domain/product`.

        Raises:
            UnknownNameError: there is none of that name.
            PromiseBrokenError: the files of its domain have errors.
        """
        by_text = {str(name): product for name, product in self.products.items()}
        if text not in by_text:
            self._refuse_broken(text)
            raise UnknownNameError("product", text, by_text)
        return by_text[text]

    def port(self, text: str) -> Port:
        """Find a port by `domain/product/port`, or `domain/product` where there is only one.

        Raises:
            UnknownNameError: there is none of that name.
            MeshError: the product has several ports.
        """
        known: dict[str, Port] = {}
        for name, port in self.ports.items():
            known[f"{name.product}/{name.name}"] = port
            known[str(name)] = port
        if text in known:
            return known[text]
        by_text = {str(name): product for name, product in self.products.items()}
        if text not in by_text:
            self._refuse_broken(text)
            raise UnknownNameError("port", text, map(str, self.ports))
        if len(by_text[text].ports) != 1:
            names = " or ".join(f"`{port.name}`" for port in by_text[text].ports)
            raise MeshError(f"`{text}` has several ports", fix=f"name one: {names}")
        return by_text[text].ports[0]

    def readable(self, product: Product) -> dict[tuple[str, str], Contract]:
        """Promises that a product's rules may look at, by schema and view: inputs, own ports."""
        names = [item.port for item in product.inputs if item.port in self.ports]
        names += [port.name for port in product.ports]
        return {name.relation: self.ports[name].contract for name in names}

    def _refuse_broken(self, text: str) -> None:
        """What cannot be read is not unknown."""
        name = text.split("/", maxsplit=1)[0]
        if any(domain.name == name and domain.broken for domain in self.domains):
            raise PromiseBrokenError(
                f"`{text}` cannot be read: the files of the domain `{name}` have errors",
                fix=f"mesh check {name}",
            )

    def providers(self, product: Product) -> tuple[ProductName, ...]:
        """Products whose ports this product reads."""
        return tuple(sorted({item.port.product for item in product.inputs}))

    def consumers(self, name: ProductName) -> tuple[ProductName, ...]:
        """Products that read a port of this one."""
        return tuple(p.name for p in self.products.values() if name in self.providers(p))

    def in_order(self, names: Iterable[ProductName]) -> tuple[Product, ...]:
        """Sort products so that providers come before their consumers."""
        wanted, done, seen = set(names), dict[ProductName, None](), set[ProductName]()
        for name in sorted(wanted):
            self._visit(name, done, seen)
        return tuple(self.products[name] for name in done if name in wanted)

    def _visit(
        self, name: ProductName, done: dict[ProductName, None], seen: set[ProductName]
    ) -> None:
        if name in seen or name not in self.products:
            return
        seen.add(name)
        for provider in self.providers(self.products[name]):
            self._visit(provider, done, seen)
        done[name] = None

    def reach(self, start: ProductName, *, up: bool) -> Iterator[ProductName]:
        """Walk from a product to all it depends on, or to all that depend on it; start included."""
        seen, todo = {start}, [start]
        while todo:
            name = todo.pop()
            yield name
            step = self.providers(self.products[name]) if up else self.consumers(name)
            new = [n for n in step if n not in seen and n in self.products]
            seen.update(new)
            todo.extend(new)
