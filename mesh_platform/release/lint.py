"""What `mesh check` finds in the promises of a domain by holding them against the whole mesh."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mesh_platform.engine.patterns import pattern_problems
from mesh_platform.model.findings import Finding
from mesh_platform.model.mesh import Domain, Mesh, Product
from mesh_platform.quality.derive import derive
from mesh_platform.quality.lint import findings


def promise_findings(mesh: Mesh, domain: Domain) -> Iterator[Finding]:
    """Findings on rules that could never run, each with the product it belongs to."""
    for product in domain.products:
        for finding in (*_rules(mesh, product), *_patterns(product)):
            yield replace(finding, product=str(product.name))


def _rules(mesh: Mesh, product: Product) -> Iterator[Finding]:
    if any(item.port not in mesh.ports for item in product.inputs):
        return  # a finding of its own, without which these would be noise
    readable = mesh.readable(product)
    for port in product.ports:
        yield from findings(port.contract, readable)


def _patterns(product: Product) -> Iterator[Finding]:
    """Regular expressions that the engine refuses; only the engine itself knows its dialect."""
    specs = [s for p in product.ports for s in derive(p.contract) if "pattern" in s.options]
    problems = pattern_problems(str(spec.options["pattern"]) for spec in specs)
    for spec, said in zip(specs, problems, strict=True):
        if said:
            yield Finding(
                "contract.pattern",
                f"check `{spec.name}` cannot run: {said}",
                spec.place,
                "write the pattern in RE2's syntax: it knows no look-around and no back-references",
            )
