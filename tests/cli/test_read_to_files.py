"""`mesh read -o` and its siblings write to what stands there, and delete nothing of others."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests import warm
from tests.cli.conftest import Run
from tests.small_mesh import SmallMesh

NAME = "shop/orders"
FORMS = pytest.mark.parametrize("form", ["table", "csv", "json", "parquet", "arrow"])


@pytest.fixture
def mesh(shop: SmallMesh) -> SmallMesh:
    return shop


def _out(mesh: SmallMesh) -> Path:
    folder = mesh.path("out")
    folder.mkdir()
    return folder


@FORMS
def test_a_link_stays_a_link_and_a_file_keeps_its_mode(
    look: Run, mesh: SmallMesh, form: str
) -> None:
    folder = _out(mesh)
    (folder / "real").write_bytes(b"old")
    (folder / "real").chmod(0o640)
    (folder / "link").symlink_to("real")
    (folder / "link.part").write_bytes(b"of a user")
    said = look("read", NAME, "--format", form, "-o", str(folder / "link"))
    assert said.code == 0, said.err
    assert (folder / "link").is_symlink()
    assert (folder / "real").stat().st_mode & 0o777 == 0o640
    assert (folder / "real").read_bytes() != b"old"
    assert (folder / "link.part").read_bytes() == b"of a user"
    assert sorted(path.name for path in folder.iterdir()) == ["link", "link.part", "real"]


@pytest.mark.parametrize(
    "words",
    [
        ("read", NAME, "--format", "csv"),
        ("read", NAME, "--format", "parquet"),
        ("export", "oors", NAME),
        ("compliance", "--format", "html"),
    ],
)
def test_a_pipe_gets_the_answer_and_stays_a_pipe(
    look: Run, mesh: SmallMesh, words: tuple[str, ...]
) -> None:
    pipe = _out(mesh) / "pipe"
    os.mkfifo(pipe)
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.append(pipe.read_bytes()), daemon=True)
    reader.start()
    said = look(*words, "-o", str(pipe))
    reader.join(30)
    assert (said.code, pipe.is_fifo()) == (0, True), said.err
    assert len(got[0]) > 0


def test_a_dash_is_standard_output(look: Run, mesh: SmallMesh, monkeypatch: Any) -> None:
    monkeypatch.chdir(_out(mesh))
    for form in ("csv", "json", "table"):
        plain = look("read", NAME, "--format", form)
        dashed = look("read", NAME, "--format", form, "-o", "-")
        assert (dashed.code, dashed.out) == (0, plain.out)
    assert look("export", "oors", NAME, "-o", "-").out.startswith("{")
    assert list(mesh.path("out").iterdir()) == []


def test_a_query_that_fails_leaves_the_old_file(look: Run, mesh: SmallMesh) -> None:
    folder = _out(mesh)
    (folder / "a.csv").write_text("old")
    said = look("read", NAME, "--sql", "select error('x') from port", "-o", str(folder / "a.csv"))
    assert said.code == 2
    assert (folder / "a.csv").read_text() == "old"
    assert [path.name for path in folder.iterdir()] == ["a.csv"]


def test_a_folder_that_is_not_there_is_told(look: Run, mesh: SmallMesh) -> None:
    said = look("read", NAME, "-o", "none/a.csv")
    assert (said.code, said.err.splitlines()) == (
        2,
        ["none/a.csv cannot be written: No such file or directory", "  try: correct `-o`"],
    )


@pytest.mark.parametrize(
    ("name", "words", "begins"),
    [
        ("a.csv", (), b"a\n1\n"),
        ("a", (), b"a\n1\n"),
        ("a.json", (), b'[\n\t{"a":1}\n]'),
        ("a.parquet", (), b"PAR1"),
        ("a.csv", ("--format", "table"), b"a"),
        ("a.txt", ("--format", "parquet"), b"PAR1"),
    ],
)
def test_the_form_is_the_one_that_was_asked_for_else_that_of_the_ending(
    look: Run, mesh: SmallMesh, name: str, words: tuple[str, ...], begins: bytes
) -> None:
    file = _out(mesh) / name
    assert look("read", NAME, *words, "-o", str(file)).code == 0
    content = file.read_bytes()
    assert content.replace(b"\r\n", b"\n").startswith(begins)
    assert (b"," in content or content.count(b"\n") > 0) is True


def test_a_table_in_a_file_is_a_table(look: Run, mesh: SmallMesh) -> None:
    file = _out(mesh) / "a.csv"
    query = "select 1 as one, 'x' as two"
    assert look("read", NAME, "--sql", query, "--format", "table", "-o", str(file)).code == 0
    assert [line.split() for line in file.read_text().splitlines()] == [["one", "two"], ["1", "x"]]


def test_a_pipe_is_no_terminal(mesh: SmallMesh) -> None:
    pipe, said = mesh.path("pipe"), mesh.path("said")
    os.mkfifo(pipe)
    words = ["read", NAME, "--format", "parquet"]
    started = warm.mesh_to(words, mesh.root, os.environ, pipe, said)
    file = mesh.path("got.parquet")
    file.write_bytes(pipe.read_bytes())
    assert started.ended().code == 0, said.read_text()
    assert duckdb.read_parquet(str(file)).fetchall() == [(1,)]


@pytest.mark.parametrize("words", [("--format", "json"), ("-o", "a.json"), ("--output", "json")])
def test_json_does_not_lose_one_of_two_columns_of_one_name(
    look: Run, words: tuple[str, ...]
) -> None:
    said = look("read", NAME, "--sql", "select 1 as a, 2 as a", *words)
    assert said.code == 2
    assert "two columns of the answer are called `a`" in said.err


def test_an_ending_of_another_form_is_refused(look: Run, mesh: SmallMesh) -> None:
    file = _out(mesh) / "a.xlsx"
    said = look("read", NAME, "-o", str(file))
    assert (said.code, said.err.splitlines()) == (
        2,
        [
            "no form of an answer has the ending `.xlsx`",
            "  try: say `--format`: table, csv, json, arrow, parquet",
        ],
    )
    assert not file.exists()


VALUES = (
    "select '' as empty, null as none, true as yes, 1.50 as amount, interval 1 day as long, "
    "timestamptz '2026-01-02 03:04:05+00' as at"
)


@pytest.mark.parametrize(("form", "text"), [
    ("csv", """empty,none,yes,amount,long,at
"",,true,1.50,1 day,2026-01-02 03:04:05+00
"""),
    ("json", """[
	{"empty":"","none":null,"yes":true,"amount":1.5,"long":"1 day","at":"2026-01-02 03:04:05+00"}
]
"""),
])  # fmt: skip
def test_a_pipe_a_file_and_a_terminal_get_the_same_values(
    look: Run, mesh: SmallMesh, form: str, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("read", NAME, "--sql", VALUES, "--format", form)
    file = _out(mesh) / "values"
    assert look(*words, "-o", str(file)).code == 0
    assert file.read_text(encoding="utf-8") == text
    assert look(*words).out == text
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert look(*words).out == text


def test_a_value_of_several_lines_stays_in_its_row_of_a_table(look: Run, mesh: SmallMesh) -> None:
    asked = ("read", NAME, "--sql", r"select e'one\ntwo\tthree' as a, 1 as b", "--format", "table")
    assert look(*asked).out.splitlines() == ["a                b", r"one\ntwo\tthree  1"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no full device")
@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("words", [("list",), ("read", NAME, "--format", "csv")])
def test_an_answer_for_which_there_is_no_room_is_told(
    mesh: SmallMesh, words: tuple[str, ...], unbuffered: str
) -> None:
    environment, said = os.environ | {"PYTHONUNBUFFERED": unbuffered}, mesh.path("said")
    ended = warm.mesh_to(words, mesh.root, environment, Path("/dev/full"), said).ended()
    assert ended.code == 2
    assert said.read_text().startswith("the answer cannot be written: No space left on device\n")


def test_who_names_a_file_otherwise_than_its_format_reads_of_it(look: Run, mesh: SmallMesh) -> None:
    file = _out(mesh) / "orders.csv"
    said = look("read", NAME, "--format", "parquet", "-o", str(file))
    assert (said.code, file.read_bytes()[:4]) == (0, b"PAR1")
    assert f"{file} gets the format parquet, though its name says csv" in said.err
    assert "though" not in look("read", NAME, "--format", "csv", "-o", str(file)).err
