"""What `mesh check` finds in the promises of a domain by holding them against the whole mesh."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mesh_platform.model.findings import Finding
from mesh_platform.model.mesh import Domain, Mesh
from mesh_platform.quality.lint import findings


def promise_findings(mesh: Mesh, domain: Domain) -> Iterator[Finding]:
    """Findings on rules that could never run, each with the product it belongs to."""
    for product in domain.products:
        if any(item.port not in mesh.ports for item in product.inputs):
            continue  # a finding of its own, without which these would be noise
        readable = mesh.readable(product)
        for port in product.ports:
            for finding in findings(port.contract, readable):
                yield replace(finding, product=str(product.name))
