"""dbt tests that look at inputs of other domains alone, and yet withhold a product's releases."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from mesh_platform.errors import Place
from mesh_platform.lineage.model_files import DomainModels, ModelFile
from mesh_platform.lineage.sql.model_lineage import ModelLineage
from mesh_platform.lineage.sql.sources import Table
from mesh_platform.model.naming import PortName


@dataclass(frozen=True, slots=True)
class ForeignTest:
    """A test that blocks on rows which its team cannot mend; `ports` are what it reads."""

    name: str
    ports: tuple[PortName, ...]
    place: Place


def foreign_tests(
    models: DomainModels,
    run: Iterable[tuple[ModelFile, ModelLineage]],
    read: frozenset[Table],
    port_of: Callable[[Table], PortName | None],
) -> Iterator[ForeignTest]:
    """Tests of which that is certain: what they read is known, and nothing softens them.

    Args:
        models: the domain's dbt project.
        run: its tests in SQL that a build of the product runs.
        read: what the models of the product read; generic tests of these sources are run, too.
        port_of: the output port behind a table.
    """
    found = [
        (file.name, tuple(test.tables), Place(file.file, 1))
        for file, test in run
        if file.file in models.withholding and not test.unread
    ]
    found += [(t.name, (t.table,), t.place) for t in models.source_tests if t.table in read]
    for name, tables, place in found:
        ports = [port_of(table) for table in tables]
        foreign = [port for port in ports if port and port.product.domain != models.domain]
        if ports and len(foreign) == len(ports):
            yield ForeignTest(name, tuple(sorted(foreign)), place)
