"""Findings as a log in SARIF 2.1.0, for tools that show them at their lines."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import mesh_platform
from mesh_platform.cli.forms.report import Report, everything
from mesh_platform.model.findings import Finding

_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_LEVELS = {"error": "error", "warning": "warning", "info": "note"}


def sarif(report: Report) -> str:
    """The log of one run, with all codes that were found."""
    rules = {finding.code: finding for finding in reversed(report.findings)}
    codes = sorted(rules)
    driver = {
        "name": "mesh",
        "version": mesh_platform.__version__,
        "rules": [_rule(rules[code]) for code in codes],
    }
    run = {
        "tool": {"driver": driver},
        "invocations": [{"executionSuccessful": report.outcome != "could_not_run"}],
        "results": [_result(finding, codes) for finding in report.findings],
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2)


def _rule(finding: Finding) -> dict[str, Any]:
    """What holds for every finding of a code; each result says its own."""
    said = {
        "shortDescription": finding.rule,
        "fullDescription": finding.reason,
        "help": finding.help,
    }
    texts = {key: {"text": words} for key, words in said.items() if words}
    return {"id": finding.code, **texts}


def _result(finding: Finding, codes: list[str]) -> dict[str, Any]:
    place = finding.place
    region = {"startLine": place.line, "startColumn": place.column}
    physical: dict[str, Any] = {
        "artifactLocation": {"uri": quote(place.file, errors="surrogateescape")}
    }
    if place.line:
        physical["region"] = {key: value for key, value in region.items() if value}
    return {
        "ruleId": finding.code,
        "ruleIndex": codes.index(finding.code),
        "level": _LEVELS[finding.severity],
        "message": {"text": everything(finding)},
        "locations": [{"physicalLocation": physical}],
        "properties": {"blocking": finding.blocking, "product": finding.product},
    }
