"""Find what dbt refuses in the files of properties of a project, file by file and between them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from mesh_platform.engines.dbt.generic_tests import (
    LISTS,
    NAME,
    TESTED,
    KnownTests,
    arguments,
    generic_test_faults,
    named_test,
    runs,
    withholds,
)
from mesh_platform.engines.dbt.properties import holders, property_findings, setting_findings
from mesh_platform.errors import Place
from mesh_platform.lineage.defined_names import Defined
from mesh_platform.lineage.model_files import ColumnTest, leaves_out
from mesh_platform.lineage.sql.sources import Table
from mesh_platform.lineage.undefined_names import CODE as UNDEFINED
from mesh_platform.lineage.undefined_names import NO_PACKAGE
from mesh_platform.model.documents import Path as Spot
from mesh_platform.model.findings import Finding
from mesh_platform.release.lineage.environment import environment_faults
from mesh_platform.release.lineage.named_twice import twice
from mesh_platform.release.lineage.property_files import ReadProject
from mesh_platform.release.lineage.settings_of_tests import setting_faults
from mesh_platform.release.lineage.version_files import version_faults
from mesh_platform.release.lineage.whole_project import (
    analysis_faults,
    exposure_faults,
    named_table,
)

_PLAIN = re.compile(r"[A-Za-z_]\w*")
"""Match a column that is no expression: a test writes it into its SQL as it is."""
_JINJA = re.compile(r"\{[{%#]")
_NESTED = "require_generic_test_arguments_property"


def property_faults(read: ReadProject) -> Iterator[Finding]:
    """Report what dbt refuses in the properties of a project, file by file and between them."""
    domain, defined = read.models.domain, read.models.defined
    if defined is None:
        return
    known = _known_tests(read, defined)
    for document in read.documents:
        yield from property_findings(document, domain)
        yield from setting_findings(document, known.models, domain)
        yield from generic_test_faults(document, known, domain)
    yield from exposure_faults(read, defined)
    yield from analysis_faults(read, defined)
    yield from environment_faults(read, defined)
    yield from setting_faults(read.models)
    yield from twice(read)
    yield from version_faults(read)


def _known_tests(read: ReadProject, defined: Defined) -> KnownTests:
    """Return the generic tests that files of properties may name."""
    project, models = read.project, read.models
    flags = project.data.get("flags")
    nested = flags.get(_NESTED, True) if isinstance(flags, dict) else True
    said = " ".join(str(project.data.get(key)) for key in ("tests", "data_tests"))
    there = (*(model.name for model in models.models), *(each.name for each in models.beside))
    return KnownTests(
        own=defined.macros,
        packages={**defined.packages, project.name: defined.macros},
        models=frozenset((*there, *models.versions)),
        nested=nested is not False,
        may_be_off=leaves_out(said) or "severity" in said,
    )


def column_tests(read: ReadProject) -> Iterator[ColumnTest]:
    """Yield dbt's own tests of models and their columns, but those that may be turned off."""
    if read.models.defined is None or not read.documents:
        return
    known = _known_tests(read, read.models.defined)
    for document in () if known.may_be_off else read.documents:
        for path, holder in holders(document.data, "models"):
            entry = document.data["models"][path[1]]
            if "versions" in entry:
                continue
            column = str(holder.get("name")) if "columns" in path else ""
            for test, at, given in _own_of_dbt(path, holder, known):
                reads = filter(_PLAIN.fullmatch, (column,))
                told = (str(entry.get("name")), (*reads, *_condition(given)), document.place(at))
                target = _target(test, arguments(given, nested=known.nested))
                yield ColumnTest(test, *told, blocks=withholds(given), target=target)


def _target(test: str, given: Mapping[str, Any]) -> tuple[Table, str] | None:
    """Return the table and the column that a test of relationships looks at, if they are plain."""
    to, column = given.get("to"), given.get("field")
    if test.removeprefix("dbt.") != "relationships" or not isinstance(to, str):
        return None
    names = named_table(to)
    plain = isinstance(column, str) and _PLAIN.fullmatch(column)
    return (Table(*map(str.lower, names)), str(column)) if names and plain else None


def unknown_tests(read: ReadProject) -> Iterator[tuple[tuple[str, ...], Finding]]:
    """Yield generic tests that a package lacks, but those that may be turned off.

    Yield what each tests, and the finding; dbt tells it when it runs them.
    """
    defined = read.models.defined
    if defined is None or _known_tests(read, defined).may_be_off:
        return
    for document in (each for each in read.documents if not leaves_out(each.text)):
        for path, holder in holders(document.data, *TESTED):
            for test, at, given in _tests_at(path, holder):
                named = NAME.fullmatch(test)
                if named and named[1] and defined.lacks_test(named[1], named[2]):
                    place, owner = document.place(at), read.models.domain
                    found = _unknown((named[1], named[2]), defined, place, owner)
                    severity = "error" if withholds(given) else "warning"
                    yield _names(document.data, path), replace(found, severity=severity)


def _names(data: Mapping[str, Any], path: Spot) -> tuple[str, ...]:
    """Return the name of what is tested; of a table of a source, that of the source, too."""
    entry = data[str(path[0])][path[1]]
    table = (entry["tables"][path[3]],) if path[0] == "sources" else ()
    return tuple(str(each.get("name")) for each in (entry, *table))


def _unknown(test: tuple[str, str], defined: Defined, place: Place, owner: str) -> Finding:
    package, name = test
    if defined.lacks_package(package):
        said = f"`{package}.{name}` is no generic test: the domain imports no package `{package}`"
        return Finding(UNDEFINED, said, place, NO_PACKAGE, owner, stops=False)
    said = f"the package `{package}` has no generic test `{name}`"
    known = defined.test_of_package(name)
    known = name if name in defined.known_tests else known
    way = f"write `{known}`" if known else "correct the name"
    return Finding(UNDEFINED, said, place, way, owner, stops=False)


def _condition(given: Mapping[str, Any]) -> Iterator[str]:
    """Yield the condition that limits the rows which a test looks at."""
    config = given.get("config")
    said = given.get("where") or (config.get("where") if isinstance(config, dict) else None)
    if isinstance(said, str) and not _JINJA.search(said):
        yield said


def _own_of_dbt(
    path: Spot, holder: Mapping[str, Any], known: KnownTests
) -> Iterator[tuple[str, Spot, Mapping[str, Any]]]:
    for name, at, given in _tests_at(path, holder):
        signature = known.signature(name)
        if signature is not None and signature.of_dbt:
            yield name, at, given


def _tests_at(
    path: Spot, holder: Mapping[str, Any]
) -> Iterator[tuple[str, Spot, Mapping[str, Any]]]:
    """Yield the generic tests of a model, a table or a column that nothing there turns off."""
    for key in LISTS:
        listed = holder.get(key)
        for index, said in enumerate(listed if isinstance(listed, list) else ()):
            if (named := named_test(said)) is not None and runs(named[1]):
                yield named[0], (*path, key, index), named[1]
