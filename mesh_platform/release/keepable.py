"""Which promises of a mesh no build could keep, told from its files and by the engine's rules."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mesh_platform.model.findings import Finding
from mesh_platform.model.mesh import Domain, Mesh
from mesh_platform.quality.asks import asks
from mesh_platform.quality.lint import promise_findings


def findings_on_promises(mesh: Mesh, domains: Sequence[Domain]) -> Iterator[Finding]:
    """Findings on types, rules, patterns and values, each with the product it belongs to.

    The engine is started only where something is asked of it.
    """
    asked = [ask for domain in domains for ask in asks(domain)]
    answers: dict[str, str] = {}
    if asked:
        from mesh_platform.engine.trial import refusals

        answers = refusals({ask.question.expression for ask in asked})
    for domain in domains:
        yield from promise_findings(mesh, domain)
    yield from (found for ask in asked if (found := ask.finding(answers)) is not None)
