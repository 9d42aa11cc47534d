"""Column lineage of one model: for each column of its SELECT, what it comes from.

What cannot be read or resolved is a doubt that stays with the columns it concerns; no column is
said to depend on nothing because the text was not understood.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sqlglot import exp
from sqlglot.errors import ParseError, SqlglotError

from mesh_platform.checks.sql_rules import first_line
from mesh_platform.lineage.sql.calls import with_all_arguments
from mesh_platform.lineage.sql.queries import read_query
from mesh_platform.lineage.sql.scope import FindTable, Reading, Scope
from mesh_platform.lineage.sql.sources import Column, Doubt, Relation, Sources, Table, union
from mesh_platform.model.sql_text import parsed


@dataclass(frozen=True)
class ModelLineage:
    """Hold what a model returns and reads.

    Args:
        name: of the model.
        relation: its columns, in terms of the tables at which lineage ends.
        texts: its SQL; none where that is not known.
        mentioned: columns that its SQL names: it fails without them.
        tables: that it reads, models included.
        outside: functions by which it reads what is no table.
        doubts: what could not be understood.
        missing: names in its SQL that mean nothing, each with the tables that lack such a column.
        unread: whether that is all of it, so that it may read more than is named here.
    """

    name: str
    relation: Relation
    texts: tuple[str, ...] = ()
    mentioned: frozenset[Column] = frozenset()
    tables: tuple[Table, ...] = ()
    outside: tuple[str, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    missing: Mapping[tuple[str, ...], frozenset[Table]] = field(default_factory=dict)
    unread: bool = False

    def column(self, name: str) -> Sources:
        """Return what one of its columns comes from; the rows of the model included."""
        relation = self.relation
        found = relation.find(name.lower()) or relation.suppose(name.lower())
        if found is None:
            found = Sources(doubts=frozenset((self.lacks(name),)))
        return union((found, relation.rows))

    def lacks(self, name: str) -> Doubt:
        """The doubt about a column that it does not return."""
        return Doubt(self.name, f"the model does not return a column `{name}`")


def model_lineage(model: str, texts: Iterable[str], find_table: FindTable) -> ModelLineage:
    """Read the SQL of a model.

    Args:
        model: its name.
        texts: its SQL; several where it differs from run to run.
        find_table: what is known of a table by the parts of its name.
    """
    reading, read = Reading(model, find_table, read_query), tuple(texts)
    relations = [_relation(text, reading) for text in read]
    return ModelLineage(
        name=model,
        relation=relations[0] if len(relations) == 1 else _either(relations),
        texts=read,
        mentioned=frozenset(reading.mentioned),
        tables=tuple(reading.tables),
        outside=tuple(reading.outside),
        doubts=tuple(reading.doubts),
        missing=reading.missing,
        unread=reading.unread,
    )


def unread(model: str, reason: str, tables: Iterable[Table] = ()) -> ModelLineage:
    """A model whose SQL is not known: nothing it returns can be vouched for."""
    doubts = (Doubt(model, reason),)
    relation = Relation(
        rows=Sources(doubts=frozenset(doubts)), otherwise=Sources(doubts=frozenset(doubts))
    )
    return ModelLineage(model, relation, tables=tuple(tables), doubts=doubts, unread=True)


def _relation(text: str, reading: Reading) -> Relation:
    try:
        statements = parsed(with_all_arguments(text))
        if len(statements) == 1 and isinstance(statements[0], exp.Query | exp.Values):
            return read_query(statements[0], Scope(reading, {}))
        reason = "it is not exactly one SELECT"
    except (SqlglotError, RecursionError) as error:
        reason = f"its SQL cannot be read: {_said(error)}"
    doubt = reading.partly_unread(reason)
    return Relation(rows=doubt, otherwise=doubt)


def _said(error: Exception) -> str:
    """Return what the parser says; of a long sentence, where it stopped."""
    near = error.errors[0].get("highlight") if isinstance(error, ParseError) else None
    return f"it stops making sense at `{near}`" if near else first_line(error)


def _either(relations: list[Relation]) -> Relation:
    """Columns by their names, whichever of several texts makes them."""
    names = dict.fromkeys(name for item in relations for name in item.by_name)
    others = [item.otherwise for item in relations if item.otherwise is not None]
    return Relation(
        columns=tuple(
            (name, union(item.find(name) or Sources() for item in relations)) for name in names
        ),
        rows=union(item.rows for item in relations),
        passes=frozenset().union(*(item.passes for item in relations)),
        complete=all(item.complete for item in relations),
        otherwise=union(others) if others else None,
    )
