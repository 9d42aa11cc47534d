"""Compare the arguments of calls with what macros take."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from jinja2 import Environment, TemplateError, nodes

from mesh_platform.errors import did_you_mean

_READER = Environment()  # noqa: S701 - nothing is rendered
_END = re.compile(r"\{%-?\s*end(?:macro|test|data_test)\b")


@dataclass(frozen=True, slots=True)
class Signature:
    """Hold the arguments that a macro takes.

    Args:
        names: of its arguments, in order.
        needed: names of those without a default.
        more: whether it takes further ones without a name.
        more_named: whether it takes further ones with a name.
    """

    names: tuple[str, ...]
    needed: frozenset[str]
    more: bool
    more_named: bool


def signature_of_macro(texts: Iterable[str], name: str) -> Signature | None:
    """Return what a macro takes; None where it is not there once, or cannot be read.

    Args:
        texts: texts of files of macros.
        name: the name of the macro.
    """
    return _signature(texts, rf"macro\s+{re.escape(name)}")


def signature_of_test(texts: Iterable[str], name: str) -> Signature | None:
    """Return what a generic test takes, by the same rules."""
    return _signature(texts, rf"(?:macro\s+test_|(?:data_)?test\s+){re.escape(name)}")


def _signature(texts: Iterable[str], written: str) -> Signature | None:
    begin = re.compile(rf"\{{%-?\s*{written}\s*(\(.*?\))\s*-?%\}}", re.DOTALL)
    found = [(text, match) for text in texts for match in begin.finditer(text)]
    if len(found) != 1:
        return None
    [(text, match)] = found
    end = _END.search(text, match.end())
    try:
        macro = _READER.parse(f"{{% macro x{match[1]} %}}{{% endmacro %}}").find(nodes.Macro)
    except (TemplateError, RecursionError):
        return None
    if macro is None or end is None:
        return None
    body, names = text[match.end() : end.start()], tuple(each.name for each in macro.args)
    needed = frozenset(names[: len(names) - len(macro.defaults)])
    return Signature(names, needed, more="varargs" in body, more_named="kwargs" in body)


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
        return said, f"remove the extra arguments: {way}"
    for item in call.kwargs:
        if item.key in takes.names[:given] and not takes.more_named:
            return f"gives the argument `{item.key}` of `{name}` twice", f"give it once; {way}"
        if item.key not in takes.names and not takes.more_named:
            near = did_you_mean(item.key, takes.names) if takes.names else way
            return f"calls `{name}` with `{item.key}`, which it does not take", near
    return None


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names) or "none"
