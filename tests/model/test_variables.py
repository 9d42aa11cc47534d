from __future__ import annotations

import pytest

from mesh_platform.model.documents import read_document
from mesh_platform.model.loader import load_mesh
from mesh_platform.model.odcs import read_contract
from mesh_platform.model.variables import resolved
from tests.small_mesh import ORDERS, SmallMesh

FILE = f"{ORDERS}/orders.odcs.yaml"
PRODUCT = f"{ORDERS}/product.odps.yaml"


def _server(mesh: SmallMesh, database: str) -> None:
    mesh.edit(
        FILE,
        "schema:\n",
        f"servers:\n  - server: a\n    type: duckdb\n    database: {database}\nschema:\n",
    )


def _database(mesh: SmallMesh, variables: dict[str, str]) -> str:
    document, findings = resolved(read_document(mesh.path(FILE), FILE), [], variables)
    assert findings == []
    return str(document.data["servers"][0]["database"])


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("${FOLDER}/a.duckdb", "/data/a.duckdb"),
        ("${FOLDER:-here}", "/data"),
        ("${OTHER:-here}", "here"),
        ("'${OTHER:-}'", ""),
        ("${BLANK:-here}", "here"),
        ("'${BLANK}'", ""),
        ("'$${FOLDER}'", "${FOLDER}"),
        ("'${a b} $FOLDER ${FOLDER'", "${a b} $FOLDER ${FOLDER"),
    ],
)
def test_a_variable_is_filled(mesh: SmallMesh, text: str, value: str) -> None:
    _server(mesh, text)
    assert _database(mesh, {"FOLDER": "/data", "BLANK": ""}) == value


def test_a_variable_without_a_value_is_an_error_at_its_place(mesh: SmallMesh) -> None:
    _server(mesh, "${FOLDER}/a.duckdb")
    contract, findings = read_contract(mesh.path(FILE), FILE)
    assert contract is None
    assert [str(finding) for finding in findings] == [
        "the variable `FOLDER` has no value\n"
        f"  at: {FILE}:{mesh.line(FILE, '${FOLDER}')}:5  [variable.missing]\n"
        "  try: set it: `export FOLDER=…`, or give a default: `${FOLDER:-…}`"
    ]


def test_a_name_stays_as_written_and_says_so(mesh: SmallMesh) -> None:
    mesh.edit(FILE, "name: Orders", "name: Orders of ${SHOP}")
    contract, findings = read_contract(mesh.path(FILE), FILE, {"SHOP": "Rome"})
    assert contract is not None
    assert contract.name == "Orders of ${SHOP}"
    assert [(f.code, f.severity, f.message) for f in findings] == [
        (
            "variable.not-filled",
            "warning",
            "`${SHOP}` stays as written: `name` is the same everywhere",
        )
    ]


def test_a_variable_in_a_rule_s_query_is_filled_beside_the_rule_s_own(mesh: SmallMesh) -> None:
    mesh.edit(FILE, "from ${object}", "from ${object} where amount > ${LEAST:-5}")
    contract, findings = read_contract(mesh.path(FILE), FILE, {"LEAST": "9", "object": "wrong"})
    assert findings == []
    assert contract is not None
    assert contract.rules[1].query == (
        "select count(distinct customer) from ${object} where amount > 9"
    )


def test_placeholders_of_a_rule_and_prose_are_left_alone(mesh: SmallMesh) -> None:
    mesh.edit(FILE, "purpose: Every order of the shop.", "purpose: Every order of ${SHOP}.")
    contract, findings = read_contract(mesh.path(FILE), FILE, {"object": "wrong", "SHOP": "x"})
    assert findings == []
    assert contract is not None
    assert contract.purpose == "Every order of ${SHOP}."
    assert contract.rules[1].query == "select count(distinct customer) from ${object}"


def test_what_a_variable_holds_is_in_no_digest_and_no_message(mesh: SmallMesh) -> None:
    _server(mesh, "${SECRET}")
    mesh.edit(FILE, "- name: some_orders", "- name: some orders\n        unit: dozens")
    first, findings = read_contract(mesh.path(FILE), FILE, {"SECRET": "hunter2"})
    assert first is None
    assert findings
    assert "hunter2" not in str(findings)
    mesh.edit(FILE, "\n        unit: dozens", "")
    one, _ = read_contract(mesh.path(FILE), FILE, {"SECRET": "hunter2"})
    other, _ = read_contract(mesh.path(FILE), FILE, {"SECRET": "hunter3"})
    assert one is not None
    assert "hunter2" not in repr(one)
    assert one == other


def test_where_a_product_s_data_is_may_be_a_variable(mesh: SmallMesh) -> None:
    mesh.edit(PRODUCT, "value: orders.csv", "value: '${LANDED}/orders.csv'")
    landed = load_mesh(mesh.root, {"LANDED": "/in"}).product("shop/orders").landings[0]
    assert landed.location == "/in/orders.csv"
    (finding,) = load_mesh(mesh.root).domain("shop").findings
    assert str(finding) == (
        "shop/orders: the variable `LANDED` has no value\n"
        f"  at: {PRODUCT}:{mesh.line(PRODUCT, 'LANDED')}:30  [variable.missing]\n"
        "  try: set it: `export LANDED=…`, or give a default: `${LANDED:-…}`"
    )


def test_a_wrong_placeholder_of_a_rule_is_told_with_those_that_there_are(mesh: SmallMesh) -> None:
    mesh.edit(
        FILE, "count(distinct customer) from ${object}", "count(distinct customer) from ${objekt}"
    )
    (found,) = [f for f in load_mesh(mesh.root).findings if f.code == "variable.missing"]
    assert found.fix is not None
    assert found.fix.startswith("of a rule, `${column}`, `${object}`, `${property}`, ")
    assert "`export objekt=…`" in found.fix
