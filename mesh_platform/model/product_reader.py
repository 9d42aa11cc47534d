"""Read a product's folder: its descriptor, its contracts, and the suites beside them.

Faults become findings that carry the product's name. A product is read whole or not at all.
Whether its input ports exist is not checked here: that needs the whole mesh.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from mesh_platform.errors import Place, did_you_mean
from mesh_platform.files import is_leftover
from mesh_platform.model.acknowledgements import FILE as ACKNOWLEDGEMENTS
from mesh_platform.model.acknowledgements import Acknowledgement, read_acknowledgements
from mesh_platform.model.contract import Contract, Suite, with_suite
from mesh_platform.model.descriptors import read_descriptor
from mesh_platform.model.documents import Document
from mesh_platform.model.findings import Finding, Findings
from mesh_platform.model.landing import Landing, read_landing
from mesh_platform.model.mesh import Port, PortInput, Product
from mesh_platform.model.naming import (
    ANOTHER_NAME,
    PortName,
    ProductName,
    is_version,
    major,
    segment_problem,
    valid_segment,
)
from mesh_platform.model.odcs import read_draft
from mesh_platform.model.odps import Descriptor, InputPortEntry, OutputPortEntry
from mesh_platform.model.suites import find_suites

README = "README.md"
_Contracts = dict[tuple[str, int], Contract]


@dataclass(frozen=True, slots=True)
class ProductFiles:
    """Hold what the files of a product say; `product` is None where it cannot be read.

    `drafts` are contracts that contradict themselves. `reads` are the products that its input ports
    name, as far as its descriptor can be read.
    """

    product: Product | None
    findings: list[Finding]
    drafts: list[Contract]
    reads: tuple[ProductName, ...]


def read_product(
    path: Path, name: ProductName, root: Path, variables: Mapping[str, str]
) -> ProductFiles:
    """Read the product that a descriptor describes.

    Args:
        path: the descriptor.
        name: what the folders call the product.
        root: the mesh; files are named relative to it.
        variables: values of `${NAME}` in contracts and descriptors.
    """
    reader = _ProductReader(path, name, root, variables)
    place = Place(path.relative_to(root).as_posix(), 1)
    product = reader.findings.attempt("product.invalid", reader.read, place)
    findings = [replace(finding, product=str(name)) for finding in reader.findings.items]
    return ProductFiles(product, findings, reader.drafts, reader.reads)


class _ProductReader:
    """Reads one product's folder."""

    def __init__(
        self, path: Path, name: ProductName, root: Path, variables: Mapping[str, str]
    ) -> None:
        self.path, self.name, self.root, self.variables = path, name, root, variables
        self.findings = Findings()
        self.drafts: list[Contract] = []
        self.reads: tuple[ProductName, ...] = ()

    def read(self) -> Product | None:
        shown = self._shown(self.path)
        descriptor, document, findings = read_descriptor(self.path, shown, self.variables)
        self.findings.items.extend(findings)
        if problem := segment_problem("product", self.name.name):
            self.findings.add("product.name", problem, document.place(), fix=ANOTHER_NAME)
        if descriptor is None:
            return None
        self._check_id(descriptor, document)
        landings, inputs = self._inputs(descriptor, document)
        self.reads = tuple(item.port.product for item in inputs)
        ports = self._ports(descriptor, document)
        if ports is None:
            return None
        acknowledged = self._acknowledged(inputs)
        product = Product(
            name=self.name,
            title=descriptor.name or str(self.name),
            type=descriptor.type or "unspecified",
            version=descriptor.version,
            status=descriptor.status,
            purpose=descriptor.description.purpose,
            folder=self.path.parent,
            landings=landings,
            inputs=inputs,
            ports=ports,
            acknowledged=acknowledged,
            text=document.text,
            api_version=descriptor.api_version,
            team=descriptor.team.name if descriptor.team else None,
            support=tuple(entry.url for entry in descriptor.support),
            readme=(self.path.parent / README).is_file(),
            place=document.place(),
        )
        return self._with_suites(product)

    def _check_id(self, descriptor: Descriptor, document: Document) -> None:
        if descriptor.id != str(self.name):
            self.findings.add(
                "product.id",
                f"the id `{descriptor.id}` does not say where the product is",
                document.place(("id",)),
                fix=f"write `id: {self.name}`",
            )

    def _acknowledged(self, inputs: tuple[PortInput, ...]) -> tuple[Acknowledgement, ...]:
        def read() -> tuple[Acknowledgement, ...]:
            ports = (item.port.path for item in inputs)
            found, wrong = read_acknowledgements(self.path.parent, self.root, ports)
            self.findings.items.extend(wrong)
            return found

        place = Place(self._shown(self.path.parent / ACKNOWLEDGEMENTS), 1)
        return self.findings.attempt("ack.invalid", read, place) or ()

    def _with_suites(self, product: Product) -> Product:
        def read() -> dict[str, Suite]:
            found, wrong = find_suites(product, self.root)
            self.findings.items.extend(wrong)
            return found

        suites = self.findings.attempt("suite.invalid", read, product.place)
        if not suites:
            return product
        ports = tuple(_with_suite(port, suites.get(port.name.name)) for port in product.ports)
        return product.model_copy(update={"ports": ports})

    def _inputs(
        self, descriptor: Descriptor, document: Document
    ) -> tuple[tuple[Landing, ...], tuple[PortInput, ...]]:
        landings, inputs = [], []
        for index, entry in enumerate(descriptor.input_ports):
            path = ("inputPorts", index)
            place = document.place(path)
            if entry.contract_id is None:
                landing, wrong = read_landing(entry, path, document, self.path.parent)
                self.findings.items.extend(wrong.items)
                landings.append(landing)
            elif (found := self._input(entry, entry.contract_id, place)) is not None:
                inputs.append(found)
        return tuple(landings), tuple(inputs)

    def _input(self, entry: InputPortEntry, contract_id: str, place: Place) -> PortInput | None:
        port = _port_name(contract_id)
        if port is None:
            self.findings.add(
                "input.contract-id",
                f"`{contract_id}` is not a port of a mesh",
                place,
                fix="write `contractId: domain/product` or `domain/product/port`",
            )
            return None
        self._check_version(entry, place)
        name = PortName.versioned(port.product, port.name, entry.version or "1.0.0")
        return PortInput(port=name, version=entry.version, place=place)

    def _check_version(self, entry: InputPortEntry, place: Place) -> None:
        if entry.version and not is_version(entry.version):
            self.findings.add(
                "input.version",
                f"`{entry.version}` is no version",
                place,
                fix="write one with numbers, for instance `version: 2.1.0`; "
                "a provider may be newer within the major",
            )

    def _ports(self, descriptor: Descriptor, document: Document) -> tuple[Port, ...] | None:
        """Return the output ports, or None where not all of them can be read."""
        contracts = self._contracts()
        if contracts is None:
            return None
        if not descriptor.output_ports:
            self.findings.add(
                "product.no-port",
                "the product offers no output port",
                document.place(),
                fix="add an entry to `outputPorts` and a contract beside this file",
            )
        found = [
            self._port(entry, contracts, document.place(("outputPorts", index)))
            for index, entry in enumerate(descriptor.output_ports)
        ]
        ports = tuple(port for port in found if port is not None)
        if len(ports) < len(found):
            return None
        self._check_contracts(contracts.values(), ports)
        return tuple(self._once(ports, document))

    def _once(self, ports: Iterable[Port], document: Document) -> Iterator[Port]:
        """Yield each port once, and report the entries that repeat one."""
        first: dict[PortName, int] = {}
        for index, port in enumerate(ports):
            other = first.setdefault(port.name, index)
            if other == index:
                yield port
                continue
            self.findings.add(
                "port.name-clash",
                f"the port `{port.name.name}` stands twice in `outputPorts`,"
                f" first at line {document.place(('outputPorts', other)).line}",
                document.place(("outputPorts", index)),
                fix="remove one of the two entries, or rename it",
            )

    def _port(self, entry: OutputPortEntry, contracts: _Contracts, place: Place) -> Port | None:
        if problem := segment_problem("port", entry.name):
            self.findings.add("port.name", problem, place, fix="choose another name")
            return None
        name = PortName.versioned(self.name, entry.name, entry.version)
        contract = self._contract_of(entry, entry.contract_id or name.path, contracts, place)
        if contract is None:
            return None
        self._check_agreement(name, entry.version, contract, place)
        return Port(
            name=name,
            description=entry.description,
            version=entry.version,
            contract=contract,
            deprecated=entry.deprecated or contract.status == "deprecated",
        )

    def _contract_of(
        self, entry: OutputPortEntry, wanted: str, contracts: _Contracts, place: Place
    ) -> Contract | None:
        contract = contracts.get((wanted, major(entry.version)))
        if contract is None:
            self.findings.add(
                "port.no-contract",
                f"port `{entry.name}` has no contract `{wanted}`",
                place,
                fix=_misnamed(self.path.parent)
                or (contracts and _contract_fix(wanted, entry.version, contracts))
                or f"write the promise to {entry.name}.odcs.yaml beside this file",
            )
        return contract

    def _check_agreement(
        self, name: PortName, version: str, contract: Contract, place: Place
    ) -> None:
        """Check that a port and its contract have the same name and version."""
        if contract.id != name.path:
            self.findings.add(
                "port.contract-id",
                f"the contract of port `{name}` is called `{contract.id}`",
                place,
                fix=f"write `contractId: {name.path}` here and `id: {name.path}` in the contract",
            )
        if contract.version != version:
            self.findings.add(
                "port.version",
                f"the port is version {version}, its contract {contract.version}",
                place,
                fix="give both the same version",
            )

    def _contracts(self) -> _Contracts | None:
        """Return the contracts in the product's folder by id and major; None if one is invalid."""
        contracts, valid = _Contracts(), True
        for path in sorted(self.path.parent.glob("*.odcs.yaml")):
            if is_leftover(path.name):
                continue
            contract = self._contract(path)
            if contract is None:
                valid = False
                continue
            other = contracts.setdefault((contract.id, major(contract.version)), contract)
            if other is not contract:
                self._same_contract(contract, other)
        return contracts if valid else None

    def _contract(self, path: Path) -> Contract | None:
        def read() -> Contract | None:
            contract, findings = read_draft(path, self._shown(path), self.variables)
            self.findings.items.extend(findings)
            if contract is None or not any(finding.blocking for finding in findings):
                return contract
            self.drafts.append(contract)
            return None

        return self.findings.attempt("contract.invalid", read, Place(self._shown(path), 1))

    def _check_contracts(self, contracts: Iterable[Contract], ports: tuple[Port, ...]) -> None:
        """Warn of a contract that no port has: nobody checks it."""
        kept = {port.contract.place.file for port in ports}
        for contract in (each for each in contracts if each.place.file not in kept):
            self.findings.add(
                "contract.no-port",
                f"no port has the contract `{contract.id}`, version {contract.version}:"
                " nothing holds it",
                contract.place,
                fix=f"add an entry to `outputPorts` with `contractId: {contract.id}`"
                f" and `version: {contract.version}`, or remove the file",
                severity="warning",
            )

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


def _misnamed(folder: Path) -> str | None:
    """Suggest another name for a file that looks like a contract and is not read."""
    for other in sorted(folder.iterdir()):
        if re.search(r"\.(odcs|contract)\.(yml|json)$", other.name, re.IGNORECASE):
            return f"rename {other.name}: a contract is read from a file `NAME.odcs.yaml`"
    return None


def _contract_fix(wanted: str, version: str, contracts: _Contracts) -> str:
    others = [contract.version for contract in contracts.values() if contract.id == wanted]
    if others:
        return f"write a contract of version {version}; there is one of {', '.join(others)}"
    return did_you_mean(wanted, (contract.id for contract in contracts.values()))
