"""SELECTs of every shape that lineage follows, over `p(a, b, c)`, `q(a, d, e)` and `r(b, d, f)`.

Whole numbers only, so that each runs on whatever values; what is compared is made by running them.
"""
# ruff: noqa: E501 - one SELECT on a line

from __future__ import annotations

COLUMNS = {"p": ("a", "b", "c"), "q": ("a", "d", "e"), "r": ("b", "d", "f")}

SHAPES = """
select a, b + c as x from p
select s.x, s.y + 1 as y from (select {'x': a, 'y': b + c} as s from p)
with t as (select a, {'x': b, 'in': {'z': c}} as s from p) select a, s.in.z, s['x'] as x from t
select s.* from (select struct_pack(x := a, y := b) as s from p)
select struct_extract(s, 'x') as x, (s).y as y from (select {'x': a, 'y': max(b)} as s from p group by a)
select s.x from (select unnest([{'x': a, 'y': b}, {'x': c, 'y': a}]) as s from p)
select max(s).x as x, any_value(s).y as y from (select {'x': a, 'y': b} as s from p)
select s.x, count(*) as n from (select {'x': a, 'y': b} as s from p union all select {'x': d, 'y': e} from q) group by s.x
select case when a > 1 then {'x': b, 'y': c} else {'x': c, 'y': b} end.x as x from p
select [{'x': a, 'y': b}][1].y as y from p
select list_transform([{'x': a, 'y': b}], lambda r: r.y)[1] as y from p
select * from p
select * exclude (a) from p
select * exclude (p.a) from p join q using (a)
select * replace (a + b as a) from p
select * rename (a as z) from p where z > 1
select p.*, q.d from p, q where p.a = q.a
select columns('a|b') from p
select columns('a|b') + c as 'x_\\0' from p
select max(columns(*)) from p
select coalesce(*columns(* exclude (c))) as x from p
select * like 'a%' from p
select A, "B" from P
select a + 1 as x, x + b as y, y * 2 as z from p
select b as a, a + 1 as x from p
select b as a from p where a > 1
select b as x from p where x > 1
select a, count(*) as n from p group by a
select b as a, count(*) as n, max(c) as m from p group by a, b
select count(*) as n from p group by a
select b as x, sum(a) as s from p group by all
select a as x, count(*) filter (where b > 1) as n from p group by 1 having sum(c) > 2
select max(b) as b from p group by a having b > 1
select max(c) as b from p group by a having b > 1
select a, b, sum(c) as s from p group by rollup (a, b)
select a, b, sum(c) as s, grouping(a) as g from p group by grouping sets ((a), (b), ())
select a as x, b as y, sum(c) as s from p group by grouping sets ((1), (2), ())
select a as x, b as y, sum(c) as s from p group by grouping sets ((1, 2), (2))
select a as x, b as y, sum(c) as s from p group by cube (1, 2)
select count(*) as n from p group by grouping sets (rollup (a, b), cube (c))
select count(*) as n from p group by c, grouping sets ((a), (b))
select a % 2 as x, count(*) as n from p group by rollup (1)
select count(distinct a) as n, sum(distinct b) as s from p
select string_agg(a, ',' order by b) as x, list(c order by a desc) as y from p
select first(a) as x from (select * from p order by b, c, a)
select arg_max(a, b) as x, min_by(c, a) as y from p
select a from p order by b, c, a limit 2
select a from p order by 1 limit 2 offset 1
select -a as a from p order by a limit 2
select a from (select a, b from p order by c, b, a) limit 2
select distinct a, b from p
select distinct on (a) a, b from p order by a, c, b
select distinct on (x) a % 2 as x, c from p order by b, c, a
select a from p where b in (select d from q where e > 1)
select a from p where (a, b) in (select a, d from q)
select a from p where a = any (select d from q)
select a from p where exists (select 1 from q where q.a = p.b)
select a from p where not exists (from q where q.a = p.b and d > c)
select a, (select max(d) from q where q.a = p.b) as m from p
select a, (select count(*) from q where q.d < p.c) as n from p
select a, b in (select d from q) as x from p
select array(select d from q where q.a = p.a order by d) as x from p
select array(select d from q where e > 0 order by a, e, d) as x from p
select array(select d from q where e <= p.c order by all) as x from p
select p.a, q.d from p join q on p.b = q.a
select p.a, q.d from p left join q on p.b = q.a and q.e > 1
select p.a, q.d from p right join q on p.b = q.a
select p.a, q.d from p full join q on p.b = q.a
select a, b, d from p join q using (a)
select a, b, d from p left join q using (a)
select a, b, d from p right join q using (a)
select a, b, d from p full join q using (a)
select * from p full join q using (a)
select * from p right join q using (a)
select a, q.a as x, p.a as y from p full join q using (a)
select * from p join q using (a) join r using (b, d)
select * from p natural join q
select * from p left join (q join r using (d)) on p.a = q.a
select * from p join q on p.a = q.a
select a_1, a from (select * from p join q on p.a = q.a)
select p.a from p semi join q on p.b = q.d
select p.a from p anti join q using (a)
select * from p semi join q using (a)
select d from r anti join q on r.d = q.d
select p.a, q.d from p cross join q
select p.a, q.d from p positional join q
select p.a, q.d from p asof join q on p.b = q.d and p.a >= q.a
select x.a, y.b from p x, p y where x.b = y.c
select a from p union all select d from q
select a from p union select d from q
select a, b from p intersect select a, d from q
select a, b from p except select a, d from q
select a, b from p except all select a, d from q
select a, b as d from p union all by name select d, e from q
select * from p union all select * from q
(select a from p order by b, a limit 2) union all (select d from q)
select a from p union all select d from q order by a limit 3
with c as (select *, a + b as x from p where c > 1) select x, c.c from c
with c(x, y) as (select a, b from p), d as (select x, max(y) as m from c group by x) select * from d
with c as (select a from p where b > 1) select a from c union all select a + 1 from c
select x.a from (with c as (select a, b from p) select * from c where b > 1) x
select a from p where a in (with c as (select d from q) select d from c)
with p as (select a + 1 as a, b from p) select a, b from p
with recursive n(x, y) as (select a, 1 from p union all select x + 1, y + 1 from n where y < 3) select * from n
with recursive n as (select a as x, b as y, 1 as i from p union select n.x, q.d, i + 1 from n join q on n.y = q.a where i < 3) select x, y from n
select a, sum(b) over (partition by c order by a, b) as s from p
select a, row_number() over (order by b, c, a) as n from p
select a, lag(b) over w as x, sum(c) over (w rows 1 preceding) as y from p window w as (order by a, b, c)
select a from p qualify row_number() over (partition by b order by c, a) = 1
select a, rank() over (order by b) as n from p qualify n <= 2
select a, unnest([b, c]) as x from p
select unnest(range(b % 3)) as x from p
select p.a, u.x from p, unnest([b, c]) as u(x)
select p.a, x from p, range(p.b % 3) as g(x)
select p.a, l.m from p, lateral (select max(d) as m from q where q.a = p.b) l
select p.a, l.m from p, (select p.b + 1 as m) l
select {'x': a, 'y': b} as s from p
select s.x + 1 as z, t.s.y as w from (select {'x': a, 'y': b} as s from p) t
select s.* from (select {'x': a, 'y': b} as s from p)
select (s).x as z, s['y'] as w from (select {'x': a, 'y': b} as s from p)
select p as whole from p
select list_transform([a, b], lambda x: x + c) as l from p
select [x + c for x in [a, b] if x > 1] as l from p
select map {'k': a} as m, a::varchar as v, try_cast(b as tinyint) as t from p
select case when a > 1 then b when c > 1 then a else 0 end as x from p
select if(a > 1, b, c) as x, coalesce(a, b) as y, nullif(a, c) as z, a between b and c as w from p
select a is distinct from b as x, a in (1, b) as y, not (c > 1) as z from p
select a.abs() as x, p.b.abs().sqrt() as y, (a + c).abs() as z from p
select [a, b][c].abs() as x, sum(a.abs()) over (partition by b.abs()) as y from p
select list_transform([a, b], lambda x: x.abs() + c.abs()) as x from p
select [y.abs() + b.abs() for y in [a] if y.abs() > c.abs()] as x from p
select date_trunc(u, timestamp '2020-02-03 04:05:06') as x from (select if(a > 1, 'month', 'day') as u from p)
select v.x + p.a as y from p, (values (1), (2)) v(x)
select * from (values (1, 2)) v, p
from p select a where b > 1
from p
select x.a from (p as x join q on x.a = q.a) where d > 1
select * from (p join q using (a)) as j
select t.x from (select a, b from p) as t(x, y) where y > 1
select a from p where columns('a|b') > 1
select count(*) as n, count(a) as m, count(p.*) as o from p
select sum(a) + sum(b) filter (where c > 1) as x from p
select a from p group by a, b order by max(c), a, b limit 2
select x from (select a as x, b from p union all select d, e from q) where b > 1
select max(x) as m from (select distinct a as x from p)
select a from p using sample 100 percent (bernoulli)
select (select sum(d) from q where e > (select min(f) from r where r.d = q.d)) as x, a from p
select a from p where b > (select avg(d) from q) limit (select count(*) % 4 from r)
select p.a, t.n from p left join (select a, count(*) as n from q group by a) t on p.a = t.a
select t.* exclude (n), n + 1 as m from (select a, count(*) as n from p group by a) t
""".strip().splitlines()
