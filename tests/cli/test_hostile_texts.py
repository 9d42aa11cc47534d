"""What people write stays text: in every field of every file, every command and every form."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from functools import reduce
from pathlib import Path
from typing import Any

import pytest
import yaml

from mesh_platform.cli.output import console, joined, styled, table, tell
from mesh_platform.environments.workspace import Workspace
from mesh_platform.model.loader import load_mesh
from tests.cli.conftest import Run
from tests.engines.duckdb.parquet import write_parquet
from tests.planned import release_all
from tests.release.staging import record_files
from tests.small_mesh import ORDERS, REVENUE, SmallMesh, write_mesh

SLY = (
    "a [/b] [bold red]x[/] [link=http://e.example]y {0} {x} %s ${object} :smile:"
    "\x1b[2J\x1b]8;;http://e.example\x07 \r\x9b1m \u202eevil\u2066 <script>alert(1)</script>"
    " | `::error::` =1+1"
)
SHOWN = "a [/b] [bold red]x[/] [link=http://e.example]y {0} {x} %s ${object} :smile:\\x1b[2J"
"""How a terminal shows the beginning of it."""
_OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
FILES = [
    "domains/shop/domain.yaml",
    f"{ORDERS}/product.odps.yaml",
    f"{ORDERS}/orders.odcs.yaml",
    f"{REVENUE}/product.odps.yaml",
    f"{REVENUE}/revenue.odcs.yaml",
]
LOOKS = [
    "list",
    "status",
    "show shop/orders",
    "show report/revenue",
    "check",
    "check --format github",
    "check --format sarif",
    "check --format markdown",
    "plan",
    "plan --format github",
    "plan --format sarif",
    "plan --format markdown",
    "lineage report/revenue",
    "releases shop/orders",
    "compliance",
    "compliance --format html",
    "compliance --history",
    "policy list",
    "policy test",
    "env list",
    "doctor",
    "verify shop/orders --draft",
    "diff shop/orders 1 1",
    "export oors shop/orders",
    "export omms",
    "export omds shop/orders",
    "read shop/orders",
    "read shop/orders --format json",
    "read shop/orders --sql bad[/b]\x1b[2J",
    "list no[/b]\x1b[2J",
    "--no[/b]\x1b[2J",
]


def _leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, dict | list):
        for key, held in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _leaves(held, (*path, key))
    elif isinstance(value, str):
        yield path


def _with(text: str, path: tuple[Any, ...], value: str) -> str:
    data = yaml.safe_load(text)
    reduce(lambda holder, key: holder[key], path[:-1], data)[path[-1]] = value
    return str(yaml.dump(data, Dumper=yaml.CSafeDumper))


@pytest.fixture(scope="module")
def sly_mesh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A mesh with releases, in which every field that takes any text holds the same sly one."""
    mesh = write_mesh(tmp_path_factory.mktemp("sly") / "mesh")
    mesh.write(f"{REVENUE}/waivers.yaml", f"waivers:\n  - {json.dumps({'code': SLY})}\n")
    changed = 0
    for file in FILES:
        for path in _leaves(yaml.safe_load(mesh.read(file))):
            if "inputPorts" in path:  # names a file that must be there
                continue
            before = mesh.read(file)
            mesh.write(file, _with(before, path, SLY))
            loaded = load_mesh(mesh.root)
            if len(loaded.products) == 2 and not any(domain.broken for domain in loaded.domains):
                changed += 1
            else:
                mesh.write(file, before)
    assert changed > 20
    release_all(mesh)
    for data in mesh.root.glob(".mesh/dev/**/*.parquet"):
        write_parquet(data, "a varchar", [(SLY,)])
    record_files(Workspace.open(mesh.root))
    return mesh.root


@pytest.mark.parametrize("words", LOOKS)
def test_no_command_obeys_what_a_file_or_a_row_says(sly_mesh: Path, look: Run, words: str) -> None:
    said = look("-C", str(sly_mesh), *words.split(" "))
    assert said.code in (0, 1, 2)
    assert "should not happen" not in said.err
    assert not _OBEYED.search(said.out + said.err)
    assert "<script>" not in said.out or "html" not in words
    if "sarif" in words or "json" in words:
        json.loads(said.out)


@pytest.mark.parametrize("words", ["list", "show shop/orders", "read shop/orders"])
def test_what_looks_like_markup_is_shown_as_it_was_written(
    sly_mesh: Path, look: Run, words: str
) -> None:
    said = look("-C", str(sly_mesh), *words.split())
    for word in SHOWN.split():
        assert word in said.out


def test_each_field_alone_stops_nothing(mesh: SmallMesh, look: Run) -> None:
    """Whatever one field of the shop says, the report is listed as before."""
    for file in FILES[:3]:
        before = mesh.read(file)
        for path in [*_leaves(yaml.safe_load(before))][::3]:
            mesh.write(file, _with(before, path, SLY))
            said = look("-C", str(mesh.root), "list")
            assert "should not happen" not in said.err, (file, path)
            assert not _OBEYED.search(said.out + said.err), (file, path)
            assert "report/revenue" in said.out, (file, path)
        mesh.write(file, before)


def test_a_console_takes_strings_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    console().print("[b]x[/b] [/c]\x1b[2J", table(("[i]a",), [["[/b]\r"]], "[t]"))
    tell("[red]z[/red] [/]\x1b]0;t\x07")
    printed = capsys.readouterr()
    assert printed.out.split() == ["[b]x[/b]", "[/c]\\x1b[2J", "[t]", "[i]a", "[/b]\\r"]
    assert printed.err == "[red]z[/red] [/]\\x1b]0;t\\x07\n"


def test_parts_keep_their_style() -> None:
    made = joined("a", styled("[b]", "red"), "c")
    assert (made.plain, [(s.start, s.end, s.style) for s in made.spans]) == (
        "a[b]c",
        [(1, 4, "red")],
    )


def test_only_the_module_of_output_makes_terminal_text() -> None:
    """A `Text` or a `Console` made elsewhere of what people write would be a way around it."""
    rooms = Path(__file__).parents[2] / "mesh_platform"
    ways = {"Text", "Console", "print", "echo", "secho", "from_markup"}
    found = {
        f"{path.relative_to(rooms)}: {name}"
        for path in sorted(rooms.glob("cli/**/*.py"))
        for call in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(call, ast.Call)
        and (name := _called(call)) in ways
        and not all(isinstance(given, ast.Constant) for given in call.args)
    }
    assert {line for line in found if not line.startswith("cli/output.py")} == set()


def _called(call: ast.Call) -> str | None:
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return None
