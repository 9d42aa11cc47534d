"""Compare the arguments of calls with what macros take."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from jinja2 import Environment, TemplateError, nodes

from mesh_platform.errors import did_you_mean

_READER = Environment()  # noqa: S701 - nothing is rendered
_END = re.compile(r"\{%-?\s*endmacro\b")


@dataclass(frozen=True, slots=True)
class Signature:
    """Hold the arguments that a macro takes.

    Args:
        names: of its arguments, in order.
        more: whether it takes further ones without a name.
        more_named: whether it takes further ones with a name.
    """

    names: tuple[str, ...]
    more: bool
    more_named: bool


def signature(texts: Iterable[str], name: str) -> Signature | None:
    """Return what a macro takes; None where it is not there once, or cannot be read.

    Args:
        texts: texts of files of macros.
        name: the name of the macro.
    """
    begin = re.compile(rf"\{{%-?\s*macro\s+{re.escape(name)}\s*\(.*?%\}}", re.DOTALL)
    found = [(text, match) for text in texts if name in text for match in begin.finditer(text)]
    if len(found) != 1:
        return None
    [(text, match)] = found
    end = _END.search(text, match.end())
    try:
        tree = _READER.parse(f"{match[0]}{{% endmacro %}}")
    except (TemplateError, RecursionError):
        return None
    macro = tree.find(nodes.Macro)
    if macro is None or end is None:
        return None
    body = text[match.end() : end.start()]
    names = tuple(argument.name for argument in macro.args)
    return Signature(names, more="varargs" in body, more_named="kwargs" in body)


def misfit(call: nodes.Call, name: str, takes: Signature) -> tuple[str, str] | None:
    """Return what a macro does not take of a call, in words that follow its model, and the way out.

    An argument that is missing is none: the macro finds it empty.
    """
    if call.dyn_args is not None or call.dyn_kwargs is not None:
        return None
    given, most = len(call.args), len(takes.names)
    way = f"it takes {_listed(takes.names)}"
    if given > most and not takes.more:
        said = f"calls `{name}` with {given} argument{'s' * (given != 1)}, and it takes {most}"
        return said, f"leave out what is too much: {way}"
    for item in call.kwargs:
        if item.key in takes.names[:given]:
            return f"gives the argument `{item.key}` of `{name}` twice", f"give it once; {way}"
        if item.key not in takes.names and not takes.more_named:
            near = did_you_mean(item.key, takes.names) if takes.names else way
            return f"calls `{name}` with `{item.key}`, which it does not take", near
    return None


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names) or "none"
