"""No file, however broken, ends in anything but an error with a place, or the schema's verdict."""

from __future__ import annotations

from collections import Counter
from functools import cache
from pathlib import Path

import jsonschema_rs
import pytest

from mesh_platform.errors import MeshError
from mesh_platform.model.descriptors import described, read_descriptor
from mesh_platform.model.documents import Document, read_document
from mesh_platform.model.odcs import read_contract, standard_findings
from tests.model.mutations import mutated
from tests.model.official import EXAMPLES, official
from tests.small_mesh import REPOSITORY

CONTRACTS = [
    *sorted(EXAMPLES.glob("*.odcs.yaml")),
    *sorted(REPOSITORY.glob("domains/*/products/*/*.odcs.yaml")),
]
PRODUCTS = [
    *sorted(EXAMPLES.glob("*.odps.yaml")),
    *sorted(REPOSITORY.glob("domains/*/products/*/*.odps.yaml")),
]
ODCS = {"v3.1.0": "ODCS 3.1", **dict.fromkeys(("v3.0.0", "v3.0.1", "v3.0.2"), "ODCS 3.0")}


def _broken(path: Path, seed: int, folder: Path) -> Path:
    copy = folder / "broken.yaml"
    copy.unlink(missing_ok=True)  # the content of a file that is cut and written is flushed to disk
    copy.write_bytes(mutated(_text(path), seed))
    return copy


@cache
def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@cache
def _validator(schema: str) -> jsonschema_rs.Validator:
    return jsonschema_rs.validator_for(official(schema))


def _document(path: Path) -> Document | None:
    """The document, or None where it was refused at a line."""
    refused = None
    try:
        return read_document(path, "broken.yaml")
    except MeshError as error:
        refused = error.place
    assert refused is not None
    assert refused.line is not None
    return None


@pytest.mark.parametrize("count", [200, pytest.param(7000, marks=pytest.mark.slow)])
def test_a_broken_contract_is_judged_as_the_schema_does(tmp_path: Path, count: int) -> None:
    said: Counter[str] = Counter()
    for seed in range(count):
        path = _broken(CONTRACTS[seed % len(CONTRACTS)], seed, tmp_path)
        document = _document(path)
        if document is None:
            said["not read"] += 1
            continue
        version = document.data.get("apiVersion")
        name = ODCS.get(version, "ODCS 3.2") if isinstance(version, str) else "ODCS 3.2"
        valid = _validator(name).is_valid(document.data)
        assert valid == (not standard_findings(document)), seed
        _, findings = read_contract(path, "c.yaml")
        assert all(finding.place.line for finding in findings), seed
        said["valid" if valid else "invalid"] += 1
    assert min(said[verdict] for verdict in ("not read", "valid", "invalid")) > count / 20, said


@pytest.mark.parametrize("count", [100, pytest.param(3000, marks=pytest.mark.slow)])
def test_a_broken_product_is_judged_as_the_schema_does(tmp_path: Path, count: int) -> None:
    said: Counter[str] = Counter()
    newest, older = _validator("ODPS 1.1"), _validator("ODPS 1.0")
    for seed in range(count):
        path = _broken(PRODUCTS[seed % len(PRODUCTS)], seed, tmp_path)
        document = _document(path)
        if document is None:
            said["not read"] += 1
            continue
        validator = older if document.data.get("apiVersion") == "v1.0.0" else newest
        valid = validator.is_valid(document.data)
        assert valid == (not described(document)[1]), seed
        read_descriptor(path, "p.yaml")
        said["valid" if valid else "invalid"] += 1
    assert min(said[verdict] for verdict in ("not read", "valid", "invalid")) > count / 20, said
