"""Reads earlier states of the mesh's files from git; knows nothing of what the files say.

Every path is relative to the mesh, which may be a folder inside the repository.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path

from mesh_platform.errors import MeshError, did_you_mean


class History:
    """The git history around one mesh."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def commit(self, ref: str) -> str:
        """The commit that a branch, tag or other name of git stands for.

        Raises:
            MeshError: git is missing, the mesh lies in no repository, or nothing has that name.
        """
        self._git("rev-parse", "--is-inside-work-tree", wrong=self._no_repository())
        names = self._git("for-each-ref", "--format=%(refname:short)").split()
        unknown = MeshError(f"git knows no `{ref}`", fix=did_you_mean(ref, names))
        name = f"{ref}^{{commit}}"
        return self._git("rev-parse", "--verify", "--end-of-options", name, wrong=unknown).strip()

    def touched(self, commit: str, folder: str) -> frozenset[str]:
        """Files below a folder that differ from the commit, also those git does not know yet."""
        changed = self._git("diff", "--name-only", "--relative", "-z", commit, "--", folder)
        new = self._git("ls-files", "--others", "--exclude-standard", "-z", "--", folder)
        return frozenset(filter(None, f"{changed}\0{new}".split("\0")))

    def files(self, commit: str, folder: str) -> list[str]:
        """Files that a folder held, at any depth."""
        listed = self._git("ls-tree", "-r", "-z", "--name-only", commit, "--", f"{folder}/")
        return [name for name in listed.split("\0") if name]

    def texts(self, commit: str, files: Iterable[str]) -> Mapping[str, str]:
        """What each file held; one call for all of them.

        Raises:
            MeshError: a file was not UTF-8.
        """
        names = list(files)
        asked = "".join(f"{commit}:./{name}\n" for name in names)
        answer = self._run(["cat-file", "--batch"], asked.encode()) if names else b""
        found: dict[str, str] = {}
        for name in names:
            head, _, answer = answer.partition(b"\n")
            size = int(head.rsplit(b" ", 1)[1])
            found[name] = self._decoded(name, answer[:size])
            answer = answer[size + 1 :]
        return found

    def _decoded(self, name: str, content: bytes) -> str:
        try:
            return content.decode("utf-8").replace("\r\n", "\n")
        except UnicodeDecodeError as error:
            raise MeshError(f"{name} was not UTF-8 then") from error

    def _no_repository(self) -> MeshError:
        return MeshError(
            f"{self.root} is not in a git repository",
            fix="leave `--against` out to compare with the last release",
        )

    def _git(self, *arguments: str, wrong: MeshError | None = None) -> str:
        try:
            return self._run(list(arguments)).decode("utf-8", errors="surrogateescape")
        except subprocess.CalledProcessError as error:
            said = error.stderr.decode("utf-8", errors="replace").strip()
            raise wrong or MeshError(f"git said: {said}") from error

    def _run(self, arguments: list[str], given: bytes | None = None) -> bytes:
        try:
            return subprocess.run(
                ["git", "-C", str(self.root), *arguments],
                input=given,
                capture_output=True,
                check=True,
            ).stdout
        except FileNotFoundError as error:
            raise MeshError(
                "the program `git` is not installed",
                fix="install it, or leave `--against` out to compare with the last release",
            ) from error
