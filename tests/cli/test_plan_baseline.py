"""With what `mesh plan` compares, and what it says where there is nothing to compare with."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from mesh_platform.environments.lifecycle import defer
from mesh_platform.environments.workspace import Workspace
from tests.cli.conftest import Run
from tests.planned import CONTRACT, RENAMED, REVENUE_CONTRACT, commit, git, release_all
from tests.small_mesh import REVENUE, SmallMesh


def test_a_ref_is_named_as_typed(look: Run, shop: SmallMesh) -> None:
    commit(shop.root)
    git(shop.root, "checkout", "-b", "feature/a/b")
    git(shop.root, "checkout", "--detach")
    shop.edit(CONTRACT, "Every order of the shop.", "All orders.")
    said = look("plan", "--against", "feature/a/b")
    assert said.code == 1
    assert said.out.startswith("compared with feature/a/b\n\nshop/orders  against feature/a/b\n")


@pytest.mark.parametrize(
    ("ref", "words"),
    [
        ("mian", "git knows no `mian`\n  try: did you mean `main`?\n"),
        ("", "git knows no ``\n  try: known: `main`\n"),
        ("HEAD~1", "git knows no `HEAD~1`\n  try: known: `main`\n"),
    ],
)
def test_an_unknown_ref_is_exit_code_2(look: Run, shop: SmallMesh, ref: str, words: str) -> None:
    commit(shop.root)
    for command in (("plan",), ("product", "bump", "shop/orders")):
        said = look(*command, "--against", ref)
        assert (said.code, said.out, said.err) == (2, "", words)


def test_a_mesh_outside_git_is_exit_code_2(look: Run, shop: SmallMesh) -> None:
    said = look("plan", "--against", "main")
    assert (said.code, said.out) == (2, "")
    assert said.err == (
        f"{shop.root} is not in a git repository\n"
        "  try: leave `--against` out to compare with the last release\n"
    )


def test_a_contract_of_then_that_cannot_be_read_leaves_the_rest_of_the_plan(
    look: Run, shop: SmallMesh
) -> None:
    good = shop.read(CONTRACT)
    shop.edit(CONTRACT, "properties:", "propertes:")
    commit(shop.root)
    shop.write(CONTRACT, good)
    shop.edit(REVENUE_CONTRACT, "description: ", "description: All ")
    said = look("plan", "--against", "main", "--output", "json")
    assert (said.code, said.json["unread"]) == (2, ["shop/orders"])
    found = {item["code"]: item for item in said.json["findings"]}
    assert found["plan.not-compared"]["message"] == (
        "cannot be compared with main:"
        " `propertes` is not a key of the contract standard (ODCS) here"
    )
    assert found["plan.not-compared"]["file"] == f"main:{CONTRACT}"
    assert "compare with a commit in which" in found["plan.not-compared"]["fix"]
    assert [change["product"] for change in said.json["changes"]] == ["report/revenue"]


def test_a_product_that_is_gone_may_be_named(look: Run, shop: SmallMesh) -> None:
    shutil.rmtree(shop.path(REVENUE))
    said = look("plan", "report/revenue")
    assert (said.code, said.err) == (0, "")
    assert "  major the port `report/revenue` is gone\n" in said.out
    said = look("plan", "report/revenu")
    assert (said.code, said.err.splitlines()[0]) == (
        2,
        "no domain or product is called `report/revenu`",
    )


def test_an_unknown_environment_is_not_an_empty_one(look: Run, shop: SmallMesh) -> None:
    release_all(shop, "prod")
    for command in (("plan",), ("product", "bump", "shop/orders")):
        said = look(*command, "--env", "prd")
        assert (said.code, said.out, said.err) == (
            2,
            "",
            "no environment is called `prd`\n"
            "  try: `mesh build --env prd` makes it; did you mean `prod`?\n",
        )
    assert not shop.path(".mesh/prd").exists()


def test_an_environment_that_defers_says_what_it_compares_with(look: Run, mesh: SmallMesh) -> None:
    release_all(mesh, "prod")
    defer(Workspace.open(mesh.root, "alice"), "prod")
    said = look("plan", "--env", "alice").out
    assert said.startswith("compared with the current releases of prod\n\nno promise changes\n")


def test_a_plan_writes_nothing_into_the_mesh(look: Run, shop: SmallMesh) -> None:
    def files() -> dict[Path, bytes]:
        found = (path for path in shop.root.rglob("*") if path.is_file())
        return {p: p.read_bytes() for p in found if "registry.db" not in p.name}

    shop.edit(CONTRACT, *RENAMED)
    before = files()
    look("plan")
    assert files() == before
