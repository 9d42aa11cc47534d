"""What SQL reads around input ports is found with its line."""

from __future__ import annotations

from mesh_platform.model.loader import load_mesh
from mesh_platform.release.reads import reads_around_ports
from tests.small_mesh import ORDERS, REVENUE, SmallMesh


def _found(mesh: SmallMesh) -> dict[str, list[str]]:
    reads = reads_around_ports(load_mesh(mesh.root))
    return {str(name): [f"{r.what} {r.place}" for r in found] for name, found in reads.items()}


def test_what_is_declared_is_not_found(mesh: SmallMesh) -> None:
    assert _found(mesh) == {}


def test_a_source_that_is_no_input_port_is_found(mesh: SmallMesh) -> None:
    mesh.write(f"{REVENUE}/int_more.sql", "select *\nfrom {{ source('shop', 'customers') }}\n")
    assert _found(mesh) == {
        "report/revenue": [f"source('shop', 'customers') {REVENUE}/int_more.sql:2"]
    }


def test_a_file_that_is_read_is_found_and_one_in_a_comment_is_not(mesh: SmallMesh) -> None:
    text = (
        "-- read_csv('x')\n/* source('a', 'b') */\n{# glob('x') #}\nselect * from read_csv('y')\n"
    )
    mesh.write(f"{ORDERS}/int_file.sql", text)
    assert _found(mesh) == {"shop/orders": [f"read_csv(…) {ORDERS}/int_file.sql:4"]}
