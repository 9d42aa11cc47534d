from __future__ import annotations

from mesh_platform.contract_diff.compare import contract_changes, product_changes
from mesh_platform.contract_diff.omds import difference_document
from tests.contract_diff.contracts import contract, product

A, B = {"name": "a"}, {"name": "b", "required": True}
TO = {"to": "network/airports.faa[0]"}


def test_changes_are_written_as_the_draft_wants_them() -> None:
    old, new = contract(A, B, team={"name": "x"}), contract({**B, "required": False}, A, table={})
    new = {**new, "version": "2.0.0", "name": "Orders"}
    assert difference_document(old, new, contract_changes(old, new)) == {
        "apiVersion": "v1.0.0",
        "kind": "MetadataDifference",
        "sourceKind": "DataContract",
        "source1": {"id": "shop/orders", "version": "1.0.0"},
        "source2": {"id": "shop/orders", "version": "2.0.0"},
        "scope": "all",
        "impact": {"major": 1, "minor": 1, "patch": 2},
        "suggestedVersion": "2.0.0",
        "diffs": [
            {
                "type": "CHANGE",
                "section": "schema",
                "field": "properties",
                "path": "/schema[name=orders]/properties",
                "value1": ["name=a", "name=b"],
                "value2": ["name=b", "name=a"],
                "message": "the order of columns of table `orders` changes",
                "impactLevel": "MINOR",
            },
            {
                "type": "CHANGE",
                "section": "schema",
                "field": "required",
                "path": "/schema[name=orders]/properties[name=b]/required",
                "value1": True,
                "value2": False,
                "message": "column `b` is no longer required",
                "impactLevel": "MAJOR",
            },
            {
                "type": "REMOVE",
                "section": "team",
                "field": "name",
                "path": "/team/name",
                "value1": "x",
                "message": "name of the team is no longer said: it was x",
                "impactLevel": "PATCH",
            },
            {
                "type": "ADD",
                "section": "name",
                "field": "name",
                "path": "/name",
                "value2": "Orders",
                "message": "name is now said: Orders",
                "impactLevel": "PATCH",
            },
        ],
        "customProperties": [
            {"property": "generatedBy", "value": "mesh-platform"},
            {
                "property": "codes",
                "value": ["columns.moved", "required.dropped", "words.team", "words.names"],
            },
            {
                "property": "reasons",
                "value": [
                    "Who reads columns by position, not by name, gets another one.",
                    "Values may be missing where consumers count on them.",
                    "Other people stand behind the same promise.",
                    "How it is called or found changes, not what is promised.",
                ],
            },
            {"property": "producerImpact", "value": ["PATCH", "PATCH", "PATCH", "PATCH"]},
        ],
    }


def test_fields_are_found_whatever_stands_in_a_selector() -> None:
    old, new = contract(A), contract({**A, "relationships": [TO]})
    (diff,) = difference_document(old, new, contract_changes(old, new))["diffs"]
    assert (diff["section"], diff["field"]) == ("schema", "relationships")


def test_ports_are_named_with_their_version() -> None:
    old, new = product(outputPorts=[{"name": "p", "version": "1.0.0"}]), product()
    document = difference_document(old, new, product_changes(old, new))
    assert document["sourceKind"] == "DataProduct"
    assert document["suggestedVersion"] == "2.0.0"
    (diff,) = document["diffs"]
    assert (diff["type"], diff["field"], diff["path"]) == (
        "REMOVE",
        "outputPorts",
        "/outputPorts[name=p,version=1.0.0]",
    )


def test_a_version_without_numbers_gets_no_suggestion() -> None:
    old, new = {**contract(A), "version": "soon"}, contract(A, B)
    assert "suggestedVersion" not in difference_document(old, new, contract_changes(old, new))
