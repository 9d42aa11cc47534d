"""Bind the SQL of models in DuckDB, over what their inputs promise, before there is any data.

A build would fail in the same way. What is not certain from the files is left to the build: a
template that only dbt can render, a table that hooks may change.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Self

from mesh_platform.checks.types import ActualColumn, unkeepable
from mesh_platform.engines.duckdb.binding import Binder, Bound, Fault
from mesh_platform.engines.duckdb.empty_tables import EmptyTable, promised_table
from mesh_platform.errors import Place, PromiseBrokenError, did_you_mean
from mesh_platform.lineage.domain_lineage import DATABASE, DomainLineage
from mesh_platform.lineage.findings import SQL_FAULT, SQL_TYPE
from mesh_platform.lineage.model_files import DomainModels, ModelFile, builds_otherwise
from mesh_platform.lineage.no_column import meant
from mesh_platform.lineage.sql.model_lineage import ModelLineage
from mesh_platform.lineage.sql.sources import Relation, Table
from mesh_platform.lineage.static_jinja import MARK, OWN_MARK, own_table
from mesh_platform.model.findings import Finding
from mesh_platform.model.mesh import Domain, Mesh, Port, Product
from mesh_platform.model.naming import LANDING, PortName
from mesh_platform.release.columns import refuse_columns
from mesh_platform.release.lineage.column_tests import column_findings
from mesh_platform.release.lineage.columns_of_sql import Columns, Names, as_kept, with_casts
from mesh_platform.release.lineage.returned import Lacking, Returned, of_both, spelled_as_promised

_NAMED = re.compile(rf'"(?:{OWN_MARK}"\."([^"]+)|{MARK}"\."([^"]+)"\."([^"]+))"')
_ANEW = ("table", "view")
_BUILT_AS_WRITTEN = (*_ANEW, "ephemeral")
_PLAIN = (*_ANEW, "incremental", "ephemeral")
_APPROXIMATE = re.compile(r"\bdbt_\w+\(")
"""Match what stands for one of dbt's macros while lineage is read: no engine has it."""
_UNKNOWN = EmptyTable()
_TEXTS = EmptyTable(otherwise="VARCHAR")
"""What a file is of which every value is read as text; its columns are not known."""
_NUMBERED = EmptyTable(otherwise="VARCHAR", called=re.compile(r"column\d+"))
"""A file of texts without a header, whose columns are called `column0`, `column1` and so on."""
_TEXT_FORMATS = frozenset({"csv", "json"})
Tables = dict[tuple[str, ...], EmptyTable]


class Promises:
    """Hold the promises of the ports of a mesh as tables in one session; each is made once.

    Args:
        mesh: the mesh.
    """

    def __init__(self, mesh: Mesh) -> None:
        self.mesh = mesh
        self.binder = Binder([DATABASE, OWN_MARK])
        self._tables = dict[PortName, EmptyTable]()

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the session."""
        self.binder.close()

    def table(self, port: PortName) -> EmptyTable:
        """Return the table that a port promises."""
        if port not in self._tables:
            self._tables[port] = promised_table(self.mesh.promised[port].contract)
        return self._tables[port]

    def holds(self, port: PortName, columns: Iterable[ActualColumn]) -> bool:
        """Tell whether columns are those of the port, word for word."""
        table = self.table(port)
        return table.exact and {each.name: each.type for each in columns} == table.columns


def sql_findings(
    domain: DomainLineage, products: Iterable[Product], promises: Promises
) -> Iterator[Finding]:
    """Report models of some products of a domain that DuckDB surely cannot build, and its tests."""
    if not domain.models.plain_engine or any(map(builds_otherwise, domain.models.macros)):
        return
    models = _Models(domain, promises)
    for product in products:
        for file in domain.models.of_product(product.name.name):
            if (fault := models.fault(file)) is not None:
                what = f"DuckDB cannot build the model `{file.name}`"
                yield models.finding(what, file, fault, str(product.name))
        for port in product.ports:
            yield from _type_findings(port, models, product, promises)
        yield from column_findings(models, domain.models, product)
    for file, read in zip(domain.models.tests, domain.tests, strict=True):
        if (fault := models.fault_in(file, read)) is not None:
            what = f"DuckDB cannot run the test `{file.name.removeprefix('test ')}`"
            found = models.finding(what, file, fault, _owner(read, domain.models))
            blocks = file.file in domain.models.withholding
            yield found if blocks else replace(found, severity="warning")


def _owner(read: ModelLineage, models: DomainModels) -> str:
    """Return the product that runs a test, or the domain where several do or none."""
    known = (models.file_of(table.name) for table in read.tables if not table.schema)
    products = {file.product for file in known if file is not None}
    return f"{models.domain}/{products.pop()}" if len(products) == 1 else models.domain


def _type_findings(
    port: Port, models: _Models, product: Product, promises: Promises
) -> Iterator[Finding]:
    """Report columns that a build would refuse to release, with the words of a build."""
    returned = models.returned(port.contract.table)
    if returned is None or promises.holds(port.name, returned.columns):
        return
    returned = spelled_as_promised(port, returned)
    if not returned.all_known:
        port, returned = of_both(port, returned)
    try:
        told = [item.column for item in unkeepable(port.contract) if item.column]
        refuse_columns(port, returned.columns, returned.text, told=told)
    except PromiseBrokenError as error:
        said, place = str(error.message).removeprefix(f"{port.name}: "), error.place
        yield Finding(
            SQL_TYPE, said, place or port.contract.place, error.fix or "", str(product.name)
        )


def _line(fault: Fault, file: ModelFile, text: str) -> int:
    """Return the line of the fault in the file, where the template has as many as its SQL."""
    same = text.rstrip().count("\n") == file.text.rstrip().count("\n")
    return fault.line if same else 1


def _explained(fault: Fault, sql: str, columns: Collection[str]) -> tuple[str, str]:
    """Return what is wrong, and the way out."""
    if fault.column is not None:
        known = did_you_mean(fault.column, columns)
        way = f"correct the name, or have its provider promise it; {known}"
        way = meant(fault.column, sql, columns) or way
        return f"nothing that it reads has a column `{fault.column}`", way
    said = fault.words.replace(f'"{OWN_MARK}".', "")
    way = fault.way or "correct the SQL"
    return said, f"{way}; DuckDB says: {fault.hint}" if fault.hint else way


class _Models:
    """Bind the models of one domain, each once, when the first model that reads it is bound."""

    def __init__(self, domain: DomainLineage, promises: Promises) -> None:
        self._domain, self._promises = domain, promises
        self._bound: dict[str, tuple[Bound, EmptyTable]] = {}
        self._changing = _changing(promises.mesh.domain(domain.models.domain))
        self._any_changing = frozenset().union(*self._changing.values())

    def fault(self, file: ModelFile) -> Fault | None:
        """Return what is surely wrong with the SQL of a model."""
        return self._of(file)[0].fault

    def fault_in(self, file: ModelFile, read: ModelLineage) -> Fault | None:
        """Return what is surely wrong with the SQL of a test."""
        return self._bind(file, read)[0].fault

    def finding(self, what: str, file: ModelFile, fault: Fault, owner: str) -> Finding:
        """Return the finding on a fault, at its line."""
        sql = self._domain.rendered(file).texts[0]
        said, way = _explained(fault, sql, self.columns_before(file))
        if "VARCHAR" in said and self._reads_texts(file):
            way = f"{way}; every value of a CSV or JSON file is read as text: cast it first"
        place = Place(file.file, _line(fault, file, sql))
        return Finding(SQL_FAULT, f"{what}: {said}", place, way, owner)

    def columns_before(self, file: ModelFile) -> tuple[str, ...]:
        """Return the columns of what a model reads."""
        tables = self._tables(self._domain.rendered(file).texts[0], file.product)
        return tuple(name for table in tables.values() for name in table.columns)

    def _reads_texts(self, file: ModelFile) -> bool:
        tables = self._tables(self._domain.rendered(file).texts[0], file.product)
        return any(table.otherwise is not None for table in tables.values())

    def returned(self, name: str) -> Returned | None:
        """Return the columns of a model of which the types are certain; None where no type is.

        An incremental model may go on with the columns that it had.
        """
        file = self._domain.models.by_name.get(name.lower())
        if file is None or self._domain.models.setup(file).materialized not in _ANEW:
            return None
        bound, table = self._of(file)
        if bound.columns is None:
            return None
        text = self._domain.rendered(file).texts[0]
        actual = tuple(ActualColumn(name, kind) for name, kind in bound.columns if kind is not None)
        return Returned(actual, text, table.exact, table.unspelled) if actual else None

    def lacking(self, file: ModelFile, expression: str) -> Lacking | None:
        """Return a column that an expression reads and a model surely does not return."""
        models, (bound, table) = self._domain.models, self._of(file)
        certain = models.setup(file).materialized in _BUILT_AS_WRITTEN and table.complete
        if not certain or bound.columns is None or models.hook_of(file) or "hook" in file.text:
            return None
        return self._lacking(table, expression)

    def lacking_in(self, target: Table, column: str, product: str) -> Lacking | None:
        """Return a column that a test of a product reads and another table surely lacks.

        A model of another product is left alone: a build leaves it as it was.
        """
        file = None if target.schema else self._domain.models.by_name.get(target.name)
        if file is not None:
            return self.lacking(file, column) if file.product == product else None
        table = self._table("" if target.schema else target.name, target, product)
        return self._lacking(table, column) if table.complete else None

    def _lacking(self, table: EmptyTable, expression: str) -> Lacking | None:
        names = EmptyTable(dict.fromkeys(table.columns, "VARCHAR"), complete=True)
        asked = f"select ({expression}) from {own_table('asked')}"  # noqa: S608 - never run
        fault = self._promises.binder.bind(asked, {(OWN_MARK, "asked"): names}).fault
        missing = fault.column if fault is not None else None
        return Lacking(missing, tuple(table.columns)) if missing is not None else None

    def _of(self, file: ModelFile) -> tuple[Bound, EmptyTable]:
        key = file.name.lower()
        if key not in self._bound:
            self._bound[key] = (Bound(), _UNKNOWN)  # what a model that reads itself finds
            self._bound[key] = self._bind(file, self._domain.model(file.name))
        return self._bound[key]

    def _bind(self, file: ModelFile, found: ModelLineage) -> tuple[Bound, EmptyTable]:
        setup, rendered = self._domain.models.setup(file), self._domain.rendered(file)
        if (
            setup.get("enabled") not in (None, True)
            or setup.materialized not in _PLAIN
            or rendered.compiled
            or not rendered.texts
            or found.outside
        ):
            return Bound(), _UNKNOWN
        text = rendered.texts[0]
        if _APPROXIMATE.search(text):
            return Bound(), _UNKNOWN
        tables = self._tables(text, file.product)
        known = {self._domain.identified(tuple(map(str.lower, path))) for path in tables}
        if plain := sorted(set(found.tables) - known):
            return self._named_plainly(plain, file, text), _UNKNOWN
        perhaps = _perhaps(text, tables)
        bound = self._promises.binder.bind(_in_mesh(text), _mounted(tables), perhaps)
        if bound.columns is None:
            return bound, _UNKNOWN
        columns = with_casts(text, bound.columns)
        if setup.materialized != "ephemeral":
            columns = as_kept(columns)
        complete = all(t.complete for t in tables.values()) or _are_all(columns, found.relation)
        table = _table(columns, complete=complete)
        return replace(bound, columns=columns), replace(table, unspelled=_unspelled(text, tables))

    def _named_plainly(self, tables: list[Table], file: ModelFile, text: str) -> Bound:
        """Return the fault of a model that names an input without `source`; no fault of others.

        Inputs are in a database of their own, so that DuckDB finds none of that name.
        """
        domain = self._promises.mesh.domain(self._domain.models.domain)
        inputs = {
            Table(*item.port.relation)
            for product in domain.products
            if product.name.name == file.product
            for item in product.inputs
        }
        models = self._domain.models
        own = {models.setup(each).get("schema") for each in models.by_name.values()}
        for table in tables:
            written = re.search(rf"(?<![\w.]){re.escape(str(table))}\b", text, re.IGNORECASE)
            if table in inputs and table.schema not in own and written:
                said = f'Catalog Error: Table with name "{table}" does not exist'
                way = f"write `{{{{ source('{table.schema}', '{table.name}') }}}}`"
                line = text.count("\n", 0, written.start()) + 1
                return Bound(fault=Fault(said, None, line, way=way))
        return Bound()

    def _tables(self, text: str, product: str) -> Tables:
        """Return the tables that a text names; one that is not known has all columns it names."""
        found: Tables = {
            (OWN_MARK, own) if own else (MARK, schema, name): self._table(
                own.lower(), Table(schema.lower(), name.lower()), product
            )
            for own, schema, name in _NAMED.findall(text)
        }
        if all(table.complete for table in found.values()):
            return found
        names = Names(text)
        return {path: table.having(names.mentioned - names.unsure) for path, table in found.items()}

    def _table(self, own: str, table: Table, product: str) -> EmptyTable:
        if own:
            file = self._domain.models.by_name.get(own)
            return self._of(file)[1] if file else self._seed(own)
        if table.schema == LANDING:
            return self._file(table.name, product)
        port = self._domain.ports.port(table)
        changing = self._changing.get(product, ()) if product else self._any_changing
        return _UNKNOWN if port is None or table in changing else self._promises.table(port)

    def _seed(self, name: str) -> EmptyTable:
        """Return a seed as a table; dbt concludes the types of its columns from its rows."""
        columns = self._domain.models.seed_columns.get(name)
        return EmptyTable(dict.fromkeys(columns), complete=True) if columns else _UNKNOWN

    def _file(self, name: str, product: str) -> EmptyTable:
        """Return a file from outside as a table: texts, with columns that the port itself names."""
        found = [
            landing
            for each in self._promises.mesh.domain(self._domain.models.domain).products
            if product in ("", each.name.name)
            for landing in each.landings
            if landing.name.lower() == name
        ]
        if not found or not {each.format for each in found} <= _TEXT_FORMATS:
            return _UNKNOWN
        headers = {each.dialect.header for each in found}
        names = headers.pop() if len(headers) == 1 else True
        if isinstance(names, tuple):
            return EmptyTable(dict.fromkeys(names, "VARCHAR"), complete=True)
        return _TEXTS if names else _NUMBERED


def _are_all(columns: Columns, relation: Relation) -> bool:
    """Tell whether binding found each column of which lineage knows.

    Lineage may know more of a table than binding, as from SQL that dbt compiled, and so what `*`
    stands for.
    """
    names = {name.lower() for name, _ in columns}
    as_many = len(columns) == len(relation.columns)
    return relation.enumerable and as_many and names.issuperset(relation.by_name)


def _unspelled(text: str, tables: Tables) -> frozenset[str]:
    """Return the names that a SELECT takes from its tables with their upper and lower case."""
    found = frozenset[str]().union(*(table.unspelled for table in tables.values()))
    return found - Names(text).aliases if found else found


def _perhaps(text: str, tables: Tables) -> frozenset[str]:
    """Return the names that may mean a column of a table whose columns are not known, or not."""
    if all(table.complete for table in tables.values()):
        return frozenset()
    names = Names(text)
    known = (name for table in tables.values() if table.complete for name in table.columns)
    return names.unsure | names.loose.intersection(map(str.lower, known))


def _in_mesh(text: str) -> str:
    """Return SQL that names inputs as a build does, so that a column may be written in full."""
    return text.replace(f'"{MARK}".', f'"{DATABASE}".')


def _mounted(tables: Tables) -> Tables:
    return {(DATABASE, *p[1:]) if p[0] == MARK else p: table for p, table in tables.items()}


def _changing(domain: Domain) -> dict[str, frozenset[Table]]:
    """Return the inputs of each product of which it knows that they break."""
    return {
        product.name.name: frozenset(
            Table(*item.port.relation)
            for item in product.inputs
            if product.acknowledgement(item.port)
        )
        for product in domain.products
    }


def _table(columns: Columns, *, complete: bool) -> EmptyTable:
    """Return what a model returns as a table; of two columns of one name, none is known."""
    names = [name.lower() for name, _ in columns]
    if len(set(names)) < len(names):
        return _UNKNOWN
    types: Mapping[str, str | None] = {
        name: None if kind is None or "NULL" in kind else kind for name, kind in columns
    }
    return EmptyTable(types, complete)
