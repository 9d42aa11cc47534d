"""`mesh product bump --keep`: the old major comes back beside the new one, files and all."""

from __future__ import annotations

import json

import pytest

from mesh_platform.model.documents import parse_document
from tests.cli.conftest import Run
from tests.planned import CONTRACT, DESCRIPTOR, commit, git, release_all, rename_amount
from tests.small_mesh import ORDERS, PAIR, SmallMesh

NEW = f"{ORDERS}/orders_v2.odcs.yaml"
MODEL, NEW_MODEL = f"{ORDERS}/orders.sql", f"{ORDERS}/orders_v2.sql"
KEEP = ("product", "bump", "shop/orders", "--keep")


def _files(mesh: SmallMesh) -> dict[str, str]:
    """Everything below the domains."""
    found = (path for path in mesh.path("domains").rglob("*") if path.is_file())
    return {path.relative_to(mesh.root).as_posix(): path.read_text("utf-8") for path in found}


def test_both_majors_are_offered_and_nobody_breaks(look: Run, shop: SmallMesh) -> None:
    commit(shop.root)
    before = _files(shop)
    rename_amount(shop)
    told = look("plan", "shop")
    assert "keep version 1.0.0 beside 2.0.0 for those who stay: `mesh product bump shop/orders" in (
        told.out
    )
    shop.edit(f"{ORDERS}/stg_orders.sql", "as total", "as amount")
    shop.write(MODEL, "select * rename (amount as total) from {{ ref('stg_orders') }}\n")
    changed = shop.read(MODEL)
    said = look(*KEEP, "--output", "json")
    head = git(shop.root, "rev-parse", "HEAD").strip()
    assert (said.code, said.json) == (
        0,
        {
            "product": "shop/orders",
            "compared_with": "release 1",
            "version": "1.1.0",
            "ports": {"shop/orders": "2.0.0"},
            "written": [CONTRACT, MODEL, NEW, NEW_MODEL, DESCRIPTOR, f"{ORDERS}/ports.yml"],
            "new_majors": ["shop/orders@2"],
            "kept": [
                {
                    "port": "shop/orders",
                    "version": "1.0.0",
                    "beside": "shop/orders@2",
                    "commit": head,
                    "reads_changed": [],
                }
            ],
        },
    )
    assert {file: shop.read(file) for file in (CONTRACT, MODEL)} == {
        file: before[file] for file in (CONTRACT, MODEL)
    }
    assert shop.read(NEW_MODEL) == changed
    assert "  - name: orders\n    physicalName: orders_v2\n" in shop.read(NEW)
    assert shop.read(DESCRIPTOR).count("  - name: orders\n") == 2
    assert look("plan").code == 0, look("plan").out
    again = look(*KEEP)
    assert (again.code, again.out) == (
        0, "shop/orders: the versions say enough already, and no port has a new major\n",
    )  # fmt: skip


def test_it_may_follow_a_bump_and_a_commit(look: Run, shop: SmallMesh) -> None:
    commit(shop.root)
    kept = shop.read(CONTRACT)
    rename_amount(shop)
    assert look("product", "bump", "shop/orders").code == 0
    commit(shop.root)
    said = look(*KEEP)
    assert said.code == 0, said.err
    assert shop.read(CONTRACT) == kept
    first = git(shop.root, "rev-parse", "--short=7", "HEAD~1").strip()
    assert f"`shop/orders` 1.0.0 stays beside `shop/orders@2`, as commit {first} has it" in (
        " ".join(said.out.split())
    )


def test_what_the_old_model_reads_and_has_changed_is_told(look: Run, shop: SmallMesh) -> None:
    commit(shop.root)
    rename_amount(shop)
    said = look(*KEEP)
    assert (
        f"Its model reads {ORDERS}/stg_orders.sql, changed since then:"
        " see that it still returns what 1.0.0 promised." in " ".join(said.out.split())
    )


def test_a_commit_may_say_what_was_promised(look: Run, mesh: SmallMesh) -> None:
    commit(mesh.root)
    rename_amount(mesh)
    told = look("plan", "shop", "--against", "main").out
    assert "`mesh product bump shop/orders --against main --keep`" in told
    assert look(*KEEP).out.startswith("shop/orders: nothing of it is released")
    assert look(*KEEP, "--against", "main").code == 0
    assert "version: 1.0.0\n" in mesh.read(CONTRACT)
    assert "version: 2.0.0\n" in mesh.read(NEW)


def test_the_way_names_the_environment_that_is_compared_with(look: Run, mesh: SmallMesh) -> None:
    release_all(mesh, "prod")
    commit(mesh.root)
    rename_amount(mesh)
    told = look("plan", "shop", "--env", "prod").out
    assert "`mesh product bump shop/orders --env prod --keep`" in told
    said = look("product", "bump", "shop/orders", "--keep")
    assert (said.code, said.out) == (
        0, "shop/orders: nothing of it is released, so that it may change freely\n",
    )  # fmt: skip
    assert look("product", "bump", "shop/orders", "--env", "prod", "--keep").code == 0


def test_other_files_go_on_with_the_new_major(look: Run, shop: SmallMesh) -> None:
    tests = f"{ORDERS}/tests.yml"
    shop.write(
        tests,
        "unit_tests:\n  - name: all\n    model: orders\n    given:\n"
        "      - input: ref('stg_orders')\n        rows: []\n    expect: {rows: []}\n",
    )
    shop.write(f"{ORDERS}/late.sql", 'select * from {{ ref("orders") }}, {{ ref("orders_old") }}\n')
    suite = {"name": "s", "expectations": [{"type": "expect_table_row_count_to_be_between"}]}
    shop.write(f"{ORDERS}/expectations.json", json.dumps(suite))
    release_all(shop)
    commit(shop.root)
    rename_amount(shop)
    shop.write(f"{ORDERS}/expectations.json", json.dumps(suite | {"name": "t"}))
    assert look(*KEEP).code == 0
    assert "    model: orders_v2\n" in shop.read(tests)
    assert shop.read(f"{ORDERS}/late.sql") == (
        'select * from {{ ref("orders_v2") }}, {{ ref("orders_old") }}\n'
    )
    assert json.loads(shop.read(f"{ORDERS}/expectations_orders.json"))["name"] == "s"
    assert json.loads(shop.read(f"{ORDERS}/expectations_orders_v2.json"))["name"] == "t"
    assert not shop.path(f"{ORDERS}/expectations.json").exists()


def test_of_several_ports_each_that_breaks_is_kept(look: Run, twins: SmallMesh) -> None:
    release_all(twins)
    commit(twins.root)
    for port in ("left", "right"):
        twins.edit(f"{PAIR}/{port}.odcs.yaml", "required: true", "required: false")
    said = look("product", "bump", "twins/pair", "--keep", "--output", "json")
    assert said.code == 0, said.err
    assert [kept["beside"] for kept in said.json["kept"]] == [
        "twins/pair/left@2", "twins/pair/right@2",
    ]  # fmt: skip
    offered = parse_document(twins.read(f"{PAIR}/product.odps.yaml"), "it").data["outputPorts"]
    assert [(entry["name"], entry["version"]) for entry in offered] == [
        ("left", "1.0.0"), ("left", "2.0.0"), ("right", "1.0.0"), ("right", "2.0.0"),
    ]  # fmt: skip
    planned = look("plan")
    assert planned.code == 0, planned.out


def test_without_the_model_of_then_nothing_is_written(look: Run, shop: SmallMesh) -> None:
    rename_amount(shop)
    before = _files(shop)
    said = look(*KEEP)
    assert (said.code, said.out) == (2, "")
    assert "is not in a git repository" in said.err
    assert said.err.splitlines()[-1] == (
        "  try: leave `--keep` out, or put the mesh under git: the old files come from there"
    )
    commit(shop.root)
    said = look(*KEEP)
    assert (said.code, said.out) == (2, "")
    assert said.err == (
        f"no commit has {CONTRACT} as shop/orders 1.0.0 promised it:"
        " the model of then cannot be found\n"
        "  try: `--against REF` names a commit that has it; else put it back by hand, and the entry"
        " of the old version into `outputPorts`\n"
    )
    assert _files(shop) == before


@pytest.mark.parametrize("file", [NEW, NEW_MODEL])
def test_a_name_that_is_taken_stops_it_before_anything_is_written(
    look: Run, shop: SmallMesh, file: str
) -> None:
    commit(shop.root)
    rename_amount(shop)
    shop.write(file, shop.read(CONTRACT) if file == NEW else "select 1 as one\n")
    before = _files(shop)
    said = look(*KEEP)
    assert (said.code, said.out) == (2, "")
    assert said.err == (
        "the file is there already, and would be written\n"
        f"  at: {file}\n"
        "  try: move it away, or keep the old version by hand\n"
    )
    assert _files(shop) == before


@pytest.mark.slow
def test_a_build_releases_both(mesh_command: Run, mesh: SmallMesh) -> None:
    assert mesh_command("build").code == 0
    commit(mesh.root)
    mesh.edit(CONTRACT, "- name: amount", "- name: total")
    mesh.write(MODEL, "select * rename (amount as total) from {{ ref('stg_orders') }}\n")
    assert mesh_command(*KEEP).code == 0
    built = mesh_command("build")
    assert built.code == 0, built.err
    for port, column in (("@1", "amount"), ("@2", "total")):
        said = mesh_command("read", f"shop/orders{port}", "--format", "csv")
        assert column in said.out.splitlines()[0]
