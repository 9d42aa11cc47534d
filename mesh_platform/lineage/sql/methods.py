"""Columns that the parser hides before a method call, as in `name.upper()`.

Before a method call sqlglot keeps bare identifiers where it has columns elsewhere; here they are
found again. Nothing else belongs here.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp


def is_method(node: exp.Dot) -> bool:
    """Tell whether a dot calls a function: `name.upper()`."""
    return isinstance(node.expression, exp.Func)


def hidden_names(node: exp.Expr) -> Iterator[tuple[str, ...]]:
    """The names of columns in what a method is called on; those of a lambda are no columns."""
    todo: list[exp.Expr] = [node]
    while todo:
        part = todo.pop()
        names = _dotted(part)
        if names:
            if not _is_bound(part, names[0]):
                yield names
        elif isinstance(part, exp.Dot):
            todo += [part.this, *_arguments(part.expression)]
        elif isinstance(part, exp.PropertyEQ | exp.Alias | exp.Cast):
            todo.append(part.expression if isinstance(part, exp.PropertyEQ) else part.this)
        elif isinstance(part, exp.Lambda):
            todo.append(part.this)
        else:
            todo += part.iter_expressions()


def _dotted(node: exp.Expr) -> tuple[str, ...]:
    """The parts of `a.b.c`; nothing where it is more than names."""
    if isinstance(node, exp.Identifier):
        return (node.name.lower(),)
    if isinstance(node, exp.Dot) and isinstance(node.expression, exp.Identifier):
        before = _dotted(node.this)
        return (*before, node.expression.name.lower()) if before else ()
    return ()


def _arguments(call: exp.Expr) -> Iterator[exp.Expr]:
    if isinstance(call, exp.Func):
        yield from call.iter_expressions()


def _is_bound(node: exp.Expr, name: str) -> bool:
    """Tell whether a lambda or a comprehension gives a name to an item of a list."""
    around = node.parent
    while around is not None and not isinstance(around, exp.Query):
        if isinstance(around, exp.Lambda):
            bound = around.expressions
        else:
            bound = [around.expression] if isinstance(around, exp.Comprehension) else []
        if any(item.name.lower() == name for item in bound):
            return True
        around = around.parent
    return False
