"""Which policies are in force: what authors wrote, what `mesh.yaml` sets, and what day it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from mesh_platform.errors import Place
from mesh_platform.governance.policy import Parameter, PolicyInfo, State
from mesh_platform.governance.rules import PolicyRule, Source, in_force
from mesh_platform.model.contract import Severity
from mesh_platform.model.findings import Finding
from mesh_platform.model.settings import Given, PolicySetting

TODAY = date(2026, 6, 1)
HERE = Place("mesh.yaml", 7)
PLATFORM = Source("starter", "starter/x.py", of_platform=True)
MESH = Source("/m/policies/x.py", "policies/x.py")
SALES = Source("/m/domains/sales/policies.py", "domains/sales/policies.py", "sales")
SHARE = Parameter("share", float, 0.9)
WORDS = Parameter("words", tuple[str, ...], ("a",))


def info(code: str, **fields: Any) -> PolicyInfo:
    made = PolicyInfo(
        code,
        "column",
        Severity.ERROR,
        State.ENABLED,
        None,
        "Text.",
        "Why.",
        (SHARE, WORDS),
        Place("x.py", 3),
    )
    return replace(made, **fields)


def setting(code: str, parameters: dict[str, Any] | None = None, **fields: Any) -> PolicySetting:
    given = tuple(Given(name=n, value=v, place=HERE) for n, v in (parameters or {}).items())
    words = {"state": "enabled", "until": None, "severity": None} | fields
    return PolicySetting(code=code, parameters=given, place=HERE, **words)


def one(source: Source, made: PolicyInfo, *settings: PolicySetting) -> PolicyRule:
    (rule,), findings = in_force([(source, made)], settings, TODAY)
    assert findings == []
    return rule


def findings(source: Source, made: PolicyInfo, *settings: PolicySetting) -> list[Finding]:
    return in_force([(source, made)], settings, TODAY)[1]


def test_a_policy_of_the_platform_waits_until_the_mesh_names_it() -> None:
    waiting = one(PLATFORM, info("a.b"))
    assert (waiting.state, waiting.measured, waiting.blocking) == (State.AVAILABLE, False, False)
    named = one(PLATFORM, info("a.b"), setting("a.b"))
    assert (named.state, named.measured, named.blocking) == (State.ENABLED, True, True)


def test_a_policy_of_the_mesh_or_of_a_domain_is_in_force_as_it_is_written() -> None:
    assert one(MESH, info("a.b")).blocking
    draft = one(SALES, info("a.b", state=State.DRAFT))
    assert (draft.measured, draft.blocking) == (True, False)
    assert draft.standing == "no, a draft is shown for information"


def test_mesh_yaml_sets_state_severity_and_parameters() -> None:
    rule = one(
        MESH,
        info("a.b"),
        setting("a.b", {"share": 1, "words": ["x", "y"]}, severity=Severity.WARNING),
    )
    assert (rule.severity, rule.blocking) == (Severity.WARNING, False)
    assert rule.parameters == {"share": 1.0, "words": ("x", "y")}
    assert rule.standing == "no, a warning"


def test_grace_blocks_from_the_day_after_its_end() -> None:
    grace = one(MESH, info("a.b"), setting("a.b", state="grace", until=TODAY))
    assert (grace.state, grace.blocking) == (State.GRACE, False)
    assert grace.standing == "not yet, from the day after 2026-06-01 on"
    over = one(MESH, info("a.b"), setting("a.b", state="grace", until=date(2026, 5, 31)))
    assert (over.state, over.blocking) == (State.ENABLED, True)
    assert over.standing == "yes, since its grace ended on 2026-05-31"


def test_grace_without_an_end_and_an_end_without_grace_are_findings() -> None:
    [endless] = findings(MESH, info("a.b"), setting("a.b", state="grace"))
    assert (endless.code, endless.message) == ("policy.until", "the grace of `a.b` has no end")
    [idle] = findings(MESH, info("a.b"), setting("a.b", until=TODAY))
    assert idle.message == "`a.b` is not in grace, but has an end of it"
    assert (idle.place, idle.blocking) == (HERE, True)


def test_an_unknown_policy_is_a_finding_with_a_suggestion() -> None:
    rules, [found] = in_force(
        [(MESH, info("column.described"))], [setting("colum.described")], TODAY
    )
    assert (found.code, found.message) == (
        "policy.unknown",
        "no policy is called `colum.described`",
    )
    assert (found.place, found.fix) == (HERE, "did you mean `column.described`?")
    assert [rule.code for rule in rules] == ["column.described"]


def test_an_unknown_parameter_is_a_finding_and_the_policy_cannot_be_run() -> None:
    (rule,), [found] = in_force([(MESH, info("a.b"))], [setting("a.b", {"shar": 1})], TODAY)
    assert found.code == "policy.unknown-parameter"
    assert (found.message, found.fix) == (
        "`a.b` has no parameter `shar`",
        "did you mean `share`?",
    )
    assert rule.problem == found.message


def test_a_parameter_of_the_wrong_type_is_a_finding() -> None:
    for value in ("0.9", True, None, [1]):
        [found] = findings(MESH, info("a.b"), setting("a.b", {"share": value}))
        assert (found.code, found.fix) == ("policy.parameter", "write a value like 0.9"), value
    [found] = findings(MESH, info("a.b"), setting("a.b", {"words": "x"}))
    assert found.fix == 'write a value like ["a"]'


def test_a_domain_may_add_a_policy_but_not_take_the_code_of_another() -> None:
    known = [
        (PLATFORM, info("a.b")),
        (SALES, info("a.b", place=Place("domains/sales/policies.py", 9))),
    ]
    rules, [found] = in_force(known, [], TODAY)
    assert [rule.source for rule in rules] == [PLATFORM]
    assert (found.code, found.place) == (
        "policy.duplicate-code",
        Place("domains/sales/policies.py", 9),
    )
    assert found.message == "`a.b` is the code of another policy: x.py:3"


def test_a_domain_does_not_judge_the_whole_mesh() -> None:
    rules, [found] = in_force([(SALES, info("a.b", subject="mesh"))], [], TODAY)
    assert (rules, found.code) == ((), "policy.too-wide")
