from __future__ import annotations

from pathlib import Path

import pytest

from mesh_platform.engines.dbt.blamed import blamed, not_installed


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


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            "External connection exception occurred: HTTPSConnectionPool(host='hub.getdbt.com',"
            " port=443): Max retries exceeded with url: /api/v1/index.json",
            "`hub.getdbt.com` cannot be reached",
        ),
        (
            "Internal Error Error checking out spec='None' fatal: unable to access"
            " 'https://me:secret@git.corp/a.git/': Could not resolve host: git.corp",
            "`git.corp` cannot be reached",
        ),
        ("Runtime Error no project called a", "Runtime Error no project called a"),
    ],
)
@pytest.mark.parametrize("file", ["packages.yml", "dependencies.yml"])
def test_packages_that_cannot_be_installed_are_told_at_the_file_that_asks_for_them(
    tmp_path: Path, said: str, told: str, file: str
) -> None:
    folder = tmp_path / "domains/shop"
    folder.mkdir(parents=True)
    (folder / file).touch()
    message, place, way = not_installed(said, folder)
    assert message == f"dbt cannot install the packages of the project: {told}"
    assert (str(place), "dbt_project.yml" in way) == (f"domains/shop/{file}", False)
