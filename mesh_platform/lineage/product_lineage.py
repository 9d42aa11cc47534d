"""Lineage of one product: from the columns of its output ports to those of its input ports."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from mesh_platform.errors import Place
from mesh_platform.lineage.foreign_tests import ForeignTest
from mesh_platform.lineage.protection import LessProtected
from mesh_platform.lineage.rule_columns import Unrunnable
from mesh_platform.lineage.sql.sources import ROWS, Column, Sources, Table, related
from mesh_platform.lineage.unit_tests import FailingUnitTest
from mesh_platform.lineage.usage import Use
from mesh_platform.model.landing import Landing
from mesh_platform.model.mesh import PortInput
from mesh_platform.model.naming import PortName, ProductName


@dataclass(frozen=True, slots=True)
class Unvouched:
    """Columns for which lineage does not answer; `columns` are written `port.column`.

    Where the model is `broken`, it names a column that surely is nowhere: it cannot be built. Where
    it is `vague`, another model is not understood, so columns may depend on it all the same.
    """

    model: str
    reason: str
    columns: tuple[str, ...]
    place: Place
    fix: str
    broken: bool = False
    vague: bool = False


@dataclass(frozen=True, slots=True)
class Undeclared:
    """Something that a model reads and the product does not declare.

    `nowhere` tells whether dbt surely finds no source of that name in the whole domain.
    """

    model: str
    what: str
    place: Place
    fix: str
    nowhere: bool = False


@dataclass(frozen=True, slots=True)
class NotReturned:
    """A promised column that the model behind the port surely lacks."""

    model: str
    column: str
    place: Place
    file: str


@dataclass(frozen=True, slots=True)
class PortLineage:
    """Hold the sources of the promised columns of a port, and of its rows.

    `beyond` are columns that the model returns and the port does not promise.
    """

    columns: Mapping[str, Sources]
    rows: Sources
    beyond: Mapping[str, Sources] = field(default_factory=dict)

    def column(self, name: str) -> Sources | None:
        """Return what a column comes from; `*` is the rows."""
        return self.rows if name == ROWS else self.columns.get(name)


@dataclass(frozen=True)
class ProductLineage:
    """Hold the lineage of one product: what it makes of what it reads.

    Args:
        product: which one.
        ports: its output ports.
        read: inputs that its models, tests and rules read, each with the columns that they
            name or use.
        undeclared: what it reads without an input port.
        unused: input ports that nothing reads.
        unvouched: what could not be told.
        not_returned: promised columns that the models surely lack.
        unrunnable: rules of its contracts that surely cannot run.
        failing_tests: unit tests of its models that surely cannot run.
        less_protected: promised columns with less protection than what they are made of.
        foreign_tests: dbt tests that look at data of other domains alone, and block.
        whole: whether the text of every model and test is understood, so that `read` has all that
            it reads.
    """

    product: ProductName
    ports: Mapping[PortName, PortLineage]
    read: Mapping[Table, frozenset[str]]
    undeclared: tuple[Undeclared, ...] = ()
    unused: tuple[PortInput | Landing, ...] = ()
    unvouched: tuple[Unvouched, ...] = ()
    not_returned: tuple[NotReturned, ...] = ()
    unrunnable: tuple[Unrunnable, ...] = ()
    failing_tests: tuple[FailingUnitTest, ...] = ()
    less_protected: tuple[LessProtected, ...] = ()
    foreign_tests: tuple[ForeignTest, ...] = ()
    whole: bool = True

    def uses(self, column: Column) -> Iterable[tuple[PortName, str, Use]]:
        """Columns of the output ports that depend on a column of an input; `*` for the rows.

        The column may be a field, `a.b`: who uses all of `a` uses that too.
        """
        top = Column(column.table, column.name.split(".")[0])
        for name, found in self._uses.get(top, ()):
            if related(name, column.name):
                yield from found

    def reads(self, column: Column) -> bool:
        """Tell whether its SQL names a column of an input, or a part of it."""
        return any(related(name, column.name) for name in self.read.get(column.table, ()))

    @cached_property
    def unsure(self) -> tuple[tuple[PortName, str], ...]:
        """Columns of the output ports that may depend on more than is known."""
        return tuple((port, name) for port, name, sources in self._columns() if sources.doubts)

    @cached_property
    def _uses(self) -> dict[Column, list[tuple[str, list[tuple[PortName, str, Use]]]]]:
        """For each column of an input, what uses it or a field of it, by what is used."""
        found: dict[Column, list[tuple[PortName, str, Use]]] = {}
        for port, name, sources in self._columns():
            for column in sources.values:
                found.setdefault(column, []).append((port, name, Use.VALUES))
            for column in sources.rows - sources.values:
                found.setdefault(column, []).append((port, name, Use.ROWS))
        whole: dict[Column, list[tuple[str, list[tuple[PortName, str, Use]]]]] = {}
        for column, uses in found.items():
            top = Column(column.table, column.name.split(".")[0])
            whole.setdefault(top, []).append((column.name, uses))
        return whole

    def _columns(self) -> Iterator[tuple[PortName, str, Sources]]:
        for port, lineage in self.ports.items():
            yield port, ROWS, lineage.rows
            for name, sources in (*lineage.columns.items(), *lineage.beyond.items()):
                yield port, name, sources
