"""Compare the columns of a model with the contract of its port, before anything is written."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from mesh_platform.checks.types import ActualColumn, Mismatch, mismatches, type_to_promise
from mesh_platform.errors import PromiseBrokenError, listed
from mesh_platform.lineage.sql.outputs import expression_of, is_union
from mesh_platform.model.dialect import delimiter_to_set
from mesh_platform.model.mesh import Port
from mesh_platform.model.type_text import DataType, quoted_name

_LONGEST_EXPRESSION = 80
"""Map each field separator that the name of a lone column may contain to its written form."""


def refuse_columns(
    port: Port,
    actual: tuple[ActualColumn, ...],
    query: str | None,
    way_out: str | None = None,
    told: Collection[str] = (),
) -> None:
    """Refuse a table that differs from its contract: its format would cast silently.

    Args:
        port: the port with its contract.
        actual: the columns of the model's table.
        query: the SQL of the model, where it is known.
        way_out: what to do, where something else than a cast is to be done.
        told: columns that are refused already, by their promise alone.

    Raises:
        PromiseBrokenError: a column is missing or not promised, or its type differs or is one that
            no release can hold.
    """
    found = [item for item in mismatches(port.contract, actual) if item.column not in told]
    if found:
        raise PromiseBrokenError(
            f"{port.name}: {_sentences(found)}",
            place=found[0].place,
            fix=way_out
            or delimiter_to_set([column.name for column in actual])
            or _way_out(port.contract.table, found, query or ""),
        )


def refuse_endless(port: Port, names: Sequence[str]) -> None:
    """Refuse the infinite dates and timestamps that only DuckDB has.

    Raises:
        PromiseBrokenError: there is a column with such a value.
    """
    column = next((column for column in port.contract.columns if column.name in names), None)
    if column is not None:
        raise PromiseBrokenError(
            f"{port.name}: column `{column.name}` holds `infinity`, which no engine but DuckDB"
            " reads as such",
            place=column.place,
            fix="return null, or a date that stands for it, such as 9999-12-31",
        )


def _sentences(found: list[Mismatch]) -> str:
    if len(found) == 1:
        return found[0].sentence
    return "; ".join(
        f"{item.sentence} (line {item.place.line})" if item.column else item.sentence
        for item in found
    )


def _way_out(table: str, found: list[Mismatch], query: str) -> str:
    if found[0].alone:
        return _to_promise([item for item in found if item.alone])
    if found[0].there == "promised":
        return f"return it in {table}.sql, or take it out of the contract in a new version"
    if found[0].there == "returned":
        return f"leave it out of {table}.sql, or promise it in a new version"
    if renamed := [quoted_name(item.column) for item in found if item.renamed]:
        fields = f"the fields of {listed([f'`{name}`' for name in dict.fromkeys(renamed)])}"
        return f"call {fields} in {table}.sql as promised, or promise them in a new version"
    return _casts(table, found, query)


def _casts(table: str, found: list[Mismatch], query: str) -> str:
    wanted = {item.column: item.cast for item in found if item.cast is not None}
    casts = [f"`{_cast(query, name, kind)}`" for name, kind in wanted.items()]
    if wanted and is_union(query):
        kinds = listed([f"`{quoted_name(name)}` to {kind}" for name, kind in wanted.items()])
        return (
            f"cast {kinds} in each SELECT of {table}.sql, or promise another type in a new version"
        )
    if casts:
        return f"write {listed(casts)} in {table}.sql, or promise another type in a new version"
    return f"change {table}.sql, or promise it in a new version"


def _to_promise(found: list[Mismatch]) -> str:
    ways = {item.column: type_to_promise(item) for item in found}
    if len(ways) == 1:
        return ways[found[0].column]
    return "; ".join(f"for `{column}`: {way}" for column, way in ways.items())


def _cast(query: str, column: str, kind: DataType) -> str:
    """Return the cast to write in a model, around the column's own expression if that is short."""
    name = quoted_name(column)
    written = expression_of(query, column)
    if written is None:
        written = name
    elif len(written) > _LONGEST_EXPRESSION:
        written = "…"  # a name would mean another column, or none
    return f"cast({written} as {kind}) as {name}"
