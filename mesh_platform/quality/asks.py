"""What only the engine can say of a promise: whether it knows a pattern, whether it reads a value.

Each question is an expression without data. The engine answers it by evaluating it: an error is
the one with which the check would end.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mesh_platform.model.contract import Contract
from mesh_platform.model.findings import Finding
from mesh_platform.model.mesh import Domain
from mesh_platform.model.verdict import shown
from mesh_platform.quality.derive import derive
from mesh_platform.quality.lint import CANNOT_RUN
from mesh_platform.quality.located import limit
from mesh_platform.quality.spec import CheckSpec, Kind
from mesh_platform.quality.sql import literal
from mesh_platform.quality.targets import Target, all_targets
from mesh_platform.quality.types import is_text, usual_type

_ASKING = (Kind.RANGE, Kind.PATTERN, Kind.ALLOWED)
_BOUNDS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")


@dataclass(frozen=True, slots=True)
class Ask:
    """One question: the expression to evaluate, what it is about, and the check that needs it."""

    expression: str
    about: str
    spec: CheckSpec
    product: str

    def finding(self, answer: str) -> Finding:
        """What is wrong, where the engine cannot evaluate the expression."""
        message = f"check `{self.spec.name}` cannot run: {self.about}: {answer}"
        severity = "error" if self.spec.blocking else "warning"
        fix = "write it as the engine reads it"
        return Finding(CANNOT_RUN, message, self.spec.place, fix, self.product, severity)


def asks(domain: Domain) -> Iterator[Ask]:
    """Every question that the promises of a domain raise."""
    for product in domain.products:
        for port in product.ports:
            for spec in derive(port.contract) if _may_ask(port.contract) else ():
                if spec.reason is None and spec.kind in _ASKING:
                    for target in spec.targets:
                        for expression, about in _about(spec, target):
                            yield Ask(expression, about, spec, str(product.name))


def _may_ask(contract: Contract) -> bool:
    """Whether it is worth to derive the checks: most contracts raise no question."""
    named = any({"pattern", "validValues"} & rule.arguments.keys() for rule in contract.every_rule)
    return named or any(
        "pattern" in column.options
        or any(isinstance(column.options.get(name), str) for name in _BOUNDS)
        or (column.enum and column.logical_type != "string")
        for column in (target.column for target in all_targets(contract))
    )


def _about(spec: CheckSpec, target: Target) -> Iterator[tuple[str, str]]:
    pattern = spec.options.get("pattern")
    if isinstance(pattern, str):
        yield f"regexp_matches('', {literal(pattern)})", f"the pattern {shown(pattern)}"
    for name in _BOUNDS:
        value = spec.options.get(name)
        if isinstance(value, str):
            yield from _read(target, limit(target, value), f"{name} {shown(value)}")
    for value in spec.values:
        if isinstance(value, str) and not is_text(target.column):
            yield from _read(target, literal(value), f"the value {shown(value)}")


def _read(target: Target, written: str, about: str) -> Iterator[tuple[str, str]]:
    """Ask for a text as a value of the column; a column of text has any."""
    if is_text(target.column):
        yield written, about
        return
    kind = usual_type(target.column)
    if kind is not None and kind.name != "VARCHAR":
        yield f"cast({written} as {kind})", about
