"""Find what a promise is about: a column, or a value at any depth inside one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from mesh_platform.contract_diff.terms import MASKING, custom
from mesh_platform.model.contract import Column, Contract
from mesh_platform.model.type_text import DataType, read_type

_OPEN = (None, "public", "internal")


class Each(StrEnum):
    """A step into every item of an array, or every key or value of a map."""

    ITEM = "[]"
    KEY = "[key]"
    VALUE = "[value]"


PARTS: dict[str | Each, str] = {Each.ITEM: "", Each.KEY: "key", Each.VALUE: "value"}
"""What the parts of a type are called that a step leads to."""


@dataclass(frozen=True, slots=True)
class Target:
    """A promised column with the way to it: names of fields, and `Each` where there are many.

    `around` is what the physical types of the columns around it say of its type.
    """

    steps: tuple[str | Each, ...]
    column: Column
    classified: bool
    around: tuple[DataType, ...] = ()

    def __str__(self) -> str:
        """Write the way as people do: `orders[].price`."""
        text = str(self.steps[0])
        for step in self.steps[1:]:
            text += step if isinstance(step, Each) else f".{step}"
        return text

    @property
    def stem(self) -> str:
        """The way in words that check names begin with: `orders_item_price`."""
        words = {Each.ITEM: "item", Each.KEY: "key", Each.VALUE: "value"}
        return "_".join(words[s] if isinstance(s, Each) else s for s in self.steps)

    @property
    def many(self) -> bool:
        """Tell whether one row may hold several of these values."""
        return any(isinstance(step, Each) for step in self.steps)

    @property
    def types(self) -> tuple[DataType, ...]:
        """The physical types that are promised for it: its own, and those around it."""
        own = self.column.physical_type
        return (read_type(own), *self.around) if own else self.around

    def children(self) -> Iterator[Target]:
        """Targets one step further in."""
        for column in self.column.columns:
            yield self._child(column.name, column)
        parts = {
            Each.ITEM: self.column.items,
            Each.KEY: self.column.key,
            Each.VALUE: self.column.value,
        }
        for step, part in parts.items():
            if part is not None:
                yield self._child(step, part)

    def undeclared(self) -> Iterator[Target]:
        """Parts of its type that the contract does not list, one step further in."""
        listed = {child.steps[-1] for child in self.children()}
        steps = {part: step for step, part in PARTS.items()}
        for kind in self.types:
            for name, _ in kind.parts:
                step = name if kind.name == "STRUCT" else steps.get(name, Each.ITEM)
                if step not in listed:
                    yield self._child(step, _unlisted(self.column, str(step)))

    def _child(self, step: str | Each, column: Column) -> Target:
        name = PARTS[step] if isinstance(step, Each) else step
        around = tuple(part for kind in self.types if (part := kind.part(name)))
        classified = self.classified or _classified(column)
        return Target((*self.steps, step), column, classified, around)


def _unlisted(holder: Column, name: str) -> Column:
    """A column of which only the physical type around it speaks."""
    return Column(
        name=name,
        logical_type=None,
        physical_type=None,
        description=None,
        required=False,
        unique=False,
        key_position=None,
        enum=(),
        options={},
        classification=None,
        rules=(),
        place=holder.place,
    )


def top_targets(contract: Contract) -> tuple[Target, ...]:
    """The columns of the table."""
    return tuple(Target((c.name,), c, _classified(c)) for c in contract.columns)


def all_targets(contract: Contract) -> Iterator[Target]:
    """Every column at every depth, in the order of the contract."""
    todo = list(top_targets(contract))
    while todo:
        target = todo.pop(0)
        yield target
        todo = [*target.children(), *todo]


def find(contract: Contract, text: str) -> Target | None:
    """Find a column by the names on the way to it, such as `address.zip`."""
    for target in all_targets(contract):
        if text in (str(target), _by_names(target)):
            return target
    wanted = {column.logical_name: column.name for column in contract.columns}
    return find(contract, wanted[text]) if wanted.get(text, text) != text else None


def masking_of(column: Column) -> str | None:
    """Return how a contract says that the values of a column are masked."""
    said = custom(column.custom, MASKING)
    return None if said is None else str(said)


def _by_names(target: Target) -> str:
    """The way without brackets: an array stands for its items."""
    return ".".join(step for step in target.steps if not isinstance(step, Each))


def _classified(column: Column) -> bool:
    return column.classification not in _OPEN
