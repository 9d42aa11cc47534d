"""What a change of a promise must bring with it: these run when a change is planned."""

from __future__ import annotations

from mesh_platform.governance.examples import a_change
from mesh_platform.governance.policy import Violation, policy
from mesh_platform.governance.subjects import ChangeSubject

_READ = ("finance/report",)


@policy("change.version-bumped")
def change_version_bumped(change: ChangeSubject) -> Violation | None:
    """A change of what was released raises the version by as much as it weighs.

    Why: the version is the one number that every consumer looks at.
    """
    if not change.bumped:
        return Violation(
            f"{change.message}: a {change.level} change, and the version is "
            f"{change.after} after {change.before}",
            f"raise the {change.level} number of the version",
        )
    return None


@change_version_bumped.good
def _minor_for_minor() -> ChangeSubject:
    return a_change("minor", before="1.0.0", version="1.1.0")


@change_version_bumped.good
def _major_for_minor() -> ChangeSubject:
    return a_change("minor", before="1.4.0", version="2.0.0")


@change_version_bumped.bad
def _patch_for_minor() -> ChangeSubject:
    return a_change("minor", before="1.0.0", version="1.0.1")


@change_version_bumped.bad
def _nothing_for_patch() -> ChangeSubject:
    return a_change("patch", before="1.0.0", version="1.0.0")


@policy("change.major-agreed")
def change_major_agreed(change: ChangeSubject) -> Violation | None:
    """What breaks consumers comes beside the old major, or each of them has agreed.

    Why: a consumer that breaks without a word stops trusting every port.
    """
    asked = [name for name in change.consumers if name not in change.acknowledged]
    if change.level == "major" and asked and not change.kept_beside:
        return Violation(
            f"{change.message}: it breaks {', '.join(asked[:5])}",
            "offer the new major beside the old one, or have each consumer acknowledge it",
        )
    return None


@change_major_agreed.good
def _nobody_reads_it() -> ChangeSubject:
    return a_change("major")


@change_major_agreed.good
def _beside_the_old_one() -> ChangeSubject:
    return a_change("major", kept_beside=True, consumers=_READ)


@change_major_agreed.good
def _all_have_agreed() -> ChangeSubject:
    return a_change("major", acknowledged=_READ, consumers=_READ)


@change_major_agreed.bad
def _a_consumer_breaks() -> ChangeSubject:
    return a_change("major", consumers=_READ)
