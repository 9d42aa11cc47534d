from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from mesh_platform.checks.types import ActualColumn
from mesh_platform.engines.duckdb.views import View, parquet_query, read_views, write_views
from mesh_platform.engines.duckdb.warehouse import Warehouse
from mesh_platform.errors import MeshError


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(path)) as session:
        session.execute("create table orders as select 1 as a, 'x' as b, 2.5::decimal(4,1) as c")
    return path


def test_columns_are_told_in_the_engines_words(path: Path) -> None:
    with Warehouse(path) as warehouse:
        assert warehouse.columns("orders") == (
            ActualColumn("a", "INTEGER"),
            ActualColumn("b", "VARCHAR"),
            ActualColumn("c", "DECIMAL(4,1)"),
        )
        assert warehouse.columns("nothing") == ()
        assert warehouse.row_counts() == {"orders": 1}


@pytest.mark.parametrize("name", ["duckdb_tables", "sqlite_master", "pg_class", "range"])
def test_a_table_may_be_called_as_a_view_of_the_engine(tmp_path: Path, name: str) -> None:
    path = tmp_path / "it's a.b.duckdb"
    with duckdb.connect(str(path)) as session:
        (home,) = session.execute("select current_database()").fetchall()[0]
        session.execute(f'create table "{home}".main.{name} as select 7 as a')
    with Warehouse(path) as warehouse:
        assert warehouse.columns(name) == (ActualColumn("a", "INTEGER"),)
        staged = warehouse.stage(name, ("a",), tmp_path / "part.parquet")
        assert warehouse.row_counts() == {name: 1}
    assert duckdb.read_parquet(str(staged.path)).fetchall() == [(7,)]


def test_the_promised_columns_are_staged_in_their_order(path: Path, tmp_path: Path) -> None:
    target = tmp_path / "lake" / "it's" / "part.parquet"
    with Warehouse(path) as warehouse:
        staged = warehouse.stage("orders", ("b", "a"), target)
    assert (staged.path, staged.rows, staged.bytes) == (target, 1, target.stat().st_size)
    answer = duckdb.read_parquet(str(target))
    assert (answer.columns, answer.fetchall()) == (["b", "a"], [("x", 1)])
    assert [file.name for file in target.parent.iterdir()] == ["part.parquet"]


def test_an_empty_table_is_staged_as_no_rows(path: Path, tmp_path: Path) -> None:
    with duckdb.connect(str(path)) as session:
        session.execute("delete from orders")
    with Warehouse(path) as warehouse:
        assert warehouse.stage("orders", ("a",), tmp_path / "part.parquet").rows == 0
    assert duckdb.read_parquet(str(tmp_path / "part.parquet")).fetchall() == []


def test_data_that_cannot_be_written_is_said(path: Path, tmp_path: Path) -> None:
    (tmp_path / "part.parquet").mkdir()
    with (
        Warehouse(path) as warehouse,
        pytest.raises(MeshError, match="the data of `orders` cannot be written: "),
    ):
        warehouse.stage("orders", ("a",), tmp_path / "part.parquet")


def test_a_file_that_another_program_holds_is_named_with_the_program(path: Path) -> None:
    code = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print(1, flush=True); input()"
    command = [sys.executable, "-c", code, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        with pytest.raises(MeshError) as caught:
            Warehouse(path)
        holder.communicate(b"\n")
    assert str(caught.value) == (
        f"the warehouse file {path} is open in another program (process {holder.pid})\n"
        "  try: close that program, such as a DuckDB shell or an IDE, and build again"
    )


def test_a_file_that_this_command_still_holds_is_no_other_programs(path: Path) -> None:
    with duckdb.connect(str(path)), pytest.raises(MeshError) as caught:
        Warehouse(path)
    assert str(caught.value) == (
        f"the warehouse file {path} is still open in a process of this command\n"
        "  try: end this command and start it again: what it holds ends with it"
    )


def test_a_file_that_is_no_warehouse_says_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "warehouse.duckdb"
    path.write_text("hello " * 99)
    with pytest.raises(MeshError, match=r"cannot be opened: .*not a valid DuckDB") as caught:
        Warehouse(path)
    assert caught.value.fix == ("it holds only what a build makes again: move it away and build")


def test_views_are_written_whole_and_read_back(tmp_path: Path) -> None:
    path = tmp_path / "work" / "mounts.json"
    views = [View("shop", "orders", 'select "é" from x'), View("landing", "raw", "select 1")]
    write_views(views, path)
    assert read_views(path) == views
    write_views([], path)
    assert read_views(path) == []
    assert [file.name for file in path.parent.iterdir()] == ["mounts.json"]


def test_a_parquet_query_keeps_hostile_names_in_their_quotes() -> None:
    assert parquet_query(["/it's.parquet"], ['a"b', "c"]) == (
        """select "a""b", "c" from read_parquet(['/it''s.parquet'], hive_partitioning = false)"""
    )


def test_folders_named_like_partitions_add_no_column(tmp_path: Path) -> None:
    target = tmp_path / "v=1" / "part.parquet"
    target.parent.mkdir()
    duckdb.sql("select 1 as a").write_parquet(str(target))
    assert duckdb.sql(parquet_query([str(target)])).columns == ["a"]


def test_a_build_starts_from_what_it_is_given_and_from_nothing_else(path: Path) -> None:
    with duckdb.connect(str(path)) as session:
        session.execute("create sequence s; create type mood as enum ('good')")
        session.execute("create table parents (i integer primary key default nextval('s'))")
        session.execute("create table children (i integer references parents (i), m mood)")
        session.execute("create schema audit; create table audit.failures as select 1 as a")
        session.execute("create macro m(x) as x; create macro t(x) as table select x")
        session.execute("create view of_others as select 1 as a; create view seen as from orders")
    with Warehouse(path) as warehouse:
        state = View("main", "orders", "select 7 as a")
        warehouse.start_from([state], keep={("main", "of_others"), ("main", "nothing")})
    with duckdb.connect(str(path)) as session:
        assert session.sql("from orders").fetchall() == [(7,)]
        assert session.sql("select table_name from duckdb_tables()").fetchall() == [("orders",)]
        views = "select view_name from duckdb_views() where not internal"
        assert session.sql(views).fetchall() == [("of_others",)]
        assert session.sql("from duckdb_sequences()").fetchall() == []
        functions = "select function_name from duckdb_functions() where not internal"
        assert session.sql(functions).fetchall() == []


def test_a_state_that_cannot_be_read_says_how_to_go_on(path: Path, tmp_path: Path) -> None:
    gone = View("main", "orders", parquet_query([str(tmp_path / "gone.parquet")]))
    with Warehouse(path) as warehouse, pytest.raises(MeshError, match="cannot be read") as caught:
        warehouse.start_from([gone])
    assert caught.value.fix == "build with `--full`, which starts without it"
