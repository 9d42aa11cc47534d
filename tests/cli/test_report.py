"""One list of findings in the forms that people and tools read; nothing breaks out of a form."""

from __future__ import annotations

import json

import pytest
from pydantic import ValidationError
from sarif_pydantic import Sarif

from mesh_platform.cli.report import Report, github, markdown, sarif, text
from mesh_platform.errors import Place
from mesh_platform.model.findings import Finding
from tests.cli.conftest import Run
from tests.policies import NO_CUSTOMER
from tests.small_mesh import ORDERS, SmallMesh

VIOLATION = Finding(
    "column.described",
    "nobody says: what, 100 %",
    Place("domains/a b/x.yaml", 3, 9),
    "write one",
    "sales/orders",
    "error",
    "names are no explanation",
    "yes",
    "add to f.yaml\n- {policy: column.described}",
)
WARNING = Finding("a.b", "a | b <script> `x|y`", Place("f.yaml"), severity="warning")
DRAFT = Finding("a.c", "for information", Place("f.yaml", 1), severity="info")
LOST = Finding("policy.cannot-run", "it crashed", Place("p.py", 2), could_not_run=True)


def report(*findings: Finding) -> Report:
    return Report("mesh check", findings, "no finding in 2 products", "3 policies: 9 passed")


@pytest.mark.parametrize(
    ("findings", "outcome", "code"),
    [
        ((), "passed", 0),
        ((WARNING, DRAFT), "passed", 0),
        ((WARNING, VIOLATION), "failed", 1),
        ((VIOLATION, LOST), "could_not_run", 2),
    ],
)
def test_the_worst_finding_decides(findings: tuple[Finding, ...], outcome: str, code: int) -> None:
    made = report(*findings)
    assert (made.outcome, made.exit_code) == (outcome, code)


def test_text_says_that_nothing_was_found() -> None:
    assert text(report()) == "no finding in 2 products\n\n3 policies: 9 passed\nnothing blocks"
    assert text(Report("mesh check", (), "no finding", "")) == "no finding\n\nnothing blocks"


@pytest.mark.parametrize(
    ("findings", "verdict"),
    [
        ((WARNING, DRAFT), "nothing blocks"),
        ((WARNING, VIOLATION), "1 finding blocks"),
        ((VIOLATION, VIOLATION), "2 findings block"),
        ((LOST,), "1 could not run: nobody knows what it would have found"),
        (
            (LOST, VIOLATION),
            "1 could not run: nobody knows what it would have found; 1 finding blocks",
        ),
    ],
)
def test_the_last_line_of_the_text_is_the_verdict(
    findings: tuple[Finding, ...], verdict: str
) -> None:
    assert text(report(*findings)).splitlines()[-1] == verdict


def test_every_finding_says_without_colours_whether_it_blocks() -> None:
    plain = Finding("contract.key", "misspelt", Place("f.yaml"))
    said = text(report(VIOLATION, plain, WARNING, DRAFT, LOST)).splitlines()
    assert [line for line in said if line.startswith("  blocking: ")] == [
        "  blocking: yes",
        "  blocking: yes",
        "  blocking: no, a warning",
        "  blocking: no, for information",
        "  blocking: yes, it could not run",
    ]


def test_github_annotations_are_escaped() -> None:
    assert github(report(VIOLATION, WARNING, DRAFT)).splitlines() == [
        "::error file=domains/a b/x.yaml,line=3,col=9,title=column.described::"
        "sales/orders: nobody says: what, 100 %25%0Awhy: names are no explanation%0Ablocking: yes"
        "%0Atry: write one%0Awaiver: add to f.yaml%0A- {policy: column.described}",
        "::warning file=f.yaml,title=a.b::a | b <script> `x|y`",
        "::notice file=f.yaml,line=1,title=a.c::for information",
        "::notice title=mesh check::1 blocking, 1 warning(s), 1 for information. "
        "3 policies: 9 passed",
    ]


def test_github_properties_cannot_be_broken_out_of() -> None:
    sly = Finding("a.b", "x\n::error::y", Place("a,line=9:b.yaml", 1))
    first = github(report(sly)).splitlines()[0]
    assert first == "::error file=a%2Cline=9%3Ab.yaml,line=1,title=a.b::x%0A::error::y"


def test_sarif_has_rules_results_places_and_whether_all_could_run() -> None:
    log = json.loads(sarif(report(VIOLATION, WARNING, LOST)))
    (run,) = log["runs"]
    assert log["version"] == "2.1.0"
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == [
        "a.b",
        "column.described",
        "policy.cannot-run",
    ]
    first, second, _ = run["results"]
    assert (first["ruleId"], first["ruleIndex"], first["level"]) == ("column.described", 1, "error")
    assert first["locations"] == [
        {
            "physicalLocation": {
                "artifactLocation": {"uri": "domains/a%20b/x.yaml"},
                "region": {"startLine": 3, "startColumn": 9},
            }
        }
    ]
    assert first["message"]["text"].startswith("sales/orders: nobody says: what, 100 %\nwhy: ")
    assert "region" not in second["locations"][0]["physicalLocation"]
    assert run["invocations"] == [{"executionSuccessful": False}]


def test_sarif_is_read_by_a_reader_of_the_standard() -> None:
    """Its strictness is the reader's own: types, words of the standard, what must be there."""
    read = Sarif.model_validate_json(sarif(report(VIOLATION, WARNING, LOST)))
    results = read.runs[0].results
    assert results is not None
    assert [result.level for result in results] == ["error", "warning", "error"]
    broken = json.loads(sarif(report(VIOLATION)))
    broken["runs"][0]["results"][0]["level"] = "fatal"
    with pytest.raises(ValidationError):
        Sarif.model_validate(broken)


def test_sarif_can_name_a_file_that_is_no_utf8() -> None:
    sly = Finding("a.b", "x", Place("b\udcff.yaml", 1))
    (found,) = json.loads(sarif(report(sly)))["runs"][0]["results"]
    place = found["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "b%FF.yaml"}


def test_markdown_keeps_its_table_and_lets_no_html_through() -> None:
    lines = markdown(report(VIOLATION, WARNING, LOST)).splitlines()
    assert lines[0] == "### `mesh check`: could not run"
    assert lines[2] == "1 could not run, 1 blocking, 1 warning(s). 3 policies: 9 passed"
    rows = [line for line in lines if line.startswith("| ")][1:]
    assert rows == [
        "| 🔴 | **sales/orders** nobody says: what, 100 % <sub>`column.described`</sub> "
        "| domains/a b/x.yaml:3 | write one |",
        "| 🟡 | a \\| b &lt;script&gt; `x\\|y` <sub>`a.b`</sub> | f.yaml:1 |  |",
        "| ❔ | it crashed <sub>`policy.cannot-run`</sub> | p.py:2 |  |",
    ]
    assert "- {policy: column.described}" in lines


def test_check_writes_each_form_with_the_same_exit_code(look: Run, mesh: SmallMesh) -> None:
    look("sync")
    mesh.write("policies/names.py", NO_CUSTOMER)
    line = mesh.line(f"{ORDERS}/orders.odcs.yaml", "- name: customer")
    said = {form: look("check", "--format", form) for form in ("github", "sarif", "markdown")}
    assert [each.code for each in said.values()] == [1, 1, 1]
    assert said["github"].out.startswith(f"::error file={ORDERS}/orders.odcs.yaml,line={line},")
    assert json.loads(said["sarif"].out)["runs"][0]["results"][0]["ruleId"] == "shop.no-customer"
    assert said["markdown"].out.startswith("### `mesh check`: failed\n")


def test_two_forms_at_once_are_refused(look: Run) -> None:
    said = look("check", "--format", "sarif", "--output", "json")
    assert (said.code, said.out) == (2, "")
    assert "`--output json` is a form of its own" in said.err


def test_text_begins_no_line_of_its_own_and_moves_no_cursor() -> None:
    sly = Finding("a.b", "x\n::error::y\x1b[2J", Place("a.yaml", 1))
    assert str(sly).splitlines()[:2] == ["x", "  | ::error::y�[2J"]
