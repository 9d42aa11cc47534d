"""A copy of the repository's mesh, built by `mesh build` and by plain `dbt build` commands.

Every measured build is a first one: a fresh environment without warehouse, release or parsed dbt
project. The shared dbt package is in place for both sides, so neither pays for installing it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from benchmarks.figure import seconds
from mesh_platform.engines.duckdb.views import View, write_views
from mesh_platform.environments.workspace import Workspace
from mesh_platform.model.dbt_project import SHARED_DBT
from mesh_platform.model.mesh import Domain
from mesh_platform.release.inputs import pin_views, resolve, source_views

REPOSITORY = Path(__file__).resolve().parent.parent
_PROVIDERS = "providers"
_NOT_COPIED = shutil.ignore_patterns("dbt_packages", "target", "logs", "__pycache__")
_TOO_LONG = 600


@dataclass(frozen=True, slots=True)
class Builds:
    """Seconds of one turn: everything for the first time, nothing to do, the dbt commands."""

    first: float
    unchanged: float
    dbt: float | None


@dataclass(frozen=True, slots=True)
class ExampleMesh:
    """The copy; its environment `providers` holds the releases that dbt reads as inputs."""

    root: Path
    domains: tuple[Domain, ...]

    @classmethod
    def prepare(cls, root: Path) -> ExampleMesh:
        """Copy the mesh, build it once and list for each domain what its dbt project reads."""
        root.mkdir(parents=True)
        shutil.copy(REPOSITORY / "mesh.yaml", root)
        for name in ("domains", SHARED_DBT):
            shutil.copytree(REPOSITORY / name, root / name, ignore=_NOT_COPIED)
        _run([_program("mesh"), "build", "-C", str(root), "--env", _PROVIDERS])
        workspace = Workspace.open(root, _PROVIDERS)
        made = cls(root, workspace.mesh.domains)
        for domain in made.domains:
            write_views(_inputs(workspace, domain), made._mounts(domain))
        return made

    def measure(self, turn: int, *, with_dbt: bool) -> Builds:
        """Build once each way; who goes first changes from turn to turn."""
        dbt = self._dbt(turn) if with_dbt and not turn % 2 else None
        environment = f"turn_{turn}"
        first = seconds(lambda: self._mesh_build(environment))
        unchanged = seconds(lambda: self._mesh_build(environment))
        shutil.rmtree(self.root / ".mesh" / environment)
        if with_dbt and dbt is None:
            dbt = self._dbt(turn)
        return Builds(first, unchanged, dbt)

    def _mesh_build(self, environment: str) -> None:
        _run([_program("mesh"), "build", "-C", str(self.root), "--env", environment])

    def _dbt(self, turn: int) -> float:
        """One `dbt build` per domain, one after another, each into a fresh warehouse."""
        work = self.root / f"dbt_{turn}"
        work.mkdir()
        took = seconds(lambda: self._dbt_builds(work))
        shutil.rmtree(work)
        return took

    def _dbt_builds(self, work: Path) -> None:
        for domain in self.domains:
            self._dbt_build(domain, work)

    def _dbt_build(self, domain: Domain, work: Path) -> None:
        places = {
            "--project-dir": domain.folder,
            "--profiles-dir": self.root / SHARED_DBT,
            "--target-path": work / domain.name / "target",
            "--log-path": work / domain.name / "logs",
        }
        words = [word for flag, path in places.items() for word in (flag, str(path))]
        variables = {
            "MESH_WAREHOUSE": str(work / f"{domain.name}.duckdb"),
            "MESH_MOUNTS": str(self._mounts(domain)),
        }
        _run([_program("dbt"), "build", *words], variables)

    def _mounts(self, domain: Domain) -> Path:
        return self.root / "mounts" / f"{domain.name}.json"


def _inputs(workspace: Workspace, domain: Domain) -> list[View]:
    """Everything the domain's products read, each view once."""
    released = workspace.registry.all_current()
    views: dict[tuple[str, str], View] = {}
    for product in domain.products:
        inputs = resolve(product, released)
        for view in pin_views(workspace, inputs) + source_views(workspace, product, inputs):
            views[view.schema, view.name] = view
    return list(views.values())


def _program(name: str) -> str:
    """A command of the environment that runs the benchmarks."""
    return str(Path(sys.executable).with_name(name))


def _run(command: list[str], variables: dict[str, str] | None = None) -> None:
    """Run a command to its end.

    Raises:
        SystemExit: it failed; with the end of what it said.
    """
    quiet = {"DO_NOT_TRACK": "1", "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"}
    done = subprocess.run(
        command,
        env=os.environ | quiet | (variables or {}),
        capture_output=True,
        text=True,
        timeout=_TOO_LONG,
        check=False,
    )
    if done.returncode:
        said = (done.stdout + done.stderr)[-2000:]
        raise SystemExit(f"`{' '.join(command)}` failed:\n{said}")
