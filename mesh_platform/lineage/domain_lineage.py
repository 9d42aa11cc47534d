"""Reads the models of one domain, each once and only when somebody asks for it."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

from mesh_platform.files import UNREADABLE
from mesh_platform.lineage.model_files import DomainModels, ModelFile
from mesh_platform.lineage.port_tables import PortTables
from mesh_platform.lineage.sql.certain import told_columns
from mesh_platform.lineage.sql.model_lineage import ModelLineage, model_lineage, unread
from mesh_platform.lineage.sql.sources import NOTHING, Relation, Table
from mesh_platform.lineage.static_jinja import MARK, OWN_MARK
from mesh_platform.lineage.templates import Rendered, Templates

DATABASE = "mesh"
"""Where dbt finds what the platform mounts."""
_MAIN = "main"


class DomainLineage:
    """Hold the models of a domain in terms of the inputs of its products.

    Args:
        ports: the inputs that there are.
        models: the domain's.
        templates: renders them.
    """

    def __init__(self, ports: PortTables, models: DomainModels, templates: Templates) -> None:
        self.ports, self.models = ports, models
        self._templates = templates
        self._done: dict[str, ModelLineage] = {}
        self._rendered: dict[str, Rendered] = {}
        self._growing: dict[str, Relation] = {}

    def model(self, name: str) -> ModelLineage:
        """Return the lineage of a model by its name."""
        key = name.lower()
        if key not in self._done:
            self._done[key] = self._told(name)
        return self._done[key]

    def _told(self, name: str) -> ModelLineage:
        """Return the lineage of a model or a seed; the rows of a seed come from no input."""
        if file := self.models.file_of(name.lower()):
            return self._read(file)
        if name.lower() in self.models.seeds:
            return ModelLineage(name, Relation(otherwise=NOTHING))
        return unread(name, "there is no such model")

    @cached_property
    def tests(self) -> tuple[ModelLineage, ...]:
        """Return what the tests of the domain read; what they return concerns nobody."""
        return tuple(self._read(file) for file in self.models.tests)

    def tells_columns(self, name: str) -> bool:
        """Tell whether the SQL of a model, with all it reads, tells all columns it will have.

        Where it does not, a table may have a column that is not known from the texts.
        """
        todo, seen = [name.lower()], set[str]()
        while todo:
            key = todo.pop()
            if not self._tells_own_columns(key):
                return False
            seen.add(key)
            behind = {table.name for table in self.model(key).tables if not table.schema}
            todo += behind - seen
        return True

    def _tells_own_columns(self, key: str) -> bool:
        file = self.models.file_of(key)
        if file is None or file.builds_otherwise or self.models.builds_otherwise:
            return False
        found = self.model(key)
        return (
            not (self.rendered(file).compiled or found.unread or found.doubts)
            and all(name is not None for name, _ in found.relation.columns)
            and all(map(told_columns, found.texts))
        )

    def rendered(self, file: ModelFile) -> Rendered:
        """Return the SQL of a model, or why there is none."""
        key = file.name.lower()
        if key not in self._rendered:
            self._rendered[key] = self._render(file)
        return self._rendered[key]

    def identified(self, parts: tuple[str, ...]) -> Table:
        """Return the input or model that the parts of a name mean; models have no schema."""
        if parts[0] in (MARK, DATABASE) and len(parts) == 3:
            return Table(parts[1], parts[2])
        if parts[0] == OWN_MARK or len(parts) == 1 or parts[-2] == _MAIN:
            return self._own(parts[-1])
        if parts[-1] in self.models.by_name and len(parts) == 3:
            return self._own(parts[-1])
        return Table(parts[-2], parts[-1])

    def _own(self, name: str) -> Table:
        """Return a model as a table that is called as its file is, not as a version of it."""
        file = self.models.by_name.get(name)
        return Table("", file.name.lower() if file else name)

    def find_table(self, parts: tuple[str, ...]) -> tuple[Table, Relation | None]:
        """Return what is known of a table that SQL names."""
        table = self.identified(parts)
        return table, self.relation(table)

    def relation(self, table: Table) -> Relation | None:
        """Return what is known of a model or an input; None for what is neither."""
        if not table.schema:
            return self._model_relation(table.name)
        return self.ports.relation(table)

    def _model_relation(self, name: str) -> Relation | None:
        if name in self._growing:
            circle = name != next(reversed(self._growing))
            return (
                unread(name, "models read each other").relation if circle else self._growing[name]
            )
        known = self.models.file_of(name) is not None or name in self.models.seeds
        return self.model(name).relation if known else None

    def _render(self, file: ModelFile) -> Rendered:
        if file.python:
            return Rendered((), problem="it is written in Python", compiled_helps=False)
        if UNREADABLE in file.text:
            return Rendered((), problem="it cannot be read as UTF-8 text", compiled_helps=False)
        if hook := self.models.hook_of(file):
            problem = f"{hook} runs SQL beside the models"
            return Rendered((), problem=problem, compiled_helps=False)
        rendered = self._templates.render(file.name, file.text)
        if rendered.problem is None or not rendered.compiled_helps:
            return rendered
        compiled = self.models.sql_of_dbt(file)
        return Rendered((compiled,), rendered.calls, compiled=True) if compiled else rendered

    def _read(self, file: ModelFile) -> ModelLineage:
        try:
            return self._understood(file)
        except Exception as error:  # noqa: BLE001 - the boundary: one model stops no other
            return unread(file.name, f"to read it failed with `{type(error).__name__}`")

    def _understood(self, file: ModelFile) -> ModelLineage:
        rendered = self.rendered(file)
        tables = (call.table for call in rendered.calls)
        called = tuple(each if each.schema else self._own(each.name) for each in tables)
        if rendered.problem is not None:
            return unread(file.name, rendered.problem, called)
        key = file.name.lower()
        self._growing[key] = Relation(otherwise=NOTHING)
        try:
            found = self._grown(file.name, key, rendered.texts)
        finally:
            del self._growing[key]
        return replace(found, tables=called) if found.unread and not found.tables else found

    def _grown(self, name: str, key: str, texts: tuple[str, ...]) -> ModelLineage:
        """Return the lineage of a model; one that reads itself keeps what it depended on."""
        found = model_lineage(name, texts, self.find_table)
        while Table("", key) in found.tables and found.relation != self._growing[key]:
            self._growing[key] = found.relation
            found = model_lineage(name, texts, self.find_table)
        return found
