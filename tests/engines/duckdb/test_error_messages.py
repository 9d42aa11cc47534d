"""An engine's error quotes values: of what is classified, no check may repeat one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mesh_platform.checks.spec import CheckResult, Outcome
from mesh_platform.engines.duckdb.error_messages import EngineWords
from mesh_platform.engines.duckdb.masks import names_made
from mesh_platform.engines.duckdb.verify import verify
from mesh_platform.engines.duckdb.views import View, parquet_query
from mesh_platform.model.contract import Contract
from tests.checks.promises import column, contract
from tests.engines.duckdb.parquet import write_parquet

SECRET = "zeppelin(7{"
NUMBER = 7340177
RESTRICTED = contract(
    column("who", classification="restricted"), column("n", classification="restricted")
)
SHOWN = EngineWords()
HIDDEN = EngineWords([RESTRICTED])

RAISING = [
    "cast({v} as int)",
    "cast({v} as date)",
    "cast({v} as timestamp)",
    "cast({v} as uuid)",
    "cast({v} as interval)",
    "cast({v} as decimal(3, 1))",
    "cast({v} as boolean)",
    "cast({v} as int[])",
    "cast({v} as struct(a int))",
    "cast({v} as bit)",
    "cast('\\x' || {v} as blob)",
    "cast(list_value({v}) as double[])",
    "error({v})",
    "error('Binder Error: Referenced column \"' || {v} || '\" not found')",
    "case when {v} is null then 1 else error(upper({v})) end",
    "strptime({v}, '%Y')",
    "json_extract({v}, '$.a')",
    "json_extract('{{}}', '$.' || {v})",
    "from_json({v}, '{{\"a\": 1}}')",
    "from_hex({v})",
    "from_base64({v})",
    "regexp_matches('a', {v})",
    "regexp_replace('a', {v}, 'b')",
    "date_trunc({v}, now())",
    "date_part({v}, now())",
    "{n} * 9223372036854775807",
    "cast({n} as tinyint)",
    "cast({n} * 1000 as int)",
    "date '2020-01-01' + cast({v} || ' days' as interval)",
    "make_date(1, {n}, 1)",
    "make_timestamp(2020, 1, {n}, 1, 1, 1)",
    "format('{{:q}}', {n})",
    "printf('%q', {v})",
    "map([{v}, {v}], [1, 1])",
    "array_extract([1], {v})",
    "substring({v}, 9223372036854775807, 1)",
    "to_timestamp(1e30 * {n})",
    "chr(-{n})",
    "{v}",
    "[{v}]",
    "factorial(cast({n} as int))",
    "sqrt(-{n})",
    "ln(-{n})",
    "bitstring({v}, 3)",
    "repeat({v}, 1) :: int",
    "set_bit('101'::bit, {n}, 1)",
    "apply([{v}], lambda x: x::int)",
    "nonsense({v})",
    "(select {v}::int from (values (1), (2)) as t(y))",
]


def _said(results: tuple[CheckResult, ...]) -> str:
    return repr([(r.message, r.sample) for r in results])


def _quotes(text: str) -> bool:
    lower = text.lower()
    parts = (SECRET, SECRET[:8], str(NUMBER))
    return any(part.lower() in lower for part in parts)


def _rule(query: str) -> dict[str, Any]:
    return {"name": "it", "type": "sql", "query": query, "mustBe": 0}


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("words") / "port.parquet"
    return write_parquet(path, "who varchar, n bigint", [(SECRET, NUMBER)])


def _entries(relation: str) -> list[dict[str, Any]]:
    return [
        _rule(f"select {each.format(v='max(who)', n='max(n)')} from {relation}") for each in RAISING
    ]


def test_no_expression_makes_a_rule_quote_a_classified_value_of_its_port(file: str) -> None:
    columns = (
        column("who", classification="restricted"),
        column("n", classification="confidential"),
    )
    promise = contract(*columns, rules=tuple(_entries("port")))
    results = verify(promise, (file,), [], ())
    assert not _quotes(_said(results))
    failed = [r for r in results if r.outcome is Outcome.COULD_NOT_RUN]
    assert len(failed) > 30
    open_ones = verify(
        contract(column("who"), column("n"), rules=tuple(_entries("port"))), (file,), [], ()
    )
    assert _quotes(_said(open_ones)), "without a classified column the engine's words are shown"


def test_no_expression_makes_a_rule_quote_a_classified_value_of_an_input(
    file: str, tmp_path: Path
) -> None:
    own = write_parquet(tmp_path / "own.parquet", "a integer", [(1,)])
    promise = contract(column("a"), rules=tuple(_entries("other.people")))
    view = View("other", "people", parquet_query([file]))
    results = verify(promise, (own,), [view], (file,), {("other", "people"): RESTRICTED})
    assert not _quotes(_said(results))
    assert sum(r.outcome is Outcome.COULD_NOT_RUN for r in results) > 30


def test_a_value_inside_a_struct_is_in_reach_too(tmp_path: Path) -> None:
    kind = "p struct(who varchar)"
    own = write_parquet(tmp_path / "own.parquet", kind, [({"who": SECRET},)])
    inside = {"name": "who", "logicalType": "string", "classification": "restricted"}
    person = column("p", logicalType="object", properties=[inside])
    promise = contract(person, rules=(_rule("select max(p.who)::int from port"),))
    assert not _quotes(_said(verify(promise, (own,), [], ())))


def test_a_rule_whose_text_is_wrong_says_at_which_name(file: str) -> None:
    columns = (column("who", classification="restricted"), column("n"))
    promise = contract(*columns, rules=(_rule("select count(whoo) from port"),))
    result = verify(promise, (file,), [], ())[1]
    assert result.message == (
        "Binder Error at `whoo` (nothing else is shown of it: classified columns are in reach, "
        "and an error can quote their values)"
    )


KINDS = sorted(name for name in dir(duckdb) if name.endswith("Exception"))


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    kind=st.sampled_from(KINDS),
    value=st.text(min_size=1, max_size=20).filter(lambda text: text.strip()),
    around=st.sampled_from(["{}", "'{}'", '"{}"', "name {}", '`{}` or "{}"', "x\n{}"]),
)
def test_whatever_an_error_quotes_it_is_not_told_where_a_column_is_classified(
    kind: str, value: str, around: str
) -> None:
    secret = f"⟦{value}⟧"
    error = getattr(duckdb, kind)(f"Some Error: {around.format(secret, secret)}")
    for said in (error, str(error)):
        told = HIDDEN.told(said, "select nothing from nowhere")
        assert secret not in told
        assert len(told.splitlines()) == 1
    assert "⟦" in SHOWN.told(duckdb.Error(secret))


@pytest.mark.parametrize(
    ("query", "made"),
    [
        ("select a, b from t", set()),
        ("select customer as order_id from t", {"order_id"}),
        ("select order_id as ORDER_ID from t", set()),
        ("with x(order_id) as (select customer from t) select * from x", {"order_id"}),
        ("select * from (select upper(customer) order_id from t)", {"order_id"}),
        ("from t select order_id: customer", {"order_id"}),
        ("select * rename (customer as order_id) from t", None),
        ("pivot t on a using max(customer)", None),
        ("not sql at all", None),
    ],
)
def test_a_name_that_a_query_makes_itself_says_nothing_of_its_values(
    query: str, made: set[str] | None
) -> None:
    found = names_made(query)
    assert found is None if made is None else found == made


def _one(kind: Contract, words: str) -> str:
    return EngineWords([kind]).told(words, "select a from b")


def test_words_of_dbt_give_the_kind_of_the_engines_error() -> None:
    said = "Runtime Error in model m (products/m.sql)\n  Conversion Error: Could not convert 'x'"
    assert _one(RESTRICTED, said).startswith("Conversion Error (")
    assert _one(RESTRICTED, "Database Error: Out of Range Error: 7").startswith(
        "Out Of Range Error ("
    )
    assert _one(contract(column("a")), "it says 'x'") == "it says 'x'"


def test_what_dbt_does_not_know_is_named_where_the_team_wrote_it() -> None:
    said = "Compilation Error in model orders (products/orders/orders.sql)\n  'nope' is undefined."
    assert HIDDEN.told(said, "select {{ nope.x() }}").startswith("Compilation Error at `nope` (")
    raised = f"Compilation Error in model orders\n  bad '{SECRET}'"
    assert HIDDEN.told(raised, "select 1").startswith("Compilation Error (nothing else is shown")


def test_the_reason_of_the_system_is_told_and_no_more() -> None:
    said = f'IO Error: Cannot open file "{SECRET}": Permission denied'
    assert HIDDEN.told(said).startswith("IO Error: Permission denied (nothing else is shown of it")
    assert HIDDEN.told(f"IO Error: {SECRET}").startswith("IO Error (nothing else is shown of it")
