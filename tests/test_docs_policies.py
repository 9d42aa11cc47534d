"""The examples of the page about policies are policies, settings and waivers that work."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

from mesh_platform.errors import Place
from mesh_platform.governance.waivers import read_waivers
from mesh_platform.model.findings import Finding
from mesh_platform.model.loader import load_mesh
from mesh_platform.release.policies.governance import Governance
from mesh_platform.release.policies.trials import try_policies
from tests.policies import set_policies
from tests.small_mesh import SmallMesh

PAGE = (Path(__file__).parent.parent / "docs" / "policies.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)


def _yaml(first: str) -> str:
    (block,) = [text for kind, text in BLOCKS if kind == "yaml" and text.startswith(first)]
    return block


def test_the_policy_on_the_page_is_one_and_its_cases_hold(mesh: SmallMesh) -> None:
    (text,) = [text for kind, text in BLOCKS if kind == "python"]
    mesh.write("policies/names.py", text)
    governance = Governance.of(load_mesh(mesh.root), date(2026, 6, 1))
    own = [rule for rule in governance.rules if rule.source.owner == "mesh"]
    assert governance.findings == ()
    assert [rule.code for rule in own] == ["port.short-name"]
    assert [test.outcome for test in try_policies(own, 10)] == ["passed"]


def test_a_policy_of_the_mesh_is_in_force_at_once_until_settings_say_otherwise(
    mesh: SmallMesh,
) -> None:
    (text,) = [text for kind, text in BLOCKS if kind == "python"]

    def own() -> list[tuple[str, str]]:
        rules = Governance.of(load_mesh(mesh.root), date(2026, 6, 1)).rules
        return [(r.state.value, r.severity.value) for r in rules if r.source.owner == "mesh"]

    assert "It is in force as soon as its file is there" in PAGE
    mesh.write("policies/names.py", text)
    assert own() == [("enabled", "warning")]
    mesh.write("policies/names.py", text.replace(', severity="warning"', ""))
    assert own() == [("enabled", "error")]
    mesh.write("policies/names.py", text.replace('severity="warning"', 'state="draft"'))
    assert own() == [("draft", "error")]
    set_policies(mesh, "port.short-name: {state: enabled}")
    assert own() == [("enabled", "error")]


def test_the_settings_on_the_page_are_understood(mesh: SmallMesh) -> None:
    mesh.write("mesh.yaml", "name: small\n" + _yaml("policies:") + _yaml("dictionary:"))
    loaded = load_mesh(mesh.root)
    assert set(loaded.dictionary) == {"carrier", "distance_miles"}
    governance = Governance.of(loaded, date(2026, 6, 1))
    assert governance.findings == ()
    assert {rule.code: rule.state.value for rule in governance.rules if rule.measured} == {
        "product.readme": "enabled",
        "port.retention": "enabled",
        "column.shared-key": "enabled",
        "rule.described": "draft",
        "column.key-has-rule": "grace",
    }


def test_the_page_has_the_words_that_say_whether_a_finding_blocks(mesh: SmallMesh) -> None:
    set_policies(
        mesh,
        "port.grain: {state: grace, until: 2027-01-31, severity: error}",
        "column.classified: {state: grace, until: 2027-01-31, severity: error}",
    )
    days = {"port.grain": date(2027, 1, 31), "column.classified": date(2027, 2, 1)}
    said = {
        rule.standing
        for code, today in days.items()
        for rule in Governance.of(load_mesh(mesh.root), today).rules
        if rule.code == code
    }
    of_platform = Finding("version.too-small", "…", Place("f.yaml"))
    said |= {of_platform.stands, replace(of_platform, could_not_run=True).stands}
    assert len(said) == 4
    assert [words for words in said if f"| `{words}` |" not in PAGE] == []


def test_the_waiver_on_the_page_is_understood() -> None:
    waivers, findings = read_waivers(_yaml("waivers:"), "waivers.yaml", "weather", None)
    assert findings == []
    assert [str(waiver) for waiver in waivers] == ["`column.key-has-rule` at hourly/observed_at"]
