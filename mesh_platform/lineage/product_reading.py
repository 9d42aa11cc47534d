"""Puts the models of a product together, and holds what they read against what it declares."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from difflib import get_close_matches
from functools import cached_property

from mesh_platform.errors import Place, did_you_mean
from mesh_platform.lineage.domain_lineage import DomainLineage
from mesh_platform.lineage.foreign_tests import foreign_tests
from mesh_platform.lineage.model_files import ModelFile
from mesh_platform.lineage.model_rules import building_findings
from mesh_platform.lineage.no_column import meant
from mesh_platform.lineage.product_lineage import (
    NotReturned,
    PortLineage,
    ProductLineage,
    Undeclared,
    Unvouched,
)
from mesh_platform.lineage.protection import less_protected
from mesh_platform.lineage.rule_columns import Unrunnable, unrunnable
from mesh_platform.lineage.rule_reads import rule_reads
from mesh_platform.lineage.sql.certain import surely_nothing
from mesh_platform.lineage.sql.model_lineage import ModelLineage
from mesh_platform.lineage.sql.scope import NO_COLUMN
from mesh_platform.lineage.sql.sources import ROWS, Column, Doubt, Relation, Sources, Table
from mesh_platform.lineage.unit_tests import failing_unit_tests
from mesh_platform.model.landing import Landing
from mesh_platform.model.mesh import Mesh, Port, PortInput, Product
from mesh_platform.model.naming import LANDING, PortName, ProductName

_REF_IN_PYTHON = re.compile(r"""\bdbt\.ref\(\s*['"](\w+)['"]\s*\)""")
_QUOTED = re.compile(r"`([^`]+)`")


def read_product(mesh: Mesh, name: ProductName, domain: DomainLineage) -> ProductLineage:
    """Return the lineage of one product."""
    return _Reading(mesh, name, domain).lineage()


def unread_product(product: Product, error: Exception) -> ProductLineage:
    """Return the lineage of a product whose models could not be read: nothing is known of it."""
    reason = f"to read the models failed with `{type(error).__name__}`"
    unknown = Sources(doubts=frozenset({Doubt(product.name.name, reason)}))
    ports = {
        port.name: PortLineage({c.name.lower(): unknown for c in port.contract.columns}, unknown)
        for port in product.ports
    }
    fix = "undo the last change of its files; no file should do this, so please report it"
    gap = Unvouched(product.name.name, reason, (), product.place, fix)
    return ProductLineage(product.name, ports, {}, unvouched=(gap,), whole=False)


class _Reading:
    """Put together the lineage of one product."""

    def __init__(self, mesh: Mesh, name: ProductName, domain: DomainLineage) -> None:
        self.mesh, self.domain = mesh, domain
        self.product = mesh.products[name]
        files = domain.models.of_product(name.name)
        self.files = tuple(file for file in files if not domain.models.setup(file).off)
        self.models = [(file, domain.model(file.name)) for file in self.files]
        tests = zip(domain.models.tests, domain.tests, strict=True)
        self.tests = [(file, test) for file, test in tests if self._runs(test)]
        agreed = [
            item.port for item in self.product.inputs if self.product.acknowledgement(item.port)
        ]
        self.changing = {Table(*port.relation) for port in agreed}
        """Inputs of which the product knows that they break: a word that it gave is enough."""

    def lineage(self) -> ProductLineage:
        ports = {port.name: self._port(port) for port in self.product.ports}
        read = self._reads(ports.values())
        whole = not any(read.unread for read in self._run)
        return ProductLineage(
            product=self.product.name,
            ports=ports,
            read=read,
            undeclared=tuple(self._undeclared()),
            unused=tuple(self._unused(read)) if whole else (),
            unvouched=tuple(self._unvouched(ports)),
            not_returned=self._not_returned,
            unrunnable=tuple(self._unrunnable()),
            failing_tests=tuple(
                failing_unit_tests(self.mesh, self.product, self.domain, self.changing)
            ),
            less_protected=tuple(
                less_protected(
                    self.mesh,
                    self.product,
                    {name: known.columns for name, known in ports.items()},
                    self.domain.ports.port,
                    self.domain.ports.protections,
                )
            ),
            foreign_tests=tuple(
                foreign_tests(self.domain.models, self.tests, self._tables, self.domain.ports.port)
            ),
            whole=whole,
        )

    @property
    def _run(self) -> list[ModelLineage]:
        """Return the lineage of everything that a build runs."""
        return [read for _, read in (*self.models, *self.tests)]

    def _runs(self, test: ModelLineage) -> bool:
        """Tell whether a build runs a test.

        It reads a model of the product, or only what they read.
        """
        own = {file.name.lower() for file in self.files}
        names = {table.name for table in test.tables if not table.schema}
        if names:
            return not names.isdisjoint(own)
        return self._tables.issuperset(test.tables)

    @cached_property
    def _tables(self) -> frozenset[Table]:
        """Return what the models read."""
        return frozenset(table for _, model in self.models for table in model.tables)

    def _port(self, port: Port) -> PortLineage:
        model = self.domain.model(port.contract.table)
        names = [column.name.lower() for column in port.contract.columns]
        returned = model.relation.by_name.items()
        return PortLineage(
            {name: model.column(name) for name in names},
            model.relation.rows,
            {name: sources for name, sources in returned if name not in names},
        )

    def _reads(self, ports: Iterable[PortLineage]) -> dict[Table, frozenset[str]]:
        """Return the inputs that models, tests and rules read, with the columns that they use."""
        found: dict[Table, set[str]] = {}
        for table, column in self._columns_read(ports):
            if table.schema:
                found.setdefault(table, set()).add(column)
        return {table: frozenset(names - {ROWS}) for table, names in sorted(found.items())}

    def _columns_read(self, ports: Iterable[PortLineage]) -> Iterator[Column]:
        for read in self._run:
            yield from read.mentioned
            yield from (Column(table, ROWS) for table in read.tables)
        for sources in self._tested():
            yield from sources.values
        for port in ports:
            for sources in (port.rows, *port.columns.values()):
                yield from sources.values
                yield from sources.rows
        readable = self.mesh.readable(self.product)
        for own in self.product.ports:
            for table, names in rule_reads(own.contract, readable):
                yield from (Column(table, name.lower()) for name in (ROWS, *names))

    def _tested(self) -> Iterator[Sources]:
        """Yield the columns of models that dbt's generic tests look at."""
        for file, model in self.models:
            for name in self.domain.models.tested.get(file.name.lower(), ()):
                yield model.relation.everything if name == ROWS else model.column(name)

    def _undeclared(self) -> Iterator[Undeclared]:
        inputs = {Table(*item.port.relation) for item in self.product.inputs}
        inputs |= {_landing(item) for item in self.product.landings}
        for file, model in self.models:
            for table in model.tables:
                if not (table in inputs or self._own(table) or self._is_nobody(file, table)):
                    yield self._stranger(file, table)
            for name in _REF_IN_PYTHON.findall(file.text) if file.python else ():
                table = Table("", name.lower())
                if name.lower() in self.domain.models.by_name and not self._own(table):
                    yield self._stranger(file, table)
            for name in model.outside:
                fix = "declare an input port with `location` and read it by `source`"
                place = Place(file.file, file.line_of(name))
                yield Undeclared(file.name, f"the function `{name}`", place, fix)

    def _is_nobody(self, file: ModelFile, table: Table) -> bool:
        """Tell whether `ref` names a model that nobody has; `model.undefined` tells of it."""
        models = self.domain.models
        if models.defined is None or file.python or table.schema:
            return False
        calls = self.domain.rendered(file).calls
        return models.file_of(table.name) is None and any(call.table == table for call in calls)

    @cached_property
    def _unbuilt(self) -> frozenset[str]:
        """Return the models that read a missing model: nothing more is told of their columns."""
        return frozenset(
            file.name.lower()
            for file, model in self.models
            if any(not self._own(table) and self._is_nobody(file, table) for table in model.tables)
        )

    def _own(self, table: Table) -> bool:
        models = self.domain.models
        own = {model.name.lower() for model in models.of_product(self.product.name.name)}
        own |= {name.lower() for name in models.snapshots}  # of which another finding tells
        return not table.schema and table.name in own | models.seeds

    def _stranger(self, file: ModelFile, table: Table) -> Undeclared:
        calls = self.domain.rendered(file).calls
        lines = [call.line for call in calls if call.table == table]
        place = Place(file.file, lines[0] if lines else file.line_of(table.name))
        what, fix = self._named(table)
        defined = self.domain.models.defined
        nowhere = (
            defined is not None
            and bool(lines and table.schema)
            and defined.has_no_source_like(table.schema, table.name)
        )
        return Undeclared(file.name, what, place, fix, nowhere)

    def _named(self, table: Table) -> tuple[str, str]:
        """Return what a table is that the product does not declare, and what to do."""
        other = self.domain.models.file_of(table.name)
        if not table.schema and other is not None:
            owner = f"{self.product.name.domain}/{other.product}"
            fix = f"declare an input port and read the output port of {owner}"
            offered = (port for port in self.mesh.ports.values() if str(port.name.product) == owner)
            behind = any(port.contract.table.lower() == table.name for port in offered)
            what = "the model behind a port" if behind else "a private model"
            return f"`{table}`, {what} of {owner}", fix
        ports = self.domain.ports
        port = ports.port(table)
        if port is not None:
            version = self.mesh.promised[port].version
            fix = f"add an input port with `contractId: {port.path}` and `version: {version}`"
            return f"the port `{port}`", fix
        if table.schema == LANDING:
            known = [_landing(item).name for item in self.product.landings]
            near = get_close_matches(table.name, known, n=1)
            way = f"add an input port `{table.name}` with its `location`"
            return f"`{table}`", f"{did_you_mean(table.name, known)} Else {way}" if near else way
        return f"`{table}`", did_you_mean(str(table), map(str, ports.tables))

    def _unused(self, read: Iterable[Table]) -> Iterator[PortInput | Landing]:
        there = set(read)
        for item in self.product.inputs:
            if Table(*item.port.relation) not in there:
                yield item
        for landing in self.product.landings:
            if _landing(landing) not in there:
                yield landing

    @cached_property
    def _not_returned(self) -> tuple[NotReturned, ...]:
        promised = (
            (p.contract.table, column) for p in self.product.ports for column in p.contract.columns
        )
        by_name = self.domain.models.by_name
        return tuple(
            NotReturned(table, column.name, column.place, by_name[table.lower()].file)
            for table, column in promised
            if self._surely_lacks(table, column.name)
        )

    def _surely_lacks(self, table: str, column: str) -> bool:
        relation = self.domain.model(table).relation
        if not relation.enumerable or relation.find(column.lower()) is not None:
            return False
        return not relation.passes & self.changing and self.domain.tells_columns(table)

    def _unrunnable(self) -> Iterator[Unrunnable]:
        readable = self.mesh.readable(self.product)
        for port in self.product.ports:
            for rule in unrunnable(port.contract, readable):
                if not rule.tables & self.changing:
                    yield rule

    def _unvouched(self, ports: dict[PortName, PortLineage]) -> Iterator[Unvouched]:
        columns: dict[Doubt, list[str]] = {}
        certain = {
            self.domain.model(item.model).lacks(item.column.lower()) for item in self._not_returned
        }
        for doubt in (doubt for _, model in self.models for doubt in model.doubts):
            columns.setdefault(doubt, [])
        for port, lineage in ports.items():
            for name, sources in lineage.columns.items():
                for doubt in sources.doubts - certain:
                    columns.setdefault(doubt, []).append(f"{port.name}.{name}")
        unread = [read for read in self._run if read.unread]
        for doubt, names in sorted(columns.items()):
            if doubt.model.lower() in self._unbuilt:
                continue
            found = self._explained(doubt, tuple(names))
            others = any(read.name.lower() != doubt.model.lower() for read in unread)
            yield replace(found, vague=others and not names)

    def _explained(self, doubt: Doubt, columns: tuple[str, ...]) -> Unvouched:
        file = self.domain.models.file_of(doubt.model.lower())
        if file is None:
            fix = f"add {doubt.model}.sql"
            return Unvouched(doubt.model, doubt.reason, columns, self.product.place, fix)
        word = _QUOTED.search(doubt.reason)
        line = file.line_of(word.group(1).split(".")[-1]) if word else 1
        place = Place(file.file, line)
        broken = self._surely_fails(file, doubt)
        fix = self._way_out(file, doubt)
        return Unvouched(doubt.model, doubt.reason, columns, place, fix, broken)

    def _surely_fails(self, file: ModelFile, doubt: Doubt) -> bool:
        """Tell whether a name in a model is nowhere.

        What it reads is known, and no word excuses it.
        """
        model, rendered = self.domain.model(file.name), self.domain.rendered(file)
        own = file.product == self.product.name.name
        if not own or rendered.compiled or len(model.texts) != 1 or model.unread:
            return False
        behind = [table for table in model.tables if not table.schema]
        if not all(self.domain.tells_columns(table.name) for table in behind):
            return False
        if not all(NO_COLUMN in each.reason for each in model.doubts):
            return False
        for name in surely_nothing(model.texts[0], model.missing):
            lacking = model.missing[name]
            offered = (lacking or behind) and all(map(self.domain.ports.port, lacking))
            if (
                offered
                and not lacking & self.changing
                and doubt.reason.startswith(f"`{'.'.join(name)}` ")
            ):
                return True
        return False

    def _way_out(self, file: ModelFile, doubt: Doubt) -> str:
        rendered = self.domain.rendered(file)
        if NO_COLUMN in doubt.reason:
            stop = "stop reading it, or have its provider promise it: what is not promised may go"
            near = self._meant(doubt, rendered.texts)
            return f"{near}; else {stop}" if near else stop
        if file.python:
            return "ask its owner before a column that it reads changes, or write it in SQL"
        if self.domain.models.hook_of(file):
            return "ask its owner before its inputs change: what a hook runs is not followed"
        if rendered.problem and rendered.compiled_helps:
            kept = next(building_findings(self.product, self.domain.models), None)
            if kept is not None:
                return f"first mend what keeps the product from being built, at {kept.place}"
            return f"mesh build {self.product.name}; then the SQL that dbt compiled is read"
        return "name the columns in plain SQL, or ask its owner before its inputs change"

    def _meant(self, doubt: Doubt, texts: tuple[str, ...]) -> str | None:
        """Return what to write instead of a column that is nowhere."""
        word = _QUOTED.search(doubt.reason)
        name = word.group(1).split(".")[-1] if word else ""
        tables = self.domain.model(doubt.model).tables
        known = {name for each in tables for name in self._relation(each).by_name}
        return meant(name, "\n".join(texts), known)

    def _relation(self, table: Table) -> Relation:
        if table.schema:
            return self.domain.ports.relation(table)
        return self.domain.model(table.name).relation


def _landing(item: Landing) -> Table:
    return Table(LANDING, item.name.lower())
