"""Check that the platform can build and release a dbt model.

`mesh check` applies the rules to what the files tell, and a build to what dbt reports.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from graphlib import CycleError, TopologicalSorter
from pathlib import PurePosixPath

from mesh_platform.errors import Place, did_you_mean
from mesh_platform.files import LARGEST, UNREADABLE
from mesh_platform.lineage.model_files import DomainModels, ModelFile, Named
from mesh_platform.lineage.model_references import is_read, of_package, reference_findings
from mesh_platform.lineage.model_setup import STRATEGY, UNKNOWN, ModelSetup
from mesh_platform.lineage.templates import syntax_fault
from mesh_platform.lineage.undefined_names import (
    generic_test_findings,
    missing_source_findings,
    undefined_findings,
)
from mesh_platform.lineage.undescribed import described_findings
from mesh_platform.model.contract import Contract
from mesh_platform.model.findings import Finding
from mesh_platform.model.mesh import Domain, Product
from mesh_platform.model.naming import ProductName

STRATEGIES = ("append", "delete+insert", "merge", "microbatch")
"""Ways in which dbt adds rows to a table of DuckDB."""
_KEY = "unique_key"
INCREMENTAL = "incremental"
"""Materialization that adds to the rows of the last build."""
_MODEL = re.compile(r"^\s*(?:async\s+)?def\s+model\b", re.MULTILINE)
_STAGED = ("table", "view", INCREMENTAL, UNKNOWN)
"""Materializations that leave a table or view from which a port's files can be written."""
_OF_DBT = (
    *("ephemeral", "external", "materialized_view", "seed", "snapshot", "test"),
    *("clone", "function", "table_function", "unit"),
)
_COMMENTS = re.compile(r"\{#.*?#\}|/\*.*?\*/|--[^\n]*", re.DOTALL)
_CALL_ALONE = re.compile(r"\{\{[^{}]*\}\}\s*$")
_SHOWN = re.compile(r"[A-Za-z0-9_.-]+")
"""Match names that Dagster can show."""
_QUOTED = re.compile(
    r"\{#.*?#\}|\{\{.*?\}\}|/\*.*?\*/|--[^\n]*"
    r"|'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|\$(\w*)\$.*?\$\1\$",
    re.DOTALL,
)
_CONFIG = re.compile(r"\{\{-?\s*config\([^{}]*\)\s*-?\}\}")
_BRANCHES = re.compile(r"\{[%#]")
_SOURCE = re.compile(r"""\bsource\(\s*['"]([^'"]+)['"]\s*,\s*['"]([^'"]+)['"]""")
_REF = re.compile(r"""\bref\(\s*['"](\w+)['"]\s*\)""")


def domain_findings(
    domain: Domain, models: DomainModels, names: Collection[ProductName]
) -> Iterator[Finding]:
    """Report faults in the models of some products of a domain, and in its whole dbt project."""
    yield from _project_findings(models)
    yield from (finding for _, finding in models.unfit_seeds)
    yield from _test_findings(models)
    for test in models.tests:
        what = f"the test `{test.name.removeprefix('test ')}`"
        yield from _unread(what, test, domain.name)
        if ends_in_semicolon(test.text):
            severity = "error" if test.file in models.withholding else "warning"
            yield _semicolon(what, test, domain.name, severity)
    for product in domain.products:
        if product.name in names and models.known:
            yield from _product_findings(product, models)


def building_findings(product: Product, models: DomainModels) -> Iterator[Finding]:
    """Report what surely keeps dbt from building a product."""
    yield from _project_findings(models)
    if models.known:
        yield from _product_findings(product, models)


def lost_test_findings(models: DomainModels) -> Iterator[Finding]:
    """Report tests that name what is not there: dbt leaves them out, and a release would pass."""
    yield from _generic_test_findings(models)
    yield from _test_findings(models)


def _unknown_tests(product: Product, models: DomainModels) -> Iterator[Finding]:
    """Report generic tests that a package lacks and that a build of the product runs."""
    if not models.unknown_tests:
        return
    own = [model for model in models.of_product(product.name.name) if not models.setup(model).off]
    beside = {(each.name,) for each in models.beside}
    tested = {(model.name,) for model in own}
    for model in own:
        tested |= {(name,) for name in _REF.findall(model.text)} & beside
        tested |= set(_SOURCE.findall(model.text))
    for names, finding in models.unknown_tests:
        if names in tested:
            yield replace(finding, product=str(product.name))


def _generic_test_findings(models: DomainModels) -> Iterator[Finding]:
    if models.defined is not None:
        for tests in models.generic_tests:
            yield from generic_test_findings(tests, models.defined, models.domain)


def _test_findings(models: DomainModels) -> Iterator[Finding]:
    for test in models.tests:
        what = f"the test `{test.name.removeprefix('test ')}`"
        missing = _missing_sources(what, test, models)
        for finding in (*_undefined(what, test, models, models.domain), *missing):
            certain = test.file not in models.perhaps_off
            yield finding if certain else replace(finding, severity="warning")


def _product_findings(product: Product, models: DomainModels) -> Iterator[Finding]:
    own = {model.name: model for model in models.of_product(product.name.name)}
    ports = {port.contract.table: port.contract for port in product.ports}
    for table, contract in ports.items():
        if table not in own:
            yield _missing(product, table, contract.place)
    yield from _unknown_tests(product, models)
    for model in own.values():
        yield from _unread(f"the model `{model.name}`", model, str(product.name))
        certain = models.setup(model).get("enabled") is not UNKNOWN
        for finding in _model_findings(model, product, models, ports):
            yield finding if certain else replace(finding, severity="warning")


def _model_findings(
    model: ModelFile, product: Product, models: DomainModels, ports: Mapping[str, Contract]
) -> Iterator[Finding]:
    """Report faults in a model that dbt can read."""
    setup, place = models.setup(model), Place(model.file, 1)
    yield from setup_findings(setup, product, place, behind_port=model.name in ports)
    yield from _unknown_materialization(setup, place, str(product.name))
    if setup.off:
        return
    yield from _text_findings(model, product, models)
    yield from described_findings(model, models, str(product.name), port=ports.get(model.name))
    if not model.python and _is_empty(model, models, behind_port=model.name in ports):
        said, way = f"there is no SQL in the model `{model.name}`", "write one SELECT in it"
        yield Finding("model.empty", said, Place(model.file, 1), way, str(product.name))


def _is_empty(model: ModelFile, models: DomainModels, *, behind_port: bool) -> bool:
    """Tell whether dbt has nothing to run for a model.

    dbt skips an empty file, so one counts only behind a port, or where another model reads it.
    """
    if _CONFIG.sub("", _COMMENTS.sub("", model.text)).strip():
        return False
    return behind_port or bool(model.text.strip()) or is_read(model, models)


def setup_findings(
    setup: ModelSetup, product: Product, place: Place, *, behind_port: bool
) -> Iterator[Finding]:
    """Report faults in how a model is built."""
    name = str(product.name)
    if snapshots := setup.snapshots:
        said = f"the model `{setup.name}` reads the snapshot `{snapshots[0]}`"
        yield _keeps_rows(said, place, name)
    for model, package in setup.brought:
        yield of_package(setup.name, model, package, place, name)
    if behind_port:
        yield from _of_port(setup, name, place)
    elif setup.materialized == INCREMENTAL and not setup.off:
        at = setup.places.get("materialized", place)
        yield _keeps_rows(f"the private model `{setup.name}` is incremental", at, name)


def _unknown_materialization(setup: ModelSetup, place: Place, product: str) -> Iterator[Finding]:
    """Report a materialization that neither dbt nor a macro of the project makes."""
    kind = setup.materialized
    if not setup.off and kind not in (*_STAGED, *_OF_DBT):
        said = f"the model `{setup.name}` is materialized as `{kind}`, which dbt does not know"
        way = did_you_mean(str(kind), ("table", "view", INCREMENTAL, "ephemeral"))
        at = setup.places.get("materialized", place)
        yield Finding("model.materialized", said, at, way, product)


def _of_port(setup: ModelSetup, product: str, place: Place) -> Iterator[Finding]:
    """Report how the model behind a port cannot be built."""
    model = f"the model `{setup.name}` behind the port"
    if setup.off:
        said = f"{model} is disabled, so dbt does not build it"
        at = setup.places.get("enabled", place)
        yield Finding("model.disabled", said, at, "remove `enabled`", product)
    for key in () if setup.off else ("alias", "schema", "database"):
        value = setup.get(key)
        if value not in (None, UNKNOWN, setup.name if key == "alias" else None):
            said = f"{model} is given the {key} `{value}`"
            way = f"remove `{key}`: the table behind a port is called as the port's contract says"
            at = setup.places.get(key, place)
            yield Finding("model.elsewhere", said, at, way, product)
    kind, strategy = setup.materialized, str(setup.get(STRATEGY) or UNKNOWN)
    if kind == INCREMENTAL and strategy not in (UNKNOWN, "default", *STRATEGIES):
        said = f"{model} has the incremental strategy `{strategy}`, which dbt lacks for DuckDB"
        way, at = did_you_mean(strategy, STRATEGIES), setup.places.get(STRATEGY, place)
        yield Finding("model.strategy", said, at, way, product)
    if kind == INCREMENTAL and strategy == "microbatch" and _is_known(setup.get(_KEY)):
        said = f"{model} has a `{_KEY}`, which `microbatch` does not take on DuckDB"
        way, at = f"remove `{_KEY}`, or use the strategy `merge`", setup.places.get(_KEY, place)
        yield Finding("model.strategy", said, at, way, product)
    if kind in _OF_DBT:
        way = "materialize it as `table`, `view` or `incremental`"
        at = setup.places.get("materialized", place)
        yield Finding("model.materialized", f"{model} is materialized as {kind}", at, way, product)


def _is_known(value: object) -> bool:
    return value not in (None, UNKNOWN)


def _keeps_rows(said: str, place: Place, product: str) -> Finding:
    message = f"{said}, and its rows are in no release, so no build could start from them"
    way = "materialize it as a table, or offer it as an output port that is incremental"
    return Finding("model.keeps-rows", message, place, way, product)


def _missing(product: Product, table: str, place: Place) -> Finding:
    folder = PurePosixPath(product.place.file).parent
    message, way = f"there is no model `{table}` behind the port", f"add {table}.sql to {folder}"
    return Finding("model.missing", message, place, way, str(product.name))


def _text_findings(model: ModelFile, product: Product, models: DomainModels) -> Iterator[Finding]:
    yield from _undefined(f"the model `{model.name}`", model, models, str(product.name))
    if not model.python and ends_in_semicolon(model.text):
        yield _semicolon(f"the model `{model.name}`", model, str(product.name))
    elif not model.python and (line := _second_statement(model.text)) is not None:
        said = (
            f"the model `{model.name}` holds more than one statement, and dbt puts its SQL inside"
        )
        way, place = "leave one SELECT; what runs beside it is a hook", Place(model.file, line)
        yield Finding("model.semicolon", f"{said} another statement", place, way, str(product.name))
    for name in dict.fromkeys(_REF.findall(model.text)):
        if name in models.snapshots:
            place = Place(model.file, model.line_of(name))
            said = f"the model `{model.name}` reads the snapshot `{name}`"
            way = "read what the snapshot is made of, or keep the history in an output port"
            yield replace(_keeps_rows(said, place, str(product.name)), fix=way)
    yield from reference_findings(model, models, str(product.name))


def _unread(what: str, file: ModelFile, owner: str) -> Iterator[Finding]:
    """Report a file that dbt surely cannot read; it then builds nothing of the domain."""
    if file.text == UNREADABLE:
        most = LARGEST // 1_000_000
        said = f"{what} cannot be read: it is no plain file of at most {most} MB that may be read"
        way = "look at its kind, size and rights"
        yield Finding("model.unreadable", said, Place(file.file, 1), way, owner)
    elif UNREADABLE in file.text:
        said, way = f"{what} cannot be read as UTF-8 text", "save it with the encoding UTF-8"
        yield Finding("model.unreadable", said, Place(file.file, 1), way, owner)
    elif file.python and (fault := _python_fault(file.text)) is not None:
        said, way = f"{what} is no Python: {fault[1]}", "correct the line"
        yield Finding("model.python", said, Place(file.file, fault[0]), way, owner)
    elif file.python and not _MODEL.search(file.text):
        said, way = f"{what} has no function `model`", "write `def model(dbt, session): …` in it"
        yield Finding("model.python", said, Place(file.file, 1), way, owner)
    elif not file.python and (fault := syntax_fault(file.text)) is not None:
        said = f"the template of {what} cannot be read: {fault[1]}"
        way = "correct it: each `{{`, `{%` and `{#` has its end, and each block its `end…`"
        yield Finding("model.template", said, Place(file.file, fault[0]), way, owner)


def _undefined(what: str, file: ModelFile, models: DomainModels, owner: str) -> Iterator[Finding]:
    """Report macros and variables that dbt would not find."""
    if models.defined is not None and not file.python:
        yield from undefined_findings(what, file.file, file.text, models.defined, owner)


def _missing_sources(what: str, file: ModelFile, models: DomainModels) -> Iterator[Finding]:
    """Report sources that a test reads and that are not there."""
    if models.defined is not None:
        given = (what, file.file, file.text, models.defined)
        yield from missing_source_findings(*given, models.domain)


def _python_fault(text: str) -> tuple[int, str] | None:
    """Return line and message of the fault where a text is not valid Python, else None."""
    try:
        ast.parse(text)
    except SyntaxError as error:
        return error.lineno or 1, error.msg
    except ValueError as error:  # a null byte
        return 1, str(error)
    return None


def _semicolon(what: str, file: ModelFile, owner: str, severity: str = "error") -> Finding:
    said = f"{what} ends in a semicolon, and dbt puts its SQL inside another statement"
    place = Place(file.file, file.text[: file.text.rindex(";")].count("\n") + 1)
    return Finding("model.semicolon", said, place, "remove the semicolon", owner, severity)


def _second_statement(text: str) -> int | None:
    """Return the line of a semicolon with SQL behind it, or None where a template has branches."""
    if "{%" in text:
        return None
    bare = _QUOTED.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)
    before, _, behind = bare.partition(";")
    return before.count("\n") + 1 if behind.strip(" ;\n\t") else None


def ends_in_semicolon(text: str) -> bool:
    """Tell whether SQL ends in a semicolon, apart from comments and calls behind it."""
    bare = _COMMENTS.sub("", text).rstrip()
    while match := _CALL_ALONE.search(bare):
        if not bare[: match.start()].rstrip().endswith(";"):
            break
        bare = bare[: match.start()].rstrip()
    return bare.endswith(";")


def _project_findings(models: DomainModels) -> Iterator[Finding]:
    """Report what keeps dbt from reading or ordering anything of a domain."""
    yield from _names(models.domain, models.named)
    yield from _circles(models)
    yield from _generic_test_findings(models)
    yield from models.unread


def _circles(models: DomainModels) -> Iterator[Finding]:
    """Report models that read each other.

    A template with branches is left out, because it may not read everything that it names.
    """
    plain = [m for m in models.models if not m.python and not _BRANCHES.search(m.text)]
    reads = {model.name: _REF.findall(model.text) for model in plain}
    try:
        TopologicalSorter(reads).prepare()
    except CycleError as error:
        circle = error.args[1][::-1]
        first = next(model for model in plain if model.name == circle[0])
        yield Finding(
            "model.cycle",
            f"models read each other: {' → '.join(circle)}",
            Place(first.file, first.line_of(circle[1])),
            "take one of these `ref` out; a model reads what it was before as `{{ this }}`",
            models.domain,
        )


def _names(domain: str, named: Collection[Named]) -> Iterator[Finding]:
    """Report names that two models, seeds or snapshots share, and names that Dagster cannot show.

    dbt reads nothing of a domain with a shared name.
    """
    first: dict[str, Named] = {}
    for item in named:
        other = first.setdefault(item.name.lower(), item)
        if other is not item:
            taken = f"the {other.kind} at {other.place}"
            said = f"the {item.kind} `{item.name}` has the same name as {taken}"
            way = "rename one of the two: names are unique within a domain"
            yield Finding("model.name-clash", said, item.place, way, domain)
        if not _SHOWN.fullmatch(item.name):
            said = f"the {item.kind} `{item.name}` has a name that Dagster cannot show"
            way = "use letters, digits, `_`, `-` and `.` of ASCII"
            yield Finding("model.name", said, item.place, way, domain)
