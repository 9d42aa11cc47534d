"""One source that cannot be read fails its own product and no other, in this build and the next."""

from __future__ import annotations

import duckdb
import pytest

from mesh_platform.environments.workspace import Workspace
from mesh_platform.release.build import release_product
from mesh_platform.release.outcome import ProductOutcome, Verdict
from tests.small_mesh import ORDERS, SmallMesh, write_mesh, write_sources

pytestmark = pytest.mark.slow

DESCRIPTOR = """\
apiVersion: v1.1.0
kind: DataProduct
id: shop/NAME
version: 1.0.0
status: active
description: {purpose: Shows how sources are read.}
inputPorts:
  - name: NAME_file
    customProperties:
      - {property: location, value: NAME.KIND}
      - {property: format, value: KIND}
outputPorts:
  - {name: NAME, version: 1.0.0, contractId: shop/NAME}
"""
CONTRACT = """\
apiVersion: v3.2.0
kind: DataContract
id: shop/NAME
version: 1.0.0
status: active
schema:
  - name: NAME
    properties:
      - {name: id, logicalType: integer, physicalType: INTEGER, required: true}
      - {name: name, logicalType: string, physicalType: VARCHAR}
"""
SQL = "select cast(id as integer) as id, name from {{ source('landing', 'NAME_file') }}\n"
GOOD = b"id,name\n1,ann\n#2,bob\n"[:14] + b'2,""\n3,\n'
BAD = {
    "latin": ("csv", "id,name\n1,ärger\n".encode("latin-1"), "line 2: the byte 0xE4 is not utf-8"),
    "wide": ("csv", "id,name\n1,é\n".encode("utf-16"), "it begins as text in UTF-16"),
    "sheet": ("csv", b"PK\x03\x04\xff\xff", "it begins as a ZIP archive or an Excel workbook"),
    "empty": ("csv", b"", "the file is empty, it has not even a header"),
    "cut": ("csv", b"id,name\n1,ann\n2", "line 3: 1 field for 2 columns: `2`"),
    "words": ("json", b"id: 1\n", "line 1: an object is expected: `id: 1`"),
    "half": ("json", b'[{"id": 1, "name": "a"},', "line 1: the list never ends"),
    "table": ("parquet", b"id,name\n", "it is not a Parquet file"),
    "torn": ("parquet", b"PAR1" + b"x" * 99, "the Parquet file is cut off, or damaged"),
}


def _product(mesh: SmallMesh, name: str, kind: str, content: bytes) -> str:
    """Write a product and its source; its folder."""
    folder = f"domains/shop/products/{name}"
    for file, text in (
        ("product.odps.yaml", DESCRIPTOR),
        (f"{name}.odcs.yaml", CONTRACT),
        (f"{name}.sql", SQL),
    ):
        mesh.write(f"{folder}/{file}", text.replace("NAME", name).replace("KIND", kind))
    mesh.path(f"{folder}/{name}.{kind}").write_bytes(content)
    return folder


def _build(workspace: Workspace, name: str) -> ProductOutcome:
    return release_product(workspace, workspace.mesh.product(f"shop/{name}"))


@pytest.fixture(scope="module")
def mesh(tmp_path_factory: pytest.TempPathFactory) -> SmallMesh:
    """A domain of a good product and of one for each fault."""
    mesh = write_mesh(tmp_path_factory.mktemp("mesh"), "shop")
    names = ["good", "bare", *BAD]
    _product(mesh, "good", "csv", GOOD)
    _product(mesh, "bare", "csv", b"id,name\n")
    for name, (kind, content, _said) in BAD.items():
        _product(mesh, name, kind, content)
    write_sources(mesh, "shop", "landing", "orders_file", *(f"{name}_file" for name in names))
    return mesh


@pytest.mark.parametrize("build", ["this one", "the next"])
def test_each_bad_source_fails_its_own_product_alone(mesh: SmallMesh, build: str) -> None:
    workspace = Workspace.open(mesh.root)
    assert workspace.mesh.findings == ()
    for name, (kind, _content, said) in BAD.items():
        outcome = _build(workspace, name)
        lines = (outcome.reason or "").splitlines()
        assert (outcome.verdict, len(lines)) == (Verdict.FAILED, 3)
        assert lines[0].startswith(f"shop/{name}: input port `{name}_file`: `{name}.{kind}`")
        assert said in lines[0]
        descriptor = f"domains/shop/products/{name}/product.odps.yaml"
        assert lines[1] == f"  at: {descriptor}:{mesh.line(descriptor, f'- name: {name}_file')}:5"
        assert "dbt" not in "".join(lines)
    for name in ("good", "bare"):
        outcome = _build(workspace, name)
        assert outcome.verdict in (Verdict.RELEASED, Verdict.UP_TO_DATE), outcome.reason


def test_what_is_released_is_what_the_source_says(mesh: SmallMesh) -> None:
    workspace = Workspace.open(mesh.root)
    for name, expected in (("good", [(1, "ann"), (2, ""), (3, None)]), ("bare", [])):
        _build(workspace, name)
        port, release = workspace.find(f"shop/{name}")
        files = workspace.files(release, port.name.name)
        found = duckdb.sql(f"select id, name from read_parquet({list(files)}) order by id")
        assert found.fetchall() == expected


def test_a_mended_source_is_released(mesh: SmallMesh) -> None:
    folder = "domains/shop/products/latin"
    mesh.edit(
        f"{folder}/product.odps.yaml",
        "value: csv}\n",
        "value: csv}\n      - {property: encoding, value: latin-1}\n",
    )
    assert _build(Workspace.open(mesh.root), "latin").verdict is Verdict.RELEASED


def test_a_column_that_a_source_no_longer_has_is_told_at_the_model(mesh: SmallMesh) -> None:
    folder = _product(mesh, "good", "csv", b"id,full name,since\n1,ann,2024\n")
    outcome = _build(Workspace.open(mesh.root), "good")
    assert outcome.reason == (
        "shop/good: model `good` reads the column `name`, and no source of it has one of that "
        f"name\n  at: {folder}/good.sql:1\n  try: `landing.good_file` (`good.csv`) has `id`, "
        "`full name`, `since`: correct the model, or what delivers the source"
    )
    mesh.land_orders("1,ann,1,paid\n")
    mesh.edit(f"{ORDERS}/orders.csv", "order_id", "number")
    outcome = _build(Workspace.open(mesh.root), "orders")
    lines = (outcome.reason or "").splitlines()
    assert "model `stg_orders` reads the column `order_id`" in lines[0], "also where one classifies"
    assert lines[1] == f"  at: {ORDERS}/stg_orders.sql:2"


def test_another_delimiter_is_thought_of_where_there_is_one_column(mesh: SmallMesh) -> None:
    folder = _product(mesh, "good", "csv", b"id;name\n1;ann\n")
    lines = (_build(Workspace.open(mesh.root), "good").reason or "").splitlines()
    assert lines[1:] == [
        f"  at: {folder}/good.sql:1",
        "  try: `landing.good_file` (`good.csv`) has `id;name`: where `;` separates fields, set "
        "the property `delimiter`",
    ]


def test_damage_inside_of_a_parquet_file_is_told_at_its_input_port(mesh: SmallMesh) -> None:
    folder = "domains/shop/products/torn"
    path = mesh.path(f"{folder}/torn.parquet")
    rows = "select i as id, 'name' || i as name from range(100000) as t(i)"
    duckdb.sql(rows).write_parquet(str(path), compression="zstd")
    content = bytearray(path.read_bytes())
    content[1000:50_000] = bytes(byte ^ 0x5A for byte in content[1000:50_000])
    path.write_bytes(content)
    line = mesh.line(f"{folder}/product.odps.yaml", "- name: torn_file")
    assert _build(Workspace.open(mesh.root), "torn").reason == (
        "shop/torn: input port `torn_file`: its Parquet data is damaged\n"
        f"  at: {folder}/product.odps.yaml:{line}:5\n"
        "  try: correct the file, or deliver it again"
    )
