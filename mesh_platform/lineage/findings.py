"""What lineage finds wrong: what is read or promised in vain, what is not declared, and gaps."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from mesh_platform.checks.lint import CANNOT_RUN
from mesh_platform.errors import did_you_mean, listed
from mesh_platform.lineage.product_lineage import ProductLineage, Unvouched
from mesh_platform.lineage.rule_columns import Unrunnable
from mesh_platform.model.findings import Finding
from mesh_platform.model.mesh import PortInput

LESS_PROTECTED = "lineage.less-protected"
UNDECLARED = "lineage.undeclared-read"
UNVOUCHED = "lineage.unvouched"
SQL_FAULT = "model.sql"
SQL_TYPE = "model.type"
SURELY_FAILS = frozenset(
    {"lineage.no-column", "lineage.not-returned", "lineage.unit-test"}
    | {LESS_PROTECTED, SQL_FAULT, SQL_TYPE}
)
"""Codes of findings with which a build surely fails."""
_MAJOR = "a major change if it was ever released"


def lineage_findings(lineage: ProductLineage) -> Iterator[Finding]:
    """Findings on one product."""
    name = str(lineage.product)
    for read in lineage.undeclared:
        message = f"model `{read.model}` reads {read.what}, which is no input port of the product"
        yield Finding(UNDECLARED, message, read.place, read.fix, name, stops=read.nowhere)
    for item in lineage.unused:
        port = item.port if isinstance(item, PortInput) else item.name
        message = f"the input port `{port}` is declared, but no model and no rule reads it"
        fix = "remove it from `inputPorts`, or read it"
        yield Finding("lineage.unused-input", message, item.place, fix, name, "warning")
    for lack in lineage.not_returned:
        message = (
            f"column `{lack.column}` is promised, but the model `{lack.model}` does not return it"
        )
        fix = f"add it to {PurePosixPath(lack.file).name}, or take it out of the contract, {_MAJOR}"
        yield Finding("lineage.not-returned", message, lack.place, fix, name)
    yield from protection_findings(lineage)
    for rule in lineage.unrunnable:
        yield _unrunnable(rule, name)
    for test in lineage.failing_tests:
        message = f"unit test `{test.test}` cannot run: {test.reason}"
        yield Finding("lineage.unit-test", message, test.place, test.fix, name)
    for gap in lineage.unvouched:
        if gap.broken:
            message = f"model `{gap.model}` cannot be built: {gap.reason}"
            yield Finding("lineage.no-column", message, gap.place, gap.fix, name)
        else:
            message = f"model `{gap.model}`: {gap.reason}; {_concerned(gap)}"
            yield Finding(UNVOUCHED, message, gap.place, gap.fix, name, "warning")


def protection_findings(lineage: ProductLineage) -> Iterator[Finding]:
    """Findings on columns that are promised with less protection than what they are made of."""
    for item in lineage.less_protected:
        own = str(item.own) or "not classified"
        how = "holds values of" if item.copied else "is computed from"
        way = "leave it out; a hash or an aggregate may " if item.copied else ""
        yield Finding(
            LESS_PROTECTED,
            f"column `{item.column}` of `{item.port}` is {own} and {how} `{item.source}`, which is "
            f"{item.asked}",
            item.place,
            f"say the same of it, or {way}say why it needs less protection: "
            "`customProperties: [{property: declassified, value: <the reason>}]`",
            str(lineage.product),
        )


def _unrunnable(rule: Unrunnable, product: str) -> Finding:
    """The same word as for other rules that could never run."""
    of = " or ".join(rule.lacking)
    lacks = f"no column of {of}" if of else "no column of what it reads from"
    near = did_you_mean(rule.column.split(".")[-1], rule.known)
    return Finding(
        CANNOT_RUN,
        f"check `{rule.check}` cannot run: it reads `{rule.column}`, which is {lacks}",
        rule.place,
        f"correct the rule, or promise the column; {near}",
        product,
        "error" if rule.blocking else "warning",
    )


def _concerned(gap: Unvouched) -> str:
    if not gap.columns:
        known = "it is not known which promised columns depend on it"
        return known if gap.vague else "no promised column depends on it"
    shown = listed([f"`{column}`" for column in gap.columns])
    verb = "comes" if len(gap.columns) == 1 else "come"
    return f"what {shown} {verb} from cannot be vouched for"
