"""SELECTs from the wide grammar of DuckDB, put together by chance from templates.

Each template has holes for columns, tables and whole queries; a query fills a hole only under
aliases of its columns, so that any may stand anywhere. What DuckDB refuses to run is no case.
"""
# ruff: noqa: E501 - one form on a line

from __future__ import annotations

import random
import re
from collections.abc import Callable
from itertools import count

from tests.lineage.sql.shapes import COLUMNS

_SCALARS = """
@ + @
coalesce(@, @, 0)
case when @ > 1 then @ else @ end
case @ when 1 then @ when 2 then @ end
nullif(@, @)
greatest(@, @)
@ between @ and 3
@ is distinct from @
@ in (1, @)
try_cast(@ as varchar) || '-' || @
printf('%d', @)
{'x': @, 'y': @}.y
struct_pack(x := @, y := @).x
struct_extract({'x': @, 'y': [@]}, 'y')[1]
coalesce({'x': @, 'y': @}, {'x': 0, 'y': @}).x
(case when @ > 1 then {'x': @, 'y': @} else {'x': @, 'y': @} end).y
greatest({'x': @, 'y': @}, {'x': @, 'y': @}).y
list_sort([{'x': @, 'y': @}, {'x': @, 'y': @}])[1].y
list_extract([{'x': @, 'y': @}, {'x': @, 'y': 1}], 1).x
({'x': @, 'y': @}::struct(y int, x int)).x
({'x': {'z': @}, 'y': @}::struct(y int, x struct(z int))).x.z
(select {'x': ^, 'y': ^} from ~ where ^ = @ order by ^ limit 1).y
map {1: @, 2: @}[1]
[@, @, 3][2]
[@, @][@]
list_sum([@, @])
list_transform([1, 2], lambda i: i + @)
list_filter([@, 1, 2], lambda i: i > @)
list_transform([@, 1], lambda i, n: i + n + @)
list_reduce([@, 1], lambda s, i: s + i)
[i + @ for i in [1, @] if i > 0]
list_sort([@, @])[1]
list_contains([@, @], 1)
len(range(coalesce(@, 0)))
row(@, @)
array_value(@, @)[1]
strlen(repeat('x', @))
format('{} {}', @, @)
date_diff('day', date '2020-01-01', date '2020-01-01' + @)
date '2020-01-01' + interval (@) day
make_date(2020, 1 + @, 1)
json_object('k', @, 'l', @)->>'k'
to_json({'k': @}).k
if(@ > 1, @, @)
(@ = @) is true
exists (select 1 from ~ where ^ = @)
@ in (select ^ from ~)
@ < any (select ^ from ~)
(select max(^) from ~ where ^ > @)
(select ^ from ~ where ^ = @ order by ^ limit 1)
(select count(*) from ~ where ^ < @)
array(select ^ from ~ where ^ <= @ order by all)
@.greatest(@)
(@ + 1).add(@)
"""
_WINDOWS = """
row_number() over (partition by @ order by $)
sum(@) over (partition by @)
sum(@) over (order by $ rows between 1 preceding and current row)
sum(@) over (order by @ range between 1 preceding and 1 following)
count(*) over (order by @ groups between 1 preceding and current row)
lag(@, 1, 0) over (partition by @ order by $)
(lag({'x': @, 'y': @}) over (order by $)).x
(first_value({'x': @, 'y': @}) over (partition by @ order by $)).y
first_value(@) over (partition by @ order by $)
nth_value(@, 2) over (order by $)
ntile(2) over (order by $)
sum(@) filter (where @ > 1) over (partition by @)
max(@) over (order by $ rows between current row and unbounded following exclude current row)
list(@) over (partition by @ order by $)
"""
_AGGREGATES = """
count(*)
count(@)
count(distinct @)
coalesce(sum(@), 0)
max(@ + @)
avg(@) filter (where @ > 0)
string_agg(@, ',' order by $)
list(@ order by $)
arg_max(@, @)
first(@ order by $)
any_value(@ order by $)
bool_or(@ > 1)
histogram(@)
quantile_disc(@, 0.5)
percentile_cont(0.5) within group (order by @)
mode(@ order by $)
sum(distinct @)
list(distinct @ order by @)
max({'x': @, 'y': @})
max({'x': @, 'y': @}).y
any_value({'x': @, 'y': @} order by $).x
arg_max({'x': @, 'y': @}, @).y
list({'x': @, 'y': @} order by $)[1].x
coalesce(min({'x': @, 'y': @}), {'x': 1, 'y': 2}).y
(list({'x': @, 'y': @} order by $) filter (where @ > 1))[1].y
count(*) filter (where @ = @)
min(@, 2)
approx_count_distinct(@)
"""
_SELECTS = """
select #, # from % where ?
select distinct #, # from %
select distinct on (@) # from % order by @, $
select # from % order by $ limit 2
select # from % order by $ limit 2 offset 1
select # from % order by 1, $ limit 3
select @ as k, & from % group by @
select @ as k, & from % group by k
select @ as k, & from % group by 1
select @ as k, & from % group by all
select @ as k, & from % group by all having & > 1
select & from % group by @, @ having & > 0
select & from % having & > 0
select @ as k, @ as l, & from % group by grouping sets ((1), (2), ())
select @ as k, @ as l, & from % group by rollup (1, 2)
select @ as k, @ as l, & from % group by cube (k, l)
select & from % group by grouping sets ((@, @), (@), ())
select & from % group by @, rollup (@, @)
select @ as k, grouping(@) as g, & from % group by rollup (@)
select #, ! from %
select # from % qualify ! > 1
select #, ! as w from % qualify w > 0
select #, sum(@) over win from % window win as (partition by @ order by $)
select unnest([@, @]) as u, # from %
select unnest({'m': @, 'n': @}) from %
select unnest(range(coalesce(@, 0))) as u from %
select u, # from %, unnest([@, @]) x(u)
select u, # from %, (select @ + 1 as u) y
select u, # from %, lateral (select max(^) as u from ~ where ^ = @) y
select u, # from % left join lateral (select ^ as u from ~ where ^ > @) y on true
select g, # from %, generate_series(1, coalesce(@, 0)) s(g)
from % select #, #
from %
select * from %
select columns(lambda c: contains(c, '1')) from (%S)
select columns('1') from (%S)
select max(columns('v')) from (%S)
select columns(* exclude (v1)) + 1 from (%S)
select * exclude (v1) from (%S)
select * replace (v1 + v2 as v1) from (%S)
select * rename (v1 as z) from (%S)
select coalesce(*columns('v')) as x from (%S)
select * like 'v1' from (%S)
select s.v1 as x, s from (%S) s
select s.* exclude (v2) from (%S) s
with w as (%S) select v1, v2 from w where v1 > 0
with w as materialized (%S), u as (select v1 from w) select * from u join w using (v1)
with recursive w(n, m) as (select v1, v2 from (%S) union all select n + 1, m from w where n < 4) select n, m from w
with recursive w as (select v1 as n from (%S) union select n + ^ from w, ~ where n < 3) select n from w
with w(x, y) as (%S) select x, y from w
select x, y from (%S) t(x, y)
(%S) union all (%S)
(%S) union (%S)
(%S) union by name (select v1 as v2, v2 as v1 from (%S))
(%S) union all by name (select v1 as v3, v2 as v1 from (%S))
(%S) except (%S)
(%S) intersect all (%S)
(%S) union all (%S) order by v1, v2 limit 3
select l.v1, r.v2 from (%S) l join (%S) r on l.v1 = r.v1
select * from (%S) l join (%S) r using (v1)
select * from (%S) l full join (%S) r using (v1)
select v1 from (%S) l right join (%S) r using (v1)
select * from (%S) l natural join (select v1, v2 as w from (%S)) r
select l.v1 from (%S) l semi join (%S) r on l.v1 = r.v2
select l.* from (%S) l anti join (%S) r using (v2)
select l.v1, r.v2 from (select v1, v2 from (%S) order by all) l positional join (select v1, v2 from (%S) order by all) r
select l.v1, r.v2 from (%S) l asof join (%S) r on l.v1 = r.v1 and l.v2 >= r.v2
select l.v1, r.v2 from (%S) l asof left join (select distinct on (v1) v1, v2 from (%S) order by all) r on l.v1 >= r.v1
select l.v1, r.v1 from (%S) l cross join (%S) r
select l.v1, r.v2 from (%S) l, (%S) r where l.v1 = r.v2
select v.x, # from %, (values (1, 2), (3, 4)) v(x, y) where @ > v.y
select x from (values (1, 2), ((select max(^) from ~), 4)) v(x, y)
select v1, name, value from (select v1, v2, v2 + 1 as v3 from (%S)) unpivot (value for name in (v2, v3))
select v1 + ^ as x from (%S), ~
select (select v1) as x, (select max(v2) from (%S)) as y from (%S)
select #, @ as x1 from % where x1 > 1
select @ as a, a as x1 from %
select alias.v as w from (select @ as v from %) alias
"""
_JOINS = """
% join % on @ = @
% left join % on @ = @ and @ > 0
% full join % on @ = @
% semi join % on @ = @
% , %
"""


def _lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line]


SCALARS, WINDOWS, AGGREGATES = map(_lines, (_SCALARS, _WINDOWS, _AGGREGATES))
SELECTS = _lines(_SELECTS)
_HOLE = re.compile(r"%S|[@#&!?%~$^]")


class Wide:
    """Draws queries by a seed."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self._numbers = count(1)

    def query(self, depth: int = 2) -> str:
        """A query of whatever form."""
        return self._filled(self._chance.choice(SELECTS), depth)

    def _filled(self, form: str, depth: int) -> str:
        outer, inner = self._table(depth), self._table(0)
        fill: dict[str, Callable[[], str]] = {
            "@": lambda: self._chance.choice(outer[1]),
            "$": lambda: ", ".join(outer[1]),
            "%": lambda: outer[0],
            "~": lambda: inner[0],
            "^": lambda: self._chance.choice(inner[1]),
            "#": lambda: self._named(self._chance.choice(SCALARS), depth),
            "!": lambda: self._chance.choice(WINDOWS),
            "&": lambda: self._chance.choice(AGGREGATES),
            "?": lambda: f"coalesce({self._chance.choice(outer[1])}, 1) > 0",
            "%S": lambda: self._two(depth),
        }
        text = form
        while _HOLE.search(text):
            text = _HOLE.sub(lambda match: fill[match.group()](), text)
        return text

    def _named(self, form: str, depth: int) -> str:
        return f"{form} as x{next(self._numbers)}" if depth >= 0 else form

    def _table(self, depth: int) -> tuple[str, list[str]]:
        """A table with an alias, and its columns."""
        alias = f"t{next(self._numbers)}"
        if depth > 0 and self._chance.random() < 0.3:
            return f"({self._two(depth - 1)}) {alias}", [f"{alias}.v1", f"{alias}.v2"]
        name = self._chance.choice(list(COLUMNS))
        return f"{name} {alias}", [f"{alias}.{column}" for column in COLUMNS[name]]

    def _two(self, depth: int) -> str:
        """A query of two columns of numbers, `v1` and `v2`."""
        table, columns = self._table(depth - 1)
        one, two = (self._chance.choice(columns) for _ in range(2))
        tail = self._chance.choice(
            ["", "", f" where {two} > 0", f" order by {', '.join(columns)} limit 4"]
        )
        if self._chance.random() < 0.3:
            return f"select {one} as v1, count({two}) as v2 from {table} group by {one}"
        return f"select {one} as v1, {two} as v2 from {table}{tail}"
