"""What keeps dbt from starting in a project is told before; dbt itself is asked, too."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import version

import pytest

from mesh_platform.engines.dbt.runner import UnreadableProjectError
from mesh_platform.environments.workspace import Workspace
from mesh_platform.files import LARGEST
from mesh_platform.release.lineage.files import read_models
from mesh_platform.release.lineage.project_faults import KEYS
from tests.small_mesh import ORDERS, REVENUE, SmallMesh

Change = Callable[[SmallMesh], object]
PROJECT = "domains/shop/dbt_project.yml"
DOC = (
    "version: 2\nmodels:\n  - name: {name}\n    columns:\n"
    "      - {{name: amount, description: {text}}}\n"
)
IN_DBT = f"installed is {version('dbt-core')}"


def _described(text: str, name: str = "stg_orders") -> Change:
    quoted = f'"{text}"'
    return lambda m: m.write(f"{ORDERS}/own.yml", DOC.format(name=name, text=quoted))


def _asks(required: str) -> Change:
    return lambda m: m.edit(PROJECT, "flags:", f"require-dbt-version: {required}\nflags:")


def _all(*changes: Change) -> Change:
    return lambda m: [change(m) for change in changes]


def _write(name: str, text: str) -> Change:
    return lambda m: m.write(name, text)


def _bytes(name: str, text: str, encoding: str) -> Change:
    def change(mesh: SmallMesh) -> None:
        mesh.write(name, "")
        mesh.path(name).write_bytes(text.encode(encoding))

    return change


_NOT_UTF8 = "cannot be read: the file is not UTF-8"
FAULTS: dict[str, tuple[Change, str, str, str]] = {
    "a key of the project": (
        lambda m: m.edit(PROJECT, "models:", "modells:"),
        "domain.dbt-key",
        "domains/shop/dbt_project.yml:8",
        "`modells` is no key of a dbt project",
    ),
    "macro": (
        _write("domains/shop/macros/bad.sql", "-- x\n{% macro cents(x) %}\n1"),
        "model.template",
        "domains/shop/macros/bad.sql:2",
        "`bad.sql` cannot be read: nothing ends the block `macro` that begins here",
    ),
    "shared macro": (
        _write("dbt_project/macros/bad.sql", "{% macro cents(x) %}"),
        "model.template",
        "dbt_project/macros/bad.sql:1",
        "`bad.sql` cannot be read: nothing ends the block `macro` that begins here",
    ),
    "generic test": (
        _write("domains/shop/tests/generic/bad.sql", "{% test own(model) %}\n{{ model }"),
        "model.template",
        "domains/shop/tests/generic/bad.sql:2",
        "`bad.sql` cannot be read: unexpected EOF, expected }}",
    ),
    "analysis": (
        _write("domains/shop/analyses/bad.sql", "select\n{{ x }"),
        "model.template",
        "domains/shop/analyses/bad.sql:2",
        "`bad.sql` cannot be read: unexpected '}'",
    ),
    "docs that do not end": (
        _write(f"{ORDERS}/story.md", "# Story\n{% docs story %}\n"),
        "model.template",
        f"{ORDERS}/story.md:2",
        "`story.md` cannot be read: nothing ends the block `docs` that begins here",
    ),
    "docs that are not there": (
        _described("{{ doc('story') }}"),
        "model.docs",
        f"{ORDERS}/own.yml:5",
        "a description asks for the docs `story`, which nobody wrote",
    ),
    "docs of a package": (
        _all(
            _described("{{ doc('mesh', 'story') }}"),
            _write(f"{ORDERS}/a.md", "{% docs story %}{% enddocs %}"),
        ),
        "model.docs",
        f"{ORDERS}/own.yml:5",
        "a description asks for the docs `story` of the package `mesh`, which nobody wrote",
    ),
    "version": (
        _asks('">=1.3.0,<1.9.0"'),
        "domain.dbt-version",
        f"{PROJECT}:6",
        f"the dbt project `shop` asks for dbt `>=1.3.0,<1.9.0`; {IN_DBT}",
    ),
    "properties in another encoding": (
        _bytes(f"{ORDERS}/own.yml", "models:\n  - name: orders\n    description: für\n", "latin-1"),
        "model.unreadable",
        f"{ORDERS}/own.yml:3:19",
        f"`own.yml` {_NOT_UTF8}",
    ),
    "properties of a seed, in UTF-16": (
        _bytes("domains/shop/seeds/own.yml", "seeds: []\n", "utf-16"),
        "model.unreadable",
        "domains/shop/seeds/own.yml:1:1",
        f"`own.yml` {_NOT_UTF8}",
    ),
    "a macro in another encoding": (
        _bytes("domains/shop/macros/own.sql", "{# für #}", "latin-1"),
        "model.unreadable",
        "domains/shop/macros/own.sql:1:5",
        f"`own.sql` {_NOT_UTF8}",
    ),
    "docs in another encoding": (
        _bytes(f"{ORDERS}/own.md", "\n{% docs own %} für {% enddocs %}", "latin-1"),
        "model.unreadable",
        f"{ORDERS}/own.md:2:17",
        f"`own.md` {_NOT_UTF8}",
    ),
    "version that none is": (
        _asks("['>=2.0.0', '<1.0.0']"),
        "domain.dbt-version",
        f"{PROJECT}:6",
        "the dbt project `shop` asks for dbt `>=2.0.0,<1.0.0`, which no version is",
    ),
    "version of the shared package": (
        lambda m: m.edit(
            "dbt_project/dbt_project.yml", "flags:", "require-dbt-version: '>=7.0.0'\nflags:"
        ),
        "domain.dbt-version",
        "dbt_project/dbt_project.yml:5",
        f"the dbt project `mesh` asks for dbt `>=7.0.0`; {IN_DBT}",
    ),
}
WHOLE: dict[str, Change] = {
    "warnings that are errors": lambda m: m.edit(PROJECT, "flags:", "flags:\n  warn_error: true"),
    "docs of the project": _all(
        _described("{{ doc('story') }} {{ doc('shop', 'story') }}"),
        _write("domains/shop/macros/a.md", "{%- docs story -%} x {% enddocs %}"),
    ),
    "docs of a local package": _all(
        _described("{{ doc('story') }} {{ doc('mesh', 'story') }}"),
        _write("dbt_project/macros/a.md", "{% docs story %} x {% enddocs %}"),
    ),
    "docs of dbt": _described("{{ doc('__overview__') }}"),
    "docs of what is not there": _described("{{ doc('story') }}", name="gone"),
    "version": _asks("['>=1.3.0', '<2.0.0']"),
    "version that nobody asks about": lambda m: m.edit(
        PROJECT, "flags:", "require-dbt-version: '>=7.0.0'\nflags:\n  version_check: false"
    ),
    "hidden": _all(
        _write("domains/shop/macros/drafts/bad.sql", "{% macro x() %}"),
        _write("domains/shop/.dbtignore", "drafts/\n*.odcs.yaml\n*.odps.yaml\n"),
    ),
}


def _found(mesh: SmallMesh) -> list[tuple[str, str, str]]:
    models = read_models(Workspace.open(mesh.root)).domain("shop")
    return [(found.code, str(found.place), found.message) for found in models.unread]


@pytest.mark.parametrize(("change", "code", "place", "said"), FAULTS.values(), ids=list(FAULTS))
def test_what_keeps_dbt_from_starting_is_a_finding_at_its_line(
    mesh: SmallMesh, change: Change, code: str, place: str, said: str
) -> None:
    change(mesh)
    assert _found(mesh) == [(code, place, said)]


@pytest.mark.parametrize("home", [ORDERS, "domains/shop/seeds", "domains/shop/macros"])
def test_properties_that_are_too_large_are_told_as_such(mesh: SmallMesh, home: str) -> None:
    mesh.write(f"{home}/own.yml", "version: 2\n" + "# words\n" * (LARGEST // 8))
    said = "`own.yml` cannot be read: the file is larger than 2 MB"
    assert _found(mesh) == [("model.unreadable", f"{home}/own.yml", said)]
    with pytest.raises(UnreadableProjectError, match=r"larger than 2 MB\n  at: domains/shop/"):
        _parse(mesh)


def test_the_keys_of_a_project_are_those_of_dbt() -> None:
    from dbt.contracts.project import Project

    schema = Project.json_schema()
    assert (schema["additionalProperties"], set(schema["properties"])) == (False, KEYS)


@pytest.mark.parametrize("change", WHOLE.values(), ids=list(WHOLE))
def test_what_dbt_reads_is_no_finding(mesh: SmallMesh, change: Change) -> None:
    change(mesh)
    assert _found(mesh) == []


def test_the_environment_may_say_that_nobody_asks_for_the_version(
    mesh: SmallMesh, monkeypatch: pytest.MonkeyPatch
) -> None:
    _asks("'>=7.0.0'")(mesh)
    monkeypatch.setenv("DBT_VERSION_CHECK", "False")
    assert _found(mesh) == []


@pytest.mark.slow
@pytest.mark.parametrize("change", WHOLE.values(), ids=list(WHOLE))
def test_dbt_starts_where_there_is_no_finding(mesh: SmallMesh, change: Change) -> None:
    change(mesh)
    _parse(mesh)


@pytest.mark.slow
@pytest.mark.parametrize("change", [f[0] for f in FAULTS.values()], ids=list(FAULTS))
def test_dbt_does_not_start_where_there_is_one(mesh: SmallMesh, change: Change) -> None:
    change(mesh)
    with pytest.raises(UnreadableProjectError):
        _parse(mesh)


@pytest.mark.slow
def test_dbt_says_nothing_itself_where_packages_are_not_installed_yet(mesh: SmallMesh) -> None:
    _asks("'>=7.0.0'")(mesh)
    shutil.rmtree(mesh.path("domains/shop/dbt_packages"))
    code = (
        "import sys; from pathlib import Path; from tests.release.lineage import"
        " test_project_faults as t; from tests.small_mesh import SmallMesh;"
        " t._parse(SmallMesh(Path(sys.argv[1])))"
    )
    ran = subprocess.run([sys.executable, "-c", code, mesh.root], capture_output=True, check=False)
    assert (ran.returncode, ran.stdout) == (1, b"")
    assert b"UnreadableProjectError" in ran.stderr


def _parse(mesh: SmallMesh) -> None:
    workspace = Workspace.open(mesh.root)
    places = workspace.dbt_places(workspace.mesh.domain("shop"))
    workspace.dbt.parse(places)


@pytest.mark.slow
def test_what_is_outdated_in_one_project_fails_no_other(mesh: SmallMesh) -> None:
    """One process reads both, and dbt counts what is outdated for the whole process."""
    outdated = (
        "- name: revenue\n    columns: [{name: status, data_tests: [not_null: {severity: warn}]}]"
    )
    mesh.write(f"{REVENUE}/own.yml", f"models:\n  {outdated}\n")
    mesh.edit(PROJECT, "flags:", "flags:\n  warn_error: true")
    workspace = Workspace.open(mesh.root)
    for name in ("report", "shop"):
        workspace.dbt.parse(workspace.dbt_places(workspace.mesh.domain(name)))
