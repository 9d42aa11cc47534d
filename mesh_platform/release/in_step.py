"""Generated files that are out of step: said before dbt stumbles over them, and when it does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from mesh_platform.engines.dbt.runner import UnreadableProjectError
from mesh_platform.errors import PromiseBrokenError
from mesh_platform.model.generated import drift, missing_sources
from mesh_platform.model.mesh import Domain, Mesh


def refuse_missing_sources(mesh: Mesh, domain: Domain) -> None:
    """Keep dbt from a domain whose sources lack one that an input port names.

    Raises:
        PromiseBrokenError: there is one.
    """
    if finding := missing_sources(mesh, domain):
        raise PromiseBrokenError(
            f"the domain `{domain.name}` cannot be built: {finding.message}",
            place=finding.place,
            fix=finding.fix,
        )


@contextmanager
def explained(mesh: Mesh, domain: Domain) -> Iterator[None]:
    """Name generated files that are out of step first, where dbt cannot read their domain.

    Raises:
        UnreadableProjectError: dbt cannot read it.
    """
    try:
        yield
    except UnreadableProjectError as error:
        finding = next((found for found in drift(mesh, domain) if found.blocking), None)
        if finding is None:
            raise
        raise UnreadableProjectError(
            error.message,
            place=error.place,
            fix=f"{finding.fix} ({finding.place}: {finding.message})\nthen {error.fix}",
        ) from error
