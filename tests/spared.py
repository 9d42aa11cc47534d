"""Spare the tests what libraries do anew each time and what no test is about."""

from __future__ import annotations

from functools import cache
from types import ModuleType

from alembic.util import pyfiles


def spare() -> None:
    """Call this once in each process that runs tests."""
    _migrations_are_loaded_once()
    _dbt_does_not_walk_the_stack()


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
