"""Find the consumers that a breaking change reaches without their agreement.

A breaking change needs the old major beside the new one, or an acknowledgement of each consumer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import PurePosixPath

from mesh_platform.contract_diff.values import Change, Level
from mesh_platform.contract_diff.versions import is_enough, required_version
from mesh_platform.errors import Place, listed
from mesh_platform.model.acknowledgements import FILE, Acknowledgement
from mesh_platform.model.findings import Finding
from mesh_platform.model.mesh import Mesh, PortInput, Product
from mesh_platform.model.naming import PortName, ProductName
from mesh_platform.planning.impact import Affected, Stand
from mesh_platform.planning.promises import PortChanges, ProductChanges
from mesh_platform.planning.versions import way_to_bump

HALF_MOVED = "change.half-moved"
"""Code of the finding on a consumer whose SQL reads columns that its new major lacks."""


def unagreed(
    changes: ProductChanges,
    port: PortChanges,
    reaches: Sequence[tuple[Change, Affected]],
    consumers: Iterable[tuple[Product, PortInput]],
    today: date,
) -> Iterator[Finding]:
    """Report the consumers that a breaking change reaches and that have not agreed to it.

    A consumer whose descriptor reads the new major has moved, and needs no acknowledgement. Where
    the port or its major goes away, the change reaches every consumer.
    """
    silent: list[tuple[Product, PortInput]] = []
    reached = {affected.product: affected for _, affected in reaches}
    for consumer, item in consumers:
        whom = reached.get(consumer.name)
        if _has_moved(port, item):
            if columns := _still_read(consumer, reaches):
                yield _half_moved(consumer, item, columns)
            continue
        if port.kept and whom is None:
            continue
        word = consumer.acknowledgement(item.port)
        if word is None:
            silent.append((consumer, item))
        elif objection := _objection(changes, port, consumer, word, today):
            yield objection
    if silent:
        yield _unasked(changes, port, silent, reached)


def stand(
    changes: ProductChanges, port: PortChanges, consumer: Product, item: PortInput, today: date
) -> Stand:
    """Return how a consumer relates to a change; its agreement counts only as long as it holds."""
    if _has_moved(port, item):
        return Stand.MOVED
    word = consumer.acknowledgement(item.port)
    agreed = word is not None and _objection(changes, port, consumer, word, today) is None
    return Stand.AGREED if agreed else Stand.READS


def breaking(changes: ProductChanges, port: PortChanges) -> list[Change]:
    """Return the changes that break a port, in its contract or in the descriptor around it."""
    around = (change for change in changes.envelope if port.concerned_by(change))
    if port.before is None:
        return []
    return [change for change in (*port.changes, *around) if change.level is Level.MAJOR]


def expired_words(mesh: Mesh, today: date) -> Iterator[Finding]:
    """Report acknowledgements that are past their last day, on inputs that nobody offers."""
    for consumer in mesh.products.values():
        for item in consumer.inputs:
            word = consumer.acknowledgement(item.port)
            if mesh.lacks(item.port) and word is not None and word.until < today:
                yield _expired(consumer, word)


def _has_moved(port: PortChanges, item: PortInput) -> bool:
    return port.before is not None and item.port != port.before.name


def _still_read(consumer: Product, reaches: Iterable[tuple[Change, Affected]]) -> list[str]:
    """Return the columns that a consumer's SQL still names, though its new port lacks them."""
    found = (
        change.columns
        for change, affected in reaches
        if affected.product == consumer.name and affected.stand is Stand.READS
    )
    return sorted({f"`{column}`" for columns in found for column in columns})


def _half_moved(consumer: Product, item: PortInput, columns: Sequence[str]) -> Finding:
    return Finding(
        HALF_MOVED,
        f"the descriptor reads `{item.port}`, and the SQL still names"
        f" {listed(columns)}, not promised there",
        item.place,
        f"read what `{item.port}` promises; `mesh lineage {consumer.name}` shows what is read",
        str(consumer.name),
    )


def _unasked(
    changes: ProductChanges,
    port: PortChanges,
    silent: list[tuple[Product, PortInput]],
    reached: Mapping[ProductName, Affected],
) -> Finding:
    does = "goes away" if not port.kept else "breaks"
    names = listed([str(consumer.name) for consumer, _ in silent])
    found = (reached.get(consumer.name) for consumer, _ in silent)
    whom = sorted({f"{affected.team} <{affected.email}>" for affected in found if affected})
    ways = "\n".join(f"- {way}" for way in _ways(changes, port, silent))
    return Finding(
        "change.not-agreed",
        f"`{port.name}` {does} for {names}, and nobody there has agreed",
        _place(changes, port) or silent[0][1].place,
        f"one of these, for each of them; ask {listed(whom) or 'its owners'}\n{ways}",
        str(changes.name),
    )


def _ways(
    changes: ProductChanges, port: PortChanges, silent: Sequence[tuple[Product, PortInput]]
) -> Iterator[str]:
    """Yield the ways to settle a break.

    The old version beside the new one asks nothing of consumers.
    """
    first, several = silent[0][0], "for instance " if len(silent) > 1 else ""
    name, before = port.name, port.before.version if port.before else ""
    version = _coming(changes, port) or _next_major(before)
    if port.now is None:
        yield f"keep version {before}"
        yield "it stops reading the port"
    elif _breaks(port):
        new = PortName.versioned(name.product, name.base, version)
        keep = f"`{way_to_bump(changes)} --keep`"
        yield f"keep version {before} beside {version} for those who stay: {keep}"
        move = f"`mesh product move {first.name} {new}`"
        yield f"it moves, once the port is {version}: {several}{move}"
    else:
        yield "leave it as it was: the break is around the port, in the descriptor"
    entry = f"{{port: {name.path}, version: {version}, by: NAME, until: DATE}}"
    file = PurePosixPath(first.place.file).with_name(FILE)
    yield (
        "it agrees to keep its last release, and is not built until it moves, by DATE at the"
        f" latest: `acknowledgements: [{entry}]` in {several}{file}"
    )


def _coming(changes: ProductChanges, port: PortChanges) -> str | None:
    """Return the version that brings the break: of the port, or of the product around it.

    Return None where the port goes away and nothing takes its place.
    """
    if port.now is None or port.before is None:
        return None
    before, now = port.before.version, port.now.version
    if not _breaks(port) and changes.before is not None and changes.now is not None:
        before, now = changes.before.version, changes.now.version
    return now if is_enough(before, now, Level.MAJOR) else _next_major(before)


def _breaks(port: PortChanges) -> bool:
    """Tell whether the port itself breaks, and not only the descriptor around it."""
    return not port.kept or any(change.level is Level.MAJOR for change in port.changes)


def _next_major(version: str) -> str:
    return required_version(version, (Level.MAJOR,))


def _place(changes: ProductChanges, port: PortChanges) -> Place | None:
    """Return the place of the first breaking change in the current files.

    Return None where the port is gone.
    """
    if port.now is None:
        return None
    found = [*zip(port.changes, port.places(port.changes), strict=True)]
    found += [
        (change, place)
        for change, place in zip(changes.envelope, changes.places(), strict=True)
        if port.concerned_by(change)
    ]
    breaks = (place for change, place in found if change.level is Level.MAJOR)
    return next(breaks, port.now.contract.place)


def _objection(
    changes: ProductChanges,
    port: PortChanges,
    consumer: Product,
    word: Acknowledgement,
    today: date,
) -> Finding | None:
    """Report why an acknowledgement does not cover the change; return None where it does."""
    coming = _coming(changes, port)
    left = [change for change in breaking(changes, port) if not word.covers(change.path)]
    if word.until < today:
        return _expired(consumer, word)
    if coming is not None and word.version != coming:
        said = f"{consumer.name} agreed to version {word.version} of `{word.port}`, not to {coming}"
    elif left:
        said = f"{consumer.name} agreed to other changes of `{word.port}`, not to {left[0].path}"
    else:
        return None
    return Finding(
        "ack.other-change", said, word.place, "ask the consumer's team again", str(consumer.name)
    )


def _expired(consumer: Product, word: Acknowledgement) -> Finding:
    return Finding(
        "ack.expired",
        f"{consumer.name} agreed to the change of `{word.port}` until {word.until}: that is over",
        word.place,
        "read the new version, or agree to a later day",
        str(consumer.name),
    )
