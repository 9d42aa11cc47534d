from __future__ import annotations

import pytest

from mesh_platform.model.type_text import DataType, read_type


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("integer", "INTEGER"),
        ("decimal( 10, 2 )", "DECIMAL(10,2)"),
        ("numeric", "DECIMAL(18,3)"),
        ("varchar(20)", "VARCHAR(20)"),
        ("double precision", "DOUBLE"),
        ("timestamp  with time zone", "TIMESTAMP WITH TIME ZONE"),
        ("TIMESTAMP(6) WITH TIME ZONE", "TIMESTAMP WITH TIME ZONE(6)"),
        ("int[]", "INTEGER[]"),
        ("FLOAT[3]", "FLOAT[3]"),
        ("int[2][]", "INTEGER[2][]"),
        ("decimal(10)", "DECIMAL(10,0)"),
        ("datetime(3)", "TIMESTAMP_MS"),
        ("FLOAT(53)", "DOUBLE"),
        ("union(a int, b decimal(4,1))", "UNION(a INTEGER, b DECIMAL(4,1))"),
        ("tuple(int, text[])", "TUPLE(INTEGER, VARCHAR[])"),
        ("int[][]", "INTEGER[][]"),
        ("map(string, int)", "MAP(VARCHAR, INTEGER)"),
        ("STRUCT(a int, b text[])[]", "STRUCT(a INTEGER, b VARCHAR[])[]"),
        ("array<struct<a: int>>", "STRUCT(a INTEGER)[]"),
        ("STRUCT", "STRUCT"),
        ("geometry of mine", "GEOMETRY OF MINE"),
    ],
)
def test_a_type_is_read_whatever_its_spelling(text: str, written: str) -> None:
    assert str(read_type(text)) == written


def test_a_quoted_field_keeps_its_name() -> None:
    kind = read_type('STRUCT("x ""y""" INTEGER, "a, b" VARCHAR)')
    assert [name for name, _ in kind.parts] == ['x "y"', "a, b"]


@pytest.mark.parametrize("text", ["", "struct(", "struct(a", "int[", "decimal(", "a$b", ")"])
def test_what_is_no_type_is_one_of_that_name(text: str) -> None:
    assert read_type(text) == DataType(text.upper())
