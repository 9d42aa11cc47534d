"""A breaking change needs its old major beside it, or the word of each consumer that it reaches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from mesh_platform.errors import Place
from mesh_platform.model.acknowledgements import FILE, Acknowledgement
from mesh_platform.model.changes.values import Level
from mesh_platform.model.changes.versions import required_version
from mesh_platform.model.documents import parse_document
from mesh_platform.model.findings import Finding
from mesh_platform.model.mesh import PortInput, Product
from mesh_platform.model.naming import ProductName
from mesh_platform.planning.impact import Affected
from mesh_platform.planning.promises import PortChanges, ProductChanges


def unagreed(
    changes: ProductChanges,
    port: PortChanges,
    reached: Mapping[ProductName, Affected],
    consumers: Iterable[tuple[Product, PortInput]],
    today: date,
) -> Iterator[Finding]:
    """Consumers that a breaking change reaches without their word.

    A consumer that reads the new major by its own descriptor has moved, and needs no other word.
    Where the port, or its major, goes, everybody who reads it is reached.
    """
    silent: list[tuple[Product, PortInput]] = []
    for consumer, item in consumers:
        if not _must_agree(port, consumer, item, reached):
            continue
        word = consumer.acknowledgement(item.port)
        if word is None:
            silent.append((consumer, item))
        elif word.until < today:
            yield _expired(consumer, word)
        elif problem := _speaks_of_another(port, consumer, word):
            yield problem
    if silent:
        yield _unasked(changes, port, silent, reached)


def _must_agree(
    port: PortChanges,
    consumer: Product,
    item: PortInput,
    reached: Mapping[ProductName, Affected],
) -> bool:
    if port.before is not None and item.port != port.before.name:
        return False
    return not port.kept or consumer.name in reached


def _unasked(
    changes: ProductChanges,
    port: PortChanges,
    silent: list[tuple[Product, PortInput]],
    reached: Mapping[ProductName, Affected],
) -> Finding:
    does = "goes away" if not port.kept else "breaks"
    names = ", ".join(str(consumer.name) for consumer, _ in silent)
    found = (reached.get(consumer.name) for consumer, _ in silent)
    whom = sorted({f"{affected.team} <{affected.email}>" for affected in found if affected})
    before = port.before.version if port.before else ""
    version = port.now.version if port.now and not port.kept else _next_major(before)
    entry = f"{{port: {port.name.path}, version: {version}, by: NAME, until: DATE}}"
    return Finding(
        "change.not-agreed",
        f"`{port.name}` {does} for {names}, and nobody there has agreed",
        _place(port, silent[0][1]),
        f"keep version {before} beside the new one; or each"
        f" consumer moves to the new one, or writes `acknowledgements: [{entry}]` to {FILE} in"
        f" its folder: ask {', '.join(whom) or 'its owners'}",
        str(changes.name),
    )


def _next_major(version: str) -> str:
    return required_version(version, (Level.MAJOR,), released=True)


def _place(port: PortChanges, item: PortInput) -> Place:
    """The first breaking change in the contract as it is now."""
    if port.now is None:
        return item.place
    document = parse_document(port.now.contract.text, port.now.contract.place.file)
    breaking = (change.spot for change in port.changes if change.level is Level.MAJOR)
    return document.place(next(breaking, ()))


def _expired(consumer: Product, word: Acknowledgement) -> Finding:
    return Finding(
        "ack.expired",
        f"{consumer.name} agreed to the change of `{word.port}` until {word.until}: that is over",
        word.place,
        "read the new version, or agree to a later day",
        str(consumer.name),
    )


def _speaks_of_another(
    port: PortChanges, consumer: Product, word: Acknowledgement
) -> Finding | None:
    now = port.now.version if port.now else None
    breaking = [change for change in port.changes if change.level is Level.MAJOR]
    left = [change for change in breaking if not word.covers(change.path)]
    if now is not None and word.version != now:
        said = f"{consumer.name} agreed to version {word.version} of `{word.port}`, not to {now}"
    elif left:
        said = f"{consumer.name} agreed to other changes of `{word.port}`, not to {left[0].path}"
    else:
        return None
    return Finding(
        "ack.other-change", said, word.place, "ask the consumer's team again", str(consumer.name)
    )
