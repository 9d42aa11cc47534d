"""How well a mesh keeps its own rules: a score and a state for each product, domain, and the whole.

A measurement is what one policy says of one subject. A draft is shown and does not count; what is
waived counts as kept; what could not be judged is never kept, and says so in the state.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from mesh_platform.governance.evaluate import Measurement, Outcome, Result
from mesh_platform.governance.policy import State
from mesh_platform.governance.rules import PolicyRule
from mesh_platform.governance.subjects import Belongs, Subject, belongs
from mesh_platform.model.findings import Finding
from mesh_platform.model.mesh import Mesh

BLOCKING_WEIGHT = 3
"""What a measurement of a policy that blocks weighs, where that of a warning weighs one."""


class Scope(StrEnum):
    """What a score is about."""

    MESH = "mesh"
    DOMAIN = "domain"
    PRODUCT = "product"


class ScoreState(StrEnum):
    """The state of a scope; the worst of all its measurements."""

    COMPLIANT = "compliant"
    WITH_WAIVERS = "with_waivers"
    VIOLATING = "violating"
    COULD_NOT_RUN = "could_not_run"
    NOT_MEASURED = "not_measured"


@dataclass(frozen=True, slots=True)
class Tally:
    """How many subjects of one policy came out how, the worst of each."""

    passed: int = 0
    violated: int = 0
    waived: int = 0
    could_not_run: int = 0

    def __add__(self, other: Tally) -> Tally:
        """Both together."""
        return Tally(
            self.passed + other.passed,
            self.violated + other.violated,
            self.waived + other.waived,
            self.could_not_run + other.could_not_run,
        )

    @property
    def kept(self) -> int:
        """Subjects that keep the policy, or are excused."""
        return self.passed + self.waived

    @property
    def all(self) -> int:
        """All subjects."""
        return self.kept + self.violated + self.could_not_run


Tallies = Mapping[str, Tally]
"""What was counted, by the code of the policy."""


@dataclass(frozen=True, slots=True)
class Lost:
    """Something that could not be measured at all; without a domain it is about all of them."""

    finding: Finding
    domain: str | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """What is missing to 100 %: subjects of one policy to put right, and the points it brings."""

    rule: PolicyRule
    subjects: int
    points: float


@dataclass(frozen=True, slots=True)
class Score:
    """How one product, one domain or the mesh stands; `tallies` include those of drafts.

    `objections` are its open violations, `excused` its waived ones, `unclear` what could not run;
    drafts are in none of them.
    """

    scope: Scope
    name: str
    tallies: Tallies
    rules: Mapping[str, PolicyRule] = field(repr=False, compare=False)
    objections: tuple[Result, ...] = ()
    excused: tuple[Result, ...] = ()
    unclear: tuple[Result, ...] = ()
    lost: tuple[Lost, ...] = ()

    @property
    def percent(self) -> float | None:
        """Kept share of all weighted measurements; 100 only when all are; None without any."""
        kept, weights = self._weights()
        return kept * 1000 // weights / 10 if weights else None

    @property
    def state(self) -> ScoreState:
        """The worst of all measurements."""
        if self.unclear or self.lost:
            return ScoreState.COULD_NOT_RUN
        if self.objections:
            return ScoreState.VIOLATING
        if self.excused:
            return ScoreState.WITH_WAIVERS
        return ScoreState.COMPLIANT if self._weights()[1] else ScoreState.NOT_MEASURED

    @property
    def blocking(self) -> bool:
        """Whether a violation is open that fails `mesh check`."""
        return any(result.rule.blocking for result in self.objections)

    @property
    def total(self) -> Tally:
        """All policies together, without drafts."""
        counted = (t for code, t in self.tallies.items() if weight(self.rules[code]))
        return sum(counted, Tally())

    @property
    def steps(self) -> tuple[Step, ...]:
        """What it would take to reach 100 %, the step that brings most first."""
        weights = self._weights()[1]
        found = (
            Step(rule, open_, round(100 * weight(rule) * open_ / weights, 1))
            for code, tally in self.tallies.items()
            if (rule := self.rules[code]) and weight(rule) and (open_ := tally.all - tally.kept)
        )
        return tuple(sorted(found, key=lambda step: (-step.points, step.rule.code)))

    def _weights(self) -> tuple[int, int]:
        """Weight of what is kept, and of everything."""
        pairs = [(weight(self.rules[code]), tally) for code, tally in self.tallies.items()]
        return sum(w * t.kept for w, t in pairs), sum(w * t.all for w, t in pairs)


@dataclass(frozen=True)
class Compliance:
    """All scores of a mesh: the mesh, then each domain followed by its products."""

    scores: tuple[Score, ...]

    @property
    def mesh(self) -> Score:
        """The whole."""
        return self.scores[0]

    def score(self, scope: Scope, name: str) -> Score | None:
        """One score."""
        return self._by_name.get((scope, name))

    @cached_property
    def _by_name(self) -> dict[tuple[Scope, str], Score]:
        return {(score.scope, score.name): score for score in self.scores}


def weight(rule: PolicyRule) -> int:
    """What a measurement counts: a rule that blocks more than a warning, a draft nothing."""
    if rule.state is State.DRAFT:
        return 0
    return BLOCKING_WEIGHT if rule.blocking else 1


def comply(
    mesh: Mesh, measurements: Sequence[Measurement], lost: Iterable[Lost] = ()
) -> Compliance:
    """Score a mesh.

    Args:
        mesh: names all domains and products, also those of which nothing was measured.
        measurements: what policies said.
        lost: what could not be measured at all.
    """
    gathered = _Gathered(lost)
    for measurement in measurements:
        gathered.take(measurement)
    names = [(Scope.MESH, mesh.name)]
    for domain in mesh.domains:
        names.append((Scope.DOMAIN, domain.name))
        names += [(Scope.PRODUCT, name) for name in gathered.products_of(mesh, domain.name)]
    return Compliance(tuple(gathered.score(scope, name) for scope, name in names))


_Key = tuple[Scope, str]


class _Gathered:
    """Measurements, sorted by what they are about."""

    def __init__(self, lost: Iterable[Lost]) -> None:
        self._lost = tuple(lost)
        self._tallies: dict[_Key, dict[str, Tally]] = defaultdict(dict)
        self._results: dict[_Key, dict[Outcome, list[Result]]] = defaultdict(
            lambda: defaultdict(list)
        )
        self._rules: dict[str, PolicyRule] = {}
        self._sizes: dict[int, Counter[Belongs]] = {}

    def take(self, measurement: Measurement) -> None:
        """Add what one policy said."""
        rule = self._rules[measurement.rule.code] = measurement.rule
        for result in measurement.objections() if weight(rule) else ():
            for key in self._keys(_place(result.subject)):
                self._results[key][result.outcome].append(result)
        tallies: Counter[Belongs] = self._size(measurement.subjects).copy()
        for result in measurement.worst():
            place = _place(result.subject)
            tallies[place] -= 1
            self._add(place, rule.code, Tally(**{result.outcome.value: 1}))
        for place, passed in tallies.items():
            self._add(place, rule.code, Tally(passed))

    def score(self, scope: Scope, name: str) -> Score:
        """The score of one scope."""
        results = self._results[scope, self._name(scope, name)]
        return Score(
            scope,
            name,
            self._tallies[scope, self._name(scope, name)],
            self._rules,
            tuple(results[Outcome.VIOLATED]),
            tuple(results[Outcome.WAIVED]),
            tuple(results[Outcome.COULD_NOT_RUN]),
            tuple(lost for lost in self._lost if _concerns(lost, scope, name)),
        )

    def products_of(self, mesh: Mesh, domain: str) -> list[str]:
        """Products of a domain, also those whose files could not be read."""
        known = [str(p.name) for p in mesh.domain(domain).products]
        unread = {lost.finding.product for lost in self._lost if lost.domain == domain}
        return sorted({*known, *filter(None, unread)})

    def _size(self, subjects: Sequence[Subject]) -> Counter[Belongs]:
        """How many subjects there are where; most policies judge the very same list."""
        if id(subjects) not in self._sizes:
            self._sizes[id(subjects)] = Counter(map(_place, subjects))
        return self._sizes[id(subjects)]

    def _add(self, place: Belongs, code: str, tally: Tally) -> None:
        for key in self._keys(place):
            self._tallies[key][code] = self._tallies[key].get(code, Tally()) + tally

    def _keys(self, place: Belongs) -> Iterator[_Key]:
        """All scopes that something belongs to."""
        yield Scope.MESH, ""
        if place.domain:
            yield Scope.DOMAIN, place.domain
        if place.product:
            yield Scope.PRODUCT, place.product

    def _name(self, scope: Scope, name: str) -> str:
        return "" if scope is Scope.MESH else name


def _place(subject: Subject) -> Belongs:
    """Domain and product of a subject."""
    place = belongs(subject)
    return Belongs(place.domain, place.product)


def _concerns(lost: Lost, scope: Scope, name: str) -> bool:
    """Whether something is missing in a scope because of what was lost."""
    if scope is Scope.MESH or lost.domain is None:
        return True
    if lost.domain != name.partition("/")[0]:
        return False
    return scope is Scope.DOMAIN or lost.finding.product in (None, name)
