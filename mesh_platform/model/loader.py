"""Reads a mesh repository into one `Mesh`; what is wrong becomes findings, never a half-read mesh.

A domain that cannot be read does not stop the others: its findings stay with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import TypeVar

from pydantic import Field, ValidationError

from mesh_platform.errors import MeshError, Place, did_you_mean
from mesh_platform.model.contract import Contract, Suite, with_suite
from mesh_platform.model.descriptors import read_descriptor, validation_findings
from mesh_platform.model.documents import Document, read_document
from mesh_platform.model.findings import Finding, Findings
from mesh_platform.model.frozen import Frozen
from mesh_platform.model.mesh import Domain, Landing, Mesh, Port, PortInput, Product
from mesh_platform.model.naming import (
    PortName,
    ProductName,
    is_version,
    major,
    segment_problem,
    valid_segment,
)
from mesh_platform.model.odcs import read_contract
from mesh_platform.model.odps import Descriptor, InputPortEntry, OutputPortEntry
from mesh_platform.model.references import with_references_checked
from mesh_platform.model.suites import find_suites

MESH_FILE = "mesh.yaml"
DOMAIN_FILE = "domain.yaml"
PRODUCT_FILE = "product.odps.yaml"
DBT_PROJECT_FILE = "dbt_project.yml"
_S = TypeVar("_S", bound=Frozen)
_ContractKey = tuple[str, int]


class MeshSettings(Frozen):
    """`mesh.yaml`."""

    name: str
    description: str = ""
    domains: str = "domains"
    check_seconds: float = Field(default=60.0, gt=0)


class OwnerEntry(Frozen):
    """Who answers for a domain."""

    team: str
    email: str


class DomainSettings(Frozen):
    """`domain.yaml`."""

    name: str
    purpose: str
    owner: OwnerEntry


def find_root(start: Path) -> Path:
    """Find the mesh that `start` lies in: the closest folder upwards that holds `mesh.yaml`.

    Raises:
        MeshError: there is none.
    """
    for folder in (start, *start.parents):
        if (folder / MESH_FILE).is_file():
            return folder
    raise MeshError(
        f"no {MESH_FILE} in {start} or any folder above it",
        fix="run the command inside a mesh, or name one with `-C DIR`",
    )


def load_mesh(root: Path, variables: Mapping[str, str] | None = None) -> Mesh:
    """Read the mesh at `root`.

    Args:
        root: the folder that holds `mesh.yaml`.
        variables: values of `${NAME}` in contracts and descriptors.

    Raises:
        MeshError: `mesh.yaml` itself cannot be read.
    """
    document = read_document(root / MESH_FILE, MESH_FILE)
    settings = _settings(MeshSettings, document, "mesh")
    folder = root / settings.domains
    if not folder.is_dir():
        raise MeshError(
            f"the folder `{settings.domains}` does not exist", place=document.place(("domains",))
        )
    homes = sorted(path.parent for path in folder.glob(f"*/{DOMAIN_FILE}"))
    drafts = [_DomainReader(root, home, variables or {}).read() for home in homes]
    mesh = Mesh(
        name=settings.name,
        description=settings.description,
        root=root,
        check_seconds=settings.check_seconds,
        domains=tuple(drafts),
        findings=(),
    )
    return with_references_checked(mesh)


def _settings(kind: type[_S], document: Document, name: str) -> _S:
    try:
        return kind.model_validate(document.data)
    except ValidationError as error:
        known = frozenset(kind.model_fields)
        finding = validation_findings(error, document, name, known)[0]
        raise MeshError(finding.message, place=finding.place, fix=finding.fix) from error


class _DomainReader:
    """Reads one domain's folder."""

    def __init__(self, root: Path, folder: Path, variables: Mapping[str, str]) -> None:
        self.root, self.folder, self.variables = root, folder, variables
        self.findings = Findings()

    def read(self) -> Domain:
        settings = self._domain_settings()
        self._layout(settings.name)
        products = tuple(self._products(settings.name))
        return Domain(
            name=settings.name,
            purpose=settings.purpose,
            team=settings.owner.team,
            email=settings.owner.email,
            folder=self.folder,
            products=products,
            findings=tuple(self.findings.items),
        )

    def _layout(self, name: str) -> None:
        """A domain is a dbt project and a code location of its name."""
        for needed in (DBT_PROJECT_FILE, "packages.yml", "definitions.py"):
            if not (self.folder / needed).is_file():
                self.findings.add(
                    "domain.layout",
                    f"the domain lacks the file `{needed}`",
                    Place(self._shown(self.folder / DOMAIN_FILE), 1),
                    fix=f"add {self._shown(self.folder / needed)}, as other domains have it",
                )
        path = self.folder / DBT_PROJECT_FILE
        if path.is_file():
            project = self.findings.attempt(
                "domain.layout", lambda: read_document(path, self._shown(path)), Place(str(path))
            )
            if project and project.data.get("name") != name:
                self.findings.add(
                    "domain.layout",
                    f"the dbt project is called `{project.data.get('name')}`",
                    project.place(("name",)),
                    fix=f"write `name: {name}`",
                )

    def _domain_settings(self) -> DomainSettings:
        path = self.folder / DOMAIN_FILE
        place = Place(self._shown(path), 1)
        settings = self.findings.attempt(
            "domain.invalid",
            lambda: _settings(DomainSettings, read_document(path, self._shown(path)), "domain"),
            place,
        )
        if settings is None:
            owner = OwnerEntry(team="unknown", email="unknown")
            return DomainSettings(name=self.folder.name, purpose="", owner=owner)
        if problem := segment_problem("domain", settings.name):
            self.findings.add("domain.name", problem, place)
        if settings.name != self.folder.name:
            self.findings.add(
                "domain.name",
                f"domain `{settings.name}` lives in the folder `{self.folder.name}`",
                place,
                fix="give the folder and `name:` the same name",
            )
        return settings.model_copy(update={"name": self.folder.name})

    def _products(self, domain: str) -> Iterator[Product]:
        for path in sorted(self.folder.glob(f"products/*/{PRODUCT_FILE}")):
            before = len(self.findings.items)
            name = ProductName(domain, path.parent.name)
            place = Place(self._shown(path), 1)
            product = self.findings.attempt(
                "product.invalid", partial(self._product, path, name), place
            )
            self._attribute(before, name)
            if product is not None:
                yield product

    def _attribute(self, before: int, name: ProductName) -> None:
        """Write the product's name on the findings made while it was read."""
        for index in range(before, len(self.findings.items)):
            old = self.findings.items[index]
            self.findings.items[index] = Finding(
                old.code, old.message, old.place, old.fix, str(name), old.severity
            )

    def _product(self, path: Path, name: ProductName) -> Product | None:
        descriptor, document, findings = read_descriptor(path, self._shown(path), self.variables)
        self.findings.items.extend(findings)
        if problem := segment_problem("product", name.name):
            self.findings.add("product.name", problem, document.place())
        if descriptor is None:
            return None
        if descriptor.id != str(name):
            self.findings.add(
                "product.id",
                f"the id `{descriptor.id}` does not say where the product is",
                document.place(("id",)),
                fix=f"write `id: {name}`",
            )
        landings, inputs = self._inputs(descriptor, document)
        ports = self._ports(descriptor, document, name, path.parent)
        if ports is None:
            return None
        product = Product(
            name=name,
            title=descriptor.name or str(name),
            type=descriptor.type or "unspecified",
            version=descriptor.version,
            status=descriptor.status,
            purpose=descriptor.description.purpose,
            folder=path.parent,
            landings=landings,
            inputs=inputs,
            ports=ports,
            place=document.place(),
        )
        return self._with_suites(product)

    def _with_suites(self, product: Product) -> Product:
        suites, findings = find_suites(product, self.root)
        self.findings.items.extend(findings)
        if not suites:
            return product
        ports = tuple(_with_suite(port, suites.get(port.name.name)) for port in product.ports)
        return product.model_copy(update={"ports": ports})

    def _inputs(
        self, descriptor: Descriptor, document: Document
    ) -> tuple[tuple[Landing, ...], tuple[PortInput, ...]]:
        landings, inputs = [], []
        for index, entry in enumerate(descriptor.input_ports):
            place = document.place(("inputPorts", index))
            if entry.contract_id is None:
                landings.append(self._landing(entry, place))
            else:
                port = _port_name(entry.contract_id)
                if port is None:
                    self.findings.add(
                        "input.contract-id",
                        f"`{entry.contract_id}` is not a port of a mesh",
                        place,
                        fix="write `contractId: domain/product` or `domain/product/port`",
                    )
                else:
                    self._check_version(entry, place)
                    name = PortName.versioned(port.product, port.name, entry.version or "1.0.0")
                    inputs.append(PortInput(port=name, version=entry.version, place=place))
        return tuple(landings), tuple(inputs)

    def _check_version(self, entry: InputPortEntry, place: Place) -> None:
        if entry.version and not is_version(entry.version):
            self.findings.add(
                "input.version",
                f"`{entry.version}` is no version",
                place,
                fix="write one with numbers, for instance `version: 2.1.0`; "
                "a provider may be newer within the major",
            )

    def _landing(self, entry: InputPortEntry, place: Place) -> Landing:
        location = entry.custom("location")
        if not location:
            self.findings.add(
                "input.no-source",
                f"input port `{entry.name}` names neither a contract nor a location",
                place,
                fix="add `contractId`, or the custom properties `location` and `format`",
            )
        return Landing(
            name=entry.name,
            location=str(location),
            format=str(entry.custom("format") or "csv"),
            place=place,
        )

    def _ports(
        self, descriptor: Descriptor, document: Document, name: ProductName, folder: Path
    ) -> tuple[Port, ...] | None:
        contracts = self._contracts(folder)
        if contracts is None:
            return None
        ports = []
        for index, entry in enumerate(descriptor.output_ports):
            place = document.place(("outputPorts", index))
            port = self._port(entry, name, contracts, place)
            if port is not None:
                ports.append(port)
        if not descriptor.output_ports:
            self.findings.add(
                "product.no-port",
                "the product offers no output port",
                document.place(),
                fix="add an entry to `outputPorts` and a contract beside this file",
            )
        return tuple(ports) if len(ports) == len(descriptor.output_ports) else None

    def _port(
        self,
        entry: OutputPortEntry,
        product: ProductName,
        contracts: dict[_ContractKey, Contract],
        place: Place,
    ) -> Port | None:
        if problem := segment_problem("port", entry.name):
            self.findings.add("port.name", problem, place)
            return None
        name = PortName.versioned(product, entry.name, entry.version)
        wanted = entry.contract_id or name.path
        contract = contracts.get((wanted, major(entry.version)))
        if contract is None:
            self.findings.add(
                "port.no-contract",
                f"port `{entry.name}` has no contract `{wanted}`",
                place,
                fix=_contract_fix(wanted, entry.version, contracts)
                if contracts
                else f"write the promise to {entry.name}.odcs.yaml beside this file",
            )
            return None
        if wanted != name.path:
            self.findings.add(
                "port.contract-id",
                f"the contract of port `{name}` is called `{wanted}`",
                place,
                fix=f"write `contractId: {name.path}` here and `id: {name.path}` in the contract",
            )
        if contract.version != entry.version:
            self.findings.add(
                "port.version",
                f"the port is version {entry.version}, its contract {contract.version}",
                place,
                fix="give both the same version",
            )
        return Port(
            name=name,
            description=entry.description,
            version=entry.version,
            contract=contract,
            deprecated=entry.deprecated or contract.status == "deprecated",
        )

    def _contracts(self, folder: Path) -> dict[_ContractKey, Contract] | None:
        """Contracts in a product's folder by id and major, or None where one is not valid."""
        contracts, valid = dict[_ContractKey, Contract](), True
        for path in sorted(folder.glob("*.odcs.yaml")):
            contract, findings = read_contract(path, self._shown(path), self.variables)
            self.findings.items.extend(findings)
            if contract is None:
                valid = False
                continue
            other = contracts.setdefault((contract.id, major(contract.version)), contract)
            if other is not contract:
                self._same_contract(contract, other)
        return contracts if valid else None

    def _same_contract(self, contract: Contract, other: Contract) -> None:
        self.findings.add(
            "contract.duplicate-id",
            f"two contracts have the id `{contract.id}` and the same major version; "
            f"the other is {other.place.file}",
            contract.place,
            fix="give each its own id, the name of the port that it describes, or another major",
        )

    def _shown(self, path: Path) -> str:
        return path.relative_to(self.root).as_posix()


def _port_name(contract_id: str) -> PortName | None:
    parts = contract_id.split("/")
    if len(parts) not in (2, 3) or not all(map(valid_segment, parts)):
        return None
    return PortName(ProductName(parts[0], parts[1]), parts[-1])


def _with_suite(port: Port, suite: Suite | None) -> Port:
    if suite is None:
        return port
    return port.model_copy(update={"contract": with_suite(port.contract, suite)})


def _contract_fix(wanted: str, version: str, contracts: dict[_ContractKey, Contract]) -> str:
    others = [contract.version for contract in contracts.values() if contract.id == wanted]
    if others:
        return f"write a contract of version {version}; there is one of {', '.join(others)}"
    return did_you_mean(wanted, (contract.id for contract in contracts.values()))
