"""dbt unit tests that surely cannot run: they give or expect what the models no longer read or are.

dbt puts rows in the place of each `ref` and `source` of a model. It fails where a model asks for
one that the test does not give, where what is given is nothing that the project knows, where
rows have a column that the input, or the model, does not have, and where rows stand for an
ephemeral model, which has no table that would tell their types.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property

from mesh_platform.errors import Place, did_you_mean
from mesh_platform.lineage.domain_lineage import DomainLineage
from mesh_platform.lineage.model_files import ModelFile, leaves_out
from mesh_platform.lineage.sql.sources import Relation, Table
from mesh_platform.lineage.static_jinja import MARK, OWN_MARK
from mesh_platform.lineage.unit_test_files import Given, Rows, UnitTest
from mesh_platform.model.mesh import Mesh, Product
from mesh_platform.model.naming import LANDING

_ASKED = re.compile(rf'"{OWN_MARK}"\."([^"]+)"|"{MARK}"\."([^"]+)"\."([^"]+)"')
"""What `ref` and `source` leave in rendered SQL, and in its comments: dbt asks for those too."""


@dataclass(frozen=True, slots=True)
class FailingUnitTest:
    """A unit test that surely cannot run, one reason why, and what to do."""

    test: str
    reason: str
    place: Place
    fix: str


def failing_unit_tests(
    mesh: Mesh, product: Product, domain: DomainLineage, changing: Collection[Table]
) -> Iterator[FailingUnitTest]:
    """The tests of a product's models that surely cannot run.

    Args:
        mesh: with the inputs that the domain's products declare.
        product: whose models.
        domain: of the product.
        changing: inputs of which the product knows that they break.
    """
    files = domain.models.unit_tests
    for test in () if files.run_otherwise else files.tests:
        model = domain.models.by_name.get(test.model.lower())
        if model is None:
            if test.product == product.name.name and files.alone:
                yield _without_model(test, domain)
        elif _in_other_case(test, model) and test.product == product.name.name:
            yield _without_model(test, domain)
        elif model.product == product.name.name and not leaves_out(model.text):
            yield from _Trial(mesh, domain, changing, test, model).failures()


def _in_other_case(test: UnitTest, model: ModelFile) -> bool:
    """Tell whether only upper and lower case tell the name of a model from that of a test's."""
    return model.name != test.model and model.name.lower() == test.model.lower()


def _without_model(test: UnitTest, domain: DomainLineage) -> FailingUnitTest:
    near = did_you_mean(test.model, [model.name for model in domain.models.models])
    return FailingUnitTest(
        test.name,
        f"there is no model `{test.model}`, and dbt then builds no product of the domain",
        test.places["model"],
        f"correct `model`, or remove the test; {near}",
    )


@dataclass(frozen=True)
class _Trial:
    """One test held against its model."""

    mesh: Mesh
    domain: DomainLineage
    changing: Collection[Table]
    test: UnitTest
    model: ModelFile

    def failures(self) -> Iterator[FailingUnitTest]:
        instead = self._instead
        for table in self._lacking:
            yield self._not_given(table, instead.get(table))
        for given in self.test.given:
            if given not in instead.values() and self._is_nothing(given):
                yield self._of_nothing(given)
            if given.rows.told and self._is_ephemeral(given):
                yield self._without_types(given)
        if not self.test.overridden:
            for given in self.test.given:
                yield from self._given_columns(given)
            yield from self._expected_columns()

    @cached_property
    def _asked(self) -> frozenset[Table]:
        """Inputs for which dbt surely asks while it renders the model; none where that is open."""
        rendered = self.domain.rendered(self.model)
        if self.test.overridden or rendered.compiled or len(rendered.texts) != 1:
            return frozenset()
        found = _ASKED.findall(rendered.texts[0].lower())
        tables = (Table(schema, name or model) for model, schema, name in found)
        return frozenset(tables) - {self._own}

    @cached_property
    def _lacking(self) -> list[Table]:
        """Those of them that are surely not given."""
        given = {each.table for each in self.test.given}
        return [] if None in given else sorted(each for each in self._asked if each not in given)

    @cached_property
    def _instead(self) -> dict[Table, Given]:
        """For an input that is not given, one of its schema that is, and that nothing asks for."""
        spare = [given for given in self.test.given if given.table not in self._asked]
        found: dict[Table, Given] = {}
        for table in self._lacking:
            near = [item for item in spare if item.table and item.table.schema == table.schema]
            if near:
                found[table] = near[0]
                spare.remove(near[0])
        return found

    @property
    def _own(self) -> Table:
        return Table("", self.model.name.lower())

    def _not_given(self, table: Table, instead: Given | None) -> FailingUnitTest:
        said = f"source('{table.schema}', '{table.name}')" if table.schema else f"ref('{table}')"
        reason = f"its model `{self.model.name}` reads `{said}`, which it does not give"
        if instead is None:
            fix = f"add `input: {said}` to `given`, with `rows: []` if no row matters"
            return FailingUnitTest(self.test.name, reason, self.test.places["given"], fix)
        fix = f"give it instead of `{instead.said}`, which the model does not read"
        return FailingUnitTest(self.test.name, reason, instead.place, fix)

    def _is_nothing(self, given: Given) -> bool:
        """Tell whether dbt's project surely has no such input, before and after `mesh sync`."""
        files = self.domain.models.unit_tests
        if given.table is None or not files.alone:
            return False
        if given.table.schema:
            return given.table not in self._sources and not files.may_declare(given.table)
        return given.table.name not in self.domain.models.by_name

    def _is_ephemeral(self, given: Given) -> bool:
        """Tell whether it stands for a model that surely gets no table."""
        if given.table is None or given.table.schema:
            return False
        model = self.domain.models.by_name.get(given.table.name)
        return model is not None and self.domain.models.setup(model).materialized == "ephemeral"

    def _without_types(self, given: Given) -> FailingUnitTest:
        reason = f"it gives rows for `{given.said}`, and dbt takes their types from a table, which"
        reason += f" the ephemeral model `{given.table}` does not have"
        fix = "write the rows as SQL, with `format: sql` and `rows: select 1 as id, …`;"
        fix += f" or materialize `{given.table}` as a view"
        return FailingUnitTest(self.test.name, reason, given.place, fix)

    @cached_property
    def _sources(self) -> frozenset[Table]:
        """Return what the products of the domain declare: each can be given by the tests of all."""
        products = self.mesh.domain(self.domain.models.domain).products
        ports = [Table(*item.port.relation) for each in products for item in each.inputs]
        files = [Table(LANDING, item.name.lower()) for each in products for item in each.landings]
        return frozenset((*ports, *files))

    def _of_nothing(self, given: Given) -> FailingUnitTest:
        if given.table is not None and given.table.schema:
            reason = f"it gives `{given.said}`, which no product of the domain has as an input port"
            near = did_you_mean(str(given.table), map(str, self._sources))
        else:
            reason = f"it gives `{given.said}`, and there is no such model"
            near = did_you_mean(str(given.table), self.domain.models.by_name)
        fix = f"correct it, or take it out of `given`; {near}"
        return FailingUnitTest(self.test.name, reason, given.place, fix)

    def _given_columns(self, given: Given) -> Iterator[FailingUnitTest]:
        if given.table is not None and given.table in self._asked:
            lacks = "port does not promise" if given.table.schema else "model does not return"
            yield from self._unknown(f"gives `{given.table}`", given.rows, given.table, lacks)

    def _expected_columns(self) -> Iterator[FailingUnitTest]:
        """Report expected columns that the model lacks.

        Where SQL gives rows, they may have other columns than the input, and `*` shows those.
        """
        if all(given.rows.told for given in self.test.given):
            yield from self._unknown(
                "expects", self.test.expected, self._own, "model does not return"
            )

    def _unknown(
        self, does: str, rows: Rows, table: Table, lacks: str
    ) -> Iterator[FailingUnitTest]:
        relation = self.domain.relation(table)
        known = relation.by_name if relation is not None and relation.enumerable else rows.columns
        strange = {name: at for name, at in rows.columns.items() if name not in known}
        if relation is None or not strange or not self._is_told(table, relation):
            return
        for column, place in strange.items():
            reason = f"it {does} the column `{column}`, which the {lacks}"
            fix = f"correct it, or take it out of the rows; {did_you_mean(column, known)}"
            yield FailingUnitTest(self.test.name, reason, place, fix)

    def _is_told(self, table: Table, relation: Relation) -> bool:
        """Tell whether the texts tell all columns, and no acknowledged break moves them."""
        if table.schema:
            return self.domain.ports.port(table) is not None and table not in self.changing
        told = self.domain.tells_columns(table.name)
        return told and relation.passes.isdisjoint(self.changing)
