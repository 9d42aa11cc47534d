"""Find what keeps dbt from starting in a project, beside its models and tests.

That is a version of dbt that is not installed, files of macros, generic tests, snapshots, analyses
or docs that dbt cannot read, and descriptions that name docs which nobody wrote.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from mesh_platform.engines.dbt.blocks import DOCS, GENERIC_TESTS, MACROS, SNAPSHOTS, block_fault
from mesh_platform.engines.dbt.version import version_fault
from mesh_platform.errors import Place, did_you_mean
from mesh_platform.files import UNREADABLE, seen_from, text_of
from mesh_platform.lineage.templates import syntax_fault
from mesh_platform.model.dbt_project import DBT_PROJECT_FILE, DbtProject, read_project
from mesh_platform.model.findings import Finding
from mesh_platform.release.lineage.described import description_faults
from mesh_platform.release.lineage.settings import unreadable

_WORDS = (
    "analyses analysis-paths asset-paths clean-targets config-version data-paths data_tests "
    "dbt-cloud dispatch docs-paths exposures flags function-paths functions log-path macro-paths "
    "metrics model-paths models name on-run-end on-run-start packages packages-install-path "
    "profile project-root query-comment quoting require-dbt-version restrict-access saved-queries "
    "seed-paths seeds semantic-models snapshot-paths snapshots source-paths sources target-path "
    "test-paths tests unit_tests vars version"
)
KEYS = frozenset(_WORDS.split())
"""What dbt knows in `dbt_project.yml`."""
_REQUIRED = "require-dbt-version"
_CHECK = "DBT_VERSION_CHECK"
_OFF = frozenset({"0", "f", "false", "n", "no", "off"})
_WAY = "correct it: each `{{`, `{%` and `{#` has its end, and each block its `end…`"


def project_faults(
    root: Path,
    domain: str,
    project: DbtProject,
    names: Collection[str],
    properties: Mapping[Path, str],
) -> Iterator[Finding]:
    """Report faults in files of a domain's project and of its local packages.

    Args:
        root: of the mesh.
        domain: its name.
        project: the domain's.
        names: of its models, seeds and snapshots.
        properties: its files of properties that people wrote.
    """
    yield from _keys(root, domain, project)
    projects = [project, *(read_project(home, os.environ) for home in project.packages)]
    for each in projects:
        yield from _version(root, domain, each, project)
        yield from _templates(root, domain, each)
    yield from description_faults(root, domain, projects, names, properties)


def _keys(root: Path, domain: str, project: DbtProject) -> Iterator[Finding]:
    """Report keys of `dbt_project.yml` that dbt does not know: it then reads nothing."""
    file = project.folder / DBT_PROJECT_FILE
    for key in (str(key) for key in project.data if str(key) not in KEYS):
        said = f"`{key}` is no key of a dbt project"
        place = Place(seen_from(root, file), _line_of(key, text_of(file)))
        yield Finding("domain.dbt-key", said, place, did_you_mean(key, KEYS), domain)


def _version(root: Path, domain: str, project: DbtProject, asked: DbtProject) -> Iterator[Finding]:
    """Report a project for which another dbt would have to be installed."""
    required, flags = project.data.get(_REQUIRED), asked.data.get("flags")
    checks = flags.get("version_check", True) if isinstance(flags, dict) else True
    if required is None or checks is False or os.environ.get(_CHECK, "").lower() in _OFF:
        return
    if (fault := version_fault(required)) is not None:
        file = project.folder / DBT_PROJECT_FILE
        yield Finding(
            "domain.dbt-version",
            f"the dbt project `{project.name}` {fault}",
            Place(seen_from(root, file), _line_of(_REQUIRED, text_of(file))),
            f"correct `{_REQUIRED}`, or remove it",
            domain,
        )


def _templates(root: Path, domain: str, project: DbtProject) -> Iterator[Finding]:
    for path, fault in _faults(project):
        shown = seen_from(root, path)
        if fault is None:
            yield unreadable(root, path, domain)
            continue
        said = f"`{path.name}` cannot be read: {fault[1]}"
        yield Finding("model.template", said, Place(shown, fault[0]), _WAY, domain)


def _faults(project: DbtProject) -> Iterator[tuple[Path, tuple[int, str] | None]]:
    """Yield files with the line and the message of what dbt cannot read in them.

    None stands for bytes that are no text. A file that is too large to be looked at here is left
    to dbt.
    """
    for path, kinds in _files(project):
        text = text_of(path)
        if UNREADABLE not in text:
            fault = block_fault(text, kinds) if kinds else syntax_fault(text)
            if fault is not None:
                yield path, fault
        elif text != UNREADABLE:
            yield path, None


def _files(project: DbtProject) -> Iterator[tuple[Path, frozenset[str]]]:
    """Yield files with the blocks that dbt looks for in them; none where it reads all."""
    yield from ((path, MACROS) for path in project.files("macro-paths", ".sql"))
    yield from ((path, SNAPSHOTS) for path in project.files("snapshot-paths", ".sql"))
    yield from ((path, frozenset()) for path in project.files("analysis-paths", ".sql"))
    for home in project.folders("test-paths"):
        found = project.files_in(home / "generic", ".sql")
        yield from ((path, GENERIC_TESTS) for path in found)
    yield from ((path, DOCS) for path in project.docs)


def _line_of(word: str, text: str) -> int:
    lines = enumerate(text.splitlines(), 1)
    return next((number for number, line in lines if line.lstrip("'\"").startswith(word)), 1)
