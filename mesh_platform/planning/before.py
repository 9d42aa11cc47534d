"""What a product promised before the change: by its release, or by a commit of git."""

from __future__ import annotations

from dataclasses import dataclass

from mesh_platform.model.naming import PortName, ProductName


@dataclass(frozen=True, slots=True)
class PortBefore:
    """A port's promise as it was: the text of the contract and of its expectations."""

    name: PortName
    version: str
    file: str
    text: str
    suite: str | None = None


@dataclass(frozen=True, slots=True)
class ProductBefore:
    """A product as it was; `descriptor` is None where its text was not kept.

    `option` is what a command says to compare with the same: ` --against main`, ` --env prod`.
    """

    name: ProductName
    version: str
    ports: tuple[PortBefore, ...]
    known_as: str
    descriptor: str | None = None
    option: str = ""
