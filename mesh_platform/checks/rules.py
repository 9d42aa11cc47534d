"""The entries of a `quality` list as checks; what cannot run says why, and never vanishes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from mesh_platform.checks.expectations import custom_specs
from mesh_platform.checks.promises import NONE_ALLOWED
from mesh_platform.checks.spec import CheckSpec, Kind
from mesh_platform.checks.sql import quoted
from mesh_platform.checks.targets import Target, all_targets, find
from mesh_platform.errors import did_you_mean
from mesh_platform.model.contract import Contract, Rule

METRICS = {
    "rowCount": Kind.ROW_COUNT,
    "nullValues": Kind.REQUIRED,
    "missingValues": Kind.REQUIRED,
    "duplicateValues": Kind.UNIQUE,
    "invalidValues": Kind.ALLOWED,
}
_SCHEMA_OF_TABLE = re.compile(r"\$?\{schema\}\s*\.\s*(?=\$?\{(?:object|table)\})")
"""In `${schema}.${table}`, where the table says it all."""
_ARGUMENTS = ("properties", "missingValues", "validValues", "pattern")
_NO_OPERATOR = "the rule does not say what must hold; add an operator, for instance `mustBe: 0`"
_NO_COLUMN = "the rule names no column; list them under `arguments: {properties: [...]}`"
_NOTHING_VALID = (
    "the rule does not say what is valid; add `validValues` or `pattern` to `arguments`"
)
_SEVERAL_LISTS = "values inside lists can be measured one column at a time; write a rule for each"
_NO_PLACE = "SQL cannot name a single item of a list; write the rule at the table and use `unnest`"


def rule_specs(
    contract: Contract, rules: tuple[Rule, ...], at: Target | None
) -> Iterator[CheckSpec]:
    """Checks of the rules written at a column, or at the table; text is documentation."""
    for rule in rules:
        if rule.type == "custom":
            yield from custom_specs(contract, rule, at)
        elif rule.type != "text":
            yield _spec(contract, rule, at)


def _spec(contract: Contract, rule: Rule, at: Target | None) -> CheckSpec:
    targets, missing = ((at,), None) if at else _named(contract, rule)
    stems = [target.stem for target in targets]
    spec = CheckSpec(
        rule.name or "_".join([*stems, rule.metric or rule.type]),
        Kind.UNSUPPORTED,
        rule.threshold or NONE_ALLOWED,
        rule.severity,
        rule.place,
        targets,
        percent=rule.percent,
        description=rule.description,
        dimension=rule.dimension,
        business_impact=rule.business_impact,
    )
    reason = missing or (None if rule.threshold else _NO_OPERATOR)
    if reason:
        return replace(spec, reason=reason)
    return _sql(rule, spec, at) if rule.type == "sql" else _library(rule, spec)


def _named(contract: Contract, rule: Rule) -> tuple[tuple[Target, ...], str | None]:
    """The columns that a rule of the table lists, and what is wrong with the list."""
    names = rule.arguments.get("properties") or []
    if not isinstance(names, list):
        return (), "`properties` must be a list of columns"
    found = {str(name): find(contract, str(name)) for name in names}
    for name, target in found.items():
        if target is None:
            known = (str(target) for target in all_targets(contract))
            return (), f"the contract has no column `{name}`; {did_you_mean(name, known)}"
    return tuple(target for target in found.values() if target), None


def _sql(rule: Rule, spec: CheckSpec, at: Target | None) -> CheckSpec:
    spec = replace(spec, kind=Kind.SQL, query=rule.query)
    if not at:
        return replace(spec, query=_with_names(rule.query or "", "${property}"))
    if at.many:
        return replace(spec, reason=_NO_PLACE)
    field = quoted(str(at.steps[0]))
    for step in at.steps[1:]:
        field = f"({field}).{quoted(step)}"
    return replace(spec, query=_with_names(rule.query or "", field))


def _with_names(query: str, field: str) -> str:
    """Fill the standard's placeholders; the port is the table `port`."""
    query = _SCHEMA_OF_TABLE.sub("", query)
    for old in ("${object}", "${table}", "${schema}", "{object}", "{table}", "{schema}"):
        query = query.replace(old, "port")
    for old in ("${property}", "${column}", "{property}", "{column}"):
        query = query.replace(old, field)
    return query


def _library(rule: Rule, spec: CheckSpec) -> CheckSpec:
    """A metric; without what it measures it says what is missing."""
    reason = _problem(rule, spec)
    if reason:
        return replace(spec, reason=reason)
    kind, arguments = METRICS[rule.metric or ""], rule.arguments
    if kind is Kind.REQUIRED:
        values = arguments.get("missingValues") if rule.metric == "missingValues" else ()
        return replace(spec, kind=kind, values=tuple(values or ()))
    if kind is Kind.ALLOWED:
        return _allowed(spec, arguments)
    return replace(spec, kind=kind)


def _allowed(spec: CheckSpec, arguments: dict[str, Any]) -> CheckSpec:
    values, pattern = tuple(arguments.get("validValues") or ()), arguments.get("pattern")
    options = {"pattern": pattern} if pattern else {}
    kind = Kind.ALLOWED if values else Kind.PATTERN
    return replace(spec, kind=kind, values=values, options=options)


def _problem(rule: Rule, spec: CheckSpec) -> str | None:
    """Return why a metric cannot be measured."""
    given = rule.arguments
    if rule.metric not in METRICS:
        return f"`metric` is missing or unknown; {did_you_mean(rule.metric or '', METRICS)}"
    for key in given:
        if key not in _ARGUMENTS:
            return f"`{key}` is no argument of a metric; {did_you_mean(key, _ARGUMENTS)}"
    for key in ("missingValues", "validValues"):
        if not isinstance(given.get(key, []), list):
            return f"`{key}` must be a list of values"
    if not isinstance(given.get("pattern", ""), str):
        return "`pattern` must be text"
    return _unmeasurable(METRICS[rule.metric], spec, given)


def _unmeasurable(kind: Kind, spec: CheckSpec, given: dict[str, Any]) -> str | None:
    if len(spec.targets) > 1 and any(target.many for target in spec.targets):
        return _SEVERAL_LISTS
    if kind is not Kind.ROW_COUNT and not spec.targets:
        return _NO_COLUMN
    if kind is Kind.ALLOWED and not given.get("validValues") and not given.get("pattern"):
        return _NOTHING_VALID
    return None
