"""Words, signs and files that many commands answer with."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer
from rich.text import Text

from mesh_platform.checks.spec import CheckResult, Outcome
from mesh_platform.cli.build_text import BuildReport, report_text
from mesh_platform.cli.output import leave, put, sign, size
from mesh_platform.cli.verify import _sample
from mesh_platform.environments.workspace import Workspace
from mesh_platform.errors import MeshError, several
from mesh_platform.release.outcome import ProductOutcome, Verdict
from tests.small_mesh import SmallMesh


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1000, "1.0 kB"),
        (3_950_000, "4.0 MB"),
        (10**12, "1.0 TB"),
        (10**16, "10000.0 TB"),
    ],
)
def test_a_size_is_told_in_the_unit_that_fits(count: int, words: str) -> None:
    assert size(count) == words


def test_one_of_something_is_not_several() -> None:
    assert [several(n, "release") for n in (0, 1, 2)] == ["0 releases", "1 release", "2 releases"]
    assert [several(n, "policy", "policies") for n in (1, 2)] == ["1 policy", "2 policies"]


def test_an_outcome_has_a_sign_beside_its_colour() -> None:
    assert [sign("could_not_run"), sign("warned", 6)] == [
        Text("?", "magenta"),
        Text("! 6", "yellow"),
    ]


@pytest.mark.parametrize(("outcome", "code"), [("failed", 1), ("could_not_run", 2)])
def test_what_was_found_is_the_exit_code(outcome: str, code: int) -> None:
    leave("passed")
    with pytest.raises(typer.Exit) as left:
        leave(outcome)
    assert left.value.exit_code == code


def test_an_answer_goes_to_the_file_that_was_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put("all of it\n", None, "3 results")
    put("all of it\n", tmp_path / "a.txt", "3 results")
    printed = capsys.readouterr()
    assert (printed.out, (tmp_path / "a.txt").read_text()) == ("all of it\n", "all of it\n")
    assert printed.err.replace("\n", "") == f"3 results written to {tmp_path / 'a.txt'}"
    with pytest.raises(MeshError, match="cannot be written: Is a directory"):
        put("all of it\n", tmp_path, "3 results")


def test_null_is_shown_in_one_way_in_a_table_of_broken_rows() -> None:
    result = CheckResult(
        "a_b", "sql", Outcome.FAILED, "error", 1, "0", "broken", sample=({"a": None, "b": 0},)
    )
    shown = [list(column.cells) for column in _sample(result).columns]
    assert [[str(each) for each in cells] for cells in shown] == [[""], ["0"]]


def test_what_comes_next_names_the_product_that_was_released_last(mesh: SmallMesh) -> None:
    products = Workspace.open(mesh.root).mesh.products.values()
    verdicts = {"shop/orders": Verdict.RELEASED}
    outcomes = tuple(
        ProductOutcome(each, verdicts.get(str(each.name), Verdict.UP_TO_DATE), 0.0)
        for each in sorted(products, key=lambda each: str(each.name), reverse=True)
    )
    for made in (outcomes, outcomes[::-1]):
        shown = report_text(BuildReport(made), "dev")
        assert "mesh show shop/orders" in str(shown.renderables[-1])
