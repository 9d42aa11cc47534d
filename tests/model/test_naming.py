from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mesh_platform.errors import MeshError
from mesh_platform.model.naming import (
    PortName,
    ProductName,
    identifier,
    landing_key,
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
