"""What a product's SQL reads although no input port names it, as far as its text tells.

Only what stands there in plain words is found: a dbt source, a function that reads a file or an
address. What macros and variables make of the text is not followed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from mesh_platform.errors import Place
from mesh_platform.governance.subjects import Read
from mesh_platform.model.mesh import Mesh, Product
from mesh_platform.model.naming import LANDING, ProductName

_COMMENT = re.compile(r"\{#.*?#\}|/\*.*?\*/|--[^\n]*", re.DOTALL)
_SOURCE = re.compile(r"\bsource\(\s*['\"](\w+)['\"]\s*,\s*['\"](\w+)['\"]\s*\)")
_READER = re.compile(
    r"\b(read_(?:csv|csv_auto|json|json_auto|parquet|text|blob)|parquet_scan|delta_scan"
    r"|iceberg_scan|sqlite_scan|postgres_scan|glob)\s*\("
)


def reads_around_ports(mesh: Mesh) -> dict[ProductName, tuple[Read, ...]]:
    """Of each product what its SQL reads around its input ports; most have nothing."""
    found = {name: tuple(_reads(mesh, p)) for name, p in mesh.products.items()}
    return {name: reads for name, reads in found.items() if reads}


def _reads(mesh: Mesh, product: Product) -> Iterator[Read]:
    declared = {item.port.relation for item in product.inputs}
    declared |= {(LANDING, landing.name) for landing in product.landings}
    for path in sorted(product.folder.rglob("*.sql")):
        text = _without_comments(path)
        for match in _SOURCE.finditer(text):
            if match.groups() not in declared:
                what = f"source('{match[1]}', '{match[2]}')"
                yield Read(what, _place(mesh, path, text, match.start()))
        for match in _READER.finditer(text):
            yield Read(f"{match[1]}(…)", _place(mesh, path, text, match.start()))


def _without_comments(path: Path) -> str:
    """The text with comments blanked out, every line where it was."""
    text = path.read_text(encoding="utf-8", errors="replace")
    return _COMMENT.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)


def _place(mesh: Mesh, path: Path, text: str, position: int) -> Place:
    line = text.count("\n", 0, position) + 1
    return Place(path.relative_to(mesh.root).as_posix(), line)
