"""The values of a frozen picture of compliance: plain words and numbers, ready to be shown.

Text, JSON and the page show the same picture; nothing in it needs the mesh, a policy or a database.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Owner:
    """Who must act."""

    team: str
    email: str | None = None


@dataclass(frozen=True, slots=True)
class StepPicture:
    """What is missing to 100 %: how often, and the points it brings."""

    code: str
    subjects: int
    points: float


@dataclass(frozen=True, slots=True)
class Growth:
    """The level of maturity of a product, and what the next one asks for."""

    level: int
    name: str
    cap: str | None
    next_level: int | None
    next_steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ScorePicture:
    """How one scope stands; `level` of a domain or mesh is the lowest of its products."""

    scope: str
    name: str
    score: float | None
    state: str
    blocking: bool
    level: int | None
    maturity: Growth | None
    owner: Owner
    passed: int
    violated: int
    waived: int
    could_not_run: int
    violations: int
    steps: tuple[StepPicture, ...]


@dataclass(frozen=True, slots=True)
class ViolationPicture:
    """Something that is not as a policy asks; `where` names product, port and column."""

    code: str
    product: str | None
    where: str
    message: str
    fix: str | None
    file: str
    line: int | None
    blocking: bool
    standing: str
    owner: Owner
    waiver: str | None


@dataclass(frozen=True, slots=True)
class WaiverPicture:
    """Something that is not as a policy asks, and that somebody has allowed until a day."""

    code: str
    product: str | None
    where: str
    message: str
    reason: str
    approver: str
    until: str
    days: int
    soon: bool
    owner: Owner


@dataclass(frozen=True, slots=True)
class UnclearPicture:
    """What could not be measured, and why."""

    code: str
    where: str
    message: str
    file: str
    line: int | None
    fix: str | None


@dataclass(frozen=True, slots=True)
class NotePicture:
    """What is wrong with a waiver."""

    code: str
    message: str
    file: str
    line: int | None
    fix: str | None


@dataclass(frozen=True, slots=True)
class PolicyPicture:
    """A policy that is switched on, and how it is kept; with a weight of 0 it does not count."""

    code: str
    description: str
    why: str
    owner: str
    state: str
    severity: str
    standing: str
    blocking: bool
    weight: int
    passed: int
    violated: int
    waived: int
    could_not_run: int


@dataclass(frozen=True, slots=True)
class LevelPicture:
    """A level of maturity, what it asks for, and who has reached it and no more."""

    level: int
    name: str
    description: str
    criteria: tuple[str, ...]
    products: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EntryPicture:
    """What was remembered, and what it says that the entry before did not."""

    at: str
    score: float | None
    state: str
    level: int | None
    policy_version: str
    commit: str | None
    cause: str
    rules: tuple[str, ...]
    numbers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All of it; `outcome` is `passed`, `failed` or `could_not_run`, as everywhere."""

    mesh: str
    description: str
    at: str
    environment: str
    commit: str | None
    policy_version: str
    outcome: str
    scores: tuple[ScorePicture, ...]
    violations: tuple[ViolationPicture, ...]
    waivers: tuple[WaiverPicture, ...]
    unclear: tuple[UnclearPicture, ...]
    notes: tuple[NotePicture, ...]
    policies: tuple[PolicyPicture, ...]
    levels: tuple[LevelPicture, ...]
    history: tuple[EntryPicture, ...]
