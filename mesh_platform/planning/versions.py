"""Compare the version that the changes ask for with the one that the files say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from mesh_platform.contract_diff.values import Level
from mesh_platform.contract_diff.versions import is_enough, required_version
from mesh_platform.errors import Place, listed
from mesh_platform.model.contract import Contract
from mesh_platform.model.documents import parse_document
from mesh_platform.model.findings import Finding
from mesh_platform.model.mesh import Product
from mesh_platform.model.naming import PortName, later
from mesh_platform.planning.promises import PortChanges, ProductChanges


@dataclass(frozen=True, slots=True)
class VersionStep:
    """The version of a product or of one of its ports; `port` is None for the product."""

    port: PortName | None
    before: str
    now: str
    level: Level
    required: str
    known_as: str
    place: Place

    @property
    def enough(self) -> bool:
        """Tell whether the files say at least what the changes ask for."""
        return is_enough(self.before, self.now, self.level)

    @property
    def of(self) -> str:
        """Return what has the version, in words."""
        return f"port `{self.port}`" if self.port else "product"


def way_to_bump(changes: ProductChanges) -> str:
    """The command that writes honest versions, counted from what the plan compares with."""
    option = changes.before.option if changes.before else ""
    return f"mesh product bump {changes.name}{option}"


def too_small(
    changes: ProductChanges, steps: Iterable[VersionStep], readers: Mapping[PortName, list[str]]
) -> Finding:
    """Return what stands against a change whose numbers say less than it does.

    Args:
        changes: of one product.
        steps: the versions that they ask for, not all of them enough.
        readers: products that read each of its ports, whatever they use.
    """
    found = [step for step in steps if not step.enough]
    first, ways = found[0], [way_to_bump(changes), *_new_ports(found, readers)]
    alike = len({step.level for step in found}) == 1
    what = f"a {first.level.word} change" if alike else "what changes"
    words = ["" if alike else f"{step.level.word}, " for step in found]
    numbers = ", ".join(
        f"{step.of} {step.required} ({word}is {step.now})"
        for step, word in zip(found, words, strict=True)
    )
    return Finding(
        "version.too-small",
        f"{what} since {first.known_as} needs other versions: {numbers}",
        first.place,
        "\n".join(ways),
        str(changes.name),
    )


def _new_ports(
    steps: Iterable[VersionStep], readers: Mapping[PortName, list[str]]
) -> Iterator[str]:
    """Yield what a new major of a port asks of all its readers, whatever they use."""
    for step in steps:
        if step.port is not None and (names := readers.get(step.port)):
            new = PortName.versioned(step.port.product, step.port.base, step.required)
            if new != step.port:
                yield (
                    f"{step.required} is another port, `{new}`, and `{step.port}` ends: all its"
                    f" readers move, agree, or are kept on {step.before}, also those that use"
                    f" nothing of what changes: {listed(names)}"
                )


def went_back(changes: ProductChanges) -> Iterator[Finding]:
    """Versions that are less than they were: who has read a number must never meet it again."""
    if changes.before is None or changes.now is None:
        return
    told = [("the product", changes.before.version, changes.now.version, _own_place(changes.now))]
    for port in changes.ports:
        if port.before and port.now:
            place = _version_of(port.now.contract)
            told.append((f"port `{port.name}`", port.before.version, port.now.version, place))
    for what, before, now, place in told:
        if later(before, now):
            yield Finding(
                "version.backwards",
                f"{what} is version {now}, and was {before} in {changes.before.known_as}",
                place,
                f"write {before}, or the next version that `mesh plan` asks for",
                str(changes.name),
            )


def version_steps(changes: ProductChanges) -> Iterator[VersionStep]:
    """Versions that changes ask for; a product that was never released may change freely."""
    if changes.before is None or changes.now is None:
        return
    for port in changes.ports:
        if step := _of_port(port, changes.before.known_as):
            yield step
    if changes.level is not None:
        old, now = changes.before.version, changes.now
        required = required_version(old, (changes.level,))
        known_as, place = changes.before.known_as, _own_place(now)
        yield VersionStep(None, old, now.version, changes.level, required, known_as, place)


def _of_port(port: PortChanges, known_as: str) -> VersionStep | None:
    levels = tuple(change.level for change in port.changes)
    if port.before is None or port.now is None or not levels:
        return None
    old = port.before.version
    return VersionStep(
        port.now.name,
        old,
        port.now.version,
        max(levels),
        required_version(old, levels),
        known_as,
        _version_of(port.now.contract),
    )


def _own_place(product: Product) -> Place:
    return parse_document(product.text, product.place.file).place(("version",))


def _version_of(contract: Contract) -> Place:
    return parse_document(contract.text, contract.place.file).place(("version",))
