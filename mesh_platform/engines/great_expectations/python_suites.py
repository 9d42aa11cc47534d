"""Suites written in Python: runs a product's `expectations.py`, apart from this process or in it.

`compile_suite` runs the file in a process of its own, with a time limit, and keeps what `suite()`
returned as JSON: so the list of checks is known without Great Expectations. `load_module` runs it
in this process, for the classes that it defines; nothing is written beside the file.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import traceback
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType
from typing import Any

from mesh_platform.checks.suites import COLUMN_KEYS
from mesh_platform.engines.great_expectations.answers import sentence
from mesh_platform.errors import MeshError, Place

MODULE_PREFIX = "mesh_suite_"
_QUIET = {"GX_ANALYTICS_ENABLED": "false", "DO_NOT_TRACK": "1"}
NOT_INSTALLED = "Great Expectations is not installed"
WAY_TO_INSTALL = "pip install 'mesh-platform[expectations]'"
_EXAMPLE = "define `def suite():` that returns a `gx.ExpectationSuite` or a list of expectations"


class _Loader(SourceFileLoader):
    """Leaves no compiled copy in a team's folder."""

    def set_data(self, path: Any, data: Any, *, _mode: int = 0o666) -> None:
        pass


def compile_suite(path: Path, shown: str | None = None, seconds: float = 60.0) -> str:
    """Run `suite()` of an `expectations.py` and return the suite as JSON text.

    Args:
        path: the file.
        shown: its name in messages, relative to the mesh; default: the path.
        seconds: how long it may take, with the import of Great Expectations.

    Raises:
        MeshError: the file raises an error, takes too long, or `suite()` returns something else.
    """
    name = shown or str(path)
    with tempfile.TemporaryDirectory() as folder:
        answer = Path(folder) / "answer.json"
        said = _run_apart(path, answer, name, seconds)
        if not answer.is_file():
            raise MeshError(
                f"`{path.name}` ended the process that ran it: {said}", place=Place(name)
            )
        found = json.loads(answer.read_text(encoding="utf-8"))
    if "suite" in found:
        return str(found["suite"])
    raise MeshError(found["error"], place=Place(name, found["line"]), fix=found["fix"])


def is_installed() -> bool:
    """Tell whether Great Expectations is installed, without importing it."""
    return importlib.util.find_spec("great_expectations") is not None


def open_context() -> Any:
    """Open a context of Great Expectations: nothing on disk, no telemetry, no progress bars."""
    os.environ.update(_QUIET)
    import great_expectations as gx
    from great_expectations.data_context.types.base import (
        DataContextConfig,
        InMemoryStoreBackendDefaults,
        ProgressBarsConfig,
    )

    settings = DataContextConfig(
        store_backend_defaults=InMemoryStoreBackendDefaults(),
        progress_bars=ProgressBarsConfig(globally=False),
        analytics_enabled=False,
    )
    return gx.get_context(mode="ephemeral", project_config=settings)


def module_name(path: Path) -> str:
    """Name of the module that a file becomes; two products never share one."""
    return MODULE_PREFIX + hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:12]


def load_module(path: Path) -> ModuleType:
    """Run the file in this process; what it raises goes on to the caller."""
    name = module_name(path)
    spec = importlib.util.spec_from_loader(name, _Loader(name, str(path)))
    if spec is None or spec.loader is None:
        raise MeshError("the file cannot be loaded", place=Place(str(path)))
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # Great Expectations resolves annotations through it
    spec.loader.exec_module(module)
    return module


def line_in(path: Path, error: BaseException) -> int | None:
    """The line of the file at which an error was raised."""
    if isinstance(error, SyntaxError):
        return error.lineno
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if frame.filename == str(path)]
    return lines[-1] if lines else None


def _run_apart(path: Path, answer: Path, name: str, seconds: float) -> str:
    """Run this module in a new process; returns the last line that it said."""
    packages = Path(__file__).resolve().parents[3]
    inherited = os.environ.get("PYTHONPATH")
    changed = {
        **_QUIET,
        "PYTHONHASHSEED": "0",  # a set in a suite is written in the same order each time
        "PYTHONPATH": os.pathsep.join(filter(None, (str(packages), inherited))),
    }
    try:
        done = subprocess.run(
            [sys.executable, "-m", __name__, str(path.resolve()), str(answer)],
            cwd=answer.parent,
            env={**os.environ, **changed},
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise MeshError(
            f"`{path.name}` did not end within {seconds:g} seconds",
            place=Place(name),
            fix="a suite only lists expectations: read no data in it",
        ) from error
    return (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]


def _answer(path: Path) -> dict[str, Any]:
    try:
        return {"suite": _suite_text(path)}
    except MeshError as error:
        return {"error": error.message, "line": None, "fix": error.fix}
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a team's code may raise anything
        message = f"`{path.name}`: {sentence(error)}"
        return {"error": message, "line": line_in(path, error), "fix": None}


def _suite_text(path: Path) -> str:
    if not is_installed():
        raise MeshError(NOT_INSTALLED, fix=WAY_TO_INSTALL)
    function = getattr(load_module(path), "suite", None)
    if not callable(function):
        raise MeshError(f"`{path.name}` has no function `suite`", fix=_EXAMPLE)
    open_context()  # a suite that is extended step by step asks for one
    import great_expectations as gx

    made = function()
    if isinstance(made, list):
        made = gx.ExpectationSuite(name=path.parent.name, expectations=made)
    if not isinstance(made, gx.ExpectationSuite):
        raise MeshError(f"`suite()` returns a {type(made).__name__}", fix=_EXAMPLE)
    text: Any = made.to_json_dict()
    for entry, built in zip(text["expectations"], made.expectations, strict=True):
        _fill(entry, built)
    return json.dumps(text, indent=2, ensure_ascii=False) + "\n"


def _fill(entry: dict[str, Any], built: Any) -> None:
    """Write what a class of the product sets for all: Great Expectations leaves defaults out."""
    entry["severity"] = built.severity
    entry["description"] = built.description
    for key in COLUMN_KEYS:
        if getattr(built, key, None) is not None:
            entry["kwargs"].setdefault(key, getattr(built, key))


if __name__ == "__main__":
    file, target = map(Path, sys.argv[1:3])
    target.write_text(json.dumps(_answer(file)), encoding="utf-8")
