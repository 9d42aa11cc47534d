"""A second major of `shop/orders` beside the first, and a consumer for each."""

from __future__ import annotations

from tests.small_mesh import ORDERS, SmallMesh

SECOND = f"{ORDERS}/orders_v2.odcs.yaml"
BUYERS = "domains/report/products/buyers"


def add_second_major(mesh: SmallMesh) -> None:
    """`shop/orders@2` calls the customer `buyer`; version 1 is deprecated, with an end."""
    first = mesh.read(f"{ORDERS}/orders.odcs.yaml")
    second = first.replace("version: 1.0.0", "version: 2.0.0", 1)
    second = second.replace(
        "  - name: orders\n", "  - name: orders\n    physicalName: orders_v2\n", 1
    )
    mesh.write(SECOND, second.replace("- name: customer\n", "- name: buyer\n"))
    mesh.write(
        f"{ORDERS}/orders_v2.sql",
        "select order_id, customer as buyer, amount, status from {{ ref('stg_orders') }}\n",
    )
    mesh.edit(
        f"{ORDERS}/product.odps.yaml",
        "outputPorts:\n",
        "outputPorts:\n  - name: orders\n    version: 2.0.0\n    contractId: shop/orders\n",
    )
    deprecate_first(mesh)


def deprecate_first(mesh: SmallMesh) -> None:
    """Version 1 will go."""
    mesh.edit(f"{ORDERS}/orders.odcs.yaml", "status: active", "status: deprecated")
    mesh.edit(
        f"{ORDERS}/orders.odcs.yaml",
        "slaProperties:\n",
        "slaProperties:\n  - {property: endOfSupport, value: '2027-01-31'}\n",
    )


def add_consumer(mesh: SmallMesh) -> None:
    """`report/buyers` reads version 2, beside `report/revenue`, which reads version 1."""
    mesh.write(f"{BUYERS}/product.odps.yaml", _DESCRIPTOR)
    mesh.write(f"{BUYERS}/buyers.odcs.yaml", _CONTRACT)
    mesh.write(
        f"{BUYERS}/buyers.sql",
        "select buyer, count(*) as orders from {{ source('shop', 'orders_v2') }} group by buyer\n",
    )


_DESCRIPTOR = """\
apiVersion: v1.1.0
kind: DataProduct
id: report/buyers
version: 1.0.0
status: active
inputPorts:
  - {name: orders, version: 2.0.0, contractId: shop/orders}
outputPorts:
  - {name: buyers, version: 1.0.0, contractId: report/buyers}
"""

_CONTRACT = """\
apiVersion: v3.2.0
kind: DataContract
id: report/buyers
version: 1.0.0
status: active
schema:
  - name: buyers
    properties:
      - {name: buyer, logicalType: string, required: true, classification: restricted}
      - {name: orders, logicalType: integer, required: true}
"""
