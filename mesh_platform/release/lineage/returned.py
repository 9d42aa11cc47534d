"""Hold what binding tells of the columns that a model returns."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from mesh_platform.checks.types import ActualColumn
from mesh_platform.model.mesh import Port


class Lacking(NamedTuple):
    """Hold the name of a column that a model does not return, and the names of those it does."""

    name: str
    columns: tuple[str, ...]


class Returned(NamedTuple):
    """Hold what a model returns, its SQL, and whether these are all columns with all types.

    `unspelled` are columns that have the upper and lower case of a file from outside.
    """

    columns: tuple[ActualColumn, ...]
    text: str
    all_known: bool
    unspelled: frozenset[str]


def spelled_as_promised(port: Port, returned: Returned) -> Returned:
    """Return a model with the promised upper and lower case where the data decides."""
    promised = {each.name.lower(): each.name for each in port.contract.columns}
    columns = (
        replace(each, name=promised.get(each.name.lower(), each.name))
        if each.name.lower() in returned.unspelled
        else each
        for each in returned.columns
    )
    return returned._replace(columns=tuple(columns))


def of_both(port: Port, returned: Returned) -> tuple[Port, Returned]:
    """Return a port and a model with the columns that both have."""
    known = {column.name.lower() for column in returned.columns}
    columns = tuple(each for each in port.contract.columns if each.name.lower() in known)
    promised = {each.name.lower() for each in columns}
    actual = tuple(each for each in returned.columns if each.name.lower() in promised)
    contract = port.contract.model_copy(update={"columns": columns})
    return port.model_copy(update={"contract": contract}), returned._replace(columns=actual)
