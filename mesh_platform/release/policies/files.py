"""Find the files with policies, and load them in a separate process: others wrote them."""

from __future__ import annotations

import functools
import importlib
import importlib.util
import inspect
import pkgutil
import sys
from dataclasses import replace
from functools import partial
from importlib.machinery import SourceFileLoader
from pathlib import Path

from mesh_platform.errors import MeshError, Place
from mesh_platform.files import is_file, seen_from, text_of
from mesh_platform.governance import starter
from mesh_platform.governance.definition import definition
from mesh_platform.governance.evaluate import Trouble
from mesh_platform.governance.findings import CANNOT_RUN
from mesh_platform.governance.policy import Policy, PolicyInfo, policies_of, received
from mesh_platform.governance.rules import PolicyRule, Source
from mesh_platform.model.contract import digest_of
from mesh_platform.model.findings import Finding
from mesh_platform.model.mesh import Mesh
from mesh_platform.release.policies.apart import Step, run_apart

DOMAIN_POLICIES = "policies.py"
_NO_POLICIES = "_.#~"
"""Hold the signs that begin the name of a helper, or of what an editor or a Mac leaves."""
Known = list[tuple[Source, PolicyInfo]]


def sources(mesh: Mesh) -> list[Source]:
    """Return all files with policies: the platform's, the mesh's, then those of domains."""
    found = [
        Source(module.name, module.name.replace(".", "/") + ".py", of_platform=True)
        for module in pkgutil.iter_modules(starter.__path__, f"{starter.__name__}.")
    ]
    own = sorted((mesh.root / mesh.policy_folder).glob("*.py"))
    found += [Source(str(p), seen_from(mesh.root, p)) for p in own if p.name[0] not in _NO_POLICIES]
    for domain in mesh.domains:
        path = domain.folder / DOMAIN_POLICIES
        if is_file(path):
            found.append(Source(str(path), seen_from(mesh.root, path), domain.name))
    return found


def known_policies(mesh: Mesh) -> tuple[Known, list[Finding]]:
    """Return all policies that can be loaded, and a finding for each file that cannot."""
    found, findings = Known(), list[Finding]()
    foreign = []
    for source in sources(mesh):
        if source.of_platform:
            found += [(source, info) for info in _described(source)]
        else:
            foreign.append(source)
    texts = tuple((source, _texts(source)) for source in foreign)
    for source, said in zip(foreign, _described_apart(texts, mesh.policy_seconds), strict=True):
        if isinstance(said, Trouble):
            findings.append(cannot_load(source, said))
        else:
            found += [(source, info) for info in said]
    return found, findings


def cannot_load(source: Source, trouble: Trouble) -> Finding:
    """Return the finding for a file of policies that cannot be loaded: it could not run."""
    return Finding(
        CANNOT_RUN,
        f"the policies of {source.shown} cannot be loaded: {trouble.message}",
        Place(source.shown, trouble.line or 1),
        "correct the file; `mesh policy test` tries it",
        could_not_run=True,
    )


def load(source: Source) -> list[Policy]:
    """Return the policies of a file; run its code in this process.

    Raises:
        MeshError: a policy does not have the required form.
    """
    if source.of_platform:
        return list(policies_of(importlib.import_module(source.file)))
    name = _module(source)
    if name not in sys.modules:
        _run_file(name, source)
    return list(policies_of(sys.modules[name]))


def policy_behind(rule: PolicyRule) -> Policy:
    """Return the policy that a rule puts in force; run the code of its file in this process."""
    return next(each for each in load(rule.source) if each.info.code == rule.code)


def _run_file(name: str, source: Source) -> None:
    sys.path.append(str(Path(source.file).parent))  # a file may import its neighbour
    loader = SourceFileLoader(name, source.file)
    spec = importlib.util.spec_from_loader(name, loader)
    if spec is None:
        raise MeshError("the file cannot be loaded", place=Place(source.shown))
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise


@functools.lru_cache(maxsize=8)
def _described_apart(
    texts: tuple[tuple[Source, str], ...], seconds: float
) -> tuple[list[PolicyInfo] | Trouble, ...]:
    """Return the policies in files of others, or why each file cannot be loaded.

    A build asks for every domain and product. The files run once as long as their texts stay the
    same: one that never ends would cost its time limit again and again.
    """
    steps = [
        Step(partial(_described, source), source.file, list[PolicyInfo]) for source, _ in texts
    ]
    return tuple(map(_received, run_apart(steps, seconds)))


def _received(said: list[PolicyInfo] | Trouble) -> list[PolicyInfo] | Trouble:
    if isinstance(said, Trouble):
        return said
    try:
        return [received(info) for info in said]
    except ValueError:
        return Trouble("the default of a parameter is not of its type")


def _texts(source: Source) -> str:
    """Return a digest of a file with policies and of its neighbours, which it may import."""
    files = sorted(Path(source.file).parent.glob("*.py"))
    return digest_of(*(f"{path}\n{_text(path)}\n" for path in files))


def _text(path: Path) -> str | None:
    """Return the text of a file, or None where it cannot be read: loading it reports that."""
    try:
        return text_of(path)
    except MeshError:
        return None


def _described(source: Source) -> list[PolicyInfo]:
    policies = load(source)
    text = inspect.getsource(sys.modules[_module(source)]) if policies else ""
    return [
        replace(
            policy.info,
            place=Place(source.shown, policy.info.place.line),
            definition=digest_of(definition(text, policy.check.__name__)),
        )
        for policy in policies
    ]


def _module(source: Source) -> str:
    """Return the module name under which a file is loaded."""
    if source.of_platform:
        return source.file
    return "mesh_policies_" + "".join(c if c.isalnum() else "_" for c in source.shown)
