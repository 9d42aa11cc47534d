"""Find promises of a mesh that no build could keep, from its files and the engine's rules."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

from mesh_platform.checks.asks import Ask, asks
from mesh_platform.checks.lint import CANNOT_RUN, promise_findings, type_findings
from mesh_platform.model.contract import Contract
from mesh_platform.model.findings import Finding, Findings, boundary
from mesh_platform.model.mesh import Domain, Mesh, Product
from mesh_platform.release.rule_sql import rule_findings


def findings_on_promises(mesh: Mesh, domains: Sequence[Domain]) -> Iterator[Finding]:
    """Yield findings on types, rules, patterns and values, each with its product.

    The engine starts only where a contract raises a question.
    """
    read = [_of_product(mesh, product) for domain in domains for product in domain.products]
    for domain in domains:
        for name, draft in domain.drafts:
            yield from boundary(CANNOT_RUN, partial(_of_draft, draft, str(name)), draft.place)
    for findings, _ in read:
        yield from findings
    yield from _refused([ask for _, asked in read for ask in asked])
    yield from rule_findings(mesh, [product for domain in domains for product in domain.products])


def _of_product(mesh: Mesh, product: Product) -> tuple[list[Finding], list[Ask]]:
    """Return what the files tell about a product's contracts, and the questions for the engine."""
    found, asked = Findings(), list[Ask]()
    for contract in (port.contract for port in product.ports):
        read = partial(_read, mesh, product, contract, found)
        asked += found.attempt(CANNOT_RUN, read, contract.place, str(product.name)) or ()
    return found.items, asked


def _read(mesh: Mesh, product: Product, contract: Contract, found: Findings) -> list[Ask]:
    found.items += promise_findings(mesh, product, contract)
    return list(asks(contract, str(product.name)))


def _of_draft(draft: Contract, product: str) -> Iterator[Finding]:
    """Yield findings on the types of a contract that contradicts itself."""
    yield from (replace(finding, product=product) for finding in type_findings(draft))


def _refused(asked: Sequence[Ask]) -> Iterator[Finding]:
    if not asked:
        return
    from mesh_platform.engines.duckdb.trial import refusals

    answers = refusals({ask.question.expression for ask in asked})
    yield from (found for ask in asked if (found := ask.finding(answers)) is not None)
