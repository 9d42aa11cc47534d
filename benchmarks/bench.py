"""What the figures share within one run: a scratch folder, the example mesh, the large table.

Both are made when the first figure asks, so `--only d` builds no mesh.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from benchmarks.example_mesh import Builds, ExampleMesh
from benchmarks.lineitem import Lineitem


@dataclass(frozen=True)
class Bench:
    """One run of the benchmarks.

    Args:
        folder: scratch folder, on the disk that the mesh itself would use.
        runs: how often each pair is measured.
        with_dbt: whether the plain dbt commands are wanted beside the mesh's builds.
        skipped: what could not be measured, and how to go on; figures add to it.
    """

    folder: Path
    runs: int
    with_dbt: bool
    skipped: list[str] = field(default_factory=list)

    @cached_property
    def builds(self) -> tuple[Builds, ...]:
        """Builds of the example mesh; figures a and b look at the same ones."""
        mesh = ExampleMesh.prepare(self.folder / "mesh")
        return tuple(mesh.measure(turn, with_dbt=self.with_dbt) for turn in range(self.runs))

    @cached_property
    def lineitem(self) -> Lineitem:
        """The large table in a warehouse of its own."""
        return Lineitem.generate(self.folder / "lineitem")
