"""Tells whether the installed dbt is one that a project asks for; dbt itself compares."""

from __future__ import annotations

from importlib.metadata import version


def version_fault(required: object) -> str | None:
    """Return why no project with this `require-dbt-version` starts here, else None.

    Args:
        required: the value, a text or a list of texts.
    """
    from dbt_common.exceptions import SemverError
    from dbt_common.semver import VersionSpecifier, versions_compatible

    texts = [str(text) for text in required] if isinstance(required, list) else [str(required)]
    ranges = [part for text in texts for part in text.split(",")]
    said, installed = f"asks for dbt `{','.join(ranges)}`", version("dbt-core")
    try:
        wanted = [VersionSpecifier.from_version_string(part) for part in ranges]
        if not versions_compatible(*wanted):
            return f"{said}, which no version is"
        here = VersionSpecifier.from_version_string(installed)
        return None if versions_compatible(here, *wanted) else f"{said}; installed is {installed}"
    except SemverError:
        return f"{said}, which is no range of versions; installed is {installed}"
