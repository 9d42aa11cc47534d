"""`mesh env` and `mesh build --defer-to`, as a person uses them."""

from __future__ import annotations

import io
import os
import sqlite3
import sys
from pathlib import Path

import pytest

from mesh_platform.environments.lifecycle import defer
from mesh_platform.environments.workspace import Workspace
from tests.cli.conftest import Run
from tests.release.staging import release
from tests.small_mesh import ORDERS, REVENUE, SmallMesh

NAMES = ("shop/orders", "report/revenue")


class _Terminal(io.StringIO):
    """Standard input with a person at it."""

    def isatty(self) -> bool:
        return True


def _at(mesh: SmallMesh, environment: str) -> Workspace:
    return Workspace.open(mesh.root, environment)


@pytest.fixture
def trial(mesh: SmallMesh) -> SmallMesh:
    """Everything is released in prod; alice defers to it, and has changed revenue."""
    for name in NAMES:
        release(_at(mesh, "prod"), name)
    defer(_at(mesh, "alice"), "prod")
    mesh.edit(f"{REVENUE}/revenue.sql", "select status", "select  status")
    release(_at(mesh, "alice"), "report/revenue")
    return mesh


@pytest.mark.parametrize("command", ["list", "drop", "promote"])
def test_every_command_explains_itself_with_an_example(look: Run, command: str) -> None:
    said = look("env", command, "--help")
    assert said.code == 0
    assert f"Example: mesh env {command}" in " ".join(said.out.split())
    for option in ("--output", "--env", "-C", "--debug"):
        assert option in said.out


def test_an_unknown_environment_is_suggested_and_not_made(look: Run, trial: SmallMesh) -> None:
    words = (
        "no environment is called `alcie`\n"
        "  try: `mesh build --env alcie` makes it; did you mean `alice`?\n"
    )
    back = ("rollback", "shop/orders", "--to", "1")
    for command in (("list",), ("read", "shop/orders"), back, ("doctor",)):
        said = look(*command, "--env", "alcie")
        assert (said.code, said.out, said.err) == (2, "", words)
    wrong = look("build", "--env", "new", "--defer-to", "pord")
    assert (wrong.code, wrong.err) == (
        2,
        "no environment is called `pord`\n"
        "  try: `mesh build --env pord` makes it; did you mean `prod`?\n",
    )
    for wrong in (
        look("env", "drop", "pord", "--yes"),
        look("env", "promote", "report/revenue", "--from", "alice", "--to", "pord"),
    ):
        assert (wrong.code, wrong.err) == (
            2, "no environment is called `pord`\n  try: did you mean `prod`?\n",
        )  # fmt: skip
    assert sorted(p.name for p in trial.path(".mesh").iterdir() if p.is_dir()) == ["alice", "prod"]


def test_the_way_out_of_an_error_stays_in_the_environment(look: Run, trial: SmallMesh) -> None:
    with sqlite3.connect(trial.path(".mesh/alice/registry.db")) as registry:
        registry.execute("delete from port_file")
    wrong = look("read", "report/revenue", "--env", "alice")
    assert wrong.code == 2
    assert wrong.err.splitlines()[-1] == "  try: mesh doctor --env alice --rebuild-registry"


def test_deferring_to_itself_or_in_a_circle_is_refused(look: Run, trial: SmallMesh) -> None:
    said = look("build", "--env", "prod", "--defer-to", "prod")
    assert (said.code, said.err.splitlines()[0]) == (2, "`prod` cannot defer to itself")
    said = look("build", "--env", "prod", "--defer-to", "alice")
    assert said.err.splitlines()[0] == (
        "`prod` cannot defer to `alice`: prod → alice → prod is a circle"
    )
    said = look("build", "--env", "alice", "--defer-to", "prod", "--no-defer")
    assert (said.code, said.err.splitlines()[0]) == (
        2,
        "`--defer-to` and `--no-defer` contradict",
    )


def test_a_build_with_nothing_to_do_says_where_releases_are(look: Run, trial: SmallMesh) -> None:
    said = look("build", "--env", "alice", "--output", "json")
    assert said.code == 0
    assert said.err == "alice defers to prod: what is the same is read there\n"
    assert [
        (p["product"], p["outcome"], p["release"], p["environment"], p["reason"])
        for p in said.json["products"]
    ] == [
        ("shop/orders", "up_to_date", 1, "prod", "as in prod, release 1"),
        ("report/revenue", "up_to_date", 1, "alice", "up to date with release 1"),
    ]
    shown = look("build", "--env", "alice").out
    assert "0 released, 1 up to date, 1 as in prod, 0 failed" in shown
    assert shown.splitlines()[-1] == (
        "next: mesh show report/revenue --env alice"
        " · mesh read report/revenue --limit 5 --env alice · mesh up --env alice"
    )
    assert look("build", "--env", "bob", "--defer-to", "alice", "--output", "json").code == 0
    assert _at(trial, "bob").beyond is not None


def test_in_the_first_environment_nothing_has_to_be_said(look: Run, shop: SmallMesh) -> None:
    assert look("build").out.splitlines()[-1] == (
        "next: mesh show report/revenue · mesh read report/revenue --limit 5 · mesh up"
    )


def test_who_looks_is_told_where_a_release_is(look: Run, trial: SmallMesh) -> None:
    words = "shop/orders is not built in `alice`: this is release 1 of `prod`\n"
    read = look("read", "shop/orders", "--env", "alice", "--format", "csv")
    assert (read.out.replace("\r", ""), read.err) == ("a\n1\n", words)
    assert look("releases", "shop/orders", "--env", "alice").err == words
    assert look("verify", "shop/orders", "--env", "alice").err.startswith(words)
    assert look("diff", "shop/orders", "1", "1", "--env", "alice").err == words
    assert look("read", "report/revenue", "--env", "alice", "--format", "csv").err == ""

    listed = look("list", "--env", "alice", "--output", "json").json
    assert [(p["release"]["number"], p["release"]["environment"]) for p in listed] == [
        (1, "prod"),
        (1, "alice"),
    ]
    status = look("status", "--env", "alice", "--output", "json").json
    assert [p["release"]["environment"] for p in status] == ["prod", "alice"]
    assert [p["health"] for p in status] == ["healthy", "healthy"]
    shown = " ".join(look("show", "shop/orders", "--env", "alice").out.split())
    assert "read from `prod`: not built in `alice`" in shown
    inputs = look("releases", "report/revenue", "--env", "alice", "--output", "json").json
    assert inputs[0]["inputs"] == [{"port": "shop/orders", "release": 1, "environment": "prod"}]
    assert "shop/orders 1 of prod" in look("releases", "report/revenue", "--env", "alice").out


def test_environments_are_listed(look: Run, trial: SmallMesh) -> None:
    trial.write("mesh.yaml", "name: small\nguarded: [prod]\n")
    alice, prod = look("env", "list", "--output", "json").json
    last = _at(trial, "alice").registry.last_attempts()["report/revenue"].started_at
    assert alice == {
        "name": "alice",
        "bytes": alice["bytes"],
        "products": ["report/revenue"],
        "releases": 1,
        "defers_to": "prod",
        "guarded": False,
        "last_build": last.isoformat(),
        "problem": None,
    }
    assert (prod["name"], prod["releases"], prod["defers_to"]) == ("prod", 2, None)
    assert prod["guarded"] is True
    rows = {row.split()[0]: row.split() for row in look("env", "list").out.splitlines() if row}
    assert [rows["alice"][i] for i in (1, 2, 5)] == ["report/revenue", "1", "prod"]
    assert ("yes" in rows["alice"], "yes" in rows["prod"]) == (False, True)


def test_a_mesh_without_an_environment_says_how_to_make_one(look: Run) -> None:
    said = look("env", "list")
    assert said.out == "There is no environment yet: mesh build makes the first, `dev`.\n"


def test_a_drop_asks_first(look: Run, trial: SmallMesh, monkeypatch: pytest.MonkeyPatch) -> None:
    said = look("env", "drop", "alice")
    assert (said.code, said.err) == (
        2,
        "nothing was dropped: nobody is there to ask\n  try: say `--yes`\n",
    )
    assert _at(trial, "alice").begun
    with monkeypatch.context() as terminal:
        terminal.setattr(sys, "stdin", _Terminal("n\n"))
        said = look("env", "drop", "alice")
    assert (said.code, said.err.splitlines()[-1]) == (
        2,
        "drop? [y/N]: nothing was dropped",
    )
    assert said.err.startswith("alice: 1 release of 1 product, ")
    with monkeypatch.context() as terminal:
        terminal.setattr(sys, "stdin", _Terminal(""))
        said = look("env", "drop", "alice")
    assert (said.code, said.err.splitlines()[-1]) == (2, "nothing was dropped")
    assert _at(trial, "alice").begun
    done = look("env", "drop", "alice", "--yes", "--output", "json")
    assert (done.code, done.json["dropped"]) == (0, ["alice"])
    assert not _at(trial, "alice").home.exists()


def test_what_others_read_is_not_dropped(look: Run, trial: SmallMesh) -> None:
    said = look("env", "drop", "prod", "--yes")
    assert (said.code, said.err) == (
        2,
        "`prod` cannot be dropped: `alice` reads from it what was not built there\n"
        "  try: mesh env drop prod alice, or --force to leave them without it\n",
    )
    assert look("env", "drop", "prod", "--yes", "--force").code == 0
    lost = look("list", "--env", "alice")
    assert (lost.code, lost.err) == (
        2,
        "`alice` defers to `prod`, and there is no such environment\n"
        "  try: mesh build --env alice --defer-to OTHER, or --no-defer\n",
    )
    assert "report/revenue" in look("env", "list").out
    assert look("read", "report/revenue", "--env", "alice").code == 0


def test_a_promotion_goes_where_the_environment_defers_to(look: Run, trial: SmallMesh) -> None:
    said = look("env", "promote", "report/revenue", "--env", "alice", "--output", "json").json
    (port,) = said["products"][0].pop("ports")
    assert port["name"] == "revenue"
    assert said == {
        "outcome": "promoted",
        "products": [
            {
                "product": "report/revenue",
                "outcome": "promoted",
                "release": 2,
                "from": {"environment": "alice", "release": 1},
                "copied_bytes": 0,
                "warning": None,
            }
        ],
    }
    assert "current, from alice 1" in look("releases", "report/revenue", "--env", "prod").out
    again = look("env", "promote", "report/revenue", "--from", "alice", "--to", "prod")
    assert "was there" in again.out
    alone = look("env", "promote", "report/revenue", "--env", "prod")
    assert (alone.code, alone.err) == (
        2,
        "`prod` defers to no environment\n  try: say where to with `--to ENV`\n",
    )


@pytest.mark.slow
def test_the_life_of_an_environment(mesh_command: Run, mesh: SmallMesh) -> None:
    """Build beside prod, read, promote, drop: with real dbt and Dagster, and no trace after it."""
    assert mesh_command("build", "--env", "prod").code == 0
    assert mesh_command("build", "--env", "prod").code == 0
    first = mesh_command("build", "--env", "alice", "--defer-to", "prod", "--output", "json")
    assert [p["reason"] for p in first.json["products"]] == ["as in prod, release 1"] * 2

    mesh.edit(f"{ORDERS}/orders.sql", "select *", "select  *")
    built = mesh_command("build", "--env", "alice", "--output", "json")
    assert built.code == 0, built.err
    assert [(p["outcome"], p["environment"]) for p in built.json["products"]] == [
        ("released", "alice"),
        ("released", "alice"),
    ]
    assert mesh_command("verify", "report/revenue", "--env", "alice").code == 0
    refused = mesh_command("env", "promote", "report/revenue", "--env", "alice")
    assert (refused.code, "promote report/revenue shop/orders" in refused.err) == (2, True)
    done = mesh_command("env", "promote", *reversed(NAMES), "--from", "alice", "--to", "prod")
    assert done.code == 0, done.err
    again = mesh_command("build", "--env", "prod", "--output", "json").json
    assert [(p["outcome"], p["release"]) for p in again["products"]] == [("up_to_date", 2)] * 2
    assert mesh_command("verify", "report/revenue", "--env", "prod").code == 0
    _assert_shared(mesh)

    kept = _tree(mesh.path(".mesh/prod"))
    outside = {name for name in _tree(mesh.root) if not name.startswith(".mesh/")}
    assert mesh_command("env", "drop", "alice", "--yes").code == 0
    assert _tree(mesh.path(".mesh/prod")) == kept
    assert {name for name in _tree(mesh.root) if not name.startswith(".mesh/")} == outside
    # `dev` is where dbt has read the mesh before the test began
    assert sorted(os.listdir(mesh.path(".mesh"))) == [
        "dbt-packages",
        "dev",
        "environments.lock",
        "prod",
    ]
    assert mesh_command("read", "report/revenue", "--env", "prod").code == 0


def _assert_shared(mesh: SmallMesh) -> None:
    """Each file of alice's lake is one of prod's, by another name."""
    lakes = [mesh.path(f".mesh/{name}/lake").rglob("*.parquet") for name in ("alice", "prod")]
    alice, prod = ({path.stat().st_ino for path in lake} for lake in lakes)
    assert len(alice) == 2
    assert alice < prod


def _tree(root: Path) -> set[str]:
    return {path.relative_to(root).as_posix() for path in root.rglob("*")}
