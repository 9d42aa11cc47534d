"""Runs `mesh` as people do: in a process of its own where it builds, in this one where it looks."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from mesh_platform.cli import main
from tests import warm


@dataclass(frozen=True)
class Said:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Said]


@pytest.fixture
def look(
    mesh_root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    """Run a command that does not build, in this process."""

    def run(*words: str) -> Said:
        monkeypatch.chdir(mesh_root)
        monkeypatch.setattr(sys, "argv", ["mesh", *words])
        capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            main.run()
        printed = capsys.readouterr()
        return Said(int(left.value.code or 0), printed.out, printed.err)

    return run


@pytest.fixture
def mesh_command(mesh_root: Path) -> Run:
    """Run any command in a process of its own, which has all imports behind it."""

    def run(*words: str) -> Said:
        environment = os.environ | {"COLUMNS": "160"}
        ended = warm.mesh(words, mesh_root, environment)
        return Said(ended.code, ended.out, ended.err)

    return run
