"""What the rules of a mesh were on a day, so that a new score can be explained.

A score changes because products change or because rules do. Two versions, held side by side, say
which rules: switched on or off, in another state, with other parameters, or rewritten.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields

from mesh_platform.governance.rules import PolicyRule
from mesh_platform.model.contract import digest_of
from mesh_platform.model.settings import Term


@dataclass(frozen=True, slots=True)
class RuleVersion:
    """One policy as it was in force; `parameters` are JSON, `definition` is a digest."""

    state: str
    severity: str
    parameters: str
    definition: str

    @property
    def standing(self) -> str:
        """State and severity in words."""
        return f"{self.state}, {self.severity}"


@dataclass(frozen=True, slots=True)
class PolicyVersion:
    """All that decides what is measured: policies that are switched on, and what they look up.

    `platform` is the version of the platform; `dictionary` and `maturity` are digests.
    """

    platform: str
    dictionary: str
    maturity: str
    rules: Mapping[str, RuleVersion]

    @property
    def digest(self) -> str:
        """Equal for equal rules."""
        return digest_of(json.dumps(self.json, sort_keys=True))

    @property
    def json(self) -> dict[str, object]:
        """As it is kept."""
        rules = {code: _json(rule) for code, rule in self.rules.items()}
        own = {"platform": self.platform, "dictionary": self.dictionary, "maturity": self.maturity}
        return {**own, "rules": rules}

    @classmethod
    def of_json(cls, kept: Mapping[str, object]) -> PolicyVersion:
        """As it was kept."""
        rules = kept["rules"]
        assert isinstance(rules, dict)  # noqa: S101 - `json` wrote it
        words = {name: str(kept[name]) for name in ("platform", "dictionary", "maturity")}
        return cls(**words, rules={code: RuleVersion(**rule) for code, rule in rules.items()})


def version_of(
    rules: Iterable[PolicyRule], dictionary: Mapping[str, Term], maturity: str, platform: str
) -> PolicyVersion:
    """The version of rules that are in force.

    Args:
        rules: all that exist; those that are not switched on decide nothing.
        dictionary: what a column of a name is in every domain.
        maturity: the text of the maturity model.
        platform: the version of the platform.
    """
    terms = {name: term.model_dump() for name, term in sorted(dictionary.items())}
    return PolicyVersion(
        platform,
        digest_of(json.dumps(terms, default=str)),
        digest_of(maturity),
        {rule.code: _version(rule) for rule in rules if rule.measured},
    )


def differences(before: PolicyVersion, after: PolicyVersion) -> dict[str, str]:
    """What changed in the rules, in words, by the code of the policy it is about.

    A change that may concern every policy stands under a name that is no code.
    """
    found = {}
    for code in sorted({*before.rules, *after.rules}):
        said = _changed(before.rules.get(code), after.rules.get(code))
        if said:
            found[code] = f"{code}: {said}"
    return {**dict(_general(before, after)), **found}


GENERAL = ("platform", "dictionary")
"""Names under which `differences` tells what may concern every policy."""


def _general(before: PolicyVersion, after: PolicyVersion) -> Iterator[tuple[str, str]]:
    if before.platform != after.platform:
        yield "platform", f"the platform: {before.platform} → {after.platform}"
    if before.dictionary != after.dictionary:
        yield "dictionary", "the dictionary of mesh.yaml was changed"
    if before.maturity != after.maturity:
        yield "maturity", "the maturity model was changed"


def _changed(before: RuleVersion | None, after: RuleVersion | None) -> str | None:
    if before == after:
        return None
    if before is None or after is None:
        return f"switched on ({after.standing})" if after else "switched off"
    told = []
    if before.standing != after.standing:
        told.append(f"{before.standing} → {after.standing}")
    if before.parameters != after.parameters:
        told.append(f"parameters {before.parameters} → {after.parameters}")
    if before.definition != after.definition:
        told.append("its text was changed")
    return "; ".join(told)


def _version(rule: PolicyRule) -> RuleVersion:
    given = {p.name: rule.parameters.get(p.name, p.default) for p in rule.info.parameters}
    parameters = json.dumps(given, sort_keys=True, ensure_ascii=False, default=str)
    return RuleVersion(rule.state, rule.severity, parameters, rule.info.definition)


def _json(rule: RuleVersion) -> dict[str, str]:
    return {field.name: str(getattr(rule, field.name)) for field in fields(rule)}
