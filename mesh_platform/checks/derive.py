"""Contract → check specs: every promise that can be measured, in the order of the contract."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain, count

from mesh_platform.checks.expectations import suite_specs
from mesh_platform.checks.foreign_keys import column_keys, table_keys
from mesh_platform.checks.promises import NONE_ALLOWED, promise, promises, required
from mesh_platform.checks.rules import rule_specs
from mesh_platform.checks.spec import CheckSpec, Kind
from mesh_platform.checks.targets import Target, all_targets
from mesh_platform.model.contract import Contract, Rule, Severity
from mesh_platform.model.naming import identifier, name_digest

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
    return tuple(_named(specs))


def text_rules(contract: Contract) -> tuple[Rule, ...]:
    """Rules in prose: shown to people, never counted as checked."""
    at_columns = (rule for target in all_targets(contract) for rule in target.column.rules)
    return tuple(rule for rule in (*contract.rules, *at_columns) if rule.type == "text")


def _short(name: str) -> str:
    if len(name) <= _LONGEST_NAME:
        return name
    digest = name_digest(name)
    return f"{name[: _LONGEST_NAME - len(digest) - 1]}_{digest}"


def _named(specs: list[CheckSpec]) -> Iterator[CheckSpec]:
    """Give each check a name of its own, as far as possible by what it is about alone.

    Of several that would be called alike, those whose name is not theirs to the letter get a
    digest of what they are called; a number comes last, for what is written twice.
    """
    names = [_short(identifier(spec.name)) for spec in specs]
    counts = Counter(names)
    seen: set[str] = set()
    for spec, plain in zip(specs, names, strict=True):
        told_apart = counts[plain] > 1 and not _is_its_own(spec, plain)
        name = _told_apart(spec, plain) if told_apart else plain
        candidates = chain([name], (f"{name}_{number}" for number in count(2)))
        free = next(n for n in candidates if n not in seen and (n == name or n not in counts))
        seen.add(free)
        yield replace(spec, name=free)


def _told_apart(spec: CheckSpec, name: str) -> str:
    return _short(f"{name}_{name_digest(' '.join((spec.name, *spec.columns)))}")


def _is_its_own(spec: CheckSpec, name: str) -> bool:
    """Tell whether no sign of a check, or of its columns, was changed to make its name."""
    return spec.name == name and all(str(target) == target.stem for target in spec.targets)


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
    """Yield the promises of a key: it is unique as a whole, and there in each of its parts."""
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
