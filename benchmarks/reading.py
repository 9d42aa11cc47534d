"""Figures d and e: a consumer's aggregates over a release against a native DuckDB table.

The platform's side is what `mesh read --sql` runs: a new sealed session over the release's Parquet
file each time. The peer keeps its session, with the table in memory. d is TPC-H's Q1 on the columns
at hand, which decodes seven of them; e is a count and a sum by day, which decodes two.
"""

from __future__ import annotations

from benchmarks.bench import Bench
from benchmarks.figure import Figure, Pair, in_turns, seconds
from benchmarks.lineitem import TABLE
from mesh_platform.engines.duckdb.query import Question, ask

_LIMIT = 1.4
_ASKED_PER_RUN = 5
_PRICING_SUMMARY = """
select
    returnflag, linestatus,
    sum(quantity), sum(extendedprice), sum(extendedprice * (1 - discount)),
    avg(quantity), avg(extendedprice), avg(discount), count(*)
from {table}
where shipdate <= date '1998-09-02'
group by returnflag, linestatus
order by returnflag, linestatus
"""
_BY_DAY = (
    "select shipdate, count(*), sum(quantity) from {table} group by shipdate order by shipdate"
)


def pricing_summary(bench: Bench) -> Figure:
    """Measure d."""
    title = "`mesh read` of TPC-H Q1 / native DuckDB table"
    return Figure("d", title, _LIMIT, _compare(bench, _PRICING_SUMMARY))


def by_day(bench: Bench) -> Figure:
    """Measure e."""
    title = "`mesh read` of a sum by day / native DuckDB table"
    return Figure("e", title, _LIMIT, _compare(bench, _BY_DAY))


def _compare(bench: Bench, query: str) -> tuple[Pair, ...]:
    """Ask both sides in one process, hot: after they have answered once, and alike."""
    table = bench.lineitem
    files = table.files(table.release())
    question = Question(sql=query.format(table="port"))
    native = query.format(table=TABLE)
    with table.opened() as session:
        if ask(files, table.columns, question).rows != session.execute(native).fetchall():
            raise SystemExit("the release and the native table answer differently")
        return tuple(
            in_turns(
                bench.runs * _ASKED_PER_RUN,
                lambda: seconds(lambda: ask(files, table.columns, question)),
                lambda: seconds(lambda: session.execute(native).fetchall()),
            )
        )
