"""Builds many products: providers first, domains beside each other, in batches of one domain."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from mesh_platform.model.mesh import Mesh, Product
from mesh_platform.model.naming import ProductName
from mesh_platform.release.outcome import ProductOutcome

RunBatch = Callable[[str, tuple[Product, ...]], list[ProductOutcome]]
"""Builds products of one domain that do not wait for each other."""

_AT_ONCE = 2
"""dbt runs one at a time; a second worker verifies and publishes meanwhile."""


def run_in_order(
    mesh: Mesh, products: Iterable[Product], run: RunBatch, done: Callable[[ProductOutcome], None]
) -> list[ProductOutcome]:
    """Build products batch by batch.

    Args:
        mesh: knows who reads whom.
        products: what to build.
        run: builds one batch.
        done: told of each outcome as it comes.

    Returns:
        All outcomes, in the order they came.
    """
    waiting = {product.name: product for product in products}
    running: dict[Future[list[ProductOutcome]], tuple[Product, ...]] = {}
    outcomes: list[ProductOutcome] = []
    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="domain") as pool:
        while waiting or running:
            unfinished = {*waiting, *(p.name for batch in running.values() for p in batch)}
            busy = {batch[0].name.domain for batch in running.values()}
            for batch in _ready(mesh, waiting, unfinished, busy):
                for product in batch:
                    del waiting[product.name]
                running[pool.submit(run, batch[0].name.domain, batch)] = batch
            finished, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in finished:
                del running[future]
                for outcome in future.result():
                    outcomes.append(outcome)
                    done(outcome)
    return outcomes


def _ready(
    mesh: Mesh,
    waiting: dict[ProductName, Product],
    unfinished: set[ProductName],
    busy: set[str],
) -> list[tuple[Product, ...]]:
    batches: dict[str, list[Product]] = {}
    for product in waiting.values():
        if product.name.domain not in busy and not unfinished & {*mesh.providers(product)}:
            batches.setdefault(product.name.domain, []).append(product)
    return [tuple(batch) for batch in batches.values()]
