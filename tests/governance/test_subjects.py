"""What policies may know of a subject: where it belongs, and the words that many of them need."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from mesh_platform.errors import Place
from mesh_platform.governance.examples import (
    Around,
    a_change,
    a_column,
    a_domain,
    a_mesh,
    a_port,
    a_product,
    a_release,
    column,
    level,
    rule,
)
from mesh_platform.governance.subjects import (
    Belongs,
    ChangeSubject,
    Subject,
    belongs,
    home,
    static_subjects,
)

PORT = Belongs("sales", "sales/orders", "orders")
PRODUCT = Path("/example/domains/sales/products/orders")


@pytest.mark.parametrize(
    ("subject", "where", "folder"),
    [
        (a_mesh(), Belongs(), None),
        (a_domain(), Belongs("sales"), Path("/example/domains/sales")),
        (a_product(), Belongs("sales", "sales/orders"), PRODUCT),
        (a_port(), PORT, PRODUCT),
        (a_column("a"), Belongs("sales", "sales/orders", "orders", "a"), PRODUCT),
        (a_release(), PORT, PRODUCT),
        (a_change(), PORT, PRODUCT),
    ],
)
def test_a_subject_knows_where_it_and_its_waivers_belong(
    subject: Subject, where: Belongs, folder: Path | None
) -> None:
    assert (belongs(subject), home(subject)) == (where, folder)


def test_a_change_of_the_product_itself_belongs_to_no_port() -> None:
    change = ChangeSubject(a_change().change, a_product(), "1.0.0", "1.1.0", at=Place("x.yaml", 3))
    assert belongs(change) == Belongs("sales", "sales/orders")
    assert (str(change.place), change.message) == ("x.yaml:3", "column `amount` is removed")


@pytest.mark.parametrize(
    ("value", "unit", "days"),
    [
        (30, "d", 30),
        (2, "weeks", 14),
        (36, "h", 1.5),
        (1, "y", 365),
        ("P30D", None, 30),
        (30, None, None),
        ("soon", "d", None),
        (99, "percent", None),
    ],
)
def test_a_service_level_is_read_in_days_where_it_has_a_unit_of_time(
    value: object, unit: str | None, days: float | None
) -> None:
    port = a_port(service_levels=(level("retention", value, unit),))
    assert (port.days("retention"), port.days("latency")) == (days, None)


@pytest.mark.parametrize(
    ("value", "unit", "share"),
    [
        (99.5, "percent", 99.5),
        (99.5, "%", 99.5),
        ("99.5 %", None, 99.5),
        (100, "pct", 100),
        (995, "permille", None),
        (0.995, None, None),
        (995, "percent", None),
        (-1, "percent", None),
        ("always", "percent", None),
    ],
)
def test_a_service_level_is_read_as_a_share_where_it_is_one_in_percent(
    value: object, unit: str | None, share: float | None
) -> None:
    port = a_port(service_levels=(level("availability", value, unit),))
    assert (port.percent("availability"), port.percent("uptime")) == (share, None)


def test_a_day_that_is_none_is_no_day() -> None:
    port = a_port(service_levels=(level("endOfLife", "2026-12-31"), level("endOfSupport", "soon")))
    assert (port.day("endOfLife"), port.day("endOfSupport")) == (date(2026, 12, 31), None)


def test_columns_inside_columns_have_dotted_paths() -> None:
    lines = column("lines", items=column("", columns=(column("sku"),)))
    port = a_port(column("customer", columns=(column("name"), column("city"))), lines)
    assert [each.path for each in port.columns] == [
        "customer",
        "customer.name",
        "customer.city",
        "lines",
        "lines.sku",
    ]


def test_rules_of_a_column_are_its_own_and_those_of_the_table_that_name_it() -> None:
    own = rule("own")
    named = rule("named", arguments={"properties": ["amount"]})
    queried = rule("queried", query="select count(*) from ${object} where amount < 0")
    port = a_port(column("amount", rules=(own,)), rules=(rule("other"), named, queried))
    assert [each.name for each in port.rules_of("amount")] == ["own", "named", "queried"]


def test_readers_of_a_port_are_the_products_that_declare_it() -> None:
    assert a_port(around=Around(readers=2)).consumers == ("reader0/report", "reader1/report")
    assert a_port().consumers == ()


def test_subjects_of_some_domains_leave_out_the_mesh_and_the_others() -> None:
    mesh = a_mesh(Around(readers=1, other_keys=("carrier",)))
    whole = static_subjects(mesh)
    assert {word: len(found) for word, found in whole.items()} == {
        "mesh": 1,
        "domain": 3,
        "product": 3,
        "port": 2,
        "column": 2,
    }
    some = static_subjects(mesh, {"elsewhere"})
    assert {word: len(found) for word, found in some.items()} == {
        "mesh": 0,
        "domain": 1,
        "product": 1,
        "port": 1,
        "column": 1,
    }


def test_an_example_with_a_field_that_does_not_exist_is_an_error() -> None:
    for build in (lambda: column(nam="x"), lambda: a_domain(teams="x"), lambda: a_port(owner="x")):
        with pytest.raises((TypeError, ValueError)):
            build()
