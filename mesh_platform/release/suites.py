"""Makes the JSON of suites that a domain writes in Python; only a changed file is run."""

from __future__ import annotations

import json
from pathlib import Path

from mesh_platform.engine.python_suites import compile_suite
from mesh_platform.model.mesh import Domain
from mesh_platform.model.suites import MADE_FROM, digest_of


def write_suites(domain: Domain, root: Path) -> list[str]:
    """Write the JSON beside each suite in Python that is out of step.

    Returns:
        What was written, relative to the mesh.

    Raises:
        MeshError: a suite's Python raises an error, takes too long, or returns no suite.
    """
    suites = [p.contract.suite for product in domain.products for p in product.ports]
    return [
        _write(root / suite.file, suite.python, root)
        for suite in suites
        if suite is not None and suite.python is not None and suite.problem is not None
    ]


def _write(target: Path, python: Path, root: Path) -> str:
    shown = python.relative_to(root).as_posix()
    suite = json.loads(compile_suite(python, shown))
    suite["meta"] = {
        **(suite.get("meta") or {}),
        "note": f"Made by `mesh sync` from {python.name}; change that file instead.",
        MADE_FROM: digest_of(python),
    }
    partial = target.with_name(f"{target.name}.part")
    partial.write_text(json.dumps(suite, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    partial.replace(target)
    return target.relative_to(root).as_posix()
