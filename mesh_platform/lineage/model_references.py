"""Check the models that a model names by `ref`: whether a build lets it read them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from jinja2 import nodes

from mesh_platform.errors import Place
from mesh_platform.lineage.model_files import DomainModels, ModelFile
from mesh_platform.lineage.model_setup import UNKNOWN
from mesh_platform.lineage.static_jinja import version_name
from mesh_platform.lineage.templates import version_of
from mesh_platform.lineage.undefined_names import calls_made
from mesh_platform.model.findings import Finding

_REF = re.compile(r"""\bref\(\s*(?:['"](\w+)['"]\s*,\s*)?['"](\w+)['"]""")
_REF_CALL = "ref("


def reference_findings(model: ModelFile, models: DomainModels, owner: str) -> Iterator[Finding]:
    """Report what a model names by `ref` and may not read.

    A call in a branch is left out: it may not be made.

    Args:
        model: the model.
        models: those of its domain.
        owner: the product, or the domain.
    """
    if not any(_may_matter(name, models) for _, name in _REF.findall(model.text)):
        return
    for package, name, line in _read_by(model):
        place = Place(model.file, line)
        other = models.by_name.get(name) if package in ("", models.domain) else None
        if other is not None:
            yield from _private_to_others(model, other, models, place, owner)
        elif (home := models.brought.get(name)) and package in ("", home):
            yield of_package(model.name, name, home, place, owner)


def is_read(model: ModelFile, models: DomainModels) -> bool:
    """Tell whether another model of the domain, that is not turned off, surely reads one."""
    names = {name for name, file in models.by_name.items() if file is model}
    others = (other for other in models.models if other is not model and not other.python)
    return any(
        name in names
        for other in others
        if not models.setup(other).off
        for _, name, _ in _read_by(other)
    )


def _read_by(model: ModelFile) -> Iterator[tuple[str, str, int]]:
    """Yield each `ref` that a model surely makes: package, name in lower case, and line.

    A version goes by its name in the database.
    """
    for call in calls_made(model.text) if _REF_CALL in model.text else ():
        words = [str(item.value) for item in call.args if isinstance(item, nodes.Const)]
        named = isinstance(call.node, nodes.Name) and call.node.name == "ref"
        if named and len(words) == len(call.args) and len(words) in (1, 2):
            version = version_of(call)
            name = words[-1] if version is None else version_name(words[-1], version)
            yield "".join(words[:-1]), name.lower(), call.lineno


def _may_matter(name: str, models: DomainModels) -> bool:
    """Tell whether there may be something to report of a model that is named so."""
    other = models.by_name.get(name.lower())
    if other is None:
        return name.lower() in models.brought
    return models.setup(other).get("access") == "private"


def of_package(model: str, name: str, package: str, place: Place, owner: str) -> Finding:
    """Return the finding on a model that reads one of a package: no product builds that one."""
    said = f"the model `{model}` reads `{name}`, a model of the package `{package}`, and a build"
    said += " makes the models of products alone"
    way = "copy it into the folder of the product, or write `+materialized: ephemeral` for"
    way += f" `{package}` under `models:` of the domain's dbt_project.yml, which wins over the"
    way += " package's own word"
    return Finding("model.of-package", said, place, way, owner)


def _private_to_others(
    model: ModelFile, other: ModelFile, models: DomainModels, place: Place, owner: str
) -> Iterator[Finding]:
    """Report a model of another group that dbt keeps to its group."""
    own, setup = models.setup(model).get("group"), models.setup(other)
    group = setup.get("group")
    if setup.get("access") != "private" or UNKNOWN in (own, group) or (own and own == group):
        return
    of = f"its group `{group}`" if group else "a group, and it is in none"
    said = f"the model `{model.name}` reads `{other.name}`, which is private to {of}"
    way = f"remove `access: private` from `{other.name}`, or give both models one `group`"
    yield Finding("model.private", said, place, way, owner)
