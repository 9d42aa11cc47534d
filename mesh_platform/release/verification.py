"""Holds a product's data against its promises: the one list of checks, whoever asks for it.

A build verifies what it staged; anybody may verify a release again, with the promise of then or
with the one that stands in the files now.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from mesh_platform.checks.foreign_keys import PREVIOUS
from mesh_platform.checks.spec import CheckResult, Outcome
from mesh_platform.engines.duckdb.verify_apart import verify_apart
from mesh_platform.engines.duckdb.views import View, parquet_query, previous_query
from mesh_platform.environments.reading import reading, refuse_damaged
from mesh_platform.environments.stored import DamagedError
from mesh_platform.environments.workspace import Workspace, port_of
from mesh_platform.errors import MeshError
from mesh_platform.model.contract import Contract, Suite, digest_of, with_suite
from mesh_platform.model.mesh import Mesh, Port, Product
from mesh_platform.model.naming import PortName
from mesh_platform.model.odcs import parse_contract
from mesh_platform.release.inputs import Inputs, pin_files, pin_views, pins_of
from mesh_platform.state.records import Attempt, CheckRecord, ContractRecord


def verify_attempt(
    workspace: Workspace, product: Product, attempt: Attempt, inputs: Inputs
) -> tuple[CheckRecord, ...]:
    """Run the checks of all ports of a product on what an attempt wrote."""
    room = _Room.of(workspace, attempt, inputs, [port.name for port in product.ports])
    return tuple(
        CheckRecord(port.name.name, result)
        for port in product.ports
        for result in room.results(port.name.name, port.contract, workspace.mesh, product)
    )


def verify_release(
    workspace: Workspace, port: Port, release: Attempt, contract: Contract
) -> tuple[CheckResult, ...]:
    """Run the checks of a contract on one port of a release, with the inputs that it read.

    Raises:
        MeshError: the data of the release, or of one that it read, is gone.
    """
    port_of(release, port.name.name)
    product = workspace.mesh.product(str(port.name.product))
    here = {each.name.name: each.name for each in product.ports}
    ports = [here.get(r.port) or PortName(product.name, r.port) for r in release.ports]
    inputs = pins_of(workspace, product, release)
    workspace = workspace.with_released(pin.release for pin in inputs.pins)
    room = _Room.of(workspace, release, inputs, ports)
    read = [(release, each.name) for each in ports]
    with reading(workspace, *read):
        results = room.results(port.name.name, contract, workspace.mesh, product)
    if any(result.outcome is Outcome.COULD_NOT_RUN for result in results):
        refuse_damaged(workspace, *read)
    return results


def contract_of(workspace: Workspace, port: Port, release: Attempt) -> Contract:
    """The promise that a release was held against when it was built.

    Raises:
        MeshError: the registry does not have it.
    """
    record = port_of(release, port.name.name)
    if record.contract_digest == port.contract.digest:
        return port.contract
    kept = workspace.home_of(release).registry.contract(record.contract_digest)
    if kept is None:
        raise MeshError(
            f"nobody kept the contract of `{port.name}` in release {release.number}",
            fix="`--draft` holds the data against the contract as it is now",
        )
    read, findings = parse_contract(kept.text, kept.file, os.environ)
    if read is None:
        raise MeshError(
            f"the contract of release {release.number} cannot be read any more: {findings[0]}",
            fix="`--draft` holds the data against the contract as it is now",
        )
    if kept.suite is None:
        return read
    now = port.contract.suite
    suite = Suite(file=now.file if now else "expectations.json", text=kept.suite)
    return with_suite(read, suite)


def contract_records(product: Product) -> list[ContractRecord]:
    """The promises of a product and of its ports, as the registry keeps them."""
    file, name = product.place.file, str(product.name)
    descriptor = ContractRecord(digest_of(product.text), name, product.version, file, product.text)
    return [
        descriptor,
        *map(_record, (port.contract for port in product.ports)),
    ]


def _record(contract: Contract) -> ContractRecord:
    return ContractRecord(
        digest=contract.digest,
        contract_id=contract.id,
        version=contract.version,
        file=contract.place.file,
        text=contract.text,
        suite=contract.suite.text if contract.suite else None,
    )


@dataclass(frozen=True, slots=True)
class _Room:
    """Everything that the checks of one attempt may read."""

    files: Mapping[str, tuple[str, ...]]
    views: Sequence[View]
    view_files: tuple[str, ...]
    before: Mapping[str, _Before]
    seconds: float

    @classmethod
    def of(
        cls, workspace: Workspace, attempt: Attempt, inputs: Inputs, ports: Sequence[PortName]
    ) -> _Room:
        files = {port.name: workspace.files(attempt, port.name) for port in ports}
        own = [View(*port.relation, parquet_query(files[port.name])) for port in ports]
        read = pin_files(workspace, inputs) + tuple(chain(*files.values()))
        views = [*pin_views(workspace, inputs), *own]
        before = {port.name: _before(workspace, attempt, port.name) for port in ports}
        read += tuple(chain(*(each.files for each in before.values())))
        return cls(files, views, read, before, workspace.mesh.check_seconds)

    def results(
        self, port: str, contract: Contract, mesh: Mesh, product: Product
    ) -> tuple[CheckResult, ...]:
        views = [*self.views, self.before[port].view(contract)]
        return verify_apart(
            contract,
            self.files[port],
            views,
            self.view_files,
            mesh.readable(product),
            self.seconds,
            mesh.released_to(product),
        )


@dataclass(frozen=True, slots=True)
class _Before:
    """One port in the release that was current when another was built.

    Without files it is empty: there was no such release. `lost` says that there was one.
    """

    files: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    lost: bool = False

    def view(self, contract: Contract) -> View:
        """Return what rules call `previous`: the columns of today, null where they are new."""
        if self.lost:
            return View(*PREVIOUS, parquet_query(("the release before, which is lost",)))
        promised = {column.name.lower() for column in contract.columns}
        names = [name for name in self.columns if name.lower() in promised]
        return View(*PREVIOUS, previous_query(self.files, names))


def _before(workspace: Workspace, attempt: Attempt, port: str) -> _Before:
    if attempt.follows is None:
        return _Before()
    release = workspace.pinned(attempt, attempt.follows)
    if release is None:
        return _Before(lost=True)
    record = release.port(port)
    try:
        return _Before(workspace.files(release, port), record.columns) if record else _Before()
    except DamagedError:  # a new release must not fail because the old one is broken
        return _Before(lost=True)
