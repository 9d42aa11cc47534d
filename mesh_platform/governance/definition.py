"""Extracts the source of a policy: its function, and all that the function uses in its module.

Two versions of a policy are compared by this text. Code in other modules belongs to the platform,
and changes with its version.
"""

from __future__ import annotations

import ast
from functools import lru_cache


@lru_cache(maxsize=256)
def definition(text: str, name: str) -> str:
    """Return the lines of a module that decide what one of its functions does.

    Cached, because a process that goes on asks the same of the platform's own policies.

    Args:
        text: the module.
        name: the function. If it is not at the top level, the whole module is returned.
    """
    parts = _parts(text)
    known = {bound for part in parts for bound in _bound(part)}
    if name not in known:
        return text
    wanted, todo = {name}, {name}
    while todo:
        used = {word for part in parts if _bound(part) & todo for word in _used(part)}
        todo = (used & known) - wanted
        wanted |= todo
    lines = text.splitlines()
    chosen = (part for part in parts if _bound(part) & wanted)
    return "\n".join(line for part in chosen for line in lines[part.lineno - 1 : part.end_lineno])


@lru_cache(maxsize=4)
def _parts(text: str) -> list[ast.stmt]:
    """Return the statements of a module; cached, because each of its policies asks for them."""
    return ast.parse(text).body


def _bound(part: ast.stmt) -> set[str]:
    """Return the names that a statement defines; none for an import, whose code lies elsewhere."""
    match part:
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            return {name}
        case ast.Assign(targets=targets):
            return {n.id for each in targets for n in ast.walk(each) if isinstance(n, ast.Name)}
        case ast.AnnAssign(target=ast.Name(id=name)):
            return {name}
    return set()


def _used(part: ast.stmt) -> set[str]:
    """Return the names that a statement mentions; of a function, those in its body and defaults."""
    inside = part.body if isinstance(part, ast.FunctionDef) else [part]
    if isinstance(part, ast.FunctionDef):
        inside = [*inside, *(ast.Expr(default) for default in _defaults(part.args))]
    nodes = (node for each in inside for node in ast.walk(each))
    return {node.id for node in nodes if isinstance(node, ast.Name)}


def _defaults(arguments: ast.arguments) -> list[ast.expr]:
    return [each for each in (*arguments.defaults, *arguments.kw_defaults) if each is not None]
