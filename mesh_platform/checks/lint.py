"""Find promises that no release could keep, without data: wrong names, types and SQL."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from mesh_platform.checks.derive import derive
from mesh_platform.checks.foreign_keys import Relation, with_parent
from mesh_platform.checks.spec import CheckSpec, Kind
from mesh_platform.checks.sql_rules import sql_problem
from mesh_platform.checks.storage_types import CONTAINERS
from mesh_platform.checks.targets import all_targets, masking_of
from mesh_platform.checks.types import family, type_to_promise, unkeepable
from mesh_platform.errors import listed
from mesh_platform.model.contract import Contract
from mesh_platform.model.findings import Finding
from mesh_platform.model.mesh import Mesh, Product

CANNOT_RUN = "contract.cannot-run"
TYPE = "contract.type"


def bound(
    spec: CheckSpec,
    contract: Contract,
    contracts: Mapping[Relation, Contract],
    relations: Collection[Relation],
) -> CheckSpec:
    """Return the check with the reason why it cannot run, if the readable ports give one.

    Args:
        spec: the check.
        contract: the contract it comes from.
        contracts: contracts of the ports that its product can read, by schema and view.
        relations: schema and view of all of them.
    """
    if spec.reason:
        return spec
    if said := _inside_a_value(spec, contract):
        return replace(spec, reason=said)
    if spec.kind is Kind.FOREIGN_KEY:
        return with_parent(spec, contract, contracts)
    if spec.kind is Kind.SQL:
        reason = sql_problem(spec.query or "", relations, contract.table_names)
        return replace(spec, reason=reason)
    return spec


def _inside_a_value(spec: CheckSpec, contract: Contract) -> str | None:
    """Return why a check cannot reach what it measures: the column around it is one value."""
    for target in spec.targets:
        for count in range(1, len(target.steps)):
            holder = next(
                each for each in all_targets(contract) if each.steps == target.steps[:count]
            )
            kind = family(holder.column.physical_type)
            if kind and kind not in CONTAINERS:
                return f"`{holder}` is kept as {kind}, so nothing inside it can be checked"
    return None


def findings(contract: Contract, readable: Mapping[Relation, Contract]) -> Iterator[Finding]:
    """Report faults in a contract's types and checks that the mesh's files alone show."""
    yield from type_findings(contract)
    for spec in derive(contract):
        reason = bound(spec, contract, readable, list(readable)).reason
        if reason:
            severity = "error" if spec.blocking else "warning"
            message = f"check `{spec.name}` cannot run: {reason}"
            yield Finding(CANNOT_RUN, message, spec.place, severity=severity)


def type_findings(contract: Contract) -> Iterator[Finding]:
    """Report types that no release can have."""
    for item in unkeepable(contract):
        yield Finding(TYPE, item.sentence, item.place, type_to_promise(item))


def promise_findings(mesh: Mesh, product: Product, contract: Contract) -> Iterator[Finding]:
    """Report promises of a product that could never be kept."""
    if any(item.port not in mesh.ports for item in product.inputs):
        return  # a finding of its own, without which these would be noise
    for finding in (*findings(contract, mesh.readable(product)), *_unmasked(contract)):
        yield replace(finding, product=str(product.name))


def _unmasked(contract: Contract) -> Iterator[Finding]:
    """Warn of masking in a contract: the platform masks nothing yet."""
    columns = [target for target in all_targets(contract) if masking_of(target.column)]
    if columns:
        names = listed([f"`{target}`" for target in columns])
        masked = "is masked" if len(columns) == 1 else "are masked"
        yield Finding(
            "contract.not-masked",
            f"the contract says how {names} {masked}, but nothing masks values yet: who may read "
            "the port sees them",
            columns[0].column.place,
            "leave the values out, or hash them in the model, if consumers must not see them",
            severity="warning",
        )
