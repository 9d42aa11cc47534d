"""Any table of texts that is written as CSV comes back as it was."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from mesh_platform.engines.duckdb.landing.csv_rows import csv_columns, csv_rows
from mesh_platform.engines.duckdb.landing.csv_shape import shape_of
from mesh_platform.model.dialect import read_dialect
from tests.engines.duckdb.landing.sources import a_landing, read, rows

LETTERS = st.sampled_from([*("ab7 ,;\t|\"'\\#\n\ré💥\x00\ufeff\u2028\x1c."), "\r\n", "NULL", "NA"])
TEXT = st.lists(LETTERS, max_size=6).map("".join)
ANY_FOLDER: dict[str, Any] = {
    "deadline": None,
    "suppress_health_check": [HealthCheck.function_scoped_fixture],
}


@dataclass(frozen=True)
class Written:
    """A table of texts in some dialect of Python's `csv`, and what the port says of it."""

    options: dict[str, Any]
    style: dict[str, Any]


STYLES = [
    Written({"null": []}, {}),
    Written({}, {"quoting": csv.QUOTE_ALL}),
    Written({"delimiter": ";", "null": []}, {"delimiter": ";", "lineterminator": "\n"}),
    Written({"delimiter": "\t"}, {"delimiter": "\t", "quoting": csv.QUOTE_NONNUMERIC}),
    Written({"quote": "'", "null": "\\N"}, {"quotechar": "'", "lineterminator": "\r"}),
    Written(
        {"escape": "\\", "null": [], "delimiter": "|"},
        {"escapechar": "\\", "doublequote": False, "delimiter": "|"},
    ),
    Written(
        {"escape": "#", "quote": None, "null": [], "delimiter": ";"},
        {"escapechar": "#", "quoting": csv.QUOTE_NONE, "delimiter": ";", "quotechar": None},
    ),
    Written({"comment": "#"}, {"quoting": csv.QUOTE_ALL, "lineterminator": "\n"}),
    Written(
        {"encoding": "utf-16", "skip": 1, "null": []},
        {"lineterminator": "\n"},
    ),
    Written(
        {"delimiter": "é", "escape": "\\"},
        {"delimiter": "é", "escapechar": "\\", "quoting": csv.QUOTE_ALL},
    ),
]


def _file(written: Written, table: list[list[str]]) -> bytes:
    out = io.StringIO(newline="")
    out.write('skipped "\n' * written.options.get("skip", 0))
    csv.writer(out, **written.style).writerows(table)
    return out.getvalue().encode(written.options.get("encoding", "utf-8"))


def _python_reads_it(written: Written, body: list[list[str]]) -> bool:
    """Some tables are written so that nobody can read them, as a lone CR without quotes."""
    try:
        text = _file(written, body).decode(written.options.get("encoding", "utf-8"))
    except csv.Error:
        return False
    lines = io.StringIO(text.removeprefix('skipped "\n'), newline="")
    return list(csv.reader(lines, **written.style)) == body


def _read_back(folder: Path, written: Written, body: list[list[str]]) -> None:
    names = [f"c{index}" for index in range(len(body[0]))]
    landing = a_landing(**written.options)
    found = read(folder, _file(written, [names, *body]), landing)
    assert found == (names, [tuple(row) for row in body])


@st.composite
def tables(draw: st.DrawFn) -> list[list[str]]:
    width = draw(st.integers(1, 3))
    row = st.lists(TEXT, min_size=width, max_size=width)
    return draw(st.lists(row, min_size=1, max_size=5))


@pytest.mark.parametrize("written", STYLES, ids=lambda written: str(written.options))
@given(body=tables())
@settings(max_examples=100, **ANY_FOLDER)
def test_any_table_of_texts_comes_back_from_the_exact_reader(
    tmp_path: Path, written: Written, body: list[list[str]]
) -> None:
    assume(_python_reads_it(written, body))
    path, (dialect, _) = tmp_path / "a.csv", read_dialect(written.options)
    names = [f"c{index}" for index in range(len(body[0]))]
    path.write_bytes(_file(written, [names, *body]).decode(dialect.encoding).encode())
    columns = csv_columns(path, dialect)
    assert (columns, list(csv_rows(path, dialect, columns))) == (tuple(names), body)


@pytest.mark.parametrize("written", STYLES, ids=lambda written: str(written.options))
@given(body=tables())
@settings(max_examples=8, **ANY_FOLDER)
def test_any_table_of_texts_comes_back_from_a_build(
    tmp_path: Path, written: Written, body: list[list[str]]
) -> None:
    assume(_python_reads_it(written, body))
    _read_back(tmp_path, written, body)


INTERESTING = ["#,\"'", 'a\r\n"b"', "\\;|\t"]
"""A row that would be told otherwise by whoever looks at the beginning only."""


@pytest.mark.parametrize("written", STYLES, ids=lambda written: str(written.options))
def test_a_row_that_differs_comes_back_when_it_is_the_sixty_thousandth(
    tmp_path: Path, written: Written
) -> None:
    body = [["1", "2", "3"]] * 59_999 + [INTERESTING, ["4", "5", "6"]]
    _read_back(tmp_path, written, body)


PIECES = st.sampled_from([",", '"', "\n", "\r\n", "\r", "a", "é", "#"])


@given(content=st.lists(PIECES, max_size=14))
@settings(max_examples=150, **ANY_FOLDER)
def test_where_the_fast_way_is_proven_both_ways_read_the_same(
    tmp_path: Path, content: list[str]
) -> None:
    """Files that nobody wrote with care: what is proven of them is what the exact reader says."""
    path = tmp_path / "a.csv"
    path.write_text("a,b\n" + "".join(content), encoding="utf-8", newline="")
    dialect, _ = read_dialect({})
    shape = shape_of(path, dialect, 2)
    if shape is None:
        return
    exact = list(csv_rows(path, dialect, csv_columns(path, dialect)))
    assert len(exact) == shape.rows - 1
    assert read(tmp_path, path.read_bytes())[1] == [tuple(row) for row in exact]


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7])
def test_the_proof_holds_wherever_a_block_of_the_file_ends(
    tmp_path: Path, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mesh_platform.engines.duckdb.landing.csv_shape._BLOCK", size)
    content = 'a,b\r\n"1""2","x\r\ny"\n\\"é",\r\n'.replace("\\", "") + '"","z"\r\n"""",","'
    assert rows(tmp_path, content) == [
        ('1"2', "x\r\ny"),
        ("é", None),
        ("", "z"),
        ('"', ","),
    ]
    path = tmp_path / "raw.csv"
    shape = shape_of(path, read_dialect({})[0], 2)
    assert shape is not None
    assert (shape.rows, shape.line_end, shape.whole_lines) == (5, None, False)
