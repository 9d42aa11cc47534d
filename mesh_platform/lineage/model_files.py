"""Hold the texts that lineage is read from; other modules find them on disk or in git."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from mesh_platform.errors import Place
from mesh_platform.lineage.defined_names import Defined
from mesh_platform.lineage.model_setup import Configurations, ModelSetup
from mesh_platform.lineage.sql.sources import Table
from mesh_platform.lineage.unit_test_files import UnitTestFiles
from mesh_platform.model.findings import Finding

_WORD = re.compile(r"\w+")
_OTHERWISE = re.compile(
    r"\bmaterialized['\"]?\s*[:=](?!\s*['\"]?(?:table|view|ephemeral)\b)"
    r"|\{%-?\s*materialization\b|create_(?:table|view)_as\b"
)
"""Match settings and macros that build another table than that of the model's SELECT."""
_ENABLED = re.compile(r"\benabled['\"]?\s*[:=]")


def builds_otherwise(text: str) -> bool:
    """Tell whether a text of a dbt project makes it keep old columns, or build in its own way."""
    worth = "materializ" in text or "create_" in text  # which is found sooner
    return worth and _OTHERWISE.search(text) is not None


def leaves_out(text: str) -> bool:
    """Tell whether a text of a dbt project may disable something, so that dbt does not run it."""
    return "enabled" in text and _ENABLED.search(text) is not None


@dataclass(frozen=True, slots=True)
class Compiled:
    """Hold the SQL that dbt compiled for a model, and the text that it compiled."""

    raw: str
    sql: str


@dataclass(frozen=True, slots=True)
class ModelFile:
    """Hold one dbt model.

    Args:
        name: the model's name.
        product: name of the product's folder that it lies in.
        file: its path, relative to the mesh's root.
        text: the content of the file.
        folders: the folders that it lies in, below the one that dbt searches.
    """

    name: str
    product: str
    file: str
    text: str
    folders: tuple[str, ...] = ()

    @property
    def python(self) -> bool:
        """Tell whether the model is a Python program, whose text does not show its columns."""
        return self.file.endswith(".py")

    @property
    def builds_otherwise(self) -> bool:
        """Tell whether its table may have other columns than its SELECT, as an incremental one."""
        return builds_otherwise(self.text)

    def line_of(self, word: str) -> int:
        """Return the number of the first line with a word outside a comment; else 1."""
        lines = [line.split("--")[0] for line in self.text.lower().splitlines()]
        return next((n for n, line in enumerate(lines, 1) if word.lower() in line), 1)


@dataclass(frozen=True, slots=True)
class Named:
    """Hold something that `ref` finds: a model, a seed or a snapshot."""

    name: str
    kind: str
    place: Place


@dataclass(frozen=True, slots=True)
class SourceTest:
    """Hold a generic dbt test on a source that surely withholds releases where it fails."""

    name: str
    table: Table
    place: Place


@dataclass(frozen=True, slots=True)
class NamedTests:
    """Hold a file of properties, the names of the generic tests in it, and their arguments.

    `arguments` holds each text among those of tests that nothing may turn off.
    """

    file: str
    text: str = field(repr=False)
    names: tuple[str, ...]
    arguments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ColumnTest:
    """Hold one of dbt's own tests that surely reads columns of a model.

    Args:
        name: of the test.
        model: that it is written at.
        reads: expressions over the columns of the model: a column, a condition.
        place: of the test.
        blocks: whether it surely withholds a release where it cannot run.
        target: another table that it reads, with the column that it reads there.
    """

    name: str
    model: str
    reads: tuple[str, ...]
    place: Place
    blocks: bool
    target: tuple[Table, str] | None = None


@dataclass(frozen=True, slots=True)
class Described:
    """Hold where a file of properties describes a model, and the columns that it describes.

    Args:
        place: of the entry.
        grouped: whether the entry itself says a group.
        columns: the columns, each with whether its type is said.
    """

    place: Place
    grouped: bool
    columns: Mapping[str, bool]


@dataclass(frozen=True)
class DomainModels:
    """Hold the dbt project of a domain.

    Args:
        domain: its name.
        models: its models.
        macros: the files with its own macros.
        compiled: what dbt last compiled of each model, by the model's name.
        tests: its tests in SQL, which a build of the models that they read runs too.
        hooks: settings that run SQL beside models, by the product of these models; the empty name
            stands for the whole project.
        builds_otherwise: whether its settings or macros may keep old columns, or build models in
            their own way.
        tested: columns that dbt's generic tests look at, by the model's name in lower case; a test
            of the model as a whole looks at `*`.
        unit_tests: its unit tests.
        withholding: files of its tests in SQL that surely withhold releases where they fail.
        source_tests: its generic tests on sources that surely withhold releases where they fail.
        configurations: what its files set on how models are built.
        beside: its seeds and snapshots.
        versions: names of versions of models, and of their latest, with the file behind each.
        defined: what its templates may call; None where nobody looked.
        generic_tests: the generic tests that its files of properties name, by the file.
        column_tests: dbt's own tests that files of properties name at columns of models.
        unknown_tests: findings on generic tests that a package lacks, each with what it tests: the
            names of a source and its table, or one name.
        described: the models that people describe in files of properties; None where not all of
            these could be read.
        groups: the groups of models that there are; None where that is not certain.
        plain_engine: whether its files leave DuckDB and dbt's own macros as they are.
        unread: findings on files that dbt cannot read; or why none of this is known.
        unfit_seeds: findings on seeds, by their names; an error means that one cannot be loaded.
        brought: models that local packages surely bring as tables or views, by their names in lower
            case, each with its package.
        perhaps_off: files of tests of which nobody can tell whether they are turned off.
        seed_columns: the columns of seeds, by their names in lower case, where they are certain.
    """

    domain: str
    models: tuple[ModelFile, ...] = ()
    macros: tuple[str, ...] = ()
    compiled: Mapping[str, Compiled] = field(default_factory=dict, compare=False, repr=False)
    tests: tuple[ModelFile, ...] = ()
    hooks: Mapping[str, str] = field(default_factory=dict)
    builds_otherwise: bool = False
    tested: Mapping[str, frozenset[str]] = field(default_factory=dict)
    unit_tests: UnitTestFiles = field(default_factory=UnitTestFiles)
    withholding: frozenset[str] = frozenset()
    source_tests: tuple[SourceTest, ...] = ()
    configurations: Configurations = field(default_factory=Configurations)
    beside: tuple[Named, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)
    defined: Defined | None = None
    generic_tests: tuple[NamedTests, ...] = ()
    column_tests: tuple[ColumnTest, ...] = ()
    unknown_tests: tuple[tuple[tuple[str, ...], Finding], ...] = ()
    described: Mapping[str, Described] | None = None
    groups: frozenset[str] | None = None
    plain_engine: bool = True
    unread: tuple[Finding, ...] = ()
    unfit_seeds: tuple[tuple[str, Finding], ...] = ()
    brought: Mapping[str, str] = field(default_factory=dict)
    perhaps_off: frozenset[str] = frozenset()
    seed_columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def known(self) -> bool:
        """Tell whether the files could be looked at, so that what is not here is missing."""
        return not any(finding.could_not_run for finding in self.unread)

    def setup(self, model: ModelFile) -> ModelSetup:
        """Return how dbt builds a model, as far as the files tell."""
        if model.file not in self._setups:
            given = (model.name, model.folders, model.text)
            self._setups[model.file] = self.configurations.setup(*given, python=model.python)
        return self._setups[model.file]

    @cached_property
    def _setups(self) -> dict[str, ModelSetup]:
        """Hold what was told of each model: several ask for the same."""
        return {}

    @cached_property
    def named(self) -> tuple[Named, ...]:
        """Return everything that `ref` finds."""
        enabled = (m for m in self.models if self.setup(m).get("enabled") in (None, True))
        models = (Named(model.name, "model", Place(model.file, 1)) for model in enabled)
        return (*models, *self.beside)

    @cached_property
    def seeds(self) -> frozenset[str]:
        """Return the names of the seeds in lower case."""
        return frozenset(item.name.lower() for item in self.beside if item.kind == "seed")

    @cached_property
    def snapshots(self) -> frozenset[str]:
        """Return the names of the snapshots."""
        return frozenset(item.name for item in self.beside if item.kind == "snapshot")

    @cached_property
    def by_file(self) -> dict[str, ModelFile]:
        """Return the models by the names of their files, in lower case.

        Of two files of one name, return the one that is not turned off.
        """
        found: dict[str, ModelFile] = {}
        for model in self.models:
            other = found.get(model.name.lower())
            if other is None or not self.setup(model).off:
                found[model.name.lower()] = model
        return found

    @cached_property
    def by_name(self) -> dict[str, ModelFile]:
        """Return the models by the names that `ref` and the database know, in lower case.

        The name of a model with versions means its latest, also where the file of another version
        is called so.
        """
        files = self.by_file
        behind = (
            (name, files.get(file) or files.get(name.rpartition("_v")[0]))
            for name, file in self.versions.items()
        )
        return {**files, **{name: model for name, model in behind if model}}

    def file_of(self, table: str) -> ModelFile | None:
        """Return the model that a table of the lineage is, which goes by the name of its file."""
        return self.by_file.get(table) or self.by_name.get(table)

    @cached_property
    def words(self) -> frozenset[str]:
        """Return all words in the texts of the models, in lower case."""
        return frozenset(
            word for model in self.models for word in _WORD.findall(model.text.lower())
        )

    def sql_of_dbt(self, model: ModelFile) -> str | None:
        """Return the SQL that dbt compiled for a model, or None where it compiled another text."""
        found = self.compiled.get(model.name)
        same = found is not None and found.raw.strip() == model.text.strip()
        return found.sql if found is not None and same else None

    def hook_of(self, model: ModelFile) -> str | None:
        """Return a setting that runs SQL beside a model, with its place."""
        return self.hooks.get("") or self.hooks.get(model.product)

    def of_product(self, product: str) -> tuple[ModelFile, ...]:
        """Return the models in the folder of a product."""
        return self._by_product.get(product, ())

    @cached_property
    def _by_product(self) -> dict[str, tuple[ModelFile, ...]]:
        found: dict[str, list[ModelFile]] = {}
        for model in self.models:
            found.setdefault(model.product, []).append(model)
        return {product: tuple(models) for product, models in found.items()}


@dataclass(frozen=True)
class MeshModels:
    """Hold the models of all domains.

    Args:
        domains: the models of each domain by its name.
        packages: files with macros of the dbt packages that all domains import.
    """

    domains: Mapping[str, DomainModels]
    packages: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def domain(self, name: str) -> DomainModels:
        """Return the models of one domain."""
        return self.domains.get(name) or DomainModels(name)
