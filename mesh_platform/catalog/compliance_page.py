"""Compliance as one page for a browser: words, tables and a small drawing, nothing from outside.

It knows the frozen picture and nothing else; everything in it is escaped by the template.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib import resources
from itertools import groupby
from typing import Any

from markupsafe import Markup, escape

from mesh_platform import catalog
from mesh_platform.catalog.compliance_pictures import (
    EntryPicture,
    PolicyPicture,
    ScorePicture,
    Snapshot,
    ViolationPicture,
)

_TEMPLATE = "compliance.html"
_STATES = {
    "compliant": ("✓", "keeps all rules"),
    "with_waivers": ("◐", "keeps rules, with exceptions"),
    "violating": ("!", "has open violations"),
    "blocked": ("✗", "has blocking violations"),
    "could_not_run": ("?", "could not be measured"),
    "not_measured": ("·", "nothing is measured"),
}
_MOST = 50
"""Violations of one policy that are listed; a page of thousands is read by nobody."""
_WIDTH, _HEIGHT = 640.0, 150.0
_LEFT, _TOP, _BOTTOM = 64.0, 12.0, 26.0


@dataclass(frozen=True, slots=True)
class Look:
    """A state as it is shown: never by colour alone."""

    key: str
    sign: str
    words: str


@dataclass(frozen=True, slots=True)
class Point:
    """An entry of the history in the drawing; `rules` says that the rules changed with it."""

    x: float
    y: float
    rules: bool
    says: str


@dataclass(frozen=True, slots=True)
class Trend:
    """The score over time; it holds until the next entry, so the line goes in steps."""

    points: tuple[Point, ...]
    line: str
    low: int
    first: str
    last: str
    says: str


def page(shown: Snapshot) -> str:
    """Write the page."""
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {
        "percent": _percent,
        "minute": _minute,
        "short": _short,
        "ticks": _ticks,
        "breaks": _breaks,
    }
    text = (resources.files(catalog) / _TEMPLATE).read_text(encoding="utf-8")
    return environment.from_string(text).render(**_view(shown))


def _view(shown: Snapshot) -> Mapping[str, Any]:
    policies = {policy.code: policy for policy in shown.policies}
    return {
        "s": shown,
        "first": shown.scores[0],
        "looks": {_key(score): _look(score) for score in shown.scores},
        "states": {key: Look(key, *words) for key, words in _STATES.items()},
        "groups": list(_groups(shown.scores)),
        "open": list(_by_policy(shown.violations, policies)),
        "blocking": sum(each.blocking for each in shown.violations),
        "soon": sum(each.soon for each in shown.waivers),
        "policies": _by_topic(shown.policies),
        "trend": trend(shown.history, shown.at),
        "levels": {level.level: level for level in shown.levels},
        "key": _key,
        "most": _MOST,
    }


def _key(score: ScorePicture) -> str:
    return f"{score.scope} {score.name}"


def _look(score: ScorePicture) -> Look:
    blocked = score.state == "violating" and score.blocking
    key = "blocked" if blocked else score.state
    return Look(key, *_STATES[key])


def _groups(scores: Sequence[ScorePicture]) -> Iterator[list[ScorePicture]]:
    """A domain with its products, or products that stand alone; without the mesh."""
    inside = [score for score in scores if score.scope != "mesh"]
    for _, group in groupby(inside, key=lambda score: score.name.partition("/")[0]):
        yield list(group)


def _by_policy(
    violations: Iterable[ViolationPicture], policies: Mapping[str, PolicyPicture]
) -> Iterator[tuple[PolicyPicture, list[ViolationPicture]]]:
    for code, group in groupby(violations, key=lambda each: each.code):
        yield policies[code], list(group)


def _by_topic(policies: Iterable[PolicyPicture]) -> list[tuple[str, list[PolicyPicture]]]:
    """Policies of one topic together: the word before the point of the code."""
    in_order = sorted(policies, key=lambda policy: policy.code)
    topics = groupby(in_order, key=lambda policy: policy.code.partition(".")[0])
    return [(topic, list(found)) for topic, found in topics]


def trend(history: Sequence[EntryPicture], now: str) -> Trend | None:
    """Lay out the history, oldest left; None where there is nothing to compare."""
    kept = [entry for entry in reversed(history) if entry.score is not None]
    if len(kept) < 2:
        return None
    scores = [entry.score or 0.0 for entry in kept]
    low = max(0, int(min(scores) // 5) * 5 - 5)
    start = datetime.fromisoformat(kept[0].at)
    whole = max((datetime.fromisoformat(now) - start).total_seconds(), 1.0)
    points = tuple(_point(entry, start, whole, low) for entry in kept)
    says = f"from {scores[0]:.1f} % on {_day(kept[0].at)} to {scores[-1]:.1f} % on {_day(now)}"
    return Trend(points, _line(points), low, _day(kept[0].at), _day(now), says)


def _point(entry: EntryPicture, start: datetime, whole: float, low: int) -> Point:
    seconds = (datetime.fromisoformat(entry.at) - start).total_seconds()
    score = entry.score or 0.0
    share = (100 - score) / (100 - low)
    return Point(
        round(_LEFT + (_WIDTH - _LEFT - 8) * min(seconds / whole, 1.0), 1),
        round(_TOP + (_HEIGHT - _TOP - _BOTTOM) * share, 1),
        bool(entry.rules),
        f"{_minute(entry.at)}: {score:.1f} %, {entry.cause}",
    )


def _line(points: Sequence[Point]) -> str:
    """A path that goes on level until the next point, and on to today."""
    first, *others = points
    steps = [f"M{first.x} {first.y}", *(f"H{p.x} V{p.y}" for p in others), f"H{_WIDTH - 8}"]
    return " ".join(steps)


def _ticks(text: str) -> Markup:
    """Words with what stands between backticks as code; all of it escaped before."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704


def _breaks(text: str) -> Markup:
    """A name that a line may break after each part of it; escaped before."""
    return Markup(re.sub(r"([/_])", r"\1<wbr>", str(escape(text))))  # noqa: S704


def _percent(score: float | None) -> str:
    return "not measured" if score is None else f"{score:.1f} %"


def _day(moment: str) -> str:
    return moment[:10]


def _minute(moment: str) -> str:
    return moment[:16].replace("T", " ")


def _short(digest: str | None) -> str:
    return "" if digest is None else digest[:10] + ("+" if digest.endswith("+") else "")
