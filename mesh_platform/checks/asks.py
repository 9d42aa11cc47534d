"""Ask the engine what only it knows of a contract: can it use a pattern, can it read a value.

The engine answers a question by evaluating its expression. An error is the one that would end the
check.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from mesh_platform.checks.derive import derive
from mesh_platform.checks.expectation_values import patterns_of
from mesh_platform.checks.lint import CANNOT_RUN
from mesh_platform.checks.located import limit
from mesh_platform.checks.spec import CheckSpec, Kind
from mesh_platform.checks.sql import literal
from mesh_platform.checks.targets import Target, all_targets
from mesh_platform.checks.types import is_text, usual_type
from mesh_platform.model.contract import Contract
from mesh_platform.model.findings import Finding
from mesh_platform.model.verdict import shown

PATTERN, ENUM_VALUE = "contract.pattern", "contract.enum-value"
_ASKING = (Kind.RANGE, Kind.PATTERN, Kind.ALLOWED)
_BOUNDS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")


_UNMATCHED = "does not match the pattern"
_NO_PATTERN = "correct it; neither look-around nor back-references are known"


@dataclass(frozen=True, slots=True)
class Question:
    """Hold an expression that needs no data, and the message for when the engine rejects it."""

    expression: str
    code: str
    told: str
    fix: str


@dataclass(frozen=True, slots=True)
class Ask:
    """Hold a question with the check that needs its answer."""

    question: Question
    spec: CheckSpec
    product: str

    def finding(self, answers: Mapping[str, str]) -> Finding | None:
        """Return the finding on the engine's error for the expression; None if it has none."""
        question = self.question
        said = answers.get(question.expression)
        if said is None or (question.code == ENUM_VALUE and _UNMATCHED not in said):
            return None
        message = question.told if question.code == ENUM_VALUE else f"{question.told}: {said}"
        if question.code == CANNOT_RUN:
            message = f"check `{self.spec.name}` cannot run: {message}"
        severity = "error" if self.spec.blocking else "warning"
        return Finding(
            question.code, message, self.spec.place, question.fix, self.product, severity
        )


def asks(contract: Contract, product: str) -> Iterator[Ask]:
    """Yield every question that one contract of a product raises."""
    for spec in derive(contract) if _may_ask(contract) else ():
        if spec.reason is not None:
            continue
        for question in _of_expectation(spec):
            yield Ask(question, spec, product)
        for target in spec.targets if spec.kind in _ASKING else ():
            for question in _about(spec, target):
                yield Ask(question, spec, product)


def _may_ask(contract: Contract) -> bool:
    """Tell whether the checks are worth deriving: most contracts raise no question."""
    named = any({"pattern", "validValues"} & rule.arguments.keys() for rule in contract.every_rule)
    of_expectations = any("regex" in text for text in _texts_of_expectations(contract))
    return (
        named
        or of_expectations
        or any(
            "pattern" in column.options
            or any(isinstance(column.options.get(name), str) for name in _BOUNDS)
            or (column.enum and column.logical_type != "string")
            for column in (target.column for target in all_targets(contract))
        )
    )


def _texts_of_expectations(contract: Contract) -> Iterator[str]:
    if contract.suite is not None:
        yield contract.suite.text
    yield from (str(rule.implementation) for rule in contract.every_rule if rule.implementation)


def _of_expectation(spec: CheckSpec) -> Iterator[Question]:
    """Ask whether the engine knows the regular expressions of an expectation."""
    for pattern in patterns_of(spec.expectation) if spec.expectation else ():
        told, known = f"the pattern {shown(pattern)} cannot be used", _known(pattern)
        yield Question(known, CANNOT_RUN, told, _NO_PATTERN)


def _about(spec: CheckSpec, target: Target) -> Iterator[Question]:
    pattern = spec.options.get("pattern")
    if isinstance(pattern, str):
        yield from _of_pattern(pattern, target)
    for name in _BOUNDS:
        value = spec.options.get(name)
        if isinstance(value, str):
            yield from _read(target, limit(target, value), f"{name} {shown(value)}")
    for value in spec.values:
        if isinstance(value, str) and not is_text(target.column):
            yield from _read(target, literal(value), f"the value {shown(value)}")


def _of_pattern(pattern: str, target: Target) -> Iterator[Question]:
    """Ask whether the engine knows the pattern, and whether each allowed value matches it."""
    told = f"the pattern {shown(pattern)} cannot be used"
    yield Question(_known(pattern), PATTERN, told, _NO_PATTERN)
    for value in target.column.enum if target.column.logical_type == "string" else ():
        if isinstance(value, str):
            matched = f"regexp_matches({literal(value)}, {literal(pattern)})"
            yield Question(
                f"if({matched}, true, error({literal(_UNMATCHED)}))",
                ENUM_VALUE,
                f"the allowed value {shown(value)} {_UNMATCHED}",
                "correct the value, or what the column promises besides",
            )


def _known(pattern: str) -> str:
    return f"regexp_matches('', {literal(pattern)})"


def _read(target: Target, written: str, about: str) -> Iterator[Question]:
    """Ask whether a text is a value of the column's type."""
    fix = "write it as the engine reads it"
    if is_text(target.column):
        yield Question(written, CANNOT_RUN, about, fix)
        return
    kind = usual_type(target.column)
    if kind is not None and kind.name != "VARCHAR":
        yield Question(f"cast({written} as {kind})", CANNOT_RUN, about, fix)
