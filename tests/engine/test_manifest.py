from __future__ import annotations

import json
from pathlib import Path

import pytest

from mesh_platform.engine.manifest import Model, read_models
from mesh_platform.errors import MeshError


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
        _node("test", "shop", "t", []),
    ]
    path.write_text(
        json.dumps({"metadata": {"project_name": "shop"}, "nodes": dict(enumerate(nodes))})
    )
    assert read_models(path) == (
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


def test_a_missing_manifest_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(MeshError) as caught:
        read_models(tmp_path / "m.json")
    assert str(caught.value) == (
        f"there is no dbt manifest at {tmp_path / 'm.json'}\n  try: run `mesh build`"
    )


@pytest.mark.parametrize("text", ["", "{}", '{"metadata": {"project_name"'])
def test_a_broken_manifest_says_to_make_a_new_one(tmp_path: Path, text: str) -> None:
    path = tmp_path / "m.json"
    path.write_text(text)
    with pytest.raises(MeshError, match=r"cannot be read.*\n  try: delete it and build again"):
        read_models(path)
