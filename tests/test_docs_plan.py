"""docs/plan.md tells the words that the plan says, and its example is one that is read."""

from __future__ import annotations

import re
import shutil
from datetime import date
from pathlib import Path

from mesh_platform.cli.forms.plan_reach import USES
from mesh_platform.errors import Place
from mesh_platform.model.findings import Finding
from mesh_platform.model.loader import load_mesh

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs/plan.md").read_text(encoding="utf-8")
CONSUMER = "domains/punctuality/products/daily"


def test_every_use_of_a_consumer_is_explained_in_its_words() -> None:
    words = (*USES.values(), "everyone who reads the port")
    assert [said for said in words if f"| {said}" not in PAGE] == []


def test_the_finding_on_the_page_says_what_the_platform_says_of_its_code() -> None:
    found = Finding("version.too-small", "…", Place("f.yaml"))
    assert f"  why: {found.reason}\n  blocking: {found.stands}\n" in PAGE


def test_the_example_of_an_acknowledgement_is_read(tmp_path: Path) -> None:
    for name in ("mesh.yaml", "workspace.yaml"):
        shutil.copy(ROOT / name, tmp_path)
    ignored = shutil.ignore_patterns("dbt_packages", "target", "logs")
    for name in ("domains", "dbt_project"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=ignored)
    (example,) = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    (tmp_path / CONSUMER / "acknowledgements.yaml").write_text(example, encoding="utf-8")
    mesh = load_mesh(tmp_path)
    assert mesh.findings == ()
    (word,) = mesh.product("punctuality/daily").acknowledged
    assert (word.port, word.version, word.by, word.until) == (
        "flights/departures",
        "2.0.0",
        "lead of punctuality-analytics",
        date(2027, 1, 31),
    )
    (path,) = word.changes
    column = re.search(r"properties\[name=(\w+)\]", path)
    assert column is not None
    names = [c.name for c in mesh.port("flights/departures").contract.columns]
    assert column.group(1) in names
    keys = set(re.findall(r"^ +-? ?(\w+):", example, re.MULTILINE))
    assert set(re.findall(r"^\| `(\w+)` \| (?:required|optional)", PAGE, re.MULTILINE)) == keys
