"""Keeps values of environment variables that dbt fills into code out of messages."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from mesh_platform.files import text_of
from mesh_platform.redaction import conceal

_CODE = frozenset({".sql", ".py", ".yml", ".yaml"})
_ASKED = re.compile(
    rb"""\benv_var\(\s*['"](?P<name>\w+)['"](?:\s*,\s*['"](?P<default>[^'"]*)['"])?"""
)


def asked_for(code: bytes) -> Iterator[bytes]:
    """Yield the names of the variables that code reads with `env_var`."""
    yield from (found["name"] for found in _ASKED.finditer(code))


def conceal_variables(folders: Iterable[Path], public: Collection[bytes]) -> None:
    """Conceal the values that `env_var` fills into the code below some folders.

    Args:
        folders: dbt projects.
        public: variables that hold no secret; a value equal to the default is not concealed either.
    """
    for path in (path for folder in folders for path in folder.rglob("*")):
        if path.suffix in _CODE and path.is_file():
            for found in _ASKED.finditer(text_of(path).encode("utf-8")):
                value = os.environb.get(found["name"], found["default"])
                if value != found["default"] and found["name"] not in public:
                    conceal(os.fsdecode(value), f"${{{found['name'].decode()}}}")
