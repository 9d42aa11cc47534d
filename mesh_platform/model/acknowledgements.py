"""A consumer's word that it knows of a breaking change and lives with it until a day.

The file `acknowledgements.yaml` lies in the consumer's product folder, so that its owners are the
ones who agree. It says which port, in which coming version, who agreed, and until when.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

from pydantic import ValidationError

from mesh_platform.errors import MeshError, Place
from mesh_platform.model.dbt_ignore import DBT_IGNORE, read_ignore
from mesh_platform.model.descriptors import validation_findings
from mesh_platform.model.documents import Document, read_document
from mesh_platform.model.findings import Finding
from mesh_platform.model.frozen import Frozen, InWords

FILE = "acknowledgements.yaml"


class _Entry(Frozen):
    port: str
    version: str
    by: InWords
    until: date
    changes: tuple[str, ...] = ()
    note: str | None = None


class _File(Frozen):
    acknowledgements: tuple[_Entry, ...]


class Acknowledgement(Frozen):
    """One entry; `changes` are paths of changes, none means everything of that version."""

    port: str
    version: str
    by: str
    until: date
    changes: tuple[str, ...] = ()
    place: Place

    def covers(self, path: str) -> bool:
        """Whether it speaks of the change at a path, or of something around it."""
        known = tuple(name.rstrip("/") for name in self.changes)
        return not known or path in known or path.startswith(tuple(f"{name}/" for name in known))

    def holds(self, version: str, path: str, today: date) -> bool:
        """Whether it counts today for the change at a path that a version brings."""
        return self.version == version and today <= self.until and self.covers(path)


def read_acknowledgements(
    folder: Path, root: Path, inputs: Iterable[str]
) -> tuple[tuple[Acknowledgement, ...], tuple[Finding, ...]]:
    """What a consumer has agreed to; a file that cannot mean anything is a finding.

    Args:
        folder: the consumer's product folder.
        root: the mesh.
        inputs: ports that the consumer reads, without their majors.
    """
    path = folder / FILE
    if not path.is_file():
        return (), ()
    shown = path.relative_to(root).as_posix()
    try:
        document = read_document(path, shown)
        entries = _File.model_validate(document.data).acknowledgements
    except MeshError as error:
        return (), (Finding("ack.invalid", error.message, error.place or Place(shown), error.fix),)
    except ValidationError as error:
        known = frozenset({*_File.model_fields, *_Entry.model_fields})
        return (), tuple(validation_findings(error, document, "ack", known))
    read = tuple(_acknowledgement(entry, document, n) for n, entry in enumerate(entries))
    return read, (*_unread(read, sorted(set(inputs))), *_seen_by_dbt(folder, root, shown))


def _acknowledgement(entry: _Entry, document: Document, index: int) -> Acknowledgement:
    values = entry.model_dump(exclude={"note"})
    return Acknowledgement(**values, place=document.place(("acknowledgements", index)))


def _unread(read: Iterable[Acknowledgement], inputs: list[str]) -> Iterator[Finding]:
    for item in read:
        if item.port not in inputs:
            yield Finding(
                "ack.not-an-input",
                f"`{item.port}` is acknowledged, but the product does not read it",
                item.place,
                f"remove the entry, or name one of: {', '.join(inputs) or 'no input port'}",
            )


def _seen_by_dbt(folder: Path, root: Path, shown: str) -> Iterator[Finding]:
    """Dbt takes every YAML file in a product's folder for its own."""
    domain = folder.parent.parent
    if not read_ignore(domain).hides(folder / FILE):
        yield Finding(
            "ack.dbtignore",
            f"dbt would read `{FILE}` as a file of its own",
            Place(shown, 1),
            f"add the line `{FILE}` to {(domain / DBT_IGNORE).relative_to(root).as_posix()}",
        )
