"""Spare the tests what libraries do anew each time and what no test is about."""

from __future__ import annotations

import gc
from functools import cache
from types import ModuleType

from alembic.util import pyfiles

_SELDOM = (10_000, 10, 10)
"""How many new objects make Python look for garbage, and how often it looks through older ones."""


def spare() -> None:
    """Call this once in each process that runs tests."""
    gc.set_threshold(*_SELDOM)
    _migrations_are_loaded_once()
    _dbt_does_not_walk_the_stack()


def spare_imports() -> None:
    """Call this when most is imported: no search for garbage looks through it again.

    Half a million objects stay to the end, and each full search took half a second.
    """
    gc.collect()
    gc.freeze()


def _migrations_are_loaded_once() -> None:
    """Alembic compiles every migration for each database; the `env.py` beside them runs anew."""
    load = pyfiles.load_module_py
    once = cache(load)

    def loaded(module_id: str, path: str) -> ModuleType:
        return (once if "versions" in str(path) else load)(module_id, path)

    pyfiles.load_module_py = loaded


def _dbt_does_not_walk_the_stack() -> None:
    """To say who defines a flag, dbt reads the source of each frame: a third of a short parse."""
    from dbt_common.behavior_flags import BehaviorFlagRendered

    BehaviorFlagRendered._default_source = staticmethod(lambda: "tests")  # type: ignore[method-assign]
