"""Bind SELECTs over empty tables: DuckDB finds their faults before there is any data.

Nothing runs: binding resolves names, functions and types, and says no value of any table.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Self

import duckdb
from sqlglot import TokenType, exp, tokenize
from sqlglot.errors import SqlglotError

from mesh_platform.checks.sql import quoted
from mesh_platform.engines.duckdb.empty_tables import Tables, created, created_schema
from mesh_platform.engines.duckdb.session import open_session, seal
from mesh_platform.model.sql_text import parsed

UNTYPED = ('"NULL"', "VARCHAR", "BIGINT", "TIMESTAMP")
"""Types to try for columns of an unknown type; a function that refuses one may take another."""
_MOST_UNSURE = 5
"""Columns that may be there or not; each doubles the number of times that a SELECT is bound."""
_LINE = re.compile(r"^LINE (\d+):", re.MULTILINE)
_HINT = re.compile(r"^(?:Did you mean|Either add) .*$", re.MULTILINE)
_WHATEVER_THE_TABLES_HOLD = re.compile(
    r"must appear in the GROUP BY clause"
    r"|function calls cannot (?:be nested|contain)"
    r"|^Binder Error: [A-Z ]+ clause cannot contain (?:aggregates|window functions)"
    r"|^Catalog Error: (?:\w+ )*Function with name \S+ does not exist"
    r"|^Catalog Error: Type with name \S+ does not exist"
    r"|^Parser Error: "
)
"""Match errors that no other columns or types of the tables would mend."""
_WITH_KNOWN_TYPES = re.compile(
    _WHATEVER_THE_TABLES_HOLD.pattern
    + r"|^Binder Error: (?:No function matches|Cannot compare values|Cannot mix values)"
)
"""Match errors that no other columns would mend, where the type of each is known."""
_WITH_KNOWN_TABLES = re.compile(
    r'^Binder Error: (?!Referenced table "[^"]*\.)'
    r"|^Catalog Error: (?:\w+ )*Function with name|^Catalog Error: Type with name"
)
_NO_FIELD = "Binder Error: Could not find key "
_UNEQUAL = re.compile(r"^Binder Error: Set operations can only apply to expressions with the same")
"""Match the error of a UNION whose parts have different numbers of columns."""
_MAY_COMPUTE = re.compile(
    r"\b(?:limit|offset|sample|tablesample|pivot|range|generate_series|repeat|repeat_row)\b",
    re.IGNORECASE,
)
_NO_COLUMN = re.compile(
    r'^Binder Error: (?:Referenced column|Column) "(?P<one>[^"]+)" (?:not found|referenced that)'
    r'|^Binder Error: Table "[^"]*" does not have a column named "(?P<other>[^"]+)"'
)

_QUOTED = re.compile(r'"([^"]+)"')
_TEXTS = (TokenType.STRING, TokenType.HEREDOC_STRING)
_OF_TABLE = re.compile(r'^Binder Error: Table "([^"]+)" does not have a column named')


_Columns = tuple[tuple[str, str | None], ...]


@dataclass(frozen=True, slots=True)
class Fault:
    """Hold what DuckDB says against a SELECT, a hint of its own, and the line, counted from 1.

    `column` is a name for which there is no column, where that is the fault; `way` is the way out,
    where it is known.
    """

    message: str
    hint: str | None
    line: int
    column: str | None = None
    way: str | None = None

    @property
    def words(self) -> str:
        """Return the message without the class of the error."""
        return self.message.partition(" Error: ")[2].rstrip("!") or self.message


@dataclass(frozen=True, slots=True)
class Bound:
    """Hold the result of binding.

    Args:
        columns: the columns that the SELECT returns; None where they are not known. The type of
            one is None where it depends on what is not known of the tables.
        fault: what is surely wrong with it.
    """

    columns: _Columns | None = None
    fault: Fault | None = None


class Binder:
    """Binds SELECTs in one session, sealed and in memory."""

    def __init__(self, databases: Sequence[str]) -> None:
        self._session = open_session(threads=1)
        for name in databases:
            self._session.execute(f"attach ':memory:' as {quoted(name)}")
        seal(self._session, ())
        self._standing: dict[tuple[str, ...], tuple[tuple[str, str], ...]] = {}
        self._schemas = set[tuple[str, ...]]()

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the session."""
        self.close()

    def close(self) -> None:
        """Close the session."""
        self._session.close()

    def bind(self, sql: str, tables: Tables, perhaps: Collection[str] = ()) -> Bound:
        """Bind a SELECT.

        Report an error only where it is certain: any, where all tables are exact; else one that
        DuckDB raises whatever the tables hold, or whatever their columns are called.

        Args:
            sql: the text; anything but one SELECT is left alone, and one of which DuckDB would
                compute a part while it binds.
            tables: the tables that it names, by catalog, schema where there is one, and name.
            perhaps: columns that tables which are not complete have, or have not. An alias of the
                SELECT means another thing where a table has a column of its name, so a fault is
                one with and without each of them.
        """
        if (left := self._not_one_select(sql)) is not None:
            return left
        if _MAY_COMPUTE.search(sql) and _computes(sql):
            return Bound()
        if not perhaps or all(table.complete for table in tables.values()):
            return self._bind(sql, tables)
        return self._whatever_they_have(sql, tables, sorted(perhaps))

    def _whatever_they_have(self, sql: str, tables: Tables, perhaps: list[str]) -> Bound:
        """Bind a SELECT with each subset of columns that tables may have; all must fail."""
        if len(perhaps) > _MOST_UNSURE:
            return Bound()
        faults: list[Fault] = []
        bound: list[_Columns | None] = []
        for some in _subsets(perhaps):
            lacks = {name.lower() for name in perhaps} - {name.lower() for name in some}
            having = {path: table.having(some) for path, table in tables.items()}
            found = self._bind(sql, having, lacks)
            if found.fault is None:
                bound.append(found.columns)
            elif (found.fault.column or "").lower() not in lacks:
                faults.append(found.fault)
        if bound:
            return Bound(_agreed(bound))
        return Bound(fault=faults[0] if faults else None)

    def _bind(self, sql: str, tables: Tables, lacks: Collection[str] = ()) -> Bound:
        """Bind a SELECT over exactly these tables; they surely lack some columns."""
        exact = all(table.exact for table in tables.values())
        typed = all(table.typed for table in tables.values())
        fields_known = all(table.fields_known for table in tables.values())
        certain = _WITH_KNOWN_TYPES if typed else _WHATEVER_THE_TABLES_HOLD
        bound: list[_Columns] = []
        kinds = UNTYPED[:1] if typed else UNTYPED
        for kind in kinds:
            try:
                self._create(tables, kind)
                relation = self._session.sql(sql)
            except duckdb.Error as error:
                lacking = _no_column(str(error))
                known = _WITH_KNOWN_TABLES if exact else certain
                if (
                    known.search(str(error))
                    or (lacking and (lacking.lower() in lacks or _lack(tables, lacking)))
                    or _lacks_surely(sql, str(error), tables)
                    or (fields_known and str(error).startswith(_NO_FIELD))
                    or (_UNEQUAL.search(str(error)) and not _has_star(sql))
                ):
                    return Bound(fault=self._located(sql, error))
                continue
            bound.append(tuple(zip(relation.columns, map(str, relation.types), strict=True)))
        found = _agreed(bound)
        if len(bound) < len(kinds):
            found = _untyped(found)
        return Bound(found if exact else _without_structs(found, sql))

    def _not_one_select(self, sql: str) -> Bound | None:
        """Return a result for a text that cannot be parsed, or would do more than select."""
        try:
            statements = self._session.extract_statements(sql)
        except duckdb.Error as error:
            said = str(error)
            return Bound(fault=_fault(said, sql) if said.startswith("Parser Error") else None)
        kinds = [statement.type for statement in statements]
        return None if kinds == [duckdb.StatementType.SELECT] else Bound()

    def _located(self, sql: str, error: duckdb.Error) -> Fault:
        """Return the fault with its line, which DuckDB tells only of a statement that it runs."""
        try:
            self._session.execute(f"explain {sql}")
        except duckdb.Error as again:
            return _fault(str(again), sql)
        return _fault(str(error), sql)

    def _create(self, tables: Tables, untyped: str) -> None:
        wanted = {path: table.filled(untyped) for path, table in tables.items()}
        new = {path: each for path, each in wanted.items() if self._standing.get(path) != each}
        if new:
            for path in new:
                self._standing.pop(path, None)
            schemas = {path[:-1] for path in new if len(path) > 2} - self._schemas
            made = (*map(created_schema, schemas), *(created(*each) for each in new.items()))
            self._session.execute("; ".join(made))
            self._standing |= new
            self._schemas |= schemas


def one_statement(text: str) -> exp.Expr | None:
    """Return the tree of a text that holds one statement, or None for any other."""
    try:
        statements = parsed(text)
    except (SqlglotError, RecursionError):
        return None
    return statements[0] if len(statements) == 1 else None


def _has_star(text: str) -> bool:
    """Tell whether a SELECT returns columns that it does not name; true of what cannot be read."""
    tree = one_statement(text)
    return tree is None or tree.find(exp.Star, exp.Columns) is not None


def _computes(text: str) -> bool:
    """Tell whether DuckDB would compute a value while it binds, such as a number of rows."""
    tree = one_statement(text)
    if tree is None:
        return False
    parts = tree.find_all(exp.Limit, exp.Offset, exp.Table, exp.Pivot, exp.TableSample)
    return any(part.find(exp.Func) is not None for part in parts)


def _fault(said: str, sql: str) -> Fault:
    line, hint = _LINE.search(said), _HINT.search(said)
    first = said.splitlines()[0].rstrip(".")
    number = int(line[1]) if line else _line_of_name(first, sql)
    return Fault(first, hint[0].strip() if hint else None, number, _no_column(said))


def _line_of_name(said: str, sql: str) -> int:
    """Return the line of the first name that an error quotes; 1 where the text has none."""
    names = {name.lower() for name in _QUOTED.findall(said)}
    try:
        words = [word for word in tokenize(sql, read="duckdb") if word.token_type not in _TEXTS]
    except SqlglotError:
        return 1
    return next((word.line for word in words if word.text.lower() in names), 1)


def _no_column(said: str) -> str | None:
    """Return the name for which there is no column, where an error says so."""
    found = _NO_COLUMN.search(said)
    return (found["one"] or found["other"]) if found else None


def _lack(tables: Tables, name: str) -> bool:
    """Tell whether no table has more columns that may be called so."""
    return all(table.lacks(name) for table in tables.values())


def _lacks_surely(sql: str, said: str, tables: Tables) -> bool:
    """Tell whether a SELECT surely names a column that its table does not have."""
    found = _OF_TABLE.search(said)
    tree = one_statement(sql) if found else None
    if found is None or tree is None:
        return False
    named = [each for each in tree.find_all(exp.Table) if each.alias_or_name == found[1]]
    others = [each for each in tree.find_all(exp.Subquery, exp.CTE) if each.alias == found[1]]
    if len(named) != 1 or others:
        return False
    path = tuple(part.name.lower() for part in named[0].parts)
    complete = (each for key, each in tables.items() if tuple(map(str.lower, key)) == path)
    return next((each.complete for each in complete), False)


def _subsets(names: list[str]) -> Iterator[tuple[str, ...]]:
    """Yield every subset, from all to none."""
    for size in range(len(names), -1, -1):
        yield from combinations(names, size)


def _agreed(bound: Sequence[_Columns | None]) -> _Columns | None:
    """Return the columns of several results, with the types that are the same in all."""
    named = {tuple(name for name, _ in each) if each is not None else None for each in bound}
    if len(named) != 1 or (names := named.pop()) is None:
        return None
    kinds = map(set, zip(*(_kinds(each) for each in bound), strict=True))
    return tuple(
        (name, kind.pop() if len(kind) == 1 else None)
        for name, kind in zip(names, kinds, strict=True)
    )


def _kinds(columns: _Columns | None) -> tuple[str | None, ...]:
    return tuple(kind for _, kind in columns or ())


def _untyped(columns: _Columns | None) -> _Columns | None:
    """Return columns without types: some of the types that were tried have failed."""
    return columns and tuple((name, None) for name, _ in columns)


def _without_structs(columns: _Columns | None, sql: str) -> _Columns | None:
    """Return columns without the type of a whole row, which may have more fields."""
    if not columns or not any(kind and "STRUCT" in kind for _, kind in columns):
        return columns
    if not _takes_rows(sql):
        return columns
    return tuple((name, None if kind and "STRUCT" in kind else kind) for name, kind in columns)


def _takes_rows(sql: str) -> bool:
    """Tell whether a SELECT may use a whole row as a value: by its table's name, or by a star."""
    tree = one_statement(sql)
    if tree is None:
        return True
    rows = names_of_rows(tree)
    named = any(column.name.lower() in rows for column in tree.find_all(exp.Column))
    stars = tree.find_all(exp.Star, exp.Columns)
    return named or any(not isinstance(_holder(star), exp.Select) for star in stars)


def names_of_rows(tree: exp.Expr) -> frozenset[str]:
    """Return the names that mean a whole row in a statement: tables and aliases, in lower case."""
    tables = (each.alias_or_name.lower() for each in tree.find_all(exp.Table))
    return frozenset((*tables, *(each.name.lower() for each in tree.find_all(exp.TableAlias))))


def _holder(star: exp.Expr) -> exp.Expr | None:
    """Return what a star stands in, without the table that it is of."""
    above = star.parent
    return above.parent if isinstance(above, exp.Column) else above
