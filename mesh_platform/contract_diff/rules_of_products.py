"""What it means when a product's descriptor changes; its contracts are compared on their own."""

from __future__ import annotations

from mesh_platform.contract_diff import terms
from mesh_platform.contract_diff.rows import row
from mesh_platform.contract_diff.terms import becomes_worse
from mesh_platform.contract_diff.values import Kind, Level

MAJOR, MINOR, PATCH = Level.MAJOR, Level.MINOR, Level.PATCH
ADD, REMOVE = Kind.ADD, Kind.REMOVE
_NOT_SAID = "(description|tags**|sbom**|synonyms**|authoritativeDefinitions**|customProperties**)"

# fmt: off
PORTS = (
    row("port.removed", "outputPorts[]", (MAJOR, PATCH), REMOVE,
        why="Who reads the port finds nothing there."),
    row("port.added", "outputPorts[]", (MINOR, MAJOR), ADD,
        why="More is offered; the producer must deliver it."),
    row("port.contract-added", "outputPorts[]/contractId", (MINOR, MAJOR), ADD,
        why="The port has a promise now."),
    row("port.contract-replaced", "outputPorts[]/contractId", (MAJOR, MAJOR),
        why="Another promise, or none, stands behind the port."),
    row("port.type", "outputPorts[]/type", (MAJOR, MAJOR),
        terms.changed,
        why="The data comes in another form: the old client fails."),
    row("port.type-said", "outputPorts[]/type", (PATCH, PATCH),
        why="The form of the data is said, or no longer said; it is the same."),
    row("port.version", "outputPorts[]/version", (PATCH, PATCH),
        why="The number follows the port's contract, whose changes are judged on their own."),
    row("port.deprecated", "outputPorts[]/deprecated", (MINOR, PATCH),
        why="Notice that the port will go, or that it stays; nothing has changed yet."),
    row("port.inputs", "outputPorts[]/inputContracts**", (MINOR, MINOR),
        why="Where the numbers come from changes, under the same promise."),
    row("port.words", f"outputPorts[]/{_NOT_SAID}", (PATCH, PATCH),
        why="The port is the same; what is said about it changes."),
    row("input.added", "inputPorts[]", (MINOR, MINOR), ADD,
        why="Where the numbers come from changes, under the same promise."),
    row("input.removed", "inputPorts[]", (MINOR, MINOR), REMOVE,
        why="Where the numbers come from changes, under the same promise."),
    row("input.words", "inputPorts[]/(tags**|authoritativeDefinitions**|description)",
        (PATCH, PATCH),
        why="The input is the same; what is said about it changes."),
    row("input.changed", "inputPorts[]/**", (MINOR, MINOR),
        why="Where the numbers come from changes, under the same promise."),
    row("management.added", "managementPorts[]", (PATCH, PATCH), ADD,
        why="The product can be managed in one more place; its data is the same."),
    row("management.removed", "managementPorts[]", (MINOR, PATCH), REMOVE,
        why="Who manages the product there finds nothing."),
    row("management.words", f"managementPorts[]/{_NOT_SAID}", (PATCH, PATCH),
        why="The place is the same; what is said about it changes."),
    row("management.changed", "managementPorts[]/**", (MINOR, PATCH),
        why="Who manages the product there must go to another place."),
)

PRODUCT = (
    row("product.kind", "kind", (MAJOR, MAJOR),
        why="The document is of another kind."),
    row("product.id", "id", (MAJOR, MAJOR),
        why="Who refers to the product by its id finds nothing there."),
    row("product.standard", "apiVersion", (PATCH, PATCH),
        why="The product is the same, described for another version of the standard."),
    row("product.retired", "status", (MAJOR, PATCH), terms.becomes("retired"),
        why="The product ends."),
    row("product.deprecated", "status", (MINOR, PATCH), terms.becomes("deprecated"),
        why="Notice that the product will go; nothing has changed yet."),
    row("product.withdrawn", "status", (MAJOR, PATCH), becomes_worse,
        why="What was offered is only a proposal again."),
    row("product.status", "status", (MINOR, MINOR),
        why="The offer is firmer than before, or is kept after all."),
    row("product.notice", "deprecated", (MINOR, PATCH),
        why="Notice that the product will go, or that it stays; nothing has changed yet."),
    row("product.type", "type", (MINOR, PATCH),
        why="The product plays another part in the mesh; its ports are the same."),
    row("product.owner", "(domain|tenant)", (MINOR, PATCH),
        why="Another domain or tenant stands for the product."),
    row("product.limitations-as-before", "description/(limitations|usage)", (PATCH, PATCH),
        terms.same_words,
        why="The same words, spaced or capitalised in another way."),
    row("product.limitations", "description/(limitations|usage)", (MINOR, PATCH),
        why="What the data may be used for is said in other words: consumers should read them."),
    row("product.constraints", "**/context/constraints**|context/constraints**", (MINOR, PATCH),
        why="What the data may be used for changes: consumers should read it."),
)
# fmt: on
