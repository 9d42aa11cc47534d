"""Where dbt looks for files is read as dbt reads it: dbt itself is asked."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from mesh_platform.model.dbt_project import DbtProject, read_project

KEYS = ("model", "macro", "seed", "test", "analysis", "snapshot", "function")
VARIABLES = {"LIB": "lib", "ON": "true"}
PROJECTS = {
    "defaults": "",
    "flow": "macro-paths: [lib, 'more macros']\nmodel-paths: [products]\n",
    "block": 'test-paths:\n  - checks\n  # not this one\n  - "more/checks"\n',
    "block without indent": "test-paths:\n- checks\nseed-paths:\n- data\n",
    "flow on lines": "macro-paths: [\n  lib,\n  other,  # the other\n]\n",
    "anchors": "macro-paths: &here [lib]\ntest-paths: *here\n",
    "quoted key": "'macro-paths': [lib]\n",
    "empty": "macro-paths: []\n",
    "null": "macro-paths:\n",
    "former keys": "source-paths: [here]\ndata-paths: [there]\n",
    "variable": "macro-paths: [\"{{ env_var('LIB') }}\", \"{{ env_var('NONE', 'other') }}\"]\n",
    "var": "macro-paths: [\"{{ var('folder', 'lib') }}\"]\n",
    "target": 'macro-paths: ["lib_{{ target.type }}"]\n',
    "condition": "macro-paths: [\"{% if env_var('LIB') == 'lib' %}a{% else %}b{% endif %}\"]\n",
    "outside": "macro-paths: [../../lib, macros/]\n",
    "functions": "function-paths: [udfs]\nsnapshot-paths: [kept]\nanalysis-paths: [looked]\n",
}


def _project(folder: Path, text: str) -> DbtProject:
    head = "name: shop\nversion: '1.0.0'\nconfig-version: 2\nprofile: mesh\n"
    (folder / "dbt_project.yml").write_text(head + text)
    return read_project(folder, VARIABLES)


def _as_dbt_reads(folder: Path) -> Any:
    from dbt.config.project import PartialProject
    from dbt.config.renderer import DbtProjectYamlRenderer
    from dbt.context.target import TargetContext
    from dbt.flags import set_flags
    from dbt_common.context import set_invocation_context

    set_flags(
        SimpleNamespace(TARGET_PATH=None, LOG_PATH=None, REQUIRE_RESOURCE_NAMES_WITHOUT_SPACES=True)
    )
    set_invocation_context(VARIABLES)
    renderer = DbtProjectYamlRenderer()
    target = {"name": "mesh", "type": "duckdb", "schema": "main"}
    renderer.context = TargetContext(target, {}).to_dict()
    return PartialProject.from_project_root(str(folder)).render(renderer)


@pytest.mark.slow
@pytest.mark.parametrize("text", PROJECTS.values(), ids=list(PROJECTS))
def test_folders_are_those_that_dbt_would_search(tmp_path: Path, text: str) -> None:
    known = _project(tmp_path, text)
    dbts = _as_dbt_reads(tmp_path)
    for key in KEYS:
        assert list(known.names(f"{key}-paths")) == getattr(dbts, f"{key}_paths"), key


def test_a_list_may_be_written_in_any_way_of_yaml(tmp_path: Path) -> None:
    project = _project(tmp_path, PROJECTS["block"])
    assert project.folders("test-paths") == (tmp_path / "checks", tmp_path / "more/checks")
    assert project.names("macro-paths") == ("macros",)
    assert project.name == "shop"


@pytest.mark.parametrize("text", ["", "- a", "a: [", "a: !!set {b}", "\ufeff", "macro-paths: 7"])
def test_what_is_no_project_is_left_to_dbt(tmp_path: Path, text: str) -> None:
    (tmp_path / "dbt_project.yml").write_text(text)
    project = read_project(tmp_path, {})
    assert project.names("model-paths") == ("models",)
    assert read_project(tmp_path / "gone", {}).data == {}


def test_local_packages_are_found_with_those_that_they_name(tmp_path: Path) -> None:
    for name, more in (("a", "- local: ../b\n"), ("b", "- local: ../a\n"), ("c", "")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "packages.yml").write_text(f"packages:\n{more}" if more else "")
    (tmp_path / "c" / "dependencies.yml").write_text("packages: [{local: '../a'}, {git: x}]\n")
    found = read_project(tmp_path / "c", {}).packages
    assert [path.name for path in found] == ["a", "b"]


@pytest.mark.parametrize("name", ["a" * 5000, '"a\\0b"', "a/" * 3000, "products/x.sql", "[]", "~"])
def test_a_folder_that_cannot_be_there_holds_no_file(tmp_path: Path, name: str) -> None:
    (tmp_path / "dbt_project.yml").write_text(f"name: x\nmacro-paths: [{name}]\n")
    (tmp_path / "packages.yml").write_text(f"packages: [{{local: {name}}}]\n")
    project = read_project(tmp_path, {})
    assert project.files("macro-paths", ".sql") == []
