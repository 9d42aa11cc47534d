"""The reference of changes lists every rule of the table, with its levels and its reason."""

from __future__ import annotations

import re
from pathlib import Path

from mesh_platform.contract_diff.rules import CONTRACT_RULES, PRODUCT_RULES

TEXT = (Path(__file__).parent.parent / "docs/reference/changes.md").read_text(encoding="utf-8")
LISTED = TEXT.split("\n## The rules\n")[1].split("\n## ")[0]
ROW = re.compile(r"^\| `([\w.-]+)` \| (\w+) \| (\w+) \| (.+) \|$", re.MULTILINE)
RULES = (*CONTRACT_RULES.rows, *PRODUCT_RULES.rows)


def test_the_reference_lists_every_rule_as_the_table_has_it() -> None:
    table = {(row.code, row.level.word, row.producer.word, row.why) for row in RULES}
    listed = ROW.findall(LISTED)
    assert sorted(listed) == sorted(table)


def test_a_code_has_one_meaning() -> None:
    meanings = {(row.code, row.level, row.producer, row.why) for row in RULES}
    assert len(meanings) == len({row.code for row in RULES})
