from __future__ import annotations

import pytest

from mesh_platform.contract_diff.widths import Width, compared_formats, compared_types

SAME, NARROWER, EXTENDED = Width.SAME, Width.NARROWER, Width.EXTENDED
WIDER, COARSER, OTHER = Width.WIDER, Width.COARSER, Width.OTHER


@pytest.mark.parametrize(
    ("old", "new", "there", "back"),
    [
        ("INTEGER", "BIGINT", WIDER, NARROWER),
        ("TINYINT", "HUGEINT", WIDER, NARROWER),
        ("UINTEGER", "BIGINT", WIDER, NARROWER),
        ("UINTEGER", "INTEGER", OTHER, OTHER),
        ("INT", "int4", SAME, SAME),
        ("INT64", "BIGINT", SAME, SAME),
        ("INTEGER", "DECIMAL(10,0)", OTHER, OTHER),
        ("INTEGER", "VARCHAR", OTHER, OTHER),
        ("FLOAT", "DOUBLE", WIDER, COARSER),
        ("REAL", "FLOAT4", SAME, SAME),
        ("DECIMAL(10,2)", "DECIMAL(12,2)", WIDER, NARROWER),
        ("DECIMAL(10,2)", "DECIMAL(10,4)", WIDER, COARSER),
        ("DECIMAL(10,2)", "DECIMAL(12,4)", WIDER, COARSER),
        ("NUMERIC(18,3)", "DECIMAL", SAME, SAME),
        ("NUMBER(10)", "DECIMAL(10,0)", SAME, SAME),
        ("VARCHAR(10)", "VARCHAR(20)", WIDER, NARROWER),
        ("VARCHAR(10)", "TEXT", WIDER, NARROWER),
        ("STRING", "VARCHAR", SAME, SAME),
        ("TIMESTAMP_S", "TIMESTAMP_NS", WIDER, COARSER),
        ("TIMESTAMP(3)", "TIMESTAMP", WIDER, COARSER),
        ("TIMESTAMP", "TIMESTAMPTZ", OTHER, OTHER),
        ("TIMESTAMP WITH TIME ZONE", "timestamptz", SAME, SAME),
        ("DATE", "TIMESTAMP", OTHER, OTHER),
        ("ENUM('a')", "ENUM('a', 'b')", WIDER, NARROWER),
        ("ENUM('a')", "ENUM('b')", WIDER, WIDER),
        ("INTEGER[]", "BIGINT[]", WIDER, NARROWER),
        ("ARRAY<INT64>", "BIGINT[]", SAME, SAME),
        ("MAP(VARCHAR, INT)", "MAP(VARCHAR, BIGINT)", WIDER, NARROWER),
        ("STRUCT(a INT)", "STRUCT(a INT, b INT)", EXTENDED, OTHER),
        ("STRUCT(a INT)", "STRUCT(a BIGINT, b INT)", WIDER, OTHER),
        ("STRUCT(a INT)", "STRUCT", OTHER, OTHER),
        ("GEOMETRY(4326)", "GEOMETRY(3857)", OTHER, OTHER),
        ("what is this?", "WHAT  is this?", SAME, SAME),
    ],
)
def test_types_are_compared_by_family_and_width(
    old: str, new: str, there: Width, back: Width
) -> None:
    assert (compared_types(old, new), compared_types(new, old)) == (there, back)


@pytest.mark.parametrize(
    ("old", "new", "width"),
    [
        ("i32", "i64", WIDER),
        ("i64", "u32", NARROWER),
        ("f64", "f32", COARSER),
        ("email", "email", SAME),
        ("email", "uri", OTHER),
        ("i32", "email", OTHER),
    ],
)
def test_formats_of_numbers_are_compared_as_the_types_they_name(
    old: str, new: str, width: Width
) -> None:
    assert compared_formats(old, new) is width
