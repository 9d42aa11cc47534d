"""Turns products into Dagster assets: private models, output ports, and what enters from outside.

Everything is decided by the contract, the descriptor and dbt's manifest, nothing by a name.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator

import dagster as dg

from mesh_platform.catalog.markdown import code, prose
from mesh_platform.checks.derive import derive, text_rules
from mesh_platform.engines.dbt.manifest import Model
from mesh_platform.engines.dbt.tests import DbtCheck
from mesh_platform.governance.rules import PolicyRule
from mesh_platform.model.contract import Contract
from mesh_platform.model.landing import Landing
from mesh_platform.model.mesh import Domain, Port, Product
from mesh_platform.model.naming import LANDING, landing_key, model_key
from mesh_platform.release.policies.on_releases import check_name
from mesh_platform.visible import visible


def landing_specs(domain: Domain) -> Iterator[dg.AssetSpec]:
    """Yield an external asset for each source from outside the mesh."""
    for product in domain.products:
        for landing in product.landings:
            yield _landing_spec(domain, product, landing)


def model_specs(
    domain: Domain, product: Product, models: tuple[Model, ...]
) -> Iterator[dg.AssetSpec]:
    """Yield an asset for each dbt model of the product."""
    for model in models:
        yield dg.AssetSpec(
            key=dg.AssetKey(model_key(product.name, model.name)),
            deps=[dg.AssetKey(key) for key in _reads(product, model)],
            description=prose(model.description)
            or f"Private model of {product.name}: {model.path}",
            group_name=domain.name,
            owners=owners(domain),
            kinds={"dbt", "duckdb"},
            tags={"mesh/product": product.name.name, "mesh/role": "model"},
            metadata={"mesh/materialized": model.materialized, "mesh/file": model.path},
        )


def port_specs(domain: Domain, product: Product) -> Iterator[dg.AssetSpec]:
    """Yield an asset for each output port of the product."""
    for port in product.ports:
        yield dg.AssetSpec(
            key=dg.AssetKey(port.name.key),
            deps=[dg.AssetKey(model_key(product.name, port.contract.table))],
            description=_port_text(product, port),
            group_name=domain.name,
            owners=owners(domain),
            kinds={"delta", "contract"},
            tags={
                "mesh/product": product.name.name,
                "mesh/role": "output_port",
                "mesh/type": _tag(product.type),
                "mesh/version": _tag(port.version),
                **({"mesh/deprecated": "true"} if port.deprecated else {}),
            },
            metadata={
                "dagster/column_schema": _column_schema(port.contract),
                "dagster/table_name": str(port.name),
                "mesh/contract": port.contract.place.file,
                "mesh/version": port.version,
                **_ends(port),
            },
        )


def _ends(port: Port) -> dict[str, str]:
    """Return metadata on the port's deprecation and end dates, as far as they are known."""
    contract = port.contract
    told = {"end_of_support": contract.end_of_support, "end_of_life": contract.end_of_life}
    dates = {f"mesh/{name}": value for name, value in told.items() if value}
    return {"mesh/status": "deprecated", **dates} if port.deprecated else dates


def check_specs(product: Product) -> Iterator[dg.AssetCheckSpec]:
    """Yield a check for each rule of the contracts; an error blocks, and withholds the release."""
    for port in product.ports:
        for spec in derive(port.contract):
            yield dg.AssetCheckSpec(
                name=spec.name,
                asset=dg.AssetKey(port.name.key),
                description=prose(spec.description or ""),
                blocking=spec.blocking,
                metadata={
                    "rule": f"{spec.kind}: {spec.promise}",
                    "dimension": spec.dimension or "unspecified",
                    "business impact": spec.business_impact or "not stated",
                    "promised in": str(spec.place),
                },
            )


def dbt_check_specs(product: Product, checks: tuple[DbtCheck, ...]) -> Iterator[dg.AssetCheckSpec]:
    """Yield a check for each dbt test of the team, at the model that it is about."""
    for check in checks:
        yield dg.AssetCheckSpec(
            name=check.name,
            asset=dg.AssetKey(model_key(product.name, check.model)),
            description=prose(check.description or ""),
            blocking=check.blocking,
            metadata={
                "rule": f"dbt {check.test.kind.replace('_', ' ')}: {check.rule}",
                "written in": check.test.path,
            },
        )


def policy_check_specs(
    product: Product, rules: tuple[PolicyRule, ...]
) -> Iterator[dg.AssetCheckSpec]:
    """Yield a check for each policy on releases at each port; it blocks if the policy does."""
    for port in product.ports:
        for rule in rules:
            yield dg.AssetCheckSpec(
                name=check_name(rule),
                asset=dg.AssetKey(port.name.key),
                description=prose(rule.info.description),
                blocking=rule.blocking,
                metadata={
                    "policy": rule.code,
                    "why": rule.info.why,
                    "blocking": rule.standing,
                    "written in": str(rule.info.place),
                },
            )


def owners(domain: Domain) -> list[str]:
    """Return the domain's team and email address, as far as Dagster accepts them as owners."""
    names = map(visible, (f"team:{domain.team}", domain.email))
    return [name for name in names if _is_owner(name)]


@functools.lru_cache
def _is_owner(name: str) -> bool:
    """Tell whether Dagster accepts an owner; one that it refuses would stop the whole domain."""
    try:
        dg.AssetSpec(key="any", owners=[name])
    except dg.DagsterInvalidDefinitionError:
        return False
    return True


def _tag(value: str) -> str:
    """Convert text into the value of a tag: Dagster takes 63 letters, digits and `_-.`."""
    return re.sub(r"[^A-Za-z0-9_.-]", "_", value)[:63]


def _reads(product: Product, model: Model) -> Iterator[tuple[str, ...]]:
    ports = {item.port.relation: item.port.key for item in product.inputs}
    for name in model.models:
        yield model_key(product.name, name)
    for schema, table in model.sources:
        if schema == LANDING:
            yield landing_key(product.name, table)
        elif (schema, table) in ports:
            yield ports[schema, table]


def _landing_spec(domain: Domain, product: Product, landing: Landing) -> dg.AssetSpec:
    return dg.AssetSpec(
        key=dg.AssetKey(landing_key(product.name, landing.name)),
        description=f"Data from outside the mesh: {code(landing.shown)}",
        group_name=domain.name,
        owners=owners(domain),
        kinds={landing.format, "file"},
        tags={"mesh/product": product.name.name, "mesh/role": "landing"},
        metadata={"mesh/location": landing.shown},
    )


def _port_text(product: Product, port: Port) -> str:
    contract = port.contract
    parts = [
        prose(port.description or contract.description or product.purpose or str(port.name)),
        f"**One row:** {prose(contract.granularity)}" if contract.granularity else "",
        f"**Limits:** {prose(contract.limitations)}" if contract.limitations else "",
        *(f"**Not checked:** {prose(rule.description or '')}" for rule in text_rules(contract)),
        f"Read it with `mesh read {port.name}`.",
    ]
    return "\n\n".join(part for part in parts if part)


def _column_schema(contract: Contract) -> dg.TableSchema:
    return dg.TableSchema(
        columns=[
            dg.TableColumn(
                name=column.name,
                type=column.physical_type or column.logical_type or "unknown",
                description=prose(column.description or "") or None,
                constraints=dg.TableColumnConstraints(
                    nullable=not (column.required or column.name in contract.key),
                    unique=column.unique or contract.key == (column.name,),
                ),
            )
            for column in contract.columns
        ]
    )
