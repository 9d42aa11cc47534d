from __future__ import annotations

import json
from pathlib import Path

import pytest

from mesh_platform.engines.dbt.manifest import DbtTest, Manifest, Model, read_manifest
from mesh_platform.errors import MeshError
from mesh_platform.model.contract import Severity


def _node(kind: str, package: str, name: str, reads: list[str]) -> dict[str, object]:
    return {
        "resource_type": kind,
        "package_name": package,
        "name": name,
        "fqn": [package, "orders", name],
        "description": "",
        "original_file_path": f"products/orders/{name}.sql",
        "config": {"materialized": "table"},
        "depends_on": {"nodes": reads},
    }


def test_only_the_domains_own_models_are_listed_with_what_they_read(tmp_path: Path) -> None:
    path = tmp_path / "manifest.json"
    reads = ["model.shop.stg", "source.shop.landing.raw", "macro.mesh.typed"]
    nodes = [
        _node("model", "shop", "orders", reads),
        _node("model", "mesh", "shared", []),
        _node("seed", "shop", "s", []),
    ]
    path.write_text(
        json.dumps({"metadata": {"project_name": "shop"}, "nodes": dict(enumerate(nodes))})
    )
    assert read_manifest(path).models == (
        Model(
            name="orders",
            product="orders",
            description="",
            path="products/orders/orders.sql",
            materialized="table",
            models=("stg",),
            sources=(("landing", "raw"),),
        ),
    )


def test_models_of_packages_that_a_model_reads_are_listed(tmp_path: Path) -> None:
    inlined = _node("model", "box", "inlined", [])
    inlined["config"] = {"materialized": "ephemeral"}
    nodes = {
        "model.shop.orders": _node("model", "shop", "orders", ["model.box.days", "model.box.i"]),
        "model.box.days": _node("model", "box", "days", []),
        "model.box.i": inlined,
    }
    path = tmp_path / "manifest.json"
    path.write_text(json.dumps({"metadata": {"project_name": "shop"}, "nodes": nodes}))
    (model,) = read_manifest(path).models
    assert model.brought == (("days", "box"),)


def test_a_missing_manifest_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(MeshError) as caught:
        read_manifest(tmp_path / "m.json")
    assert str(caught.value) == (
        f"there is no dbt manifest at {tmp_path / 'm.json'}\n  try: run `mesh build`"
    )


@pytest.mark.parametrize("text", ["", "{}", '{"metadata": {"project_name"'])
def test_a_broken_manifest_says_to_make_a_new_one(tmp_path: Path, text: str) -> None:
    path = tmp_path / "m.json"
    path.write_text(text)
    with pytest.raises(MeshError, match=r"cannot be read.*\n  try: delete it and build again"):
        read_manifest(path)


def _manifest(
    tmp_path: Path, nodes: list[dict[str, object]], *units: dict[str, object]
) -> Manifest:
    path = tmp_path / "manifest.json"
    named = {f"{n['resource_type']}.{n['package_name']}.{n['name']}": n for n in nodes}
    held = {"nodes": named, "unit_tests": dict(enumerate(units))}
    path.write_text(json.dumps({"metadata": {"project_name": "shop"}, **held}))
    return read_manifest(path)


def _test(name: str, reads: list[str], kind: str = "test", **more: object) -> dict[str, object]:
    config = {"severity": "ERROR", "error_if": "!= 0", "warn_if": "!= 0"}
    node = _node(kind, "shop", name, reads) | {"config": config, "fqn": ["shop", name]}
    return node | {"unique_id": f"{kind}.shop.{name}", **more}


def test_tests_are_listed_with_what_dbt_will_do_of_them(tmp_path: Path) -> None:
    warning = {"severity": "warn", "error_if": "> 9", "warn_if": "> 1"}
    more = {"attached_node": "model.shop.orders", "description": "D"}
    data = _test("t", ["model.shop.orders"], config=warning, **more)
    unit = _test("u", ["model.shop.stg"], "unit_test", model="stg", config={"enabled": True})
    found = _manifest(tmp_path, [data, _test("t", []) | {"package_name": "mesh"}], unit)
    assert found.tests == (
        DbtTest(
            unique_id="test.shop.t",
            name="t",
            kind="test",
            selector="fqn:shop.t",
            description="D",
            path="products/orders/t.sql",
            severity=Severity.WARNING,
            about="orders",
            models=("orders",),
            sources=(),
            fails="> 9",
            warns="> 1",
        ),
        DbtTest(
            unique_id="unit_test.shop.u",
            name="u",
            kind="unit_test",
            selector="fqn:shop.u",
            description="",
            path="products/orders/u.sql",
            severity=Severity.ERROR,
            about="stg",
            models=("stg",),
            sources=(),
            fails=None,
            warns=None,
        ),
    )


def test_a_test_belongs_to_the_products_whose_models_or_whose_sources_alone_it_reads(
    tmp_path: Path,
) -> None:
    raw, other = "source.shop.landing.raw", "source.shop.landing.other"
    found = _manifest(
        tmp_path,
        [
            _node("model", "shop", "orders", [raw]),
            _node("model", "shop", "returns", [raw, other]) | {"fqn": ["shop", "returns", "r"]},
            _test("of_orders", ["model.shop.orders", other]),
            _test("of_both", ["model.shop.orders", "model.shop.returns"]),
            _test("of_the_file", [raw]),
            _test("of_two_files", [raw, other]),
            _test("of_nothing", []),
        ],
    )
    names = {p: [t.name for t in found.tests_of(p)] for p in ("orders", "returns", "more")}
    assert names == {
        "orders": ["of_both", "of_orders", "of_the_file"],
        "returns": ["of_both", "of_the_file", "of_two_files"],
        "more": [],
    }
    assert [t.name for t in found.loose_tests_of("returns")] == ["of_the_file", "of_two_files"]


def test_a_test_of_a_seed_belongs_to_the_products_that_read_it(tmp_path: Path) -> None:
    names, codes = "seed.shop.names", "seed.shop.codes"
    found = _manifest(
        tmp_path,
        [
            _node("seed", "shop", "names", []) | {"fqn": ["shop", "names"]},
            _node("seed", "shop", "codes", []) | {"fqn": ["shop", "codes"]},
            _node("model", "shop", "orders", [names]),
            _test("of_names", [names]),
            _test("of_codes", [codes]),
            _test("of_both", [names, codes]),
        ],
    )
    assert [test.name for test in found.tests_of("orders")] == ["of_names"]
