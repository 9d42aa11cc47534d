"""Reads what a Great Expectations suite says into frozen values, without Great Expectations.

Importing it takes seconds and hundreds of megabytes; the list of checks must not cost that.
Nothing is judged here but the shape: whether a type exists is known only where it runs.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

import yaml

from mesh_platform.errors import MeshError, Place, did_you_mean
from mesh_platform.model.contract import Rule, Severity
from mesh_platform.model.naming import identifier

COLUMN_KEYS = ("column", "column_A", "column_B", "column_list", "column_set")
"""Arguments that name columns."""
_ENTRY_KEYS = (
    "type",
    "expectation_type",
    "kwargs",
    "severity",
    "description",
    "notes",
    "meta",
    "id",
    "ge_cloud_id",
    "rendered_content",
    "expectation_context",
    "success_on_last_run",
)
_RUNNING = ("result_format", "catch_exceptions", "batch_id")
"""Arguments about how to run; the platform decides that."""
_SEVERITIES = {
    "critical": Severity.ERROR,
    "error": Severity.ERROR,
    "warning": Severity.WARNING,
    "info": Severity.WARNING,
}
_SILENT = frozenset(("expect", "column", "pair", "values", "value", "to", "be"))
"""Words of a type that tell nothing once the columns are named."""
_WAY_OUT = 'write an object such as {"type": "expect_column_values_to_not_be_null", "kwargs": {…}}'


@dataclass(frozen=True, slots=True)
class Expectation:
    """One expectation of a suite: what it is called here, what it expects, what a failure does."""

    name: str
    type: str
    kwargs: dict[str, Any]
    severity: Severity
    place: Place
    description: str | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that the arguments name, for masking and for names."""
        found: list[object] = []
        for key in COLUMN_KEYS:
            value = self.kwargs.get(key)
            found += value if isinstance(value, list) else [value]
        return tuple(name for name in found if isinstance(name, str))


def names_great_expectations(engine: str | None) -> bool:
    """Tell whether the `engine` of a contract's custom rule means Great Expectations."""
    return re.sub(r"[-_ ]", "", engine or "").lower() == "greatexpectations"


def read_suite(text: str, file: str) -> tuple[Expectation, ...]:
    """Read a suite as Great Expectations writes it, with `type` or the older `expectation_type`.

    Args:
        text: the JSON text.
        file: its name in messages, relative to the mesh.

    Raises:
        MeshError: it is not JSON, or not of a suite's shape.
    """
    data = _json(text, Place(file))
    entries = data.get("expectations") if isinstance(data, dict) else None
    if not isinstance(entries, list):
        raise MeshError(
            "a suite is a JSON object with a list `expectations`",
            place=Place(file, 1),
            fix=_WAY_OUT,
        )
    lines = _lines(text)
    places = [Place(file, line) for line in lines] if len(lines) == len(entries) else []
    at = places or [Place(file)] * len(entries)
    found = (_entry(entry, place) for entry, place in zip(entries, at, strict=True))
    return _with_unique_names(found)


def read_inline(
    implementation: object, rule: Rule, column: str | None = None
) -> tuple[Expectation, ...]:
    """Read the `implementation` of a contract's custom rule.

    Args:
        implementation: a mapping, a list of them, a suite, or YAML or JSON text of one of these.
        rule: the rule, which names, grades and places the expectations.
        column: the column at which the rule is written; the default of `column`.

    Raises:
        MeshError: it is not of an expectation's shape.
    """
    data = implementation
    if isinstance(data, str):
        data = _json_or_yaml(data, rule.place)
    if isinstance(data, dict) and "expectations" in data:
        data = data["expectations"]
    entries = data if isinstance(data, list) else [data]
    if not entries:
        raise MeshError("`implementation` holds no expectation", place=rule.place, fix=_WAY_OUT)
    found = [_inline(entry, rule, column) for entry in entries]
    if rule.name and len(found) == 1:
        return (replace(found[0], name=identifier(rule.name)),)
    prefix = f"{rule.name}_" if rule.name else ""
    named = (replace(one, name=identifier(prefix + one.name)) for one in found)
    return _with_unique_names(named)


def _inline(entry: object, rule: Rule, column: str | None) -> Expectation:
    read = _entry(entry, rule.place, column)
    graded = isinstance(entry, dict) and "severity" in entry
    return replace(
        read,
        severity=read.severity if graded else rule.severity,
        description=read.description or rule.description,
    )


def _entry(entry: object, place: Place, column: str | None = None) -> Expectation:
    if not isinstance(entry, dict):
        raise MeshError(
            f"an expectation is an object, not {json.dumps(entry, default=str)}",
            place=place,
            fix=_WAY_OUT,
        )
    for key in entry:
        if key not in _ENTRY_KEYS:
            raise MeshError(
                f"`{key}` is not a key of an expectation",
                place=place,
                fix=did_you_mean(str(key), _ENTRY_KEYS),
            )
    kind, kwargs = _type(entry, place), _kwargs(entry, place)
    if column and re.match(r"expect_column_(?!pair_)", kind):
        kwargs.setdefault("column", column)
    found = Expectation("", kind, kwargs, _severity(entry, place), place, _description(entry))
    return replace(found, name=_name(found))


def _type(entry: dict[str, Any], place: Place) -> str:
    kind = entry.get("type") or entry.get("expectation_type")
    if not isinstance(kind, str):
        raise MeshError("an expectation needs a `type`", place=place, fix=_WAY_OUT)
    if re.fullmatch(r"[a-z][a-z0-9_]*", kind):
        return kind
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", kind).lower()
    raise MeshError(
        f"`{kind}` is not the type of an expectation: types are written in snake case",
        place=place,
        fix=f"write `{identifier(snake)}`",
    )


def _kwargs(entry: dict[str, Any], place: Place) -> dict[str, Any]:
    kwargs = entry.get("kwargs")
    if kwargs is None:
        kwargs = {}
    if not isinstance(kwargs, dict):
        raise MeshError(
            "`kwargs` of an expectation is an object of its arguments",
            place=place,
            fix='write for instance {"column": "amount", "min_value": 0}',
        )
    return {str(key): value for key, value in kwargs.items() if key not in _RUNNING}


def _severity(entry: dict[str, Any], place: Place) -> Severity:
    said = entry.get("severity") or "critical"
    if said not in _SEVERITIES:
        raise MeshError(
            f"severity `{said}` is not one of critical, warning, info",
            place=place,
            fix="use `critical` to withhold the release, `warning` to show the problem",
        )
    return _SEVERITIES[said]


def _description(entry: dict[str, Any]) -> str | None:
    """The description, else the notes in the two places where Great Expectations keeps them."""
    meta = entry.get("meta")
    notes = entry.get("notes") or (meta.get("notes") if isinstance(meta, dict) else None)
    if isinstance(notes, dict):
        notes = notes.get("content")
    said = entry.get("description") or notes
    if isinstance(said, list):
        said = " ".join(str(part) for part in said)
    return str(said) if said else None


def _name(expectation: Expectation) -> str:
    """Columns, then what is expected: `distance_between`, `table_row_count_between`."""
    kind, columns = expectation.type, expectation.columns
    if kind.startswith("expect_table_") or not columns:
        return identifier(kind.removeprefix("expect_").replace("_to_be_", "_").replace("_to_", "_"))
    words = [word for word in kind.split("_") if word not in _SILENT]
    if "column_A" in expectation.kwargs:
        words = [word for word in words if word not in ("a", "b")]
    return "_".join((*map(identifier, columns[:3]), *words))


def _with_unique_names(found: Iterable[Expectation]) -> tuple[Expectation, ...]:
    expectations = list(found)
    given = {one.name for one in expectations}
    seen: set[str] = set()
    named: list[Expectation] = []
    for one in expectations:
        numbered = (f"{one.name}_{number}" for number in count(2))
        free = next(name for name in numbered if name not in seen and name not in given)
        name = free if one.name in seen else one.name
        seen.add(name)
        named.append(replace(one, name=name))
    return tuple(named)


def _json(text: str, place: Place) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_once)
    except json.JSONDecodeError as error:
        line = (place.line or 1) + error.lineno - 1
        raise MeshError(f"not valid JSON: {error.msg}", place=Place(place.file, line)) from error
    except _RepeatedKeyError as error:
        raise MeshError(
            f"the key `{error.args[0]}` stands twice in one object",
            place=place,
            fix="remove one of them",
        ) from error


class _RepeatedKeyError(Exception):
    """JSON keeps the last of two equal keys and says nothing."""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise _RepeatedKeyError(key)
        found[key] = value
    return found


def _json_or_yaml(text: str, place: Place) -> Any:
    if text.lstrip().startswith(("{", "[")):
        try:
            return json.loads(text)
        except json.JSONDecodeError:
            pass  # YAML's flow style begins in the same way
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        said = " ".join(str(error).split())
        raise MeshError(
            f"`implementation` is neither JSON nor YAML: {said}", place=place, fix=_WAY_OUT
        ) from error


def _lines(text: str) -> list[int]:
    """Line of each expectation; none where the text is JSON but not YAML."""
    try:
        node = yaml.compose(text, Loader=yaml.CSafeLoader)
    except yaml.YAMLError:
        return []
    return [item.start_mark.line + 1 for item in _expectation_nodes(node)]


def _expectation_nodes(node: yaml.Node | None) -> Iterator[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == "expectations" and isinstance(value, yaml.SequenceNode):
                yield from value.value
