"""What dbt's connection to a warehouse is given before it builds."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from mesh_platform.engines.dbt.mounts import Plugin
from mesh_platform.engines.duckdb.session import open_session

ZONE = "select current_setting('TimeZone'), cast('2024-07-01 12:00:00' as timestamptz)::varchar"


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine in another time zone."""
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("elsewhere")
def test_a_cursor_of_dbt_is_in_utc_whatever_the_zone_of_the_machine(tmp_path: Path) -> None:
    views = tmp_path / "mounts.json"
    views.write_text("[]")
    with duckdb.connect() as connection:
        assert connection.cursor().execute(ZONE).fetchone() == (
            "America/New_York",
            "2024-07-01 12:00:00-04",
        )
        Plugin("mounts", {"file": str(views)}).configure_connection(connection)
        assert connection.cursor().execute(ZONE).fetchone() == ("UTC", "2024-07-01 12:00:00+00")


@pytest.mark.usefixtures("elsewhere")
def test_a_cursor_of_a_session_is_in_utc() -> None:
    with open_session() as session:
        assert session.cursor().execute(ZONE).fetchone() == ("UTC", "2024-07-01 12:00:00+00")
