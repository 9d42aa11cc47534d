from __future__ import annotations

import re

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mesh_platform.errors import MeshError
from mesh_platform.model.naming import (
    PortName,
    ProductName,
    identifier,
    is_version,
    landing_key,
    later,
    major,
    model_key,
    segment_problem,
    valid_segment,
)

ORDERS = ProductName("shop", "orders")


def test_a_port_named_as_its_product_has_the_products_path() -> None:
    port = PortName(ORDERS, "orders")
    assert (str(port), port.key, port.relation) == (
        "shop/orders",
        ("shop", "orders"),
        ("shop", "orders"),
    )
    assert port.table_path("1.4.2") == "shop/orders/orders_v1"


def test_another_port_adds_its_own_name_to_the_path() -> None:
    port = PortName(ORDERS, "items")
    assert (str(port), port.key, port.relation) == (
        "shop/orders/items",
        ("shop", "orders", "items"),
        ("shop", "items"),
    )
    assert port.table_path("v2.0.0") == "shop/orders/items_v2"


def test_a_later_major_is_a_port_of_its_own_in_every_path() -> None:
    port = PortName.versioned(ORDERS, "orders", "2.3.0")
    assert (str(port), port.path, port.base) == ("shop/orders@2", "shop/orders", "orders")
    assert (port.key, port.relation) == (("shop", "orders", "orders_v2"), ("shop", "orders_v2"))
    assert port.table_path("2.3.0") == "shop/orders/orders_v2"
    items = PortName.versioned(ORDERS, "items", "v12.0.0")
    assert (str(items), items.name) == ("shop/orders/items@12", "items_v12")


@pytest.mark.parametrize("version", ["0.9.0", "1.0.0", "v1.7.2"])
def test_up_to_the_first_major_a_port_keeps_its_plain_name(version: str) -> None:
    assert PortName.versioned(ORDERS, "orders", version) == PortName(ORDERS, "orders")


@pytest.mark.parametrize(
    ("version", "other", "answer"),
    [
        ("1.1.0", "1.0.9", True),
        ("1.0.0", "1.0.0", False),
        ("1.10", "1.9.9", True),
        ("v2", "1.9.9", True),
        ("1.0.0-rc1", "1.0.0", False),
    ],
)
def test_versions_are_compared_as_numbers(version: str, other: str, answer: bool) -> None:
    assert later(version, other) is answer


def test_no_port_may_carry_its_version_in_its_name() -> None:
    assert segment_problem("port", "orders_v2") == (
        "`orders_v2` cannot name a port: the platform adds the major version by itself"
    )
    assert segment_problem("port", "orders_v1") is None
    assert segment_problem("product", "orders_v2") is None


def test_a_private_model_and_a_source_never_share_a_key_with_a_port() -> None:
    assert model_key(ORDERS, "orders") == ("shop", "orders", "models", "orders")
    assert landing_key(ORDERS, "orders") == ("shop", "orders", "landing", "orders")


@pytest.mark.parametrize("text", ["a", "orders", "orders_2", "a" + "b" * 62])
def test_lower_case_words_are_names(text: str) -> None:
    assert valid_segment(text)
    assert segment_problem("domain", text) is None


@pytest.mark.parametrize("text", ["", "Orders", "2nd", "a/b", "a-b", "a b", "..", "a" * 64, "a\n"])
def test_anything_else_is_no_name(text: str) -> None:
    assert not valid_segment(text)
    assert segment_problem("domain", text) == (
        f"`{text}` cannot name a domain: "
        "start with a lower-case letter, then letters, digits and `_`, at most 63"
    )


def test_a_product_name_is_read_back_from_its_text() -> None:
    assert ProductName.parse("shop/orders") == ORDERS


@pytest.mark.parametrize("text", ["shop", "shop/orders/items", "Shop/orders", "/orders", ""])
def test_a_text_that_is_no_product_name_says_how_to_write_one(text: str) -> None:
    with pytest.raises(MeshError) as caught:
        ProductName.parse(text)
    assert str(caught.value) == (
        f"`{text}` is not a product name\n  try: write it as `domain/product`, lower case"
    )


@pytest.mark.parametrize(
    ("version", "number"), [("1.2.3", 1), ("v12.0", 12), ("0.9.0", 0), ("draft", 0), ("", 0)]
)
def test_the_major_number_of_a_version(version: str, number: int) -> None:
    assert major(version) == number


@given(st.text())
def test_every_text_becomes_a_name_that_dagster_accepts(text: str) -> None:
    assert re.fullmatch(r"[A-Za-z0-9_]+", identifier(text))


@pytest.mark.parametrize("text", ["1", "v2", "1.4", "1.4.2", "v1.0.0-rc1", "2.0.0+build.3"])
def test_numbers_are_a_version(text: str) -> None:
    assert is_version(text)


@pytest.mark.parametrize("text", ["^2.0.0", ">=2", "latest", "", "1.2.3.4", "2.x"])
def test_a_range_is_no_version(text: str) -> None:
    assert not is_version(text)


def test_no_domain_has_a_name_that_dbt_gives_to_no_project() -> None:
    from dbt.contracts.project import BANNED_PROJECT_NAMES

    accepted = {name for name in BANNED_PROJECT_NAMES if segment_problem("domain", name) is None}
    assert accepted == set()
    assert "api" in BANNED_PROJECT_NAMES


@pytest.mark.parametrize("name", ["memory", "system", "temp"])
def test_a_domain_has_no_name_of_a_database_of_the_engine(name: str) -> None:
    said = f"`{name}` cannot name a domain: it is the name of a database of the engine itself"
    assert segment_problem("domain", name) == said
    databases = duckdb.sql("select database_name from duckdb_databases()").fetchall()
    assert (name,) in databases
