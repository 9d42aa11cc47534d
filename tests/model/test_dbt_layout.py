from __future__ import annotations

import shutil

import pytest

from mesh_platform.model.loader import load_mesh
from tests.small_mesh import SmallMesh


def _said(mesh: SmallMesh) -> list[str]:
    return [str(finding) for finding in load_mesh(mesh.root).findings]


def test_a_domain_that_lacks_a_file_or_has_a_strange_dbt_name_is_told(mesh: SmallMesh) -> None:
    mesh.delete("domains/shop/definitions.py")
    mesh.edit("domains/shop/dbt_project.yml", "name: shop", "name: store")
    said = " ".join(_said(mesh))
    assert "the domain lacks the file `definitions.py`" in said
    assert "the dbt project is called `store`" in said
    assert "write `name: shop`" in said


def test_packages_may_stand_in_the_newer_file(mesh: SmallMesh) -> None:
    mesh.write("domains/shop/dependencies.yml", mesh.read("domains/shop/packages.yml"))
    mesh.delete("domains/shop/packages.yml")
    assert _said(mesh) == []


@pytest.mark.parametrize(("written", "told"), [("profile: other", "other"), ("", "None")])
def test_a_profile_that_dbt_does_not_find_is_told(mesh: SmallMesh, written: str, told: str) -> None:
    mesh.edit("domains/shop/dbt_project.yml", "profile: mesh", written)
    [finding] = load_mesh(mesh.root).findings
    assert (finding.code, finding.message, finding.fix) == (
        "domain.layout",
        f"the dbt project has the profile `{told}`, which `dbt_project/profiles.yml` lacks",
        "write `profile: mesh`",
    )


@pytest.mark.parametrize("written", ["[models]", "models", "[src/products]"])
def test_dbt_looks_for_models_where_the_products_are(mesh: SmallMesh, written: str) -> None:
    mesh.edit("domains/shop/dbt_project.yml", "[products]", written)
    [finding] = load_mesh(mesh.root).findings
    assert (finding.code, finding.message, finding.fix) == (
        "domain.layout",
        "dbt does not look for models in `products`",
        "write `model-paths: [products]`",
    )
    assert finding.place.line == mesh.line("domains/shop/dbt_project.yml", "model-paths")


@pytest.mark.parametrize("written", ["[products, more]", "['./products/']", "['.']"])
def test_dbt_may_look_for_models_elsewhere_too(mesh: SmallMesh, written: str) -> None:
    mesh.edit("domains/shop/dbt_project.yml", "[products]", written)
    assert load_mesh(mesh.root).findings == ()


def test_a_missing_file_of_a_domain_is_told_with_what_it_holds(mesh: SmallMesh) -> None:
    for file in ("dbt_project.yml", "packages.yml", "definitions.py"):
        mesh.delete(f"domains/shop/{file}")
    said = " ".join(_said(mesh))
    assert "add domains/shop/dbt_project.yml with `name: shop`, `profile: mesh`" in said
    assert "add domains/shop/packages.yml with `packages: [{local: ../../dbt_project}]`" in said
    assert "`defs = domain_location(__file__)`" in said
    assert "other domains" not in said


def test_what_the_dbt_project_of_a_domain_stands_on_is_there(mesh: SmallMesh) -> None:
    shutil.rmtree(mesh.path("dbt_project"))
    said = " ".join(_said(mesh))
    assert "the dbt package `dbt_project` is not there" in said
    assert "the shared `dbt_project/profiles.yml` is not there" in said
    assert all(domain.broken for domain in load_mesh(mesh.root).domains)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("packages: &a [*a]\n", "`*a` contains itself"),
        ("packages: [\n", "not valid YAML"),
        ("- local: ../../dbt_project\n", "dbt reads no packages here"),
        ("package:\n  - local: ../../dbt_project\n", "dbt knows no key `package` here"),
        ("# none\n", None),
        ("", None),
    ],
)
def test_packages_that_dbt_could_not_read_are_told_at_their_file(
    mesh: SmallMesh, text: str, said: str | None
) -> None:
    mesh.write("domains/shop/packages.yml", text)
    found = load_mesh(mesh.root).domain("shop").findings
    assert [(f.code, f.place.file, f.message.startswith(said or "")) for f in found] == (
        [("domain.layout", "domains/shop/packages.yml", True)] if said else []
    )
