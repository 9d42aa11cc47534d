"""Builds many products: providers first, in batches of one domain, as many at a time as fit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from mesh_platform.model.mesh import Mesh, Product
from mesh_platform.model.naming import ProductName
from mesh_platform.release.outcome import ProductOutcome

_DOMAINS_A_PROCESS = 4
_SECONDS_A_PROCESS = 60
"""Importing Dagster and dbt costs a process about what building a few small domains costs."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Products of one domain that do not wait for each other; built in one Dagster run."""

    domain: str
    products: tuple[Product, ...]


class Crew(Protocol):
    """Who builds: this process, or several others."""

    @property
    def free(self) -> bool:
        """Whether another batch may start now."""

    def start(self, batch: Batch) -> None:
        """Begin a batch; only while `free`."""

    def finished(self) -> tuple[Batch, list[ProductOutcome]]:
        """Wait until one of the started batches is through."""


def fitting_jobs(domains: int, seconds: float, cores: int) -> int:
    """How many processes pay for themselves.

    Args:
        domains: how many have something to build.
        seconds: what their products took the last time, together.
        cores: of this machine.
    """
    useful = max(domains // _DOMAINS_A_PROCESS, int(seconds // _SECONDS_A_PROCESS) + 1)
    return max(1, min(useful, domains, cores))


def run_in_order(mesh: Mesh, products: Iterable[Product], crew: Crew) -> list[ProductOutcome]:
    """Build products batch by batch; what fails does not stop the rest.

    Args:
        mesh: knows who reads whom.
        products: what to build.
        crew: builds the batches.

    Returns:
        All outcomes, in the order they came.
    """
    agenda = _Agenda(mesh, products)
    outcomes: list[ProductOutcome] = []
    while agenda.unfinished:
        while crew.free and (batch := agenda.next()):
            crew.start(batch)
        batch, made = crew.finished()
        agenda.done(batch)
        outcomes += made
    return outcomes


def batches(mesh: Mesh, products: Iterable[Product]) -> Iterator[Batch]:
    """What `run_in_order` starts, in its order, where one batch is built at a time."""
    agenda = _Agenda(mesh, products)
    while batch := agenda.next():
        yield batch
        agenda.done(batch)


class _Agenda:
    """What waits and what is being built; a domain's file has one user at a time."""

    def __init__(self, mesh: Mesh, products: Iterable[Product]) -> None:
        self.mesh = mesh
        self.waiting = {product.name: product for product in products}
        self.running: set[ProductName] = set()

    @property
    def unfinished(self) -> bool:
        return bool(self.waiting or self.running)

    def next(self) -> Batch | None:
        """Move the next batch from waiting to running; a domain that can run whole goes first."""
        able, held = dict[str, list[Product]](), set[str]()
        busy = {name.domain for name in self.running}
        ahead = self.waiting.keys() | self.running
        for product in self.waiting.values():
            if ahead.intersection(self.mesh.providers(product)):
                held.add(product.name.domain)
            elif product.name.domain not in busy:
                able.setdefault(product.name.domain, []).append(product)
        if not (able or self.running) and self.waiting:  # in a circle: each says so when built
            product = next(iter(self.waiting.values()))
            able[product.name.domain] = [product]
        if not able:
            return None
        domain = min(able, key=lambda name: name in held)
        return self._moved(Batch(domain, tuple(able[domain])))

    def _moved(self, batch: Batch) -> Batch:
        for product in batch.products:
            self.running.add(self.waiting.pop(product.name).name)
        return batch

    def done(self, batch: Batch) -> None:
        self.running.difference_update(product.name for product in batch.products)
