"""A suite in Python becomes JSON, apart from this process; errors are told with their line.

All but the first three import Great Expectations, the fourth in a process apart: they are slow.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mesh_platform.checks.spec import Outcome
from mesh_platform.checks.suites import read_suite
from mesh_platform.engines.duckdb.session import open_session
from mesh_platform.engines.great_expectations.python_suites import _answer
from mesh_platform.engines.great_expectations.runner import compile_suite, run_expectations
from mesh_platform.errors import MeshError
from mesh_platform.model.contract import Severity

SHOWN = "domains/shop/products/orders/expectations.py"
SUITE = '''
import great_expectations as gx
import great_expectations.expectations as gxe

class ExpectEven(gxe.UnexpectedRowsExpectation):
    """No odd number."""
    unexpected_rows_query: str = "select * from {batch} where id % 2 <> 0"
    description: str = "Numbers are even."
    severity: str = "warning"

class ExpectKnown(gxe.ExpectColumnValuesToBeInSet):
    column: str = "status"
    value_set: list = ["new"]

def suite():
    print("a word that is not part of the suite")
    found = gx.ExpectationSuite(name="orders")
    found.add_expectation(gxe.ExpectColumnValuesToNotBeNull(column="id", notes="Always there."))
    found.add_expectation(
        gxe.ExpectColumnValuesToBeInSet(
            column="status", value_set={"new", "paid", "sent", "lost"}, severity="warning"
        )
    )
    found.add_expectation(ExpectEven())
    found.add_expectation(ExpectKnown())
    return found
'''


def _file(folder: Path, text: str) -> Path:
    path = folder / "orders" / "expectations.py"
    path.parent.mkdir()
    path.write_text(text, encoding="utf-8")
    return path


def _error(path: Path, seconds: float = 60.0) -> MeshError:
    with pytest.raises(MeshError) as caught:
        compile_suite(path, SHOWN, seconds)
    return caught.value


def test_a_file_that_raises_is_told_with_its_line(tmp_path: Path) -> None:
    text = "def helper():\n    raise ValueError('no such\\nthing')\n\nhelper()\n"
    error = _error(_file(tmp_path, text))
    assert error.message == "`expectations.py`: ValueError: no such"
    assert str(error.place) == f"{SHOWN}:2"


def test_a_file_that_is_not_python_or_leaves_is_told(tmp_path: Path) -> None:
    path = _file(tmp_path, "x = 1\ndef suite(:\n")
    assert str(_error(path).place) == f"{SHOWN}:2"
    assert _error(path).message.startswith("`expectations.py`: SyntaxError: invalid syntax")
    path.write_text("import sys\nsys.exit(3)\n", encoding="utf-8")
    assert _error(path).message == "`expectations.py`: SystemExit: 3"
    path.write_text("import os\nos._exit(3)\n", encoding="utf-8")
    assert _error(path).message == "`expectations.py` ended the process that ran it: exit code 3"
    path.write_text("def suit():\n    return []\n", encoding="utf-8")
    assert _error(path).message == "`expectations.py` has no function `suite`"
    assert _error(path).fix == (
        "define `def suite():` that returns a `gx.ExpectationSuite` or a list of expectations"
    )


def test_a_file_that_does_not_end_is_stopped(tmp_path: Path) -> None:
    error = _error(_file(tmp_path, "while True:\n    pass\n"), seconds=1.5)
    assert error.message == "`expectations.py` did not end within 1.5 seconds"
    assert error.fix == "a suite only lists expectations: read no data in it"


@pytest.mark.slow
def test_a_suite_in_python_is_the_same_text_each_time_and_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    path = _file(tmp_path, SUITE)
    text = compile_suite(path, SHOWN)
    assert text == compile_suite(path)
    assert [found.name for found in path.parent.iterdir()] == ["expectations.py"]
    assert json.loads(text)["name"] == "orders"
    first, second, own, known = read_suite(text, SHOWN)
    assert (first.name, first.severity, first.description) == (
        "id_not_null",
        Severity.ERROR,
        "Always there.",
    )
    assert (second.name, second.severity) == ("status_in_set", Severity.WARNING)
    assert sorted(second.kwargs["value_set"]) == ["lost", "new", "paid", "sent"]
    assert (own.type, own.description) == ("expect_even", "Numbers are even.")
    assert (own.severity, known.severity) == (Severity.WARNING, Severity.ERROR)
    assert (known.name, known.columns) == ("status_known", ("status",))
    session = open_session()
    session.execute("create view port as select * from (values (2, 'new'), (3, 'x')) t(id, status)")
    answers = run_expectations(session, (first, second, own, known), path)
    assert [(answer.outcome, answer.observed) for answer in answers] == [
        (Outcome.PASSED, 0.0),
        (Outcome.FAILED, 1.0),
        (Outcome.FAILED, 1.0),
        (Outcome.FAILED, 1.0),
    ]
    assert answers[-1].sample == ({"status": "x"},)


@pytest.mark.slow
def test_a_list_of_expectations_is_a_suite_called_after_its_product(tmp_path: Path) -> None:
    text = (
        "def suite():\n"
        "    import great_expectations.expectations as gxe\n"
        "    return [gxe.ExpectTableRowCountToEqual(value=1)]\n"
    )
    found = json.loads(_answer(_file(tmp_path, text))["suite"])
    assert (found["name"], len(found["expectations"])) == ("orders", 1)


@pytest.mark.slow
def test_a_suite_of_another_kind_or_with_wrong_arguments_is_an_error(tmp_path: Path) -> None:
    path = _file(tmp_path, "def suite():\n    return {'expectations': []}\n")
    assert _answer(path)["error"] == "`suite()` returns a dict"
    text = (
        "import great_expectations.expectations as gxe\n\n"
        "def suite():\n    return [gxe.ExpectColumnToExist(colum='id')]\n"
    )
    path.write_text(text, encoding="utf-8")
    answer = _answer(path)
    assert answer["line"] == 4
    assert answer["error"] == (
        "`expectations.py`: `column`: field required; `colum`: extra fields not permitted"
    )
