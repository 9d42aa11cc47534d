"""Every code that the platform can say has a reason, and every reason is of such a code."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from mesh_platform.errors import Place
from mesh_platform.governance import starter
from mesh_platform.governance.rules import Source
from mesh_platform.model.findings import Finding
from mesh_platform.model.reasons import REASONS, WAYS, reason_of, way_of
from mesh_platform.model.reasons.reason import Reason
from mesh_platform.release.policies.files import load

PACKAGE = Path(__file__).parent.parent.parent / "mesh_platform"
CODE = re.compile(r"(\*|[a-z]+)\.[a-z]+(-[a-z]+)*")
MAKES_FINDINGS = re.compile(r"\b(Finding|Findings|validation_findings|Standard)\b")
FILES = (".yaml", ".yml", ".json", ".py", ".lock", ".log", ".db")
PLACE = Place("f.yaml", 1)


def _of_policies() -> set[str]:
    modules = Path(starter.__path__[0]).glob("[a-z]*.py")
    sources = [Source(f"{starter.__name__}.{path.stem}", path.name, None, True) for path in modules]
    return {policy.info.code for source in sources for policy in load(source)}


def _made(tree: ast.AST) -> Iterator[str]:
    """Codes in a module's text; the part that is filled in later is `*`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.JoinedStr):
            parts = (part.value if isinstance(part, ast.Constant) else "*" for part in node.values)
            yield "".join(map(str, parts))


def _codes() -> set[str]:
    """All words of the form of a code in modules that make findings, but for names of files."""
    found = set[str]()
    for path in {*PACKAGE.rglob("*.py")} - {PACKAGE / "governance" / "examples.py"}:
        text = path.read_text(encoding="utf-8")
        if MAKES_FINDINGS.search(text):
            found |= {said for said in _made(ast.parse(text)) if CODE.fullmatch(said)}
    return {code for code in found if not code.endswith(FILES)} - _of_policies()


CODES = _codes()


def test_every_code_of_the_platform_has_a_reason() -> None:
    assert sorted(code for code in CODES if reason_of(code).why is None) == []
    assert sorted(code for code in CODES if reason_of(code).asks is None) == []


def test_every_code_of_the_platform_has_a_place_to_read_on() -> None:
    begins = {code.partition(".")[0] for code in CODES} - {"*"}
    assert begins == set(WAYS)


def test_every_reason_is_of_a_code_that_can_be_said() -> None:
    assert sorted(set(REASONS) - CODES) == []
    assert len(CODES) > 80  # what is searched for can be found


def test_a_reason_is_a_sentence_as_policies_say_theirs() -> None:
    for code, reason in REASONS.items():
        assert re.fullmatch(r"[A-Z`].*\.", reason.asks or ""), code
        assert re.fullmatch(r"[a-z`].*\.", reason.why or ""), code


def test_pages_that_are_named_are_there() -> None:
    named = {page for way in WAYS.values() for page in re.findall(r"docs/[\w/]+\.md", way)}
    assert [page for page in named if not (PACKAGE.parent / page).is_file()] == []


def test_a_code_of_a_kind_of_file_and_a_word_has_the_reason_of_the_word() -> None:
    assert reason_of("waiver.unknown-key") is reason_of("contract.unknown-key")
    assert reason_of("product.status") is REASONS["product.status"]
    assert reason_of("shop.no-customer") == Reason()
    assert way_of("shop.no-customer") == "Each finding says how to go on."


def test_a_finding_of_the_platform_says_the_platforms_reason_and_always_blocks() -> None:
    found = Finding("version.backwards", "…", PLACE)
    assert found.rule == "A version never goes back."
    assert found.reason == "consumers would meet a number a second time, with another meaning."
    assert found.stands == "yes, and cannot be waived"
    assert found.help == (
        "`mesh product bump` writes the versions that `mesh plan` asks for."
        " A finding of the platform itself cannot be waived."
    )


def test_a_finding_of_a_policy_says_what_the_policy_says() -> None:
    found = Finding("a.b", "…", PLACE, why="so it is.", standing="yes", asks="It is.")
    assert (found.rule, found.reason, found.stands) == ("It is.", "so it is.", "yes")
    assert found.help == "`mesh policy list a.b` says what it asks, why, and how it is set."
    waivable = Finding("a.b", "…", PLACE, waiver="add …", asks="It is.")
    assert waivable.help.startswith(found.help)
    assert "each finding says where to ask for one" in waivable.help


@pytest.mark.parametrize(
    ("severity", "lost", "said"),
    [
        ("error", False, "yes, and cannot be waived"),
        ("warning", False, "no, a warning"),
        ("info", False, "no, for information"),
        ("error", True, "yes, it could not run"),
    ],
)
def test_whether_it_blocks_is_said_in_words(severity: str, lost: bool, said: str) -> None:
    assert Finding("a.b", "…", PLACE, severity=severity, could_not_run=lost).stands == said
