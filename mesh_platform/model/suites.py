"""Finds the suites of Great Expectations in a product's folder: files that belong to its ports.

`expectations.json` is the suite of a product's only port, `expectations_<port>.json` that of one of
several. A suite written in Python stands beside it as `.py`; `mesh sync` makes the JSON from it.
What the suites say is read elsewhere; a changed contract and a changed suite are the same here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from mesh_platform.errors import Place
from mesh_platform.files import digest, seen_from, text_of
from mesh_platform.model.contract import Suite
from mesh_platform.model.dbt_ignore import DBT_IGNORE, read_ignore
from mesh_platform.model.findings import Finding
from mesh_platform.model.mesh import Product

STEM = "expectations"
MADE_FROM = "made_from_python"
"""Key in the suite's `meta`: the digest of the Python that the JSON was made from."""


def suite_stem(product: Product, port: str) -> str:
    """Name of a port's suite, without the ending."""
    return STEM if len(product.ports) == 1 else f"{STEM}_{port}"


def find_suites(product: Product, root: Path) -> tuple[dict[str, Suite], list[Finding]]:
    """The suite of each port that has one, by the port's name, and files that belong to no port.

    Args:
        product: whose folder to look into.
        root: the mesh; files are named relative to it.
    """
    stems = {suite_stem(product, port.name.name): port.name.name for port in product.ports}
    found = {port: _suite(product.folder / stem, root) for stem, port in stems.items()}
    suites = {port: suite for port, suite in found.items() if suite is not None}
    return suites, [*_strangers(product, stems, root), *_unhidden(product, suites, root)]


def _suite(stem: Path, root: Path) -> Suite | None:
    written, python = stem.with_suffix(".json"), stem.with_suffix(".py")
    if not (written.is_file() or python.is_file()):
        return None
    text = text_of(written)
    return Suite(
        file=seen_from(root, written),
        text=text,
        python=python if python.is_file() else None,
        problem=_problem(text, python) if python.is_file() else None,
    )


def _problem(text: str, python: Path) -> str | None:
    """Return why the JSON is not what the Python says."""
    if not text:
        return f"`{python.name}` has not been made into JSON yet; run `mesh sync`"
    try:
        made_from = json.loads(text)["meta"][MADE_FROM]
    except (ValueError, KeyError, TypeError):
        made_from = None
    if made_from == digest(python):
        return None
    return f"`{python.name}` has changed since the JSON was made from it; run `mesh sync`"


def _strangers(product: Product, stems: dict[str, str], root: Path) -> Iterator[Finding]:
    """A suite that no port has would never run."""
    for path in sorted(product.folder.glob(f"{STEM}*")):
        if path.suffix in (".json", ".py") and path.stem not in stems:
            wanted = " or ".join(f"`{stem}{path.suffix}`" for stem in stems)
            yield Finding(
                "suite.no-port",
                f"`{path.name}` belongs to no port of the product",
                Place(seen_from(root, path), 1),
                f"call it {wanted}",
            )


def _unhidden(product: Product, suites: dict[str, Suite], root: Path) -> Iterator[Finding]:
    """Python beside the models is a model to dbt, unless it is told otherwise."""
    domain = product.folder.parent.parent
    ignore, ignored = domain / DBT_IGNORE, read_ignore(domain)
    python = [suite.python for suite in suites.values() if suite.python]
    if not all(map(ignored.hides, python)):
        yield Finding(
            "suite.read-by-dbt",
            f"dbt would take `{STEM}.py` for a model",
            Place(seen_from(root, ignore)),
            f"add the line `{STEM}*` to that file",
        )
