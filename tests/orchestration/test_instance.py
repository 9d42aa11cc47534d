"""The Dagster instance is configured as its file says, whatever the mesh's folder is called."""

from __future__ import annotations

import glob
from pathlib import Path

import pytest

from mesh_platform.environments.workspace import Workspace
from mesh_platform.errors import MeshError
from mesh_platform.orchestration.instance import open_instance, plain_home
from tests.small_mesh import write_mesh

FOLDERS = pytest.mark.parametrize("folder", ["mesh", "Bob's mesh [v2] 100%", "all*", "a&b=c;d"])


@FOLDERS
def test_telemetry_is_off_and_history_is_deleted(tmp_path: Path, folder: str) -> None:
    workspace = Workspace.open(write_mesh(tmp_path / folder, "shop").root)
    with open_instance(workspace) as instance:
        assert instance.telemetry_enabled is False
        assert instance.get_settings("retention")["schedule"] == {"purge_after_days": 30}


@FOLDERS
def test_dagsters_own_programs_find_the_configuration(tmp_path: Path, folder: str) -> None:
    workspace = Workspace.open(write_mesh(tmp_path / folder, "shop").root)
    with plain_home(workspace) as home:
        open_instance(workspace).dispose()
        assert [Path(path).name for path in glob.glob(f"{home}/dagster.yaml")] == ["dagster.yaml"]
        assert home.resolve() == workspace.dagster_home.resolve()


@pytest.mark.parametrize(
    ("text", "why"), [("telemetry: [", "while parsing a flow"), ("- a", "it is not a mapping")]
)
def test_a_configuration_that_cannot_be_read_is_told(tmp_path: Path, text: str, why: str) -> None:
    workspace = Workspace.open(write_mesh(tmp_path / "mesh", "shop").root)
    file = workspace.dagster_home / "dagster.yaml"
    file.parent.mkdir(parents=True)
    file.write_text(text)
    with pytest.raises(MeshError) as raised:
        open_instance(workspace)
    assert raised.value.message.startswith(f"{file} cannot be read: {why}")
    assert raised.value.fix == "correct it, or delete it: the platform then writes its own"
