"""The honest next version: what the changes since a released one demand."""

from __future__ import annotations

import re
from collections.abc import Iterable

from mesh_platform.contract_diff.values import Level
from mesh_platform.errors import MeshError
from mesh_platform.model.naming import is_version

_PRERELEASE = re.compile(r"-[^+]+")


def required_version(old_version: str, levels: Iterable[Level]) -> str:
    """The least version that says what changed since a release.

    Args:
        old_version: the version that was released.
        levels: levels of the changes, for consumers.

    Raises:
        MeshError: the old version is none.
    """
    level = max(levels, default=None)
    first, second, third = _numbers(old_version)
    if level is None:
        return old_version
    sign = "v" if old_version.startswith("v") else ""
    match level:
        case Level.MAJOR:
            return f"{sign}{first + 1}.0.0"
        case Level.MINOR:
            return f"{sign}{first}.{second + 1}.0"
        case _:
            third += not _is_prerelease(old_version)
            return f"{sign}{first}.{second}.{third}"


def is_enough(old: str, new: str, level: Level) -> bool:
    """Tell whether a new version says as much as a change of this level demands.

    Raises:
        MeshError: one of them is no version.
    """
    before, after = _numbers(old), _numbers(new)
    length = {Level.MAJOR: 1, Level.MINOR: 2, Level.PATCH: 3}[level]
    if level is Level.PATCH and before == after:
        return _is_prerelease(old) and not _is_prerelease(new)
    return after[:length] > before[:length]


def _is_prerelease(version: str) -> bool:
    return bool(_PRERELEASE.search(version))


def _numbers(version: str) -> tuple[int, int, int]:
    if not is_version(version):
        raise MeshError(
            f"`{version}` is no version", fix="write one with numbers, for instance `1.4.2`"
        )
    head = re.split(r"[-+]", version.removeprefix("v"), maxsplit=1)[0].split(".")
    first, second, third = (int(part) for part in [*head, "0", "0"][:3])
    return first, second, third
