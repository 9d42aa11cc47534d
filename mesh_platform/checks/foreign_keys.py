"""Make checks of relationships, and find the table that each of them points at.

Which tables there are is known only to who reads the whole mesh: `with_parent` is told.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import replace

from mesh_platform.checks.promises import promise
from mesh_platform.checks.spec import CheckSpec, Kind, Parent
from mesh_platform.checks.targets import Target, all_targets, top_targets
from mesh_platform.errors import Place, did_you_mean
from mesh_platform.model.contract import Column, Contract
from mesh_platform.model.relationships import Reference, Relationship

Relation = tuple[str, str]
OWN: Relation = ("main", "port")
"""Where SQL finds the port that is being checked."""
PREVIOUS: Relation = ("main", "previous")
"""Where SQL finds the port in the release that was current when this one was built."""


def column_keys(target: Target) -> Iterator[CheckSpec]:
    """Yield the foreign keys that are written at their column."""
    for relationship in target.column.relationships:
        yield _spec((target,), relationship, None)


def table_keys(contract: Contract) -> Iterator[CheckSpec]:
    """Yield the foreign keys that are written at the table."""
    for relationship in contract.relationships:
        found = [_source(contract, reference) for reference in relationship.source]
        targets = tuple(target for target in found if isinstance(target, Target))
        problems = [said for said in found if isinstance(said, str)]
        yield _spec(
            targets or top_targets(contract)[:1], relationship, problems[0] if problems else None
        )


def with_parent(
    spec: CheckSpec, contract: Contract, readable: Mapping[Relation, Contract]
) -> CheckSpec:
    """Point a foreign key at a table that can be read, or say why there is none.

    Args:
        spec: the check.
        contract: the promise it comes from.
        readable: contracts of the ports that the run can read, by schema and view.
    """
    if spec.reason:
        return spec
    parents, keys = set[Relation](), list[tuple[str, ...]]()
    for reference in spec.references:
        found = _parent(reference, contract, readable)
        if isinstance(found, str):
            return replace(spec, reason=found)
        parents.add(found[0])
        keys.append(found[1])
    if len(parents) > 1:
        return replace(spec, reason="the columns of one key must belong to one table")
    return replace(spec, parent=Parent(parents.pop(), tuple(keys)))


def _spec(
    targets: tuple[Target, ...], relationship: Relationship, problem: str | None
) -> CheckSpec:
    shown = ", ".join(reference.text for reference in relationship.target)
    name = "_".join([*(target.stem for target in targets), "foreign_key"])
    said = f"{', '.join(map(str, targets))} is one of {shown}."
    spec = promise(name, Kind.FOREIGN_KEY, targets, "consistency", said)
    if problem is None and len(targets) != len(relationship.target):
        problem = f"{len(targets)} and {len(relationship.target)} columns cannot be compared"
    if problem is None and len(targets) > 1 and any(target.many for target in targets):
        problem = "a key of several columns cannot be compared inside a list"
    return replace(spec, place=relationship.place, references=relationship.target, reason=problem)


def _source(contract: Contract, reference: Reference) -> Target | str:
    if not _is_of(contract, reference):
        return f"`from: {reference.text}` is not a column of this contract's table"
    return _column(contract, reference, reference.parts[1:])


def _is_of(contract: Contract, reference: Reference) -> bool:
    names = (contract.table_id,) if reference.by_id and contract.table_id else contract.table_names
    return reference.file is None and reference.parts[0] in names


def _parent(
    reference: Reference, contract: Contract, readable: Mapping[Relation, Contract]
) -> tuple[Relation, tuple[str, ...]] | str:
    """Return the table and field that a reference means, or what is wrong with it."""
    if _is_of(contract, reference):
        found = {OWN: reference.parts[1:]}
    else:
        found = _matching(reference, contract.place, readable)
    if not found:
        return (
            f"`{reference.text}` is in no table that the product can read; "
            "add its port to `inputPorts`, or correct the reference"
        )
    if len(found) > 1:
        names = " and ".join(".".join(relation) for relation in found)
        return f"`{reference.text}` may mean {names}; write `<domain>.<port>.<column>`"
    ((relation, parts),) = found.items()
    target = _column(contract if relation == OWN else readable[relation], reference, parts)
    if isinstance(target, str):
        return target
    if target.many:
        return f"`{reference.text}` is inside a list, which cannot hold the keys of a table"
    return relation, tuple(map(str, target.steps))


def _matching(
    reference: Reference, place: Place, readable: Mapping[Relation, Contract]
) -> dict[Relation, tuple[str, ...]]:
    """Return the readable tables that a reference may mean, with what it says inside them.

    A port in full comes before a port by its name alone, and that before the name of a table in a
    contract, which all majors of a port share.
    """
    parts = reference.parts
    if reference.by_id:
        return {
            relation: parts[1:]
            for relation, other in readable.items()
            if _is_file(reference.file, place, other.place) and _named(other, parts[0])
        }
    if len(parts) > 2 and (whole := parts[:2]) in readable:
        return {(whole[0], whole[1]): parts[2:]}
    ports = {relation: parts[1:] for relation in readable if relation[1] == parts[0]}
    return ports or {
        relation: parts[1:] for relation, other in readable.items() if parts[0] in other.table_names
    }


def _named(contract: Contract, head: str) -> bool:
    return head in (contract.table_id, *contract.table_names)


def _is_file(file: str | None, place: Place, other: Place) -> bool:
    """Tell whether a path, from the contract or from the mesh's root, is that other contract."""
    if file is None:
        return False
    beside = posixpath.normpath(posixpath.join(posixpath.dirname(place.file), file))
    return other.file in (beside, posixpath.normpath(file).lstrip("/"))


def _column(contract: Contract, reference: Reference, parts: tuple[str, ...]) -> Target | str:
    """Follow names or ids from a table to a column inside it."""
    choices, found = list(top_targets(contract)), None
    for part in parts:
        found = next((t for t in choices if _is_called(t.column, part, reference.by_id)), None)
        if found is None:
            break
        choices = _inside(found)
    if found is not None:
        return found
    known = did_you_mean(".".join(parts), map(str, all_targets(contract)))
    return f"`{reference.text}` names no column of `{contract.id}`; {known}"


def _inside(target: Target) -> list[Target]:
    """Return the columns one name further in; an array stands for its items."""
    children = list(target.children())
    if target.column.items is not None:
        children += _inside(children[-1])
    return children


def _is_called(column: Column, part: str, by_id: bool) -> bool:
    if by_id and column.id is not None:
        return column.id == part
    return part in (column.logical_name, column.name)
