"""Offers a new major beside the old one: what `mesh product bump --keep` does.

The files as they are become those of the new major, under its name; the old ones come back under
theirs. All is worked out first, then written; a name that is taken stops it before anything is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from mesh_platform.errors import MeshError, Place
from mesh_platform.model.mesh import Product
from mesh_platform.model.naming import PortName
from mesh_platform.model.suites import STEM
from mesh_platform.release.plans.old_majors import OldMajor
from mesh_platform.scaffold.bump import edited_files, output_entries
from mesh_platform.scaffold.editing import EditedFile
from mesh_platform.scaffold.files import replace_file

_CODE = frozenset({".sql", ".py", ".yml", ".yaml"})


def keep_beside(
    product: Product,
    root: Path,
    version: str | None,
    ports: Mapping[PortName, str],
    old: Iterable[OldMajor],
) -> tuple[str, ...]:
    """Give a product and its ports their versions, and put old majors back beside the new ones.

    Args:
        product: as its files say it now.
        root: the mesh.
        version: of the product; None leaves it.
        ports: new version of each port that gets one.
        old: the majors that would go.

    Returns:
        The files written, relative to the mesh.

    Raises:
        MeshError: a version stands where it cannot be edited, or a name is taken; nothing is
            written.
    """
    descriptor, *contracts = edited_files(product, root, version, ports)
    writing = _Writing(root, (descriptor, *contracts))
    places = {name: index for index, name in output_entries(product, root)}
    for major in sorted(old, key=lambda major: -places[major.now.name]):
        descriptor.insert(("outputPorts", places[major.now.name]), dict(major.entry))
        writing.rename(product, major)
        writing.put_back(major)
    return writing.save()


class _Writing:
    """What is about to be written: edits of files, other names for files, and files of then."""

    def __init__(self, root: Path, edited: Iterable[EditedFile]) -> None:
        self.root, self.edited = root, {each.shown: each for each in edited}
        self.code: dict[str, str] = {}
        self.moved: dict[str, str] = {}
        self.back: dict[str, str] = {}

    def rename(self, product: Product, major: OldMajor) -> None:
        """Give the files of a port the name of its next major, where the old one has theirs."""
        contract, new = major.now.contract, major.name.name
        file = contract.place.file
        if file == major.before.file:
            self._move(file, f"{new}.odcs.yaml")
        if contract.table == major.table:
            edited = self.edited.setdefault(file, EditedFile(self.root / file, file))
            edited.set_below(("schema", 0, "physicalName"), new, above="name")
            for path in _code(product):
                self._call_otherwise(path, contract.table, new)
        if contract.suite is not None:
            self._move(contract.suite.file, f"{STEM}_{new}.json")
            if contract.suite.python is not None:
                self._move(_shown(contract.suite.python, self.root), f"{STEM}_{new}.py")

    def put_back(self, major: OldMajor) -> None:
        """Take the files of an old major as they were."""
        for file, text in major.texts.items():
            self._claim(file)
            self.back[file] = text

    def save(self) -> tuple[str, ...]:
        """Write it all; files that have another name now go last."""
        texts = {file: _text(self.root / file) for file in self.moved}
        texts |= self.code | {file: edited.text() for file, edited in self.edited.items()}
        texts = {self.moved.get(file, file): text for file, text in texts.items()} | self.back
        for file, text in texts.items():
            replace_file(self.root / file, text.encode("utf-8", errors="surrogateescape"))
        for file in self.moved.keys() - texts.keys():
            (self.root / file).unlink(missing_ok=True)
        return tuple(sorted(texts))

    def _call_otherwise(self, path: Path, table: str, new: str) -> None:
        """Move the model itself; in all other code of the domain, change its name."""
        shown = _shown(path, self.root)
        if path.stem == table and path.suffix in (".sql", ".py"):
            self._move(shown, f"{new}{path.suffix}")
            return
        text = self.code.get(shown) or _text(path)
        renamed = re.sub(rf"(\bref\(\s*(['\"])){table}(?=\2\s*\))", rf"\g<1>{new}", text)
        if path.suffix in (".yml", ".yaml"):
            renamed = re.sub(rf"(?m)^(\s+(?:- )?model:\s*){table}(?=\s*$)", rf"\g<1>{new}", renamed)
        if renamed != text:
            self.code[shown] = renamed

    def _move(self, file: str, name: str) -> None:
        target = Path(file).with_name(name).as_posix()
        if target != file and (self.root / file).exists():
            self._claim(target)
            self.moved[file] = target

    def _claim(self, file: str) -> None:
        if file not in self.moved and (self.root / file).exists():
            raise MeshError(
                "the file is there already, and would be written",
                place=Place(file),
                fix="move it away, or keep the old version by hand",
            )


def _code(product: Product) -> list[Path]:
    """Everything of the domain that may name the product's models."""
    folder = product.folder.parent
    return sorted(path for path in folder.rglob("*") if path.suffix in _CODE and path.is_file())


def _text(path: Path) -> str:
    return path.read_bytes().decode("utf-8", errors="surrogateescape")


def _shown(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix()
