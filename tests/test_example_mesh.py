"""The example mesh: built from the real data, and loaded by Dagster as its users load it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from datetime import date
from pathlib import Path

import pytest
import yaml

from mesh_platform.governance.evaluate import Outcome
from mesh_platform.model.generated import drift
from mesh_platform.model.loader import load_mesh
from mesh_platform.release.policies.governance import Governance

REPOSITORY = Path(__file__).parent.parent
FLIGHTS = 336_776
_READMES_ROWS = re.compile(r"^(\w+/\w+) +released .*✓ (\d+) ! (\d+)", re.MULTILINE)


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the example mesh without anything that was built."""
    root = tmp_path_factory.mktemp("example") / "mesh"
    built = shutil.ignore_patterns(
        "dbt_packages", "target", "logs", "package-lock.yml", "__pycache__"
    )
    for folder in ("domains", "dbt_project"):
        shutil.copytree(REPOSITORY / folder, root / folder, ignore=built)
    for file in ("mesh.yaml", "workspace.yaml", "dg.toml"):
        shutil.copy(REPOSITORY / file, root / file)
    return root


def test_the_files_of_the_example_are_valid_and_in_step() -> None:
    mesh = load_mesh(REPOSITORY)
    assert [str(finding) for finding in mesh.findings] == []
    assert [str(f) for domain in mesh.domains for f in drift(mesh, domain)] == []
    assert len(mesh.domains) == 5
    assert len(mesh.ports) == 8
    readers = {str(port.port) for p in mesh.domain("punctuality").products for port in p.inputs}
    assert {name.split("/")[0] for name in readers} == {"flights", "fleet", "network", "weather"}


def test_the_example_breaks_no_policy_and_shows_what_is_not_as_it_should_be() -> None:
    """Warnings that are true, and one exception that says why; nothing that blocks."""
    governance = Governance.of(load_mesh(REPOSITORY), date(2026, 11, 21))
    found, counts = governance.check()
    assert governance.findings == ()
    assert {(finding.code, finding.severity) for finding in found} == {
        ("column.key-has-rule", "warning")
    }
    assert (counts[Outcome.WAIVED], counts[Outcome.COULD_NOT_RUN]) == (1, 0)
    assert sum(rule.measured for rule in governance.rules) >= 24


def test_both_of_dagsters_workspace_files_list_every_domain() -> None:
    domains = {domain.name for domain in load_mesh(REPOSITORY).domains}
    workspace = yaml.safe_load((REPOSITORY / "workspace.yaml").read_text())
    entries = [next(iter(entry.values())) for entry in workspace["load_from"]]
    assert {entry["location_name"] for entry in entries} == {*domains, "platform"}
    projects = tomllib.loads((REPOSITORY / "dg.toml").read_text())["workspace"]["projects"]
    assert {project["path"] for project in projects} == {f"domains/{name}" for name in domains}
    for name in domains:
        project = tomllib.loads((REPOSITORY / f"domains/{name}/dg.toml").read_text())["project"]
        assert project["code_location_name"] == name


@pytest.mark.slow
def test_the_example_is_built_on_the_real_data_and_loads_in_dagster(example: Path) -> None:
    built = json.loads(_mesh(example, "build", "--output", "json").stdout)
    assert built["outcome"] == "released"
    assert {product["outcome"] for product in built["products"]} == {"released"}
    assert all(product["checks"]["warned"] for product in built["products"])
    checks = {product["product"]: product["checks"] for product in built["products"]}
    for product, passed, warned in _READMES_ROWS.findall((REPOSITORY / "README.md").read_text()):
        assert (checks[product]["passed"], checks[product]["warned"]) == (int(passed), int(warned))
    count = _mesh(
        example,
        "read",
        "flights/departures",
        "--sql",
        "select count(*) as n from port",
        "--output",
        "json",
    )
    assert json.loads(count.stdout) == [{"n": FLIGHTS}]

    shown = json.loads(_mesh(example, "show", "flights/departures", "--output", "json").stdout)
    outcomes = {c["check"]: c["outcome"] for port in shown["ports"] for c in port["checks"]}
    assert outcomes["delay_near_the_last_release"] == "passed"
    assert outcomes["departure_delay_minutes_quantile_between"] == "passed"

    whole = _validate(example)
    assert whole.returncode == 0, whole.stdout + whole.stderr
    checked = _run(example, "dg", "check", "defs", "--use-active-venv")
    assert "All definitions loaded successfully." in checked.stdout, checked.stdout + checked.stderr

    contract = example / "domains/flights/products/departures/departures.odcs.yaml"
    contract.write_text(contract.read_text().replace("logicalType:", "logicalTyp:", 1))
    broken = _validate(example)
    said = broken.stdout + broken.stderr
    assert broken.returncode == 1
    assert "departures.odcs.yaml" in said
    for name in ("fleet", "network", "weather", "punctuality", "platform"):
        assert f"Validation successful for code location {name}" in said


def _mesh(root: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("mesh")), *words]
    return subprocess.run(
        command, cwd=root, capture_output=True, text=True, timeout=300, check=True
    )


def _validate(root: Path) -> subprocess.CompletedProcess[str]:
    return _run(root, "dagster", "definitions", "validate", "--workspace", "workspace.yaml")


def _run(root: Path, command: str, *words: str) -> subprocess.CompletedProcess[str]:
    home = root / ".mesh/dev/dagster"
    return subprocess.run(
        [str(Path(sys.executable).with_name(command)), *words],
        cwd=root,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        env=os.environ | {"DAGSTER_HOME": str(home), "PYTHONWARNINGS": "ignore"},
    )
