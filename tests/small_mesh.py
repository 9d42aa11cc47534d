"""A tiny, complete mesh on disk, and the few ways in which tests change it.

Domain `shop` offers `shop/orders` from a landing CSV; domain `report` offers `report/revenue` from
`shop/orders`; domain `twins` (only where asked for) offers `twins/pair` with two ports, `left` and
`right`, whose rows carry the generation of the landing file.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).parent.parent
ORDERS = "domains/shop/products/orders"
REVENUE = "domains/report/products/revenue"
PAIR = "domains/twins/products/pair"
GOOD_ORDERS = (
    "order_id,customer,amount,status\n1,ann,10.5,paid\n2,bob,20,open\n3,ann,5,paid\n4,eve,NA,open\n"
)


@dataclass(frozen=True)
class SmallMesh:
    """The mesh at `root`; paths are relative to it."""

    root: Path

    def path(self, name: str) -> Path:
        return self.root / name

    def read(self, name: str) -> str:
        return self.path(name).read_text(encoding="utf-8")

    def write(self, name: str, text: str) -> None:
        """Write a file; its time of change always moves on, even within one tick of the clock."""
        path = self.path(name)
        before = path.stat().st_mtime_ns if path.exists() else 0
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        if path.stat().st_mtime_ns <= before:
            os.utime(path, ns=(before + 1_000_000, before + 1_000_000))

    def edit(self, name: str, old: str, new: str) -> None:
        """Replace the first `old` in a file by `new`; a test that edits nothing must not go on."""
        text = self.read(name)
        assert old in text, f"{name} does not contain {old!r}"
        self.write(name, text.replace(old, new, 1))

    def line(self, name: str, text: str) -> int:
        """Number of the first line that is `text`, else of the first that contains it."""
        lines = [line.strip() for line in self.read(name).splitlines()]
        if text in lines:
            return lines.index(text) + 1
        return next(number for number, line in enumerate(lines, 1) if text in line)

    def delete(self, name: str) -> None:
        self.path(name).unlink()

    def land_orders(self, rows: str) -> None:
        """Replace the orders file: `rows` are the lines below its header."""
        self.write(f"{ORDERS}/orders.csv", f"order_id,customer,amount,status\n{rows}")

    def land_generation(self, generation: int, rows: int = 3) -> None:
        """Replace the file behind `twins/pair` by rows that all carry one generation."""
        lines = "".join(f"{row},{generation}\n" for row in range(1, rows + 1))
        self.write(f"{PAIR}/pairs.csv", f"pair_id,generation\n{lines}")


def write_mesh(root: Path, *domains: str) -> SmallMesh:
    """Write a mesh of some of `shop`, `report`, `twins`; none named means the first two."""
    mesh = SmallMesh(root)
    mesh.write("mesh.yaml", "name: small\ndescription: A mesh for tests.\n")
    shutil.copytree(REPOSITORY / "dbt_project", root / "dbt_project", dirs_exist_ok=True)
    writers = {"shop": _write_shop, "report": _write_report, "twins": _write_twins}
    for domain in domains or ("shop", "report"):
        _write_domain(mesh, domain)
        writers[domain](mesh)
    return mesh


def write_sources(mesh: SmallMesh, domain: str, schema: str, *tables: str) -> None:
    """Write `products/sources.yml` with one dbt source, as `mesh sync` does."""
    names = "".join(f"      - name: {table}\n" for table in tables)
    mesh.write(
        f"domains/{domain}/products/sources.yml",
        f"version: 2\nsources:\n  - name: {schema}\n    database: mesh\n    schema: {schema}\n"
        f"    tables:\n{names}",
    )


def _write_domain(mesh: SmallMesh, name: str) -> None:
    folder = f"domains/{name}"
    mesh.write(
        f"{folder}/domain.yaml",
        f"name: {name}\npurpose: Shows how {name} works.\n"
        f"owner:\n  team: {name}-team\n  email: {name}@example.com\n",
    )
    mesh.write(
        f"{folder}/dbt_project.yml",
        f"name: {name}\nversion: '1.0.0'\nconfig-version: 2\nprofile: mesh\n"
        "model-paths: [products]\nflags:\n  send_anonymous_usage_stats: false\n"
        "models:\n  +materialized: table\n",
    )
    mesh.write(f"{folder}/packages.yml", "packages:\n  - local: ../../dbt_project\n")
    mesh.write(f"{folder}/.dbtignore", "*.odcs.yaml\n*.odps.yaml\nREADME.md\nexpectations*\n")
    mesh.write(
        f"{folder}/definitions.py",
        f'"""The code location of the {name} domain."""\n\n'
        "from mesh_platform.orchestration import domain_location\n\n"
        "defs = domain_location(__file__)\n",
    )


def _write_shop(mesh: SmallMesh) -> None:
    write_sources(mesh, "shop", "landing", "orders_file")
    mesh.write(f"{ORDERS}/orders.csv", GOOD_ORDERS)
    mesh.write(f"{ORDERS}/README.md", "# Orders\n\nOne row per order.\n")
    mesh.write(f"{ORDERS}/product.odps.yaml", _ORDERS_DESCRIPTOR)
    mesh.write(f"{ORDERS}/orders.odcs.yaml", _ORDERS_CONTRACT)
    mesh.write(f"{ORDERS}/stg_orders.sql", _STG_ORDERS)
    mesh.write(f"{ORDERS}/orders.sql", "select * from {{ ref('stg_orders') }}\n")


def _write_report(mesh: SmallMesh) -> None:
    write_sources(mesh, "report", "shop", "orders")
    mesh.write(f"{REVENUE}/product.odps.yaml", _REVENUE_DESCRIPTOR)
    mesh.write(f"{REVENUE}/revenue.odcs.yaml", _REVENUE_CONTRACT)
    mesh.write(f"{REVENUE}/revenue.sql", _REVENUE_SQL)


def _write_twins(mesh: SmallMesh) -> None:
    write_sources(mesh, "twins", "landing", "pairs_file")
    mesh.land_generation(1)
    mesh.write(f"{PAIR}/product.odps.yaml", _PAIR_DESCRIPTOR)
    for port in ("left", "right"):
        mesh.write(f"{PAIR}/{port}.odcs.yaml", _PAIR_CONTRACT.replace("PORT", port))
        mesh.write(f"{PAIR}/{port}.sql", _PAIR_SQL)


_ORDERS_DESCRIPTOR = """\
apiVersion: v1.1.0
kind: DataProduct
id: shop/orders
name: Orders
version: 1.0.0
status: active
domain: shop
type: sourceAligned
description:
  purpose: Every order of the shop.
inputPorts:
  - name: orders_file
    customProperties:
      - {property: location, value: orders.csv}
      - {property: format, value: csv}
outputPorts:
  - name: orders
    description: One row per order.
    type: table
    version: 1.0.0
    contractId: shop/orders
"""

_ORDERS_CONTRACT = """\
apiVersion: v3.2.0
kind: DataContract
id: shop/orders
name: Orders
version: 1.0.0
status: active
domain: shop
dataProduct: shop/orders
description:
  purpose: Every order of the shop.
schema:
  - name: orders
    logicalType: object
    physicalType: table
    description: Orders.
    dataGranularityDescription: One row per order.
    quality:
      - name: some_orders
        description: There is at least one order.
        severity: error
        type: library
        metric: rowCount
        mustBeGreaterThan: 0
      - name: no_single_customer
        description: More than one customer orders.
        severity: warning
        type: sql
        query: select count(distinct customer) from ${object}
        mustBeGreaterThan: 1
    properties:
      - name: order_id
        logicalType: integer
        physicalType: INTEGER
        description: Number of the order.
        required: true
        primaryKey: true
        primaryKeyPosition: 1
      - name: customer
        logicalType: string
        physicalType: VARCHAR
        description: Who ordered.
        required: true
        classification: restricted
      - name: amount
        logicalType: number
        physicalType: DOUBLE
        description: Price in euros; missing while an order is being priced.
        logicalTypeOptions:
          minimum: 0
      - name: status
        logicalType: string
        physicalType: VARCHAR
        description: Where the order is.
        required: true
        enum:
          - value: open
          - value: paid
slaProperties:
  - property: frequency
    value: 1
    unit: d
    scheduler: cron
    schedule: "0 5 * * *"
"""

_STG_ORDERS = """\
select
    cast(order_id as integer) as order_id,
    customer,
    {{ mesh.typed('amount', 'double') }} as amount,
    status
from {{ source('landing', 'orders_file') }}
"""

_REVENUE_DESCRIPTOR = """\
apiVersion: v1.1.0
kind: DataProduct
id: report/revenue
name: Revenue
version: 1.0.0
status: active
domain: report
type: consumerAligned
description:
  purpose: What the shop earns.
inputPorts:
  - name: orders
    version: 1.0.0
    contractId: shop/orders
outputPorts:
  - name: revenue
    description: One row per status.
    type: table
    version: 1.0.0
    contractId: report/revenue
"""

_REVENUE_CONTRACT = """\
apiVersion: v3.2.0
kind: DataContract
id: report/revenue
version: 1.0.0
status: active
schema:
  - name: revenue
    logicalType: object
    physicalType: table
    description: Revenue by status.
    quality:
      - name: no_order_lost
        description: Every order is in exactly one row.
        severity: error
        type: sql
        query: select (select sum(orders) from ${object}) - (select count(*) from shop.orders)
        mustBe: 0
    properties:
      - name: status
        logicalType: string
        physicalType: VARCHAR
        required: true
        unique: true
      - name: orders
        logicalType: integer
        physicalType: BIGINT
        required: true
      - name: amount
        logicalType: number
        physicalType: DOUBLE
"""

_REVENUE_SQL = """\
select status, count(*) as orders, sum(amount) as amount
from {{ source('shop', 'orders') }}
group by status
"""

_PAIR_DESCRIPTOR = """\
apiVersion: v1.1.0
kind: DataProduct
id: twins/pair
version: 1.0.0
status: active
inputPorts:
  - name: pairs_file
    customProperties:
      - {property: location, value: pairs.csv}
outputPorts:
  - {name: left, version: 1.0.0, contractId: twins/pair/left}
  - {name: right, version: 1.0.0, contractId: twins/pair/right}
"""

_PAIR_CONTRACT = """\
apiVersion: v3.2.0
kind: DataContract
id: twins/pair/PORT
version: 1.0.0
status: active
schema:
  - name: PORT
    quality:
      - name: PORT_has_rows
        type: library
        metric: rowCount
        mustBeGreaterThan: 0
    properties:
      - {name: pair_id, logicalType: integer, physicalType: INTEGER, primaryKey: true}
      - {name: generation, logicalType: integer, physicalType: INTEGER, required: true}
"""

_PAIR_SQL = """\
select cast(pair_id as integer) as pair_id, cast(generation as integer) as generation
from {{ source('landing', 'pairs_file') }}
"""
