"""Reads SELECT: domains and products with dbt's graph operators, as people type them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from mesh_platform.errors import UnknownNameError
from mesh_platform.model.mesh import Mesh, Product
from mesh_platform.model.naming import ProductName


def select(mesh: Mesh, expressions: Iterable[str]) -> tuple[Product, ...]:
    """Return the products that the expressions name, providers first; no expression means all.

    Raises:
        UnknownNameError: an expression names neither a domain nor a product.
        PromiseBrokenError: the files of a product have errors.
    """
    texts = list(expressions)
    names = {name for text in texts for name in _readable(mesh, text)} if texts else mesh.products
    return mesh.in_order(names)


def _readable(mesh: Mesh, text: str) -> list[ProductName]:
    """Return the products of an expression; refuse one that names files with errors."""
    mesh.refuse_unread(_bare(text))
    return list(_expand(mesh, text))


@dataclass(frozen=True, slots=True)
class Selection:
    """Hold what expressions name, including products that are no longer in the mesh.

    `known` holds products of the mesh, `words` the expressions without operators, and `doubtful`
    those that name nothing in the mesh. No expression means everything.
    """

    everything: bool = True
    known: frozenset[ProductName] = frozenset()
    words: frozenset[str] = frozenset()
    doubtful: Mapping[str, UnknownNameError] = field(default_factory=dict)

    @classmethod
    def of(cls, mesh: Mesh, expressions: Iterable[str]) -> Selection:
        """Read expressions; keep one that names nothing in the mesh as doubtful."""
        texts = list(expressions)
        known, doubtful = set[ProductName](), dict[str, UnknownNameError]()
        for text in texts:
            try:
                known |= set(_expand(mesh, text))
            except UnknownNameError as error:
                doubtful[_bare(text)] = error
        return cls(not texts, frozenset(known), frozenset(map(_bare, texts)), doubtful)

    def __contains__(self, name: ProductName) -> bool:
        """Tell whether a product is selected, be it in the mesh or gone."""
        named = str(name) in self.words or name.domain in self.words
        return self.everything or name in self.known or named

    def reaches(self, domain: str) -> bool:
        """Tell whether any product of a domain may be selected."""
        named = {word.split("/")[0] for word in self.words} | {name.domain for name in self.known}
        return self.everything or domain in named

    def check(self, gone: Iterable[ProductName]) -> None:
        """Check that every expression names something, either in the mesh or gone.

        Raises:
            UnknownNameError: one names nothing.
        """
        names = {word for name in gone for word in (str(name), name.domain)}
        for word, error in self.doubtful.items():
            if word not in names:
                raise error


def _bare(text: str) -> str:
    return text.removeprefix("+").removesuffix("+")


def _expand(mesh: Mesh, text: str) -> Iterator[ProductName]:
    up, down = text.startswith("+"), text.endswith("+")
    for name in _named(mesh, _bare(text)):
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
    names = [*known, *map(str, mesh.unread), *domains]
    raise UnknownNameError("domain or product", text, names)
