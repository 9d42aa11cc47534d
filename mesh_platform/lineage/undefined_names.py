"""Find what a dbt project calls and nobody defines: macros, variables, generic tests.

dbt reads nothing of a project in which one of them is missing. Only calls that are made whatever
happens are looked at: a branch that is not taken calls nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import PurePosixPath

from jinja2 import Environment, TemplateError, nodes

from mesh_platform.errors import Place
from mesh_platform.lineage.defined_names import Defined, near_name
from mesh_platform.lineage.macro_arguments import misfit
from mesh_platform.lineage.model_files import NamedTests
from mesh_platform.lineage.templates import version_of
from mesh_platform.model.findings import Finding

CODE = "model.undefined"
NO_PACKAGE = "add it to packages.yml, or correct the name"
_PLAIN = re.compile(
    r"\{\{-?\s*(?:ref\([^{}(),]*\)|source\([^{}(),]*,[^{}(),]*\)|config\([^{}()]*\))\s*-?\}\}"
)
_WORDS = re.compile(r"\bconfig\([^{}]*=\s*(?!true\b|false\b|none\b)[A-Za-z_]", re.IGNORECASE)
"""Match a setting that is given no constant."""
_REF = re.compile(r"""\{\{-?\s*ref\(\s*['"]([\w-]+)['"]\s*\)\s*-?\}\}""")
_SOURCE = re.compile(
    r"""\{\{-?\s*source\(\s*['"]([^'"]+)['"]\s*,\s*['"]([^'"]+)['"]\s*\)\s*-?\}\}"""
)
_CALL_ALONE = re.compile(r"\s*(?:ref|source)\s*\(.+\)\s*")
"""Match an argument of a generic test that dbt takes as a call, without braces around."""
_JINJA = re.compile(r"\{[{%]")
_READER = Environment(extensions=["jinja2.ext.do"])  # noqa: S701 - nothing is rendered
_ALWAYS = (nodes.Output, nodes.Assign, nodes.ExprStmt)
"""Statements that run whatever happens, where nothing stands around them."""
_BRANCHES = (nodes.CondExpr, nodes.And, nodes.Or)
"""Expressions of which a part may not run."""
_PERHAPS = (*_BRANCHES, nodes.Filter, nodes.Test)
"""Expressions of which a part may not run, or may be missing."""
_ENV_VAR = "env_var"
_ENABLED = "enabled"
_COMMENTED = re.compile(r"(?<!-)--[^\n]*\Z")
_IN_COMMENT = "remove it: dbt reads a comment of SQL, too; it leaves out what stands in `{# … #}`"
Kinds = tuple[type[nodes.Node], ...]


def undefined_findings(
    what: str, file: str, text: str, defined: Defined, owner: str
) -> Iterator[Finding]:
    """Report macros and variables that the template of a model or a test lacks.

    Args:
        what: the model or the test, as a message names it.
        file: its path.
        text: what it says.
        defined: what it may call.
        owner: the product, or the domain.
    """
    if _WORDS.search(text):
        for line, said, way in _bare_words(text, defined):
            yield Finding(CODE, f"{what} {said}", Place(file, line), way, owner)
    defined = replace(defined, reader=PurePosixPath(file).stem)
    if not _JINJA.search(_PLAIN.sub("", text)):
        yield from _missing_models(what, file, text, defined, owner)
        yield from _spelled_sources(what, file, text, defined, owner)
        return
    for call in calls_made(text):
        if (fault := _fault(call, defined)) is not None:
            said, way = fault
            place, stops = Place(file, call.lineno), not _waits(call, defined)
            yield Finding(CODE, f"{what} {said}", place, way, owner, stops=stops)
    for line, said, way in valueless(text, defined):
        yield Finding(CODE, f"{what} {said}", Place(file, line), way, owner)


def _missing_models(
    what: str, file: str, text: str, defined: Defined, owner: str
) -> Iterator[Finding]:
    """Report each `ref` in a text that names nothing."""
    for found in _REF.finditer(text):
        if defined.lacks_model(found[1]):
            said, way = _unknown_model(found[1], defined)
            way = _IN_COMMENT if _COMMENTED.search(text, 0, found.start()) else way
            line = text.count("\n", 0, found.start(1)) + 1
            stops = found[1] not in defined.astray
            yield Finding(CODE, f"{what} {said}", Place(file, line), way, owner, stops=stops)


def _spelled_sources(
    what: str, file: str, text: str, defined: Defined, owner: str
) -> Iterator[Finding]:
    """Report each `source` in a text with other upper and lower case than the name has."""
    for found in _SOURCE.finditer(text):
        if (fault := _other_case(found[1], found[2], defined)) is not None:
            line = text.count("\n", 0, found.start(1)) + 1
            yield Finding(CODE, f"{what} {fault[0]}", Place(file, line), fault[1], owner)


def missing_source_findings(
    what: str, file: str, text: str, defined: Defined, owner: str
) -> Iterator[Finding]:
    """Report each `source` that the template of a test or an analysis calls and that is nowhere.

    Of a model, its product's inputs tell that.
    """
    for call in calls_made(text) if "source" in text else ():
        if (fault := _unknown_source(call, defined)) is not None:
            yield Finding(CODE, f"{what} {fault[0]}", Place(file, call.lineno), fault[1], owner)


def _unknown_source(call: nodes.Call, defined: Defined) -> tuple[str, str] | None:
    match call.node, call.args:
        case nodes.Name(name="source"), [
            nodes.Const(value=str(source)),
            nodes.Const(value=str(table)),
        ]:
            if call.kwargs or not defined.has_no_source_like(source, table):
                return None
            known = {f"{a}.{b}": f"source('{a}', '{b}')" for a, b in defined.sources or ()}
            said = f"reads `source('{source}', '{table}')`, and there is no such source"
            way = f"correct the name, or add an input port{near_name(f'{source}.{table}', known)}"
            return said, way
    return None


def _other_case(source: str, table: str, defined: Defined) -> tuple[str, str] | None:
    """Return that dbt finds no source, where only upper and lower case tell it from one."""
    if (meant := defined.source_meant(source, table)) is None:
        return None
    said = f"reads `source('{source}', '{table}')`, and dbt tells upper from lower case"
    return said, f"write `source('{meant[0]}', '{meant[1]}')`"


def _unknown_model(name: str, defined: Defined) -> tuple[str, str]:
    if name in defined.disabled:
        said = f"reads `ref('{name}')`, and that model is disabled"
        return said, f"remove `enabled: false` from `{name}`, or read another model"
    if (file := defined.astray.get(name)) is not None:
        said = f"reads `ref('{name}')`, and `{file}` is in no product, so no build makes it"
        return said, "move it into the folder of the product that reads it"
    same = [known for known in defined.models or () if known.lower() == name.lower()]
    if same:
        said = f"reads `ref('{name}')`, and dbt tells upper from lower case"
        return said, f"write `ref('{min(same)}')`"
    near = near_name(name, dict.fromkeys((defined.models or frozenset()) - {defined.reader}))
    return f"reads `ref('{name}')`, and there is no such model", f"correct the name{near}"


def _unknown_version(name: str, version: object, defined: Defined) -> tuple[str, str]:
    said = f"reads version `{version}` of `{name}`, and there is no such version"
    known = ", ".join(f"`v={each}`" for each in defined.versions_of(name))
    return said, f"known: {known}" if known else f"write `ref('{name}')`: it has no versions"


def _waits(call: nodes.Call, defined: Defined) -> bool:
    """Tell whether dbt finds out only when it builds the model: it then builds the others."""
    match call.node:
        case nodes.Name(name="ref"):
            return any(isinstance(n, nodes.Const) and n.value in defined.astray for n in call.args)
        case nodes.Name(name=name):
            return name == "var" or not defined.calls(name)
        case nodes.Getattr(node=nodes.Name(name=package), attr=name):
            return defined.lacks_package(package) or defined.lacks_macro(package, name)
    return False


def _fault(call: nodes.Call, defined: Defined) -> tuple[str, str] | None:
    """Return what a call lacks, in words that follow its model, and the way out."""
    match call.node:
        case nodes.Name(name=name) if name in _LOOKED_UP:
            return _LOOKED_UP[name](call, defined)
        case nodes.Name(name=name) if not defined.calls(name):
            said = f"calls `{name}`, which is no macro of the domain and none of dbt"
            return said, defined.suggestion(name)
        case nodes.Name(name=name):
            takes = defined.signature(name)
            return misfit(call, name, takes) if takes is not None else None
        case nodes.Getattr(node=nodes.Name(name=package), attr=name):
            return _fault_of_package(call, package, name, defined)
    return None


def _fault_of_package(
    call: nodes.Call, package: str, name: str, defined: Defined
) -> tuple[str, str] | None:
    if defined.lacks_package(package):
        said = f"calls `{package}.{name}`, and the domain imports no package `{package}`"
        return said, NO_PACKAGE
    if defined.lacks_macro(package, name):
        said = f"calls `{package}.{name}`, and the package has no such macro"
        return said, defined.suggestion(name)
    takes = defined.signature(name, package)
    return misfit(call, f"{package}.{name}", takes) if takes is not None else None


def _no_variable(call: nodes.Call, defined: Defined) -> tuple[str, str] | None:
    """Return that nothing sets the variable that a call asks for, if it gives no default."""
    match call.args:
        case [nodes.Const(value=str(name))] if not call.kwargs and name not in defined.variables:
            way = (
                f"write `vars: {{{name}: …}}` in dbt_project.yml, or a default: `var('{name}', …)`"
            )
            return f"asks for the variable `{name}`, which nothing sets", way
    return None


def _no_model(call: nodes.Call, defined: Defined) -> tuple[str, str] | None:
    """Return that there is nothing of the name that a `ref` gives, where it is the domain's own."""
    version = version_of(call)
    match call.args:
        case [nodes.Const(value=str(name))] if version is not None or not call.kwargs:
            if defined.lacks_model(name):
                return _unknown_model(name, defined)
            if version is not None and defined.lacks_version(name, version):
                return _unknown_version(name, version, defined)
        case [nodes.Const(value=str(home)), nodes.Const(value=str(name))]:
            if defined.lacks_package(home):
                said = f"reads `ref('{home}', '{name}')`, and the domain has no package `{home}`"
                own = f"write `ref('{name}')`" if not defined.lacks_model(name) else NO_PACKAGE
                return said, f"{own}, or correct the package"
    return None


def _bare_words(text: str, defined: Defined) -> Iterator[tuple[int, str, str]]:
    """Yield each setting of `config` that is given a name that nothing sets, as text is."""
    try:
        tree = _READER.parse(text)
    except (TemplateError, RecursionError):
        return
    made = {item.name for item in tree.find_all(nodes.Name) if item.ctx != "load"}
    for call in calls_made(text):
        is_config = isinstance(call.node, nodes.Name) and call.node.name == "config"
        for item in call.kwargs if is_config else ():
            word = item.value.name if isinstance(item.value, nodes.Name) else None
            if word is not None and word not in made and not defined.calls(word):
                said = f"gives the setting `{item.key}` the name `{word}`, which nothing sets"
                yield call.lineno, said, f"write it in quotes: `{item.key}='{word}'`"


def _no_source(call: nodes.Call, defined: Defined) -> tuple[str, str] | None:
    match call.args:
        case [nodes.Const(value=str(source)), nodes.Const(value=str(table))] if not call.kwargs:
            return _other_case(source, table, defined)
        case [_, _]:
            return None
        case given if not (call.kwargs or call.dyn_args or call.dyn_kwargs):
            said = (
                f"calls `source` with {len(given)} name{'s' * (len(given) != 1)}, and it takes two"
            )
            return (
                said,
                "write `source('landing', '<input port>')`, or `source('<domain>', '<port>')`",
            )
    return None


def valueless(text: str, defined: Defined) -> Iterator[tuple[int, str, str]]:
    """Yield each variable of the environment that a text surely asks for and that has no value.

    Yield the line, what is wrong in words that follow what asks, and the way out.
    """
    for call in calls_made(text, _BRANCHES) if _ENV_VAR in text else ():
        match call.node, call.args:
            case nodes.Name(name="env_var"), [nodes.Const(value=str(name))] if not call.kwargs:
                if defined.lacks_value(name):
                    said = f"asks for the variable `{name}` of the environment, which has no value"
                    way = f"`export {name}=…`, or give a default: `{_ENV_VAR}('{name}', '…')`"
                    yield call.lineno, said, way


_TABLES = ("ref", "source")
_LOOKED_UP = {"var": _no_variable, "ref": _no_model, "source": _no_source}


def calls_made(text: str, perhaps: Kinds = _PERHAPS) -> Iterator[nodes.Call]:
    """Yield the calls that a template makes whatever happens, but of names that it makes."""
    try:
        tree = _READER.parse(text)
    except (TemplateError, RecursionError):
        return
    made = {item.name for item in tree.find_all(nodes.Name) if item.ctx != "load"}
    made |= {macro.name for macro in tree.find_all(nodes.Macro)}
    if any(tree.find(kind) for kind in (nodes.Import, nodes.FromImport, nodes.Include)):
        return
    for node in tree.body:
        if isinstance(node, _ALWAYS):
            yield from (
                call
                for call in _always(node, perhaps)
                if made.isdisjoint(item.name for item in call.node.find_all(nodes.Name))
                and not (isinstance(call.node, nodes.Name) and call.node.name in made)
            )


def _always(node: nodes.Node, perhaps: Kinds) -> Iterator[nodes.Call]:
    if isinstance(node, nodes.Call):
        yield node
    for child in node.iter_child_nodes():
        if not isinstance(child, perhaps):
            yield from _always(child, perhaps)


def generic_test_findings(tests: NamedTests, defined: Defined, owner: str) -> Iterator[Finding]:
    """Report generic tests that a file of properties names and nobody defines.

    Report models and sources, too, that such tests read and that are not there.
    """
    file, text = tests.file, tests.text
    for name in dict.fromkeys(tests.names):
        if not defined.tests(name):
            said = f"`{name}` is no generic test of the domain and none of dbt"
            known = defined.test_of_package(name)
            way = f"write `{known}`" if known else "write it as a macro, or correct the name"
            way += "" if known else near_name(name, dict.fromkeys(defined.known_tests))
            yield Finding(CODE, said, Place(file, _line_of(name, text)), way, owner)
    if _ENABLED not in text:  # a test that is turned off reads nothing
        for said in dict.fromkeys(tests.arguments):
            yield from _missing_in_argument(said, tests, defined, owner)


def _missing_in_argument(
    said: str, tests: NamedTests, defined: Defined, owner: str
) -> Iterator[Finding]:
    """Report what an argument of a generic test reads and what is not there."""
    for call in calls_made(f"{{{{ {said} }}}}" if _CALL_ALONE.fullmatch(said) else said):
        fault = _unknown_source(call, defined)
        if isinstance(call.node, nodes.Name) and call.node.name in _TABLES:
            fault = fault or _LOOKED_UP[call.node.name](call, defined)
        if fault is not None:
            names = [str(each.value) for each in call.args if isinstance(each, nodes.Const)]
            place = Place(tests.file, _line_of_call(names, tests.text))
            stops = defined.astray.keys().isdisjoint(names)
            yield Finding(CODE, f"a test {fault[0]}", place, fault[1], owner, stops=stops)


def _line_of_call(names: Iterable[str], text: str) -> int:
    """Return the line of the first call of `ref` or `source` with names, in whatever quotes."""
    given = r"\W+".join(map(re.escape, names))
    found = re.search(rf"^[^#\n]*\b(?:ref|source)\s*\(\W*{given}\W", text, re.MULTILINE)
    return text.count("\n", 0, found.end(0) - 1) + 1 if found else 1


def _line_of(name: str, text: str) -> int:
    word = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")
    return next((n for n, line in enumerate(text.splitlines(), 1) if word.search(line)), 1)
