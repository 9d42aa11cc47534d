"""Compute one fingerprint of everything that a product is made of.

The same fingerprint means that there is nothing to build. It covers the product's own files, the
files of its domain and of the shared dbt package, and the inputs. It also covers the queries of its
rules as they run, because no file contains the value of a variable in them. It leaves out prose
(README), waivers, and generated files, which follow from other files.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from pathlib import Path

from mesh_platform.engines.dbt.runner import SET_FOR_DBT
from mesh_platform.engines.dbt.variables import asked_for
from mesh_platform.environments.workspace import Workspace
from mesh_platform.files import files_under, is_leftover, read_bytes
from mesh_platform.governance.waivers import WAIVERS_FILE
from mesh_platform.model.acknowledgements import FILE as ACKNOWLEDGEMENTS
from mesh_platform.model.dbt_ignore import DBT_IGNORE
from mesh_platform.model.dbt_project import (
    DBT_PROJECT_FILE,
    PACKAGE_FILES,
    PACKAGE_LOCK,
    SHARED_DBT,
    DbtProject,
    read_project,
)
from mesh_platform.model.generated import PORTS, SOURCES, is_generated
from mesh_platform.model.mesh import Product

_FORMAT = "1"
_CODE = frozenset({".sql", ".py", ".yml", ".yaml", ".csv", ".json"})
_WORDS = frozenset({ACKNOWLEDGEMENTS, WAIVERS_FILE})
_DOMAIN_FILES = (DBT_PROJECT_FILE, *PACKAGE_FILES, PACKAGE_LOCK, DBT_IGNORE)
_IN_LOCAL_LOCK = frozenset({b"packages", b"local", b"name", b"sha1_hash"})
_DOMAIN_FOLDERS = ("macro-paths", "seed-paths", "test-paths", "snapshot-paths", "function-paths")


def fingerprint(workspace: Workspace, product: Product, inputs: dict[str, str]) -> str:
    """Return the digest of a product's code, contract and inputs.

    Args:
        workspace: where the mesh is.
        product: the product.
        inputs: identity of each input.
    """
    digest, variables = hashlib.sha256(_FORMAT.encode()), set[bytes]()
    for path in _files(workspace.mesh.root, product.folder):
        shown = os.path.relpath(path, workspace.mesh.root)
        content = read_bytes(path, shown, most=None)
        digest.update(os.fsencode(shown) + f"={hashlib.sha256(content).hexdigest()}\n".encode())
        variables.update(asked_for(content))
    for variable in sorted(variables - SET_FOR_DBT):
        digest.update(b"env " + variable + b"=" + os.environb.get(variable, b"") + b"\n")
    for name, identity in sorted(inputs.items()):
        digest.update(f"{name}={identity}\n".encode())
    for query in _queries(product):
        digest.update(f"query={query}\n".encode())
    return digest.hexdigest()


def _queries(product: Product) -> Iterator[str]:
    for port in product.ports:
        yield from (rule.query for rule in port.contract.every_rule if rule.query)


def _files(root: Path, folder: Path) -> Iterator[Path]:
    """Yield what dbt reads for a product, each file once."""
    project = read_project(folder.parent.parent, os.environ)
    return iter(dict.fromkeys(_read_by_dbt(root, folder, project)))


def _read_by_dbt(root: Path, folder: Path, project: DbtProject) -> Iterator[Path]:
    yield from (path for path in _code_under(folder) if not _is_beside(path, project))
    files = (project.folder / name for name in _DOMAIN_FILES)
    yield from (path for path in files if path.is_file() and not _pins_nothing(path))
    for home in project.folders("model-paths"):
        yield from _beside_products(home, folder.parent, project)
    for key in _DOMAIN_FOLDERS:
        for home in project.folders(key):
            yield from (path for path in _code_under(home) if not project.ignore.hides(path))
    for home in (root / SHARED_DBT, *project.packages):
        yield from _code_under(home)
        yield from filter(Path.is_file, [home / DBT_IGNORE])


def _beside_products(home: Path, products: Path, project: DbtProject) -> Iterator[Path]:
    """Yield models and settings that are in no product's folder."""
    for path in _code_under(home):
        inside = path.is_relative_to(products) and len(path.relative_to(products).parts) > 1
        if not (inside or path == products / SOURCES or project.ignore.hides(path)):
            yield path


def _code_under(folder: Path) -> list[Path]:
    found = (path for path in files_under(folder) if path.suffix.lower() in _CODE)
    return [path for path in found if not is_leftover(path.name)]


def _pins_nothing(path: Path) -> bool:
    """Tell whether a file locks local packages alone, as the first build of a domain writes it."""
    keys = (
        re.findall(rb"^[\s-]*(\w+):", read_bytes(path), re.M) if path.name == PACKAGE_LOCK else ()
    )
    return b"local" in keys and _IN_LOCAL_LOCK.issuperset(keys)


def _is_beside(path: Path, project: DbtProject) -> bool:
    """Tell whether no data depends on the file beyond the contract, which counts anyway."""
    draft = path.suffix == ".sql" and project.ignore.hides(path)
    return draft or path.name in _WORDS or (path.name == PORTS and is_generated(path))
