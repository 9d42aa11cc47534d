"""Define what `mesh.yaml` and `domain.yaml` may say, with types, and with places of what they hold.

Which policies exist is not known here: their names and parameters are judged by `governance`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import PurePosixPath
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, ConfigDict, Field, field_validator
from pydantic_core import PydanticCustomError

from mesh_platform.errors import Place
from mesh_platform.model.contract import Severity
from mesh_platform.model.documents import Document
from mesh_platform.model.frozen import Frozen, InWords
from mesh_platform.model.naming import valid_segment

PolicyState = Literal["draft", "grace", "enabled"]


def _environment(name: str) -> str:
    if not valid_segment(name):
        raise PydanticCustomError(
            "environment",
            "cannot name an environment",
            {"fix": "use lower-case letters, digits and `_`"},
        )
    return name


Seconds = Annotated[float, Field(gt=0, strict=True, allow_inf_nan=False)]
"""A time limit; a boolean or a text is no number."""

EnvironmentName = Annotated[str, AfterValidator(_environment)]


class PolicyEntry(Frozen):
    """Hold an entry of `policies`; a key that it does not have is a parameter of the policy."""

    model_config = ConfigDict(extra="allow")

    state: PolicyState = "enabled"
    until: date | None = None
    severity: Severity | None = None


class Given(Frozen):
    """Hold a parameter as it was given."""

    name: str
    value: Any
    place: Place


class PolicySetting(Frozen):
    """Hold what `mesh.yaml` says of one policy."""

    code: str
    state: PolicyState
    until: date | None
    severity: Severity | None
    parameters: tuple[Given, ...]
    place: Place


class Term(Frozen):
    """Hold what a column is in every domain; `type` is the standard's `logicalType`."""

    type: str
    physical_type: str | None = None
    unit: str | None = None
    meaning: str


class MeshSettings(Frozen):
    """Hold the content of `mesh.yaml`."""

    name: str
    description: str = ""
    domains: str = "domains"
    guarded: tuple[EnvironmentName, ...] = ()
    check_seconds: Seconds = 60.0
    policy_folder: str = "policies"
    policy_seconds: Seconds = 10.0
    policies: dict[str, PolicyEntry] = Field(default_factory=dict)
    dictionary: dict[str, Term] = Field(default_factory=dict)

    @field_validator("domains", "policy_folder")
    @classmethod
    def _inside(cls, value: str) -> str:
        """Refuse a folder outside the mesh: its files have no name in findings, and no history."""
        if PurePosixPath(value).is_absolute() or ".." in PurePosixPath(value).parts:
            raise PydanticCustomError("elsewhere", "is no folder inside the mesh")
        return value

    @field_validator("policies", mode="before")
    @classmethod
    def _switched_on_as_it_is(cls, value: Any) -> Any:
        """Enable a policy that is only named, with the parameters of its author."""
        if not isinstance(value, dict):
            return value
        return {code: {} if entry is None else entry for code, entry in value.items()}


class OwnerEntry(Frozen):
    """Hold who answers for a domain."""

    team: InWords
    email: InWords


class DomainSettings(Frozen):
    """Hold the content of `domain.yaml`."""

    name: str
    purpose: str
    owner: OwnerEntry


def policy_settings(settings: MeshSettings, document: Document) -> Iterator[PolicySetting]:
    """Yield the policies of `mesh.yaml`, each with its place."""
    for code, entry in settings.policies.items():
        path = ("policies", code)
        given = tuple(
            Given(name=name, value=value, place=document.place((*path, name)))
            for name, value in (entry.model_extra or {}).items()
        )
        yield PolicySetting(
            code=code,
            state=entry.state,
            until=entry.until,
            severity=entry.severity,
            parameters=given,
            place=document.place(path),
        )
