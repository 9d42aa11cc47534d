"""A foreign key is the same at the column and at the table, in either order of its columns."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from mesh_platform.contract_diff.compare import contract_changes
from mesh_platform.contract_diff.values import Level
from tests.contract_diff.contracts import Document, contract


def _keyed(*at_table: Document, **at_columns: Any) -> Document:
    columns = ({"name": n, "relationships": at_columns.get(n, [])} for n in ("a", "b"))
    return contract(*columns, table={"relationships": list(at_table)})


ALIKE = [
    [
        _keyed({"from": "orders.a", "to": "prices.k"}),
        _keyed({"from": ["orders.a"], "to": ["prices.k"]}),
        _keyed(a=[{"to": "prices.k"}]),
        _keyed(a=[{"to": ["prices.k"], "type": "foreignKey"}]),
        _keyed({"from": "orders.a", "to": "prices.k"}, a=[{"to": "prices.k"}]),
    ],
    [
        _keyed(a=[{"to": "prices.k"}]),
        _keyed(a=[{"to": "shop.prices.k"}]),
        _keyed({"from": "orders.a", "to": "Shop.Prices.k"}),
    ],
    [
        _keyed({"from": ["orders.a", "orders.b"], "to": ["p.x", "p.y"]}),
        _keyed({"from": ["orders.b", "orders.a"], "to": ["p.y", "p.x"]}),
    ],
]


@pytest.mark.parametrize("alike", ALIKE, ids=range(len(ALIKE)))
def test_a_foreign_key_written_elsewhere_or_otherwise_is_a_patch(alike: list[Document]) -> None:
    for old, new in permutations(alike, 2):
        assert {c.level for c in contract_changes(old, new)} == {Level.PATCH}, (old, new)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (_keyed(a=[{"to": "p.x"}]), _keyed(b=[{"to": "p.x"}])),
        (_keyed(a=[{"to": "shop.p.x"}]), _keyed(a=[{"to": "crm.p.x"}])),
        (_keyed(a=[{"to": "p.x"}]), _keyed(a=[{"to": "pp.x"}])),
        (_keyed(a=[{"to": "p.x"}]), _keyed({"from": "orders.a", "to": "p.y"})),
        (ALIKE[2][0], _keyed({"from": ["orders.a", "orders.b"], "to": ["p.y", "p.x"]})),
    ],
)
def test_another_foreign_key_is_major(old: Document, new: Document) -> None:
    assert Level.MAJOR in {change.level for change in contract_changes(old, new)}
