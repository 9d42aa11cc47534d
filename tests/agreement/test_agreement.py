from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.agreement.cases import all_cases
from tests.agreement.running import need_peer, our_verdict, their_verdicts, write_tables

_EXPECTED = yaml.safe_load(Path(__file__).with_name("disagreements.yaml").read_text("utf-8"))
_PAGE = Path(__file__).parents[2] / "docs" / "reference" / "agreement.md"


@pytest.mark.slow
def test_datacontract_says_the_same_but_for_what_is_written_down(tmp_path: Path) -> None:
    need_peer()
    cases = all_cases()
    database = write_tables(cases, tmp_path)
    ours = {case.name: our_verdict(case, database) for case in cases}
    theirs = their_verdicts(cases, ours, database)
    pairs = {name: f"{said} / {theirs[name]}" for name, said in ours.items()}
    assert {name: pair for name, pair in pairs.items() if len(set(pair.split(" / "))) > 1} == {
        name: pair for entry in _EXPECTED for name, pair in entry["cases"].items()
    }
    assert len(cases) == _page_numbers()[0]


def test_every_disagreement_is_about_a_case_and_none_is_listed_twice() -> None:
    listed = [name for entry in _EXPECTED for name in entry["cases"]]
    assert len(listed) == len(set(listed))
    assert set(listed) <= {case.name for case in all_cases()}


def test_the_page_gives_every_disagreement_with_its_reason() -> None:
    rows = [_row(entry) for entry in _EXPECTED]
    lines = _PAGE.read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line.startswith("| ")][2:] == rows


def test_the_page_counts_cases_and_disagreements() -> None:
    listed = sum(len(entry["cases"]) for entry in _EXPECTED)
    assert _page_numbers() == (len(all_cases()), listed)


def _row(entry: dict[str, Any]) -> str:
    verdicts = "; ".join(dict.fromkeys(entry["cases"].values()))
    return f"| {entry['subject']} | {len(entry['cases'])} | {verdicts} | {entry['reason']} |"


def _page_numbers() -> tuple[int, int]:
    """The two numbers that the page says in bold."""
    words = _PAGE.read_text(encoding="utf-8").split("**")
    return int(words[1]), int(words[3])
