"""Reads a product descriptor: the standard's verdict first, with file, line and a suggestion."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from mesh_platform.errors import did_you_mean
from mesh_platform.model.documents import QUOTE_COMMA, Document, read_document
from mesh_platform.model.findings import Finding
from mesh_platform.model.foreign_words import MEANT
from mesh_platform.model.odps import NEWEST, VERSIONS, Descriptor
from mesh_platform.model.quotes import in_quotes, unquoted
from mesh_platform.model.variables import resolved
from mesh_platform.model.verdict import as_written, one_of, shortened, shown

STATUSES = ("proposed", "draft", "active", "deprecated", "retired")
_WRONG = {
    "string_type": "is not text",
    "bool_type": "is not a boolean",
    "tuple_type": "is not a list",
    "model_type": "is not a mapping",
    "literal_error": "is not one of the allowed words",
    "dict_type": "is not a mapping",
    "list_type": "is not a list",
    "too_short": "has too few entries",
    "too_long": "has too many entries",
    "string_pattern_mismatch": "has another form",
    "float_type": "is not a number",
    "float_parsing": "is not a number",
    "finite_number": "is not a number",
    "int_type": "is not a whole number",
    "int_from_float": "is not a whole number",
    "int_parsing": "is not a whole number",
    "greater_than": "is too small",
    "greater_than_equal": "is too small",
    "date_type": "is not a day",
    "date_parsing": "is not a day",
    "date_from_datetime_parsing": "is not a day",
    "date_from_datetime_inexact": "is not a day",
}
_BOUNDS = {
    "greater_than": "write a number greater than {gt:g}",
    "greater_than_equal": "write {ge:g} or more",
    "too_short": "write at least {min_length}",
    "too_long": "write at most {max_length}",
    "string_pattern_mismatch": "write it so that the pattern `{pattern}` matches",
}
_WRITTEN = {
    "a boolean": "write `true` or `false`",
    "a day": "write it as `2027-01-31`",
    "whole number": "write a whole number, as in `10`",
    "number": "write a number, as in `10`",
}
_FILES = {"ack": "an acknowledgements file"}


def read_descriptor(
    path: Path, file: str, variables: Mapping[str, str] | None = None
) -> tuple[Descriptor | None, Document, list[Finding]]:
    """Read one descriptor.

    Args:
        path: the `*.odps.yaml` file.
        file: its name in messages, relative to the mesh.
        variables: values of `${NAME}`.

    Returns:
        The descriptor with warnings at most, or None and at least one error.

    Raises:
        MeshError: the file cannot be read as YAML.
    """
    document = read_document(path, file)
    descriptor, findings = described(document)
    if descriptor is None:
        return None, document, findings
    filled, findings = resolved(document, _demands(descriptor, document), variables or {})
    if any(finding.blocking for finding in findings):
        return None, document, findings
    if filled is not document:
        descriptor, _ = described(filled)
    return descriptor, document, findings


def described(document: Document) -> tuple[Descriptor | None, list[Finding]]:
    """Return the verdict of the version of the standard that the file names."""
    version = document.data.get("apiVersion")
    context = {"version": version if version in VERSIONS else NEWEST}
    try:
        return Descriptor.model_validate(document.data, context=context), []
    except ValidationError as error:
        return None, validation_findings(error, document, "product", _known_keys())


def _demands(descriptor: Descriptor, document: Document) -> list[Finding]:
    """Return what the standard leaves open and the mesh wants said in known words."""
    if descriptor.status in STATUSES:
        return []
    return [
        Finding(
            "product.status",
            f"the status {shown(descriptor.status)} is not one of {', '.join(STATUSES)}",
            document.place(("status",)),
            did_you_mean(descriptor.status, STATUSES),
            severity="warning",
        )
    ]


def validation_findings(
    error: ValidationError, document: Document, kind: str, known: frozenset[str]
) -> list[Finding]:
    """Turn pydantic's errors into findings at the offending line; `kind` begins their codes."""
    return [_finding(detail, document, kind, known) for detail in error.errors()]


def _finding(detail: Any, document: Document, kind: str, known: frozenset[str]) -> Finding:
    path, context = tuple(detail["loc"]), detail.get("ctx", {})
    if "key" in context:
        path = (*path, context["key"])
    where, place = f"`{'.'.join(shortened(str(key)) for key in path)}`", document.place(path)
    match detail["type"]:
        case "extra_forbidden":
            file = _FILES.get(kind, f"a {kind} file")
            said = f"`{shortened(str(path[-1]))}` is not a key of {file} here"
            meant = MEANT.get(str(path[-1])) if kind == "product" else None
            close = f"write {meant}" if meant else did_you_mean(str(path[-1]), known)
            close = QUOTE_COMMA if document.ends_at_comma(path) else close
            return Finding(f"{kind}.unknown-key", said, place, close)
        case "later":
            said = f"`{path[-1]}` is not a key of this version of the standard"
            raised = f"write `apiVersion: {NEWEST}`: {context['since']} brought it"
            return Finding(f"{kind}.unknown-key", said, place, raised)
        case "missing" | "needed":
            return Finding(
                f"{kind}.missing-key", f"{where} is missing", place, f"add `{path[-1]}:`"
            )
        case "null":
            return Finding(
                f"{kind}.invalid",
                f"{where} has no value",
                place,
                "a name that YAML takes for no value needs quotes: `property: 'null'`"
                if path[-1] == "property"
                else "give it a value, or leave the key out",
            )
    wrong, fix = _wrong_value(detail, as_written(document, path, detail["input"]))
    return Finding(f"{kind}.invalid", f"{where}: {wrong}", place, fix)


def _wrong_value(detail: Any, written: str) -> tuple[str, str | None]:
    kind, value = detail["type"], detail["input"]
    told = f"`'{value}'`" if unquoted(value) and kind != "literal_error" else written
    said = _WRONG.get(kind, str(detail["msg"]))
    return f"{told} {said}", _way_out(kind, said, detail, written)


def _way_out(kind: str, said: str, detail: Any, written: str) -> str | None:
    value, context = detail["input"], detail.get("ctx", {})
    plain = unquoted(value)
    fix: str | None = context.get("fix")
    if kind == "literal_error":
        words = context.get("expected", "").replace("'", "").replace(" or ", ", ")
        fix = one_of(str(value), words.split(", "))
    elif kind in _BOUNDS:
        fix = _BOUNDS[kind].format(**context)
    elif plain and (kind == "bool_type" or said.endswith("number")):
        fix = f"write it without quotes: `{plain}`"
    elif kind == "string_type" and isinstance(value, int | float):
        fix = in_quotes(value, written)
    elif kind == "tuple_type" and isinstance(value, str):
        fix = f"write a list: `[{shortened(value)}]`"
    return fix or next((way for end, way in _WRITTEN.items() if said.endswith(end)), None)


@cache
def _known_keys() -> frozenset[str]:
    return frozenset(_aliases(Descriptor))


def _aliases(model: type[BaseModel]) -> Iterator[str]:
    for name, field in model.model_fields.items():
        yield field.alias or name
        for inner in (field.annotation, *get_args(field.annotation)):
            if isinstance(inner, type) and issubclass(inner, BaseModel):
                yield from _aliases(inner)
