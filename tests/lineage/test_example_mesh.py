"""Lineage of the example mesh: complete, the same tables as dbt, and true when it is run."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import duckdb
import pytest

from mesh_platform.engines.dbt.manifest import read_manifest
from mesh_platform.engines.dbt.runner import DbtHere, DbtPlaces
from mesh_platform.engines.duckdb.landing.files import locate
from mesh_platform.engines.duckdb.landing.mounting import landing_view
from mesh_platform.environments.workspace import Workspace
from mesh_platform.lineage.domain_lineage import DomainLineage
from mesh_platform.lineage.findings import lineage_findings
from mesh_platform.lineage.mesh_lineage import MeshLineage
from mesh_platform.lineage.model_files import MeshModels
from mesh_platform.lineage.port_tables import PortTables
from mesh_platform.lineage.sql.sources import ROWS, Column, Table
from mesh_platform.lineage.static_jinja import MARK, OWN_MARK
from mesh_platform.lineage.templates import Templates
from mesh_platform.model.landing import Landing
from mesh_platform.model.loader import load_mesh
from mesh_platform.model.naming import LANDING, PortName
from mesh_platform.release.lineage.files import read_models

REPOSITORY = Path(__file__).parents[2]
ORDER = ("fleet", "flights", "network", "weather", "punctuality")
"""Domains, each after those that it reads."""


@pytest.fixture(scope="module")
def models() -> MeshModels:
    return read_models(Workspace.open(REPOSITORY))


@pytest.fixture(scope="module")
def lineage(models: MeshModels) -> MeshLineage:
    return MeshLineage(load_mesh(REPOSITORY), models)


def domains(models: MeshModels) -> Iterator[tuple[str, DomainLineage]]:
    mesh, templates = load_mesh(REPOSITORY), Templates(models.packages)
    for name in ORDER:
        own = templates.of_domain(name, models.domain(name).macros)
        yield name, DomainLineage(PortTables(mesh), models.domain(name), own)


def test_every_promised_column_has_sources_and_nothing_is_in_doubt(lineage: MeshLineage) -> None:
    columns = 0
    for name in lineage.mesh.products:
        product = lineage.product(name)
        assert list(lineage_findings(product)) == []
        for port in product.ports.values():
            for sources in port.columns.values():
                columns += 1
                assert sources.values | {c for c in sources.rows if c.name != ROWS}
                assert not sources.doubts
    assert len(lineage.mesh.products) == 7
    assert columns == sum(len(p.contract.columns) for p in lineage.mesh.ports.values()) == 88


def test_the_share_of_flights_on_time_comes_from_two_columns(lineage: MeshLineage) -> None:
    port = lineage.mesh.port("punctuality/daily").name
    share = lineage.product(port.product).ports[port].columns["on_time_share"]
    departures = Table("flights", "departures")
    assert share.values == {
        Column(departures, "arrival_delay_minutes"),
        Column(departures, "outcome"),
    }


def test_who_reads_the_outcome_of_a_flight(lineage: MeshLineage) -> None:
    found = lineage.downstream(lineage.mesh.port("flights/departures").name, "outcome")
    assert [(str(item.product), item.column, item.use.value) for item in found] == [
        ("punctuality/aircraft_utilisation", "completed_flights", "values"),
        ("punctuality/aircraft_utilisation", "days_flown", "values"),
        ("punctuality/aircraft_utilisation", "distance_miles", "values"),
        ("punctuality/aircraft_utilisation", "seat_miles", "values"),
        ("punctuality/daily", "arrival_unknown_flights", "values"),
        ("punctuality/daily", "cancelled_flights", "values"),
        ("punctuality/daily", "completed_flights", "values"),
        ("punctuality/daily", "on_time_flights", "values"),
        ("punctuality/daily", "on_time_share", "values"),
        ("punctuality/weather_impact", "cancelled_flights", "values"),
        ("punctuality/weather_impact", "cancelled_share", "values"),
        ("punctuality/weather_impact", "delayed_share", "values"),
    ]


@pytest.mark.slow
def test_each_model_reads_the_tables_that_dbt_says_it_reads(
    models: MeshModels, tmp_path: Path
) -> None:
    compared = 0
    built = shutil.ignore_patterns("dbt_packages", "target", "logs")
    for folder in ("domains", "dbt_project"):
        shutil.copytree(REPOSITORY / folder, tmp_path / folder, ignore=built)
    for name, domain in domains(models):
        places = DbtPlaces(
            folder=tmp_path / "domains" / name,
            shared=tmp_path / "dbt_project",
            work=tmp_path / name,
            warehouse=tmp_path / name / "warehouse.duckdb",
            mounts=tmp_path / name / "mounts.json",
            packages_lock=tmp_path / name / "packages.lock",
        )
        DbtHere().parse(places)
        for model in read_manifest(places.manifest).models:
            of_dbt = {Table("", read) for read in model.models}
            of_dbt |= {Table(*source) for source in model.sources}
            assert set(domain.model(model.name).tables) == of_dbt, model.name
            compared += 1
    assert compared == sum(len(models.domain(name).models) for name in ORDER) == 15


@pytest.mark.slow
def test_a_column_of_a_port_that_changes_with_the_data_from_outside_names_it(
    models: MeshModels, lineage: MeshLineage, tmp_path: Path
) -> None:
    """Each column of each file is changed, all models run, and what changes must be named."""
    sample = Sample(models, lineage, tmp_path)
    before, changed = sample.ports(), set[tuple[PortName, str]]()
    for source in sample.columns():
        for value in OTHER_VALUES:
            sample.change(source, value)
            with suppress(duckdb.ConversionException):  # such a file is refused: it changes nothing
                for place, values in sample.ports(source.table.name).items():
                    if values != before[place]:
                        changed.add(place)
                        assert source in sample.origins(*place), f"{place} changes with {source}"
            sample.restore(source.table.name)
    assert len(changed) == len(before) == 88


OTHER_VALUES = (
    "coalesce(lead({0}) over (), first({0}) over ())",
    "translate({0}, '1', '2')",
    "'NA'",
)
"""What takes the place of a value: that of the next row, another one, none."""
FILES = {
    "nyc_flights": "month = '1' and day in ('1', '2') and flight::int % 5 = 0",
    "nyc_weather": "month = '1' and day in ('1', '2')",
    "nyc_planes": "true",
    "nyc_airlines": "true",
    "nyc_airports": "true",
}
"""Which rows of each file are enough: two days of January, every fifth flight."""


class Sample:
    """Some of the real data in DuckDB, and the example's models over it as they were rendered."""

    def __init__(self, models: MeshModels, lineage: MeshLineage, cache: Path) -> None:
        self._lineage = lineage
        self._session = duckdb.connect(config={"threads": 1})
        self._texts: dict[str, str] = {}
        for statement in (f"attach ':memory:' as \"{MARK}\"", f'use "{MARK}"', *SCHEMAS):
            self._session.execute(statement)
        for landing, folder in landings(lineage):
            view = landing_view(landing, locate(landing, folder), cache)
            where = FILES[landing.name]
            self._session.execute(f"create table kept.{landing.name} as {view.query} where {where}")
            self.restore(landing.name)
        for name, domain in domains(models):
            self._session.execute(f"create schema {name}")
            self._build(name, domain)

    def _build(self, name: str, domain: DomainLineage) -> None:
        todo = list(domain.models.models)
        while todo:
            file = todo.pop(0)
            (text,) = domain.rendered(file).texts
            try:
                self._session.execute(f'create view "{OWN_MARK}".{file.name} as {text}')
                self._texts[file.name] = text
            except duckdb.CatalogException:  # it reads a model that is still to come
                todo.append(file)
        for port in (p for p in self._lineage.mesh.ports if p.product.domain == name):
            self._session.execute(
                f'create view {name}.{port.name} as from "{OWN_MARK}".{port.name}'
            )

    def columns(self) -> list[Column]:
        """The columns of the files."""
        found = self._session.execute(
            "select table_name, column_name from duckdb_columns() where schema_name = 'kept'"
        ).fetchall()
        return [Column(Table(LANDING, table), column) for table, column in found]

    def change(self, source: Column, value: str) -> None:
        """Put other values into a column."""
        table, column = source.table.name, source.name
        self._session.execute(
            f"create or replace table {LANDING}.{table} as "
            f"select * replace ({value.format(column)} as {column}) from kept.{table}"
        )

    def restore(self, table: str) -> None:
        """Take the values of the file again."""
        self._session.execute(f"create or replace table {LANDING}.{table} as from kept.{table}")

    def ports(self, file: str = "") -> dict[tuple[PortName, str], Counter[str]]:
        """The values of each column of each port, in whatever order; of those that name a file."""
        found: dict[tuple[PortName, str], Counter[str]] = {}
        for port in self._lineage.mesh.ports:
            if not self._may_read(port.name, file):
                continue
            answer = self._session.execute(f"from {'.'.join(port.relation)}")
            names = [item[0] for item in answer.description or ()]
            rows = answer.fetchall()
            for index, name in enumerate(names):
                found[port, name] = Counter(repr(row[index]) for row in rows)
        return found

    def _may_read(self, model: str, file: str) -> bool:
        """Whether the name of a file is a word in a model, or in one whose name is a word in it."""
        words = set(re.findall(r"\w+", self._texts[model]))
        others = words & self._texts.keys() - {model}
        return not file or file in words or any(self._may_read(other, file) for other in others)

    def origins(self, port: PortName, column: str) -> frozenset[Column]:
        """The columns of files that a column of a port comes from, through all products."""
        sources = self._lineage.product(port.product).ports[port].column(column)
        assert sources is not None
        return frozenset(
            origin for found in sources.values | sources.rows for origin in self._of(found)
        )

    def _of(self, column: Column) -> frozenset[Column]:
        port = self._lineage.port_of(column.table)
        return frozenset((column,)) if port is None else self.origins(port, column.name)


def landings(lineage: MeshLineage) -> Iterator[tuple[Landing, Path]]:
    for product in lineage.mesh.products.values():
        yield from ((landing, product.folder) for landing in product.landings)


SCHEMAS = (
    "set TimeZone = 'UTC'",
    f'create schema "{OWN_MARK}"',
    f"create schema {LANDING}",
    "create schema kept",
    "create macro dbt_dateadd(unit, n, moment) as moment + to_minutes(n)",
)
