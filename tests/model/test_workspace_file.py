from __future__ import annotations

import pytest
from dagster._core.workspace.config_schema import WORKSPACE_CONFIG_SCHEMA

from mesh_platform.application.check_mesh import check_mesh
from mesh_platform.environments.workspace import Workspace
from mesh_platform.model.loader import load_mesh
from mesh_platform.model.workspace_file import KEYS, lost_locations, unloadable
from tests.small_mesh import SmallMesh


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (None, "is not there"),
        ("load_from: []\n", "does not name it"),
        (
            "load_from:\n"
            "  # - python_file: {relative_path: domains/report/definitions.py}\n"
            "  - python_file: {relative_path: old/domains/shop/definitions.py}  # domains/shop\n",
            "does not name it",
        ),
        (
            "load_from: {\n  - x\n",
            "cannot be read: not valid YAML: "
            "a value is missing, or begins with a sign that YAML uses",
        ),
    ],
)
def test_a_domain_that_dagster_does_not_show_is_a_warning(
    mesh: SmallMesh, text: str | None, told: str
) -> None:
    if text is None:
        mesh.delete("workspace.yaml")
    else:
        mesh.write("workspace.yaml", text)
    found = [f for domain in load_mesh(mesh.root).domains for f in domain.findings]
    assert [f.message for f in found] == [
        f"Dagster does not show the domain `{name}`: workspace.yaml {told}"
        for name in ("report", "shop")
    ]
    assert {f.severity for f in found} == {"warning"}
    if text is None:
        assert str(found[1].fix).startswith("write it: `load_from:`, and below it `- python_file:")
        assert "location_name: shop" in str(found[1].fix)


def test_a_domain_that_dagster_shows_may_be_written_in_other_ways(mesh: SmallMesh) -> None:
    shop = mesh.path("domains/shop/definitions.py")
    mesh.write(
        "workspace.yaml",
        "load_from:\n  - python_file: ./domains/report/definitions.py\n"
        f"  - python_file:\n      relative_path: {shop}\n      location_name: shop\n",
    )
    assert not [f for domain in load_mesh(mesh.root).domains for f in domain.findings]


TWICE = "gives two code locations the name `{}`, so that Dagster shows no domain"


@pytest.mark.parametrize(
    ("report", "shop", "told", "fix"),
    [
        (", location_name: shop", ", location_name: shop", TWICE.format("shop"), "shop"),
        ("", "", TWICE.format("definitions.py"), "shop"),
        (", location_name: report", ", location_name: report", TWICE.format("report"), "shop"),
    ],
)
def test_a_name_that_two_code_locations_have_is_told_at_the_second(
    mesh: SmallMesh, report: str, shop: str, told: str, fix: str
) -> None:
    mesh.write(
        "workspace.yaml",
        f"load_from:\n  - python_file: {{relative_path: domains/report/definitions.py{report}}}\n"
        f"  - python_file: {{relative_path: domains/shop/definitions.py{shop}}}\n",
    )
    (found,) = [f for domain in load_mesh(mesh.root).domains for f in domain.findings]
    said = f"Dagster does not show the domain `shop`: workspace.yaml {told}"
    assert (found.message, found.place.line) == (said, 3)
    assert found.fix == f"write `location_name: {fix}`"
    refused = unloadable(mesh.root)
    assert refused is not None
    assert refused.message == f"workspace.yaml {told}"


def test_a_code_location_whose_file_is_gone_is_a_warning_of_check(mesh: SmallMesh) -> None:
    line = "  - python_file: {relative_path: domains/old/definitions.py, location_name: old}\n"
    mesh.write("workspace.yaml", mesh.read("workspace.yaml") + line)
    (found,) = lost_locations(mesh.root)
    assert found.message.startswith("workspace.yaml names domains/old/definitions.py, which does")
    assert (found.place.line, found.severity) == (4, "warning")
    assert found in check_mesh(Workspace.open(mesh.root)).findings


def test_a_key_that_dagster_does_not_know_is_told(mesh: SmallMesh) -> None:
    mesh.edit("workspace.yaml", "location_name: shop", "locaton_name: shop")
    assert "has the key `locaton_name`, which Dagster does not know" in str(unloadable(mesh.root))


def test_the_keys_of_a_code_location_are_those_of_dagster() -> None:
    known = WORKSPACE_CONFIG_SCHEMA["load_from"].config_type.inner_type.fields
    targets = [field.config_type for name, field in known.items() if name != "grpc_server"]
    assert {key for target in targets for key in target.non_scalar_type.fields} == KEYS
