"""Writes a product's versions, and makes a new major a port of its own: `mesh product bump`.

The model of a port that breaks takes the name of the new major; with `--keep` the old files come
back beside it. All is worked out first, then written, the descriptor last: until it says so, the
product offers what it did. A name that is taken, or a line that cannot be edited without touching
others, stops it before anything is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from mesh_platform.errors import MeshError, Place
from mesh_platform.files import read_bytes, seen_from
from mesh_platform.model.mesh import Product
from mesh_platform.model.naming import PortName
from mesh_platform.model.suites import STEM
from mesh_platform.release.plans.old_majors import OldMajor
from mesh_platform.scaffold.bump import edited_files, output_entries, refuse_taken
from mesh_platform.scaffold.code import (
    SHARED,
    bytes_of,
    code_below,
    text_of,
    with_model,
    with_tested_model,
)
from mesh_platform.scaffold.editing import EditedFile
from mesh_platform.scaffold.files import replace_file


def write_majors(
    product: Product,
    root: Path,
    version: str | None,
    ports: Mapping[PortName, str],
    old: Iterable[OldMajor],
) -> tuple[str, ...]:
    """Give a product and its ports their versions, and ports of a new major their name.

    Args:
        product: as its files say it now.
        root: the mesh.
        version: of the product; None leaves it.
        ports: new version of each port that gets one.
        old: the majors that go; those that are kept come back beside the new ones.

    Returns:
        The files written, relative to the mesh.

    Raises:
        MeshError: a version stands where it cannot be edited, or a name is taken; nothing is
            written.
    """
    majors = sorted(old, key=lambda major: major.before.name)
    refuse_taken(product, ports, [major.before.name for major in majors if major.kept])
    descriptor, *contracts = edited_files(product, root, version, ports)
    writing = _Writing(root, (*contracts, descriptor))
    places = {name: index for index, name in output_entries(product, root)}
    for major in sorted(majors, key=lambda major: -places[major.now.name]):
        writing.rename(product, major)
        if major.kept:
            descriptor.insert(("outputPorts", places[major.now.name]), dict(major.entry))
            writing.put_back(major)
    return writing.save()


class _Writing:
    """Hold what is about to be written: edits of files, other names for files, files from git."""

    def __init__(self, root: Path, edited: Iterable[EditedFile]) -> None:
        self.root, self.edited = root, {each.shown: each for each in edited}
        self.last = next(reversed(self.edited))
        self.code: dict[str, str] = {}
        self.moved: dict[str, str] = {}
        self.back: dict[str, str] = {}

    def rename(self, product: Product, major: OldMajor) -> None:
        """Give the files of a port the name of its next major, where the old one has theirs.

        A contract may have any name; only a second one takes it away.
        """
        contract, new = major.now.contract, major.name.name
        file = contract.place.file
        if major.kept and file == major.before.file:
            self._move(file, f"{new}.odcs.yaml")
        if contract.table == major.table:
            edited = self.edited.setdefault(file, EditedFile(self.root / file, file))
            edited.set_below(("schema", 0, "physicalName"), new, above="name")
            models, domain = product.folder.parent, product.folder.parent.parent
            code = code_below([models])
            self._refuse_namesake(code, contract.table, new)
            for path in code:
                self._call_otherwise(path, contract.table, new)
            for path in code_below(domain / name for name in SHARED):
                self._name_otherwise(path, contract.table, new)
        if contract.suite is not None and (major.kept or len(product.ports) > 1):
            self._move(contract.suite.file, f"{STEM}_{new}.json")
            if contract.suite.python is not None:
                self._move(seen_from(self.root, contract.suite.python), f"{STEM}_{new}.py")

    def put_back(self, major: OldMajor) -> None:
        """Take the files of an old major as they were."""
        for file, text in major.texts.items():
            self.back[file] = self._laid_out(file, text)

    def save(self) -> tuple[str, ...]:
        """Write it all; files that have another name now go last, but for the descriptor."""
        texts = {file: text_of(self.root / file) for file in self.moved}
        texts |= self.code | {file: edited.text() for file, edited in self.edited.items()}
        texts = {self.moved.get(file, file): text for file, text in texts.items()} | self.back
        for file in sorted({*self.moved.values(), *self.back}):
            self._refuse_other(file, texts[file])
        descriptor = texts.pop(self.last)
        for file, text in texts.items():
            replace_file(self.root / file, bytes_of(text))
        for file in self.moved.keys() - texts.keys():
            (self.root / file).unlink(missing_ok=True)
        replace_file(self.root / self.last, bytes_of(descriptor))
        return tuple(sorted((*texts, self.last)))

    def _call_otherwise(self, path: Path, table: str, new: str) -> None:
        """Move the model itself; in all other code of the domain, change its name."""
        if _is_model(path, table):
            self._move(seen_from(self.root, path), f"{new}{path.suffix}")
        else:
            self._name_otherwise(path, table, new)

    def _name_otherwise(self, path: Path, table: str, new: str) -> None:
        shown = seen_from(self.root, path)
        text = self.code.get(shown) or text_of(path)
        renamed = with_model(text, table, new)
        if path.suffix in (".yml", ".yaml"):
            renamed = with_tested_model(renamed, table, new)
        if renamed != text:
            self.code[shown] = renamed

    def _move(self, file: str, name: str) -> None:
        target = Path(file).with_name(name).as_posix()
        if (self.root / file).is_symlink():
            raise _by_hand("the file is a symbolic link: what it stands for may have readers", file)
        if target != file and (self.root / file).exists():
            self.moved[file] = target

    def _refuse_namesake(self, code: Sequence[Path], table: str, new: str) -> None:
        """Two models of a domain cannot have one name, wherever they are."""
        homes = {path.parent for path in code if _is_model(path, table)}
        for path in code:
            if homes and _is_model(path, new) and path.parent not in homes:
                said = f"the domain has a model `{new}` already"
                raise _by_hand(said, seen_from(self.root, path))

    def _laid_out(self, file: str, text: str) -> str:
        """A text with the line ends of the file that has its name now."""
        path = self.root / file
        of_windows = path.is_file() and b"\r\n" in read_bytes(path, file)
        return text.replace("\n", "\r\n") if of_windows else text

    def _refuse_other(self, file: str, text: str) -> None:
        """A file that says the same was written by this command, which did not come to its end."""
        path = self.root / file
        if path.is_symlink():
            raise _by_hand("the file is a symbolic link: what it stands for may have readers", file)
        if file not in self.moved and path.exists() and read_bytes(path, file) != bytes_of(text):
            raise _by_hand("the file is there already, and would be written", file)


def _is_model(path: Path, name: str) -> bool:
    return path.stem == name and path.suffix in (".sql", ".py")


def _by_hand(said: str, file: str) -> MeshError:
    fix = "move it away, or keep the old version by hand"
    return MeshError(said, place=Place(file), fix=fix)
