from __future__ import annotations

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import BigInteger, create_engine, inspect, text

from mesh_platform.errors import MeshError
from mesh_platform.state import schema
from mesh_platform.state.database import migrate, open_database
from mesh_platform.state.records import FileRecord
from mesh_platform.state.store import Registry
from tests.state.databases import DATABASES, fresh_database
from tests.warm import at_once


def _url(folder: Path) -> str:
    return f"sqlite:///{folder / 'registry.db'}"


def test_the_newest_migration_is_the_one_the_code_expects() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(schema.__file__).parent / "migrations"))
    assert ScriptDirectory.from_config(config).get_heads() == [schema.HEAD]


def test_migrated_tables_are_the_tables_the_code_uses(tmp_path: Path) -> None:
    with open_database(_url(tmp_path)).connect() as connection:
        options = {"compare_type": True, "compare_server_default": True}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, schema.metadata) == []
        names = set(inspect(connection).get_table_names())
    assert names == {*schema.metadata.tables, "alembic_version"}


def test_migrating_twice_changes_nothing(tmp_path: Path) -> None:
    engine = open_database(_url(tmp_path))
    migrate(engine)
    with engine.connect() as connection:
        assert connection.execute(text("select version_num from alembic_version")).all() == [
            (schema.HEAD,)
        ]


def test_counts_of_rows_and_bytes_are_wide_enough_for_every_database() -> None:
    columns = schema.port_file.c
    assert isinstance(columns.rows.type, BigInteger)
    assert isinstance(columns.bytes.type, BigInteger)


def test_a_registry_of_a_newer_platform_is_refused_and_left_alone(tmp_path: Path) -> None:
    with open_database(_url(tmp_path)).begin() as connection:
        connection.execute(text("update alembic_version set version_num = '9999'"))
    with pytest.raises(MeshError) as caught:
        open_database(_url(tmp_path))
    assert caught.value.message.startswith("the registry was written by a newer platform")
    assert caught.value.fix == "install the newer mesh-platform"
    with create_engine(_url(tmp_path)).connect() as connection:
        assert connection.execute(text("select * from alembic_version")).all() == [("9999",)]


def test_a_path_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    with pytest.raises(MeshError) as caught:
        open_database(f"sqlite:///{tmp_path / 'none' / 'registry.db'}")
    assert str(caught.value) == (
        f"the registry sqlite:///{tmp_path}/none/registry.db cannot be used: "
        "unable to open database file\n"
        "  try: check the path, its permissions and the space on the disk, then try again"
    )


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "registry.db").write_text("hello, I am a text file " * 99)
    with pytest.raises(MeshError, match="file is not a database"):
        open_database(_url(tmp_path))


def test_a_registry_that_is_damaged_later_is_named_whatever_is_asked(tmp_path: Path) -> None:
    registry = Registry(open_database(_url(tmp_path)))
    with create_engine(_url(tmp_path)).begin() as connection:
        connection.execute(text("drop table current"))
    for ask in (registry.all_current, lambda: registry.let_go("shop/orders")):
        with pytest.raises(MeshError) as caught:
            ask()
        assert str(caught.value) == (
            f"the registry sqlite:///{tmp_path}/registry.db cannot be used: "
            "no such table: current\n  try: mesh doctor --rebuild-registry"
        )


def test_a_password_is_not_shown() -> None:
    url = "postgresql+psycopg2://me:secret@127.0.0.1:1/none"
    pytest.importorskip("psycopg2")
    with pytest.raises(MeshError) as caught:
        open_database(url)
    assert "secret" not in str(caught.value)


def test_a_reader_does_not_wait_for_a_writer(tmp_path: Path) -> None:
    engine = open_database(_url(tmp_path))
    with engine.connect() as writer:
        writer.execute(text("begin immediate"))
        writer.execute(text("delete from current"))
        assert Registry(open_database(_url(tmp_path))).all_current() == {}


OPEN = """
import sys, time
from mesh_platform.state.database import open_database
from mesh_platform.state.records import FileRecord
from mesh_platform.state.store import Registry
import alembic.command
print("ready", flush=True)
sys.stdin.readline()
print(Registry(open_database(sys.argv[1])).all_current())
"""


@pytest.mark.slow
@pytest.mark.parametrize("kind", DATABASES)
def test_processes_that_open_a_new_registry_at_once_all_succeed(tmp_path: Path, kind: str) -> None:
    for attempt in range(5):
        folder = tmp_path / str(attempt)
        folder.mkdir()
        with fresh_database(kind, folder) as url:
            assert at_once([(OPEN, [url])] * 4) == [("{}\n", "")] * 4


def test_a_url_that_names_no_driver_is_refused_with_the_one_to_write() -> None:
    with pytest.raises(MeshError, match="names no driver") as caught:
        open_database("postgresql://user@127.0.0.1/mesh")
    assert (caught.value.fix or "").startswith("write `postgresql+psycopg2://`")


def test_a_port_of_a_release_from_before_keeps_its_file(tmp_path: Path) -> None:
    from alembic import command

    config = Config()
    config.set_main_option("script_location", str(Path(schema.__file__).parent / "migrations"))
    with create_engine(_url(tmp_path)).connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0005")
        connection.execute(
            text(
                "insert into attempt (id, product, state, number, version, fingerprint, "
                "code_version, started_at) values ('a', 'shop/orders', 'released', 1, '1.0.0', "
                "'f', '0.1.0', '2026-01-02 03:04:05.000000')"
            )
        )
        connection.execute(
            text(
                "insert into attempt_port (attempt_id, port, version, table_path, file, rows, "
                "bytes, columns, contract_digest) values ('a', 'orders', '1.0.0', 't', "
                "'part-a.parquet', 3, 99, '[\"x\"]', 'd')"
            )
        )
        connection.commit()
    (release,) = Registry(open_database(_url(tmp_path))).releases("shop/orders")
    assert release.ports[0].files == (FileRecord("part-a.parquet", 3, 99, None),)
