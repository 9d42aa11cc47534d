"""Which columns `*`, `t.*` and `columns(…)` stand for, with what they exclude, replace, rename."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from sqlglot import exp

from mesh_platform.lineage.sql.scope import Scope
from mesh_platform.lineage.sql.sources import Named, Relation, Sources, union

Value = Callable[[exp.Expr, Scope], Sources]
"""What an expression depends on."""
_PATTERNS = (exp.Like, exp.ILike, exp.SimilarTo, exp.Glob, exp.Not)


def name_parts(column: exp.Expr) -> tuple[str, ...]:
    """The parts of a name, in lower case."""
    keys = ("catalog", "db", "table", "this")
    return tuple(column.args[key].name.lower() for key in keys if column.args.get(key))


def is_star(node: exp.Expr) -> bool:
    """Tell `*`, `t.*` and `* like '…'` from other expressions."""
    if isinstance(node, _PATTERNS):
        return is_star(node.this)
    return isinstance(node, exp.Star) or (
        isinstance(node, exp.Column) and isinstance(node.this, exp.Star)
    )


def starred(node: exp.Expr, scope: Scope, value: Value) -> Relation:
    """The columns that a star or `columns(…)` stands for; rows are not its matter."""
    if isinstance(node, exp.Columns):
        return _columns(node, scope, value)
    if isinstance(node, _PATTERNS):
        return _like(node, scope, value)
    star = node.this if isinstance(node, exp.Column) else node
    table = name_parts(node)[:-1] if isinstance(node, exp.Column) else ()
    excluded = _excluded(star)
    for name in excluded:
        scope.name((*table, *name.split(".")))
    found = _table(table, scope) if table else _tables(scope, excluded)
    plain = {name for name in excluded if "." not in name}
    columns = [item for item in found.columns if item[0] not in plain]
    return _with(found, [*_changed(star, columns, scope, value)])


def _with(relation: Relation, columns: list[Named]) -> Relation:
    return Relation(
        columns=tuple(columns),
        passes=relation.passes,
        complete=relation.complete,
        otherwise=relation.otherwise,
    )


def _tables(scope: Scope, excluded: set[str]) -> Relation:
    """All columns of FROM; those that `using` merged once."""
    columns = list(_shown(scope, excluded))
    relations = list(scope.relations.values())
    open_ones = [item.otherwise for item in relations if item.otherwise is not None]
    return Relation(
        columns=tuple(columns),
        passes=frozenset().union(*(item.passes for item in relations)),
        complete=all(item.complete for item in relations),
        otherwise=union(open_ones) if open_ones else None,
    )


def _shown(scope: Scope, excluded: set[str]) -> Iterator[Named]:
    """One of the merged columns is shown: that of the left, unless just that is excluded."""
    uncovered: set[str] = set()
    for alias, relation in scope.relations.items():
        for name, own in relation.columns:
            shown = scope.shown.get((alias, name or ""), own)
            if f"{alias}.{name}" in excluded:
                uncovered.add(name or "")
            elif shown is not None or name in uncovered:
                yield name, own if shown is None else shown


def _table(parts: tuple[str, ...], scope: Scope) -> Relation:
    """`t.*`, in an outer query too, or `s.*` for the fields of the column `s`."""
    inside: Scope | None = scope
    while inside is not None:
        if parts[-1] in inside.relations:
            return inside.relations[parts[-1]]
        inside = inside.outer
    struct = scope.name(parts)
    return Relation(columns=struct.fields) if struct.fields else Relation(otherwise=struct)


def _excluded(star: exp.Expr) -> set[str]:
    named = star.args.get("except_") or ()
    return {".".join(name_parts(item)) or item.name.lower() for item in named}


def _changed(star: exp.Expr, columns: list[Named], scope: Scope, value: Value) -> Iterator[Named]:
    replaced = {item.alias.lower(): item.this for item in star.args.get("replace") or ()}
    for name in replaced:
        scope.name((name,))
    renamed = {item.this.name.lower(): item.alias.lower() for item in star.args.get("rename") or ()}
    for name, sources in columns:
        if name in replaced:
            yield name, value(replaced.pop(name), scope)
        elif name in renamed:
            scope.reading.mentioned |= sources.values
            new = scope.aliases[renamed[name]] = sources
            yield renamed.pop(name), new
        else:
            yield name, sources
    for name, expression in replaced.items():
        yield name, value(expression, scope)
    for old, new in renamed.items():
        yield new, scope.name((old,))


def _columns(node: exp.Expr, scope: Scope, value: Value) -> Relation:
    chosen = node.this
    if is_star(chosen):
        return starred(chosen, scope, value)
    everything = _tables(scope, set())
    if isinstance(chosen, exp.Literal) and chosen.is_string:
        return _matching(everything, chosen.name, scope, whole=False)
    if isinstance(chosen, exp.Array):
        names = {item.name.lower() for item in chosen.expressions}
        if all(isinstance(item, exp.Literal) for item in chosen.expressions):
            return _with(everything, [item for item in everything.columns if item[0] in names])
    doubt = scope.reading.doubt("which columns `columns(…)` takes cannot be told from the text")
    return _with(everything, [(name, sources | doubt) for name, sources in everything.columns])


def _like(node: exp.Expr, scope: Scope, value: Value) -> Relation:
    """`* like '…'`; what is not plainly to be decided keeps all columns."""
    found = starred(node.this, scope, value)
    pattern = node.args.get("expression")
    if isinstance(node, exp.Not) or not isinstance(pattern, exp.Literal):
        return found
    if node.args.get("negate") or isinstance(node, exp.Glob):
        return found
    text = pattern.name if isinstance(node, exp.SimilarTo) else _like_pattern(pattern.name)
    return _matching(found, text, scope, whole=True)


def _like_pattern(text: str) -> str:
    return "".join({"%": ".*", "_": "."}.get(sign, re.escape(sign)) for sign in text)


def _matching(relation: Relation, pattern: str, scope: Scope, *, whole: bool) -> Relation:
    """Columns whose names match, in whatever case: too many rather than too few."""
    try:
        compiled = re.compile(pattern, re.IGNORECASE | re.DOTALL)
    except re.error:
        doubt = scope.reading.doubt(f"the pattern '{pattern}' cannot be read")
        return _with(relation, [(name, sources | doubt) for name, sources in relation.columns])
    match = compiled.fullmatch if whole else compiled.search
    return _with(relation, [item for item in relation.columns if item[0] and match(item[0])])
