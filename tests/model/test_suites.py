from __future__ import annotations

import json

import pytest

from mesh_platform.files import digest as digest_of
from mesh_platform.model.contract import Contract
from mesh_platform.model.loader import load_mesh
from mesh_platform.model.suites import MADE_FROM
from tests.small_mesh import ORDERS, PAIR, SmallMesh

SUITE = '{"name": "orders", "expectations": [{"type": "expect_table_columns_to_match_set"}]}'


def _contract(mesh: SmallMesh, port: str = "shop/orders") -> Contract:
    return load_mesh(mesh.root).port(port).contract


def _findings(mesh: SmallMesh) -> list[tuple[str, str, str | None]]:
    found = load_mesh(mesh.root).findings
    return [(finding.code, finding.message, finding.fix) for finding in found]


def test_a_suite_beside_the_contract_is_a_part_of_the_promise(mesh: SmallMesh) -> None:
    before = _contract(mesh)
    assert before.suite is None
    mesh.write(f"{ORDERS}/expectations.json", SUITE)
    after = _contract(mesh)
    assert after.suite is not None
    assert (after.suite.file, after.suite.text) == (f"{ORDERS}/expectations.json", SUITE)
    assert after.digest != before.digest
    assert after.text == before.text


def test_a_port_of_several_has_a_suite_of_its_own(twins: SmallMesh) -> None:
    twins.write(f"{PAIR}/expectations_left.json", SUITE)
    left, right = (_contract(twins, f"twins/pair/{name}") for name in ("left", "right"))
    assert left.suite is not None
    assert right.suite is None


@pytest.mark.parametrize("name", ["expectations.json", "expectations_lft.py"])
def test_a_suite_that_belongs_to_no_port_is_found(twins: SmallMesh, name: str) -> None:
    twins.write(f"{PAIR}/{name}", "{}")
    ending = name[name.index(".") :]
    assert _findings(twins) == [
        (
            "suite.no-port",
            f"`{name}` belongs to no port of the product",
            f"call it `expectations_left{ending}` or `expectations_right{ending}`",
        )
    ]


def test_python_that_was_not_made_into_json_is_a_problem(mesh: SmallMesh) -> None:
    mesh.write(f"{ORDERS}/expectations.py", "def suite(): return []\n")
    suite = _contract(mesh).suite
    assert suite is not None
    assert suite.problem == ("`expectations.py` has not been made into JSON yet; run `mesh sync`")


def test_python_that_changed_since_is_a_problem_until_the_json_is_made_again(
    mesh: SmallMesh,
) -> None:
    python = mesh.path(f"{ORDERS}/expectations.py")
    mesh.write(f"{ORDERS}/expectations.py", "def suite(): return []\n")
    made = {"expectations": [], "meta": {MADE_FROM: digest_of(python)}}
    mesh.write(f"{ORDERS}/expectations.json", json.dumps(made))
    suite = _contract(mesh).suite
    assert suite is not None
    assert (suite.python, suite.problem) == (python, None)
    mesh.write(f"{ORDERS}/expectations.py", "def suite(): return [1]\n")
    changed = _contract(mesh).suite
    assert changed is not None
    assert changed.problem == (
        "`expectations.py` has changed since the JSON was made from it; run `mesh sync`"
    )


def test_python_that_dbt_would_read_is_found(mesh: SmallMesh) -> None:
    mesh.write(f"{ORDERS}/expectations.py", "def suite(): return []\n")
    mesh.write("domains/shop/.dbtignore", "*.odcs.yaml\n*.odps.yaml\nREADME.md\n")
    assert _findings(mesh) == [
        (
            "suite.read-by-dbt",
            "dbt would take `expectations.py` for a model",
            "add the line `expectations*` to that file",
        )
    ]
