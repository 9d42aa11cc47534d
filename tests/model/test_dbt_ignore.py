"""Which files of a project are dbt's is told as dbt tells it: dbt itself is asked."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from mesh_platform.files import files_under
from mesh_platform.model.dbt_ignore import read_ignore
from mesh_platform.model.loader import load_mesh
from tests.small_mesh import ORDERS, SmallMesh

FILES = (
    "products/orders/orders.sql",
    "products/orders/LOUD.SQL",
    "products/orders/.sql",
    "products/orders/._orders.sql",
    "products/orders/.#orders.sql",
    "products/orders/~orders.sql",
    "products/orders/#orders.sql",
    "products/orders/#orders.sql#",
    "products/orders/orders.sql~",
    "products/orders/drafts/idea.sql",
    "products/orders/drafts/keep.sql",
    "products/orders/drafts/deep/idea.sql",
    "products/x.sql",
    "products/orders/x.sql",
    "products/with space.sql",
)
IGNORED = {
    "nothing": "",
    "a path": "products/orders/drafts/*.sql\n",
    "a folder": "drafts/\n",
    "a folder at the top": "/drafts/\n",
    "all but one": "**/drafts/*\n!keep.sql\n",
    "one at the top": "/products/x.sql\n",
    "one at any depth": "x.sql\n",
    "folders between": "products/**/idea.sql\n",
    "a comment": "# x.sql\n\\#orders.sql\n",
    "spaces": "  \nwith space.sql   \n",
    "a question": "?.sql\n[a-m]*.sql\n",
    "lines of another system": "drafts/\r\nx.sql\r\n",
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name in FILES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    return tmp_path


def _as_dbt_finds(folder: Path) -> set[str]:
    from dbt.parser.read_files import generate_dbt_ignore_spec
    from dbt.parser.search import filesystem_search

    spec, project = generate_dbt_ignore_spec(str(folder)), SimpleNamespace(project_root=str(folder))
    found = filesystem_search(project, ["products"], ".sql", spec)
    return {path.original_file_path for path in found}


def _taken(folder: Path) -> set[str]:
    ignore = read_ignore(folder)
    found = files_under(folder / "products")
    return {path.relative_to(folder).as_posix() for path in found if ignore.takes(path, ".sql")}


@pytest.mark.slow
@pytest.mark.parametrize("text", IGNORED.values(), ids=list(IGNORED))
def test_files_are_those_that_dbt_would_find(project: Path, text: str) -> None:
    (project / ".dbtignore").write_bytes(text.encode())
    assert _taken(project) == _as_dbt_finds(project)


def test_patterns_are_those_of_git_seen_from_the_project(project: Path) -> None:
    (project / ".dbtignore").write_text("**/drafts/*\n!keep.sql\n/products/x.sql\nLOUD*\n")
    assert _taken(project) == {
        "products/orders/orders.sql",
        "products/orders/drafts/keep.sql",
        "products/orders/x.sql",
        "products/with space.sql",
    }


def test_a_line_that_is_no_pattern_is_told_and_the_others_count(mesh: SmallMesh) -> None:
    mesh.edit("domains/shop/.dbtignore", "README.md\n", "README.md\n!\n[z-a].sql\n")
    mesh.edit("domains/shop/.dbtignore", "waivers.yaml\n", "waivers.yaml\nstg_*.sql\n")
    findings = load_mesh(mesh.root, {}).domain("shop").findings
    at = [(found.code, str(found.place), found.message) for found in findings]
    assert at == [
        ("domain.layout", f"domains/shop/.dbtignore:{line}", said)
        for line, said in (
            (4, "`!` is no pattern of git: dbt cannot start with it"),
            (5, "`[z-a].sql` is no pattern of git: dbt cannot start with it"),
        )
    ]
    ignore = read_ignore(mesh.path("domains/shop"))
    assert ignore.hides(mesh.path(f"{ORDERS}/stg_orders.sql"))


@pytest.mark.parametrize("name", ["._orders.odcs.yaml", ".#orders.odcs.yaml", "~x.odcs.yaml"])
def test_what_is_left_beside_a_contract_is_no_contract(mesh: SmallMesh, name: str) -> None:
    mesh.path(f"{ORDERS}/{name}").write_bytes(b"\x00\x05\x16\x07\xff")
    assert load_mesh(mesh.root, {}).domain("shop").findings == ()


def test_the_lock_of_an_editor_is_no_strange_file(mesh: SmallMesh) -> None:
    mesh.path(f"{ORDERS}/.#orders.sql").symlink_to("somebody@somewhere.123")
    assert load_mesh(mesh.root, {}).domain("shop").findings == ()
