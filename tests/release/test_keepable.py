"""`mesh check` says what the build would: patterns, bounds and values by the engine's own rules."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mesh_platform.checks.spec import Outcome
from mesh_platform.engines.duckdb.trial import refusals
from mesh_platform.engines.duckdb.verify import verify
from mesh_platform.model.loader import load_mesh
from mesh_platform.release.keepable import findings_on_promises
from tests.checks.promises import column, contract
from tests.engines.duckdb.parquet import write_parquet
from tests.small_mesh import ORDERS, SmallMesh

CONTRACT = f"{ORDERS}/orders.odcs.yaml"
AMOUNT = "          minimum: 0\n"


def _options(kind: str, physical: str | None = None, **options: Any) -> dict[str, Any]:
    typed = {"physicalType": physical} if physical else {}
    return {"logicalType": kind, **typed, "logicalTypeOptions": options}


CASES: list[tuple[dict[str, Any], str, bool]] = [
    (_options("string", pattern="[0-9]+"), "varchar", True),
    (_options("string", pattern="[0-9]++"), "varchar", False),
    (_options("string", pattern=r"\Qa.b\E"), "varchar", True),
    (_options("string", pattern="it's"), "varchar", True),
    (_options("string", pattern="^{[a-z]{,3}}"), "varchar", True),
    (_options("string", pattern="(?P<x>a)[[:alpha:]]"), "varchar", True),
    (_options("string", pattern="(?=a)b"), "varchar", False),
    (_options("string", pattern="a{2000}"), "varchar", False),
    (_options("date", minimum="2024-01-31"), "date", True),
    (_options("date", minimum="01/02/2024"), "date", False),
    (_options("date", maximum="2024-02-30"), "date", False),
    (_options("date", "DATE", exclusiveMaximum="2024/02/28"), "date", True),
    (_options("date", "VARCHAR", minimum="31.01.2024", format="dd.MM.yyyy"), "varchar", True),
    (_options("date", "VARCHAR", minimum="someday", format="dd.MM.yyyy"), "varchar", False),
    (_options("timestamp", minimum="2024-01-01T00:00:00Z"), "timestamp", True),
    (_options("timestamp", exclusiveMinimum="yesterday"), "timestamp", False),
    (_options("timestamp", "TIMESTAMPTZ", maximum="2024-01-01 25:00"), "timestamptz", False),
    (_options("time", "VARCHAR", minimum="08:00"), "varchar", True),
    ({"logicalType": "date", "enum": [{"value": "01/02/2024"}]}, "date", False),
    ({"logicalType": "date", "enum": [{"value": "2024-01-02"}]}, "date", True),
    ({"physicalType": "INTEGER", "enum": [{"value": "a"}]}, "integer", False),
    ({"physicalType": "INTEGER", "enum": [{"value": "1"}]}, "integer", True),
    ({"logicalType": "string", "enum": [{"value": "a"}]}, "varchar", True),
]
VALUES = {
    "varchar": "x",
    "date": "2024-01-31",
    "timestamp": "2024-01-31 12:00",
    "timestamptz": "2024-01-31 12:00+00",
    "integer": "7",
}


@pytest.mark.parametrize(("promise", "typed", "runs"), CASES)
def test_the_files_tell_what_a_build_would_find(
    mesh: SmallMesh, tmp_path: Path, promise: dict[str, Any], typed: str, *, runs: bool
) -> None:
    text = mesh.read(CONTRACT)
    entry = str({"name": "probe", **promise}).replace("True", "true")
    mesh.write(
        CONTRACT, text.replace("      - name: amount\n", f"      - {entry}\n      - name: amount\n")
    )
    loaded = load_mesh(mesh.root)
    assert not loaded.domain("shop").findings
    told = list(findings_on_promises(loaded, [loaded.domain("shop")]))
    code = "contract.pattern" if "pattern" in str(promise) else "contract.cannot-run"
    assert [(f.code, f.severity, f.product) for f in told] == (
        [] if runs else [(code, "error", "shop/orders")]
    )
    assert all(f.place.line == mesh.line(CONTRACT, "'probe'") for f in told)

    file = write_parquet(tmp_path / "port.parquet", f"a {typed}", [(None,), (VALUES[typed],)])
    results = verify(contract(column("a", **promise)), (file,), [], ())
    assert all(result.outcome is not Outcome.COULD_NOT_RUN for result in results) == runs


def test_an_allowed_value_is_held_against_the_pattern_as_the_engine_matches(
    mesh: SmallMesh,
) -> None:
    status = "        enum:\n          - value: open\n"
    mesh.edit(CONTRACT, status, f"        logicalTypeOptions: {{pattern: '^op'}}\n{status}")
    loaded = load_mesh(mesh.root)
    (found,) = findings_on_promises(loaded, [loaded.domain("shop")])
    assert (found.code, found.severity) == ("contract.enum-value", "error")
    assert found.message == "the allowed value `paid` does not match the pattern"
    mesh.edit(CONTRACT, "'^op'", "'('")
    loaded = load_mesh(mesh.root)
    (found,) = findings_on_promises(loaded, [loaded.domain("shop")])
    assert found.code == "contract.pattern"
    assert found.message == ("the pattern `(` cannot be used: Invalid Input Error: missing ): (")


@pytest.mark.parametrize(
    ("kind", "kwargs"),
    [
        ("expect_column_values_to_match_regex", '"regex": "[A-Z"'),
        ("expect_column_values_to_not_match_regex_list", '"regex_list": ["a", "[A-Z"]'),
    ],
)
def test_the_engine_is_asked_for_regular_expressions_of_a_suite(
    mesh: SmallMesh, kind: str, kwargs: str
) -> None:
    suite = f"{ORDERS}/expectations.json"
    entry = f'{{"type": "{kind}", "kwargs": {{"column": "customer", {kwargs}}}}}'
    mesh.write(suite, '{"expectations": [\n' + entry + "\n]}")
    loaded = load_mesh(mesh.root)
    (found,) = findings_on_promises(loaded, [loaded.domain("shop")])
    assert (found.code, found.severity, str(found.place)) == (
        *("contract.cannot-run", "error"),
        f"{suite}:2",
    )
    assert "the pattern `[A-Z` cannot be used: Invalid Input Error: missing ]" in found.message
    mesh.edit(suite, "[A-Z", "[A-Z]")
    loaded = load_mesh(mesh.root)
    assert not list(findings_on_promises(loaded, [loaded.domain("shop")]))


def test_a_question_that_the_engine_refuses_is_found_among_many() -> None:
    good = [f"cast('2024-01-{day:02}' as DATE)" for day in range(1, 29)] * 20
    told = refusals({*good, "cast('x' as DATE)", "regexp_matches('', '(')"})
    assert set(told) == {"cast('x' as DATE)", "regexp_matches('', '(')"}
    assert refusals(set()) == {}


def test_an_expression_reaches_no_file(tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text("secret")
    told = refusals({f"(select content from read_text('{tmp_path}/x.txt'))"})
    assert len(told) == 1


def test_types_are_told_together_with_what_a_contract_contradicts(mesh: SmallMesh) -> None:
    options = "{name: a, logicalType: string, logicalTypeOptions: {minLength: 9, maxLength: 1}}"
    wrong = "{name: b, logicalType: string, physicalType: INTEGER}"
    text = mesh.read(CONTRACT)
    amount = "      - name: amount\n"
    mesh.write(CONTRACT, text.replace(amount, f"      - {options}\n      - {wrong}\n{amount}"))
    loaded = load_mesh(mesh.root)
    shop = loaded.domain("shop")
    found = [*shop.findings, *findings_on_promises(loaded, [shop])]
    told = [(f.code, f.product, f.place.line) for f in found if f.place.file == CONTRACT]
    line = mesh.line(CONTRACT, "name: a,")
    assert told == [
        ("contract.contradiction", "shop/orders", line),
        ("contract.type", "shop/orders", line + 1),
    ]
