"""What may be seen by whom, and for how long it is kept."""

from __future__ import annotations

from mesh_platform.contract_diff.terms import MASKING, PERSONAL, custom
from mesh_platform.governance.examples import a_column, a_port, level
from mesh_platform.governance.policy import Violation, policy
from mesh_platform.governance.subjects import ColumnSubject, PortSubject


@policy("column.classified")
def column_classified(
    column: ColumnSubject,
    *,
    words: tuple[str, ...] = ("public", "internal", "confidential", "restricted"),
) -> Violation | None:
    """Each column says how sensitive it is, in one of the agreed words.

    Why: who may read it is decided by this word; without one it is decided by chance.
    """
    said = column.column.classification
    if said not in words:
        return Violation(
            f"column `{column.path}` is classified as `{said}`"
            if said
            else f"column `{column.path}` has no classification",
            f"write `classification:` with one of {', '.join(words)}",
        )
    return None


@column_classified.good
def _public() -> ColumnSubject:
    return a_column(classification="public")


@column_classified.bad
def _unclassified() -> ColumnSubject:
    return a_column(classification=None)


@column_classified.bad
def _in_a_word_of_its_own() -> ColumnSubject:
    return a_column(classification="top secret")


@policy("column.personal-data-masked")
def column_personal_data_masked(
    column: ColumnSubject, *, classifications: tuple[str, ...] = ("personal", "restricted")
) -> Violation | None:
    """Personal data says how it is masked for those who may not see it.

    A column is personal by its classification, or by `personalData`, which may name the kind of
    data. Words such as `none` or `false` say that it is not, and are no masking rule.

    Why: the law asks for it, and a mask cannot be added after the data was read.
    """
    own = column.column
    personal = own.classification in classifications or custom(own.custom, PERSONAL) is not None
    masking = custom(own.custom, MASKING)
    if personal and masking in (None, True, "true", "yes"):
        return Violation(
            f"column `{column.path}` holds personal data and has no masking rule",
            "add `customProperties: [{property: masking, value: hash}]`, or `redact`, or whatever "
            "is done to its values",
        )
    return None


@column_personal_data_masked.good
def _not_personal() -> ColumnSubject:
    return a_column("amount")


@column_personal_data_masked.good
def _said_not_to_be_personal() -> ColumnSubject:
    return a_column("amount", custom={"personalData": "none"})


@column_personal_data_masked.good
def _masked() -> ColumnSubject:
    return a_column("email", classification="restricted", custom={"masking": "hash"})


@column_personal_data_masked.good
def _of_a_kind_and_masked() -> ColumnSubject:
    return a_column("plate", custom={"personalData": "registration", "masking": "redact"})


@column_personal_data_masked.bad
def _restricted_and_bare() -> ColumnSubject:
    return a_column("email", classification="restricted")


@column_personal_data_masked.bad
def _marked_as_personal_and_bare() -> ColumnSubject:
    return a_column("email", custom={"personalData": True})


@column_personal_data_masked.bad
def _of_a_kind_and_bare() -> ColumnSubject:
    return a_column("plate", custom={"personalData": "registration"})


@column_personal_data_masked.bad
def _with_a_mask_called_none() -> ColumnSubject:
    return a_column("email", custom={"personalData": True, "masking": "None"})


@column_personal_data_masked.bad
def _with_an_empty_mask() -> ColumnSubject:
    return a_column("email", classification="restricted", custom={"masking": ""})


@column_personal_data_masked.bad
def _masked_but_nobody_says_how() -> ColumnSubject:
    return a_column("email", classification="restricted", custom={"masking": True})


@policy("port.retention")
def port_retention(port: PortSubject, *, most_days: int = 3650) -> Violation | None:
    """A contract says how long releases are kept, and that is not for ever.

    Why: what nobody decided to keep is kept for ever, at a cost and a risk.
    """
    days = port.days("retention")
    if days is None or days > most_days:
        said = f"{days:g} days" if days is not None else "no time that can be counted"
        return Violation(
            f"`{port.name}` keeps releases for {said}",
            f"write `{{property: retention, value: {min(30, most_days)}, unit: d}}` in"
            f" `slaProperties`, at most {most_days} days",
        )
    return None


@port_retention.good
def _a_month() -> PortSubject:
    return a_port(service_levels=(level("retention", 30, "d"),))


@port_retention.bad
def _for_ever() -> PortSubject:
    return a_port(service_levels=())


@port_retention.bad(most_days=30)
def _longer_than_allowed() -> PortSubject:
    return a_port(service_levels=(level("retention", 1, "y"),))
