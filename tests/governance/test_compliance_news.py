"""Who changed: the products, the rules, the waivers, or several of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from mesh_platform.governance.compliance import ScoreState, Tally
from mesh_platform.governance.compliance_news import Entry, News, news
from mesh_platform.governance.policy_version import PolicyVersion, RuleVersion, version_of
from mesh_platform.model.settings import Term
from tests.governance.test_rules import MESH, PLATFORM, info, one, setting

RULE = RuleVersion("enabled", "error", "{}", "d")
VERSION = PolicyVersion("0.1.0", "d", "m", {"a.one": RULE, "a.two": RULE})
BEFORE = Entry(
    datetime(2026, 1, 1, tzinfo=UTC),
    90.0,
    ScoreState.VIOLATING,
    2,
    {"a.one": Tally(9, 1), "a.two": Tally(10)},
    VERSION,
)


def entry(rules: dict[str, RuleVersion] | None = None, **tallies: Tally) -> Entry:
    counted = {code.replace("_", "."): tally for code, tally in tallies.items()}
    version = replace(VERSION, rules={**VERSION.rules, **(rules or {})})
    return replace(BEFORE, tallies={**BEFORE.tallies, **counted}, version=version)


def test_the_first_entry_has_nothing_before_it() -> None:
    assert news(None, BEFORE) == News("first measured", (), ())


@pytest.mark.parametrize(
    ("after", "said"),
    [
        (entry(a_one=Tally(10)), News("the products changed", (), ("a.one: 1 → 0 open",))),
        (
            entry(a_one=Tally(9, 0, 1)),
            News("waivers changed", (), ("a.one: 1 → 0 open, 0 → 1 waived",)),
        ),
        (
            entry({"a.one": replace(RULE, severity="warning")}),
            News("the rules changed", ("a.one: enabled, error → enabled, warning",), ()),
        ),
        (
            entry({"a.one": replace(RULE, definition="e")}, a_one=Tally(5, 5)),
            News("the rules changed", ("a.one: its text was changed",), ("a.one: 1 → 5 open",)),
        ),
        (
            entry({"a.three": RULE}, a_three=Tally(2, 1)),
            News(
                "the rules changed",
                ("a.three: switched on (enabled, error)",),
                ("a.three: 0 → 1 open, 0 → 3 measured",),
            ),
        ),
        (
            entry({"a.one": replace(RULE, parameters='{"n": 1}')}, a_two=Tally(9, 1)),
            News(
                "the rules and the products changed",
                ('a.one: parameters {} → {"n": 1}',),
                ("a.two: 0 → 1 open",),
            ),
        ),
        (
            replace(entry(a_two=Tally(9, 1)), version=replace(VERSION, dictionary="e")),
            News(
                "the rules changed, perhaps the products too",
                ("the dictionary of mesh.yaml was changed",),
                ("a.two: 0 → 1 open",),
            ),
        ),
        (
            replace(BEFORE, level=3, version=replace(VERSION, maturity="n")),
            News(
                "the rules changed",
                ("the maturity model was changed",),
                ("maturity level 2 → 3",),
            ),
        ),
        (
            replace(BEFORE, level=None),
            News("the products changed", (), ("maturity level 2 → none",)),
        ),
    ],
    ids=["products", "waiver", "severity", "text", "new", "both", "dictionary", "model", "level"],
)
def test_an_entry_says_who_changed(after: Entry, said: News) -> None:
    assert news(BEFORE, after) == said


def test_a_policy_that_is_switched_off_is_named() -> None:
    off = replace(BEFORE, version=replace(VERSION, rules={"a.two": RULE}))
    assert news(BEFORE, off).rules == ("a.one: switched off",)


def test_a_version_is_the_policies_that_are_switched_on_with_their_parameters() -> None:
    on = one(PLATFORM, info("a.b", definition="d"), setting("a.b", {"share": 0.5}))
    off = one(PLATFORM, info("a.c"))
    version = version_of([on, off], {}, "model", "0.1.0")
    assert version.rules == {
        "a.b": RuleVersion("enabled", "error", '{"share": 0.5, "words": ["a"]}', "d")
    }
    assert PolicyVersion.of_json(version.json) == version


def test_a_version_is_another_when_anything_that_decides_is_another() -> None:
    def digest(definition: str = "d", model: str = "m", **terms: Term) -> str:
        return version_of([one(MESH, info("a.b", definition=definition))], terms, model, "1").digest

    term = Term(type="string", meaning="x")
    told = {digest(), digest("e"), digest(model="n"), digest(carrier=term)}
    assert len(told) == 4
    assert digest() == digest()
