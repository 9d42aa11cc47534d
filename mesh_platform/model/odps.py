"""Reads an ODPS product descriptor into frozen models; a wrong key is named with file and line."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError

from mesh_platform.errors import did_you_mean
from mesh_platform.model.documents import Document, read_document
from mesh_platform.model.findings import Finding
from mesh_platform.model.frozen import Frozen


class CustomProperty(Frozen):
    """A key that the standard does not know, kept as the standard wants it kept."""

    property: str
    value: Any
    id: str | None = None
    description: str | None = None
    vendor: str | None = None


class _Element(Frozen):
    """What most parts of a descriptor may carry."""

    id: str | None = None
    tags: tuple[str, ...] = ()
    custom_properties: tuple[CustomProperty, ...] = ()
    authoritative_definitions: tuple[dict[str, Any], ...] = ()

    def custom(self, name: str) -> Any:
        """Value of a custom property, or None."""
        return next((p.value for p in self.custom_properties if p.property == name), None)


class Description(_Element):
    """Why the product exists, what it is not for, how to use it."""

    purpose: str | None = None
    limitations: str | None = None
    usage: str | None = None


class InputPortEntry(_Element):
    """What the product reads: another product's port, or data from outside the mesh."""

    name: str
    version: str | None = None
    contract_id: str | None = None
    deprecated: bool = False


class OutputPortEntry(_Element):
    """What the product offers."""

    name: str
    description: str | None = None
    type: str | None = None
    version: str = "1.0.0"
    contract_id: str | None = None
    deprecated: bool = False
    sbom: tuple[dict[str, Any], ...] = ()
    input_contracts: tuple[dict[str, Any], ...] = ()
    synonyms: tuple[Any, ...] = ()
    context: dict[str, Any] | None = None


class Descriptor(_Element):
    """A whole `product.odps.yaml`."""

    api_version: Literal["v0.9.0", "v1.0.0", "v1.1.0"]
    kind: Literal["DataProduct"]
    id: str
    name: str | None = None
    version: str = "1.0.0"
    status: Literal["proposed", "draft", "active", "deprecated", "retired"] = "active"
    domain: str | None = None
    type: str | None = None
    tenant: str | None = None
    deprecated: bool = False
    synonyms: tuple[Any, ...] = ()
    context: dict[str, Any] | None = None
    description: Description = Description()
    input_ports: tuple[InputPortEntry, ...] = ()
    output_ports: tuple[OutputPortEntry, ...] = ()
    management_ports: tuple[dict[str, Any], ...] = ()
    support: tuple[dict[str, Any], ...] = ()
    team: dict[str, Any] | None = None
    product_created_ts: str | None = Field(default=None)


def read_descriptor(path: Path, shown: str) -> tuple[Descriptor | None, Document, list[Finding]]:
    """Read one descriptor.

    Raises:
        MeshError: the file cannot be read as YAML.
    """
    document = read_document(path, shown)
    try:
        return Descriptor.model_validate(document.data), document, []
    except ValidationError as error:
        return None, document, validation_findings(error, document, "product", _known_keys())


def validation_findings(
    error: ValidationError, document: Document, kind: str, known: frozenset[str]
) -> list[Finding]:
    """Turn pydantic's errors into findings at the offending line."""
    return [_finding(detail, document, kind, known) for detail in error.errors()]


def _finding(detail: Any, document: Document, kind: str, known: frozenset[str]) -> Finding:
    path = tuple(detail["loc"])
    place = document.place(path)
    if detail["type"] == "extra_forbidden":
        return Finding(
            f"{kind}.unknown-key",
            f"`{path[-1]}` is not a key of a {kind} file here",
            place,
            did_you_mean(str(path[-1]), known),
        )
    if detail["type"] == "missing":
        return Finding(
            f"{kind}.missing-key",
            f"`{'.'.join(map(str, path))}` is missing",
            place,
            f"add `{path[-1]}:`",
        )
    return Finding(f"{kind}.invalid", f"`{'.'.join(map(str, path))}`: {detail['msg']}", place)


def _known_keys() -> frozenset[str]:
    models = (Descriptor, InputPortEntry, OutputPortEntry, Description)
    return frozenset(f.alias or name for model in models for name, f in model.model_fields.items())
