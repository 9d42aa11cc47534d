"""Find the waivers of a mesh, in a file beside each product or domain that has some."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from mesh_platform.errors import Place
from mesh_platform.files import is_file, read_text
from mesh_platform.governance.waivers import WAIVERS_FILE, Waiver, read_waivers
from mesh_platform.model.dbt_ignore import DBT_IGNORE, read_ignore
from mesh_platform.model.findings import Finding, failure
from mesh_platform.model.mesh import Domain, Mesh
from mesh_platform.model.naming import PRODUCTS


def waivers_of(mesh: Mesh) -> tuple[tuple[Waiver, ...], list[Finding]]:
    """Return all waivers of a mesh, and what is wrong with their files."""
    waivers, findings = list[Waiver](), list(_misplaced(mesh))
    for domain in mesh.domains:
        homes = [(product.folder, str(product.name)) for product in domain.products]
        for folder, product in [(domain.folder, None), *homes]:
            path = folder / WAIVERS_FILE
            if is_file(path):
                read, wrong = _read(mesh, path, domain, product)
                waivers += read
                findings += wrong
    return tuple(waivers), findings


def _misplaced(mesh: Mesh) -> Iterator[Finding]:
    """Report waiver files in folders where they have no effect."""
    inside = (domain.folder / PRODUCTS for domain in mesh.domains)
    for folder in dict.fromkeys((mesh.root, mesh.folder, *inside)):
        if is_file(folder / WAIVERS_FILE):
            yield Finding(
                "waiver.misplaced",
                "nobody looks for waivers here: they excuse nothing",
                Place((folder / WAIVERS_FILE).relative_to(mesh.root).as_posix(), 1),
                "move it into the folder of the product, or of the domain, that it is about",
            )


def _read(
    mesh: Mesh, path: Path, domain: Domain, product: str | None
) -> tuple[tuple[Waiver, ...], list[Finding]]:
    shown = path.relative_to(mesh.root).as_posix()
    try:
        waivers, findings = read_waivers(read_text(path, shown), shown, domain.name, product)
        return waivers, [*findings, *_seen_by_dbt(mesh, path, domain, product)]
    except Exception as error:  # noqa: BLE001 - the boundary: one file stops no other
        return (), [failure("waiver.invalid", error, Place(shown, 1), product)]


def _seen_by_dbt(mesh: Mesh, path: Path, domain: Domain, product: str | None) -> Iterator[Finding]:
    """Report a waiver file in a product's folder that `.dbtignore` does not hide from dbt."""
    ignored = domain.folder / DBT_IGNORE
    if product is not None and not read_ignore(domain.folder).hides(path):
        shown = path.relative_to(mesh.root).as_posix()
        yield Finding(
            "waiver.dbtignore",
            f"dbt would read `{WAIVERS_FILE}` as a file of its own",
            Place(shown, 1),
            f"add the line `{WAIVERS_FILE}` to {ignored.relative_to(mesh.root).as_posix()}",
            product,
        )
