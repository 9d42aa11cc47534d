"""The promise of one output port, as the platform keeps it: a frozen view of an ODCS contract.

Only what is executed or shown is here; the file itself stays the source of the rest.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path as FilePath
from typing import Any

from pydantic import Field

from mesh_platform.errors import Place
from mesh_platform.model.frozen import Frozen
from mesh_platform.model.relationships import Relationship


class Severity(StrEnum):
    """What a broken rule does: an error withholds the release, a warning is shown."""

    ERROR = "error"
    WARNING = "warning"


class Operator(StrEnum):
    """How a rule compares the number it observed; the standard's spelling."""

    MUST_BE = "mustBe"
    MUST_NOT_BE = "mustNotBe"
    GREATER = "mustBeGreaterThan"
    GREATER_OR_EQUAL = "mustBeGreaterOrEqualTo"
    LESS = "mustBeLessThan"
    LESS_OR_EQUAL = "mustBeLessOrEqualTo"
    BETWEEN = "mustBeBetween"
    NOT_BETWEEN = "mustNotBeBetween"


_COMPARE: dict[Operator, Callable[[float, float, float], bool]] = {
    Operator.MUST_BE: lambda seen, first, _: seen == first,
    Operator.MUST_NOT_BE: lambda seen, first, _: seen != first,
    Operator.GREATER: lambda seen, first, _: seen > first,
    Operator.GREATER_OR_EQUAL: lambda seen, first, _: seen >= first,
    Operator.LESS: lambda seen, first, _: seen < first,
    Operator.LESS_OR_EQUAL: lambda seen, first, _: seen <= first,
    Operator.BETWEEN: lambda seen, first, last: first <= seen <= last,
    Operator.NOT_BETWEEN: lambda seen, first, last: not first <= seen <= last,
}


class Threshold(Frozen):
    """An operator with its one or two operands."""

    operator: Operator
    operands: tuple[float, ...]

    def holds(self, observed: float) -> bool:
        """Compare an observed number with the threshold; bounds are included in `between`."""
        if math.isnan(observed):
            return False
        return _COMPARE[self.operator](observed, self.operands[0], self.operands[-1])

    def __str__(self) -> str:
        """Say it in words: `must be between 1 and 2`."""
        words = re.sub(r"([A-Z])", lambda match: " " + match.group(1).lower(), self.operator.value)
        return f"{words} " + " and ".join(f"{operand:,.10g}" for operand in self.operands)


class Rule(Frozen):
    """One entry of a `quality` list."""

    name: str | None
    type: str
    metric: str | None
    query: str | None
    engine: str | None
    arguments: dict[str, Any]
    threshold: Threshold | None
    percent: bool
    severity: Severity
    dimension: str | None
    description: str | None
    business_impact: str | None
    implementation: Any = None
    place: Place


class ServiceLevel(Frozen):
    """One entry of `slaProperties`, as the contract says it."""

    property: str
    value: Any
    unit: str | None = None
    element: str | None = None
    place: Place


class Column(Frozen):
    """One promised column, or one inside it: a field, an array's item, a map's key or value."""

    name: str
    logical_name: str = ""
    id: str | None = None
    logical_type: str | None
    physical_type: str | None
    description: str | None
    required: bool
    unique: bool
    key_position: int | None
    enum: tuple[Any, ...]
    options: dict[str, Any]
    partition_position: int | None = None
    classification: str | None
    tags: tuple[str, ...] = ()
    custom: dict[str, Any] = Field(default_factory=dict)
    rules: tuple[Rule, ...]
    relationships: tuple[Relationship, ...] = ()
    columns: tuple[Column, ...] = ()
    items: Column | None = None
    key: Column | None = None
    value: Column | None = None
    place: Place

    @property
    def every_rule(self) -> tuple[Rule, ...]:
        """Its rules and those of all columns inside it."""
        inside = (*self.columns, *(c for c in (self.items, self.key, self.value) if c is not None))
        return (*self.rules, *(rule for column in inside for rule in column.every_rule))


class Suite(Frozen):
    """A file of Great Expectations beside the contract: JSON, and the Python it was made from.

    `file` is relative to the mesh; `problem` is why the JSON is not what the Python says.
    """

    file: str
    text: str = Field(repr=False)
    python: FilePath | None = None
    problem: str | None = None


class Contract(Frozen):
    """The promise of one output port; `digest` changes whenever the file's text does."""

    id: str
    version: str
    status: str
    name: str | None
    purpose: str | None
    limitations: str | None
    usage: str | None
    table: str
    table_names: tuple[str, ...] = ()
    table_id: str | None = None
    description: str | None
    granularity: str | None
    columns: tuple[Column, ...]
    rules: tuple[Rule, ...]
    relationships: tuple[Relationship, ...] = ()
    schedule: str | None
    time_zone: str = "UTC"
    service_levels: tuple[ServiceLevel, ...] = ()
    api_version: str = ""
    end_of_support: str | None = None
    end_of_life: str | None = None
    digest: str
    text: str = Field(default="", repr=False)
    suite: Suite | None = None
    place: Place

    @property
    def every_rule(self) -> tuple[Rule, ...]:
        """Rules of the table, then those of its columns."""
        return (*self.rules, *(rule for column in self.columns for rule in column.every_rule))

    @property
    def key(self) -> tuple[str, ...]:
        """Columns of the primary key, in its order."""
        keyed = [column for column in self.columns if column.key_position is not None]
        return tuple(c.name for c in sorted(keyed, key=lambda column: column.key_position or 0))


def with_suite(contract: Contract, suite: Suite) -> Contract:
    """The contract together with its expectations: they are a part of the promise."""
    digest = digest_of(contract.text, suite.text)
    return contract.model_copy(update={"suite": suite, "digest": digest})


def digest_of(*texts: str) -> str:
    """What tells whether a promise has changed: any letter of its files counts."""
    digest = hashlib.sha256()
    for text in texts:
        digest.update(text.encode())
    return digest.hexdigest()


def is_number(value: Any) -> bool:
    """Whether a value of a file is a number that can be compared with one that was counted."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and -1e300 < value < 1e300
