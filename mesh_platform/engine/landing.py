"""Data from outside the mesh: finds the file behind an input port and makes it readable as text.

Every column is VARCHAR, exactly as in the file: what a value means is said in the product's SQL.
"""

from __future__ import annotations

import importlib.util
import re
import shutil
import zipfile
from pathlib import Path

from mesh_platform.engine.views import View
from mesh_platform.errors import MeshError
from mesh_platform.model.mesh import Landing
from mesh_platform.model.naming import LANDING
from mesh_platform.whole_files import appears

_READERS = {
    "csv": "read_csv('{file}', all_varchar = true, header = true)",
    "json": "read_json('{file}')",
    "parquet": "read_parquet('{file}', hive_partitioning = false)",
}


def locate(landing: Landing, folder: Path) -> Path:
    """Find the file: `package:NAME/path` inside an installed package, else beside the product.

    Raises:
        MeshError: there is no such file or package.
    """
    if landing.location.startswith("package:"):
        path = _in_package(landing)
    else:
        path = (folder / landing.location).resolve()
    if not path.is_file():
        raise MeshError(
            f"input port `{landing.name}`: the file `{landing.location}` does not exist",
            place=landing.place,
            fix="put the file back, or correct `location`",
        )
    return path


def identity(path: Path) -> str:
    """What changes when the file does: size and time of change, without reading it."""
    stat = path.stat()
    return f"{stat.st_size}:{stat.st_mtime_ns}"


def landing_view(landing: Landing, path: Path, cache: Path) -> View:
    """Describe the view through which dbt reads the file.

    Args:
        landing: the input port.
        path: the file behind it.
        cache: folder for what has to be unpacked.

    Raises:
        MeshError: the format is unknown, or an archive does not hold exactly one file.
    """
    if landing.format not in _READERS:
        raise MeshError(
            f"input port `{landing.name}` has the format `{landing.format}`",
            place=landing.place,
            fix=f"use one of: {', '.join(_READERS)}",
        )
    readable = _unpacked(landing, path, cache) if path.suffix == ".zip" else path
    reader = _READERS[landing.format].format(file=str(readable).replace("'", "''"))
    return View(LANDING, landing.name, f"select * from {reader}")


def _in_package(landing: Landing) -> Path:
    package, _, inside = landing.location.removeprefix("package:").partition("/")
    try:
        spec = importlib.util.find_spec(package)
    except ModuleNotFoundError:  # a parent of a dotted name
        spec = None
    if spec is None or spec.origin is None:
        raise MeshError(
            f"input port `{landing.name}` reads from the package `{package}`, "
            "which is not installed",
            place=landing.place,
            fix=f"pip install {package}",
        )
    return Path(spec.origin).parent / inside


def _unpacked(landing: Landing, path: Path, cache: Path) -> Path:
    """Unpack an archive once per version of it; a crash leaves no half file under its name."""
    target = cache / f"{landing.name}-{identity(path).replace(':', '-')}"
    if target.is_file():
        return target
    cache.mkdir(parents=True, exist_ok=True)
    for old in cache.iterdir():
        if re.fullmatch(rf"{re.escape(landing.name)}-\d+-\d+", old.name) and old.is_file():
            old.unlink(missing_ok=True)
    try:
        with zipfile.ZipFile(path) as archive:
            members = [name for name in archive.namelist() if not name.endswith("/")]
            if len(members) != 1:
                raise MeshError(
                    f"input port `{landing.name}`: the archive holds {len(members)} files, not one",
                    place=landing.place,
                )
            with (
                appears(target) as private,
                archive.open(members[0]) as packed,
                private.open("wb") as unpacked,
            ):
                shutil.copyfileobj(packed, unpacked, 1 << 20)
    except zipfile.BadZipFile as error:
        raise MeshError(
            f"input port `{landing.name}`: `{path.name}` is not a readable archive",
            place=landing.place,
        ) from error
    return target
