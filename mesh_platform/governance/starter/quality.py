"""Checks that mean something, and that stop those who can mend what is wrong."""

from __future__ import annotations

from collections.abc import Iterator

from mesh_platform.contract_diff.sql import tables_of
from mesh_platform.governance.examples import Around, a_column, a_port, a_product, column, rule
from mesh_platform.governance.policy import Violation, policy
from mesh_platform.governance.subjects import ColumnSubject, PortSubject, ProductSubject
from mesh_platform.model.contract import Severity

_OWN = frozenset({("__object__",), ("__table__",), ("port",), ("previous",)})
"""Names that a rule has for the port that it is about."""


@policy("column.key-has-rule", severity="warning")
def column_key_has_rule(column: ColumnSubject) -> Violation | None:
    """Each column of a key is held by a rule of its own, besides being the key.

    Why: a key with wrong values joins silently to nothing.
    """
    own = column.column
    held = own.enum or own.options or own.relationships or column.port.rules_of(column.name)
    if column.is_key and not held:
        return Violation(
            f"no rule holds the key column `{column.path}`",
            "promise its allowed values, a range, a length, a foreign key or a rule of `quality`",
        )
    return None


@column_key_has_rule.good
def _with_a_length() -> ColumnSubject:
    return a_column("carrier", key=True, options={"maxLength": 2})


@column_key_has_rule.good
def _named_by_a_rule_of_the_table() -> ColumnSubject:
    query = "select count(*) from ${object} where order_id < 1"
    return a_port(column("order_id", key=True), rules=(rule(query=query),)).columns[0]


@column_key_has_rule.bad
def _without_any() -> ColumnSubject:
    return a_column("carrier", key=True)


@policy("rule.own-data")
def rule_own_data(port: PortSubject) -> Iterator[Violation]:
    """A rule that withholds a release looks at the release's own data.

    Any port of the product is its own. What counts is what the answer depends on: a name in a
    comment, or in a part of the query that nothing reads, does not.

    Why: a team must not be stopped by data that it cannot mend; that is the provider's promise.
    """
    own = _OWN | {other.port.name.relation for other in port.product.ports}
    for each in port.contract.every_rule:
        blocking = each.severity is Severity.ERROR and each.type == "sql"
        read = tables_of(each.query or "") if blocking else frozenset()
        if read and read.isdisjoint(own):
            yield Violation(
                f"rule `{each.name}` blocks, and looks at the data of others only",
                "write `severity: warning`, or ask the provider to promise it",
                each.place,
            )


@rule_own_data.good
def _its_own_rows() -> PortSubject:
    return a_port(rules=(rule(query="select count(*) from ${object}"),))


@rule_own_data.good
def _held_against_others() -> PortSubject:
    query = "select count(*) from shop.orders where order_id not in (select id from ${object})"
    return a_port(rules=(rule(query=query),))


@rule_own_data.good
def _its_own_rows_by_name() -> PortSubject:
    return a_port(rules=(rule(query="select count(*) from sales.orders"),))


@rule_own_data.good
def _a_warning_about_others() -> PortSubject:
    query = "select count(*) from shop.orders"
    return a_port(rules=(rule(query=query, severity=Severity.WARNING),))


@rule_own_data.bad
def _stopped_by_others() -> PortSubject:
    return a_port(rules=(rule(query="select count(*) from shop.orders"),))


@rule_own_data.bad
def _its_own_rows_in_a_comment() -> PortSubject:
    query = "select count(*) from shop.orders -- and not ${object}"
    return a_port(rules=(rule(query=query),))


@rule_own_data.bad
def _its_own_rows_where_nothing_reads_them() -> PortSubject:
    query = "with own as (select * from ${object}) select count(*) from shop.orders"
    return a_port(rules=(rule(query=query),))


@rule_own_data.bad
def _a_column_of_others() -> PortSubject:
    held = rule(query="select count(*) from shop.orders where ${column} < 0")
    return a_port(column("amount", rules=(held,)))


@policy("product.tests-own-data")
def product_tests_own_data(product: ProductSubject) -> Iterator[Violation]:
    """A dbt test that withholds a release looks at data of its own domain.

    A test in a file, or one of a source, that reads ports of other domains alone fails for what
    only their teams can mend. As far as it is certain: a test whose severity somebody sets, or
    whose SQL is not understood, passes.

    Why: a team must not be stopped by data that it cannot mend; that is the provider's promise.
    """
    for test in product.tests_of_others:
        yield Violation(
            f"{test.what}, and blocks",
            "give it `severity: warn`, or ask the provider to promise it",
            test.place,
        )


@product_tests_own_data.good
def _tests_of_its_own() -> ProductSubject:
    return a_product()


@product_tests_own_data.bad
def _a_test_of_others() -> ProductSubject:
    return a_product(around=Around(tests=("the dbt test rates looks at `finance/rates` only",)))


@policy("rule.described", severity="warning")
def rule_described(port: PortSubject) -> Iterator[Violation]:
    """A rule that withholds a release says in words what must hold.

    Why: it is read at night, by somebody who did not write it.
    """
    for each in port.contract.every_rule:
        if each.severity is Severity.ERROR and not each.description:
            yield Violation(
                f"nobody says what rule `{each.name}` holds", "add a `description`", each.place
            )


@rule_described.good
def _in_words() -> PortSubject:
    return a_port(rules=(rule(description="There are orders."),))


@rule_described.bad
def _without_words() -> PortSubject:
    return a_port(rules=(rule(description=None),))


@policy("port.has-rule")
def port_has_rule(port: PortSubject) -> Violation | None:
    """A contract promises something about values, not about columns alone.

    Why: an empty or broken table has the right columns, too.
    """
    if not port.contract.every_rule:
        return Violation(
            f"no rule holds the data of `{port.name}`",
            "add one to `quality`, the least number of rows for instance",
        )
    return None


@port_has_rule.good
def _one_rule() -> PortSubject:
    return a_port(rules=(rule(),))


@port_has_rule.bad
def _no_rule() -> PortSubject:
    return a_port(rules=())
