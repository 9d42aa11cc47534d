"""CSV is read as the port says; what is not so is told with line, words and a way out."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from mesh_platform.model.contract import Contract
from tests.engines.duckdb.landing.sources import a_landing, read, refused, rows
from tests.small_mesh import ORDERS, write_mesh


def test_a_quote_that_is_never_closed_is_told_before_all_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mesh_platform.engines.duckdb.landing.csv_rows._LARGEST", 1 << 20)
    told = refused(tmp_path, 'a,b\n1,"x\n' + "2,y\n" * 500_000, a_landing("raw.csv", "csv"))
    assert told.startswith(
        "`raw.csv`, line 2: the quoted field that begins here is longer than 1 MB"
    )


CASES: dict[str, tuple[bytes | str, dict[str, Any], list[tuple[str | None, ...]]]] = {
    "a line that begins as a comment": ("a,b\n1,x\n#2,y\n", {}, [("1", "x"), ("#2", "y")]),
    "digits and dates stay text": (
        "a,b\n007,NA\n1e3,2013-01-01\n",
        {},
        [("007", "NA"), ("1e3", "2013-01-01")],
    ),
    "a header and no row": ("a,b\n", {}, []),
    "a header without a line end": ("a,b", {}, []),
    "a last line without an end": ("a,b\n1,2", {}, [("1", "2")]),
    "line ends that change on the way": (
        b"a,b\n1,2\r\n3,4\n5,6\r\n",
        {},
        [("1", "2"), ("3", "4"), ("5", "6")],
    ),
    "line ends that change, and quoted ones that stay": (
        b'a,b\r\n1,"x\r\ny"\n3,"\n"\r\n5,"\r"\n',
        {},
        [("1", "x\r\ny"), ("3", "\n"), ("5", "\r")],
    ),
    "line ends of old computers": (b"a,b\r1,2\r3,4\r", {}, [("1", "2"), ("3", "4")]),
    "a mark of the encoding": (b"\xef\xbb\xbfa,b\n1,2\n", {}, [("1", "2")]),
    "quoted empty is text, empty is null": ('a,b\n"",\n,""\n', {}, [("", None), (None, "")]),
    "an empty line of one column is null": (
        'a\n1\n\n""\n\n',
        {},
        [("1",), (None,), ("",), (None,)],
    ),
    "spaces belong to the field": ("a,b\n 1 , 2 \n", {}, [(" 1 ", " 2 ")]),
    "a NUL is a character": (b"a,b\n1,x\x00y\n", {}, [("1", "x\x00y")]),
    "quotes and delimiters in quotes": ('a,b\n"x""y","1,2"\n', {}, [('x"y', "1,2")]),
    "a delimiter of one character": ("a;b\n1;2,5\n", {"delimiter": ";"}, [("1", "2,5")]),
    "a delimiter that is a tab": ("a\tb\n1\t2\n", {"delimiter": "\\t"}, [("1", "2")]),
    "a delimiter that is not ASCII": ("a§b\n1§2\n", {"delimiter": "§"}, [("1", "2")]),
    "a delimiter of two characters": (
        'a||b\n1||x|y\n"a||b"||z\n',
        {"delimiter": "||"},
        [("1", "x|y"), ("a||b", "z")],
    ),
    "another quote": ("a,b\n'x,y','it''s'\n", {"quote": "'"}, [("x,y", "it's")]),
    "no quote": ('a,b\n"1,2"\n', {"quote": "none"}, [('"1', '2"')]),
    "an escape in and outside of quotes": (
        'a,b\n"x\\"y\\\\",1\n2\\,3,\\"\n',
        {"escape": "\\"},
        [('x"y\\', "1"), ("2,3", '"')],
    ),
    "an escaped line end": ("a,b\n1\\\n2,x\n", {"escape": "\\", "quote": None}, [("1\n2", "x")]),
    "the escape is the quote": ('a,b\n"x""y",1\n', {"escape": '"'}, [('x"y', "1")]),
    "a word that means null": (
        'a,b\nNA,\n"NA",""\n',
        {"null": "NA"},
        [(None, ""), ("NA", "")],
    ),
    "words that mean null": ("a,b\nNA,\n", {"null": ["NA", ""]}, [(None, None)]),
    "nothing means null": ("a,b\n,NA\n", {"null": []}, [("", "NA")]),
    "a null that is written with the escape": (
        "a,b\n\\N,\\\\N\n",
        {"null": "\\N", "escape": "\\"},
        [(None, "\\N")],
    ),
    "comments are lines": (
        'a,b\n#1,2\n3,#4\n5,6#x\n"#7",8\n',
        {"comment": "#"},
        [("3", "#4"), ("5", "6#x"), ("#7", "8")],
    ),
    "lines before the header": ('Report "of\n\na,b\n1,2\n', {"skip": 2}, [("1", "2")]),
    "no header": ("1,2\n3,4\n", {"header": False}, [("1", "2"), ("3", "4")]),
    "names for no header": ("1,2\n", {"header": ["x", "y"]}, [("1", "2")]),
    "a decimal comma": (
        'a;b\n1,5;"-,25"\n1.234,5;12,13,14\n1,5e-3;x1,5\n',
        {"delimiter": ";", "decimal": ","},
        [("1.5", "-.25"), ("1.234,5", "12,13,14"), ("1.5e-3", "x1,5")],
    ),
    "latin-1": (b"a,b\n1,\xe9\n", {"encoding": "latin-1"}, [("1", "é")]),
    "cp1252": (b"a,b\n1,\x80\n", {"encoding": "cp1252"}, [("1", "€")]),
    "utf-16": ("a,b\n1,é\n".encode("utf-16"), {"encoding": "utf-16"}, [("1", "é")]),
    "utf-16-le with its mark": (
        "\ufeffa,b\n1,é\n".encode("utf-16-le"),
        {"encoding": "utf-16-le"},
        [("1", "é")],
    ),
    "a very long field": ("a,b\n" + "x" * 5_000_000 + ",1\n", {}, [("x" * 5_000_000, "1")]),
}


@pytest.mark.parametrize("case", CASES)
def test_csv_is_read_as_its_port_says(tmp_path: Path, case: str) -> None:
    content, options, expected = CASES[case]
    assert rows(tmp_path, content, **options) == expected


@pytest.mark.parametrize(
    ("content", "options", "expected"),
    [
        ("a,b\n", {}, ["a", "b"]),
        ('"a,""\n",b\n1,2\n', {}, ['a,"\n', "b"]),
        (",a,\n1,2,3\n", {}, ["column0", "a", "column2"]),
        ("1,2\n", {"header": False}, ["column0", "column1"]),
        ("1,2\n", {"header": ["x", "it's"]}, ["x", "it's"]),
        ("NA,é\n1,2\n", {"null": "NA"}, ["NA", "é"]),
        ("É,é\n", {}, ["É", "é"]),
    ],
)
def test_columns_are_called_as_the_header_says(
    tmp_path: Path, content: str, options: dict[str, Any], expected: list[str]
) -> None:
    assert read(tmp_path, content, a_landing(**options))[0] == expected


@pytest.mark.parametrize(
    ("content", "options", "said"),
    [
        (
            "a,b\n1,2\n3\n4,5\n",
            {},
            "`raw.csv`, line 3: 1 field for 2 columns: `3` | "
            "correct the line; a field that holds the delimiter is quoted",
        ),
        (
            "a,b\n1,2\n3",
            {},
            "`raw.csv`, line 3: 1 field for 2 columns: `3` | "
            "the file ends in this line: deliver it whole",
        ),
        (
            "a;b\n1;2,5\n",
            {},
            "`raw.csv`, line 2: 2 fields for 1 column: `1;2,5` | "
            "where `;` separates fields, set the property `delimiter`",
        ),
        (
            'a,b\n"1\n2",3\n4,5,\n',
            {},
            "`raw.csv`, line 4: 3 fields for 2 columns: `4,5,` | "
            "correct the line; a field that holds the delimiter is quoted",
        ),
        (
            "a,b\n1,2\n\n",
            {},
            "`raw.csv`, line 3: the line is empty, there are 2 columns | remove it",
        ),
        (
            'a,b\n1,"x"y\n',
            {},
            '`raw.csv`, line 2: text after the quote that ends a field: `1,"x"y` | '
            "double a quote that belongs to the field",
        ),
        (
            'a,b\n1,5" pipe\n',
            {},
            "`raw.csv`, line 2: a quote inside a field that does not begin with one: "
            '`1,5" pipe` | quote the field and double the quote; plain quotes: set `quote` to '
            "`none`",
        ),
        (
            'a,b\n1,2\n3,"x\n5,6\n',
            {},
            "`raw.csv`, line 3: the quoted field that begins here never ends: `x` | "
            "close the quote; where quotes are plain text, set `quote` to `none`",
        ),
        (
            "a,b\n1,2\\",
            {"escape": "\\"},
            "`raw.csv`, line 2: the file ends with an escape: `1,2\\` | deliver the file whole",
        ),
        (
            "id,b,ID\n1,2,3\n",
            {},
            "`raw.csv`, line 1: two columns have one name: `ID` | "
            "correct the header, or skip it and give `header` the names",
        ),
        (
            b"a,b\n1,2\n3,M\xfcller\n",
            {},
            "`raw.csv`, line 3: the byte 0xFC is not utf-8: `3,M\\xfc` | "
            "set the property `encoding`, such as `cp1252`, or deliver the file in utf-8",
        ),
        (
            b"a,b\n1,\x81\n",
            {"encoding": "cp1252"},
            "`raw.csv`, line 2: the byte 0x81 is not cp1252: `1,\\x81` | "
            "set the property `encoding`, such as `utf-8`, or deliver the file in cp1252",
        ),
        (
            "a,b\n1,é".encode()[:-1],
            {},
            "`raw.csv`, line 2: the byte 0xC3 is not utf-8: `1,\\xc3` | "
            "set the property `encoding`, such as `cp1252`, or deliver the file in utf-8",
        ),
        (
            "a,b\n1,é\n".encode("utf-16"),
            {},
            "`raw.csv`: it is not text in utf-8, it begins as text in UTF-16 | "
            "set the property `encoding` to `utf-16`",
        ),
        (
            "a,b\n1,2\n".encode("utf-16-le"),
            {},
            "`raw.csv`, line 1: the name of a column holds a NUL: `a\\x00` | "
            "text with a NUL after each letter is UTF-16: set the property `encoding`",
        ),
        (
            b"PK\x03\x04\x14\x00\xff",
            {},
            "`raw.csv`: it is not text in utf-8, it begins as a ZIP archive or an Excel workbook"
            " | save the sheet as CSV, or unpack it",
        ),
        (
            "",
            {},
            "`raw.csv`: the file is empty, it has not even a header | "
            "correct the file, or deliver it again",
        ),
        (
            "a\nb\n",
            {"skip": 5},
            "`raw.csv`: the file has no line after the 5 that are skipped, not even a header | "
            "correct the file, or deliver it again",
        ),
        (
            "a,b\n1,\x1b[31m" + "x" * 200 + ",2\n",
            {},
            "`raw.csv`, line 2: 3 fields for 2 columns: `1,\\x1b[31m" + "x" * 70 + "…` | "
            "correct the line; a field that holds the delimiter is quoted",
        ),
    ],
)
def test_what_is_not_as_the_port_says_is_told(
    tmp_path: Path, content: bytes | str, options: dict[str, Any], said: str
) -> None:
    assert refused(tmp_path, content, a_landing(**options)) == said


@pytest.fixture(scope="module")
def promised(tmp_path_factory: pytest.TempPathFactory) -> tuple[Contract, ...]:
    """The contract of `shop/orders`, which classifies `customer`."""
    from mesh_platform.environments.workspace import Workspace

    mesh = write_mesh(tmp_path_factory.mktemp("mesh"), "shop")
    assert "classification: restricted" in mesh.read(f"{ORDERS}/orders.odcs.yaml")
    product = Workspace.open(mesh.root).mesh.product("shop/orders")
    return tuple(port.contract for port in product.ports)


@pytest.mark.parametrize(
    ("content", "shown"),
    [
        ("order_id,status\n1,x,y\n", "`1,x,y`"),  # all promised, none classified
        ("order_id,customer\n1,zoe,y\n", "`•••`"),
        ("order_id,kunde\n1,zoe,y\n", "`•••`"),  # nobody knows what it holds
        ("order_id,zoe,zoe\n1,2,3\n", "`•••`"),  # a header that may be a row
        (b"order_id,customer\n1,zo\xeb\n", "`•••`"),
    ],
)
def test_words_that_may_be_classified_are_masked(
    tmp_path: Path, promised: tuple[Contract, ...], content: bytes | str, shown: str
) -> None:
    said = refused(tmp_path, content, promised=promised)
    assert shown in said
    assert shown == "`1,x,y`" or not ({"zoe", "zo\\xeb"} & set(re.findall(r"[\w\\]+", said)))
