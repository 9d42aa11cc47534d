"""Contract → check specs: every promise that can be measured, in the order of the contract."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from itertools import count

from mesh_platform.model.contract import Contract, Rule, Severity
from mesh_platform.quality.expectations import suite_specs
from mesh_platform.quality.foreign_keys import column_keys, table_keys
from mesh_platform.quality.promises import NONE_ALLOWED, promise, promises, required
from mesh_platform.quality.rules import rule_specs
from mesh_platform.quality.spec import CheckSpec, Kind
from mesh_platform.quality.targets import Target, all_targets

_LONGEST_NAME = 120
"""Above it a name is cut, and told apart by a digest: people and databases have limits."""


def derive(contract: Contract) -> tuple[CheckSpec, ...]:
    """List the checks of a contract; names are unique and valid as Dagster check names."""
    targets = tuple(all_targets(contract))
    specs = [_schema(contract), *_key(targets)]
    for target in targets:
        specs += promises(target)
        specs += column_keys(target)
        specs += rule_specs(contract, target.column.rules, target)
    specs += table_keys(contract)
    specs += rule_specs(contract, contract.rules, None)
    specs += suite_specs(contract)
    return tuple(_with_unique_names([replace(s, name=_short(s.name)) for s in specs]))


def text_rules(contract: Contract) -> tuple[Rule, ...]:
    """Rules in prose: shown to people, never counted as checked."""
    at_columns = (rule for target in all_targets(contract) for rule in target.column.rules)
    return tuple(rule for rule in (*contract.rules, *at_columns) if rule.type == "text")


def _short(name: str) -> str:
    if len(name) <= _LONGEST_NAME:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{name[: _LONGEST_NAME - 9]}_{digest}"


def _with_unique_names(specs: list[CheckSpec]) -> Iterator[CheckSpec]:
    given = {spec.name for spec in specs}
    seen: set[str] = set()
    for spec in specs:
        if spec.name not in seen:
            seen.add(spec.name)
            yield spec
            continue
        names = (f"{spec.name}_{number}" for number in count(2))
        free = next(name for name in names if name not in seen and name not in given)
        seen.add(free)
        yield replace(spec, name=free)


def _schema(contract: Contract) -> CheckSpec:
    return CheckSpec(
        "schema",
        Kind.SCHEMA,
        NONE_ALLOWED,
        Severity.ERROR,
        contract.place,
        description="The port returns exactly the promised columns, with the promised types.",
        dimension="conformity",
    )


def _key(targets: tuple[Target, ...]) -> Iterator[CheckSpec]:
    """The key of a row is unique as a whole, and there in each of its parts."""
    parts = [target for target in targets if target.column.key_position is not None]
    own = tuple(
        sorted(
            (part for part in parts if not part.many),
            key=lambda part: part.column.key_position or 0,
        )
    )
    if own:
        said = f"{', '.join(map(str, own))} identify a row."
        yield promise("primary_key", Kind.UNIQUE, own, "uniqueness", said)
    for part in parts:
        if part.many:
            yield _key_of_items(part)
        elif not part.column.required:
            yield required(part)


def _key_of_items(part: Target) -> CheckSpec:
    said = f"{part} identifies an item."
    spec = promise(f"{part.stem}_key", Kind.UNSUPPORTED, (part,), "uniqueness", said)
    reason = "a primary key identifies rows, not items of a list; write an SQL rule at the table"
    return replace(spec, severity=Severity.WARNING, reason=reason)
