"""What changed between two measurements, and whether products or rules changed it.

A policy whose numbers moved while the policy itself stayed the same tells of products, their
releases or their waivers. One that was switched on, off or rewritten tells of the rules.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from mesh_platform.governance.compliance import ScoreState, Tallies, Tally
from mesh_platform.governance.policy_version import GENERAL, PolicyVersion, differences

_NUMBERS = {"violated": "open", "waived": "waived", "could_not_run": "could not run"}


@dataclass(frozen=True, slots=True)
class Entry:
    """How a scope stood at a moment, as it was kept."""

    at: datetime
    score: float | None
    state: ScoreState
    level: int | None
    tallies: Tallies
    version: PolicyVersion
    commit: str | None = None


@dataclass(frozen=True, slots=True)
class News:
    """What an entry says that the one before did not.

    `cause` is the one word that people ask for: who changed. `rules` and `numbers` are sentences.
    """

    cause: str
    rules: tuple[str, ...]
    numbers: tuple[str, ...]


def news(before: Entry | None, after: Entry) -> News:
    """Compare an entry with the one before it."""
    if before is None:
        return News("first measured", (), ())
    rules = differences(before.version, after.version)
    moved = {
        code
        for code in {*before.tallies, *after.tallies}
        if before.tallies.get(code) != after.tallies.get(code)
    }
    return News(
        _cause(before, after, set(rules), moved),
        tuple(rules.values()),
        tuple(_numbers(before, after, moved)),
    )


def _cause(before: Entry, after: Entry, rules: set[str], moved: set[str]) -> str:
    unexplained = moved - rules
    if rules & set(GENERAL) and unexplained:
        return "the rules changed, perhaps the products too"
    if rules and unexplained:
        return "the rules and the products changed"
    if rules:
        return "the rules changed"
    if moved and all(_only_excused(before, after, code) for code in moved):
        return "waivers changed"
    return "the products changed"


def _only_excused(before: Entry, after: Entry, code: str) -> bool:
    """Whether what was open is excused now, or the other way round, and nothing else happened."""
    one, two = before.tallies.get(code, Tally()), after.tallies.get(code, Tally())
    same = (one.passed, one.could_not_run) == (two.passed, two.could_not_run)
    return same and one.violated + one.waived == two.violated + two.waived


def _numbers(before: Entry, after: Entry, moved: set[str]) -> Iterator[str]:
    for code in sorted(moved):
        one, two = before.tallies.get(code, Tally()), after.tallies.get(code, Tally())
        told = [
            f"{getattr(one, name)} → {getattr(two, name)} {word}"
            for name, word in _NUMBERS.items()
            if getattr(one, name) != getattr(two, name)
        ]
        if one.all != two.all:
            told.append(f"{one.all} → {two.all} measured")
        yield f"{code}: {', '.join(told)}"
    if before.level != after.level:
        yield f"maturity level {_level(before.level)} → {_level(after.level)}"


def _level(level: int | None) -> str:
    return "none" if level is None else str(level)
