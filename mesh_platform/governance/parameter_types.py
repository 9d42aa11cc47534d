"""Types of a policy's parameters as text: what a file of others says of them crosses processes so.

Only the types that a value in `mesh.yaml` can have are known.
"""

from __future__ import annotations

import types
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Literal, Union, get_args, get_origin

_NAMES: dict[str, Any] = {
    **{kind.__name__: kind for kind in (bool, int, float, str, date, tuple, list, dict)},
    "set": set,
    "frozenset": frozenset,
    "mapping": Mapping,
    "sequence": Sequence,
    "literal": Literal,
    "union": Union,
    "none": type(None),
    "any": Any,
    "...": ...,
}


def type_as_json(kind: Any) -> Any:
    """A type as JSON: its name, or its name and its arguments.

    Raises:
        TypeError: it is none that a parameter can have.
    """
    origin = get_origin(kind)
    if origin is None:
        return _name(type(None) if kind is None else kind)
    if origin is Literal:
        return ["literal", list(get_args(kind))]
    known = Union if origin is types.UnionType else origin
    return [_name(known), [type_as_json(part) for part in get_args(kind)]]


def type_from_json(told: Any) -> Any:
    """The type that `type_as_json` tells.

    Raises:
        ValueError: it tells none.
    """
    if isinstance(told, str) and told in _NAMES:
        return _NAMES[told]
    match told:
        case ["literal", [*values]]:
            return Literal[tuple(values)]
        case [str(name), [*parts]] if name in _NAMES:
            return _NAMES[name][tuple(map(type_from_json, parts))]
    raise ValueError("no type of a parameter")


def _name(kind: Any) -> str:
    name = next((name for name, known in _NAMES.items() if known is kind), None)
    if name is None:
        raise TypeError(f"a parameter cannot be of the type {kind}: `mesh.yaml` has no such value")
    return name
