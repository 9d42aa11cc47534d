"""No valid name of a domain, product or port takes a code location down, whoever reserves it."""

from __future__ import annotations

import json
import keyword
from collections.abc import Iterable
from pathlib import Path

import duckdb
import pytest
from dagster._core.definitions.utils import DISALLOWED_NAMES, is_valid_name

from mesh_platform.engines.duckdb.session import mount, open_session
from mesh_platform.engines.duckdb.views import View
from mesh_platform.environments.workspace import Workspace
from mesh_platform.model.mesh import Domain, Product
from mesh_platform.model.naming import PortName, ProductName, segment_problem, valid_segment
from mesh_platform.orchestration.location import domain_definitions
from mesh_platform.orchestration.names import job_name, op_name
from mesh_platform.release.outcome import Listener
from tests.small_mesh import write_mesh

SQL = [word for (word,) in duckdb.sql("select keyword_name from duckdb_keywords()").fetchall()]
DBT = "ref source this config model models var target env_var dbt adapter graph is_incremental"
ENGINE = "main temp system memory mesh information_schema pg_catalog port rowid excluded landing"
WORDS = {*keyword.kwlist, *keyword.softkwlist, *DISALLOWED_NAMES, *SQL, *DBT.split()}
NAMES = sorted(word for word in {*WORDS, *ENGINE.split()} if valid_segment(word))
DOMAINS = [name for name in NAMES if segment_problem("domain", name) is None]


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return Workspace.open(write_mesh(tmp_path_factory.mktemp("names"), "shop").root)


def _product(sample: Product, domain: str, name: str) -> Product:
    product = ProductName(domain, name)
    port = sample.ports[0].model_copy(update={"name": PortName(product, name)})
    return sample.model_copy(update={"name": product, "ports": (port,)})


def _location(workspace: Workspace, domain: str, products: Iterable[str]) -> set[str]:
    """Load the code location of a domain as Dagster does; the ops of its job."""
    sample = workspace.mesh.product("shop/orders")
    made: Domain = workspace.mesh.domain("shop").model_copy(
        update={
            "name": domain,
            "products": tuple(_product(sample, domain, name) for name in products),
        }
    )
    manifest: Path = workspace.dbt_places(made).manifest
    manifest.parent.mkdir(parents=True, exist_ok=True)
    manifest.write_text(json.dumps({"metadata": {"project_name": domain}, "nodes": {}}))
    definitions = domain_definitions(workspace, made, Listener())
    job = definitions.resolve_job_def(job_name(domain))
    definitions.get_repository_def().load_all_definitions()
    return {node.name for node in job.nodes}


def test_a_product_may_have_any_name(workspace: Workspace) -> None:
    reserved = [name for name in NAMES if not is_valid_name(name)]
    names = {*reserved, *ENGINE.split(), *DBT.split(), "select", "shop", "shop_schedule"}
    assert len(reserved) > 40
    assert len(_location(workspace, "shop", names)) == len(names)


@pytest.mark.parametrize("name", ["type", "import", "select", "shop"])
def test_a_domain_may_have_any_name_that_is_not_taken(workspace: Workspace, name: str) -> None:
    assert _location(workspace, name, ["orders", name]) == {"orders", f"_{name}"}


def test_names_for_dagster_are_as_different_as_those_of_the_mesh() -> None:
    assert len(NAMES) > 400
    for domain in ("shop", "type"):
        ops = {op_name(ProductName(domain, name)) for name in NAMES}
        assert len({*ops, job_name(domain)}) == len(NAMES) + 1
        assert all(map(is_valid_name, ops))


def test_data_is_read_under_any_name_of_a_domain_and_port() -> None:
    views = [View(name, name, f"select '{name}' as v") for name in DOMAINS]
    with open_session() as session:
        mount(session, views)
        for name in DOMAINS:
            assert session.execute(f'from mesh."{name}"."{name}"').fetchall() == [(name,)]


@pytest.mark.parametrize("name", ["landing", "mesh", "dbt", "platform", "information_schema"])
def test_a_domain_is_not_called_as_what_others_own(name: str) -> None:
    problem = segment_problem("domain", name)
    assert problem is not None
    assert problem.startswith(f"`{name}` cannot name a domain: it is the name of ")
    assert segment_problem("product", name) is None
