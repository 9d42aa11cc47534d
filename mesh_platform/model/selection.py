"""Reads SELECT: domains and products with dbt's graph operators, as people type them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from mesh_platform.errors import UnknownNameError
from mesh_platform.model.mesh import Mesh, Product
from mesh_platform.model.naming import ProductName


def select(mesh: Mesh, expressions: Iterable[str]) -> tuple[Product, ...]:
    """Products that the expressions name, providers first; no expression means all.

    Raises:
        UnknownNameError: an expression names neither a domain nor a product.
        PromiseBrokenError: the files of a product have errors.
    """
    texts = list(expressions)
    names = {name for text in texts for name in _readable(mesh, text)} if texts else mesh.products
    return mesh.in_order(names)


def _readable(mesh: Mesh, text: str) -> list[ProductName]:
    """Products of an expression; what cannot be read is not unknown."""
    mesh.refuse_unread(_bare(text))
    return list(_expand(mesh, text))


@dataclass(frozen=True, slots=True)
class Selection:
    """What expressions name, also products that are in the mesh no more.

    `known` are products of the mesh, `words` what was typed without its operators, `doubtful` what
    names nothing in the mesh. Nothing typed means everything.
    """

    everything: bool = True
    known: frozenset[ProductName] = frozenset()
    words: frozenset[str] = frozenset()
    doubtful: Mapping[str, UnknownNameError] = field(default_factory=dict)

    @classmethod
    def of(cls, mesh: Mesh, expressions: Iterable[str]) -> Selection:
        """Read expressions; what they name may turn out to be gone."""
        texts = list(expressions)
        known, doubtful = set[ProductName](), dict[str, UnknownNameError]()
        for text in texts:
            try:
                known |= set(_expand(mesh, text))
            except UnknownNameError as error:
                doubtful[_bare(text)] = error
        return cls(not texts, frozenset(known), frozenset(map(_bare, texts)), doubtful)

    def __contains__(self, name: ProductName) -> bool:
        """Whether a product is meant, be it in the mesh or gone."""
        named = str(name) in self.words or name.domain in self.words
        return self.everything or name in self.known or named

    def reaches(self, domain: str) -> bool:
        """Whether any product of a domain may be meant."""
        named = {word.split("/")[0] for word in self.words} | {name.domain for name in self.known}
        return self.everything or domain in named

    def check(self, gone: Iterable[ProductName]) -> None:
        """Make sure that every expression names something, be it gone.

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
