"""Names of columns in a SELECT over tables of which nobody knows the columns.

A name means a column of such a table, an alias, or a column of another table. What it means
decides how DuckDB reads the SELECT, so that the names that may mean two things are told apart.
"""

from __future__ import annotations

from functools import cached_property
from itertools import chain, count

from sqlglot import exp

from mesh_platform.engines.duckdb.binding import names_of_rows, one_statement

Columns = tuple[tuple[str, str | None], ...]
_IN_PLACE_OF_A_TABLE = (exp.From, exp.Join, exp.CTE, exp.Lateral)


class Names:
    """The names of columns in a text, in lower case.

    Args:
        text: one SELECT; any other text has no names.
    """

    def __init__(self, text: str) -> None:
        tree = one_statement(text)
        self._tree: exp.Expr = tree or exp.Select()
        self._columns = [column for column in self._tree.find_all(exp.Column) if column.name]

    @cached_property
    def mentioned(self) -> frozenset[str]:
        """All of them."""
        return frozenset(column.name.lower() for column in self._columns)

    @cached_property
    def aliases(self) -> frozenset[str]:
        """Those that the text gives itself."""
        return frozenset(each.alias.lower() for each in self._tree.find_all(exp.Alias))

    @cached_property
    def loose(self) -> frozenset[str]:
        """Those that are written at least once without their table."""
        return frozenset(column.name.lower() for column in self._columns if not column.table)

    @cached_property
    def unsure(self) -> frozenset[str]:
        """Those that may mean an alias, a whole row, or a column of an outer query."""
        aliases = self._tree.find_all(exp.TableAlias)
        named = {each.name.lower() for alias in aliases for each in alias.columns}
        found = set(self.mentioned & (named | names_of_rows(self._tree)))
        for column in self._columns:
            select = column.find_ancestor(exp.Select)
            if select is not None and self._may_mean_another(column, select):
                found.add(column.name.lower())
        return frozenset(found)

    def _may_mean_another(self, column: exp.Column, select: exp.Select) -> bool:
        name = column.name.lower()
        made = [item for item in select.selects if isinstance(item, exp.Alias)]
        if not column.table and any(item.alias.lower() == name for item in made):
            return not self._in_its_own(name, select)
        return not column.table and _is_inside_an_expression(select)

    def _in_its_own(self, name: str, select: exp.Select) -> bool:
        """Tell whether an alias is made of a column of its name, which a table then must have."""
        return any(
            isinstance(item, exp.Alias)
            and item.alias.lower() == name
            and any(
                column.name.lower() == name and column.find_ancestor(exp.Select) is select
                for column in item.find_all(exp.Column)
            )
            for item in select.selects
        )


def _is_inside_an_expression(select: exp.Select) -> bool:
    """Tell whether a SELECT is a value in an outer one, whose columns it may name."""
    outer = select.find_ancestor(*_IN_PLACE_OF_A_TABLE, exp.Select)
    return isinstance(outer, exp.Select)


def as_kept(columns: Columns) -> Columns:
    """Return columns by the names that they have in a table or view: a second `id` is `id_1`."""
    taken, made = set[str](), list[tuple[str, str | None]]()
    for name, kind in columns:
        numbered = (f"{name}_{number}" for number in count(1))
        new = next(each for each in chain([name], numbered) if each.lower() not in taken)
        taken.add(new.lower())
        made.append((new, kind))
    return tuple(made)


def with_casts(text: str, columns: Columns) -> Columns:
    """Return columns with the types to which the SELECT itself casts them or counts.

    Args:
        text: the SELECT.
        columns: what it returns; a type of None is not known.
    """
    tree = one_statement(text) if any(kind is None for _, kind in columns) else None
    if not isinstance(tree, exp.Select) or len(tree.selects) != len(columns):
        return columns
    pairs = zip(tree.selects, columns, strict=True)
    return tuple((name, kind or _type_made(item.unalias())) for item, (name, kind) in pairs)


def _type_made(item: exp.Expr) -> str | None:
    item = item.unnest()
    if isinstance(item, exp.Count):
        return "BIGINT"
    if isinstance(item, exp.Cast | exp.TryCast):
        return _plain_type(item.args["to"])
    return None


def _plain_type(kind: exp.DataType) -> str | None:
    """Return a type by DuckDB's name for it, where it is a plain one."""
    return _PLAIN.get(kind.this) if not kind.expressions else None


_PLAIN = {
    exp.DType.BIGINT: "BIGINT",
    exp.DType.BOOLEAN: "BOOLEAN",
    exp.DType.DATE: "DATE",
    exp.DType.DOUBLE: "DOUBLE",
    exp.DType.FLOAT: "FLOAT",
    exp.DType.INT: "INTEGER",
    exp.DType.INT128: "HUGEINT",
    exp.DType.SMALLINT: "SMALLINT",
    exp.DType.TEXT: "VARCHAR",
    exp.DType.TIMESTAMP: "TIMESTAMP",
    exp.DType.TIMESTAMPTZ: "TIMESTAMP WITH TIME ZONE",
    exp.DType.TINYINT: "TINYINT",
    exp.DType.VARCHAR: "VARCHAR",
}
