"""Bring generated files in step with their origin: the work of `mesh sync`.

Two kinds of files are generated: dbt's files from descriptors and contracts, and the JSON of a
suite from a domain's Python. Only a changed Python file is run. A file that a person wrote is
never touched.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from mesh_platform.engines.great_expectations.python_suites import compile_suite
from mesh_platform.errors import Place
from mesh_platform.files import digest, seen_from
from mesh_platform.model.contract import Suite
from mesh_platform.model.findings import Finding, Findings
from mesh_platform.model.generated import Difference, differences
from mesh_platform.model.mesh import Domain, Mesh
from mesh_platform.model.suites import MADE_FROM
from mesh_platform.scaffold.files import replace_file


@dataclass(frozen=True, slots=True)
class Synced:
    """Hold what was done, files named relative to the mesh; `left` needs a person."""

    written: tuple[str, ...]
    removed: tuple[str, ...]
    left: tuple[Finding, ...]


def bring_in_step(mesh: Mesh, domains: Sequence[Domain]) -> Synced:
    """Write and remove what is out of step; leave a domain alone whose files have errors.

    A suite cannot be written where its Python raises an error, takes too long, or returns none.
    """
    done = _Done(mesh)
    sound = [domain for domain in domains if not domain.broken]
    for domain in sound:
        done.left.attempt("domain.invalid", partial(done.mend, domain), domain.home)
    for domain in sound:
        for suite, python in _changed_suites(domain):
            place = Place(seen_from(mesh.root, python), 1)
            done.left.attempt("suite.invalid", partial(done.write, suite, python), place)
    return Synced(tuple(done.written), tuple(done.removed), tuple(done.left.items))


@dataclass(slots=True)
class _Done:
    """Collects what is done; a fault in one domain goes to `left` and does not stop the others."""

    mesh: Mesh
    written: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    left: Findings = field(default_factory=Findings)

    def mend(self, domain: Domain) -> None:
        """Bring the files for dbt in step."""
        for difference in differences(self.mesh, domain):
            if not difference.mendable:
                self.left.items.append(difference.finding)
                continue
            _mend(difference)
            gone = difference.text is None and difference.link is None
            done = self.removed if gone else self.written
            done.append(seen_from(self.mesh.root, difference.path))

    def write(self, suite: Suite, python: Path) -> None:
        """Write the JSON of a suite that its Python makes."""
        self.written.append(_write_suite(suite, python, self.mesh.root))


def _mend(difference: Difference) -> None:
    if difference.link is not None:
        difference.path.symlink_to(difference.link)
    elif difference.text is None:
        difference.path.unlink()
    else:
        replace_file(difference.path, difference.text.encode("utf-8"))


def _changed_suites(domain: Domain) -> Iterator[tuple[Suite, Path]]:
    """Yield each suite whose JSON differs from what its Python makes, with the Python file."""
    for product in domain.products:
        for port in product.ports:
            suite = port.contract.suite
            if suite is not None and suite.python is not None and suite.problem is not None:
                yield suite, suite.python


def _write_suite(suite: Suite, python: Path, root: Path) -> str:
    content = json.loads(compile_suite(python, seen_from(root, python)))
    content["meta"] = {
        **(content.get("meta") or {}),
        "note": f"Made by `mesh sync` from {python.name}; change that file instead.",
        MADE_FROM: digest(python),
    }
    text = json.dumps(content, indent=2, ensure_ascii=False) + "\n"
    replace_file(root / suite.file, text.encode("utf-8"))
    return suite.file
