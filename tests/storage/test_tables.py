"""The Delta log: one commit for each release, repeatable, readable by any Delta engine."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from threading import Barrier, BrokenBarrierError

import duckdb
import pytest
from deltalake import DeltaTable, Schema

from mesh_platform.engines.duckdb.session import arrow_schema
from mesh_platform.errors import LogError, MeshError
from mesh_platform.storage.tables import RELEASE_KEY, LakeFile, Table
from tests.engines.duckdb.parquet import write_parquet
from tests.sessions import session


def _release(
    table: Table, release: str, rows: list[tuple[object, ...]], typed: str = "a integer"
) -> int:
    path = table.folder / f"part-{release}.parquet"
    write_parquet(path, typed, rows)
    file = LakeFile(path.name, len(rows), path.stat().st_size)
    metadata = {RELEASE_KEY: release, "mesh.product": "shop/orders"}
    return table.commit([file], arrow_schema(str(path), session()), metadata)


def _rows(table: Table, version: int | None = None) -> list[tuple[object, ...]]:
    """Rows of the files that the log names, as any Delta engine reads them."""
    files = DeltaTable(table.uri, version=version).file_uris()
    return duckdb.sql(f"from read_parquet({files})").fetchall()


@pytest.fixture
def table(tmp_path: Path) -> Table:
    return Table(tmp_path / "lake" / "orders_v1")


def test_the_first_release_creates_the_table(table: Table) -> None:
    assert _release(table, "r1", [(1,), (2,)]) == 0
    assert _rows(table) == [(1,), (2,)]


def test_each_release_replaces_the_whole_content(table: Table) -> None:
    _release(table, "r1", [(1,), (2,)])
    assert _release(table, "r2", [(3,)]) == 1
    assert _rows(table) == [(3,)]
    assert _rows(table, version=0) == [(1,), (2,)]


def test_committing_a_release_again_changes_nothing(table: Table) -> None:
    versions = [_release(table, "r1", [(1,)]), _release(table, "r2", [(2,)])]
    again = [_release(table, "r1", [(1,)]), _release(table, "r2", [(2,)])]
    assert (versions, again) == ([0, 1], [0, 1])
    assert DeltaTable(table.uri).version() == 1


def test_a_staged_file_is_invisible_before_its_commit(table: Table) -> None:
    _release(table, "r1", [(1,)])
    write_parquet(table.folder / "part-r2.parquet", "a integer", [(9,)])
    assert _rows(table) == [(1,)]
    assert table.releases() == {"r1": 0}


def test_the_log_says_which_release_is_where(table: Table) -> None:
    assert (table.releases(), table.version_of("r1")) == ({}, None)
    _release(table, "r1", [(1,)])
    _release(table, "r2", [(2,)])
    assert table.releases() == {"r1": 0, "r2": 1}
    assert [table.version_of(name) for name in ("r1", "r2", "r3")] == [0, 1, None]
    (newest, _) = DeltaTable(table.uri).history()
    assert newest["mesh.product"] == "shop/orders"


def test_the_log_knows_how_many_rows_there_are(table: Table) -> None:
    _release(table, "r1", [(1,), (2,), (3,)])
    actions = DeltaTable(table.uri).get_add_actions(flatten=True)
    assert [value.as_py() for value in actions["num_records"]] == [3]


def test_an_earlier_version_is_restored_as_a_new_one(table: Table) -> None:
    _release(table, "r1", [(1,)])
    _release(table, "r2", [(2,)])
    assert table.restore(0, {"mesh.restored": "r1"}) == 2
    assert _rows(table) == [(1,)]
    assert DeltaTable(table.uri).history()[0]["mesh.restored"] == "r1"
    assert table.releases() == {"r1": 0, "r2": 1}


def test_restoring_what_is_there_already_changes_nothing(table: Table) -> None:
    _release(table, "r1", [(1,)])
    _release(table, "r2", [(2,)])
    assert [table.restore(1, {}), table.restore(0, {}), table.restore(0, {})] == [1, 2, 2]


def test_a_release_after_a_restore_is_seen(table: Table) -> None:
    _release(table, "r1", [(1,)])
    _release(table, "r2", [(2,)])
    table.restore(0, {"mesh.restored": "r1"})
    assert _release(table, "r3", [(3,)]) == 3
    assert _rows(table) == [(3,)]


def test_restoring_a_version_that_never_was_is_refused(table: Table) -> None:
    _release(table, "r1", [(1,)])
    with pytest.raises(MeshError, match=r"version 7 of .*orders_v1 cannot be restored"):
        table.restore(7, {})


def test_restoring_a_version_whose_file_is_gone_is_refused(table: Table) -> None:
    _release(table, "r1", [(1,)])
    _release(table, "r2", [(2,)])
    (table.folder / "part-r1.parquet").unlink()
    with pytest.raises(MeshError, match=r"version 0 of .*orders_v1 cannot be restored"):
        table.restore(0, {})
    assert _rows(table) == [(2,)]


def test_there_is_nothing_to_restore_without_a_table(table: Table) -> None:
    with pytest.raises(MeshError, match=r"there is no Delta table in .*\n  try: run `mesh build`"):
        table.restore(0, {})


def test_a_schema_may_change_between_releases(table: Table) -> None:
    _release(table, "r1", [(1,)])
    _release(table, "r2", [("x", 2.5)], typed="b varchar, c double")
    fields = [(field.name, field.type.type) for field in DeltaTable(table.uri).schema().fields]
    assert fields == [("b", "string"), ("c", "double")]
    assert _rows(table) == [("x", 2.5)]


def test_a_restored_version_has_its_own_schema(table: Table) -> None:
    _release(table, "r1", [(1,)])
    _release(table, "r2", [("x", 2.5)], typed="b varchar, c double")
    table.restore(0, {"mesh.restored": "r1"})
    assert [field.name for field in DeltaTable(table.uri).schema().fields] == ["a"]
    assert _rows(table) == [(1,)]


def test_the_types_of_contracts_survive(table: Table) -> None:
    typed = "a timestamptz, b timestamp, c date, d decimal(10,2), e boolean, f bigint, g double[]"
    _release(
        table,
        "r1",
        [("2013-01-01 00:00:00+00", "2013-01-01", "2013-01-01", 1, True, 1, [1])],
        typed,
    )
    assert len(DeltaTable(table.uri).schema().fields) == 7


def test_a_time_of_day_is_refused_in_words(table: Table) -> None:
    with pytest.raises(MeshError):
        _release(table, "r1", [("05:17",)], "a time")


LOCAL_TIMES = [("a timestamp", "2024-01-01"), ("a map(int, timestamp)", "{1=2024-01-01}")]


@pytest.mark.parametrize(("typed", "value"), LOCAL_TIMES)
def test_a_column_of_local_times_may_come_at_any_release(
    table: Table, typed: str, value: str
) -> None:
    _release(table, "r1", [(1,)])
    version = _release(table, "r2", [(value,)], typed)
    again = _release(table, "r2", [(value,)], typed)
    later = _release(table, "r3", [(value,)], typed)
    assert (version == again, later) == (True, version + 1)
    assert table.releases() == {"r1": 0, "r2": version, "r3": later}
    assert DeltaTable(table.uri).to_pyarrow_table().num_rows == 1
    table.undo("r3")
    table.undo("r2")
    assert DeltaTable(table.uri).to_pyarrow_table().to_pylist() == [{"a": 1}]


def test_a_first_release_may_have_local_times_in_a_map(table: Table) -> None:
    typed, value = LOCAL_TIMES[1]
    version = _release(table, "r1", [(value,)], typed)
    assert table.releases() == {"r1": version}
    assert DeltaTable(table.uri).to_pyarrow_table().num_rows == 1
    table.undo("r1")
    assert DeltaTable(table.uri).file_uris() == []
    assert _release(table, "r1", [(value,)], typed) == version


@pytest.mark.parametrize("released", [0, 1, 2])
@pytest.mark.parametrize("typed", ["a integer", "a timestamp", "a map(integer, timestamp)"])
def test_two_writers_at_once_never_share_a_version(table: Table, typed: str, released: int) -> None:
    empty: list[tuple[object, ...]] = [(None,)]
    for number in range(released):
        _release(table, f"before{number}", empty, typed)
    gate = Barrier(4)

    class Late(Table):
        """A writer that has opened the table before another one commits."""

        def _ready_for(self, schema: Schema) -> DeltaTable | None:
            ready = super()._ready_for(schema)
            with suppress(BrokenBarrierError):
                gate.wait(5)
            return ready

    def write(number: int) -> int | None:
        try:
            return _release(Late(table.folder), f"r{number}", empty, typed)
        except MeshError:
            gate.abort()
            return None

    with ThreadPoolExecutor(4) as pool:
        versions = [version for version in pool.map(write, range(4)) if version is not None]
    assert len(set(versions)) == len(versions) > 0
    assert len(DeltaTable(table.uri).file_uris()) == 1


def test_only_the_entries_that_somebody_asks_for_are_read(table: Table) -> None:
    for release in ("r1", "r2"):
        _release(table, release, [(1,)])
    (table.folder / "_delta_log/00000000000000000000.json").write_bytes(b"{")
    assert next(table.walk()).release == "r2"
    with pytest.raises(LogError):
        table.entries()


@pytest.mark.parametrize("lost", [0, 1, 2])
def test_an_entry_that_lacks_is_found_by_the_names_of_the_others(table: Table, lost: int) -> None:
    for number in range(4):
        _release(table, f"r{number}", [(number,)])
    table.refuse_gaps()
    (table.folder / f"_delta_log/{lost:020}.json").unlink()
    for look in (table.refuse_gaps, table.check):
        with pytest.raises(LogError, match=f"its entry {lost:020}.json is missing"):
            look()


def test_an_entry_from_before_a_checkpoint_is_not_needed(table: Table) -> None:
    for number in range(3):
        _release(table, f"r{number}", [(number,)])
    DeltaTable(table.uri).create_checkpoint()
    _release(table, "r3", [(3,)])
    _release(table, "r4", [(4,)])
    (table.folder / f"_delta_log/{1:020}.json").unlink()
    table.check()
    table.refuse_gaps()
    (table.folder / f"_delta_log/{3:020}.json").unlink()
    with pytest.raises(LogError, match="is missing"):
        table.refuse_gaps()
