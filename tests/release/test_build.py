"""One product with real dbt: what is released, and what each kind of failure leaves as it was."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from mesh_platform.application.check_mesh import check_mesh
from mesh_platform.checks.spec import Outcome
from mesh_platform.environments.workspace import Workspace
from mesh_platform.lineage.findings import UNDECLARED
from mesh_platform.release.build import release_product
from mesh_platform.release.outcome import ProductOutcome, Step, Verdict
from mesh_platform.release.stale import needs
from mesh_platform.state.records import State
from tests.release.staging import begin, delta_files, released_files, staged_files
from tests.small_mesh import ORDERS, PAIR, SmallMesh, write_mesh

pytestmark = pytest.mark.slow
NAME = "shop/orders"
PAID_AND_LOST = "          - value: paid\n          - value: lost\n"


def _build(mesh: SmallMesh, name: str = NAME, *, full: bool = False) -> ProductOutcome:
    workspace = Workspace.open(mesh.root)
    return release_product(workspace, workspace.mesh.product(name), full=full)


def _read(mesh: SmallMesh, name: str = NAME) -> list[tuple[object, ...]]:
    """Rows of a product's only port as its consumers read them now."""
    workspace = Workspace.open(mesh.root)
    current = workspace.registry.current(name)
    assert current is not None
    files = workspace.files(current, name.split("/")[1])
    return duckdb.sql(f"from read_parquet({list(files)}) order by 1").fetchall()


def good(mesh: SmallMesh) -> list[tuple[object, ...]]:
    outcome = _build(mesh)
    assert (outcome.verdict, outcome.reason) == (Verdict.RELEASED, None)
    return _read(mesh)


def refused(mesh: SmallMesh, rows: list[tuple[object, ...]]) -> ProductOutcome:
    """Build in vain: consumers read the same rows, nothing is left behind."""
    outcome = _build(mesh)
    assert outcome.verdict is Verdict.FAILED
    assert _read(mesh) == rows
    workspace = Workspace.open(mesh.root)
    assert workspace.registry.unfinished(NAME) == []
    assert staged_files(workspace) == released_files(workspace, NAME)
    return outcome


def test_a_product_is_built_checked_and_released_in_order(mesh: SmallMesh) -> None:
    workspace, steps = Workspace.open(mesh.root), list[tuple[str, Step]]()
    orders = workspace.mesh.product(NAME)
    outcome = release_product(workspace, orders, watch=lambda *step: steps.append(step))
    assert [step for _, step in steps] == [
        Step.MODELS,
        Step.STAGING,
        Step.VERIFYING,
        Step.PUBLISHING,
    ]
    assert {name for name, _ in steps} == {NAME}
    assert (outcome.verdict, outcome.counts.passed) == (Verdict.RELEASED, 9)
    assert outcome.model_rows == {"orders": 4, "stg_orders": 4}
    release = outcome.release
    assert release is not None
    assert (release.number, release.state) == (1, State.RELEASED)
    assert [(port.port, port.rows, port.columns) for port in release.ports] == [
        ("orders", 4, ("order_id", "customer", "amount", "status"))
    ]
    assert workspace.registry.current(NAME) == release
    assert delta_files(workspace, "shop/orders/orders_v1") == [release.ports[0].files[0].name]
    assert _read(mesh) == [
        (1, "ann", 10.5, "paid"),
        (2, "bob", 20.0, "open"),
        (3, "ann", 5.0, "paid"),
        (4, "eve", None, "open"),
    ]


def test_a_consumer_reads_its_pinned_input_and_records_it(mesh: SmallMesh) -> None:
    good(mesh)
    outcome = _build(mesh, "report/revenue")
    assert outcome.verdict is Verdict.RELEASED, outcome.reason
    assert _read(mesh, "report/revenue") == [("open", 2, 20.0), ("paid", 2, 15.5)]
    provider = Workspace.open(mesh.root).registry.current(NAME)
    assert outcome.release is not None
    assert provider is not None
    assert [(i.port, i.release_id) for i in outcome.release.inputs] == [(NAME, provider.id)]


def test_what_is_up_to_date_is_not_built_unless_asked_for(mesh: SmallMesh) -> None:
    good(mesh)
    again = _build(mesh)
    assert (again.verdict, again.nodes, again.counts.passed) == (Verdict.UP_TO_DATE, (), 9)
    assert again.release is not None
    assert again.release.number == 1
    full = _build(mesh, full=True)
    assert full.release is not None
    assert (full.verdict, full.release.number) == (Verdict.RELEASED, 2)


def test_a_consumer_without_a_released_provider_is_told_what_to_build(mesh: SmallMesh) -> None:
    outcome = _build(mesh, "report/revenue")
    assert outcome.verdict is Verdict.FAILED
    assert (outcome.reason or "").splitlines()[::2] == [
        "report/revenue reads `shop/orders`, which has no release yet",
        "  try: mesh build +report/revenue",
    ]


def test_a_model_that_raises_leaves_the_last_release(mesh: SmallMesh) -> None:
    rows = good(mesh)
    mesh.edit(f"{ORDERS}/stg_orders.sql", "cast(order_id as integer)", "error('boom')")
    outcome = refused(mesh, rows)
    said = (outcome.reason or "").splitlines()
    assert said[0].startswith("shop/orders: model `stg_orders` failed: ")
    assert "Invalid Input Error" in said[0], "the kind alone: the customer is classified"
    assert said[1] == f"  at: {ORDERS}/stg_orders.sql"
    mesh.edit(f"{ORDERS}/stg_orders.sql", "error('boom')", "cast(order_id as integer)")
    assert _build(mesh).verdict is Verdict.UP_TO_DATE


def test_a_value_that_does_not_cast_is_told_at_the_line_of_the_cast(mesh: SmallMesh) -> None:
    rows = good(mesh)
    mesh.edit(f"{ORDERS}/stg_orders.sql", "select", "\n\nselect")
    mesh.edit(f"{ORDERS}/orders.csv", "\n1,", "\n1x,")
    said = (refused(mesh, rows).reason or "").splitlines()
    assert "Conversion Error (" in said[0], "the kind alone: the customer is classified"
    assert (
        said[1]
        == f"  at: {ORDERS}/stg_orders.sql:{mesh.line(f'{ORDERS}/stg_orders.sql', 'order_id')}"
    )


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        ("nothing(", "the template of the model `orders` cannot be read: unexpected '}'"),
        ("nothing()", "the model `orders` calls `nothing`, which is no macro of the domain"),
        ("nothing() if true else 1", "model `orders` failed: Compilation Error at `nothing`"),
        ("ref()", "dbt cannot build the project: Compilation Error"),
    ],
)
def test_sql_that_dbt_cannot_parse_leaves_the_last_release(
    mesh: SmallMesh, call: str, reason: str
) -> None:
    rows = good(mesh)
    mesh.write(f"{ORDERS}/orders.sql", f"select {{{{ {call} }}}}\n")
    assert (refused(mesh, rows).reason or "").startswith(f"shop/orders: {reason}")


def test_a_broken_error_rule_leaves_the_last_release(mesh: SmallMesh) -> None:
    rows = good(mesh)
    mesh.land_orders("1,ann,-5,paid\n2,bob,1,lost\n")
    outcome = refused(mesh, rows)
    contract = f"{ORDERS}/orders.odcs.yaml"
    assert outcome.reason == (
        "shop/orders: check `amount_range` of port `orders` failed: observed 1, must be 0, "
        f"and 1 more\n  at: {contract}:{mesh.line(contract, '- name: amount')}:9\n"
        "  try: correct the data or the model; the promise stands at that line"
    )
    assert outcome.counts.failed == 2
    failed = Workspace.open(mesh.root).registry.last_attempts()[NAME]
    assert (failed.state, failed.number) == (State.FAILED, None)
    results = {
        c.result.check: c.result for c in Workspace.open(mesh.root).registry.checks(failed.id)
    }
    assert results["status_allowed"].sample == (
        {"order_id": 2, "customer": "•••", "amount": 1.0, "status": "lost"},
    )


def test_a_broken_warning_is_shown_and_released(mesh: SmallMesh) -> None:
    mesh.land_orders("1,ann,5,paid\n2,ann,1,open\n")
    outcome = _build(mesh)
    assert (outcome.verdict, outcome.counts.warned) == (Verdict.RELEASED, 1)
    (warned,) = [c.result for c in outcome.checks if c.result.outcome is Outcome.WARNED]
    assert (warned.check, warned.message) == (
        "no_single_customer",
        "observed 1, must be greater than 1",
    )


def test_a_rule_that_cannot_run_withholds_the_release(mesh: SmallMesh) -> None:
    rows = good(mesh)
    mesh.edit(f"{ORDERS}/orders.odcs.yaml", "count(distinct customer)", "count(distinct z)")
    mesh.edit(f"{ORDERS}/orders.odcs.yaml", "severity: warning", "severity: error")
    outcome = refused(mesh, rows)
    assert (outcome.reason or "").startswith(
        "shop/orders: check `no_single_customer` of port `orders` could not run: Binder Error"
    )
    assert (outcome.reason or "").endswith(
        "  try: correct the rule so that it can run; the promise stands at that line"
    )


def test_what_is_wrong_with_a_domain_is_not_told_of_one_of_its_products(mesh: SmallMesh) -> None:
    rows = good(mesh)
    mesh.write(f"{ORDERS}/old/stg_orders.sql", mesh.read(f"{ORDERS}/stg_orders.sql"))
    assert (refused(mesh, rows).reason or "").startswith(
        "shop: the model `stg_orders` has the same name as"
    )


def test_a_column_that_the_model_lacks_is_named_at_its_promise(mesh: SmallMesh) -> None:
    rows = good(mesh)
    mesh.write(f"{ORDERS}/orders.sql", "select * exclude (status) from {{ ref('stg_orders') }}\n")
    outcome = refused(mesh, rows)
    contract = f"{ORDERS}/orders.odcs.yaml"
    assert outcome.reason == (
        "shop/orders: column `status` is promised but the model does not return it\n"
        f"  at: {contract}:{mesh.line(contract, '- name: status')}:9\n"
        "  try: return it in orders.sql, or take it out of the contract in a new version"
    )


def test_a_model_that_is_gone_is_not_replaced_by_its_old_table(mesh: SmallMesh) -> None:
    rows = good(mesh)
    mesh.delete(f"{ORDERS}/orders.sql")
    outcome = refused(mesh, rows)
    assert (outcome.reason or "").splitlines()[0] == (
        "shop/orders: there is no model `orders` behind the port"
    )


def test_a_source_file_that_vanished_leaves_the_last_release(mesh: SmallMesh) -> None:
    rows = good(mesh)
    mesh.delete(f"{ORDERS}/orders.csv")
    outcome = refused(mesh, rows)
    descriptor = f"{ORDERS}/product.odps.yaml"
    assert outcome.reason == (
        "shop/orders: input port `orders_file`: the file `orders.csv` does not exist\n"
        f"  at: {descriptor}:{mesh.line(descriptor, '- name: orders_file')}:5\n"
        "  try: put the file back, or correct `location`"
    )


def test_a_warehouse_held_by_another_program_leaves_the_last_release(mesh: SmallMesh) -> None:
    rows = good(mesh)
    mesh.land_orders("1,ann,5,paid\n2,bob,1,open\n")
    warehouse = Workspace.open(mesh.root).warehouse("shop")
    code = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print(1, flush=True); input()"
    command = [sys.executable, "-c", code, str(warehouse)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        outcome = refused(mesh, rows)
        holder.communicate(b"\n")
    assert outcome.reason == (
        f"shop/orders: the warehouse file {warehouse} is open in another program "
        f"(process {holder.pid})\n"
        "  try: close that program, such as a DuckDB shell or an IDE, and build again"
    )
    assert _build(mesh).verdict is Verdict.RELEASED


def test_a_broken_contract_stops_its_product_only(tmp_path: Path) -> None:
    mesh = write_mesh(tmp_path, "shop", "twins")
    mesh.edit(f"{ORDERS}/product.odps.yaml", "id: shop/orders", "id: orders")
    outcome = _build(mesh)
    assert (outcome.reason or "").splitlines()[0] == (
        "shop/orders: the id `orders` does not say where the product is"
    )
    assert _build(mesh, "twins/pair").verdict is Verdict.RELEASED


def test_a_private_model_of_another_product_cannot_be_read(mesh: SmallMesh) -> None:
    good(mesh)
    folder = "domains/shop/products/second"
    for file in ("product.odps.yaml", "orders.odcs.yaml"):
        text = mesh.read(f"{ORDERS}/{file}").replace("shop/orders", "shop/second")
        text = text.replace("name: orders\n", "name: second\n").replace(
            "value: orders.csv", "value: ../orders/orders.csv"
        )
        mesh.write(f"{folder}/{file}", text)
    mesh.write(f"{folder}/second.sql", "select * from {{ ref('stg_orders') }}\n")
    outcome = _build(mesh, "shop/second")
    assert outcome.reason == (
        "shop/second: model `second` reads `stg_orders`, a private model of shop/orders\n"
        f"  at: {folder}/second.sql\n"
        "  try: declare an input port and read the product's output port"
    )


def test_a_type_that_the_lake_cannot_keep_is_refused_before_anything_is_verified(
    mesh: SmallMesh,
) -> None:
    rows = good(mesh)
    contract, model = f"{ORDERS}/orders.odcs.yaml", f"{ORDERS}/stg_orders.sql"
    old_contract, old_model = mesh.read(contract), mesh.read(model)
    mesh.write(
        contract,
        old_contract.replace(
            "logicalType: string\n        physicalType: VARCHAR\n        description: Who",
            "logicalType: string\n        description: Who",
        ),
    )
    mesh.edit(model, "    customer,", "    md5(customer)::uuid as customer,")
    outcome = refused(mesh, rows)
    line = mesh.line(contract, "- name: customer")
    assert outcome.reason == (
        "shop/orders: column `customer` is promised as string but the model returns UUID: "
        "no release can hold the type UUID\n"
        f"  at: {contract}:{line}:9\n"
        "  try: write `cast(customer as VARCHAR) as customer` in orders.sql, "
        "or promise another type in a new version"
    )
    mesh.write(contract, old_contract)
    mesh.write(model, old_model + "\n")
    assert _build(mesh).verdict is Verdict.RELEASED


def test_a_parse_of_yesterday_does_not_build_the_model_of_today(mesh: SmallMesh) -> None:
    """A process that lives long, such as a code location, parses once and builds often."""
    workspace = Workspace.open(mesh.root)
    orders = workspace.mesh.product(NAME)
    workspace.dbt.parse(workspace.dbt_places(workspace.mesh.domain("shop")))
    mesh.write(f"{ORDERS}/orders.sql", "select * from {{ ref('stg_orders') }} where order_id = 1\n")
    assert release_product(workspace, orders).verdict is Verdict.RELEASED
    assert len(_read(mesh)) == 1


def test_the_next_build_drops_what_an_interrupted_one_left(mesh: SmallMesh) -> None:
    good(mesh)
    workspace = Workspace.open(mesh.root)
    begin(workspace, NAME)
    assert _build(mesh).verdict is Verdict.UP_TO_DATE
    assert staged_files(workspace) == released_files(workspace, NAME)


def test_a_new_mesh_is_up_to_date_after_one_build_of_each(mesh: SmallMesh) -> None:
    for name in (NAME, "report/revenue"):
        _build(mesh, name)
    workspace = Workspace.open(mesh.root)
    assert [need.stale for need in needs(workspace, workspace.mesh.products.values())] == [
        False,
        False,
    ]


def test_both_ports_of_a_product_come_from_one_build(twins: SmallMesh) -> None:
    for generation in (1, 2):
        twins.land_generation(generation)
        outcome = _build(twins, "twins/pair")
        assert outcome.release is not None
        assert [port.table_version for port in outcome.release.ports] == [generation - 1] * 2
    twins.write(f"{PAIR}/right.sql", twins.read(f"{PAIR}/right.sql") + "where false\n")
    refused = _build(twins, "twins/pair")
    assert (refused.reason or "").startswith(
        "twins/pair: check `right_has_rows` of port `right` failed: observed 0"
    )
    current = Workspace.open(twins.root).registry.current("twins/pair")
    assert current is not None
    assert current.number == 2


def test_a_build_tells_of_a_break_that_no_version_says(mesh: SmallMesh) -> None:
    good(mesh)
    mesh.edit(f"{ORDERS}/orders.odcs.yaml", "          - value: paid\n", PAID_AND_LOST)
    outcome = _build(mesh)
    assert (outcome.verdict, outcome.notices) == (
        Verdict.RELEASED,
        (
            "shop/orders breaks what release 1 promised, under the same major version, and is"
            " released: from now on `mesh plan shop/orders --against REF` shows it, REF being a"
            " commit from before; `mesh rollback shop/orders --to 1` takes it back",
        ),
    )
    assert _build(mesh).notices == ()


def test_what_a_check_blocks_for_reading_around_its_inputs_a_build_withholds(
    mesh: SmallMesh,
) -> None:
    rows = good(mesh)
    file = mesh.path(f"{ORDERS}/orders.csv")
    around = f"read_csv('{file}', all_varchar = true)"
    mesh.edit(f"{ORDERS}/stg_orders.sql", "{{ source('landing', 'orders_file') }}", around)
    checked = check_mesh(Workspace.open(mesh.root), [NAME])
    (finding,) = [f for f in checked.findings if f.code == UNDECLARED]
    outcome = refused(mesh, rows)
    assert outcome.reason is not None
    assert finding.message in outcome.reason
    assert str(finding.place) in outcome.reason
