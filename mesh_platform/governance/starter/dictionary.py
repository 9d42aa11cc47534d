"""One name, one meaning, in every domain: the dictionary of `mesh.yaml`."""

from __future__ import annotations

from mesh_platform.governance.examples import Around, a_column
from mesh_platform.governance.policy import Violation, policy
from mesh_platform.governance.subjects import ColumnSubject
from mesh_platform.model.settings import Term

_CARRIER = Around(
    dictionary={
        "carrier": Term(type="string", physical_type="VARCHAR", meaning="Code of an airline."),
        "distance": Term(type="integer", unit="mi", meaning="Between two airports."),
    }
)


@policy("column.harmonized-type")
def column_harmonized_type(column: ColumnSubject) -> Violation | None:
    """A column of a name in the dictionary has the type that stands there.

    Why: what has one name and two types does not join.
    """
    term, own = column.term, column.column
    if term is None:
        return None
    wanted = [("logicalType", term.type, own.logical_type)]
    if term.physical_type:
        wanted.append(("physicalType", term.physical_type, own.physical_type))
    for key, want, have in wanted:
        if want != have:
            return Violation(
                f"column `{column.path}` is {have} here, and {want} by the dictionary: "
                f"{term.meaning}",
                f"write `{key}: {want}`, or give the column a name of its own",
            )
    return None


@column_harmonized_type.good
def _as_in_the_dictionary() -> ColumnSubject:
    return a_column("carrier", _CARRIER, physical_type="VARCHAR")


@column_harmonized_type.good
def _not_in_the_dictionary() -> ColumnSubject:
    return a_column("amount", _CARRIER, physical_type="DOUBLE")


@column_harmonized_type.bad
def _a_number() -> ColumnSubject:
    return a_column("carrier", _CARRIER, logical_type="integer", physical_type="INTEGER")


@policy("column.harmonized-unit")
def column_harmonized_unit(column: ColumnSubject) -> Violation | None:
    """A column of a name in the dictionary is counted in the unit that stands there.

    Why: miles added to kilometres give a number that looks right.
    """
    wanted = column.term.unit if column.term else None
    unit = column.column.custom.get("unit")
    if wanted is not None and unit != wanted:
        said = f"in {unit}" if unit else "in no unit that is named"
        entry = f"`{{property: unit, value: {wanted}}}` under its `customProperties`"
        return Violation(
            f"column `{column.path}` is counted {said}, and in {wanted} by the dictionary of the"
            " mesh",
            f"if it is in {wanted}, say so: {entry}; else offer it under a name of its own",
        )
    return None


@column_harmonized_unit.good
def _the_same_unit() -> ColumnSubject:
    return a_column("distance", _CARRIER, custom={"unit": "mi"})


@column_harmonized_unit.bad
def _another_unit() -> ColumnSubject:
    return a_column("distance", _CARRIER, custom={"unit": "km"})


@column_harmonized_unit.bad
def _no_unit() -> ColumnSubject:
    return a_column("distance", _CARRIER)


@policy("column.shared-key", severity="warning")
def column_shared_key(column: ColumnSubject) -> Violation | None:
    """A key that several domains use stands in the dictionary.

    Why: domains meet at shared keys; there a difference in meaning hurts most.
    """
    domains = column.mesh.key_domains.get(column.name, frozenset())
    if column.is_key and len(domains) > 1 and column.term is None:
        return Violation(
            f"`{column.name}` is a key in {', '.join(sorted(domains))}, and not in the dictionary",
            f"agree on it, and add `{column.name}: {{type: …, meaning: …}}` "
            "to `dictionary` in mesh.yaml",
        )
    return None


@column_shared_key.good
def _the_key_of_one_domain() -> ColumnSubject:
    return a_column("order_id", key=True)


@column_shared_key.good
def _a_shared_key_that_is_agreed() -> ColumnSubject:
    around = Around(dictionary=_CARRIER.dictionary, other_keys=("carrier",))
    return a_column("carrier", around, key=True)


@column_shared_key.bad
def _a_shared_key() -> ColumnSubject:
    return a_column("customer_id", Around(other_keys=("customer_id",)), key=True)
