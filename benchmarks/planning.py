"""Figure h: `mesh check` and `mesh plan` over a mesh of a thousand products, each a cold process.

The plan is that of a pull request which removes a column, changes a unit and loosens a service
level in three products that others read, compared with the commit before. The peers do a part of
it, one file at a time: `datacontract lint`, `datacontract breaking`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks import large_mesh, process, tpch
from benchmarks.bench import Bench
from benchmarks.example_mesh import REPOSITORY
from benchmarks.figure import Figure, Pair
from benchmarks.process import Finished

_MOST_SECONDS, _MOST_MEGABYTES = 10.0, 500.0
_DOMAINS = (1, 10, 100)
_CHANGED = "domains/domain_000/products/facts_000_0/facts_000_0.odcs.yaml"
_REMOVED = 3


@dataclass(frozen=True, slots=True)
class _Turn:
    """Both commands over one mesh."""

    check: Finished
    plan: Finished

    @property
    def seconds(self) -> float:
        """Both together."""
        return self.check.seconds + self.plan.seconds

    @property
    def megabytes(self) -> float:
        """The greater of both."""
        return max(self.check.megabytes, self.plan.megabytes)


def measure(bench: Bench) -> list[Figure]:
    """Measure 10, 100 and 1,000 products; only the last has limits."""
    roots = {domains: bench.folder / f"large_{domains}" for domains in _DOMAINS}
    for domains, root in roots.items():
        large_mesh.write(root, domains)
    turns = [_turn(roots) for _ in range(bench.runs)]
    return [*_promised(turns), *_compared(bench, roots[_DOMAINS[-1]], turns)]


def _turn(roots: dict[int, Path]) -> dict[int, _Turn]:
    found = {}
    for domains, root in roots.items():
        checked = _mesh(root, 0, "check", "--output", "json")
        large_mesh.change(root)
        planned = _mesh(root, 1, "plan", "--against", "HEAD", "--output", "json")
        subprocess.run(["git", "-C", str(root), "checkout", "--quiet", "."], check=True)
        found[domains] = _Turn(checked, planned)
    return found


def _promised(turns: list[dict[int, _Turn]]) -> Iterator[Figure]:
    small, middle, large = _DOMAINS
    title = "`mesh check` and `mesh plan` of 1,000 products"
    yield Figure(
        "h1", f"{title} / 10 s", 1.0, tuple(Pair(t[large].seconds, _MOST_SECONDS) for t in turns)
    )
    memory = tuple(Pair(t[large].megabytes, _MOST_MEGABYTES) for t in turns)
    yield Figure("h2", "the same, peak of memory / 500 MB", 1.0, memory, "MB")
    growth = tuple(Pair(t[large].seconds, 10 * t[middle].seconds) for t in turns)
    yield Figure("h3", "1,000 products / ten times 100 products", 1.0, growth)
    growth = tuple(Pair(t[middle].seconds, 10 * t[small].seconds) for t in turns)
    yield Figure("h4", "100 products / ten times 10 products", 1.0, growth)


def _compared(bench: Bench, root: Path, turns: list[dict[int, _Turn]]) -> Iterator[Figure]:
    program = tpch.PEERS / "bin" / "datacontract"
    if not program.is_file():
        bench.skipped.append("h leaves out datacontract-cli; fetch it with `make peers`")
        return
    contract = root / _CHANGED
    before = bench.folder / "before.odcs.yaml"
    before.write_bytes(contract.read_bytes())
    products = large_mesh.PRODUCTS * _DOMAINS[-1]
    lint = [_run([str(program), "lint", str(contract)], root, 0) for _ in turns]
    pairs = zip(turns, lint, strict=True)
    yield Figure(
        "h5",
        "`datacontract lint` of one file / `mesh check`, for each product",
        None,
        tuple(Pair(peer.seconds, t[_DOMAINS[-1]].check.seconds / products) for t, peer in pairs),
    )
    large_mesh.change(root)
    breaking = [
        _run([str(program), "breaking", str(before), str(contract)], root, 1) for _ in turns
    ]
    yield Figure(
        "h6",
        "`datacontract breaking` of one file / `mesh plan` of 1,000 products",
        None,
        tuple(
            Pair(peer.seconds, t[_DOMAINS[-1]].plan.seconds)
            for t, peer in zip(turns, breaking, strict=True)
        ),
    )


def _mesh(root: Path, code: int, *words: str) -> Finished:
    """Run `mesh`; a plan must find the change and who reads it.

    Raises:
        SystemExit: it did not say what it should.
    """
    out = root.parent / "answer.json"
    command = [str(Path(sys.executable).with_name("mesh")), *words]
    run = _run(command, root, code, out)
    if words[0] == "plan":
        changes = json.loads(out.read_text(encoding="utf-8"))["changes"]
        gone = [change for change in changes if change["code"] == "column.removed"]
        if len(gone) != _REMOVED:
            raise SystemExit(f"the plan tells of {len(gone)} removed columns")
    return run


def _run(command: list[str], folder: Path, code: int, out: Path = Path(os.devnull)) -> Finished:
    done = process.run(command, folder, out, {**os.environ, "PYTHONPATH": str(REPOSITORY)})
    if done.code != code:
        raise SystemExit(f"{' '.join(command[:2])} left with {done.code}, not {code}")
    return done
