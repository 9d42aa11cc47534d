"""What a consumer meets that moves to another major: breaks between the two that its SQL reads.

A name that is gone shows when the SQL is read. What means something else shows nowhere: nobody but
the team can tell whether a number that was in miles is converted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mesh_platform.contract_diff.compare import contract_text_changes
from mesh_platform.contract_diff.values import Change, Level, in_words
from mesh_platform.errors import listed
from mesh_platform.model.findings import Finding
from mesh_platform.model.mesh import Mesh, PortInput
from mesh_platform.model.naming import PortName
from mesh_platform.planning.impact import Readers
from mesh_platform.planning.moved_inputs import MOVED, SHOWN
from mesh_platform.planning.promises import ProductChanges


def met(
    changes: ProductChanges, before: Mapping[PortName, str], mesh: Mesh, readers: Readers
) -> Iterator[Finding]:
    """One finding for each break that a product has moved onto.

    Args:
        changes: of the product.
        before: what each port promised, the text of its contract.
        mesh: the mesh as the files say it.
        readers: who reads which column.
    """
    for item, old in _moves(changes):
        new = mesh.ports.get(item.port)
        text = mesh.ports[old].contract.text if old in mesh.ports else before.get(old)
        if new is None or text is None:
            continue
        for change in contract_text_changes(text, new.contract.text):
            if change.level is Level.MAJOR and change.code not in SHOWN:
                yield from _meets(changes, item, change, readers)


def _moves(changes: ProductChanges) -> Iterator[tuple[PortInput, PortName]]:
    """Inputs that are read in another major now, with the port that was read before."""
    before = {
        change.before["contractId"]: str(change.before.get("version") or "1.0.0")
        for change in changes.envelope
        if change.code == MOVED
    }
    for item in changes.now.inputs if changes.now else ():
        if (version := before.get(item.port.path)) is not None:
            old = PortName.versioned(item.port.product, item.port.base, version)
            if old != item.port:
                yield item, old


def _meets(
    changes: ProductChanges, item: PortInput, change: Change, readers: Readers
) -> Iterator[Finding]:
    uses = [
        use
        for column in change.columns
        for use in readers.of(item.port, column)
        if use.product == changes.name
    ]
    if change.columns and not uses:
        return
    made = sorted({name.rsplit(".", 1)[-1] for use in uses for name in use.columns})
    makes = f"; it makes {listed([f'`{name}`' for name in made])} of it" if made else ""
    yield Finding(
        "change.moved-onto",
        f"of `{item.port}`, which it reads now, {in_words(change)}{makes}",
        item.place,
        "see that its SQL and its contract still say the same of it: convert it, or promise it"
        " otherwise",
        str(changes.name),
        "warning",
    )
