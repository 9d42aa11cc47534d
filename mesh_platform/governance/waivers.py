"""Waivers: dated, reasoned exceptions to a policy, in `waivers.yaml` of a product or a domain.

A waiver changes no data and no promise; it says who allowed what, why, and until when.
"""

from __future__ import annotations

from datetime import date

from pydantic import ValidationError

from mesh_platform.errors import MeshError, Place
from mesh_platform.model.descriptors import validation_findings
from mesh_platform.model.documents import Document, parse_document
from mesh_platform.model.findings import Finding
from mesh_platform.model.frozen import Frozen, InWords

WAIVERS_FILE = "waivers.yaml"


class WaiverEntry(Frozen):
    """One entry of a `waivers.yaml`."""

    policy: InWords
    reason: InWords
    approver: InWords
    until: date
    port: str | None = None
    column: str | None = None


class WaiversFile(Frozen):
    """A `waivers.yaml`."""

    waivers: tuple[WaiverEntry, ...]


class Waiver(WaiverEntry):
    """An exception with its scope: a product, or a domain with all its products."""

    domain: str
    product: str | None = None
    place: Place

    def __str__(self) -> str:
        """Say what it excuses."""
        what = "/".join(part for part in (self.port, self.column) if part)
        return f"`{self.policy}`" + (f" at {what}" if what else "")


def read_waivers(
    text: str, file: str, domain: str, product: str | None
) -> tuple[tuple[Waiver, ...], list[Finding]]:
    """Read one `waivers.yaml`; what cannot be read excuses nothing.

    Args:
        text: what the file holds.
        file: its name in messages, relative to the mesh.
        domain: whose waivers they are.
        product: the product in whose folder it lies, `domain/product`.
    """
    try:
        document = parse_document(text, file)
    except MeshError as error:
        place = error.place or Place(file, 1)
        return (), [Finding("waiver.invalid", error.message, place, error.fix, product)]
    try:
        read = WaiversFile.model_validate(document.data)
    except ValidationError as error:
        known = frozenset([*WaiverEntry.model_fields, *WaiversFile.model_fields])
        found = validation_findings(error, document, "waiver", known)
        return (), [Finding(f.code, f.message, f.place, f.fix, product) for f in found]
    return tuple(_waivers(read, document, domain, product)), []


def _waivers(
    read: WaiversFile, document: Document, domain: str, product: str | None
) -> list[Waiver]:
    return [
        Waiver(
            **entry.model_dump(),
            domain=domain,
            product=product,
            place=document.place(("waivers", index)),
        )
        for index, entry in enumerate(read.waivers)
    ]
