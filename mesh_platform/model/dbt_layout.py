"""Check that the folder of a domain holds a dbt project that dbt can start with."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from mesh_platform.errors import MeshError, Place
from mesh_platform.files import text_of
from mesh_platform.model.dbt_ignore import DBT_IGNORE, read_ignore
from mesh_platform.model.dbt_project import (
    DBT_PROJECT_FILE,
    PACKAGE_FILES,
    PROFILE,
    SHARED_DBT,
    read_project,
)
from mesh_platform.model.documents import Document, read_document
from mesh_platform.model.findings import Findings
from mesh_platform.model.naming import PRODUCTS
from mesh_platform.model.parsing import loaded, parse


def check_dbt_project(
    root: Path, folder: Path, name: str, variables: Mapping[str, str], findings: Findings
) -> None:
    """Add what is wrong with the files of a dbt project.

    Args:
        root: of the mesh.
        folder: the domain's.
        name: the domain's, which the project must have.
        variables: environment variables, for `env_var`.
        findings: gets what is found.
    """
    checks = _Checks(root, folder, variables, findings)
    checks.packages()
    checks.ignored()
    if (folder / DBT_PROJECT_FILE).is_file():
        checks.project(folder / DBT_PROJECT_FILE, name)


_PACKAGES = frozenset({"packages", "projects", "name"})
_PACKAGES_FIX = "write `packages:` and below it a list, such as `- local: ../../dbt_project`"


class _Checks:
    def __init__(
        self, root: Path, folder: Path, variables: Mapping[str, str], findings: Findings
    ) -> None:
        self.root, self.folder, self.variables = root, folder, variables
        self.findings = findings

    def packages(self) -> None:
        """Check that the local packages and the shared profile exist."""
        files = [f for f in PACKAGE_FILES if os.path.isfile(self.folder / f)]
        for name in files:
            read, shown = partial(self._package_file, name), self._shown(self.folder / name)
            self.findings.attempt("domain.layout", read, Place(shown, 1))
        place = Place(self._shown(self.folder / (files or [DBT_PROJECT_FILE])[0]), 1)
        for package in read_project(self.folder, self.variables).packages:
            if not os.path.isfile(package / DBT_PROJECT_FILE):
                shown = os.path.relpath(package, self.root)
                self.findings.add(
                    "domain.layout",
                    f"the dbt package `{shown}` is not there",
                    place,
                    fix=f"restore {shown}/{DBT_PROJECT_FILE}, or take the package out",
                )
        if not (self.root / SHARED_DBT / PROFILE).is_file():
            self.findings.add(
                "domain.layout",
                f"dbt has no connection: the shared `{SHARED_DBT}/{PROFILE}` is not there",
                place,
                fix=f"restore the folder {SHARED_DBT}, which all domains share",
            )

    def ignored(self) -> None:
        """Report lines of `.dbtignore` with which dbt cannot start."""
        for number, line in read_ignore(self.folder).wrong:
            self.findings.add(
                "domain.layout",
                f"`{line}` is no pattern of git: dbt cannot start with it",
                Place(self._shown(self.folder / DBT_IGNORE), number),
                fix="write a pattern as in `.gitignore`, or remove the line",
            )

    def _package_file(self, name: str) -> None:
        """Refuse a list of packages that dbt could not read."""
        text, shown = text_of(self.folder / name), self._shown(self.folder / name)
        data, fix = loaded(text), _PACKAGES_FIX
        if not isinstance(data, dict) and parse(text, shown)[0] is not None:
            raise MeshError("dbt reads no packages here", place=Place(shown, 1), fix=fix)
        unknown = [str(key) for key in data if key not in _PACKAGES] if data else []
        if unknown:
            raise MeshError(f"dbt knows no key `{unknown[0]}` here", place=Place(shown, 1), fix=fix)

    def project(self, path: Path, name: str) -> None:
        project = self.findings.attempt(
            "domain.layout",
            lambda: read_document(path, self._shown(path)),
            Place(self._shown(path)),
        )
        if project and project.data.get("name") != name:
            self.findings.add(
                "domain.layout",
                f"the dbt project is called `{project.data.get('name')}`",
                project.place(("name",)),
                fix=f"write `name: {name}`",
            )
        if project:
            self._profile(project)
            self._models(project)

    def _models(self, project: Document) -> None:
        """Check that dbt looks for models where the products are."""
        homes = read_project(self.folder, self.variables).names("model-paths")
        if not any(Path(PRODUCTS).is_relative_to(os.path.normpath(home)) for home in homes):
            self.findings.add(
                "domain.layout",
                f"dbt does not look for models in `{PRODUCTS}`",
                project.place(("model-paths",)),
                fix=f"write `model-paths: [{PRODUCTS}]`",
            )

    def _profile(self, project: Document) -> None:
        """Check that the shared file has the dbt project's profile; a template may name any."""
        profile = str(project.data.get("profile"))
        there = text_of(self.root / SHARED_DBT / PROFILE)
        known = re.findall(r"^['\"]?([\w-]+)['\"]?\s*:", there, re.MULTILINE)
        if known and profile not in known and "{{" not in profile:
            self.findings.add(
                "domain.layout",
                f"the dbt project has the profile `{profile}`, which"
                f" `{SHARED_DBT}/{PROFILE}` lacks",
                project.place(("profile",)),
                fix=f"write `profile: {known[0]}`",
            )

    def _shown(self, path: Path) -> str:
        return path.relative_to(self.root).as_posix()
