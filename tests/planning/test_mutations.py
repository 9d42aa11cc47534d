"""Every mutation that was labelled by hand: the same level, and the same consumers."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date

import pytest
import yaml

from mesh_platform.contract_diff.compare import contract_changes, product_changes
from mesh_platform.contract_diff.documents import apply, differences
from mesh_platform.contract_diff.values import highest
from mesh_platform.environments.workspace import Workspace
from mesh_platform.model.mesh import Mesh, Port, Product
from mesh_platform.model.naming import PortName, ProductName
from mesh_platform.model.odcs import parse_contract
from mesh_platform.planning.before import PortBefore, ProductBefore
from mesh_platform.planning.plan import plan
from mesh_platform.planning.promises import product_changes as compared
from mesh_platform.release.lineage.files import MeshSql
from mesh_platform.release.lineage.readers import LineageReaders
from tests.planning.mutations.cases import FILES, MESH, PRODUCT, Case, read_cases

CASES = read_cases()
NAME = ProductName.parse(PRODUCT)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_level_is_the_one_given_by_hand(case: Case) -> None:
    old, new = case.documents()
    changes = (product_changes if case.of == "product" else contract_changes)(old, new)
    level = highest(tuple(change.level for change in changes))
    assert (level.word if level else "none") == case.level, changes
    if case.producer is not None:
        assert max(change.producer for change in changes).word == case.producer
    assert set(case.codes) <= {change.code for change in changes}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_changes_make_the_new_document_of_the_old_one(case: Case) -> None:
    old, new = case.documents()
    changes = (product_changes if case.of == "product" else contract_changes)(old, new)
    told = [each for change in changes for each in change.differences]
    kept = [e for e in differences(old, new) if e in told or e.path == ("version",)]
    assert apply(old, kept) == new


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    folder = tmp_path_factory.mktemp("mutations") / "mesh"
    shutil.copytree(MESH, folder)
    return Workspace.open(folder)


@pytest.mark.parametrize(
    "case", [case for case in CASES if case.level != "none"], ids=lambda case: case.name
)
def test_the_consumers_are_those_given_by_hand(case: Case, workspace: Workspace) -> None:
    mesh = workspace.mesh
    before = _before(mesh.products[NAME])
    document = yaml.dump(case.documents()[1], Dumper=yaml.CSafeDumper, sort_keys=False)
    now = _now(mesh.products[NAME], case, document)
    changed = (compared(NAME, before, now),)
    workspace = replace(workspace, mesh=_with(mesh, now))
    readers = LineageReaders(MeshSql(workspace), changed)
    made = plan("release 1", workspace.mesh, changed, readers, (), date(2026, 11, 21))
    changes = [change for product in made.products for change in product.changes]
    reached = {str(consumer.product) for change in changes for consumer in change.consumers}
    assert reached == set(case.consumers), (case.why, [change.change for change in changes])


def _before(product: Product) -> ProductBefore:
    ports = tuple(
        PortBefore(port.name, port.version, port.contract.place.file, port.contract.text)
        for port in product.ports
    )
    return ProductBefore(NAME, product.version, ports, "release 1", product.text)


def _now(product: Product, case: Case, document: str) -> Product:
    """The product after the edit; a port without a contract of its own borrows one."""
    if case.of != "product":
        contract, findings = parse_contract(document, FILES[case.of])
        assert contract is not None, findings
        ports = tuple(
            port.model_copy(update={"contract": contract}) if port.name.name == case.of else port
            for port in product.ports
        )
        return product.model_copy(update={"ports": ports})
    known = {port.name.base: port for port in product.ports}
    entries = yaml.safe_load(document)["outputPorts"]
    ports = tuple(_port(entry, known) for entry in entries)
    return product.model_copy(update={"ports": ports, "text": document})


def _port(entry: dict[str, str], known: dict[str, Port]) -> Port:
    name = PortName.versioned(NAME, entry["name"], entry["version"])
    port = known.get(entry["name"]) or next(iter(known.values()))
    return port.model_copy(update={"name": name, "version": entry["version"]})


def _with(mesh: Mesh, product: Product) -> Mesh:
    domains = tuple(
        domain.model_copy(update={"products": (product,)}) if domain.name == "shop" else domain
        for domain in mesh.domains
    )
    return mesh.with_domains(domains)
