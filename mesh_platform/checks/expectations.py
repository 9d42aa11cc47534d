"""Make checks of expectations: of rules of type `custom`, and of the suite beside the contract."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from difflib import get_close_matches

from mesh_platform.checks.expectation_types import ARGUMENTS
from mesh_platform.checks.expectation_values import wrong_value
from mesh_platform.checks.promises import NONE_ALLOWED
from mesh_platform.checks.spec import CheckSpec, Kind
from mesh_platform.checks.suites import (
    Expectation,
    names_great_expectations,
    read_inline,
    read_suite,
)
from mesh_platform.checks.targets import Target, all_targets, find
from mesh_platform.errors import MeshError, Place, did_you_mean
from mesh_platform.model.contract import Contract, Rule, Severity

_ABOUT_NAMES = frozenset(
    {
        "expect_column_to_exist",
        "expect_table_columns_to_match_set",
        "expect_table_columns_to_match_ordered_list",
    }
)
"""Expectations that fail, and run, where a column is not there."""


def custom_specs(contract: Contract, rule: Rule, at: Target | None) -> Iterator[CheckSpec]:
    """Return the checks of a rule that names an engine; of one that is not here they cannot run."""
    name = rule.name or "_".join([*([at.stem] if at else []), "custom"])
    if not names_great_expectations(rule.engine):
        reason = (
            f"the engine `{rule.engine}` does not run here; "
            "write the rule as `type: sql`, or for the engine `greatExpectations`"
        )
        yield _could_not_run(name, rule.severity, rule.place, reason)
        return
    try:
        found = read_inline(rule.implementation, rule, str(at) if at else None)
    except MeshError as error:
        yield _could_not_run(name, rule.severity, rule.place, _told(error))
        return
    for expectation in found:
        spec = _spec(contract, expectation)
        yield replace(spec, dimension=rule.dimension, business_impact=rule.business_impact)


def suite_specs(contract: Contract) -> Iterator[CheckSpec]:
    """Return the checks of the suite beside the contract."""
    suite = contract.suite
    if suite is None:
        return
    place, problem = Place(suite.file, 1), suite.problem
    try:
        found = () if problem else read_suite(suite.text, suite.file)
    except MeshError as error:
        place, problem = error.place or place, _told(error)
        found = ()
    if problem:
        yield _could_not_run("expectations", Severity.ERROR, place, problem)
    for expectation in found:
        yield _spec(contract, expectation)


def _spec(contract: Contract, expectation: Expectation) -> CheckSpec:
    known = {str(target).casefold(): str(target) for target in all_targets(contract)}
    names = (known.get(name.casefold(), name) for name in expectation.columns)  # as SQL reads them
    targets = (find(contract, name) for name in names)
    return CheckSpec(
        expectation.name,
        Kind.EXPECTATION,
        NONE_ALLOWED,
        expectation.severity,
        expectation.place,
        tuple(target for target in targets if target),
        expectation=expectation,
        reason=_unknown(expectation, contract)
        or _misfit(expectation)
        or wrong_value(expectation)
        or _lacking(expectation, known),
        description=expectation.description,
    )


def _unknown(expectation: Expectation, contract: Contract) -> str | None:
    """Return that there is no expectation of a type that is nearly the name of one.

    One of another name may be a class of the team's own.
    """
    own = contract.suite is not None and contract.suite.python is not None
    near = get_close_matches(expectation.type, ARGUMENTS, n=1, cutoff=0.9)
    if own or expectation.type in ARGUMENTS or not near:
        return None
    return f"no expectation is called `{expectation.type}`; did you mean `{near[0]}`?"


def _misfit(expectation: Expectation) -> str | None:
    """Return that an argument is missing, or nearly has the name of another that is not given."""
    if (takes := ARGUMENTS.get(expectation.type)) is None:
        return None
    given = expectation.kwargs.keys()
    for name in sorted(given - takes.known):
        if near := get_close_matches(name, takes.known - given, n=1, cutoff=0.5):
            return f"`{expectation.type}` takes no `{name}`; did you mean `{near[0]}`?"
    if missing := sorted(takes.needed - given):
        return f"`{expectation.type}` needs `{missing[0]}`; write it under `kwargs`"
    return None


def _lacking(expectation: Expectation, known: dict[str, str]) -> str | None:
    """Return that a column is not promised, where the expectation is about its values."""
    if expectation.type in _ABOUT_NAMES:
        return None
    strange = (name for name in expectation.columns if name.casefold() not in known)
    name = next(strange, None)
    if name is None:
        return None
    return f"the contract has no column `{name}`; {did_you_mean(name, known.values())}"


def _could_not_run(name: str, severity: Severity, place: Place, reason: str) -> CheckSpec:
    return CheckSpec(name, Kind.UNSUPPORTED, NONE_ALLOWED, severity, place, reason=reason)


def _told(error: MeshError) -> str:
    return f"{error.message}; {error.fix}" if error.fix else error.message
