"""`mesh compliance`: text, JSON, the history; and `mesh export omms`."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from tests.cli.conftest import Run
from tests.policies import CRASHING, NO_CUSTOMER, set_policies, write_waiver
from tests.small_mesh import ORDERS, REVENUE, SmallMesh

NAMES = "policies/names.py"
CONTRACT = f"{ORDERS}/orders.odcs.yaml"


def squeezed(text: str) -> list[str]:
    return [" ".join(line.split()) for line in text.splitlines() if line.strip()]


def test_text_says_how_everything_stands_what_is_open_and_the_way_to_a_hundred(
    look: Run, mesh: SmallMesh
) -> None:
    mesh.write(NAMES, NO_CUSTOMER)
    said = look("compliance")
    line = mesh.line(CONTRACT, "- name: customer")
    assert said.code == 1
    assert squeezed(said.out)[:-1] == [
        "score state level open waived to 100 %",
        "small 85.7 % ✗ violating, blocked 0 Not yet 1 - 1 violation of shop.no-customer",
        "report 100.0 % ✓ compliant 0 Not yet - -",
        "report/revenue 100.0 % ✓ compliant 0 Not yet - -",
        "shop 75.0 % ✗ violating, blocked 0 Not yet 1 - 1 violation of shop.no-customer",
        "shop/orders 75.0 % ✗ violating, blocked 0 Not yet 1 - 1 violation of shop.no-customer",
        "blocking: shop.no-customer, 1 violation",
        "why: everybody means something else by it.",
        "- shop/orders, port orders, column customer: column `customer` is called so",
        f"at: {CONTRACT}:{line}",
        "try: say which customer it is",
    ]
    assert squeezed(said.out)[-1].startswith("policies that count: 1 · version of the rules: ")


@pytest.mark.parametrize(
    ("setting", "code", "outcome"),
    [
        ("{}", 1, "failed"),
        ("{severity: warning}", 0, "passed"),
        ("{state: draft}", 0, "passed"),
        ("{state: grace, until: 2999-12-31}", 0, "passed"),
    ],
)
def test_only_what_blocks_fails(
    look: Run, mesh: SmallMesh, setting: str, code: int, outcome: str
) -> None:
    mesh.write(NAMES, NO_CUSTOMER)
    set_policies(mesh, f"shop.no-customer: {setting}")
    said = look("compliance", "--format", "json")
    assert (said.code, said.json["outcome"]) == (code, outcome)


def test_what_could_not_run_is_exit_code_2_and_says_why(look: Run, mesh: SmallMesh) -> None:
    mesh.write(NAMES, NO_CUSTOMER)
    mesh.write("policies/crashing.py", CRASHING)
    said = look("compliance", "--output", "json")
    assert (said.code, said.json["outcome"]) == (2, "could_not_run")
    [unclear] = said.json["unclear"]
    assert (unclear["code"], unclear["where"], unclear["file"]) == (
        "test.crashing",
        "7 measurements",
        "policies/crashing.py",
    )
    out = look("compliance").out
    assert "could not run: AttributeError" in out
    assert "7 measurements of test.crashing, 1 violation of shop.no-customer" in out


def test_selecting_shows_a_domain_with_its_products_or_a_product(
    look: Run, mesh: SmallMesh
) -> None:
    mesh.write(NAMES, NO_CUSTOMER)

    def shown(*words: str) -> tuple[int, list[str]]:
        said = look("compliance", *words, "--output", "json")
        return said.code, [score["name"] for score in said.json["scores"]]

    assert shown("report") == (0, ["report", "report/revenue"])
    assert shown("report/revenue") == (0, ["report/revenue"])
    assert shown("+report/revenue") == (1, ["report/revenue", "shop/orders"])
    said = look("compliance", "small")
    assert (said.code, "no domain or product is called `small`" in said.err) == (2, True)
    mesh.edit(f"{REVENUE}/product.odps.yaml", "kind:", "kint:")
    assert shown("report/revenue") == (2, ["report/revenue"])
    assert shown("shop") == (1, ["shop", "shop/orders"])


def test_json_has_what_a_program_needs(look: Run, mesh: SmallMesh) -> None:
    mesh.write(NAMES, NO_CUSTOMER)
    write_waiver(mesh, ORDERS, policy="shop.no-customer", until="2999-12-31")
    data = look("compliance", "shop/orders", "--output", "json").json
    [score] = data["scores"]
    missing = score.pop("maturity")
    assert score == {
        "scope": "product",
        "name": "shop/orders",
        "score": 100.0,
        "state": "with_waivers",
        "blocking": False,
        "level": 0,
        "owner": {"team": "shop-team", "email": "shop@example.com"},
        "passed": 3,
        "violated": 0,
        "waived": 1,
        "could_not_run": 0,
        "violations": 0,
        "steps": [],
    }
    assert missing["next_steps"] == [
        "A team owns it and can be reached. (domain.owner was not measured)"
    ]
    [waiver] = data["waivers"]
    assert (waiver["until"], waiver["soon"], waiver["approver"]) == ("2999-12-31", False, "Ada")
    assert re.fullmatch("[0-9a-f]{64}", data["policy_version"])


def test_a_waiver_that_ends_soon_is_pointed_out(look: Run, mesh: SmallMesh) -> None:
    mesh.write(NAMES, NO_CUSTOMER)
    until = (datetime.now(UTC) + timedelta(days=20)).date().isoformat()
    write_waiver(mesh, ORDERS, policy="shop.no-customer", until=until)
    assert f"ends soon: until {until}, 20 days" in look("compliance").out


def test_recording_twice_tells_that_there_is_no_news(look: Run, mesh: SmallMesh) -> None:
    mesh.write(NAMES, NO_CUSTOMER)
    assert look("compliance", "--record").err == "news of 5 scopes remembered\n"
    assert look("compliance", "--record").err == "nothing new to remember\n"
    [entry] = look("compliance", "--history", "--output", "json").json["history"]
    assert (entry["score"], entry["state"], entry["cause"]) == (
        85.7,
        "violating",
        "first measured",
    )


def test_the_history_says_whether_products_or_rules_changed(look: Run, mesh: SmallMesh) -> None:
    mesh.write(NAMES, NO_CUSTOMER)
    look("compliance", "--record")
    mesh.edit(CONTRACT, "- name: customer", "- name: client")
    look("compliance", "--record")
    set_policies(mesh, "product.readme:")
    look("compliance", "--record")
    told = squeezed(look("compliance", "--history", "shop").out)
    kept = look("compliance", "--history", "shop", "--output", "json").json["history"]
    new, old, first = (entry["policy_version"][:10] for entry in kept)
    words = [re.sub(r"^2\d{3}-\S+ \S+ ", "", line).removesuffix(" -") for line in told]
    assert words == [
        "domain shop",
        "when (UTC) score state level what changed commit, rules",
        "100.0 % ✓ compliant 0 the rules changed",
        f"product.readme: switched on (enabled, error) {new}",
        "product.readme: 0 → 1 measured",
        "100.0 % ✓ compliant 0 the products changed",
        f"shop.no-customer: 1 → 0 open {old}",
        "75.0 % ✗ violating 0 first measured",
        first,
    ]
    assert (new != old, old == first) == (True, True)


def test_a_history_of_something_unknown_or_of_several_is_refused(
    look: Run, mesh: SmallMesh
) -> None:
    said = look("compliance", "--history", "shpo")
    assert (said.code, "did you mean `shop`" in said.err) == (2, True)
    assert "of one domain or product" in look("compliance", "--history", "shop", "report").err
    assert look("compliance", "--history", "shop").out == (
        "nothing was remembered of shop yet: mesh compliance --record\n"
    )


def test_a_domain_that_is_gone_keeps_its_history(look: Run, mesh: SmallMesh) -> None:
    mesh.write(NAMES, NO_CUSTOMER)
    look("compliance", "--record")
    mesh.path("domains/report").rename(mesh.path("report"))
    assert "first measured" in look("compliance", "--history", "report/revenue").out


def test_forms_that_contradict_are_refused(look: Run, tmp_path: Path) -> None:
    for words in (("--output", "json"), ("--history",)):
        said = look("compliance", "--format", "html", *words)
        assert (said.code, "contradict" in said.err) == (2, True)
    page = str(tmp_path / "page.html")
    said = look("compliance", "--history", "-o", page)
    assert (said.code, said.err) == (
        2,
        f"`--history` and `-o {page}` contradict\n"
        "  try: leave one out; the page holds the history\n",
    )
    said = look("compliance", "-o", str(tmp_path / "none" / "x.txt"))
    assert (said.code, "cannot be written" in said.err) == (2, True)


@pytest.mark.parametrize(
    ("words", "name", "begins"),
    [
        ((), "page.html", "<!doctype html>"),
        ((), "PAGE.HTM", "<!doctype html>"),
        ((), "all.json", "{"),
        ((), "all.txt", "  "),
        (("--format", "text"), "page.html", "  "),
        (("--format", "html"), "all.txt", "<!doctype html>"),
        (("--output", "json"), "page.html", "{"),
        (("--history",), "all.json", "{"),
    ],
)
def test_the_name_of_the_file_tells_the_form_unless_another_is_asked_for(
    look: Run, tmp_path: Path, words: tuple[str, ...], name: str, begins: str
) -> None:
    assert look("compliance", *words, "-o", str(tmp_path / name)).code == 0
    assert (tmp_path / name).read_text(encoding="utf-8").lower().startswith(begins)


def test_the_help_says_what_score_state_and_level_are(look: Run) -> None:
    said = " ".join(look("compliance", "--help").out.split())
    assert "The score is the share of measurements that are kept" in said
    assert "docs/compliance.md has the rules of each" in said


def test_an_export_in_the_form_of_omms_holds_model_and_results(look: Run, mesh: SmallMesh) -> None:
    mesh.write(NAMES, NO_CUSTOMER)
    document = yaml.safe_load(look("export", "omms").out)
    assert (document["kind"], document["apiVersion"], len(document["levels"])) == (
        "MaturityModel",
        "v0.2.0",
        5,
    )
    [results] = [p["value"] for p in document["customProperties"] if p["property"] == "results"]
    assert [(r["productId"], r["level"]) for r in results] == [
        ("report/revenue", 0),
        ("shop/orders", 0),
    ]
    assert results[0]["criteria"][0] == {"id": "L1-P01", "status": "pass", "actual": "1"}
    del document["customProperties"]
    mesh.write("maturity.yaml", yaml.safe_dump(document))
    again = yaml.safe_load(look("export", "omms").out)
    assert again["levels"] == document["levels"]


def test_a_maturity_model_with_an_error_is_found_by_check_and_refused_here(
    look: Run, mesh: SmallMesh
) -> None:
    mesh.write("maturity.yaml", "kind: MaturityModel\n")
    assert "`apiVersion` is missing\n  at: maturity.yaml:1:1" in look("check").out
    said = look("compliance")
    assert (said.code, "(and 3 more: mesh check)" in said.err) == (2, True)


@pytest.mark.slow
def test_a_build_remembers_and_still_builds_where_it_cannot(
    mesh_command: Run, mesh: SmallMesh
) -> None:
    mesh.write(NAMES, NO_CUSTOMER)
    built = mesh_command("build", "shop", "--output", "json")
    assert (built.code, built.json["outcome"]) == (0, "released")
    assert mesh_command("build", "shop").code == 0
    told = mesh_command("compliance", "--history", "shop/orders", "--output", "json").json
    assert [entry["cause"] for entry in told["history"]] == ["first measured"]
    mesh.write("maturity.yaml", "kind: Something\n")
    again = mesh_command("build", "shop", "--output", "json")
    assert (again.code, again.json["outcome"]) == (0, "up_to_date")
    assert "compliance was not remembered: " in again.err
