"""A policy: a small function that someone from the business can read, with a code of its own.

`@policy` only describes the function; nothing is registered anywhere. Whoever wants the policies of
a module looks through it with `policies_of`.
"""

from __future__ import annotations

import inspect
import re
import typing
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from types import ModuleType
from typing import Annotated, Any, overload

from pydantic import PlainSerializer, PlainValidator, TypeAdapter

from mesh_platform.errors import MeshError, Place
from mesh_platform.governance.parameter_types import type_as_json, type_from_json
from mesh_platform.governance.subjects import SUBJECTS, Subject
from mesh_platform.model.contract import Severity

_CODE = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_-]*)+")
SETTINGS = ("state", "until", "severity")
"""Keys of a policy in `mesh.yaml` that are no parameters of its function."""


class State(StrEnum):
    """Life of a policy: only an enabled one can block."""

    AVAILABLE = "available"
    DRAFT = "draft"
    GRACE = "grace"
    ENABLED = "enabled"


@dataclass(frozen=True, slots=True)
class Violation:
    """What a policy found; without a place it is that of the subject."""

    message: str
    fix: str | None = None
    place: Place | None = None


Found = Violation | Iterable[Violation] | None
Check = Callable[..., Found]
Build = Callable[[], Subject]
Keep = Callable[[Build], Build]


@dataclass(frozen=True, slots=True)
class Parameter:
    """What `mesh.yaml` may set: a keyword of the function, its type and its default."""

    name: str
    type: Annotated[Any, PlainSerializer(type_as_json), PlainValidator(type_from_json)] = field(
        compare=False
    )
    default: Any


@dataclass(frozen=True, slots=True)
class PolicyInfo:
    """All that is said of a policy without running it; `subject` is the word for what it judges.

    `definition` is a digest of what it says in Python.
    """

    code: str
    subject: str
    severity: Severity
    state: State
    until: date | None
    description: str
    why: str
    parameters: tuple[Parameter, ...]
    place: Place
    definition: str = ""


def received(info: PolicyInfo) -> PolicyInfo:
    """The same after it was JSON, where a default is of its parameter's type again.

    Raises:
        ValueError: a default is of another type.
    """
    return replace(
        info,
        parameters=tuple(
            replace(each, default=TypeAdapter(each.type).validate_python(each.default))
            for each in info.parameters
        ),
    )


@dataclass(frozen=True, slots=True)
class Case:
    """A subject that a policy must let pass, or must object to."""

    name: str
    good: bool
    build: Build
    parameters: dict[str, Any]
    line: int


class Policy:
    """A function with what is said of it, and the cases that show that it works."""

    def __init__(self, check: Check, info: PolicyInfo) -> None:
        self.check, self.info = check, info
        self.cases: list[Case] = []

    def __call__(self, subject: Subject, **parameters: Any) -> Found:
        """Judge one subject."""
        return self.check(subject, **parameters)

    @overload
    def good(self, build: Build, /) -> Build: ...
    @overload
    def good(self, /, **parameters: Any) -> Keep: ...
    def good(self, build: Build | None = None, /, **parameters: Any) -> Build | Keep:
        """Keep a case that the policy lets pass: a function that builds the subject."""
        keep = self._keep(parameters, good=True)
        return keep if build is None else keep(build)

    @overload
    def bad(self, build: Build, /) -> Build: ...
    @overload
    def bad(self, /, **parameters: Any) -> Keep: ...
    def bad(self, build: Build | None = None, /, **parameters: Any) -> Build | Keep:
        """Keep a case that the policy objects to: a function that builds the subject."""
        keep = self._keep(parameters, good=False)
        return keep if build is None else keep(build)

    def _keep(self, parameters: dict[str, Any], *, good: bool) -> Keep:
        def keep(build: Build) -> Build:
            name, line = build.__name__.strip("_"), build.__code__.co_firstlineno
            self.cases.append(Case(name, good, build, parameters, line))
            return build

        return keep


def policy(
    code: str,
    *,
    severity: str = "error",
    state: str = "enabled",
    until: str | None = None,
) -> Callable[[Check], Policy]:
    """Make a function a policy.

    Args:
        code: its name for ever, `topic.rule`; it is never given to another rule.
        severity: `error` or `warning`; `mesh.yaml` may say another.
        state: `draft`, `grace` or `enabled`; `mesh.yaml` may say another.
        until: the last day of grace, `2027-01-31`.

    Raises:
        MeshError: the function is not what a policy must be.
    """

    def describe(check: Check) -> Policy:
        place = Place(check.__code__.co_filename, check.__code__.co_firstlineno)
        try:
            return Policy(check, _info(check, code, (severity, state, until), place))
        except MeshError as error:
            raise MeshError(
                f"policy `{code}`: {error.message}", place=place, fix=error.fix
            ) from None

    return describe


def policies_of(module: ModuleType) -> Iterator[Policy]:
    """The policies that a module defines, in its order; those that it imports are not its own."""
    for value in vars(module).values():
        if isinstance(value, Policy) and value.check.__module__ == module.__name__:
            yield value


def _info(check: Check, code: str, words: tuple[str, str, str | None], place: Place) -> PolicyInfo:
    if not _CODE.fullmatch(code):
        raise MeshError("the code is not of the form `topic.rule`", fix="as in `column.described`")
    subject, parameters = _signature(check)
    description, why = _doc(check)
    severity, state, until = words
    return PolicyInfo(
        code=code,
        subject=subject,
        severity=_word(Severity, severity, "severity"),
        state=_word(State, state, "state"),
        until=date.fromisoformat(until) if until else None,
        description=description,
        why=why,
        parameters=parameters,
        place=place,
    )


_W = typing.TypeVar("_W", Severity, State)


def _word(kind: type[_W], text: str, name: str) -> _W:
    try:
        return kind(text)
    except ValueError:
        known = ", ".join(kind)
        raise MeshError(f"`{text}` is no {name}", fix=f"write one of {known}") from None


def _signature(check: Check) -> tuple[str, tuple[Parameter, ...]]:
    hints = typing.get_type_hints(check)
    first, *others = inspect.signature(check).parameters.values()
    subject = SUBJECTS.get(hints.get(first.name, type(None)))
    if subject is None:
        known = ", ".join(sorted(kind.__name__ for kind in SUBJECTS))
        raise MeshError(
            "its first argument does not say what it judges", fix=f"annotate it with one of {known}"
        )
    for each in others:
        if each.kind is not each.KEYWORD_ONLY or each.default is each.empty:
            raise MeshError(
                f"`{each.name}` is no parameter",
                fix="write parameters after `*`, each with a type and a default",
            )
        if each.name in SETTINGS or each.name not in hints:
            raise MeshError(f"`{each.name}` cannot be set", fix="give it a type and another name")
    return subject, tuple(Parameter(o.name, hints[o.name], o.default) for o in others)


def _doc(check: Check) -> tuple[str, str]:
    """What the docstring says, and what follows `Why:` in it."""
    text = inspect.cleandoc(check.__doc__ or "")
    description, _, why = text.partition("Why:")
    told = (" ".join(description.split()), " ".join(why.split()))
    if not all(told):
        raise MeshError(
            "its docstring does not say what must hold and why",
            fix='write one sentence, an empty line, and "Why: …"',
        )
    return told
