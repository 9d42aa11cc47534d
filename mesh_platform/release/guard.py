"""Holds back what would harm others: breaks in guarded environments, data that loses protection.

What would break consumers in a guarded environment is not released there.
A change is held against what consumers read there, as `mesh plan` does. Of all that a plan may
have against it, two things are held: a break needs another major version, and each consumer that
it reaches has moved or agreed.
"""

from __future__ import annotations

from datetime import date

from mesh_platform.contract_diff.values import Level
from mesh_platform.environments.reading import unread_consumers
from mesh_platform.environments.workspace import Workspace
from mesh_platform.errors import PromiseBrokenError, listed
from mesh_platform.lineage.findings import protection_findings
from mesh_platform.lineage.protection import is_protected
from mesh_platform.model.findings import Finding
from mesh_platform.model.mesh import Domain, Mesh, Product
from mesh_platform.planning.plan import plan
from mesh_platform.planning.promises import ProductChanges
from mesh_platform.planning.versions import VersionStep
from mesh_platform.release.inputs import Inputs
from mesh_platform.release.lineage.files import MeshSql
from mesh_platform.release.lineage.readers import LineageReaders
from mesh_platform.release.promised import changes_since, read_before, unsaid_break

_OF_VERSIONS = "version."
"""Begins the codes of findings on version numbers, of which a plan holds more."""


def refuse_broken(domain: Domain, product: Product) -> None:
    """Refuse a product with an error in its own files, or in those of its whole domain.

    Raises:
        PromiseBrokenError: there is one.
    """
    errors = [finding for finding in domain.findings if finding.blocking]
    own = [finding for finding in errors if finding.product in (None, str(product.name))]
    if own:
        raise PromiseBrokenError(
            f"{product.name}: {own[0].message}", place=own[0].place, fix=own[0].fix
        )


def refuse_breaks(workspace: Workspace, product: Product, today: date) -> None:
    """Keep a product out of a guarded environment whose consumers it would break.

    Args:
        workspace: where it would be released.
        product: as its files say it, or with what a release promised.
        today: the day on which the word of consumers is judged.

    Raises:
        PromiseBrokenError: it breaks what is read there under its old major version, or reaches a
            consumer that has neither moved nor agreed, or has errors in its files.
        MeshError: nobody can tell, because the two promises cannot be compared.
    """
    if workspace.environment not in workspace.mesh.guarded:
        return
    changes = changes_since(workspace, product, read_before(workspace, product))
    if changes is None or changes.level is not Level.MAJOR:
        return
    if step := unsaid_break(changes):
        raise _unsaid(workspace, product, step)
    if unread := unread_consumers(workspace, product.name):
        raise PromiseBrokenError(
            f"{product.name} breaks what was promised, and nobody can tell whether"
            f" {listed([*map(str, unread)])} moved or agreed, because of errors in the files there;"
            f" `{workspace.environment}` is guarded",
            place=product.place,
            fix=f"mesh check {unread[0].domain}",
        )
    if objection := _objection(workspace, changes, today):
        raise PromiseBrokenError(
            f"{product.name}: {objection.message}; `{workspace.environment}` is guarded",
            place=objection.place,
            fix=f"mesh plan {product.name}{workspace.option}\n{objection.fix}",
        )


def refuse_unknown_promises(mesh: Mesh, inputs: Inputs) -> None:
    """Keep a product from data of which nobody can tell any more how it is protected.

    Raises:
        PromiseBrokenError: neither the files nor the registry hold what a release promised.
    """
    for pin in inputs.pins:
        name = pin.port.port
        if name not in mesh.promised:
            raise PromiseBrokenError(
                f"`{name}` is not read: its contract cannot be read, and the registry does not hold"
                f" what release {pin.release.number} promised, so nobody can tell who may see what",
                place=pin.port.place,
                fix=f"mesh check {name.product.domain}",
            )


def refuse_less_protected(workspace: Workspace, product: Product) -> None:
    """Keep data from being promised with less protection than what it is made of.

    Models are read only where something that the product can read is protected.

    Raises:
        PromiseBrokenError: a column is.
    """
    if not any(map(is_protected, workspace.mesh.in_reach(product))):
        return
    lineage = MeshSql(workspace, [product.name.domain]).lineage().product(product.name)
    if finding := next(protection_findings(lineage), None):
        raise PromiseBrokenError(
            f"{product.name}: {finding.message}", place=finding.place, fix=finding.fix
        )


def _unsaid(workspace: Workspace, product: Product, step: VersionStep) -> PromiseBrokenError:
    name, option = product.name, workspace.option
    return PromiseBrokenError(
        f"{name} breaks what {step.known_as} promised, under the same major version;"
        f" `{workspace.environment}` is guarded",
        place=step.place,
        fix=f"`mesh plan {name}{option}` shows what breaks and whom,"
        f" `mesh product bump {name}{option}` writes the next version",
    )


def _objection(workspace: Workspace, changes: ProductChanges, today: date) -> Finding | None:
    """Return what a consumer has against a change that breaks; models are read only now."""
    readers = LineageReaders(MeshSql(workspace), (changes,))
    made = plan("", workspace.mesh, (changes,), readers, (), today)
    found = (f for f in made.findings if f.blocking and not f.code.startswith(_OF_VERSIONS))
    return next(found, None)
