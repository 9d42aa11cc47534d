"""The page about compliance: its model is one, and it knows every word that people meet."""

from __future__ import annotations

import re
from pathlib import Path

from mesh_platform.catalog.compliance_snapshot import SOON_DAYS
from mesh_platform.governance.compliance import BLOCKING_WEIGHT, ScoreState
from mesh_platform.governance.maturity_model import Arguments, read_maturity_model
from mesh_platform.model.loader import load_mesh
from mesh_platform.release.policies.governance import Governance
from mesh_platform.release.policies.maturity import model_in_force
from tests.release.policies.test_compliance import NOW

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "compliance.md").read_text(encoding="utf-8")


def test_the_model_on_the_page_is_understood() -> None:
    [text] = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    model, findings = read_maturity_model(text, "maturity.yaml", {"port.grain"})
    assert findings == []
    assert model is not None
    assert [level.name for level in model.levels] == ["Named", "Understandable"]


def test_the_page_names_every_state_argument_and_level() -> None:
    mesh = load_mesh(ROOT)
    model, _ = model_in_force(mesh, Governance.of(mesh, NOW.date()).rules)
    arguments = [field.alias or name for name, field in Arguments.model_fields.items()]
    words = [f"`{word}" for word in [*ScoreState, *arguments]]
    words += [f"{level.level} *{level.name}*" for level in model.levels]
    words += [f"within {SOON_DAYS} days", f"severity `error`) | {BLOCKING_WEIGHT} |"]
    assert [word for word in words if word not in PAGE] == []
