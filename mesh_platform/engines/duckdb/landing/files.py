"""Finds the file behind an input port."""

from __future__ import annotations

import importlib.util
from difflib import get_close_matches
from itertools import islice
from pathlib import Path

from mesh_platform.errors import MeshError
from mesh_platform.files import resolved
from mesh_platform.model.landing import IN_PACKAGE, Landing, refusal

_MOST = 1000
"""Names of a folder that are looked at for one that was meant."""


def locate(landing: Landing, folder: Path) -> Path:
    """Find the file: `package:NAME/path` inside an installed package, else beside the product.

    Raises:
        MeshError: there is no such file or package, or no reader serves what is named.
    """
    if refused := refusal(landing, folder):
        raise MeshError(refused.message, place=landing.place, fix=refused.fix)
    if landing.location.startswith(IN_PACKAGE):
        path = _in_package(landing)
    else:
        path = resolved(folder / landing.location)
    if not path.is_file():
        raise MeshError(
            f"input port `{landing.name}`: the file `{landing.shown}` does not exist",
            place=landing.place,
            fix=f"{_beside(path)}put the file back, or correct `location`",
        )
    return path


def _beside(path: Path) -> str:
    """Return `did you mean …? else ` with a file of the folder that has nearly the same name."""
    try:
        there = [each for each in islice(path.parent.iterdir(), _MOST) if each.is_file()]
    except OSError:
        return ""
    alike = (each.name for each in there if each.suffix.lower() == path.suffix.lower())
    names = {name.lower(): name for name in alike}
    close = get_close_matches(path.name.lower(), names, n=1, cutoff=0.75)
    return f"did you mean `{names[close[0]]}`? else " if close else ""


def identity(path: Path) -> str:
    """Return what changes when the file does: size and time of change, without reading it."""
    stat = path.stat()
    return f"{stat.st_size}:{stat.st_mtime_ns}"


def _in_package(landing: Landing) -> Path:
    package, _, inside = landing.location.removeprefix(IN_PACKAGE).partition("/")
    try:
        spec = importlib.util.find_spec(package)
    except (ModuleNotFoundError, ValueError):  # a parent of a dotted name; a module without one
        spec = None
    if spec is None or spec.origin is None:
        raise MeshError(
            f"input port `{landing.name}` reads from the package `{package}`, "
            "which is not installed",
            place=landing.place,
            fix=f"pip install {package}",
        )
    return Path(spec.origin).parent / inside
