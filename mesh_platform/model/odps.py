"""The Open Data Product Standard as frozen models: every field of 1.1.0, 1.0.0 and 0.9.0 is kept.

No package offers such models, so these are the platform's own. They accept exactly the files that
the standard's schema of the same version accepts; what the mesh demands besides is said elsewhere.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Strict, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError

from mesh_platform.model.frozen import Frozen

NEWEST = "v1.1.0"
VERSIONS = ("v0.9.0", "v1.0.0", NEWEST)

Text = Annotated[str, Strict()]
Flag = Annotated[bool, Strict()]
_Since = dict[str, str]
_Needed = dict[str, tuple[str, ...]]
_DEFINITIONS_OF_0_9 = (
    "businessDefinition",
    "implementation",
    "transformationImplementation",
    "tutorial",
    "videoTutorial",
)


class Part(Frozen):
    """A part of a descriptor.

    `later` names the version with which a key came; `needed_in` the keys that a version demands
    and 1.1.0 does not. A key without a value is refused, as the standard's schemas do.
    """

    later: ClassVar[_Since] = {}
    needed_in: ClassVar[_Needed] = {}
    may_be_null: ClassVar[frozenset[str]] = frozenset()

    @model_validator(mode="before")
    @classmethod
    def _fits_the_version(cls, data: Any, info: ValidationInfo) -> Any:
        version = (info.context or {}).get("version", NEWEST)
        if isinstance(data, dict):
            for key, value in data.items():
                _refuse_later(key, cls.later.get(key, version), version)
                _refuse_null(key, value, cls.may_be_null)
            for key in cls.needed_in.get(version, ()):
                if key not in data:
                    raise PydanticCustomError("needed", "{key}", {"key": key})
        return data


def _refuse_later(key: str, since: str, version: str) -> None:
    if VERSIONS.index(since) > VERSIONS.index(version):
        raise PydanticCustomError("later", "{key}", {"key": key, "since": since})


def _refuse_null(key: str, value: Any, allowed: frozenset[str]) -> None:
    if value is None and key not in allowed:
        raise PydanticCustomError("null", "{key}", {"key": key})


class CustomProperty(Part):
    """A key that the standard does not know, kept as the standard wants it kept."""

    later: ClassVar[_Since] = {"id": "v1.1.0", "vendor": "v1.1.0"}
    may_be_null: ClassVar[frozenset[str]] = frozenset({"value"})

    property: Text
    value: Any
    id: Text | None = None
    description: Text | None = None
    vendor: Text | None = None


class AuthoritativeDefinition(Part):
    """Where more is said."""

    later: ClassVar[_Since] = {"id": "v1.1.0"}

    type: Text
    url: Text
    id: Text | None = None
    description: Text | None = None

    @field_validator("type")
    @classmethod
    def _of_0_9(cls, value: str, info: ValidationInfo) -> str:
        if (info.context or {}).get("version") == "v0.9.0" and value not in _DEFINITIONS_OF_0_9:
            raise PydanticCustomError(
                "literal_error", "", {"expected": ", ".join(_DEFINITIONS_OF_0_9)}
            )
        return value


class _Extended(Part):
    custom_properties: tuple[CustomProperty, ...] = ()
    authoritative_definitions: tuple[AuthoritativeDefinition, ...] = ()

    def custom(self, name: str) -> Any:
        """Value of a custom property, or None."""
        return next((p.value for p in self.custom_properties if p.property == name), None)


class _Tagged(_Extended):
    tags: tuple[Text, ...] = ()


class Description(_Extended):
    """Why the product exists, what it is not for, how to use it."""

    purpose: Text | None = None
    limitations: Text | None = None
    usage: Text | None = None


class Synonym(Part):
    """Another name for the same thing."""

    synonym: Text
    id: Text | None = None
    description: Text | None = None
    locale: Text | None = None
    source: Text | None = None
    status: Text | None = None
    custom_properties: tuple[CustomProperty, ...] = ()


class VerifiedStatement(_Tagged):
    """A question people ask, and its answer."""

    question: Text
    id: Text | None = None
    answer: Text | None = None


class Constraint(_Tagged):
    """What the data must not be used for."""

    constraint: Text
    id: Text | None = None


class Context(Part):
    """What an agent should know."""

    instructions: Text | None = None
    verified_statements: tuple[VerifiedStatement, ...] = ()
    constraints: tuple[Constraint, ...] = ()


_EXTENSIONS_OF_1_0 = {
    "tags": "v1.0.0",
    "customProperties": "v1.0.0",
    "authoritativeDefinitions": "v1.0.0",
}
_EXTENSIONS_OF_1_1 = dict.fromkeys(_EXTENSIONS_OF_1_0, "v1.1.0")


class InputPortEntry(_Tagged):
    """What the product reads: another product's port, or data from outside the mesh."""

    later: ClassVar[_Since] = {"id": "v1.1.0", "deprecated": "v1.1.0", **_EXTENSIONS_OF_1_0}
    needed_in: ClassVar[_Needed] = dict.fromkeys(("v0.9.0", "v1.0.0"), ("version", "contractId"))

    name: Text
    id: Text | None = None
    version: Text | None = None
    contract_id: Text | None = None
    deprecated: Flag = False


class SoftwareBill(_Tagged):
    """What software a port is made of."""

    later: ClassVar[_Since] = {"id": "v1.1.0", **_EXTENSIONS_OF_1_1}
    needed_in: ClassVar[_Needed] = dict.fromkeys(("v0.9.0", "v1.0.0"), ("url",))

    id: Text | None = None
    type: Text | None = None
    url: Text | None = None


class InputContract(Part):
    """A contract that an output port depends on."""

    id: Text
    version: Text


class OutputPortEntry(_Tagged):
    """What the product offers."""

    later: ClassVar[_Since] = {
        **dict.fromkeys(("id", "deprecated", "synonyms", "context"), "v1.1.0"),
        **_EXTENSIONS_OF_1_0,
    }
    needed_in: ClassVar[_Needed] = dict.fromkeys(("v0.9.0", "v1.0.0"), ("version",))

    name: Text
    id: Text | None = None
    description: Text | None = None
    type: Text | None = None
    version: Text = "1.0.0"
    contract_id: Text | None = None
    deprecated: Flag = False
    sbom: tuple[SoftwareBill, ...] = ()
    input_contracts: tuple[InputContract, ...] = ()
    synonyms: tuple[Synonym, ...] = ()
    context: Context | None = None


class ManagementPort(_Tagged):
    """Where the product is managed."""

    later: ClassVar[_Since] = {"id": "v1.1.0", "deprecated": "v1.1.0"}

    name: Text
    content: Text
    id: Text | None = None
    type: Text | None = None
    url: Text | None = None
    channel: Text | None = None
    description: Text | None = None
    deprecated: Flag = False


class Support(_Tagged):
    """Where to ask."""

    later: ClassVar[_Since] = {"id": "v1.1.0"}

    channel: Text
    url: Text
    id: Text | None = None
    description: Text | None = None
    tool: Text | None = None
    scope: Text | None = None
    invitation_url: Text | None = None


class TeamMember(_Tagged):
    """A person of the team."""

    later: ClassVar[_Since] = {"id": "v1.1.0"}
    needed_in: ClassVar[_Needed] = dict.fromkeys(("v1.0.0", NEWEST), ("username",))

    username: Text | None = None
    id: Text | None = None
    name: Text | None = None
    description: Text | None = None
    role: Text | None = None
    date_in: Text | None = None
    date_out: Text | None = None
    replaced_by_username: Text | None = None


class Team(_Tagged):
    """Who makes the product; 0.9.0 has the list of members alone."""

    name: Text | None = None
    description: Text | None = None
    members: tuple[TeamMember, ...] = ()


class Descriptor(_Tagged):
    """A whole `product.odps.yaml`."""

    later: ClassVar[_Since] = dict.fromkeys(("deprecated", "synonyms", "type", "context"), "v1.1.0")
    needed_in: ClassVar[_Needed] = dict.fromkeys(("v0.9.0", "v1.0.0"), ("status",))

    api_version: Literal["v0.9.0", "v1.0.0", "v1.1.0"]
    kind: Literal["DataProduct"]
    id: Text
    name: Text | None = None
    version: Text = "1.0.0"
    status: Text = "active"
    domain: Text | None = None
    type: Text | None = None
    tenant: Text | None = None
    deprecated: Flag = False
    synonyms: tuple[Synonym, ...] = ()
    context: Context | None = None
    description: Description = Description()
    input_ports: tuple[InputPortEntry, ...] = ()
    output_ports: tuple[OutputPortEntry, ...] = ()
    management_ports: tuple[ManagementPort, ...] = ()
    support: tuple[Support, ...] = ()
    team: Team | None = None
    product_created_ts: Text | None = None

    @field_validator("team", mode="before")
    @classmethod
    def _team_of_0_9(cls, value: Any, info: ValidationInfo) -> Any:
        if (info.context or {}).get("version") != "v0.9.0":
            return value
        if not isinstance(value, list):
            raise PydanticCustomError("tuple_type", "")
        return {"members": value}
