"""Small documents, and the examples of the table of rules put into them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from hypothesis import HealthCheck, settings

from mesh_platform.contract_diff.compare import contract_changes
from mesh_platform.contract_diff.values import Level

Document = dict[str, Any]

KEY = {"name": "id", "logicalType": "string", "primaryKey": True}
OFTEN = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""A busy machine is no failure."""
EXAMPLES = Path(__file__).parent / "examples.yaml"


def contract(*columns: Document, table: Document | None = None, **more: Any) -> Document:
    """A contract of the table `orders` with these columns."""
    orders: Document = {"name": "orders", "properties": list(columns or (KEY,)), **(table or {})}
    head = {"apiVersion": "v3.2.0", "kind": "DataContract", "id": "shop/orders", "version": "1.0.0"}
    return {**head, "schema": [orders], **more}


def level_of(old: Document, new: Document, **around: Any) -> Level:
    """The greatest level of what changes in the column `a`; a patch where nothing does."""
    before, after = (contract(KEY, {"name": "a", **around, **each}) for each in (old, new))
    return max((c.level for c in contract_changes(before, after)), default=Level.PATCH)


def product(**more: Any) -> Document:
    """A descriptor of the product `shop/orders`."""
    return {"apiVersion": "v1.1.0", "kind": "DataProduct", "id": "shop/orders", **more}


def examples() -> list[Document]:
    """One edit for each rule of the table, as a list of people's words."""
    found: list[Document] = yaml.safe_load(EXAMPLES.read_text())
    return found


def placed(where: str, keys: Document) -> Document:
    """A document that has these keys at a place, all else alike."""
    amount = {"name": "amount"}
    options = {**amount, "logicalType": "integer", "logicalTypeOptions": keys}
    places = {
        "column": contract(KEY, {**amount, **keys}),
        "options": contract(KEY, options),
        "key": contract({**KEY, **keys}, amount),
        "table": contract(KEY, amount, table=keys),
        "rule": contract(KEY, table={"quality": [{"name": "r", **keys}]}),
        "level": contract(slaProperties=[keys]),
        "output": product(outputPorts=[{"name": "orders", **keys}]),
        "input": product(inputPorts=[{"name": "tills", **keys}]),
    }
    if where in places:
        return places[where]
    return contract(**keys) if where == "contract" else product(**keys)
