"""One fingerprint of everything a product is made of: same fingerprint, nothing to do.

It covers the product's own files, what its domain and the shared dbt package add, and the inputs;
also the queries of its rules as they run, because a variable in one stands in no file. Prose
(README) is not data, waivers change none, and generated files follow from other files.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from mesh_platform.governance.waivers import WAIVERS_FILE
from mesh_platform.model.acknowledgements import FILE as ACKNOWLEDGEMENTS
from mesh_platform.model.generated import PORTS, is_generated
from mesh_platform.model.mesh import Product
from mesh_platform.release.workspace import SHARED_DBT, Workspace

_FORMAT = "1"
_CODE = frozenset({".sql", ".py", ".yml", ".yaml", ".csv", ".json"})
_WORDS = frozenset({ACKNOWLEDGEMENTS, WAIVERS_FILE})
_DOMAIN_FILES = ("dbt_project.yml", "packages.yml")
_DOMAIN_FOLDERS = ("macros", "seeds", "tests", "snapshots")


def fingerprint(workspace: Workspace, product: Product, inputs: dict[str, str]) -> str:
    """Digest of a product's code, contract and inputs.

    Args:
        workspace: where the mesh is.
        product: the product.
        inputs: identity of each input.
    """
    digest = hashlib.sha256(_FORMAT.encode())
    for path in _files(workspace.mesh.root, product.folder):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        file = os.fsencode(path.relative_to(workspace.mesh.root))
        digest.update(file + f"={content}\n".encode())
    for name, identity in sorted(inputs.items()):
        digest.update(f"{name}={identity}\n".encode())
    for query in _queries(product):
        digest.update(f"query={query}\n".encode())
    return digest.hexdigest()


def _queries(product: Product) -> Iterator[str]:
    for port in product.ports:
        yield from (rule.query for rule in port.contract.every_rule if rule.query)


def _files(root: Path, folder: Path) -> Iterator[Path]:
    domain = folder.parent.parent
    yield from (path for path in _code_under(folder) if not _follows(path))
    yield from (domain / name for name in _DOMAIN_FILES if (domain / name).is_file())
    for name in _DOMAIN_FOLDERS:
        yield from _code_under(domain / name)
    yield from _code_under(root / SHARED_DBT)


def _code_under(folder: Path) -> list[Path]:
    return sorted(p for p in folder.rglob("*") if p.suffix in _CODE and p.is_file())


def _follows(path: Path) -> bool:
    """Whether no data depends on the file beyond what the contract, which is counted, says."""
    return path.name in _WORDS or (path.name == PORTS and is_generated(path))
