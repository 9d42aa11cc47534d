from __future__ import annotations

import pytest

from mesh_platform.errors import Place
from mesh_platform.model.relationships import read_reference, read_relationship


@pytest.mark.parametrize(
    ("text", "parts", "by_id", "file"),
    [
        ("orders.id", ("orders", "id"), False, None),
        ("orders.place.zip", ("orders", "place", "zip"), False, None),
        ("schema/o/properties/id", ("o", "id"), True, None),
        ("/schema/o/properties/p/properties/z", ("o", "p", "z"), True, None),
        ("../o.yaml#/schema/o/properties/id", ("o", "id"), True, "../o.yaml"),
        ("https://x.org/o.yml#schema/o/properties/id", ("o", "id"), True, "https://x.org/o.yml"),
    ],
)
def test_a_reference_is_read_in_both_notations(
    text: str, parts: tuple[str, ...], by_id: bool, file: str | None
) -> None:
    found = read_reference(text)
    assert (found.parts, found.by_id, found.file, found.text) == (parts, by_id, file, text)


def test_one_column_and_several_are_read_alike() -> None:
    place = Place("x.yaml", 1)
    one = read_relationship({"to": "a.b"}, place)
    assert (one.source, [target.text for target in one.target]) == ((), ["a.b"])
    two = read_relationship({"from": ["c.d", "c.e"], "to": ["a.b", "a.c"]}, place)
    assert [source.text for source in two.source] == ["c.d", "c.e"]
    assert [target.text for target in two.target] == ["a.b", "a.c"]
