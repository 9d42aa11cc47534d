"""Names of models and ports in code: which texts are one, and which only look like it."""

from __future__ import annotations

from pathlib import Path

import pytest

from mesh_platform.errors import MeshError
from mesh_platform.model.naming import PortName, ProductName
from mesh_platform.scaffold.code import bytes_of, code_below, text_of, with_relation, with_source

OLD = PortName(ProductName("shop", "orders"), "orders_v2")
NEW = PortName(ProductName("shop", "orders"), "orders_v3")


@pytest.mark.parametrize(
    "text",
    [
        "from shop.orders",
        "from shop.orders_v2x",
        "from shop.orders_v20",
        "from my_shop.orders_v2",
        'from "my shop"."orders_v2"',
        'from "shop"."orders_v2 "',
        "select source('shop', 'orders')",
        "select source('shop', 'orders_v2', 'more')",
        "select resource('shop', 'orders_v2')",
    ],
)
def test_what_only_looks_like_the_port_stays(text: str) -> None:
    assert with_relation(text, OLD, NEW) == with_source(text, OLD, NEW) == text


def test_what_is_not_utf_8_keeps_its_bytes(tmp_path: Path) -> None:
    (tmp_path / "a.sql").write_bytes(b"-- caf\xe9\r\n{{ source('shop', 'orders_v2') }}")
    (tmp_path / "a.odcs.yaml").touch()
    (tmp_path / "b.sql").mkdir()
    (path,) = code_below([tmp_path, tmp_path / "missing"])
    moved = bytes_of(with_source(text_of(path), OLD, NEW))
    assert moved == b"-- caf\xe9\r\n{{ source('shop', 'orders_v3') }}"


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(MeshError, match="cannot be read: it is a folder"):
        text_of(tmp_path)
