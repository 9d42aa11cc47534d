"""Finds the files behind a major that a change takes away, so that both can be offered.

What a port promised is known from its release or from a commit; the model that made it, only from
git. It is taken from the newest commit that still promised the same.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Any

from mesh_platform.environments.workspace import Workspace
from mesh_platform.errors import MeshError
from mesh_platform.files import text_of
from mesh_platform.model.dbt_ignore import read_ignore
from mesh_platform.model.documents import parse_document
from mesh_platform.model.mesh import Port, Product
from mesh_platform.model.naming import PortName
from mesh_platform.model.odcs import contract_as_written
from mesh_platform.model.suites import STEM
from mesh_platform.planning.before import PortBefore
from mesh_platform.planning.promises import PortChanges, ProductChanges
from mesh_platform.release.history import History, Kept

_MODELS = frozenset({".sql", ".py"})
_WITHOUT_GIT = "leave `--keep` out, or put the mesh under git: the old files come from there"
_REF = re.compile(r"\bref\s*\(\s*(?:['\"]\w+['\"]\s*,\s*)?['\"](\w+)['\"]")
_BY_HAND = "put it back by hand, and the entry of the old version into `outputPorts`"


@dataclass(frozen=True, slots=True)
class OldMajor:
    """A port whose next major takes its place, and the files that made it.

    `name` is that of the next major, `now` the port as the files have it, `table` the old model.
    `texts` are the old files by their names in the mesh, as they were in `commit`; none where the
    old major is not kept. What the old model reads of the files in `changed` is another than then.
    """

    before: PortBefore
    now: Port
    name: PortName
    table: str
    entry: Mapping[str, Any] = field(default_factory=dict)
    commit: str = ""
    texts: Mapping[str, str] = field(default_factory=dict)
    changed: tuple[str, ...] = ()

    @property
    def kept(self) -> bool:
        """Tell whether it is offered again."""
        return bool(self.texts)


def beside(changes: ProductChanges, old: Collection[OldMajor]) -> ProductChanges:
    """The same changes once the old majors are offered again: the next ones are new ports."""
    named = {major.now.name for major in old}
    ports = (
        PortChanges(None, port.now) if port.now and port.now.name in named else port
        for port in changes.ports
    )
    return replace(changes, ports=tuple(ports))


def old_majors(
    workspace: Workspace,
    changes: ProductChanges,
    versions: Mapping[PortName, str],
    against: str | None,
) -> Iterator[OldMajor]:
    """The majors that a change takes away, or will, with the files that made them.

    Args:
        workspace: the mesh.
        changes: of one product.
        versions: what its ports are still to be called.
        against: the commit that is compared with; None where it is the release.

    Raises:
        MeshError: git does not have the model of then.
    """
    finder = _Finder(workspace, against)
    for major in next_majors(changes, versions):
        if changes.now is not None:
            yield finder.found(changes.now, major, _entry(changes, major.before))


def next_majors(changes: ProductChanges, versions: Mapping[PortName, str]) -> Iterator[OldMajor]:
    """The majors that a change takes away, or will with the versions that it needs.

    Args:
        changes: of one product.
        versions: what its ports are still to be called.
    """
    for port in changes.ports if changes.now is not None else ():
        if port.before is None or port.now is None:
            continue
        version = versions.get(port.now.name, port.now.version)
        name = PortName.versioned(changes.name, port.before.name.base, version)
        if name != port.before.name:
            table = contract_as_written(port.before.text, port.before.file).table
            yield OldMajor(port.before, port.now, name, table)


def _entry(changes: ProductChanges, before: PortBefore) -> Mapping[str, Any]:
    """Return what the descriptor said of the port."""
    text = changes.before.descriptor if changes.before else None
    entries = parse_document(text, "the descriptor").data["outputPorts"] if text else ()
    for entry in entries:
        named = PortName.versioned(changes.name, entry["name"], str(entry["version"]))
        if named == before.name:
            return dict(entry)
    name = before.name
    return {"name": name.base, "version": before.version, "contractId": name.path}


class _Finder:
    """Looks through the history of one mesh."""

    def __init__(self, workspace: Workspace, against: str | None) -> None:
        self.root = workspace.mesh.root
        self.history, self.against = History(self.root, _WITHOUT_GIT), against

    def found(self, product: Product, major: OldMajor, entry: Mapping[str, Any]) -> OldMajor:
        before, table = major.before, major.table
        folder = product.folder.relative_to(self.root).as_posix()
        commit = self._commit(before, folder)
        files = self.history.files(commit, folder)
        models = {file: kept for file, kept in files.items() if _is_model(file, table)}
        if not models:
            raise MeshError(
                f"{commit[:7]} has no model `{table}` for `{before.name}` below {folder}",
                fix=_BY_HAND,
            )
        made = self.history.texts(_own(models, commit))
        texts = {before.file: _lines(before.text), **made, **(self._suite(files, before) or {})}
        touched = self.history.touched(commit, PurePosixPath(folder).parent.as_posix())
        changed = sorted(touched.intersection(_read_by(made.values(), product, self.root)))
        return replace(major, entry=entry, commit=commit, texts=texts, changed=tuple(changed))

    def _commit(self, before: PortBefore, folder: str) -> str:
        """The newest commit in which the port promised what it did."""
        commits = [self.history.commit(self.against)] if self.against else None
        for commit in commits or self.history.commits(folder):
            if self._promised(self.history.files(commit, folder), before):
                return commit
        beside = ", with its expectations" if before.suite else ""
        way = self.history.way_to_more() or "`--against REF` names a commit that has it"
        raise MeshError(
            f"no commit has {before.file} as {before.name} {before.version} promised it{beside}:"
            " the model of then cannot be found",
            fix=f"{way}; else {_BY_HAND}",
        )

    def _promised(self, files: Mapping[str, Kept], before: PortBefore) -> bool:
        kept = {file: files[file] for file in files.keys() & {before.file}}
        same = self.history.texts(kept).get(before.file) == _lines(before.text)
        return same and self._suite(files, before) is not None

    def _suite(self, files: Mapping[str, Kept], before: PortBefore) -> dict[str, str] | None:
        """The port's expectations, called as those of one port of several are; None for others."""
        home, name = PurePosixPath(before.file), f"{STEM}_{before.name.name}"
        for stem in (name, STEM) if before.suite else ():
            named = {home.with_name(f"{stem}{end}").as_posix(): end for end in (".json", ".py")}
            texts = self.history.texts({file: files[file] for file in named.keys() & files.keys()})
            if before.suite in texts.values():
                return {
                    home.with_name(f"{name}{named[file]}").as_posix(): text
                    for file, text in texts.items()
                }
        return None if before.suite else {}


def _lines(text: str) -> str:
    """A text as git's are read."""
    return text.replace("\r\n", "\n")


def _own(files: Mapping[str, Kept], commit: str) -> Mapping[str, Kept]:
    """The same files.

    Raises:
        MeshError: git keeps one elsewhere, and could not put it back.
    """
    for file, kept in files.items():
        if kept.elsewhere:
            said = f"in {commit[:7]} {file} is {kept.elsewhere}: what it stood for is not there"
            raise MeshError(said, fix=_BY_HAND)
    return files


def _read_by(texts: Iterable[str], product: Product, root: Path) -> Iterator[str]:
    """Files of the domain's other models that the text of a model leads to."""
    folder = product.folder.parent
    takes = read_ignore(folder.parent).takes
    files = {p.stem: p for p in folder.rglob("*") if takes(p, *_MODELS) and p.is_file()}
    left, seen = list(texts), set[str]()
    while left:
        for name in set(_REF.findall(left.pop())) & files.keys() - seen:
            seen.add(name)
            left.append(text_of(files[name]))
            yield files[name].relative_to(root).as_posix()


def _is_model(file: str, table: str) -> bool:
    path = PurePosixPath(file)
    return path.stem == table and path.suffix in _MODELS
