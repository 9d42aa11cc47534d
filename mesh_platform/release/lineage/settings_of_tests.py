"""Find settings that a test in SQL gives itself and that dbt refuses when it starts."""

from __future__ import annotations

from collections.abc import Iterator

from jinja2 import nodes

from mesh_platform.engines.dbt.generic_tests import test_config_faults
from mesh_platform.engines.dbt.properties import CODE
from mesh_platform.errors import Place
from mesh_platform.lineage.model_files import DomainModels
from mesh_platform.lineage.undefined_names import calls_made
from mesh_platform.model.findings import Finding

_CONFIG = "config("
_NOT_CONSTANT = (nodes.Impossible, TypeError, ValueError, LookupError)


def setting_faults(models: DomainModels) -> Iterator[Finding]:
    """Report settings in `config(…)` of tests in SQL that dbt surely refuses, at their lines."""
    for test in models.tests:
        if _CONFIG in test.text and test.file not in models.perhaps_off:
            known = _settings(test.text)
            for key, said, way in test_config_faults({k: known[k][0] for k in known}):
                what = f"dbt refuses the test `{test.name.removeprefix('test ')}`"
                place = Place(test.file, known[key][1])
                yield Finding(CODE, f"{what}: `{key}`: {said}", place, way, models.domain)


def _settings(text: str) -> dict[str, tuple[object, int]]:
    """Return the values that are constants, each with its line; none where a branch may differ.

    Of two values of one setting, dbt takes the last.
    """
    calls = [call for call in calls_made(text) if _is_config(call)]
    found = dict[str, tuple[object, int]]()
    if len(calls) < text.count(_CONFIG):
        return found
    for call in calls:
        pairs = [(item.key, item.value, call.lineno) for item in call.kwargs]
        for given in (each for each in call.args if isinstance(each, nodes.Dict)):
            pairs += [(str(_value(pair.key)), pair.value, pair.lineno) for pair in given.items]
        for key, value, line in pairs:
            found[key] = (_value(value), line)
    return found


def _is_config(call: nodes.Call) -> bool:
    return isinstance(call.node, nodes.Name) and call.node.name == "config"


def _value(given: nodes.Expr) -> object:
    """Return a constant; None stands for what only dbt can tell."""
    try:
        value: object = given.as_const()
    except _NOT_CONSTANT:
        return None
    return None if isinstance(value, tuple) else value
