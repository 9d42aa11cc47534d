"""Reads a product descriptor: the standard's verdict first, with file, line and a suggestion."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from mesh_platform.errors import did_you_mean
from mesh_platform.model.documents import Document, read_document
from mesh_platform.model.findings import Finding
from mesh_platform.model.foreign_words import MEANT
from mesh_platform.model.odps import NEWEST, VERSIONS, Descriptor
from mesh_platform.model.variables import resolved
from mesh_platform.model.verdict import as_written, in_quotes, one_of, shortened, shown, unquoted

STATUSES = ("proposed", "draft", "active", "deprecated", "retired")
_WRONG = {
    "string_type": "is not text",
    "bool_type": "is not a boolean",
    "tuple_type": "is not a list",
    "model_type": "is not a mapping",
    "literal_error": "is not one of the allowed words",
    "date_type": "is not a day",
    "date_parsing": "is not a day",
    "date_from_datetime_parsing": "is not a day",
    "date_from_datetime_inexact": "is not a day",
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
    """The verdict of the standard, of the version that the file names."""
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
    value = detail["input"]
    told = f"`'{value}'`" if unquoted(value) and detail["type"] != "literal_error" else written
    said = _WRONG.get(detail["type"], str(detail["msg"]))
    fix: str | None = detail.get("ctx", {}).get("fix")
    if detail["type"] == "literal_error":
        words = detail.get("ctx", {}).get("expected", "").replace("'", "").replace(" or ", ", ")
        fix = one_of(str(value), words.split(", "))
    elif detail["type"] == "bool_type":
        fix = (
            f"write it without quotes: `{value}`" if unquoted(value) else "write `true` or `false`"
        )
    elif detail["type"].startswith("date_"):
        fix = "write it as `2027-01-31`"
    elif detail["type"] == "string_type" and isinstance(value, int | float):
        fix = in_quotes(value, written)
    elif detail["type"] == "tuple_type" and isinstance(value, str):
        fix = f"write a list: `[{shortened(value)}]`"
    return f"{told} {said}", fix


def _known_keys() -> frozenset[str]:
    return frozenset(_aliases(Descriptor))


def _aliases(model: type[BaseModel]) -> Iterator[str]:
    for name, field in model.model_fields.items():
        yield field.alias or name
        for inner in (field.annotation, *get_args(field.annotation)):
            if isinstance(inner, type) and issubclass(inner, BaseModel):
                yield from _aliases(inner)
