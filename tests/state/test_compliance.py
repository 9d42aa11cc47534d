"""The memory of compliance: only news is kept, two recorders do not repeat each other."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from mesh_platform.state.database import open_database
from mesh_platform.state.records import ComplianceRecord, PolicyVersionRecord
from mesh_platform.state.schema import HEAD
from mesh_platform.state.store import Registry

AT = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
RULES = PolicyVersionRecord("v1", {"platform": "0.1.0", "rules": {}})
MESH = ComplianceRecord(AT, "mesh", "m", 99.5, "violating", 2, {"a.b": [9, 1, 0, 0]}, "v1", "abc+")
SHOP = replace(MESH, scope="domain", name="shop", score=None, level=None, commit=None)


def later(record: ComplianceRecord, **fields: object) -> ComplianceRecord:
    return replace(record, at=record.at + timedelta(hours=1), **fields)  # type: ignore[arg-type]


def test_what_was_recorded_is_given_back(registry: Registry) -> None:
    memory = registry.compliance
    assert memory.record([MESH, SHOP], RULES) == [MESH, SHOP]
    assert memory.history("mesh", "m") == [MESH]
    assert memory.history("domain", "shop") == [SHOP]
    assert memory.history("product", "shop") == []
    assert memory.names() == {("mesh", "m"), ("domain", "shop")}
    assert memory.versions(["v1", "v9"]) == {"v1": RULES}


def test_what_is_no_news_is_not_recorded(registry: Registry) -> None:
    memory = registry.compliance
    memory.record([MESH, SHOP], RULES)
    assert memory.record([later(MESH, commit="def"), later(SHOP)], RULES) == []
    assert memory.history("mesh", "m") == [MESH]


@pytest.mark.parametrize(
    "fields",
    [
        {"score": 100.0},
        {"state": "compliant"},
        {"level": 3},
        {"tallies": {"a.b": [8, 2, 0, 0]}},
        {"policy_version": "v2"},
    ],
    ids=lambda fields: next(iter(fields)),
)
def test_news_of_one_scope_is_recorded_for_that_scope(
    registry: Registry, fields: dict[str, object]
) -> None:
    memory = registry.compliance
    memory.record([MESH, SHOP], RULES)
    memory.record([], replace(RULES, digest="v2"))
    news = later(MESH, **fields)
    assert memory.record([news, later(SHOP)], replace(RULES, digest=news.policy_version)) == [news]
    assert memory.history("mesh", "m") == [MESH, news]
    assert memory.history("domain", "shop") == [SHOP]


def test_what_comes_back_is_news_again(registry: Registry) -> None:
    memory = registry.compliance
    for score in (99.5, 100.0, 99.5):
        memory.record([replace(MESH, score=score)], RULES)
    assert [entry.score for entry in memory.history("mesh", "m")] == [99.5, 100.0, 99.5]


def test_two_that_record_at_once_record_it_once(url: str) -> None:
    registries = [Registry(open_database(url)) for _ in range(4)]
    with ThreadPoolExecutor(4) as threads:
        told = list(threads.map(lambda r: r.compliance.record([MESH, SHOP], RULES), registries))
    assert sorted(map(len, told)) == [0, 0, 0, 2]
    assert registries[0].compliance.history("mesh", "m") == [MESH]


AS_BEFORE = """
import sys
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, text
config = Config()
config.set_main_option("script_location", sys.argv[2])
with create_engine(sys.argv[1]).connect() as connection:
    config.attributes["connection"] = connection
    command.upgrade(config, "0004")
    connection.execute(text("insert into setting (name, value) values ('defers_to', 'prod')"))
    connection.commit()
"""


def test_a_registry_from_before_keeps_what_it_holds_and_learns_to_remember(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'registry.db'}"
    import mesh_platform.state

    migrations = Path(mesh_platform.state.__file__).parent / "migrations"
    subprocess.run([sys.executable, "-c", AS_BEFORE, url, str(migrations)], check=True)
    registry = Registry(open_database(url))
    assert registry.setting("defers_to") == "prod"
    assert registry.compliance.record([MESH], RULES) == [MESH]
    with create_engine(url).connect() as connection:
        revision = connection.execute(text("select version_num from alembic_version")).scalar()
        assert revision == HEAD
