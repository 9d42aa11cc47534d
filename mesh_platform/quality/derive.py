"""Contract → check specs: every promise that can be measured, in the order of the contract."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import count

from mesh_platform.errors import Place
from mesh_platform.model.contract import Column, Contract, Operator, Rule, Severity, Threshold
from mesh_platform.model.naming import identifier
from mesh_platform.quality.spec import CheckSpec, Kind

NONE_ALLOWED = Threshold(operator=Operator.MUST_BE, operands=(0.0,))
_RANGE = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
_LENGTH = ("minLength", "maxLength")
_METRICS = {
    "rowCount": Kind.ROW_COUNT,
    "nullValues": Kind.REQUIRED,
    "missingValues": Kind.REQUIRED,
    "duplicateValues": Kind.UNIQUE,
    "invalidValues": Kind.ALLOWED,
}


def derive(contract: Contract) -> tuple[CheckSpec, ...]:
    """List the checks of a contract; names are unique and valid as Dagster check names."""
    specs = [_schema(contract), *_key(contract)]
    for column in contract.columns:
        specs += _promises(column)
        specs += [spec for rule in column.rules if (spec := _rule(rule, column)) is not None]
    specs += [spec for rule in contract.rules if (spec := _rule(rule, None)) is not None]
    return tuple(_with_unique_names(specs))


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


def _key(contract: Contract) -> Iterator[CheckSpec]:
    if not contract.key:
        return
    place = next(c.place for c in contract.columns if c.name == contract.key[0])
    yield _promise(
        "primary_key",
        Kind.UNIQUE,
        place,
        contract.key,
        "uniqueness",
        f"{', '.join(contract.key)} identify a row.",
    )
    for column in contract.columns:
        if column.key_position is not None and not column.required:
            yield _required(column)


def _required(column: Column) -> CheckSpec:
    return _promise(
        f"{column.name}_required",
        Kind.REQUIRED,
        column.place,
        (column.name,),
        "completeness",
        f"{column.name} is always there.",
    )


def _promise(
    name: str, kind: Kind, place: Place, columns: tuple[str, ...], dimension: str, description: str
) -> CheckSpec:
    return CheckSpec(
        identifier(name),
        kind,
        NONE_ALLOWED,
        Severity.ERROR,
        place,
        columns,
        description=description,
        dimension=dimension,
    )


def _promises(column: Column) -> Iterator[CheckSpec]:
    name, columns = column.name, (column.name,)
    if column.required:
        yield _required(column)
    if column.unique:
        yield _promise(
            f"{name}_unique",
            Kind.UNIQUE,
            column.place,
            columns,
            "uniqueness",
            f"No two rows have the same {name}.",
        )
    if column.enum:
        shown = ", ".join(str(value) for value in column.enum[:5])
        spec = _promise(
            f"{name}_allowed",
            Kind.ALLOWED,
            column.place,
            columns,
            "conformity",
            f"{name} is one of: {shown}{', …' if len(column.enum) > 5 else ''}.",
        )
        yield replace(spec, values=column.enum)
    yield from _options(column)


def _options(column: Column) -> Iterator[CheckSpec]:
    groups = (
        (Kind.RANGE, "range", _RANGE),
        (Kind.LENGTH, "length", _LENGTH),
        (Kind.PATTERN, "pattern", ("pattern",)),
        (Kind.MULTIPLE, "multiple", ("multipleOf",)),
    )
    for kind, suffix, keys in groups:
        options = {key: column.options[key] for key in keys if key in column.options}
        if options:
            said = ", ".join(f"{key} {value}" for key, value in options.items())
            spec = _promise(
                f"{column.name}_{suffix}",
                kind,
                column.place,
                (column.name,),
                "conformity",
                f"{column.name}: {said}.",
            )
            yield replace(spec, options=options)
    done = {key for _, _, keys in groups for key in keys}
    for key in sorted(set(column.options) - done):
        spec = _promise(
            f"{column.name}_{key}",
            Kind.UNSUPPORTED,
            column.place,
            (column.name,),
            "conformity",
            f"{column.name}: {key} {column.options[key]}; the platform cannot check this yet.",
        )
        yield replace(spec, severity=Severity.WARNING)


def _rule(rule: Rule, column: Column | None) -> CheckSpec | None:
    """Spec of one `quality` entry; text is documentation, what cannot run says so."""
    if rule.type == "text":
        return None
    columns = (column.name,) if column else tuple(rule.arguments.get("properties") or ())
    default = "_".join(part for part in (*columns, rule.metric or rule.type) if part)
    spec = CheckSpec(
        identifier(rule.name or default),
        Kind.UNSUPPORTED,
        rule.threshold or NONE_ALLOWED,
        rule.severity,
        rule.place,
        columns,
        percent=rule.percent,
        description=rule.description,
        dimension=rule.dimension,
        business_impact=rule.business_impact,
    )
    if rule.type == "sql" and rule.query and rule.threshold:
        return replace(spec, kind=Kind.SQL, query=_with_names(rule.query, column))
    if rule.type == "library" and rule.metric in _METRICS and rule.threshold:
        return _library(rule, spec)
    return spec


def _library(rule: Rule, spec: CheckSpec) -> CheckSpec:
    """A library metric; without what it measures it stays unsupported, which is never green."""
    kind = _METRICS[rule.metric or ""]
    values = tuple(rule.arguments.get("missingValues") or rule.arguments.get("validValues") or ())
    pattern = rule.arguments.get("pattern")
    if kind is not Kind.ROW_COUNT and not spec.columns:
        return spec
    if kind is Kind.ALLOWED and pattern:
        return replace(spec, kind=Kind.PATTERN, options={"pattern": pattern})
    if kind is Kind.ALLOWED and not values:
        return spec
    return replace(spec, kind=kind, values=values)


def _with_names(query: str, column: Column | None) -> str:
    """Fill the standard's placeholders; the port is the table `port`."""
    for old in ("${object}", "${table}", "{object}", "{table}"):
        query = query.replace(old, "port")
    if column:
        for old in ("${property}", "${column}", "{property}", "{column}"):
            query = query.replace(old, quoted(column.name))
    return query


def quoted(name: str) -> str:
    """Quote an identifier for SQL."""
    return '"' + name.replace('"', '""') + '"'
