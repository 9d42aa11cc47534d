"""The mutations themselves: each says what it means to say, before anything judges it."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
import yaml

from mesh_platform.model.descriptors import described
from mesh_platform.model.documents import parse_document
from mesh_platform.model.findings import Finding
from mesh_platform.model.generated import drift
from mesh_platform.model.loader import load_mesh
from mesh_platform.model.mesh import Mesh
from mesh_platform.model.odcs import parse_contract
from tests.planning.mutations.cases import FILES, MESH, PRODUCT, Case, read_cases
from tests.planning.mutations.edits import Edit, EditError, edited

CASES = read_cases()
each_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


@pytest.fixture(scope="module")
def mesh() -> Mesh:
    return load_mesh(MESH)


def readers(mesh: Mesh, of: str) -> set[str]:
    """Products that declare one of the ports that a case may be about."""
    mine = [port.name for port in mesh.product(PRODUCT).ports if of in (port.name.name, "product")]
    products = mesh.products.values()
    return {str(p.name) for p in products if any(item.port in mine for item in p.inputs)}


def findings_of(case: Case, document: dict[str, Any]) -> list[Finding]:
    """What the platform's reader says of a document."""
    text = yaml.dump(document, Dumper=yaml.CSafeDumper, sort_keys=False, allow_unicode=True)
    if case.of == "product":
        return described(parse_document(text, FILES[case.of]))[1]
    return [finding for finding in parse_contract(text, FILES[case.of])[1] if finding.blocking]


def test_the_mesh_that_is_mutated_has_nothing_wrong_in_it(mesh: Mesh) -> None:
    assert [str(f) for f in mesh.findings] == []
    assert [str(f) for domain in mesh.domains for f in domain.findings] == []
    assert [str(f) for domain in mesh.domains for f in drift(mesh, domain)] == []


def test_every_kind_of_reader_is_in_the_mesh(mesh: Mesh) -> None:
    assert readers(mesh, "orders") == {
        *("finance/revenue", "marketing/segments"),
        *("audit/volume", "ops/export"),
    }
    assert readers(mesh, "customers") == {"marketing/segments"}


def test_there_are_enough_cases_of_each_level() -> None:
    levels = Counter[str](case.level for case in CASES)
    assert len(CASES) >= 120
    assert all(levels[level] >= 25 for level in ("major", "minor", "patch"))


def test_no_two_cases_have_one_name() -> None:
    assert [name for name, times in Counter(case.name for case in CASES).items() if times > 1] == []


def test_no_two_cases_are_the_same_mutation() -> None:
    seen: dict[str, str] = {}
    twice = []
    for case in CASES:
        mutation = repr((case.of, case.edits, case.rewrites))
        twice += [(seen[mutation], case.name)] if mutation in seen else []
        seen[mutation] = case.name
    assert twice == []


@each_case
def test_a_case_changes_its_document_unless_it_says_that_it_does_not(case: Case) -> None:
    before, after = case.documents()
    assert (before == after) is case.same


@each_case
def test_a_mutated_document_is_one_that_the_platform_reads(case: Case) -> None:
    assert [str(finding) for finding in findings_of(case, case.documents()[1])] == []


@each_case
def test_the_labels_of_a_case_agree_with_each_other(case: Case, mesh: Mesh) -> None:
    assert case.level in ("major", "minor", "patch", "none")
    assert (case.level == "none") is (case.same or _only_the_version(case))
    assert case.producer in (None, "major", "minor", "patch")
    assert list(case.consumers) == sorted(set(case.consumers))
    assert set(case.consumers) <= readers(mesh, case.of)
    assert not case.consumers or case.level in ("major", "minor")
    assert case.why.endswith(".")


DOCUMENT = {
    "tags": ["a", "b"],
    "ports": [{"name": "x", "version": 1}, {"name": "x", "version": 2}, {"name": "y"}],
}


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        (Edit("set", "/ports[name=y]/name", "z"), [("x", 1), ("x", 2), ("z", None)]),
        (Edit("set", "/ports[name=x,version=2]/version", 3), [("x", 1), ("x", 3), ("y", None)]),
        (Edit("add", "/ports", {"name": "z"}), [("x", 1), ("x", 2), ("y", None), ("z", None)]),
        (Edit("add", "/ports[name=y]/version", 4), [("x", 1), ("x", 2), ("y", 4)]),
        (Edit("remove", "/ports[0]"), [("x", 2), ("y", None)]),
        (Edit("remove", "/ports[name=x,version=1]/version"), [("x", None), ("x", 2), ("y", None)]),
        (Edit("move", "/ports[name=y]", index=0), [("y", None), ("x", 1), ("x", 2)]),
    ],
)
def test_an_edit_does_what_it_says_to_a_copy(edit: Edit, expected: list[Any]) -> None:
    ports = edited(DOCUMENT, (edit,))["ports"]
    assert [(port["name"], port.get("version")) for port in ports] == expected
    assert DOCUMENT["ports"] == [
        {"name": "x", "version": 1},
        {"name": "x", "version": 2},
        {"name": "y"},
    ]


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (Edit("set", "/ports[name=q]/name", "z"), "leads to 0 entries at [name=q]"),
        (Edit("remove", "/ports[name=x]"), "leads to 2 entries at [name=x]"),
        (Edit("set", "/names", 1), "/names leads nowhere: there is no names"),
        (Edit("remove", "/ports[name=y]/name[0]"), "[0] needs a list"),
        (Edit("add", "/ports[name=y]/name", 1), "/ports[name=y]/name is there and no list"),
        (Edit("add", "/ports[0]", 1), "/ports[0] is not in a mapping"),
        (Edit("set", "ports", 1), "ports is no path"),
    ],
)
def test_an_edit_that_does_not_fit_says_why(edit: Edit, words: str) -> None:
    with pytest.raises(EditError) as error:
        edited(DOCUMENT, (edit,))
    assert str(error.value).endswith(words)


def _only_the_version(case: Case) -> bool:
    """The version is what changes are held against; it is none itself."""
    return [edit.path for edit in case.edits] == ["/version"]
