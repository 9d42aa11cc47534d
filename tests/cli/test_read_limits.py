"""`mesh read` gives every query a limit of time, and asks for columns that there are."""

from __future__ import annotations

from tests.cli.conftest import Run
from tests.small_mesh import SmallMesh

HANGS = "select regexp_matches(repeat('a', 3000000 + count(*)), '(a?){1000}b') from port"


def test_a_query_that_hangs_in_one_call_is_stopped(shop: SmallMesh, mesh_command: Run) -> None:
    said = mesh_command("read", "shop/orders", "--sql", HANGS, "--seconds", "1")
    assert (said.code, said.out) == (2, "")
    assert "the query took longer than 1 s" in said.err
    assert "--seconds" in said.err
    words = ("--sql", HANGS, "--seconds", "1", "-o", "out.csv")
    assert mesh_command("read", "shop/orders", *words).code == 2
    left = [
        path.name for path in shop.root.iterdir() if "out" in path.name or ".mesh-" in path.name
    ]
    assert left == []


def test_a_query_in_time_is_answered(shop: SmallMesh, look: Run) -> None:
    said = look("read", "shop/orders", "--sql", "select count(*) as n from port", "--format", "csv")
    assert (said.code, said.out.split()) == (0, ["n", "1"])


def test_a_column_that_there_is_not_is_told_before_anything_runs(
    shop: SmallMesh, look: Run
) -> None:
    """The released port of the fixture has one column."""
    said = look("read", "shop/orders", "--columns", "aa")
    assert (said.code, said.err) == (2, "no column is called `aa`\n  try: did you mean `a`?\n")
    assert look("read", "shop/orders", "--columns", " A ").code == 0
