"""Read a mesh repository into one `Mesh`; faults become findings.

A domain that cannot be read does not stop the others: it keeps its own findings.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from mesh_platform.errors import MeshError, Place
from mesh_platform.files import closed, is_leftover, strangeness
from mesh_platform.meanwhile import Meanwhile, processors
from mesh_platform.model.acknowledgements import FILE as ACKNOWLEDGEMENTS
from mesh_platform.model.contract import Contract
from mesh_platform.model.dbt_ignore import DBT_IGNORE
from mesh_platform.model.dbt_layout import check_dbt_project
from mesh_platform.model.dbt_project import (
    DBT_PROJECT_FILE,
    PACKAGE_FILES,
    SHARED_DBT,
    read_project,
)
from mesh_platform.model.descriptors import validation_findings
from mesh_platform.model.documents import Document, read_document
from mesh_platform.model.findings import Findings
from mesh_platform.model.frozen import Frozen
from mesh_platform.model.mesh import Domain, Mesh, Product
from mesh_platform.model.naming import (
    ANOTHER_NAME,
    PRODUCTS,
    ProductName,
    segment_problem,
    valid_segment,
)
from mesh_platform.model.product_reader import read_product
from mesh_platform.model.references import with_references_checked
from mesh_platform.model.settings import (
    DomainSettings,
    MeshSettings,
    OwnerEntry,
    Term,
    policy_settings,
)
from mesh_platform.model.variables import Asked
from mesh_platform.model.workspace_file import WORKSPACE_FILE, unshown
from mesh_platform.redaction import conceal, publish

MESH_FILE = "mesh.yaml"
DOMAIN_FILE = "domain.yaml"
PRODUCT_FILE = "product.odps.yaml"
_NEARLY_PRODUCT = re.compile(r"product\.odps\.(?:yml|yaml|json)|odps\.ya?ml", re.IGNORECASE)
_NEEDED = {
    DBT_PROJECT_FILE: "`name: {name}`, `profile: mesh` and `model-paths: [products]`",
    "packages.yml": "`packages: [{{local: ../../dbt_project}}]`",
    "definitions.py": "`from mesh_platform.orchestration import domain_location` and"
    " `defs = domain_location(__file__)`",
}
"""Map each file that a domain needs to the content that it must have."""
_A_SHARE = 10
"""Number of domains that makes one more process worth its start."""
_UNKNOWN = DomainSettings(
    name="unknown", purpose="", owner=OwnerEntry(team="unknown", email="unknown")
)
_ENDINGS = (".sql", ".yml", ".yaml", ".py", ".csv", ".md", ".json")
_NOT_OURS = frozenset({"dbt_packages", "target", "logs", "node_modules", "__pycache__"})
"""Folders of a domain in which other programs write."""
_CODE = (".sql", ".py", ".yml", ".yaml")
"""Endings of the files that dbt must be able to read in every domain.

A data file that cannot be opened stops its product alone.
"""
_DATA = (".csv", ".json")
_TOLD_BY_READER = (".odcs.yaml", ".odps.yaml", DOMAIN_FILE)
_S = TypeVar("_S", bound=Frozen)
_TERM = [field.alias or name for name, field in Term.model_fields.items()]
_PART_OF_ADDRESS = re.compile(r"[?#]|%[0-9A-Fa-f]{2}")


def refuse_address(root: Path) -> None:
    """Refuse a path that SQLite, dbt and Dagster would cut off or decode: they write elsewhere.

    Raises:
        MeshError: the path holds such a part.
    """
    if found := _PART_OF_ADDRESS.search(str(root)):
        raise MeshError(
            f"the mesh cannot work in {root}: databases read `{found[0]}` in a path as part of an"
            " address, and would write beside it",
            fix="rename the folder, or move the mesh to another one",
        )


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


def load_mesh(
    root: Path, variables: Mapping[str, str] | None = None, *, processes: int = 1
) -> Mesh:
    """Read the mesh at `root`.

    Args:
        root: the folder that holds `mesh.yaml`.
        variables: values of `${NAME}` in contracts and descriptors.
        processes: how many may read the domains of a large mesh; more than one only where this
            process has one thread.

    Raises:
        MeshError: `mesh.yaml` itself cannot be read.
    """
    document = read_document(root / MESH_FILE, MESH_FILE)
    settings = _settings(MeshSettings, document, "mesh")
    folder = _folder(root, settings, document)
    read = partial(_domains, root, variables or {})
    mesh = Mesh(
        name=settings.name,
        description=settings.description,
        root=root,
        folder=folder,
        guarded=settings.guarded,
        check_seconds=settings.check_seconds,
        policy_folder=settings.policy_folder,
        policy_seconds=settings.policy_seconds,
        policies=tuple(policy_settings(settings, document)),
        dictionary=settings.dictionary,
        domains=tuple(_shared_out(read, _homes(folder), processes)),
        findings=(),
    )
    _conceal(mesh, variables or {})
    return with_references_checked(mesh)


def _conceal(mesh: Mesh, variables: Mapping[str, str]) -> None:
    """Conceal the values of variables in all output, but not the names of the mesh.

    Other processes may have read the domains, so this one has to learn the values.
    """
    for name in {name for domain in mesh.domains for name in domain.variables}:
        conceal(variables[name], f"${{{name}}}")
    for landing in (item for product in mesh.products.values() for item in product.landings):
        if landing.shown != landing.location:
            conceal(landing.location, landing.shown)
    publish([mesh.name, *(domain.name for domain in mesh.domains)])
    for port in mesh.ports.values():
        publish([port.name.name, port.name.product.name, port.contract.table])
        publish(column.name for column in port.contract.columns)


def _folder(root: Path, settings: MeshSettings, document: Document) -> Path:
    folder, place = root / settings.domains, document.place(("domains",))
    if not folder.is_dir():
        raise MeshError(f"the folder `{settings.domains}` does not exist", place=place)
    if (strange := closed(folder)) is not None:
        fix = "let this user read the folder"
        raise MeshError(f"the folder `{settings.domains}` {strange}", place=place, fix=fix)
    return folder


def _domains(root: Path, variables: Mapping[str, str], homes: Sequence[Path]) -> list[Domain]:
    return [_domain(_DomainReader(root, home, variables)) for home in homes]


def _domain(reader: _DomainReader) -> Domain:
    """Read a domain; return one that cannot be read with its findings alone."""
    place = Place((reader.folder / DOMAIN_FILE).relative_to(reader.root).as_posix(), 1)
    domain = reader.findings.attempt("domain.invalid", reader.read, place)
    return domain or reader.made(_UNKNOWN, ())


def _shared_out(
    read: Callable[[Sequence[Path]], list[Domain]], homes: Sequence[Path], processes: int
) -> list[Domain]:
    """Read the domains, in several processes where there are many; sort them by folder."""
    count = min(processes, processors(), len(homes) // _A_SHARE) or 1
    begun = [Meanwhile(partial(read, homes[part::count])) for part in range(1, count)]
    found = read(homes[::count]) + [domain for each in begun for domain in each.result()]
    return sorted(found, key=lambda domain: domain.folder)


def _homes(folder: Path) -> list[Path]:
    """Return the folders of domains.

    A folder without `domain.yaml` counts where it has products, or where it cannot be opened.
    """
    homes = {path.parent for path in folder.glob(f"*/{DOMAIN_FILE}")}
    beside = {path.parents[2] for path in folder.glob(f"*/products/*/{PRODUCT_FILE}")}
    hidden = {path for path in folder.iterdir() if path.is_dir() and closed(path)}
    return sorted(homes | {home for home in beside | hidden if valid_segment(home.name)})


def _settings(kind: type[_S], document: Document, name: str) -> _S:
    try:
        return kind.model_validate(document.data)
    except ValidationError as error:
        inside = error.errors()[0]["loc"][:1] == ("dictionary",)
        known = frozenset(_TERM if inside else kind.model_fields)
        finding = validation_findings(error, document, name, known)[0]
        raise MeshError(finding.message, place=finding.place, fix=finding.fix) from error


def _is_read(name: str) -> bool:
    """Tell whether dbt or the platform opens a file because of its name."""
    return name == DBT_IGNORE or (name.endswith(_ENDINGS) and not is_leftover(name))


class _DomainReader:
    """Reads one domain's folder."""

    def __init__(self, root: Path, folder: Path, variables: Mapping[str, str]) -> None:
        self.root, self.folder, self.variables = root, folder, Asked(variables)
        self.findings, self.drafts = Findings(), list[tuple[ProductName, Contract]]()
        self.reads = list[tuple[ProductName, ProductName]]()

    def read(self) -> Domain:
        if (strange := closed(self.folder)) is not None:
            self._closed(self.folder, strange)
            return self.made(_UNKNOWN, ())
        settings = self._domain_settings()
        self._layout(settings.name)
        self._kinds()
        return self.made(settings, tuple(self._products(settings.name)))

    def made(self, settings: DomainSettings, products: tuple[Product, ...]) -> Domain:
        """Return the domain with the findings so far."""
        return Domain(
            name=self.folder.name,
            purpose=settings.purpose,
            team=settings.owner.team,
            email=settings.owner.email,
            folder=self.folder,
            products=products,
            findings=tuple(self.findings.items),
            variables=tuple(sorted(self.variables.names)),
            drafts=tuple(self.drafts),
            unread=tuple(self._unread(products)),
            unread_reads=tuple(self.reads),
            place=Place(self._shown(self.folder / DOMAIN_FILE), 1),
        )

    def _unread(self, products: Iterable[Product]) -> Iterator[ProductName]:
        """Yield the products that were not read but have a descriptor or a closed folder."""
        read = {product.name.name for product in products}
        for home in sorted(self.folder.glob("products/*")):
            there = os.path.lexists(home / PRODUCT_FILE) or closed(home)
            if home.name not in read and valid_segment(home.name) and there:
                yield ProductName(self.folder.name, home.name)

    def _layout(self, name: str) -> None:
        """Check that the domain is a dbt project and a code location of its name."""
        for needed, holds in _NEEDED.items():
            names = PACKAGE_FILES if needed in PACKAGE_FILES else (needed,)
            if not any((self.folder / name).is_file() for name in names):
                self.findings.add(
                    "domain.layout",
                    f"the domain lacks the file `{needed}`",
                    Place(self._shown(self.folder / DOMAIN_FILE), 1),
                    fix=f"add {self._shown(self.folder / needed)} with {holds.format(name=name)}",
                )
        check_dbt_project(self.root, self.folder, name, self.variables, self.findings)
        self._location(name)
        for folder in (self.folder, self.folder / PRODUCTS):
            if (folder / ACKNOWLEDGEMENTS).is_file():
                self.findings.add(
                    "ack.misplaced",
                    "nobody looks for acknowledgements here: they count for nothing",
                    Place(self._shown(folder / ACKNOWLEDGEMENTS), 1),
                    fix="move it into the folder of the product that reads the port",
                    severity="warning",
                )

    def _location(self, name: str) -> None:
        """Warn where `workspace.yaml` does not list the domain, so Dagster does not show it."""
        if (found := unshown(self.root, self.folder / "definitions.py")) is not None:
            self.findings.add(
                "domain.location",
                f"Dagster does not show the domain `{name}`: {WORKSPACE_FILE} {found.message}",
                found.place or Place(WORKSPACE_FILE, 1),
                fix=found.fix,
                severity="warning",
            )

    def _kinds(self) -> None:
        """Report what dbt could not read, and what it would open and wait for without end."""
        shared = self.root / SHARED_DBT
        for folder, folders, names in chain(os.walk(self.folder), os.walk(shared)):
            folders[:] = sorted(f for f in folders if f[0] != "." and f not in _NOT_OURS)
            for path in (Path(folder, name) for name in folders):
                self._closed(path, closed(path))
            for path in (Path(folder, name) for name in sorted(names) if _is_read(name)):
                code = path.suffix in _CODE and not path.name.endswith(_TOLD_BY_READER)
                strange = strangeness(path) or (closed(path) if code else None)
                if strange and (path.suffix not in _DATA or self._is_seed(path)):
                    self._closed(path, strange)

    def _is_seed(self, path: Path) -> bool:
        """Tell whether dbt reads a data file; any other is told with the input that names it."""
        folders = read_project(self.folder, self.variables).folders("seed-paths")
        return any(path.is_relative_to(folder) for folder in folders)

    def _closed(self, path: Path, strange: str | None) -> None:
        if strange is None:
            return
        self.findings.add(
            "file.kind",
            f"`{path.name}` {strange}",
            Place(self._shown(path)),
            fix="remove it, or put something that can be read in its place",
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
            self._name_the_domain()
            return _UNKNOWN.model_copy(update={"name": self.folder.name})
        self._domain_name(settings.name, place)
        return settings.model_copy(update={"name": self.folder.name})

    def _name_the_domain(self) -> None:
        """Add the name of the domain and a way out to the last finding."""
        found = self.findings.items[-1]
        said, fix = f"the domain `{self.folder.name}`: {found.message}", found.fix
        if "`owner" in found.message:
            said += "; nobody answers for its products"
            fix = "write `owner: {team: NAME, email: ADDRESS}`"
        elif fix is None:
            fix = "restore it with `name`, `purpose` and `owner`, or remove the domain's folder"
        self.findings.items[-1] = replace(found, message=said, fix=fix)

    def _domain_name(self, name: str, place: Place) -> None:
        if problem := segment_problem("domain", name):
            self.findings.add("domain.name", problem, place, fix=ANOTHER_NAME)
        if name != self.folder.name:
            self.findings.add(
                "domain.name",
                f"domain `{name}` lives in the folder `{self.folder.name}`",
                place,
                fix="give the folder and `name:` the same name",
            )

    def _misnamed(self) -> None:
        """Tell a descriptor that nobody reads, because its name ends otherwise."""
        for path in sorted(self.folder.glob("products/*/*")):
            if _NEARLY_PRODUCT.fullmatch(path.name) and not (path.parent / PRODUCT_FILE).exists():
                self.findings.add(
                    "product.invalid",
                    f"`{path.name}` is not read, so there is no product `{path.parent.name}`",
                    Place(self._shown(path), 1),
                    fix=f"rename it to {PRODUCT_FILE}",
                )

    def _products(self, domain: str) -> Iterator[Product]:
        self._misnamed()
        for path in sorted(self.folder.glob(f"products/*/{PRODUCT_FILE}")):
            name = ProductName(domain, path.parent.name)
            read = read_product(path, name, self.root, self.variables)
            self.findings.items.extend(read.findings)
            self.drafts += ((name, draft) for draft in read.drafts)
            if read.product is not None:
                yield read.product
            else:
                self.reads += ((name, provider) for provider in read.reads)

    def _shown(self, path: Path) -> str:
        return path.relative_to(self.root).as_posix()
