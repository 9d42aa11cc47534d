"""dbt's own macros, the same in each project, are parsed once in a process."""

from __future__ import annotations

import json
from pathlib import Path

import jinja2
import pytest

from mesh_platform.engines.dbt.runner import DbtHere
from mesh_platform.environments.workspace import Workspace
from tests.small_mesh import write_mesh

pytestmark = pytest.mark.slow


def _macros(root: Path) -> dict[str, object]:
    workspace = Workspace.open(write_mesh(root, "twins").root)
    places = workspace.dbt_places(workspace.mesh.domain("twins"))
    DbtHere().parse(places)
    macros = json.loads(places.manifest.read_text(encoding="utf-8"))["macros"]
    return {
        name: (macro["macro_sql"], sorted(macro["depends_on"]["macros"]))
        for name, macro in macros.items()
    }


def test_dbts_own_macros_are_parsed_once_in_a_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = _macros(tmp_path / "first")
    parsed = list[str]()
    parse = jinja2.Environment.parse

    def counted(self: jinja2.Environment, source: str, *args: str | None) -> jinja2.nodes.Template:
        parsed.append(source)
        return parse(self, source, *args)

    monkeypatch.setattr(jinja2.Environment, "parse", counted)
    assert _macros(tmp_path / "second") == first
    assert len(first) > 400
    assert len(parsed) < 40
