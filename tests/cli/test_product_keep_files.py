"""`mesh product bump --keep` on files as they are found: links, line ends, half-done runs."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from mesh_platform.scaffold import new_major
from tests.cli.conftest import Run
from tests.majors import add_second_major
from tests.planned import (
    CONTRACT,
    DESCRIPTOR,
    RENAMED,
    REVENUE_DESCRIPTOR,
    commit,
    git,
    release_all,
    rename_amount,
    version,
)
from tests.small_mesh import ORDERS, SmallMesh

NEW = f"{ORDERS}/orders_v2.odcs.yaml"
MODEL, NEW_MODEL = f"{ORDERS}/orders.sql", f"{ORDERS}/orders_v2.sql"
BUMP = ("product", "bump", "shop/orders")
KEEP = (*BUMP, "--keep")


def _files(mesh: SmallMesh) -> dict[str, bytes]:
    """Everything below the domains, and what links stand for."""
    found = (path for path in mesh.path("domains").rglob("*") if path.is_file())
    return {path.relative_to(mesh.root).as_posix(): path.read_bytes() for path in found}


@pytest.mark.parametrize("then", [True, False])
def test_a_model_behind_a_link_is_not_written(look: Run, shop: SmallMesh, then: bool) -> None:
    if not then:
        commit(shop.root)
    shutil.move(shop.path(MODEL), shop.path("shared.sql"))
    shop.path(MODEL).symlink_to("../../../../shared.sql")
    if then:
        commit(shop.root)
    rename_amount(shop)
    before = _files(shop)
    said = look(*KEEP)
    assert (said.code, f"{MODEL} is a symbolic link" in said.err) == (2, then)
    assert ("the file is a symbolic link" in said.err) is not then
    assert _files(shop) == before


def test_line_ends_stay_as_they_are(look: Run, shop: SmallMesh) -> None:
    for file in (CONTRACT, MODEL):
        shop.path(file).write_bytes(shop.path(file).read_bytes().replace(b"\n", b"\r\n"))
    commit(shop.root)
    before = _files(shop)
    shop.path(CONTRACT).write_bytes(
        before[CONTRACT].replace(RENAMED[0].encode(), RENAMED[1].encode())
    )
    assert look(*KEEP).code == 0
    after = _files(shop)
    assert {file: after[file] for file in (CONTRACT, MODEL)} == {
        file: before[file] for file in (CONTRACT, MODEL)
    }
    assert b"\r\n" in after[NEW]


def test_a_model_is_named_in_many_ways(look: Run, shop: SmallMesh) -> None:
    commit(shop.root)
    files = {
        f"{ORDERS}/late.sql": "{{ ref('shop', 'orders') }} {{ ref ('orders',) }}",
        f"{ORDERS}/late.py": 'def model(dbt, session):\n    return dbt.ref("orders")\n',
        f"{ORDERS}/tests.yml": 'unit_tests:\n  - {model: orders}\n  - model: "orders" # b\n',
        "domains/shop/tests/orders.sql": "select * from {{ ref('orders') }} where total < 0\n",
    }
    for file, text in files.items():
        shop.write(file, text)
    rename_amount(shop)
    assert look(*KEEP).code == 0
    assert {file: shop.read(file) for file in files} == {
        f"{ORDERS}/late.sql": "{{ ref('shop', 'orders_v2') }} {{ ref ('orders_v2',) }}",
        f"{ORDERS}/late.py": 'def model(dbt, session):\n    return dbt.ref("orders_v2")\n',
        f"{ORDERS}/tests.yml": 'unit_tests:\n  - {model: orders_v2}\n  - model: "orders_v2" # b\n',
        "domains/shop/tests/orders.sql": "select * from {{ ref('orders_v2') }} where total < 0\n",
    }


def test_a_table_may_have_any_name(look: Run, mesh: SmallMesh) -> None:
    mesh.edit(CONTRACT, "  - name: orders\n", "  - name: orders\n    physicalName: orders(x\n")
    shutil.move(mesh.path(MODEL), mesh.path(f"{ORDERS}/orders(x.sql"))
    mesh.write(f"{ORDERS}/late.sql", "select * from {{ ref('orders(x') }}\n")
    release_all(mesh)
    commit(mesh.root)
    rename_amount(mesh)
    assert look(*KEEP).code == 0
    assert mesh.read(f"{ORDERS}/late.sql") == "select * from {{ ref('orders_v2') }}\n"


def test_a_model_of_that_name_elsewhere_in_the_domain_is_in_the_way(
    look: Run, shop: SmallMesh
) -> None:
    other = "domains/shop/products/other/orders_v2.sql"
    shop.write(other, "select 1 as one\n")
    commit(shop.root)
    rename_amount(shop)
    before = _files(shop)
    said = look(*KEEP)
    assert (said.code, said.err) == (
        2,
        "the domain has a model `orders_v2` already\n"
        f"  at: {other}\n"
        "  try: move it away, or keep the old version by hand\n",
    )
    assert _files(shop) == before


def test_the_expectations_of_the_promise_come_back(look: Run, mesh: SmallMesh) -> None:
    suite = f"{ORDERS}/expectations.json"
    mesh.write(suite, json.dumps({"name": "then", "expectations": []}))
    release_all(mesh)
    commit(mesh.root)
    mesh.write(suite, json.dumps({"name": "later", "expectations": []}))
    commit(mesh.root)
    rename_amount(mesh)
    assert look(*KEEP).code == 0
    assert json.loads(mesh.read(f"{ORDERS}/expectations_orders.json"))["name"] == "then"
    assert json.loads(mesh.read(f"{ORDERS}/expectations_orders_v2.json"))["name"] == "later"


@pytest.mark.parametrize("words", [BUMP, KEEP])
@pytest.mark.parametrize("also", [False, True])
def test_a_major_that_is_offered_already_is_not_made_again(
    look: Run, mesh: SmallMesh, words: tuple[str, ...], also: bool
) -> None:
    add_second_major(mesh)
    release_all(mesh)
    commit(mesh.root)
    mesh.edit(CONTRACT, *RENAMED)
    if also:
        mesh.edit(NEW, *RENAMED)
    before = _files(mesh)
    said = look(*words)
    if also and words == BUMP:
        assert (said.code, "port shop/orders@2: 3.0.0" in said.out) == (0, True)
        return
    assert (said.code, said.err) == (
        2,
        "`shop/orders` cannot become `shop/orders@2`: that one is offered already\n"
        f"  at: {CONTRACT}:1:1\n"
        "  try: take back what breaks `shop/orders`, and offer it as a major after"
        " `shop/orders@2`\n",
    )
    assert _files(mesh) == before


def test_a_port_that_keeps_its_name_is_told(look: Run, mesh: SmallMesh) -> None:
    version(mesh, CONTRACT, DESCRIPTOR, "1.0.0", "0.9.0")
    mesh.edit(
        REVENUE_DESCRIPTOR, "    version: 1.0.0\n    contractId: shop", "    contractId: shop"
    )
    commit(mesh.root)
    rename_amount(mesh)
    said = look(*KEEP, "--against", "main")
    assert said.out.splitlines()[1] == "port shop/orders: 1.0.0"
    assert said.out.splitlines()[-1] == (
        "Nothing is kept: no port has a new major under another name."
    )


def test_a_run_that_was_stopped_goes_on(
    look: Run, shop: SmallMesh, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(path: Path, content: bytes) -> None:
        if path == shop.path(CONTRACT):
            raise KeyboardInterrupt
        write(path, content)

    commit(shop.root)
    kept = shop.read(CONTRACT)
    rename_amount(shop)
    write, before = new_major.replace_file, _files(shop)
    with monkeypatch.context() as stopping:
        stopping.setattr(new_major, "replace_file", stopped)
        assert look(*KEEP).code == 130
    after = _files(shop)
    assert sorted(after.keys() - before.keys()) == [NEW, NEW_MODEL]
    assert {file: after[file] for file in before} == before
    assert look(*KEEP).code == 0
    assert (shop.read(CONTRACT), "version: 2.0.0" in shop.read(DESCRIPTOR)) == (kept, True)


def test_a_shallow_clone_says_so(look: Run, shop: SmallMesh, tmp_path: Path) -> None:
    shop.write(".gitignore", ".mesh/\n")
    commit(shop.root)
    rename_amount(shop)
    commit(shop.root)
    shutil.move(shop.root, tmp_path / "all")
    git(tmp_path, "clone", "--depth=1", f"file://{tmp_path / 'all'}", str(shop.root))
    shutil.copytree(tmp_path / "all/.mesh", shop.path(".mesh"))
    said = look(*KEEP)
    assert (said.code, "`git fetch --unshallow`" in said.err) == (2, True)
