"""SELECTs put together by chance from what SQL allows, over the tables of `sql_shapes`."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count

from hypothesis import strategies as st

from tests.lineage.sql.shapes import COLUMNS

Draw = st.DrawFn


@dataclass
class Maker:
    """Draws the parts of one SELECT, and gives names that are used once."""

    draw: Draw
    numbers: count = field(default_factory=count)

    def name(self, letter: str) -> str:
        return f"{letter}{next(self.numbers)}"

    def one(self, *choices: str) -> str:
        return self.draw(st.sampled_from(choices))

    def chance(self, percent: int) -> bool:
        return self.draw(st.integers(0, 99)) < percent


@dataclass(frozen=True)
class From:
    """A FROM clause, and the names of the columns that it brings."""

    sql: str
    columns: tuple[str, ...]


@st.composite
def queries(draw: Draw) -> str:
    maker = Maker(draw)
    sql, _ = query(maker, 2)
    return sql


def query(maker: Maker, depth: int) -> tuple[str, list[str]]:
    """A query and the names of its columns."""
    kind = maker.one("select", "select", "select", "set", "with") if depth else "select"
    if kind == "set":
        return combined(maker, depth)
    if kind == "with":
        inner, columns = query(maker, depth - 1)
        name = maker.name("c")
        sql, names = select(maker, From(name, tuple(columns)), depth - 1)
        return f"with {name} as ({inner}) {sql}", names
    return select(maker, tables(maker, depth), depth)


def combined(maker: Maker, depth: int) -> tuple[str, list[str]]:
    parts = [query(maker, depth - 1) for _ in range(2)]
    size = min(len(columns) for _, columns in parts)
    shown = [f"select {', '.join(columns[:size])} from ({sql})" for sql, columns in parts]
    word = maker.one("union all", "union", "except", "intersect")
    return f"({shown[0]}) {word} ({shown[1]})", parts[0][1][:size]


def tables(maker: Maker, depth: int) -> From:
    first = table(maker, depth)
    if maker.chance(50):
        return first
    second = table(maker, depth)
    left, right = maker.one(*first.columns), maker.one(*second.columns)
    word = maker.one("join", "left join", "right join", "full join", "semi join", "anti join")
    columns = (
        first.columns if word.split()[0] in ("semi", "anti") else (*first.columns, *second.columns)
    )
    return From(f"{first.sql} {word} {second.sql} on {left} = {right}", columns)


def table(maker: Maker, depth: int) -> From:
    alias = maker.name("t")
    if depth and maker.chance(40):
        sql, columns = query(maker, depth - 1)
        return From(f"({sql}) {alias}", tuple(f"{alias}.{name}" for name in columns))
    name = maker.one(*COLUMNS)
    return From(f"{name} {alias}", tuple(f"{alias}.{column}" for column in COLUMNS[name]))


def select(maker: Maker, source: From, depth: int) -> tuple[str, list[str]]:
    where = f" where {condition(maker, source, depth)}" if maker.chance(50) else ""
    if maker.chance(30):
        return grouped(maker, source, where)
    names = [maker.name("x") for _ in range(maker.draw(st.integers(1, 3)))]
    items = [f"{expression(maker, source, depth)} as {name}" for name in names]
    if maker.chance(30):
        items.append(f"{names[0]} + 1 as {names[0]}y")
        names.append(f"{names[0]}y")
    distinct = "distinct " if maker.chance(15) else ""
    tail = f" order by {', '.join(names)} limit 3" if maker.chance(20) else ""
    if not distinct and not tail and maker.chance(20):
        tail = f" qualify row_number() over (order by {', '.join(source.columns)}) < 4"
    return f"select {distinct}{', '.join(items)} from {source.sql}{where}{tail}", names


def grouped(maker: Maker, source: From, where: str) -> tuple[str, list[str]]:
    keys = [maker.one(*source.columns) for _ in range(maker.draw(st.integers(1, 2)))]
    names = [maker.name("g") for _ in keys]
    items = [f"{key} as {name}" for key, name in zip(keys, names, strict=True)]
    total = maker.name("n")
    items.append(f"{aggregate(maker, source)} as {total}")
    shown = items if maker.chance(70) else items[-1:]
    by = "all" if shown == items and maker.chance(30) else ", ".join(keys)
    having = f" having {aggregate(maker, source)} > 1" if maker.chance(30) else ""
    sql = f"select {', '.join(shown)} from {source.sql}{where} group by {by}{having}"
    return sql, [*names, total][-len(shown) :]


def aggregate(maker: Maker, source: From) -> str:
    column, other = maker.one(*source.columns), maker.one(*source.columns)
    return maker.one(
        "count(*)",
        f"count({column})",
        f"coalesce(sum({column}), 0)",
        f"max({column})",
        f"count(*) filter (where {other} > 1)",
        f"count(distinct {column})",
    )


def condition(maker: Maker, source: From, depth: int) -> str:
    column, other = maker.one(*source.columns), maker.one(*source.columns)
    if depth and maker.chance(40):
        sql, names = query(maker, depth - 1)
        inner = maker.name("s")
        return maker.one(
            f"{column} in (select {names[0]} from ({sql}))",
            f"exists (select 1 from ({sql}) {inner} where {inner}.{names[0]} = {column})",
            f"{column} < (select max({names[-1]}) from ({sql}))",
        )
    return maker.one(f"{column} > 1", f"{column} = {other}", f"{column} is null or {other} > 0")


def expression(maker: Maker, source: From, depth: int) -> str:
    column, other = maker.one(*source.columns), maker.one(*source.columns)
    if depth and maker.chance(15):
        sql, names = query(maker, depth - 1)
        inner = maker.name("s")
        return f"(select count(*) from ({sql}) {inner} where {inner}.{names[0]} < {column})"
    return maker.one(
        column,
        f"{column} + {other}",
        f"coalesce({column}, {other}, 0)",
        f"case when {column} > 1 then {other} else 0 end",
        f"least({column}, {other})",
        f"sum({column}) over (partition by {other})",
        f"count(*) over (partition by {column})",
    )
