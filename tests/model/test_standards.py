"""The platform's verdict on a file is that of the standard's own schema, in better words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import islice
from typing import Any

import jsonschema_rs
import pytest

from mesh_platform.model.descriptors import described
from mesh_platform.model.documents import Document, read_document
from mesh_platform.model.findings import Finding
from mesh_platform.model.odcs import standard_findings
from mesh_platform.model.odcs_versions import schema_of
from mesh_platform.model.odps import Descriptor
from tests.model import official
from tests.model.official import EXAMPLES, Spot


def _product_findings(document: Document) -> list[Finding]:
    return described(document)[1]


CASES = [
    ("ODCS 3.2", "complete.odcs.yaml", standard_findings),
    ("ODCS 3.1", "complete-3.1.odcs.yaml", standard_findings),
    ("ODCS 3.0", "complete-3.0.odcs.yaml", standard_findings),
    ("ODPS 1.1", "complete.odps.yaml", _product_findings),
    ("ODPS 1.0", "complete-1.0.odps.yaml", _product_findings),
]
Judge = Callable[[Document], list[Finding]]


def _read(file: str) -> Document:
    return read_document(EXAMPLES / file, file)


@pytest.mark.parametrize(("name", "file", "judge"), CASES)
def test_a_file_that_uses_every_field_is_accepted(name: str, file: str, judge: Judge) -> None:
    document = _read(file)
    assert [str(finding) for finding in judge(document)] == []
    assert jsonschema_rs.is_valid(official.official(name), document.data)


@pytest.mark.parametrize(("name", "file"), [(name, file) for name, file, _ in CASES])
def test_the_examples_use_every_key_of_the_standard(name: str, file: str) -> None:
    schema, document = official.official(name), _read(file)
    used, known = set(), set()
    for form, path in official.forms(schema, schema, document.data, ()):
        for key in form.get("properties", {}):
            known.add((id(form), key))
            value = _at(document.data, path)
            if isinstance(value, dict) and key in value:
                used.add((id(form), key))
    assert sorted(key for _, key in known - used) == []


@pytest.mark.parametrize("each", [10, pytest.param(1, marks=pytest.mark.slow)])
@pytest.mark.parametrize(("name", "file", "judge"), CASES)
def test_every_rule_of_the_schema_is_held_and_said_with_key_and_line(
    name: str, file: str, judge: Judge, each: int
) -> None:
    schema, whole = official.official(name), _read(file)
    validator = jsonschema_rs.validator_for(schema)
    refused = 0
    for what, path, broken in islice(official.negatives(schema, whole.data), 0, None, each):
        if not isinstance(broken, dict):
            continue
        document = replace(whole, data=broken)
        findings, valid = judge(document), validator.is_valid(broken)
        assert valid == (not findings), (what, path, findings)
        if not valid:
            refused += 1
            _assert_said(document, path, findings)
    assert refused > 500 / each


def _assert_said(document: Document, path: Spot, findings: list[Finding]) -> None:
    """One finding stands at the line of the broken value, or of what lacks it, and names it."""
    here, around = document.place(path).line, document.place(path[:-1]).line
    key = next(str(part) for part in reversed(path) if isinstance(part, str))
    near = [finding for finding in findings if finding.place.line in (here, around)]
    words = (key, "unheardOf", "does not say what must hold")
    said = [f for f in near if any(word in f.message for word in words)]
    assert said, (path, here, [str(finding) for finding in findings])
    assert all(len(finding.message) < 400 for finding in findings)


NEWER = [
    ("ODCS 3.1", "ODCS 3.2", "complete-3.1.odcs.yaml", standard_findings),
    ("ODCS 3.0", "ODCS 3.2", "complete-3.0.odcs.yaml", standard_findings),
    ("ODPS 1.0", "ODPS 1.1", "complete-1.0.odps.yaml", _product_findings),
]


@pytest.mark.parametrize(("name", "newer", "file", "judge"), NEWER)
def test_a_key_of_a_later_version_is_judged_as_the_older_schema_does(
    name: str, newer: str, file: str, judge: Judge
) -> None:
    later, whole = official.official(newer), _read(file)
    validator = jsonschema_rs.validator_for(official.official(name))
    tried = set()
    for form, path in official.forms(later, later, whole.data, ()):
        entry = _at(whole.data, path)
        for key in form.get("properties", ()) if isinstance(entry, dict) else ():
            if key not in entry and (path, key) not in tried:
                tried.add((path, key))
                document = replace(whole, data=official.changed(whole.data, (*path, key), "a"))
                valid = validator.is_valid(document.data)
                assert valid == (not judge(document)), (path, key)
    assert len(tried) > 50


@pytest.mark.parametrize(
    ("name", "version"), [("ODCS 3.2", "v3.2.0"), ("ODCS 3.1", "v3.1.0"), ("ODCS 3.0", "v3.0.2")]
)
def test_the_schema_of_a_version_is_the_official_one(name: str, version: str) -> None:
    ours, theirs = schema_of(version), official.official(name)
    assert list(official.differences((ours, ours), (theirs, theirs), ())) == []


def _at(data: Any, path: Spot) -> Any:
    for key in path:
        data = data[key]
    return data


def test_the_corrections_leave_nothing_of_the_packaged_schema_to_correct() -> None:
    column = schema_of("v3.2.0")["$defs"]["SchemaBaseProperty"]
    asked = [b["if"] for b in column["allOf"] if "required" in b.get("then", {})]
    assert [condition["required"] for condition in asked] == [["logicalType"], ["logicalType"]]


@pytest.mark.parametrize("file", ["complete.odps.yaml", "complete-1.0.odps.yaml"])
def test_the_product_model_keeps_every_field(file: str) -> None:
    document = _read(file)
    version = document.data["apiVersion"]
    descriptor = Descriptor.model_validate(document.data, context={"version": version})
    assert descriptor.model_dump(by_alias=True, exclude_unset=True, mode="json") == document.data
