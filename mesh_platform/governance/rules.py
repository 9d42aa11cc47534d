"""Determine which policies are in force, from what their authors wrote and `mesh.yaml` sets."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from pydantic import TypeAdapter, ValidationError

from mesh_platform.errors import Place, did_you_mean
from mesh_platform.governance.policy import SETTINGS, Parameter, PolicyInfo, State
from mesh_platform.model.contract import Severity
from mesh_platform.model.findings import Finding
from mesh_platform.model.naming import identifier
from mesh_platform.model.settings import Given, PolicySetting

UNKNOWN = "policy.unknown"
"""Code of the finding on a name in `mesh.yaml` that no policy has."""


@dataclass(frozen=True, slots=True)
class Source:
    """A module with policies: of the platform, of the mesh, or of a domain.

    `file` is its path on this machine, `shown` its name in messages; a module of the platform has
    its dotted name for a file.
    """

    file: str
    shown: str
    domain: str | None = None
    of_platform: bool = False

    @property
    def owner(self) -> str:
        """Return whose rules they are: `platform`, `mesh`, or the name of a domain."""
        return "platform" if self.of_platform else self.domain or "mesh"


@dataclass(frozen=True, slots=True)
class PolicyRule:
    """A policy as it is in force today; `since` is the day from which it blocks, or will block.

    `place` is the line that puts it in force, `written` the day on which somebody wrote it there,
    as far as that is known. With a `problem` in what is set of it, it cannot be run.
    """

    info: PolicyInfo
    source: Source
    state: State
    severity: Severity
    parameters: Mapping[str, Any] = field(default_factory=dict)
    since: date | None = None
    problem: str | None = None
    place: Place | None = None
    written: date | None = None

    @property
    def code(self) -> str:
        """The policy's code."""
        return self.info.code

    @property
    def measured(self) -> bool:
        """Tell whether it is switched on."""
        return self.state is not State.AVAILABLE

    @property
    def blocking(self) -> bool:
        """Tell whether a violation fails the check today."""
        return self.state is State.ENABLED and self.severity is Severity.ERROR

    @property
    def standing(self) -> str:
        """Say whether it blocks, and since when."""
        if self.state is State.AVAILABLE:
            return "no, not switched on"
        if self.state is State.DRAFT:
            return "no, a draft is shown for information"
        if self.severity is Severity.WARNING:
            return "no, a warning"
        if self.state is State.GRACE:
            return f"not yet, from the day after {self.since} on" if self.since else "not yet"
        if self.since:
            return f"yes, since its grace ended on {self.since}"
        return f"yes, since {self.written}" if self.written else "yes"


def in_force(
    policies: Iterable[tuple[Source, PolicyInfo]], settings: Iterable[PolicySetting], today: date
) -> tuple[tuple[PolicyRule, ...], list[Finding]]:
    """Hold policies and settings together.

    Args:
        policies: all that exist, those of the platform first, then the mesh's, then domains'.
        settings: what `mesh.yaml` says of them.
        today: decides which grace is over.

    Returns:
        One rule for each code, and what is wrong with codes, states and parameters.
    """
    findings: list[Finding] = []
    known = dict(_unique(policies, findings))
    set_here = {setting.code: setting for setting in settings}
    for code, setting in set_here.items():
        if code not in known:
            message = f"no policy is called `{code}`"
            fix = did_you_mean(code, known)
            findings.append(Finding(UNKNOWN, message, setting.place, fix))
    rules = [
        _rule(source, info, set_here.get(code), today, findings)
        for code, (source, info) in known.items()
    ]
    return tuple(rules), findings


def _unique(
    policies: Iterable[tuple[Source, PolicyInfo]], findings: list[Finding]
) -> Iterator[tuple[str, tuple[Source, PolicyInfo]]]:
    """Each code once, as a check's name too; a domain's policies look at the domain alone."""
    seen: dict[str, PolicyInfo] = {}
    for source, info in policies:
        first = seen.setdefault(identifier(info.code), info)
        if first is not info:
            findings.append(
                Finding(
                    "policy.duplicate-code",
                    f"`{first.code}` is the code of another policy: {first.place}",
                    info.place,
                    "give it a code of its own; who owns a policy changes it, nobody else",
                )
            )
        elif source.domain and info.subject == "mesh":
            findings.append(
                Finding(
                    "policy.too-wide",
                    f"`{info.code}` judges the whole mesh, and is the policy of one domain",
                    info.place,
                    "judge a DomainSubject, or offer the policy to the governance group",
                )
            )
        else:
            yield info.code, (source, info)


def _rule(
    source: Source,
    info: PolicyInfo,
    setting: PolicySetting | None,
    today: date,
    findings: list[Finding],
) -> PolicyRule:
    state, until = info.state, info.until
    if setting is not None:
        state, until = State(setting.state), setting.until
    elif source.of_platform:
        state, until = State.AVAILABLE, None
    before = len(findings)
    place = setting.place if setting else info.place
    findings += _until_findings(info.code, state, until, place)
    parameters = dict(_parameters(info, setting.parameters if setting else (), findings))
    if state is State.GRACE and until is not None and until < today:
        state = State.ENABLED
    severity = (setting.severity if setting else None) or info.severity
    problem = findings[before].message if len(findings) > before else None
    findings[before:] = [replace(finding, could_not_run=True) for finding in findings[before:]]
    return PolicyRule(info, source, state, severity, parameters, until, problem, place)


def _until_findings(code: str, state: State, until: date | None, place: Place) -> Iterator[Finding]:
    if state is State.GRACE and until is None:
        fix = "add `until: DATE`, the last day on which it does not block"
        yield Finding("policy.until", f"the grace of `{code}` has no end", place, fix)
    elif until is not None and state is not State.GRACE:
        fix = "write `state: grace`, or remove `until`"
        yield Finding("policy.until", f"`{code}` is not in grace, but has an end of it", place, fix)


def _parameters(
    info: PolicyInfo, given: Iterable[Given], findings: list[Finding]
) -> Iterator[tuple[str, Any]]:
    known = {parameter.name: parameter for parameter in info.parameters}
    for each in given:
        parameter = known.get(each.name)
        if parameter is None:
            findings.append(
                Finding(
                    "policy.unknown-parameter",
                    f"`{info.code}` has no parameter `{each.name}`",
                    each.place,
                    did_you_mean(each.name, [*known, *SETTINGS]),
                )
            )
            continue
        try:
            yield each.name, _value(parameter, each.value)
        except ValidationError as error:
            findings.append(
                Finding(
                    "policy.parameter",
                    f"`{each.name}` of `{info.code}`: {error.errors()[0]['msg'].lower()}",
                    each.place,
                    f"write a value like {json.dumps(parameter.default, default=str)}",
                )
            )


def _value(parameter: Parameter, value: Any) -> Any:
    """As strict as JSON: a number is not a text, a list is a tuple."""
    text = json.dumps(value)
    return TypeAdapter(parameter.type).validate_json(text, strict=True)
