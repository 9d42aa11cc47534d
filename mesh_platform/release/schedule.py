"""Builds many products: providers first, in batches of one domain."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from mesh_platform.model.mesh import Mesh, Product
from mesh_platform.model.naming import ProductName
from mesh_platform.release.outcome import ProductOutcome

RunBatch = Callable[[str, tuple[Product, ...]], list[ProductOutcome]]
"""Builds products of one domain that do not wait for each other."""


def run_in_order(mesh: Mesh, products: Iterable[Product], run: RunBatch) -> list[ProductOutcome]:
    """Build products batch by batch; what fails does not stop the rest.

    One batch at a time: dbt keeps global state, and so does the logging of an in-process Dagster
    run; DuckDB uses all cores for each of them.

    Args:
        mesh: knows who reads whom.
        products: what to build.
        run: builds one batch.

    Returns:
        All outcomes, in the order they came.
    """
    waiting = {product.name: product for product in products}
    outcomes: list[ProductOutcome] = []
    while waiting:
        batch = _next_batch(mesh, waiting)
        for product in batch:
            del waiting[product.name]
        outcomes += run(batch[0].name.domain, batch)
    return outcomes


def _next_batch(mesh: Mesh, waiting: dict[ProductName, Product]) -> tuple[Product, ...]:
    """What can run now of one domain; a domain that can run whole goes first."""
    can, held = dict[str, list[Product]](), set[str]()
    for product in waiting.values():
        if any(provider in waiting for provider in mesh.providers(product)):
            held.add(product.name.domain)
        else:
            can.setdefault(product.name.domain, []).append(product)
    if not can:  # products in a circle: each of them says so when it is built
        return (next(iter(waiting.values())),)
    return tuple(min(can.items(), key=lambda item: item[0] in held)[1])
