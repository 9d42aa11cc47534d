"""Waivers are exceptions: dated, and not for ever."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from mesh_platform.governance.examples import Around, a_domain, waiver
from mesh_platform.governance.policy import Violation, policy
from mesh_platform.governance.subjects import DomainSubject


@policy("waiver.too-long", severity="warning")
def waiver_too_long(domain: DomainSubject, *, days: int = 180) -> Iterator[Violation]:
    """A waiver ends within half a year.

    Why: an exception without an end is a rule that nobody decided on.
    """
    for each in domain.waivers:
        if (each.until - domain.mesh.today).days > days:
            yield Violation(
                f"the waiver of {each} lasts until {each.until}, more than {days} days",
                "give it an earlier end, and ask again then",
                each.place,
            )


@waiver_too_long.good
def _a_few_weeks() -> DomainSubject:
    return a_domain(Around(waivers=(waiver(date(2026, 7, 1)),)))


@waiver_too_long.bad
def _for_years() -> DomainSubject:
    return a_domain(Around(waivers=(waiver(date(2030, 1, 1)),)))
