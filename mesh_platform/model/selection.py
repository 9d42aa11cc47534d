"""Reads SELECT: domains and products with dbt's graph operators, as people type them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mesh_platform.errors import UnknownNameError
from mesh_platform.model.mesh import Mesh, Product
from mesh_platform.model.naming import ProductName


def select(mesh: Mesh, expressions: Iterable[str]) -> tuple[Product, ...]:
    """Products that the expressions name, providers first; no expression means all.

    Raises:
        UnknownNameError: an expression names neither a domain nor a product.
    """
    texts = list(expressions)
    names = {name for text in texts for name in _expand(mesh, text)} if texts else mesh.products
    return mesh.in_order(names)


def _expand(mesh: Mesh, text: str) -> Iterator[ProductName]:
    up, down = text.startswith("+"), text.endswith("+")
    for name in _named(mesh, text.removeprefix("+").removesuffix("+")):
        yield name
        if up:
            yield from mesh.reach(name, up=True)
        if down:
            yield from mesh.reach(name, up=False)


def _named(mesh: Mesh, text: str) -> list[ProductName]:
    if any(domain.name == text for domain in mesh.domains):
        return [product.name for product in mesh.domain(text).products]
    known = {str(name): name for name in mesh.products}
    if text in known:
        return [known[text]]
    domains = [domain.name for domain in mesh.domains]
    raise UnknownNameError("domain or product", text, [*known, *domains])
