"""Lineage misses no source in SELECTs of the wide grammar: DuckDB itself is the judge."""

from __future__ import annotations

import duckdb
import pytest

from mesh_platform.lineage.sql.model_lineage import model_lineage
from tests.lineage.sql.test_against_execution import compare
from tests.lineage.sql.wide_sql import SELECTS, Wide
from tests.lineage.sql.worlds import FIXED, World, find_table

FAST, SLOW = range(90), range(10_000, 10_160)


@pytest.fixture(scope="module")
def world() -> World:
    return World(FIXED)


def _held(world: World, seeds: range) -> tuple[int, int]:
    """How many queries ran, and how many of them are in doubt; the others miss nothing."""
    ran = doubted = 0
    for seed in seeds:
        sql = Wide(seed).query()
        try:
            world.run(sql)
        except duckdb.Error:
            continue
        ran += 1
        lineage = model_lineage("m", [sql], find_table)
        if lineage.doubts:
            doubted += 1
        else:
            compare(world, sql, lineage)
    return ran, doubted


def test_no_source_is_missed_in_the_wide_grammar(world: World) -> None:
    ran, doubted = _held(world, FAST)
    assert ran > len(FAST) * 0.8, "most of what is made can run"
    assert doubted < ran * 0.05, "a doubt is no way to be right"


@pytest.mark.slow
def test_no_source_is_missed_in_more_of_it(world: World) -> None:
    ran, doubted = _held(world, SLOW)
    assert (ran > len(SLOW) * 0.8, doubted < ran * 0.05) == (True, True)


def test_every_form_can_be_made() -> None:
    assert len(SELECTS) > 70
    assert len({Wide(seed).query() for seed in range(200)}) > 190
