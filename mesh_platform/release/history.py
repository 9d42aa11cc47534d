"""Reads earlier states of the mesh's files from git; knows nothing of what the files say.

Every path is relative to the mesh, which may be a folder inside the repository.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path

from mesh_platform.errors import MeshError, did_you_mean

_WITHOUT_GIT = "leave `--against` out to compare with the last release"
_OF_A_HOOK = frozenset({"GIT_DIR", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_WORK_TREE"})
"""What git tells its hooks; it holds in their folder, not in the mesh's."""
_COMMIT = re.compile(r"[0-9a-f]{40,64}")
_LINK, _OTHER_REPOSITORY = "120000", "160000"


@dataclass(frozen=True, slots=True)
class Kept:
    """Hold what a commit keeps under a name; `identity` finds the content."""

    mode: str
    identity: str

    @property
    def elsewhere(self) -> str | None:
        """Say what is there in place of the content."""
        words = {_LINK: "a symbolic link", _OTHER_REPOSITORY: "a git repository of its own"}
        return words.get(self.mode)


class History:
    """The git history around one mesh.

    Args:
        root: of the mesh.
        without: what to do where there is none.
    """

    def __init__(self, root: Path, without: str = _WITHOUT_GIT) -> None:
        self.root, self.without = root, without

    def commit(self, ref: str) -> str:
        """The commit that a branch, tag or other name of git stands for.

        Raises:
            MeshError: git is missing, the mesh lies in no repository, or nothing has that name.
        """
        self._check_repository()
        name = f"{ref}^{{commit}}"
        try:
            found = self._run(["rev-parse", "--verify", "--end-of-options", name])
        except subprocess.CalledProcessError as error:
            raise MeshError(f"git knows no `{ref}`", fix=self._way_to(ref)) from error
        return found.decode().strip()

    def touched(self, commit: str, folder: str) -> frozenset[str]:
        """Files below a folder that differ from the commit, also those git does not know yet.

        A file that moved is told under both names; one that git was told to take for unchanged
        counts as changed where it is there.
        """
        how = ("--name-only", "--no-renames", "--relative", "--ignore-submodules=none", "-z")
        changed = self._git("diff", *how, commit, "--", folder)
        new = self._git("ls-files", "--others", "--exclude-standard", "-z", "--", folder)
        listed = self._git("ls-files", "-v", "-z", "--", folder).split("\0")
        trusted = (name[2:] for name in listed if name[:1] == "S" or name[:1].islower())
        there = (name for name in trusted if (self.root / name).is_file())
        return frozenset(filter(None, (*changed.split("\0"), *new.split("\0"), *there)))

    def files(self, commit: str, folder: str) -> dict[str, Kept]:
        """Return what a folder held, at any depth."""
        listed = self._git("ls-tree", "-r", "-z", commit, "--", folder)
        found = (line.partition("\t") for line in listed.split("\0") if line)
        return {name: Kept(*head.split()[::2]) for head, _, name in found}

    def commits(self, folder: str) -> Iterator[str]:
        """The commit that is checked out, then those that changed something below a folder.

        Newest first; what the newest of them changed is what the one after it did not yet have.

        Raises:
            MeshError: git is missing, the mesh lies in no repository, or nothing is committed.
        """
        yield self.commit("HEAD")
        yield from self._git("log", "--format=%H", "HEAD", "--", folder).split()

    def moved_from(self, commit: str, file: str) -> str | None:
        """Return where a file of that name was in the repository, and is not any more."""
        top = Path(self._git("rev-parse", "--show-toplevel").rstrip("\n"))
        listed = self._git("ls-tree", "-r", "-z", "--name-only", "--full-tree", commit)
        named = (name for name in listed.split("\0") if name.rpartition("/")[2] == file)
        return next((name for name in named if not (top / name).exists()), None)

    def texts(self, files: Mapping[str, Kept]) -> dict[str, str]:
        """Return the content of each file; one call for all of them.

        Raises:
            MeshError: a file was not UTF-8, or git does not have it.
        """
        asked = "".join(f"{kept.identity}\n" for kept in files.values())
        answer = BytesIO(self._run(["cat-file", "--batch"], asked.encode()))
        return {name: self._decoded(name, self._content(name, answer)) for name in files}

    def _content(self, name: str, answer: BytesIO) -> bytes:
        """The next content of a batch: a line that ends in its size, the bytes, a line feed."""
        size = answer.readline().rsplit(b" ", 1)[-1].strip()
        if not size.isdigit():
            raise MeshError(f"git has lost what {name} held", fix="git fsck")
        return answer.read(int(size) + 1)[:-1]

    def _decoded(self, name: str, content: bytes) -> str:
        try:
            return content.decode("utf-8").replace("\r\n", "\n")
        except UnicodeDecodeError as error:
            raise MeshError(f"{name} was not UTF-8 then") from error

    def _check_repository(self) -> None:
        try:
            self._run(["rev-parse", "--is-inside-work-tree"])
        except subprocess.CalledProcessError as error:
            said = _said(error)
            foreign = "not a git repository" in said
            words = f"{self.root} is not in a git repository" if foreign else f"git said: {said}"
            raise MeshError(words, fix=self.without) from error

    def days(self, file: str) -> tuple[date | None, ...]:
        """For each line of a file as it is now, the day on which it was committed; None if not yet.

        Raises:
            MeshError: git is missing, the mesh lies in no repository, or it does not know the file.
        """
        self._check_repository()
        commits, lines = dict[str, date](), list[str]()
        for line in self._git("blame", "--porcelain", "--", file).splitlines():
            word, _, said = line.partition(" ")
            if _COMMIT.fullmatch(word):
                lines.append(word)
            elif word == "committer-time":
                commits[lines[-1]] = datetime.fromtimestamp(int(said), UTC).date()
        return tuple(None if not int(name, 16) else commits[name] for name in lines)

    def way_to_more(self) -> str | None:
        """Say how to get the commits that a shallow clone lacks; None where there are all."""
        shallow = self._git("rev-parse", "--is-shallow-repository").strip() == "true"
        return (
            "this clone is shallow: get the rest with `git fetch --unshallow`" if shallow else None
        )

    def _way_to(self, ref: str) -> str:
        if way := self.way_to_more():
            return way
        names = self._git("for-each-ref", "--format=%(refname:short)").split()
        return did_you_mean(ref, names) if names else "commit first: there is no commit yet"

    def _git(self, *arguments: str) -> str:
        try:
            return self._run(list(arguments)).decode("utf-8", errors="surrogateescape")
        except subprocess.CalledProcessError as error:
            raise MeshError(f"git said: {_said(error)}") from error

    def _run(self, arguments: list[str], given: bytes | None = None) -> bytes:
        try:
            return subprocess.run(
                ["git", "-C", str(self.root), *arguments],
                input=given,
                capture_output=True,
                check=True,
                env=_environment(),
            ).stdout
        except FileNotFoundError as error:
            raise MeshError(
                "the program `git` is not installed", fix=f"install it, or {self.without}"
            ) from error


def days_of(root: Path, file: str) -> tuple[date | None, ...]:
    """The day on which each line of a file was committed; nothing where git does not know it."""
    try:
        return History(root).days(file)
    except MeshError:
        return ()


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in _OF_A_HOOK}
    return kept | {"LC_ALL": "C"}


def _said(error: subprocess.CalledProcessError) -> str:
    return str(error.stderr.decode("utf-8", errors="replace").strip())
