"""dbt packages: installed once for each state of the files that name them, by one at a time."""

from __future__ import annotations

import json
import os
import shutil
import threading
from pathlib import Path

import pytest

from mesh_platform.engines.dbt.packages import install


class _Deps:
    """What `dbt deps` does: it empties the folder and fills it."""

    def __init__(self, folder: Path) -> None:
        self.target, self.runs = folder / "dbt_packages", 0
        self.local: Path | None = None

    def __call__(self) -> None:
        self.runs += 1
        shutil.rmtree(self.target, ignore_errors=True)
        if self.local is None:
            (self.target / "mesh").mkdir(parents=True)
        else:
            self._link(self.local.resolve())

    def _link(self, local: Path) -> None:
        """Install a local package as dbt does, which notes its name and links to it absolutely."""
        self.target.mkdir()
        (self.target / "mesh").symlink_to(local)
        noted = {"local": os.path.relpath(local, self.target.parent), "name": "mesh"}
        lock = json.dumps({"packages": [noted]})
        (self.target.parent / "package-lock.yml").write_text(lock)


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


@pytest.fixture
def linked(tmp_path: Path) -> _Deps:
    """Return the deps of a domain in a mesh whose shared package is local."""
    folder = tmp_path / "orig" / "domains" / "shop"
    folder.mkdir(parents=True)
    (folder / "packages.yml").write_text("packages: [{local: ../../dbt_project}]\n")
    (tmp_path / "orig" / "dbt_project").mkdir()
    return _linked(folder)


def _linked(folder: Path) -> _Deps:
    deps = _Deps(folder)
    deps.local = folder.parent.parent / "dbt_project"
    return deps


def test_a_local_package_is_a_link_that_survives_a_copy_and_a_new_name(
    linked: _Deps, tmp_path: Path
) -> None:
    _install(linked)
    shutil.copytree(tmp_path / "orig", tmp_path / "copy", symlinks=True)
    copied = _linked(tmp_path / "copy" / "domains" / "shop")
    _install(copied)
    assert (copied.target / "mesh").resolve() == tmp_path / "copy" / "dbt_project"
    assert (linked.runs, copied.runs) == (1, 0)


@pytest.mark.parametrize("noted", [True, False])
def test_a_link_that_leads_into_another_mesh_is_made_anew(
    linked: _Deps, tmp_path: Path, noted: bool
) -> None:
    _install(linked)
    other = tmp_path / "other" / "dbt_project"
    other.mkdir(parents=True)
    (linked.target / "mesh").unlink()
    (linked.target / "mesh").symlink_to(other)
    if not noted:
        (linked.target.parent / "package-lock.yml").unlink()
    _install(linked)
    assert (linked.target / "mesh").resolve() == tmp_path / "orig" / "dbt_project"


def test_a_link_that_leads_nowhere_is_made_anew(linked: _Deps) -> None:
    _install(linked)
    (linked.target / "mesh").unlink()
    (linked.target / "mesh").symlink_to("../gone")
    assert _install(linked) == [".installed", "mesh"]
    assert linked.runs == 2


def test_a_folder_in_place_of_a_local_package_is_made_anew(linked: _Deps) -> None:
    _install(linked)
    (linked.target / "mesh").unlink()
    (linked.target / "mesh").mkdir()
    _install(linked)
    assert (linked.target / "mesh").is_symlink()


def test_packages_are_marked_where_the_project_has_them_installed(tmp_path: Path) -> None:
    (tmp_path / "packages.yml").write_text("packages: []\n")
    (tmp_path / "dbt_project.yml").write_text("packages-install-path: of_others\n")
    deps = _Deps(tmp_path)
    deps.target = tmp_path / "of_others"
    assert [_install(deps), _install(deps)] == [[".installed", "mesh"]] * 2
    assert deps.runs == 1
