"""Small subjects for the cases of policies: say what matters to the case, the rest is in order.

`a_port(column("amount", description=None))` is a port that keeps every promise of good manners,
but for one column that nobody explains. A field that does not exist is an error.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from mesh_platform.contract_diff.values import Change, Kind, Level
from mesh_platform.errors import Place
from mesh_platform.governance.subjects import (
    ChangeSubject,
    CheckSeen,
    ColumnSubject,
    DomainSubject,
    MeshSubject,
    PortSubject,
    ProductSubject,
    Read,
    ReleaseSubject,
)
from mesh_platform.governance.waivers import Waiver
from mesh_platform.model.contract import Column, Contract, Rule, ServiceLevel, Severity
from mesh_platform.model.findings import Finding
from mesh_platform.model.landing import Landing
from mesh_platform.model.mesh import Domain, Mesh, Port, PortInput, Product
from mesh_platform.model.naming import PortName, ProductName
from mesh_platform.model.settings import Term

TODAY = date(2026, 6, 1)
_HERE = Place("example.yaml", 1)
_SALES = ProductName("sales", "orders")


@dataclass(frozen=True)
class Around:
    """What lies around an example.

    `readers` is the number of products in other domains that read its first port; `other_keys` are
    key columns of another domain; `found` are codes of what the platform finds in its files.
    """

    today: date = TODAY
    dictionary: dict[str, Term] = field(default_factory=dict)
    readers: int = 0
    other_keys: tuple[str, ...] = ()
    found: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()
    waivers: tuple[Waiver, ...] = ()


_ALONE = Around()


def column(name: str = "amount", **fields: Any) -> Column:
    """A column; `key=True` makes it part of the key."""
    key = fields.pop("key", False)
    words: dict[str, Any] = {
        "name": name,
        "logical_type": "string",
        "physical_type": "VARCHAR",
        "description": f"What {name} is, in words.",
        "required": key,
        "unique": key,
        "key_position": 1 if key else None,
        "enum": (),
        "options": {},
        "classification": "internal",
        "rules": (),
        "place": _HERE,
    }
    return Column(**words | fields)


def rule(name: str = "some_rows", **fields: Any) -> Rule:
    """A rule that withholds a release."""
    words: dict[str, Any] = {
        "name": name,
        "type": "sql",
        "metric": None,
        "query": "select count(*) from ${object}",
        "engine": None,
        "arguments": {},
        "threshold": None,
        "percent": False,
        "severity": Severity.ERROR,
        "dimension": None,
        "description": None,
        "business_impact": None,
        "place": _HERE,
    }
    return Rule(**words | fields)


def level(name: str, value: Any, unit: str | None = None) -> ServiceLevel:
    """An entry of `slaProperties`."""
    return ServiceLevel(property=name, value=value, unit=unit, place=_HERE)


def waiver(until: date, **fields: Any) -> Waiver:
    """An exception of the domain `sales`."""
    words: dict[str, Any] = {"policy": "some.policy", "reason": "Because.", "approver": "Ada"}
    return Waiver(**words | {"until": until, "domain": "sales", "place": _HERE} | fields)


def a_mesh(around: Around = _ALONE, *products: Product) -> MeshSubject:
    """A mesh with the domain `sales`, and what lies around it."""
    own = products or (_product(_port(())),)
    found = tuple(Finding(code, "…", _HERE, product=str(_SALES)) for code in around.found)
    sales = _domain("sales", own, findings=found)
    mesh = Mesh(
        name="example",
        description="A mesh for cases.",
        root=Path("/example"),
        folder=Path("/example/domains"),
        dictionary=around.dictionary,
        domains=(sales, *_others(around, own[0].ports[0].name if own[0].ports else None)),
        findings=found,
    )
    reads, tests = (
        {_SALES: tuple(Read(what, _HERE) for what in each)} for each in (around.reads, around.tests)
    )
    return MeshSubject(mesh, around.today, around.waivers, reads, tests)


def a_domain(around: Around = _ALONE, **fields: Any) -> DomainSubject:
    """The domain `sales`."""
    mesh = a_mesh(around)
    return DomainSubject(mesh.mesh.domains[0].model_copy(update=_known(Domain, fields)), mesh)


def a_product(
    *ports: Port, inputs: tuple[str, ...] = (), around: Around = _ALONE, **fields: Any
) -> ProductSubject:
    """The product `sales/orders`; `inputs` are ports that it reads, as `domain/product`."""
    read = tuple(
        PortInput(
            port=PortName(ProductName.parse(text), text.split("/")[1]), version=None, place=_HERE
        )
        for text in inputs
    )
    made = _product(*(ports or (_port(()),)), inputs=read, **fields)
    return a_mesh(around, made).domains[0].products[0]


def a_port(
    *columns: Column,
    port: dict[str, Any] | None = None,
    product: dict[str, Any] | None = None,
    around: Around = _ALONE,
    **contract: Any,
) -> PortSubject:
    """The port `sales/orders` with these columns; other words are fields of its contract."""
    made = _port(columns, port, **contract)
    return a_product(made, around=around, **(product or {})).ports[0]


def a_column(name: str = "amount", around: Around = _ALONE, **fields: Any) -> ColumnSubject:
    """A column of `sales/orders`."""
    return a_port(column(name, **fields), around=around).columns[0]


def a_change(
    level: str = "major",
    *,
    before: str = "1.0.0",
    version: str = "1.0.0",
    change: dict[str, Any] | None = None,
    **fields: Any,
) -> ChangeSubject:
    """A change of `sales/orders` since the release of version `before`; `change` is what differs.

    Without it the column `amount` is removed.
    """
    port = a_port(port={"version": version}, around=fields.pop("around", _ALONE))
    weight = Level[level.upper()]
    words: dict[str, Any] = {
        "code": "column.removed",
        "kind": Kind.REMOVE,
        "path": "/schema[name=orders]/properties[name=amount]",
        "level": weight,
        "producer": weight,
        "before": {"name": "amount"},
        "after": None,
        "why": "Who reads it finds nothing.",
        "columns": ("amount",),
        "message": "column `amount` is removed",
    }
    made = Change(**words | (change or {}))
    return ChangeSubject(made, port.product, before, version, port, **fields)


def a_release(
    rows: int = 100, *, days_since_last: float = 1, around: Around = _ALONE, **fields: Any
) -> ReleaseSubject:
    """A release of `sales/orders`, made on the day; `checks` are outcomes, `levels` promises."""
    checks = tuple(CheckSeen(f"check_{i}", said) for i, said in enumerate(fields.pop("checks", ())))
    port = a_port(service_levels=fields.pop("levels", ()), around=around)
    now = datetime.combine(around.today, time(6), UTC)
    words: dict[str, Any] = {"rows_before": 100, "at_before": now - timedelta(days=days_since_last)}
    return ReleaseSubject(port, rows, now, checks, **words | fields)


def _port(columns: tuple[Column, ...], port: dict[str, Any] | None = None, **contract: Any) -> Port:
    words = {"version": "1.0.0", "description": "One row per order."} | (port or {})
    name = PortName.versioned(_SALES, "orders", words["version"])
    promised: dict[str, Any] = {
        "id": name.path,
        "version": words["version"],
        "status": "active",
        "name": None,
        "purpose": "Every order of the shop.",
        "limitations": None,
        "usage": None,
        "table": name.name,
        "description": "Orders.",
        "granularity": "One row per order.",
        "columns": columns or (column("order_id", key=True),),
        "rules": (rule(),),
        "schedule": None,
        "service_levels": (level("frequency", 1, "d"), level("retention", 30, "d")),
        "api_version": "v3.2.0",
        "digest": "0",
        "place": _HERE,
    }
    return Port(name=name, contract=Contract(**promised | contract), **words)


def _product(*ports: Port, **fields: Any) -> Product:
    words: dict[str, Any] = {
        "name": _SALES,
        "title": "Orders",
        "type": "sourceAligned",
        "version": ports[0].version if ports else "1.0.0",
        "status": "active",
        "purpose": "Every order of the shop, for whoever plans.",
        "folder": Path("/example/domains/sales/products/orders"),
        "landings": (
            Landing(name="orders_file", location="orders.csv", format="csv", place=_HERE),
        ),
        "inputs": (),
        "ports": ports,
        "api_version": "v1.1.0",
        "team": "sales-team",
        "support": ("mailto:sales@example.com",),
        "readme": True,
        "place": _HERE,
    }
    return Product(**words | fields)


def _domain(name: str, products: tuple[Product, ...], **fields: Any) -> Domain:
    words: dict[str, Any] = {
        "name": name,
        "purpose": "What the shop sells, and to whom.",
        "team": f"{name}-team",
        "email": f"{name}@example.com",
        "folder": Path("/example/domains") / name,
        "products": products,
        "findings": (),
        "place": _HERE,
    }
    return Domain(**words | fields)


def _others(around: Around, read: PortName | None) -> Iterator[Domain]:
    for number in range(around.readers):
        item = [PortInput(port=read, version=None, place=_HERE)] if read else []
        name = ProductName(f"reader{number}", "report")
        yield _domain(name.domain, (_product(name=name, inputs=tuple(item)),))
    if around.other_keys:
        name = ProductName("elsewhere", "things")
        keys = tuple(column(key, key=True) for key in around.other_keys)
        port = _port(keys).model_copy(update={"name": PortName(name, "things")})
        yield _domain(name.domain, (_product(port, name=name),))


def _known(kind: type[Domain], fields: dict[str, Any]) -> dict[str, Any]:
    unknown = set(fields) - set(kind.model_fields)
    if unknown:
        raise TypeError(f"a domain has no {', '.join(sorted(unknown))}")
    return fields
