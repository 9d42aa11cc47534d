"""Says of a dbt node that failed what it is, where its text stands, and how to see all of it."""

from __future__ import annotations

import os
import re
from pathlib import Path, PurePosixPath

from mesh_platform.engines.dbt.runner import NodeResult
from mesh_platform.engines.duckdb.error_messages import KEPT_BACK
from mesh_platform.environments.workspace import Workspace
from mesh_platform.errors import Place, PromiseBrokenError
from mesh_platform.files import seen_from, text_of
from mesh_platform.lineage.model_files import DomainModels
from mesh_platform.model.dbt_project import DBT_PROJECT_FILE, read_project
from mesh_platform.model.mesh import Domain, Product
from mesh_platform.release.lineage.files import read_models

_ON_RUN = re.compile(r"-(on-run-(?:start|end))-\d+$")
_NEVER_COMPILED = "Compilation Error"
"""How dbt's own error begins, which leaves no SQL to run."""
_SQL = "correct the SQL"
_WAYS = {
    "Conversion Error": "correct the value where it comes from, or write `try_cast`: it gives null",
    "Out of Range Error": "give the result a larger type, or correct the value",
    "Binder Error": _SQL,
    "Catalog Error": _SQL,
    "Parser Error": _SQL,
    _NEVER_COMPILED: "correct the template",
}
"""How to go on, by how an error begins."""
_PYTHON = ".py"
"""How the file of a model ends that has no SQL to run."""
_OF_BATCHES = re.compile(r"(?:ERROR|PARTIAL SUCCESS)(?: \(\d+/\d+\))?")
"""Match all that dbt says of a model of which batches failed."""
_HOOK = re.compile(r"\b(?:pre|post)_hook\b")


def refusal(workspace: Workspace, product: Product, node: NodeResult) -> PromiseBrokenError:
    """Return the end of a build in which a node failed."""
    domain = workspace.mesh.domain(product.name.domain)
    models = read_models(workspace, [domain.name]).domain(domain.name)
    unfit = (f for name, f in models.unfit_seeds if name == node.name and f.severity == "error")
    known = next(unfit, None)
    if node.kind == "seed" and known is not None:
        said = f"{product.name}: {known.message}"
        return PromiseBrokenError(said, place=known.place, fix=known.fix)
    kept_back = KEPT_BACK in (node.message or "")
    return PromiseBrokenError(
        f"{product.name}: {_called(node)} failed: {node.message or node.status}",
        place=_place(workspace, domain, node),
        fix=_to_see_it(domain, node, models) if kept_back else _way_out(domain, node),
    )


def _way_out(domain: Domain, node: NodeResult) -> str | None:
    """Return how to mend what the engine says; None where its words are all that is known."""
    said = node.message or ""
    if _OF_BATCHES.fullmatch(said):
        return f"`mesh dbt {domain.name} -- build -s {node.name}` shows what each batch says"
    return next((way for kind, way in _WAYS.items() if said.startswith(kind)), None)


def _called(node: NodeResult) -> str:
    if found := _ON_RUN.search(node.name):
        return f"the hook `{found[1]}`"
    return f"{node.kind.replace('_', ' ')} `{node.name}`"


def _place(workspace: Workspace, domain: Domain, node: NodeResult) -> Place:
    """Return the file of a node; of a hook that runs by itself, the line that holds its key."""
    found, root = _ON_RUN.search(node.name), workspace.mesh.root
    if found is None:
        home = PurePosixPath(domain.folder.parent.name) / domain.name
        return Place((home / node.path).as_posix(), _line_in_file(domain.folder / node.path, node))
    file = _project_of(domain, node.unique_id.split(".")[1]) / DBT_PROJECT_FILE
    lines = enumerate(text_of(file).splitlines(), 1)
    line = next((n for n, text in lines if text.lstrip("'\"").startswith(found[1])), 1)
    return Place(seen_from(root, file), line)


def _line_in_file(path: Path, node: NodeResult) -> int | None:
    """Return the line at which a node failed; dbt counts from the first that is not empty."""
    if node.line is None:
        return None
    text = text_of(path)
    return node.line + text.count("\n", 0, len(text) - len(text.lstrip()))


def _project_of(domain: Domain, package: str) -> Path:
    """Return the folder of the project of a name: the domain's, or that of a local package."""
    homes = read_project(domain.folder, os.environ).packages
    named = (home for home in homes if read_project(home, os.environ).name == package)
    return domain.folder if package == domain.name else next(named, domain.folder)


def _hook(node: NodeResult, models: DomainModels) -> str | None:
    """Return what runs SQL beside a model that failed, and may be what failed."""
    model = models.by_name.get(node.name.lower()) if node.kind == "model" else None
    if model is None:
        return None
    own = _HOOK.search(model.text)
    return f"`{own[0]}` in the model" if own else models.hook_of(model)


def _to_see_it(domain: Domain, node: NodeResult, models: DomainModels) -> str:
    """Return how a team sees an error in full where messages name only its kind."""
    dbt, hook = f"`mesh dbt {domain.name} --", _hook(node, models)
    if node.kind in ("seed", "test"):
        return f"{dbt} {node.kind} --select {node.name}` shows all of it"
    if node.kind == "operation":
        return f"{dbt} build` runs the hook, too, and shows all of it"
    way = f"{dbt} build -s +{node.name}` shows all of it"
    if hook is not None:
        return f"{way}; it may come from {hook}"
    if _NEVER_COMPILED in (node.message or "") or node.path.endswith(_PYTHON):
        return way
    return f"{dbt} compile` writes the model's SQL; run it in a DuckDB session of your own"
