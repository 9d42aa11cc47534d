"""What a release must show before it is published: these run at each build."""

from __future__ import annotations

from mesh_platform.errors import listed
from mesh_platform.governance.examples import a_release, level
from mesh_platform.governance.policy import Violation, policy
from mesh_platform.governance.subjects import ReleaseSubject


@policy("release.not-empty")
def release_not_empty(release: ReleaseSubject) -> Violation | None:
    """A release holds rows.

    Why: an empty table keeps most promises, and ruins every report.
    """
    if release.rows == 0:
        return Violation("the release has no row", "look whether the source was empty or cut off")
    return None


@release_not_empty.good
def _one_row() -> ReleaseSubject:
    return a_release(rows=1)


@release_not_empty.bad
def _no_row() -> ReleaseSubject:
    return a_release(rows=0)


@policy("release.rows-drop")
def release_rows_drop(release: ReleaseSubject, *, percent: float = 50.0) -> Violation | None:
    """A release does not lose too many rows against the one before.

    Why: half of the data missing overnight is an accident more often than the truth.
    """
    before = release.rows_before or 0
    if release.rows < before * (1 - percent / 100):
        return Violation(
            f"{release.rows:,} rows after {before:,}: more than {percent:g} percent are gone",
            "look at the source; if it is true, ask for a waiver",
        )
    return None


@release_rows_drop.good
def _a_few_less() -> ReleaseSubject:
    return a_release(rows=60, rows_before=100)


@release_rows_drop.good
def _the_first() -> ReleaseSubject:
    return a_release(rows=60, rows_before=None, at_before=None)


@release_rows_drop.bad
def _most_are_gone() -> ReleaseSubject:
    return a_release(rows=40, rows_before=100)


@policy("release.checks-ran")
def release_checks_ran(release: ReleaseSubject) -> Violation | None:
    """Every check of a release could run.

    Why: a check that could not run says nothing, and is easily taken for a good sign.
    """
    missing = [check.name for check in release.checks if check.outcome == "could_not_run"]
    if missing:
        return Violation(
            f"{len(missing)} check(s) could not run: {listed(missing)}",
            "correct the rule, or remove what cannot be measured",
        )
    return None


@release_checks_ran.good
def _all_ran() -> ReleaseSubject:
    return a_release(checks=("passed", "warned"))


@release_checks_ran.bad
def _one_did_not() -> ReleaseSubject:
    return a_release(checks=("passed", "could_not_run"))


@policy("release.on-time", severity="warning")
def release_on_time(release: ReleaseSubject, *, tolerance: float = 1.5) -> Violation | None:
    """A release comes as soon after the one before as its frequency promises.

    Why: consumers plan by the promise, and notice a gap when it is too late.
    """
    promised = release.port.days("frequency")
    if promised is None or release.at_before is None:
        return None
    passed = (release.at - release.at_before).total_seconds() / 86400
    if passed > promised * tolerance:
        return Violation(
            f"{passed:.1f} days after the release before; {promised:g} are promised",
            "look why builds were late or failed, or promise another `frequency`",
        )
    return None


@release_on_time.good
def _a_day_later() -> ReleaseSubject:
    return a_release(days_since_last=1, levels=(level("frequency", 1, "d"),))


@release_on_time.bad
def _a_week_later() -> ReleaseSubject:
    return a_release(days_since_last=7, levels=(level("frequency", 1, "d"),))
