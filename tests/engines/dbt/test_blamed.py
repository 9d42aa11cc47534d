from __future__ import annotations

from pathlib import Path

import pytest

from mesh_platform.engines.dbt.blamed import blamed


@pytest.mark.parametrize(
    ("said", "place"),
    [
        ("Error in {folder}/dbt_project.yml", "domains/shop/dbt_project.yml"),
        ("Error in model a (products/a.sql)", "domains/shop/products/a.sql"),
        ("Error in {folder}/products/a.sql: x", "domains/shop/products/a.sql"),
        ("Error in ../../elsewhere.sql or nowhere.sql", "domains/shop/dbt_project.yml"),
        ("Error", "domains/shop/dbt_project.yml"),
    ],
)
def test_the_file_is_told_as_seen_from_the_mesh(tmp_path: Path, said: str, place: str) -> None:
    folder = tmp_path / "domains/shop"
    (folder / "products").mkdir(parents=True)
    (folder / "products/a.sql").write_text("select 1")
    (tmp_path / "elsewhere.sql").write_text("select 1")
    assert str(blamed(said.format(folder=folder), folder)[0]) == place
