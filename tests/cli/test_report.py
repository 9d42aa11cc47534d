"""One list of findings in the forms that people and tools read; nothing breaks out of a form."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest
from pydantic import ValidationError
from sarif_pydantic import Sarif

from mesh_platform.cli.forms.annotations import github
from mesh_platform.cli.forms.report import Report, text
from mesh_platform.cli.forms.report_markdown import markdown
from mesh_platform.cli.forms.sarif import sarif
from mesh_platform.cli.output import EXIT_CODES
from mesh_platform.errors import Place
from mesh_platform.model.findings import Finding
from tests.cli.conftest import Run
from tests.markdown import OURS, Page
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
    asks="A column is described.",
)
WHY_SMALL = "consumers go by the number: they would take the change for less than it is."
SMALL = Finding("version.too-small", "too small", Place("f.yaml", 5), "bump it", "sales/orders")
UNUSED = Finding("lineage.unused-input", "nobody reads it", Place("f.yaml", 7), severity="warning")
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
    assert (made.outcome, EXIT_CODES[made.outcome]) == (outcome, code)


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
        "  blocking: yes, and cannot be waived",
        "  blocking: no, a warning",
        "  blocking: no, for information",
        "  blocking: yes, it could not run",
    ]


def test_why_is_told_once_for_each_code_and_the_platforms_only_where_it_blocks() -> None:
    gentle = replace(SMALL, severity="warning")
    assert text(report(gentle, SMALL, SMALL, UNUSED)).split("\n\n")[:4] == [
        "sales/orders: too small\n  at: f.yaml:5  [version.too-small]\n"
        "  blocking: no, a warning\n  try: bump it",
        "sales/orders: too small\n  at: f.yaml:5  [version.too-small]\n"
        f"  why: {WHY_SMALL}\n"
        "  blocking: yes, and cannot be waived\n  try: bump it",
        "sales/orders: too small\n  at: f.yaml:5  [version.too-small]\n"
        "  blocking: yes, and cannot be waived\n  try: bump it",
        "nobody reads it\n  at: f.yaml:7  [lineage.unused-input]\n  blocking: no, a warning",
    ]
    softer = replace(VIOLATION, severity="warning", standing="not yet")
    assert "  why: names are no explanation" in text(report(softer))


def test_a_finding_of_the_platform_tells_programs_why_and_that_nobody_can_waive_it() -> None:
    small, unused = report(SMALL, UNUSED).json["findings"]
    assert (small["why"], small["standing"], small["waiver"]) == (
        WHY_SMALL,
        "yes, and cannot be waived",
        None,
    )
    assert unused["why"] == (
        "its provider asks and waits for a team that a change does not concern."
    )
    assert unused["standing"] == "no, a warning"


def test_github_annotations_are_escaped() -> None:
    assert github(report(VIOLATION, WARNING, DRAFT)).splitlines() == [
        "::notice title=mesh check::1 finding blocks. 1 blocking, 1 warning, 1 for information. "
        "3 policies: 9 passed",
        "::error file=domains/a b/x.yaml,line=3,col=9,title=column.described::"
        "sales/orders: nobody says: what, 100 %25%0Awhy: names are no explanation%0Ablocking: yes"
        "%0Atry: write one%0Awaiver: add to f.yaml%0A- {policy: column.described}",
        "::warning file=f.yaml,title=a.b::a | b <script> `x|y`%0Ablocking: no, a warning",
        "::notice file=f.yaml,line=1,title=a.c::for information%0Ablocking: no, for information",
    ]


def test_github_properties_cannot_be_broken_out_of() -> None:
    sly = Finding("a.b", "x\n::error::y", Place("a,line=9:b.yaml", 1))
    second = github(report(sly)).splitlines()[1]
    assert second == (
        "::error file=a%2Cline=9%3Ab.yaml,line=1,title=a.b::x%0A::error::y"
        "%0Ablocking: yes, and cannot be waived"
    )


def test_github_is_told_first_what_matters_more_because_it_shows_ten_of_a_level() -> None:
    broken = Finding("column.removed", "major", Place("f.yaml"), severity="warning")
    made = replace(report(*[WARNING] * 10, DRAFT, VIOLATION, LOST), breaks=(broken,))
    first, *lines = github(made).splitlines()
    titles = [line.split("title=")[1].split("::")[0] for line in lines]
    assert titles == [
        "column.described",
        "policy.cannot-run",
        "column.removed",
        *["a.b"] * 10,
        "a.c",
    ]
    assert first.endswith(" GitHub shows 10 of 11 warnings; the log of the step has all.")


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


def test_sarif_rules_say_what_must_hold_why_and_the_way_out_in_general() -> None:
    (run,) = json.loads(sarif(report(VIOLATION, SMALL)))["runs"]
    assert run["tool"]["driver"]["rules"] == [
        {
            "id": "column.described",
            "shortDescription": {"text": "A column is described."},
            "fullDescription": {"text": "names are no explanation"},
            "help": {
                "text": "`mesh policy list column.described` says what it asks, why, and how it"
                " is set. A waiver excuses from it until a day; each finding says where to ask"
                " for one."
            },
        },
        {
            "id": "version.too-small",
            "shortDescription": {"text": "A version says at least what changed."},
            "fullDescription": {"text": WHY_SMALL},
            "help": {
                "text": "`mesh product bump` writes the versions that `mesh plan` asks for."
                " A finding of the platform itself cannot be waived."
            },
        },
    ]


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


def test_markdown_says_the_verdict_what_blocks_and_folds_the_rest() -> None:
    said = markdown(report(WARNING, VIOLATION, LOST, DRAFT))
    lines = said.splitlines()
    assert lines[0] == (
        "### ❔ `mesh check`: 1 could not run: nobody knows what it would have found;"
        " 1 finding blocks"
    )
    assert lines[2] == (
        "1 could not run, 1 blocking, 1 warning, 1 for information. 3 policies: 9 passed"
    )
    page = Page(said)
    assert page.tags <= OURS
    assert page.summaries == [
        "How to ask for a waiver",
        "1 warning",
        "1 finding for information",
    ]
    assert [[line for line in item.split("\n") if line] for item in page.items] == [
        [
            "🔴 sales/orders: nobody says: what, 100 %",
            "domains/a b/x.yaml:3 · column.described · blocking: yes",
            "Why: names are no explanation",
            "Fix: write one",
            "How to ask for a waiver",
            "add to f.yaml",
            "- {policy: column.described}",
        ],
        [
            "❔ it crashed",
            "p.py:2 · policy.cannot-run · blocking: yes, it could not run",
            "Why: what a policy could not judge is never passed.",
        ],
        ["🟡 a | b <script> x|y", "f.yaml:1 · a.b · blocking: no, a warning"],
        ["⚪ for information", "f.yaml:1 · a.c · blocking: no, for information"],
    ]


def test_markdown_tells_the_why_with_what_blocks() -> None:
    milder = replace(VIOLATION, severity="warning", product="sales/bills")
    first, second = Page(markdown(report(milder, VIOLATION))).items
    assert "Why: names are no explanation" in first
    assert "Why" not in second


def test_markdown_says_that_nothing_was_found() -> None:
    assert markdown(replace(report(), note="")) == (
        "### 🟢 `mesh check`: nothing blocks\n\nno finding in 2 products"
    )


@pytest.mark.parametrize(
    ("fix", "lines"),
    [
        ("write one", ["  **Fix:** write one"]),
        ("mesh sync shop", ["  **Fix:** `mesh sync shop`"]),
        (
            "mesh product bump a/b\n2.0.0 is a port of its own then",
            [
                "  **Fix:**",
                "",
                "  - `mesh product bump a/b`",
                "  - 2.0.0 is a port of its own then",
            ],
        ),
        (
            "one of these; ask Ann\n- keep it\n- it moves: `version: 2.0.0`",
            [
                "  **Fix:** one of these; ask Ann",
                "",
                "  - keep it",
                "  - it moves: `version: 2.0.0`",
            ],
        ),
        ("- keep it\n- leave it", ["  **Fix:**", "", "  - keep it", "  - leave it"]),
    ],
)
def test_each_line_of_a_fix_is_told_apart_and_a_command_is_code(fix: str, lines: list[str]) -> None:
    said = markdown(report(replace(WARNING, severity="error", fix=fix))).splitlines()
    assert said[-len(lines) :] == lines


def test_markdown_fits_into_a_comment_and_says_what_is_left_out() -> None:
    long = replace(VIOLATION, message="x " * 300, fix="\n".join(["- " + "y " * 300] * 40))
    said = markdown(report(*[long] * 100, *[WARNING] * 500, *[DRAFT] * 500))
    page = Page(said)
    assert len(said) < 65_536
    assert len(re.findall(r"… and \d+ more: mesh check shows all of them", page.whole)) == 3


def test_check_writes_each_form_with_the_same_exit_code(look: Run, mesh: SmallMesh) -> None:
    look("sync")
    mesh.write("policies/names.py", NO_CUSTOMER)
    line = mesh.line(f"{ORDERS}/orders.odcs.yaml", "- name: customer")
    said = {form: look("check", "--format", form) for form in ("github", "sarif", "markdown")}
    assert [each.code for each in said.values()] == [1, 1, 1]
    assert f"\n::error file={ORDERS}/orders.odcs.yaml,line={line}," in said["github"].out
    assert json.loads(said["sarif"].out)["runs"][0]["results"][0]["ruleId"] == "shop.no-customer"
    assert said["markdown"].out.startswith("### 🔴 `mesh check`: 1 finding blocks\n")


def test_two_forms_at_once_are_refused(look: Run) -> None:
    said = look("check", "--format", "sarif", "--output", "json")
    assert (said.code, said.out) == (2, "")
    assert "`--output json` is a form of its own" in said.err


def test_text_begins_no_line_of_its_own_and_moves_no_cursor() -> None:
    sly = Finding("a.b", "x\n::error::y\x1b[2J", Place("a.yaml", 1))
    assert str(sly).splitlines()[:2] == ["x", "  | ::error::y\\x1b[2J"]
