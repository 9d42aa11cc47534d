"""Which maturity model is in force, and what it says of each product."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from importlib import resources
from typing import Any

from mesh_platform import governance
from mesh_platform.errors import MeshError, Place
from mesh_platform.files import read_text
from mesh_platform.governance.compliance import Compliance, Scope, Tallies
from mesh_platform.governance.maturity import Evidence, Maturity, maturity
from mesh_platform.governance.maturity_model import (
    MATURITY_FILE,
    MaturityModel,
    read_maturity_model,
)
from mesh_platform.governance.rules import PolicyRule
from mesh_platform.model.documents import parse_document
from mesh_platform.model.findings import Finding
from mesh_platform.model.mesh import Mesh, Product

_JUDGES = frozenset({"domain", "product", "port", "column", "release"})
"""What a policy judges that a criterion may refer to."""


def model_in_force(mesh: Mesh, rules: Iterable[PolicyRule]) -> tuple[MaturityModel, str]:
    """The mesh's own model, else the platform's; with its text.

    Raises:
        MeshError: the mesh's own model cannot be read.
    """
    text, file = _text(mesh)
    model, findings = read_maturity_model(text, file, _codes(rules))
    if model is None:
        first, *others = findings
        more = f" (and {len(others)} more: mesh check)" if others else ""
        raise MeshError(f"{first.message}{more}", place=first.place, fix=first.fix)
    return model, text


def model_findings(mesh: Mesh, rules: Iterable[PolicyRule]) -> list[Finding]:
    """What is wrong with the mesh's own model, if it has one."""
    try:
        text, file = _text(mesh)
    except MeshError as error:
        return [Finding("maturity.invalid", error.message, Place(MATURITY_FILE, 1))]
    return read_maturity_model(text, file, _codes(rules))[1]


def maturities(
    mesh: Mesh, rules: Iterable[PolicyRule], compliance: Compliance, model: MaturityModel
) -> dict[str, Maturity]:
    """Evaluate all products that could be read."""
    measured = frozenset(r.code for r in rules if r.measured and r.info.subject != "release")
    return {
        str(name): maturity(model, _evidence(product, compliance, measured))
        for name, product in mesh.products.items()
    }


def maturity_document(
    model: MaturityModel, reached: Mapping[str, Maturity], at: datetime
) -> dict[str, Any]:
    """The model in the form of Bitol's draft OMMS, with what it says of each product.

    The draft has no form for results yet; they stand where it leaves room, in `customProperties`.
    """
    told = model.model_dump(by_alias=True, exclude_unset=True, mode="json")
    results = [_result(name, found, at) for name, found in reached.items()]
    own = told.get("customProperties", [])
    return told | {"customProperties": [*own, {"property": "results", "value": results}]}


def _result(name: str, found: Maturity, at: datetime) -> dict[str, Any]:
    cap = {"cap": found.cap} if found.cap else {}
    criteria = [
        {"id": a.criterion.id, "status": "pass" if a.met else "fail", "actual": a.seen}
        for a in found.answers
    ]
    return {
        "productId": name,
        "level": found.level,
        **cap,
        "evaluatedAt": at.isoformat(timespec="seconds"),
        "criteria": criteria,
    }


def _evidence(product: Product, compliance: Compliance, measured: frozenset[str]) -> Evidence:
    contracts = {port.contract.id: _data(port.contract.text) for port in product.ports}
    return Evidence(_data(product.text), contracts, _tallies(product, compliance), measured)


def _tallies(product: Product, compliance: Compliance) -> Tallies:
    """What was counted of a product, and of its domain itself."""
    own = compliance.score(Scope.PRODUCT, str(product.name))
    around = compliance.score(Scope.DOMAIN, product.name.domain)
    of_domain = {
        code: tally
        for code, tally in (around.tallies if around else {}).items()
        if around and around.rules[code].info.subject == "domain"
    }
    return {**of_domain, **(own.tallies if own else {})}


def _text(mesh: Mesh) -> tuple[str, str]:
    path = mesh.root / MATURITY_FILE
    if not path.is_file():
        shipped = resources.files(governance) / MATURITY_FILE
        return shipped.read_text(encoding="utf-8"), f"mesh_platform/governance/{MATURITY_FILE}"
    return read_text(path, MATURITY_FILE), MATURITY_FILE


def _codes(rules: Iterable[PolicyRule]) -> Collection[str]:
    return frozenset(rule.code for rule in rules if rule.info.subject in _JUDGES)


def _data(text: str) -> Mapping[str, Any]:
    return parse_document(text, "").data
