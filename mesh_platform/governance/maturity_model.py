"""A maturity model in the form of Bitol's draft OMMS 0.2.0: read strictly, with file and line.

A criterion asks for values of the product's descriptor and its contracts, in the words of the
draft; or, by the custom property `policy`, for what a policy of the mesh says of the product.

Source: https://github.com/bitol-io/tsc/blob/main/rfcs/0037-omms.md
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import Any, Literal

from pydantic import Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from mesh_platform.errors import MeshError, Place, did_you_mean
from mesh_platform.model.contract import Operator, is_number
from mesh_platform.model.descriptors import validation_findings
from mesh_platform.model.documents import Document, parse_document
from mesh_platform.model.findings import Finding
from mesh_platform.model.frozen import Frozen

MATURITY_FILE = "maturity.yaml"
POLICY = "policy"
"""Custom property of a criterion: the code of the policy that judges it."""
_CONTRACT_PATH = re.compile(r"\[DataContract\]\.[\w.\[\]]+")
_PATH = re.compile(r"\w+(\[\])?(\.\w+(\[\])?)*")
_REFUSED = "refused"
"""Type of an error of pydantic whose words are for people as they are."""


def _refusal(said: str) -> PydanticCustomError:
    return PydanticCustomError(_REFUSED, "{said}", {"said": said})


class CustomProperty(Frozen):
    """A name and a value that the draft leaves to each model."""

    property: str
    value: Any


class Described(Frozen):
    """What every part of a model may say besides."""

    tags: tuple[str, ...] = ()
    custom_properties: tuple[CustomProperty, ...] = ()
    authoritative_definitions: tuple[dict[str, Any], ...] = ()


class Where(Frozen):
    """Which items count, by one of their fields."""

    field: str
    in_: tuple[Any, ...] | None = Field(default=None, alias="in")
    is_not_null: bool | None = None


class Arguments(Frozen):
    """What narrows down the items that a metric counts."""

    having: str | tuple[str, ...] = ()
    any_of: tuple[str, ...] = ()
    where: Where | None = None
    distinct: bool = False
    relates_to: str | None = None
    valid_values: tuple[Any, ...] | None = None

    @model_validator(mode="after")
    def _leads_to_contracts(self) -> Arguments:
        if self.relates_to is not None and not _CONTRACT_PATH.fullmatch(self.relates_to):
            raise _refusal(
                "`relatesTo` is followed into contracts only, as in `[DataContract].status`"
            )
        return self


class Criterion(Described):
    """One thing that a level asks for; `text` is for a person to judge, and counts as met."""

    id: str = Field(pattern=r"^L\d+-[A-Z]\d{2,}$")
    property: str
    type: Literal["library", "text"] = "library"
    metric: Literal["rowCount", "nullValues", "invalidValues", "validValues"] | None = None
    arguments: Arguments = Arguments()
    unit: Literal["rows", "percent"] = "rows"
    description: str = ""
    must_be: Any = None
    must_not_be: Any = None
    must_be_greater_than: float | None = None
    must_be_greater_or_equal_to: float | None = None
    must_be_less_than: float | None = None
    must_be_less_or_equal_to: float | None = None
    must_be_between: tuple[float, float] | None = None
    must_not_be_between: tuple[float, float] | None = None

    @model_validator(mode="after")
    def _can_be_evaluated(self) -> Criterion:
        if not _PATH.fullmatch(self.property):
            raise _refusal("`property` is no path, as in `outputPorts[].name`")
        if self.type == "library":
            wrong = _wrong(self)
            if wrong:
                raise _refusal(wrong)
        return self


class StatusCap(Frozen):
    """What a model's policy says: the highest level for each word."""

    caps: dict[str, int]


class CapPolicy(Described):
    """A rule that is evaluated before any level: a word of the product caps what it can reach."""

    id: str
    name: str = ""
    property: str = Field(pattern=_PATH.pattern)
    type: Literal["library"] = "library"
    metric: Literal["validValues"] = "validValues"
    arguments: StatusCap
    description: str = ""


class Level(Described):
    """A step of maturity; it includes all below it."""

    level: int = Field(ge=1)
    name: str
    description: str
    criteria: tuple[Criterion, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _numbered_by_level(self) -> Level:
        for criterion in self.criteria:
            if not criterion.id.startswith(f"L{self.level}-"):
                raise _refusal(f"criterion `{criterion.id}` stands in level {self.level}")
        return self


class Texts(Frozen):
    """What a model is for."""

    purpose: str = ""
    limitations: str = ""
    usage: str = ""


class MaturityModel(Described):
    """Levels, what each of them asks for, and what caps them."""

    kind: Literal["MaturityModel"]
    api_version: Literal["v0.2.0"]
    id: str
    name: str = ""
    version: str = ""
    status: str
    description: Texts = Texts()
    target_application: Literal["ODPS"] = "ODPS"
    target_api_version: str = ""
    policies: tuple[CapPolicy, ...] = ()
    levels: tuple[Level, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _counts_up(self) -> MaturityModel:
        numbers = [level.level for level in self.levels]
        if numbers != list(range(1, len(numbers) + 1)):
            raise _refusal("levels are not numbered 1, 2, 3 … in their order")
        ids = [criterion.id for level in self.levels for criterion in level.criteria]
        if twice := next((name for name in ids if ids.count(name) > 1), None):
            raise _refusal(f"`{twice}` stands twice")
        return self


def read_maturity_model(
    text: str, file: str, codes: Collection[str]
) -> tuple[MaturityModel | None, list[Finding]]:
    """Read a maturity model.

    Args:
        text: what the file holds.
        file: its name in messages.
        codes: policies that criteria may refer to.

    Returns:
        The model, or None and at least one finding.
    """
    try:
        document = parse_document(text, file)
    except MeshError as error:
        place = error.place or Place(file, 1)
        return None, [Finding("maturity.invalid", error.message, place, error.fix)]
    try:
        model = MaturityModel.model_validate(document.data)
    except ValidationError as error:
        return None, list(_findings(error, document))
    unknown = list(_unknown_policies(model, document, codes))
    return (None if unknown else model), unknown


def _findings(error: ValidationError, document: Document) -> Iterator[Finding]:
    """Every error once: a list is not too short because of what is wrong inside it."""
    details = error.errors()
    found = validation_findings(error, document, "maturity", _known_keys())
    for detail, finding in zip(details, found, strict=True):
        if detail["type"] == _REFUSED:
            yield replace(finding, message=detail["msg"])
        elif detail["type"] == "too_short":
            inside = [d for d in details if d["loc"][: len(detail["loc"])] == detail["loc"]]
            if len(inside) == 1:
                yield replace(finding, message=f"`{detail['loc'][-1]}` is empty")
        elif detail["type"] == "string_pattern_mismatch" and detail["loc"][-1] == "id":
            said = f"`{detail['input']}` is no id of a criterion"
            yield replace(finding, message=said, fix="write its level first, as in `L2-P01`")
        else:
            yield finding


def _unknown_policies(
    model: MaturityModel, document: Document, codes: Collection[str]
) -> Iterator[Finding]:
    for at, level in enumerate(model.levels):
        for index, criterion in enumerate(level.criteria):
            code = policy_of(criterion)
            if code is not None and code not in codes:
                place = document.place(("levels", at, "criteria", index, "customProperties"))
                said = f"`{criterion.id}` asks for a policy that does not exist: `{code}`"
                yield Finding("maturity.unknown-policy", said, place, did_you_mean(code, codes))


def policy_of(criterion: Criterion) -> str | None:
    """The code of the policy that judges a criterion."""
    said = (p.value for p in criterion.custom_properties if p.property == POLICY)
    return next(map(str, said), None)


def operator_of(criterion: Criterion) -> tuple[Operator, Any]:
    """How the number or word that was found is compared, and with what."""
    return next(_operators(criterion))


def _operators(criterion: Criterion) -> Iterator[tuple[Operator, Any]]:
    for operator in Operator:
        name = re.sub("[A-Z]", lambda found: f"_{found[0].lower()}", operator.value)
        if (value := getattr(criterion, name)) is not None:
            yield operator, value


def _wrong(criterion: Criterion) -> str | None:
    """Why a criterion cannot be evaluated."""
    said = None
    if len(list(_operators(criterion))) != 1:
        said = "needs exactly one operator, as in `mustBe`"
    elif criterion.metric is None:
        said = "needs a `metric`"
    elif policy_of(criterion) is not None:
        counts = criterion.metric == "invalidValues"
        said = None if counts else "counts what a policy objects to: write `metric: invalidValues`"
    elif criterion.metric == "invalidValues" and criterion.arguments.valid_values is None:
        said = "needs `arguments.validValues`"
    return f"`{criterion.id}` {said}" if said else _wrong_operand(criterion)


def compares_words(criterion: Criterion) -> bool:
    """Whether it holds each value against a word, and counts nothing."""
    return criterion.metric == "validValues" and criterion.arguments.valid_values is None


def _wrong_operand(criterion: Criterion) -> str | None:
    operator, operand = operator_of(criterion)
    if compares_words(criterion):
        fine = operator in (Operator.MUST_BE, Operator.MUST_NOT_BE)
        return None if fine else f"`{criterion.id}` compares a word: write `mustBe` or `mustNotBe`"
    if operator in (Operator.BETWEEN, Operator.NOT_BETWEEN) or is_number(operand):
        return None
    return f"`{criterion.id}` counts, and compares with what is no number"


def _known_keys() -> frozenset[str]:
    parts = (MaturityModel, Level, Criterion, Arguments, Where, CapPolicy, StatusCap, Texts)
    return frozenset(f.alias or n for part in parts for n, f in part.model_fields.items())
