"""A build that somebody stops inside dbt is stopped, not failed."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from mesh_platform.engines.dbt.runner import DbtPlaces, UnreadableProjectError, _Project
from mesh_platform.engines.duckdb.session import was_stopped


class _Runner:
    """dbt's runner at its end: it keeps whatever was raised, also an interrupt."""

    def __init__(self, raised: BaseException) -> None:
        self._raised = raised

    def invoke(self, _words: list[str]) -> SimpleNamespace:
        return SimpleNamespace(exception=self._raised, result=None)


@pytest.fixture
def project(tmp_path: Path) -> _Project:
    work = tmp_path / "work"
    names = ("warehouse.duckdb", "mounts.json", "packages.lock")
    return _Project(
        DbtPlaces(tmp_path / "domains/shop", tmp_path, work, *(work / n for n in names))
    )


@pytest.mark.parametrize("raised", [KeyboardInterrupt(), SystemExit(1)])
def test_an_interrupt_that_dbt_keeps_goes_on(project: _Project, raised: BaseException) -> None:
    with pytest.raises(type(raised)):
        project._checked(_Runner(raised), ["build"], None)


def test_an_error_that_dbt_keeps_is_told(project: _Project) -> None:
    with pytest.raises(UnreadableProjectError, match="dbt cannot build the project: a typo"):
        project._checked(_Runner(RuntimeError("a typo")), ["build"], None)


def test_an_interrupt_that_the_engine_keeps_is_known() -> None:
    assert was_stopped(RuntimeError("Query interrupted"))
    assert not was_stopped(RuntimeError("another"))
