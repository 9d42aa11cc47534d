"""Incremental models behind ports: what a build starts from is the current release, and no more.

The builds of one mesh are compared with a model in plain Python: releases are dicts of rows by key,
and a build updates a copy of the current one.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from mesh_platform.engines.dbt.runner import DbtHere
from mesh_platform.environments.workspace import DEFERS_TO, Workspace
from mesh_platform.errors import MeshError
from mesh_platform.model.loader import load_mesh
from mesh_platform.release.build import release_product
from mesh_platform.release.outcome import ProductOutcome, Step, Verdict
from mesh_platform.release.promote import promote
from mesh_platform.release.publish import roll_back
from tests.small_mesh import ORDERS, SmallMesh, write_mesh

pytestmark = pytest.mark.slow

NAME = "shop/orders"
MODEL = f"{ORDERS}/orders.sql"
Rows = dict[int, tuple[object, ...]]
INCREMENTAL = """\
{{ config(materialized='incremental', unique_key='order_id') }}
select
    cast(order_id as integer) as order_id,
    customer,
    cast(amount as double) as amount,
    status
from {{ source('landing', 'orders_file') }}
"""


class Builds:
    """A mesh whose orders grow, and one dbt for all its builds."""

    def __init__(self, root: Path) -> None:
        self.mesh = write_mesh(root, "shop")
        self.mesh.write(MODEL, INCREMENTAL)
        self.mesh.delete(f"{ORDERS}/stg_orders.sql")
        self.dbt = DbtHere()

    def workspace(self, environment: str = "dev") -> Workspace:
        return Workspace(load_mesh(self.mesh.root), environment, self.dbt)

    def build(self, environment: str = "dev", *, full: bool = False) -> ProductOutcome:
        workspace = self.workspace(environment)
        return release_product(workspace, workspace.mesh.product(NAME), full=full)

    def released(self, environment: str = "dev", *, full: bool = False) -> Rows:
        outcome = self.build(environment, full=full)
        assert outcome.reason is None
        return self.rows(environment)

    def rows(self, environment: str = "dev") -> Rows:
        workspace = self.workspace(environment)
        current = workspace.current(NAME)
        assert current is not None
        files = list(workspace.files(current, "orders"))
        found = duckdb.sql(f"from read_parquet({files})").fetchall()
        rows = {row[0]: row[1:] for row in found}
        assert len(rows) == len(found)
        return rows

    def land(self, rows: Rows) -> None:
        lines = (",".join(map(str, (key, *row))) for key, row in rows.items())
        self.mesh.land_orders("".join(f"{line}\n" for line in lines))

    def delete_warehouse(self, environment: str = "dev") -> None:
        self.workspace(environment).warehouse("shop").unlink(missing_ok=True)


def _order(amount: float) -> tuple[object, ...]:
    return ("ann", amount, "paid")


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Builds:
    """Two releases: of order 1, and of order 2 on top of it."""
    builds = Builds(tmp_path_factory.mktemp("grown"))
    builds.land({1: _order(1.0)})
    assert builds.released() == {1: _order(1.0)}
    builds.land({2: _order(2.0)})
    assert builds.released() == {1: _order(1.0), 2: _order(2.0)}
    return builds


@pytest.fixture
def builds(grown: Builds, tmp_path: Path) -> Builds:
    """The same, to go on from."""
    root = tmp_path / "mesh"
    shutil.copytree(grown.mesh.root, root)
    copy = Builds.__new__(Builds)
    copy.mesh, copy.dbt = SmallMesh(root), DbtHere()
    return copy


def test_a_deleted_warehouse_makes_no_difference(builds: Builds) -> None:
    builds.delete_warehouse()
    builds.land({3: _order(3.0)})
    assert builds.released() == {n: _order(float(n)) for n in (1, 2, 3)}


def test_a_build_does_not_go_on_from_damaged_data(builds: Builds) -> None:
    current = builds.workspace().registry.current(NAME)
    assert current is not None
    (file,) = builds.workspace().files(current, "orders")
    content = Path(file).read_bytes()
    Path(file).write_bytes(content[:200] + bytes([content[200] ^ 1]) + content[201:])
    builds.land({3: _order(3.0)})
    outcome = builds.build()
    assert (outcome.verdict, outcome.damaged) == (Verdict.FAILED, True)
    assert "the data of release 2 of shop/orders is damaged" in (outcome.reason or "")


def test_what_was_rolled_back_and_what_was_withheld_do_not_return(builds: Builds) -> None:
    workspace = builds.workspace()
    roll_back(workspace, workspace.mesh.product(NAME), 1)
    builds.land({4: _order(-4.0)})
    assert builds.build().verdict is Verdict.FAILED
    builds.land({3: _order(3.0)})
    assert builds.released() == {1: _order(1.0), 3: _order(3.0)}


def test_a_full_build_is_dbts_full_refresh(builds: Builds) -> None:
    builds.land({3: _order(3.0)})
    assert builds.released(full=True) == {3: _order(3.0)}


def test_a_model_that_forbids_a_full_refresh_keeps_its_rows(builds: Builds) -> None:
    builds.mesh.edit(MODEL, "unique_key", "full_refresh=false, unique_key")
    builds.land({3: _order(3.0)})
    builds.delete_warehouse()
    assert set(builds.released(full=True)) == {1, 2, 3}


UNIT_TEST = """\
unit_tests:
  - name: only_newer_orders
    model: orders
    overrides: {macros: {is_incremental: true}}
    given:
      - input: source('landing', 'orders_file')
        rows:
          - {order_id: 1, customer: ann, amount: 1, status: paid}
          - {order_id: 2, customer: ann, amount: 2, status: paid}
      - input: this
        rows:
          - {order_id: 1}
    expect:
      rows:
        - {order_id: 2, customer: ann, amount: 2, status: paid}
"""
FILTERED = """\
{% if is_incremental() %}
where order_id::int > (select coalesce(max(order_id), 0) from {{ this }})
{% endif %}
"""


def test_a_unit_test_may_give_what_the_model_has_before_there_is_a_release(builds: Builds) -> None:
    builds.mesh.write(MODEL, INCREMENTAL + FILTERED)
    builds.mesh.write(f"{ORDERS}/own.yml", UNIT_TEST)
    builds.land({1: _order(1.0), 3: _order(3.0)})
    assert builds.released("new") == {n: _order(float(n)) for n in (1, 3)}
    assert builds.released() == {n: _order(float(n)) for n in (1, 2, 3)}
    builds.land({1: _order(9.0)})
    assert builds.released(full=True) == {1: _order(9.0)}
    builds.mesh.edit(f"{ORDERS}/own.yml", "order_id: 2, customer: ann, amount: 2", "order_id: 9")
    builds.land({4: _order(4.0)})
    assert builds.build("newer").verdict is Verdict.FAILED


def test_an_environment_that_defers_goes_on_from_what_it_reads(builds: Builds) -> None:
    trial = builds.workspace("trial")
    trial.registry.set(DEFERS_TO, "dev")
    builds.land({3: _order(3.0)})
    assert set(builds.released("trial")) == {1, 2, 3}
    assert set(builds.rows()) == {1, 2}


def _add_lines(builds: Builds) -> None:
    """Promise a column that the current release does not have, and return it."""
    builds.mesh.edit(MODEL, "    status\n", "    status,\n    1 as lines\n")
    builds.mesh.edit(
        f"{ORDERS}/orders.odcs.yaml",
        "      - name: status\n",
        "      - {name: lines, logicalType: integer, physicalType: INTEGER}\n"
        "      - name: status\n",
    )


def test_a_new_column_needs_a_full_build_or_dbts_word_on_it(builds: Builds) -> None:
    _add_lines(builds)
    builds.land({3: _order(3.0)})
    reason = builds.build().reason
    assert reason is not None
    assert "column `lines` is promised but the model does not return it" in reason
    assert "`mesh build shop/orders --full` builds it from the start" in reason
    builds.mesh.edit(MODEL, "unique_key", "on_schema_change='append_new_columns', unique_key")
    builds.land({3: _order(3.0)})
    found = builds.released()
    assert {key: row[2] for key, row in found.items()} == {1: None, 2: None, 3: 1}


def test_a_condition_on_a_new_column_is_told_with_the_way_out(builds: Builds) -> None:
    _add_lines(builds)
    since = "where 1 > (select coalesce(max(lines), 0) from {{ this }})"
    text = f"{builds.mesh.read(MODEL)}{{% if is_incremental() %}}{since}{{% endif %}}\n"
    builds.mesh.write(MODEL, text)
    builds.land({3: _order(3.0)})
    said = (builds.build().reason or "").splitlines()
    assert "; it is incremental and went on from release " in said[0]
    assert said[0].endswith(", which has no `lines`")
    assert said[-1] == "  try: mesh build shop/orders --full"
    assert set(builds.released(full=True)) == {3}


def test_a_private_model_may_keep_no_rows(builds: Builds) -> None:
    builds.mesh.write(f"{ORDERS}/history.sql", INCREMENTAL)
    builds.land({3: _order(3.0)})
    outcome = builds.build()
    assert outcome.reason == (
        "shop/orders: the private model `history` is incremental, and its rows are in no release,"
        " so no build could start from them\n"
        "  at: domains/shop/products/orders/history.sql:1\n"
        "  try: materialize it as a table, or offer it as an output port that is incremental"
    )
    assert set(builds.rows()) == {1, 2}


def test_nothing_that_a_hook_or_a_hand_left_in_the_warehouse_reaches_a_release(
    builds: Builds,
) -> None:
    with duckdb.connect(str(builds.workspace().warehouse("shop"))) as session:
        session.execute("create table left_behind as select 99 as order_id")
        session.execute("insert into orders select 99, 'x', 1, 'paid'")
        session.execute("create sequence s; create macro m(x) as x")
    builds.mesh.edit(MODEL, "unique_key", "pre_hook='create sequence s', unique_key")
    builds.land({3: _order(3.0)})
    assert set(builds.released()) == {1, 2, 3}


class _Killed(BaseException):
    """Ends a build as a kill does: nothing that follows an `except Exception` runs."""


ORDER_ROWS = st.dictionaries(
    st.integers(1, 4), st.integers(0, 9).map(lambda n: _order(float(n))), min_size=1, max_size=2
)


class GrowingReleases(RuleBasedStateMachine):
    """Whatever happens, what is read is what a plain dict says."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.mkdtemp()
        self.builds = Builds(Path(self.folder) / "mesh")
        self.releases: dict[str, list[Rows]] = {"dev": [], "prod": []}
        self.current: dict[str, Rows] = {}
        self.landed: Rows = {}
        self.verified: Rows | None = None

    def teardown(self) -> None:
        shutil.rmtree(self.folder)

    @initialize(rows=ORDER_ROWS)
    def begin(self, rows: Rows) -> None:
        self.build(rows, "dev", False)

    @rule(rows=ORDER_ROWS, environment=st.sampled_from(["dev", "dev", "prod"]), full=st.booleans())
    def build(self, rows: Rows, environment: str, full: bool) -> None:
        self._land(rows)
        before = {} if full else self._recovered(environment)
        self._release(environment, {**before, **rows})
        assert self.builds.build(environment, full=full).verdict is Verdict.RELEASED

    @rule(key=st.integers(1, 4), full=st.booleans())
    def bad_delta(self, key: int, full: bool) -> None:
        self._land({key: _order(-1.0)})
        self._recovered("dev")
        assert self.builds.build(full=full).verdict is Verdict.FAILED

    @rule(rows=ORDER_ROWS, step=st.sampled_from([Step.STAGING, Step.VERIFYING, Step.PUBLISHING]))
    def kill(self, rows: Rows, step: Step) -> None:
        def watch(_product: str, now: Step) -> None:
            if now is step:
                raise _Killed

        self._land(rows)
        before = self._recovered("dev")
        workspace = self.builds.workspace()
        with pytest.raises(_Killed):
            release_product(workspace, workspace.mesh.product(NAME), watch=watch)
        if step is Step.PUBLISHING:
            self.verified = {**before, **rows}

    @precondition(lambda self: len(self.releases["dev"]) > 1)
    @rule(data=st.data())
    def rollback(self, data: st.DataObject) -> None:
        self._recovered("dev")
        number = data.draw(st.integers(1, len(self.releases["dev"])))
        workspace = self.builds.workspace()
        roll_back(workspace, workspace.mesh.product(NAME), number)
        self.current["dev"] = self.releases["dev"][number - 1]

    @precondition(lambda self: "prod" in self.current)
    @rule()
    def promote(self) -> None:
        source = self.builds.workspace()
        target = self.builds.workspace("prod")
        release = source.current(NAME)
        before = target.registry.releases(NAME)
        assert release is not None
        known = release.id in {item.identity for item in before}
        there = target.registry.current(NAME)
        is_there = there is not None and there.identity == release.id
        if known and not is_there:
            with pytest.raises(MeshError, match="had this release"):
                promote(source, target, [source.mesh.product(NAME)])
            return
        assert promote(source, target, [source.mesh.product(NAME)])[0].new is not known
        if not known:
            self._release("prod", self.current["dev"])

    @rule(environment=st.sampled_from(["dev", "prod"]))
    def delete_warehouse(self, environment: str) -> None:
        self.builds.delete_warehouse(environment)

    @invariant()
    def what_is_read_is_what_the_model_says(self) -> None:
        for environment, rows in self.current.items():
            assert self.builds.rows(environment) == rows

    def _land(self, rows: Rows) -> None:
        self.builds.land(rows)
        self.builds.mesh.edit(MODEL, "select", "select ")  # else it could be up to date

    def _recovered(self, environment: str) -> Rows:
        """What the next build goes on from: one that was killed while publishing is released."""
        if environment == "dev" and self.verified is not None:
            self._release("dev", self.verified)
            self.verified = None
        return self.current.get(environment, {})

    def _release(self, environment: str, rows: Rows) -> None:
        self.releases[environment].append(rows)
        self.current[environment] = rows


TestGrowingReleases = GrowingReleases.TestCase
TestGrowingReleases.settings = settings(
    max_examples=3,
    stateful_step_count=9,
    deadline=None,
    derandomize=True,
    phases=(Phase.generate,),  # to shrink an example takes minutes
    suppress_health_check=list(HealthCheck),
)
