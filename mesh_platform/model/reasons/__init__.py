"""Why each finding of the platform itself matters: for every code what must hold, and why.

Codes of policies are not here: a policy says its own reasons. Codes that are made of a kind of
file and a word, as `waiver.unknown-key`, share the reason that stands under `*.unknown-key`.
"""

from __future__ import annotations

from mesh_platform.model.reasons import of_changes, of_contracts, of_policies, of_products
from mesh_platform.model.reasons.reason import Reason

REASONS: dict[str, Reason] = {
    **of_contracts.PROMISES,
    **of_contracts.RULES,
    **of_contracts.FILES,
    **of_products.DOMAINS,
    **of_products.FILES,
    **of_products.PRODUCTS,
    **of_products.INPUTS,
    **of_products.PORTS,
    **of_products.FOR_DBT,
    **of_products.MODELS,
    **of_changes.VERSIONS,
    **of_changes.AGREEMENTS,
    **of_changes.LINEAGE,
    **of_policies.POLICIES,
    **of_policies.WAIVERS,
}

_FILES = "docs/reference/files.md says what the file may hold."
_CONTRACT = "docs/reference/contract.md says what a contract may hold."
_POLICIES = "docs/policies.md says how policies are set and waived."
_SYNC = "`mesh sync` writes the generated files."
_BREAKS = "docs/plan.md has three ways out of a break: keep the old major, move, or agree."
WAYS = {
    "ack": _BREAKS,
    "change": _BREAKS,
    "contract": _CONTRACT,
    "domain": _FILES,
    "file": _FILES,
    "generated": _SYNC,
    "input": _FILES,
    "lineage": "`mesh lineage` shows what SQL reads; docs/reference/lineage.md explains it.",
    "maturity": "docs/compliance.md says what a model of maturity may hold.",
    "model": _FILES,
    "plan": "docs/plan.md says what can be compared.",
    "policy": _POLICIES,
    "port": _FILES,
    "ports": _SYNC,
    "product": _FILES,
    "sources": _SYNC,
    "suite": "docs/reference/great_expectations.md says where suites stand.",
    "upgrade": _CONTRACT,
    "variable": _FILES,
    "version": "`mesh product bump` writes the versions that `mesh plan` asks for.",
    "waiver": _POLICIES,
}
"""Where to read on, or what mends it, by what codes begin with."""


def reason_of(code: str) -> Reason:
    """What the platform says of a code; nothing where the code is not the platform's."""
    return REASONS.get(code) or REASONS.get(f"*.{code.rpartition('.')[2]}") or Reason()


def way_of(code: str) -> str:
    """Where to read on about a code of the platform, or what mends it."""
    return WAYS.get(code.partition(".")[0], "Each finding says how to go on.")
