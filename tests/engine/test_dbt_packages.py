"""dbt packages: installed once for each state of the files that name them, by one at a time."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

import pytest

from mesh_platform.engine.dbt_packages import install


class _Deps:
    """What `dbt deps` does: it empties the folder and fills it."""

    def __init__(self, folder: Path) -> None:
        self.target, self.runs = folder / "dbt_packages", 0

    def __call__(self) -> None:
        self.runs += 1
        shutil.rmtree(self.target, ignore_errors=True)
        (self.target / "mesh").mkdir(parents=True)


@pytest.fixture
def deps(tmp_path: Path) -> _Deps:
    (tmp_path / "packages.yml").write_text("packages: []\n")
    return _Deps(tmp_path)


def _install(deps: _Deps) -> list[str]:
    folder = deps.target.parent
    install(folder, folder / "locks" / "shop.lock", deps)
    return sorted(path.name for path in deps.target.iterdir())


def test_packages_are_installed_once(deps: _Deps) -> None:
    assert [_install(deps), _install(deps)] == [[".installed", "mesh"]] * 2
    assert deps.runs == 1


def test_a_package_that_is_added_is_installed(deps: _Deps) -> None:
    _install(deps)
    (deps.target.parent / "packages.yml").write_text("packages: [{local: ../x}]\n")
    _install(deps)
    (deps.target.parent / "dependencies.yml").write_text("packages: []\n")
    _install(deps)
    assert deps.runs == 3


def test_half_an_installation_is_replaced(deps: _Deps) -> None:
    (deps.target / "half").mkdir(parents=True)
    assert _install(deps) == [".installed", "mesh"]


def test_an_installation_that_fails_is_tried_again(deps: _Deps) -> None:
    folder = deps.target.parent

    def fail() -> None:
        deps()
        raise RuntimeError("no network")

    with pytest.raises(RuntimeError):
        install(folder, folder / "shop.lock", fail)
    assert _install(deps) == [".installed", "mesh"]
    assert deps.runs == 2


def test_threads_and_processes_that_come_together_install_once(deps: _Deps) -> None:
    threads = [threading.Thread(target=_install, args=(deps,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert deps.runs == 1


def test_a_project_without_packages_gets_no_folder(tmp_path: Path) -> None:
    deps = _Deps(tmp_path)
    install(tmp_path, tmp_path / "shop.lock", deps)
    assert (deps.runs, list(tmp_path.iterdir())) == (0, [])
