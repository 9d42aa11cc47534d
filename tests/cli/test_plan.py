"""`mesh plan` as people and programs read it, word for word."""

from __future__ import annotations

import re

import pytest

from mesh_platform.environments.workspace import Workspace
from tests.cli.conftest import Run
from tests.planned import (
    CONTRACT,
    DESCRIPTOR,
    RENAMED,
    REVENUE_CONTRACT,
    acknowledge,
    commit,
    git,
    in_step,
    rename_amount,
)
from tests.small_mesh import ORDERS, REVENUE, SmallMesh

NOTHING = """\
compared with the current releases

no promise changes

a build would make nothing: all products are up to date

nothing stands against this change
"""
BREAKS = """\
compared with the current releases

shop/orders  against release 1
  major column `amount` is removed; `total` seems to be its new name
         Who reads the column finds nothing there.
         → report/revenue (report-team) makes `amount` of it
  minor column `total` is added
         More is offered; the producer must deliver it. The data may not keep it yet: \
major for the producer.
  version of port shop/orders: was 1.0.0, must be 2.0.0 or more, is 1.0.0
  version of product shop/orders: was 1.0.0, must be 2.0.0 or more, is 1.0.0

a build would make, by the last releases:
product         rows     size  seconds  because
shop/orders        1  N bytes      0.1  code, contract or inputs have changed
report/revenue     1  N bytes      0.1  would fail, see below; shop/orders will have a new release
together           2  N bytes      0.1

shop/orders: a major change since release 1 needs other versions: port `shop/orders` 2.0.0 \
(is 1.0.0), product 2.0.0 (is 1.0.0)
  at: domains/shop/products/orders/orders.odcs.yaml:5:1  [version.too-small]
  why: consumers go by the number: they would take the change for less than it is.
  blocking: yes, and cannot be waived
  try: mesh product bump shop/orders
    2.0.0 is another port, `shop/orders@2`, and `shop/orders` ends: all its readers move, \
agree, or are kept on 1.0.0, also those that use nothing of what changes: report/revenue

shop/orders: `shop/orders` breaks for report/revenue, and nobody there has agreed
  at: domains/shop/products/orders/orders.odcs.yaml:30:5  [change.not-agreed]
  why: they rely on what is promised now: their builds fail, their numbers are wrong, or come \
too late.
  blocking: yes, and cannot be waived
  try: one of these, for each of them; ask report-team <report@example.com>
    - keep version 1.0.0 beside 2.0.0 for those who stay: `mesh product bump shop/orders --keep`
    - it moves, once the port is 2.0.0: `mesh product move report/revenue shop/orders@2`
    - it agrees to keep its last release, and is not built until it moves, by DATE at the latest: \
`acknowledgements: [{port: shop/orders, version: 2.0.0, by: NAME, until: DATE}]` \
in domains/report/products/revenue/acknowledgements.yaml

report/revenue: model `revenue` cannot be built: `amount` is not a known column of shop.orders
  at: domains/report/products/revenue/revenue.sql:1  [lineage.no-column]
  why: a build on what its inputs promise now fails, and consumers get nothing new.
  blocking: yes, and cannot be waived
  try: stop reading it, or have its provider promise it: what is not promised may go

warning: generated files no longer fit what they are made from: \
domains/report/products/revenue/ports.yml, domains/report/products/sources.yml, \
domains/shop/products/orders/ports.yml
  at: domains/report/products/sources.yml:1 [generated.out-of-step]
  try: mesh sync report shop

3 to settle before this is merged
"""


def _words(text: str) -> str:
    """Text without the layout: how wide the terminal is, and how long builds took."""
    text = re.sub(r"\b\d+\.\d(?=  |\n| +\n)", "0.1", text)
    return " ".join(re.sub(r"\b\d+(\.\d)? (bytes|kB)", "N bytes", text).split())


def test_nothing_to_plan(look: Run, shop: SmallMesh) -> None:
    said = look("plan")
    assert (said.code, said.out, said.err) == (0, NOTHING, "")


def test_a_break_is_told_with_everything_that_follows(look: Run, shop: SmallMesh) -> None:
    rename_amount(shop)
    said = look("plan")
    assert (said.code, said.err) == (1, "")
    assert _words(said.out) == _words(BREAKS)
    assert look("plan").out == said.out


def test_a_break_for_a_program(look: Run, shop: SmallMesh) -> None:
    rename_amount(shop)
    said = look("plan", "--output", "json")
    data = said.json
    assert (said.code, list(data)) == (
        1,
        [
            "outcome",
            "unread",
            "broken",
            "undescribed",
            "gone",
            "against",
            "findings",
            "changes",
            "required_version",
            "versions",
            "builds",
            "cost",
        ],
    )
    assert (data["outcome"], data["against"], data["required_version"]) == (
        "failed",
        "the current releases",
        "2.0.0",
    )
    assert [(f["code"], f["blocking"]) for f in data["findings"]] == [
        ("version.too-small", True),
        ("change.not-agreed", True),
        ("lineage.no-column", True),
        ("generated.out-of-step", False),
    ]
    removed = data["changes"][0]
    before = removed.pop("before")
    assert (before["name"], before["physicalType"]) == ("amount", "DOUBLE")
    assert removed == {
        "product": "shop/orders",
        "port": "shop/orders",
        "path": "/schema[name=orders]/properties[name=amount]",
        "kind": "remove",
        "code": "column.removed",
        "level": "major",
        "producer": "major",
        "message": "column `amount` is removed; `total` seems to be its new name",
        "why": "Who reads the column finds nothing there.",
        "after": None,
        "columns": ["amount"],
        "file": CONTRACT,
        "line": shop.line(CONTRACT, "properties:"),
        "consumers": [
            {
                "product": "report/revenue",
                "team": "report-team",
                "email": "report@example.com",
                "uses": ["values"],
                "columns": ["report/revenue.amount"],
                "through": None,
                "stand": "reads",
            }
        ],
    }
    assert data["versions"] == [
        {
            "product": "shop/orders",
            "port": port,
            "before": "1.0.0",
            "now": "1.0.0",
            "level": "major",
            "required": "2.0.0",
            "enough": False,
        }
        for port in ("shop/orders", None)
    ]
    assert [(b["product"], b["reason"], b["cost"]["rows"]) for b in data["builds"]] == [
        ("shop/orders", "code, contract or inputs have changed", 1),
        ("report/revenue", "would fail, see below; shop/orders will have a new release", 1),
    ]
    assert set(data["cost"]) == {"rows", "bytes", "seconds"}
    assert look("plan", "--output", "json").out == said.out


def test_several_products_have_no_one_required_version(look: Run, shop: SmallMesh) -> None:
    for file in (CONTRACT, REVENUE_CONTRACT):
        shop.edit(file, "kind: DataContract\n", "kind: DataContract\ntags: [x]\n")
    assert look("plan", "--output", "json").json["required_version"] is None
    assert look("plan", "shop", "--output", "json").json["required_version"] == "1.0.1"


def test_a_new_product_is_told_to_be_free(look: Run, mesh: SmallMesh) -> None:
    said = look("plan", "shop")
    assert (said.code, said.err) == (0, "")
    assert "shop/orders  new: it may change freely until its first release\n" in said.out
    assert "  minor the port `shop/orders` is new\n" in said.out
    assert "shop/orders ? ? ? never released" in _words(said.out)
    data = look("plan", "shop", "--output", "json").json
    assert (data["required_version"], data["versions"]) == (None, [])
    assert data["builds"][0] == {"product": "shop/orders", "reason": "never released", "cost": None}
    assert data["cost"] is None
    assert "a build would make, at a cost not known yet:\n" in said.out


def test_where_nothing_is_released_a_commit_tells_what_would_be_built(
    look: Run, mesh: SmallMesh
) -> None:
    commit(mesh.root)
    assert look("plan", "--against", "HEAD", "--output", "json").json["builds"] == []
    mesh.edit(f"{REVENUE}/revenue.sql", "count(*)", "count(status)")
    told = look("plan", "--against", "HEAD", "--output", "json").json["builds"]
    assert [(build["product"], build["reason"]) for build in told] == [
        ("report/revenue", "its files are not those of HEAD"),
    ]
    mesh.edit(CONTRACT, "description: Who ordered.", "description: Who ordered it.")
    told = look("plan", "--against", "HEAD", "--output", "json").json["builds"]
    assert [(build["product"], build["reason"]) for build in told] == [
        ("shop/orders", "its files are not those of HEAD"),
        ("report/revenue", "its files are not those of HEAD"),
    ]
    git(mesh.root, "checkout", "--", f"{REVENUE}/revenue.sql")
    assert "report/revenue ? ? ? reads shop/orders, which would be built" in _words(
        look("plan", "--against", "HEAD").out
    )


@pytest.mark.parametrize(
    ("column", "sql", "line"),
    [
        ("customer", "select * exclude (x) from (pivot", "may read it: its SQL cannot be followed"),
        ("status", None, "makes `status` of it, decides by it which rows there are"),
        (
            "amount",
            "select status, count(*) as orders, 1.0 as amount from {{ source('shop', 'orders') }}"
            " where amount > 0 group by 1",
            "decides by it which rows there are",
        ),
        (
            "customer",
            "with o as (select customer, status from {{ source('shop', 'orders') }})"
            " select status, count(*) as orders, 1.0 as amount from o group by 1",
            "names it in its SQL",
        ),
    ],
)
def test_each_kind_of_use_has_its_words(
    look: Run, shop: SmallMesh, column: str, sql: str | None, line: str
) -> None:
    if sql:
        shop.write(f"{REVENUE}/revenue.sql", sql + "\n")
    shop.edit(CONTRACT, f"- name: {column}\n", f"- name: other_{column}\n")
    assert f"         → report/revenue (report-team) {line}\n" in look("plan", "shop").out


def test_who_agreed_and_who_moved_is_said(look: Run, shop: SmallMesh) -> None:
    rename_amount(shop)
    in_step(shop, "2.0.0")
    acknowledge(shop, until="2999-12-31")
    said = look("plan", "shop")
    assert said.code == 0
    assert "  major the port `shop/orders` is gone; `shop/orders@2` takes its place\n" in said.out
    assert "         → everyone who reads the port: report/revenue (has agreed)\n" in said.out
    assert "report/revenue (report-team) makes `amount` of it (has agreed)\n" in said.out
    assert "  version of port shop/orders@2: 1.0.0 → 2.0.0, enough\n" in said.out
    assert said.out.endswith("nothing stands against this change\n")
    shop.edit(f"{REVENUE}/product.odps.yaml", "version: 1.0.0\n    contractId: shop",
              "version: 2.0.0\n    contractId: shop")  # fmt: skip
    assert "everyone who reads the port: report/revenue (has moved on)\n" in look("plan").out


def test_what_is_not_known_is_said(look: Run, shop: SmallMesh) -> None:
    registry = Workspace.open(shop.root).registry
    with registry._engine.begin() as connection:
        connection.exec_driver_sql("update attempt set descriptor_digest = null")
    shop.edit(REVENUE_CONTRACT, "properties:", "propertes:")
    said = look("plan")
    assert said.code == 1
    assert "nothing is known of report/revenue: the files have errors\n" in said.out
    assert "of shop/orders only the ports are compared: " in said.out
    assert "[contract.unknown-key]" in said.out
    data = look("plan", "--output", "json").json
    assert (data["unread"], data["undescribed"]) == (["report/revenue"], ["shop/orders"])


def test_what_cannot_be_compared_is_exit_code_2(look: Run, shop: SmallMesh) -> None:
    shop.write(f"{ORDERS}/expectations.json", "{")
    said = look("plan")
    assert said.code == 2
    assert "no promise changes" not in said.out
    assert "nothing is known of shop/orders: the files have errors\n" in said.out
    data = look("plan", "--output", "json").json
    assert data["outcome"] == "could_not_run"


def test_many_consumers_and_columns_are_cut_for_people_only(look: Run, shop: SmallMesh) -> None:
    text = {f: shop.read(f"{REVENUE}/{f}") for f in ("product.odps.yaml", "revenue.odcs.yaml")}
    for number in range(12):
        name = f"r{number:02}"
        folder = f"domains/report/products/{name}"
        for file, said in text.items():
            mine = said.replace("report/revenue", f"report/{name}")
            mine = mine.replace("- name: revenue", f"- name: {name}")
            shop.write(f"{folder}/{file.replace('revenue', name)}", mine)
        shop.write(f"{folder}/{name}.sql", shop.read(f"{REVENUE}/revenue.sql"))
    shop.edit(CONTRACT, *RENAMED)
    shop.edit(DESCRIPTOR, "status: active", "status: retired")
    out = look("plan", "shop").out
    assert out.count("makes `amount` of it\n") == 10
    assert "         → and 3 more: `--output json` names them all\n" in out
    assert (
        "→ everyone who reads the port: report/r00, report/r01, report/r02, report/r03,"
        " report/r04 and 8 more\n" in out
    )
    changes = look("plan", "shop", "--output", "json").json["changes"]
    assert {len(change["consumers"]) for change in changes if change["level"] == "major"} == {13}
