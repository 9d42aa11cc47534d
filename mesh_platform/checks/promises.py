"""Turn the keys of one column into checks: presence, uniqueness, values, size, format."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from mesh_platform.checks.formats import (
    INTEGERS,
    NUMBERS,
    SHOWN_ONLY,
    strptime_format,
    text_cast,
    text_pattern,
)
from mesh_platform.checks.spec import CheckSpec, Kind
from mesh_platform.checks.targets import Target
from mesh_platform.checks.types import family, is_text
from mesh_platform.errors import did_you_mean
from mesh_platform.model.contract import Column, Operator, Severity, Threshold

NONE_ALLOWED = Threshold(operator=Operator.MUST_BE, operands=(0.0,))
_GROUPS = (
    (Kind.RANGE, "range", ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")),
    (Kind.LENGTH, "length", ("minLength", "maxLength")),
    (Kind.PATTERN, "pattern", ("pattern",)),
    (Kind.MULTIPLE, "multiple", ("multipleOf",)),
    (Kind.FORMAT, "format", ("format",)),
    (Kind.ITEMS, "items", ("minItems", "maxItems", "dimensions")),
    (Kind.DISTINCT_ITEMS, "distinct_items", ("uniqueItems",)),
    (Kind.PROPERTIES, "properties", ("minProperties", "maxProperties")),
    (Kind.NORMALIZED, "normalized", ("normalized",)),
)
IN_SCHEMA = frozenset({"timezone", "elementType"})
"""Options that the check of columns and types holds."""
DOCUMENTATION = frozenset(
    {"defaultTimezone", "distanceMetric", "embeddingModel", "embeddingModelVersion"}
)
"""Options that tell a reader how to use a column and promise nothing of its values."""
_DATES = ("date", "timestamp", "time")


def promise(
    name: str, kind: Kind, targets: tuple[Target, ...], dimension: str, description: str
) -> CheckSpec:
    """A check that the contract's keys ask for: no row may break it."""
    return CheckSpec(
        name,
        kind,
        NONE_ALLOWED,
        Severity.ERROR,
        targets[0].column.place,
        targets,
        description=description,
        dimension=dimension,
    )


def required(target: Target) -> CheckSpec:
    """The promise that a value is there."""
    return promise(
        f"{target.stem}_required",
        Kind.REQUIRED,
        (target,),
        "completeness",
        f"{target} is always there.",
    )


def promises(target: Target) -> Iterator[CheckSpec]:
    """Everything that a column's own keys promise, but not its `quality`."""
    column = target.column
    if column.required:
        yield required(target)
    if column.unique:
        said = f"No two rows have the same {target}."
        yield promise(f"{target.stem}_unique", Kind.UNIQUE, (target,), "uniqueness", said)
    if column.enum:
        shown = ", ".join(str(value) for value in column.enum[:5])
        more = ", …" if len(column.enum) > 5 else ""
        said = f"{target} is one of: {shown}{more}."
        spec = promise(f"{target.stem}_allowed", Kind.ALLOWED, (target,), "conformity", said)
        yield replace(spec, values=column.enum)
    yield from _options(target)
    for part in target.undeclared():
        yield from promises(part)


def _options(target: Target) -> Iterator[CheckSpec]:
    options = _effective(target)
    if not options:
        return  # most columns: a mesh has a great many
    for kind, suffix, keys in _GROUPS:
        chosen = {key: options.pop(key) for key in keys if key in options}
        if chosen:
            yield _option(target, kind, suffix, chosen)
    yield from _required_fields(target, options.pop("required", []))
    for key in sorted(set(options) - IN_SCHEMA - DOCUMENTATION):
        yield _unknown(target, key, options[key])


def _option(target: Target, kind: Kind, suffix: str, options: dict[str, Any]) -> CheckSpec:
    said = ", ".join(f"{key} {value}" for key, value in options.items())
    spec = promise(f"{target.stem}_{suffix}", kind, (target,), "conformity", f"{target}: {said}.")
    if kind is Kind.FORMAT and (reason := _format_problem(target.column, options["format"])):
        return replace(spec, options=options, severity=Severity.WARNING, reason=reason)
    if kind is Kind.PROPERTIES and not (target.column.columns or _is_map(target.column)):
        return replace(spec, options=options, reason="list the object's fields under `properties`")
    return replace(spec, options=options)


def _effective(target: Target) -> dict[str, Any]:
    """The options that promise something; what follows from the two types is added."""
    column = target.column
    options = {key: value for key, value in column.options.items() if value is not False}
    for bound in ("Minimum", "Maximum"):
        if options.get(f"exclusive{bound}") is True:  # until 3.0 of the standard
            options.pop(f"exclusive{bound}")
            if bound.lower() in options:
                options[f"exclusive{bound}"] = options.pop(bound.lower())
    if column.logical_type in (None, "string") and (widths := list(_widths(target))):
        options["maxLength"] = min(*widths, options.get("maxLength", widths[0]))
    return _with_format(column, options)


def _with_format(column: Column, options: dict[str, Any]) -> dict[str, Any]:
    """Add the format that text of another type, or a fraction, must have; drop one without use."""
    kind, given = column.logical_type, options.get("format")
    whole = kind == "integer" and family(column.physical_type) in ("DECIMAL", "FLOAT", "DOUBLE")
    if given is None and (whole or (is_text(column) and kind in (*_DATES, *_PARSED))):
        return options | {"format": kind}
    if given in SHOWN_ONLY or (kind in _DATES and not is_text(column)):
        options.pop("format", None)
    return options


_PARSED = ("integer", "number", "boolean")


def _widths(target: Target) -> Iterator[int]:
    """The n of each promised `VARCHAR(n)`, which the engine accepts and forgets."""
    for kind in target.types:
        if kind.name == "VARCHAR" and kind.numbers and kind.numbers[0].isdigit():
            yield int(kind.numbers[0])


def _format_problem(column: Column, name: str) -> str | None:
    """Return why a format cannot be checked."""
    if name == column.logical_type or name in INTEGERS or name in NUMBERS:
        return None
    if column.logical_type in _DATES:
        if strptime_format(name) is None:
            return f"the date format `{name}` has letters that the engine cannot read"
    elif text_pattern(name) is None and text_cast(name) is None:
        return f"the platform does not know the format `{name}`; write a `pattern`"
    return None


def _required_fields(target: Target, names: list[str]) -> Iterator[CheckSpec]:
    children = {child.column.logical_name: child for child in target.children()}
    for name in names:
        child = children.get(name)
        if child is None:
            said = f"{target} always has {name}."
            spec = promise(
                f"{target.stem}_{name}_required", Kind.REQUIRED, (target,), "completeness", said
            )
            reason = f"`{target}` lists no property `{name}`; {did_you_mean(name, children)}"
            yield replace(spec, reason=reason)
        elif not child.column.required:
            yield required(child)


def _unknown(target: Target, key: str, value: Any) -> CheckSpec:
    said = f"{target}: {key} {value}; the platform cannot check this yet."
    spec = promise(f"{target.stem}_{key}", Kind.UNSUPPORTED, (target,), "conformity", said)
    reason = f"the platform does not know the option `{key}`; write an SQL rule"
    return replace(spec, severity=Severity.WARNING, reason=reason)


def _is_map(column: Column) -> bool:
    return family(column.physical_type) == "MAP"
