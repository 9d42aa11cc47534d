"""Every behaviour of the registry is held on every database there is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mesh_platform.state.database import open_database
from mesh_platform.state.store import Registry
from tests.state.databases import DATABASES, fresh_database


@pytest.fixture(params=DATABASES)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with fresh_database(request.param, tmp_path) as found:
        yield found


@pytest.fixture
def registry(url: str) -> Registry:
    return Registry(open_database(url))
