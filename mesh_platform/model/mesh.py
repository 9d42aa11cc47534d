"""Define the whole mesh as one frozen value: domains, products, ports and who reads whom."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path

from pydantic import Field

from mesh_platform.errors import MeshError, Place, PromiseBrokenError, UnknownNameError
from mesh_platform.model.acknowledgements import Acknowledgement
from mesh_platform.model.contract import Contract
from mesh_platform.model.findings import Finding
from mesh_platform.model.frozen import Frozen
from mesh_platform.model.landing import Landing
from mesh_platform.model.naming import PortName, ProductName, later, major
from mesh_platform.model.settings import PolicySetting, Term


class PortInput(Frozen):
    """Hold an input port that reads another product's output port."""

    port: PortName
    version: str | None
    place: Place


class Port(Frozen):
    """Hold an output port with its contract."""

    name: PortName
    description: str | None
    version: str
    contract: Contract
    deprecated: bool = False


class Product(Frozen):
    """Hold a data product: its input ports, its output ports and where its files are.

    `acknowledged` lists the breaking changes of its inputs that its team knows of. `text` is the
    text of the descriptor.
    """

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
    acknowledged: tuple[Acknowledgement, ...] = ()
    text: str = Field(default="", repr=False)
    api_version: str = ""
    team: str | None = None
    support: tuple[str, ...] = ()
    readme: bool = False
    place: Place

    def acknowledgement(self, port: PortName) -> Acknowledgement | None:
        """Return the acknowledgement of a coming version of an input port: the latest one."""
        found: Acknowledgement | None = None
        for item in self.acknowledged:
            if item.port == port.path and (found is None or later(item.version, found.version)):
                found = item
        return found

    @property
    def schedule(self) -> str | None:
        """Return the cron schedule of the product: the first that its contracts promise."""
        return self._scheduled.schedule if self._scheduled else None

    @property
    def time_zone(self) -> str | None:
        """Return the time zone of that schedule."""
        return self._scheduled.time_zone if self._scheduled else None

    @property
    def _scheduled(self) -> Contract | None:
        return next((p.contract for p in self.ports if p.contract.schedule), None)


class Domain(Frozen):
    """Hold one team's folder: owner, purpose, and the products that could be read.

    `variables` names the variables that fill its files. `unread` names the products that exist but
    could not be read, and `unread_reads` pairs each with a product that its input ports name.
    `drafts` holds their contracts that can be parsed but contradict themselves.
    """

    name: str
    purpose: str
    team: str
    email: str
    folder: Path
    products: tuple[Product, ...]
    findings: tuple[Finding, ...]
    variables: tuple[str, ...] = ()
    unread: tuple[ProductName, ...] = ()
    unread_reads: tuple[tuple[ProductName, ProductName], ...] = ()
    drafts: tuple[tuple[ProductName, Contract], ...] = ()
    place: Place | None = None

    @property
    def broken(self) -> bool:
        """Tell whether an error in its files keeps the domain from building."""
        return any(finding.blocking for finding in self.findings)

    @property
    def home(self) -> Place:
        """Return the place to look at for what concerns the domain as a whole."""
        return self.place or Place(self.name)


class Mesh(Frozen):
    """Hold everything that the files of the mesh say.

    `root` contains `mesh.yaml`, `folder` the domains. `guarded` names the environments that refuse
    what breaks a consumer there. `check_seconds` limits the time of one check. `policies` holds the
    settings of each policy. `dictionary` tells what a name means in every domain. `released` holds
    ports as their releases promised them, where the files cannot be read or promise something else.
    """

    name: str
    description: str
    root: Path
    folder: Path
    guarded: tuple[str, ...] = ()
    check_seconds: float = 60.0
    policy_folder: str = "policies"
    policy_seconds: float = 10.0
    policies: tuple[PolicySetting, ...] = ()
    dictionary: dict[str, Term] = Field(default_factory=dict)
    domains: tuple[Domain, ...]
    findings: tuple[Finding, ...]
    released: dict[PortName, Port] = Field(default_factory=dict)

    def with_domains(self, domains: tuple[Domain, ...]) -> Mesh:
        """Return the same mesh with other domains, and without any cached value."""
        return self._with(domains=domains)

    def with_released(self, ports: dict[PortName, Port]) -> Mesh:
        """Return the same mesh with more ports as their releases promised them."""
        return self._with(released=self.released | ports) if ports else self

    def _with(self, **changed: object) -> Mesh:
        fields = {name: getattr(self, name) for name in Mesh.model_fields}
        return Mesh(**{**fields, **changed})

    @cached_property
    def products(self) -> dict[ProductName, Product]:
        """Return all products by name, in the order of their domains."""
        return {product.name: product for domain in self.domains for product in domain.products}

    @cached_property
    def unread(self) -> frozenset[ProductName]:
        """Return the names of the products that exist but could not be read."""
        return frozenset(name for domain in self.domains for name in domain.unread)

    @cached_property
    def ports(self) -> dict[PortName, Port]:
        """Return all output ports by name."""
        return {port.name: port for product in self.products.values() for port in product.ports}

    @cached_property
    def promised(self) -> dict[PortName, Port]:
        """Return all output ports; one that the files do not tell is as its release promised."""
        return self.released | self.ports

    def unread_by(self, text: str) -> ProductName | None:
        """Return the product that could not be read, by its name or that of one of its ports."""
        path = "/".join(text.partition("@")[0].split("/")[:2])
        return next((name for name in self.unread if str(name) == path), None)

    def way_to_build(self, name: ProductName) -> str | None:
        """Return what to do first where the files of a product's domain have errors, else None."""
        broken = any(domain.name == name.domain and domain.broken for domain in self.domains)
        return f"mesh check {name.domain}" if broken else None

    def lacks(self, port: PortName) -> bool:
        """Tell whether nobody offers a port, as far as the files can be read."""
        return port not in self.ports and port.product not in self.unread

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
            PromiseBrokenError: its files have errors.
        """
        by_text = {str(name): product for name, product in self.products.items()}
        if text not in by_text:
            self.refuse_unread(text)
            raise UnknownNameError("product", text, [*by_text, *map(str, self.unread)])
        return by_text[text]

    def port(self, text: str) -> Port:
        """Find a port by `domain/product/port`, or `domain/product` where there is only one.

        `@2` at the end names a major version; without it the newest that is not deprecated.

        Raises:
            UnknownNameError: there is none of that name.
            PromiseBrokenError: its files have errors.
            MeshError: the product has several ports.
        """
        path, _, number = text.partition("@")
        found = [p for p in self.ports.values() if path in (p.name.path, _whole(p.name))]
        if not found:
            found = self._only_port(path)
        if number:
            found = [port for port in found if str(major(port.version)) == number]
        if not found:
            raise UnknownNameError("port", text, map(str, self.ports))
        return max(found, key=lambda port: (not port.deprecated, major(port.version)))

    def _only_port(self, path: str) -> list[Port]:
        """Return the only port of a product, in all its majors."""
        by_text = {str(name): product for name, product in self.products.items()}
        if path not in by_text:
            self.refuse_unread(path)
            raise UnknownNameError("port", path, map(str, (*self.ports, *self.unread)))
        ports = by_text[path].ports
        if len({port.name.base for port in ports}) != 1:
            names = " or ".join(f"`{port.name}`" for port in ports)
            raise MeshError(f"`{path}` has several ports", fix=f"name one: {names}")
        return list(ports)

    def readable(self, product: Product) -> dict[tuple[str, str], Contract]:
        """Return the contracts of a product's input and output ports, by schema and view."""
        names = [item.port for item in product.inputs if item.port in self.promised]
        names += [port.name for port in product.ports]
        return {name.relation: self.promised[name].contract for name in names}

    def released_to(self, product: Product) -> dict[tuple[str, str], Contract]:
        """Return what releases of a product's inputs promised, where that differs, likewise."""
        names = [item.port for item in product.inputs if item.port in self.released]
        return {name.relation: self.released[name].contract for name in names}

    def in_reach(self, product: Product) -> list[Contract]:
        """Return the contracts that protect what a product can read: of files and of releases."""
        return [*self.readable(product).values(), *self.released_to(product).values()]

    def refuse_unread(self, text: str) -> None:
        """Refuse the name of a product, or of its port, where the product could not be read.

        Raises:
            PromiseBrokenError: it is there, and its files have errors.
        """
        if (name := self.unread_by(text)) is not None:
            raise PromiseBrokenError(
                f"`{text}` cannot be read: the files of the domain `{name.domain}` have errors",
                fix=f"mesh check {name.domain}",
            )

    def providers(self, product: Product) -> tuple[ProductName, ...]:
        """Return the products whose ports this product reads."""
        return tuple(sorted({item.port.product for item in product.inputs}))

    def consumers(self, name: ProductName) -> tuple[ProductName, ...]:
        """Return the products that read a port of this one."""
        return tuple(p.name for p in self.products.values() if name in self.providers(p))

    def unread_consumers(self, name: ProductName) -> frozenset[ProductName]:
        """Return the products that could not be read whose descriptors name a port of this one."""
        pairs = (pair for domain in self.domains for pair in domain.unread_reads)
        return frozenset(reader for reader, provider in pairs if provider == name)

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


def _whole(name: PortName) -> str:
    """Return `domain/product/port` even where product and port have the same name."""
    return f"{name.product}/{name.base}"
