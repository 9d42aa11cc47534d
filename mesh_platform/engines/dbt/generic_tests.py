"""Finds what dbt refuses in the generic tests that files of properties name.

dbt makes a test of each entry before it runs anything: one that it cannot make keeps it from
starting. A test of which only a run shows the fault withholds releases.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple

from jinja2 import Environment, TemplateError, nodes

from mesh_platform.engines.dbt.own_macros import dbt_own_macros
from mesh_platform.engines.dbt.properties import (
    config_errors,
    holders,
    is_rendered,
    no_value,
    of_dbt,
    refused,
    way_of_value,
)
from mesh_platform.errors import did_you_mean
from mesh_platform.lineage.macro_arguments import signature_of_test
from mesh_platform.model.documents import Document, Path
from mesh_platform.model.findings import Finding

TESTED = ("models", "seeds", "snapshots", "sources")
LISTS = ("data_tests", "tests")
NAME = re.compile(r"(?:([a-zA-Z_][0-9a-zA-Z_]*)\.)?([a-zA-Z_][0-9a-zA-Z_]*)")
_BESIDE = frozenset({"config", "description", "name"})
_NEEDED = frozenset({"column_name", "to", "field"})
"""Arguments without which dbt's own tests are no SQL."""
_AT_RUN = frozenset({"not_null", "unique"})
"""Tests of dbt whose arguments it looks at when it runs them."""
_TAG = re.compile(r"(\{%-?\s*)(?:data_)?test(\s+)(?=\w)")
_END = re.compile(r"(\{%-?\s*)end(?:data_)?test\b")
_READER = Environment(extensions=["jinja2.ext.do"])  # noqa: S701 - nothing is rendered
_WORDS = {"severity": "write `warn` or `error`", "limit": "write a whole number"}


class Signature(NamedTuple):
    """Hold the arguments that a test takes, and those without a default."""

    takes: tuple[str, ...]
    needs: frozenset[str]
    of_dbt: bool


class Refusal(NamedTuple):
    """Hold what dbt refuses in a test: where, in which words, and the way out."""

    path: Path
    said: str
    way: str


@dataclass(frozen=True)
class KnownTests:
    """Hold the generic tests of a project.

    Args:
        own: the texts of its macros and generic tests.
        packages: by name, the texts of other packages; None where they were not read.
        models: names of its models, seeds and snapshots.
        nested: whether `arguments:` holds the arguments of a test.
        may_be_off: whether the project may turn tests off, or make them warnings.
    """

    own: tuple[str, ...] = ()
    packages: Mapping[str, tuple[str, ...] | None] = field(default_factory=dict)
    models: frozenset[str] = frozenset()
    nested: bool = True
    may_be_off: bool = False

    def signature(self, name: str) -> Signature | None:
        """Return what a test takes, or None where that is not certain."""
        matched = NAME.match(name)
        package, bare = matched.groups() if matched else (None, "")
        if package == "dbt":
            return _own_of_dbt(bare)
        if package:
            return _signature(self.packages.get(package) or (), bare)
        mentioned = re.compile(rf"test(?:_|\s+){bare}\b")
        own = tuple(text for text in self.own if mentioned.search(text))
        return _signature(own, bare) if own else _own_of_dbt(bare)


def generic_test_faults(document: Document, known: KnownTests, owner: str) -> Iterator[Finding]:
    """Report what dbt refuses in the generic tests of a file."""
    for path, holder in holders(document.data, *TESTED):
        entry = document.data[str(path[0])][path[1]]
        there = path[0] != "sources" and entry.get("name") in known.models
        for refusal in _in_holder(path, holder, known, run=there and not known.may_be_off):
            yield refused(document, refusal.path, refusal.said, refusal.way, owner)


def named_test(said: object) -> tuple[str, Mapping[str, Any]] | None:
    """Return the name of a test and what is written with it; None where dbt finds neither."""
    if isinstance(said, str):
        return said, {}
    if not isinstance(said, dict):
        return None
    if "test_name" in said:
        name, given = said["test_name"], {k: v for k, v in said.items() if k != "test_name"}
    elif len(said) == 1:
        name, given = next(iter(said.items()))
    else:
        return None
    return (name, given) if isinstance(name, str) and isinstance(given, dict) else None


def runs(given: Mapping[str, Any]) -> bool:
    """Tell whether nothing where a test is written may turn it off."""
    config = given.get("config") or {}
    return "enabled" not in given and isinstance(config, dict) and "enabled" not in config


def withholds(given: Mapping[str, Any]) -> bool:
    """Tell whether nothing where a test is written may turn it off, or make it a warning."""
    config = given.get("config") or {}
    said = given.get("severity") or (config.get("severity") if isinstance(config, dict) else None)
    return runs(given) and (said is None or str(said).lower() == "error")


def config_args() -> frozenset[str]:
    """Return the settings that may stand beside the arguments of a test."""
    return of_dbt("config_args")


def arguments(given: Mapping[str, Any], *, nested: bool) -> dict[str, Any]:
    """Return the arguments that a test hands to its macro."""
    found = {k: v for k, v in given.items() if k not in config_args() | _BESIDE}
    inside = found.pop("arguments", {}) if nested else {}
    return found | (inside if isinstance(inside, dict) else {})


def _in_holder(
    path: Path, holder: Mapping[str, Any], known: KnownTests, *, run: bool
) -> Iterator[Refusal]:
    for key in LISTS:
        listed, seen = holder.get(key), set[str]()
        for index, said in enumerate(listed if isinstance(listed, list) else ()):
            at = (*path, key, index)
            if isinstance(said, dict | str) and (fault := _shape(said)) is not None:
                yield Refusal(at, *fault)
            elif (named := named_test(said)) is not None:
                yield from _of_test(at, *named, known, run=run)
                if not known.may_be_off and runs(named[1]):
                    yield from _twice(at, *named, known, seen)


def _shape(said: Mapping[str, Any] | str) -> tuple[str, str] | None:
    """Return what is wrong with the form of a test, and the way out."""
    if named_test(said) is None and isinstance(said, dict):
        names = [str(key) for key in said]
        if "test_name" not in said and len(said) != 1:
            way = "indent what belongs to a test below its name, or write two tests"
            return f"a test is one key, and here are {len(said)}: {', '.join(names)}", way
        way = f"write `key: value` pairs below `{names[0]}:`, or `- {names[0]}` alone"
        return f"the arguments of `{names[0]}` are no mapping", way
    return None


def _of_test(
    path: Path, name: str, given: Mapping[str, Any], known: KnownTests, *, run: bool
) -> Iterator[Refusal]:
    """Report what is wrong with what is written with a test."""
    inside = (*path, name)
    for key in ("description", "name"):
        if key in given and not isinstance(given[key], str):
            yield Refusal((*inside, key), "it is no text", f"write {key} in quotes")
    config = given.get("config", {})
    if not isinstance(config, dict):
        way = "write `key: value` pairs below it, or leave it out"
        yield Refusal((*inside, "config"), "it is no mapping", way)
        return
    yield from _config(inside, given, config)
    yield from _arguments(inside, name, given, known, run=run and withholds(given))


def _config(path: Path, given: Mapping[str, Any], config: Mapping[str, Any]) -> Iterator[Refusal]:
    said = {key: value for key, value in given.items() if key in config_args()}
    beside = {key: value for key, value in said.items() if value or "config" not in given}
    for key in sorted(beside.keys() & config.keys()):
        message = f"`{key}` stands beside `config` and in it"
        yield Refusal((*path, key), message, "remove one of the two")
    said_of = {**{k: (*path, "config", k) for k in config}, **{k: (*path, k) for k in beside}}
    for key, message, way in test_config_faults({**config, **beside}):
        yield Refusal(said_of[key], message, way)


def test_config_faults(config: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield settings of a test that dbt refuses, with what is wrong and the way out."""
    given = {key: value for key, value in config.items() if value is not None}
    refused_at = config_errors("tests", {k: v for k, v in given.items() if k != "limit"})
    for key in dict.fromkeys(str(at[0]) for at, _ in refused_at):
        way = _WORDS.get(key) or way_of_value(given[key])
        yield key, no_value(given[key]), way
    if "limit" in given and not is_rendered(given["limit"]) and not _is_number(given["limit"]):
        yield "limit", no_value(given["limit"]), _WORDS["limit"]


def _is_number(value: object) -> bool:
    try:
        int(value)  # type: ignore[call-overload]
    except (TypeError, ValueError):
        return False
    return True


def _arguments(
    path: Path, name: str, given: Mapping[str, Any], known: KnownTests, *, run: bool
) -> Iterator[Refusal]:
    """Report arguments that the macro of a test does not take, or lacks."""
    signature = known.signature(name)
    said = arguments(given, nested=known.nested) | (
        {"column_name": ""} if "columns" in path else {}
    )
    if "model" in said:
        yield Refusal((*path, "model"), f"dbt gives `{name}` its model", "remove it")
    elif signature is not None and (run or not signature.of_dbt or name not in _AT_RUN):
        unknown = next((key for key in said if key not in signature.takes), None)
        lacking = sorted((signature.needs & _NEEDED) - said.keys())
        if unknown is not None:
            yield Refusal(_place(path, given, unknown), *_unknown(name, unknown, signature))
        elif lacking and signature.of_dbt and run:
            yield Refusal(path, f"the test `{name}` lacks `{lacking[0]}`", f"add `{lacking[0]}:`")


def _place(path: Path, given: Mapping[str, Any], key: str) -> Path:
    return (*path, key) if key in given else (*path, "arguments", key)


def _unknown(name: str, key: str, signature: Signature) -> tuple[str, str]:
    """Return that a test takes no argument of a name, and what it takes."""
    others = [each for each in signature.takes if each not in ("model", "column_name")]
    if key == "column_name":
        return f"the test `{name}` takes no `column_name`", "write it at the model, not at a column"
    way = did_you_mean(key, others) if others else "remove it: the test takes no arguments"
    return f"the test `{name}` takes no argument `{key}`", way or "correct the name"


def _twice(
    path: Path, name: str, given: Mapping[str, Any], known: KnownTests, seen: set[str]
) -> Iterator[Refusal]:
    """Report a test that is written twice at one place: dbt tells them by name and arguments."""
    called = given.get("name")
    sign = repr((name, called, sorted(arguments(given, nested=known.nested).items(), key=str)))
    if sign in seen and not is_rendered(given):
        way = "remove one of the two, or give one of them a `name`"
        yield Refusal(path, f"the test `{called or name}` stands here twice", way)
    seen.add(sign)


@cache
def _own_of_dbt(name: str) -> Signature | None:
    found = _signature(dbt_own_macros(), name)
    return found._replace(of_dbt=True) if found else None


def _signature(texts: tuple[str, ...], name: str) -> Signature | None:
    """Return what the one test of a name takes; None where it takes whatever it is given."""
    found = signature_of_test(texts, name)
    if found is None or found.more or found.more_named:
        return None
    return Signature(found.names, found.needed, of_dbt=False)


def macro_names(text: str) -> list[str]:
    """Return the macros and generic tests that a text defines, as dbt names them."""
    return [macro.name for macro in _macros(text)]


def _macros(text: str) -> Iterator[nodes.Macro]:
    """Yield the macros of a text, generic tests among them; none where it cannot be read."""
    written = _END.sub(r"\1endmacro", _TAG.sub(r"\1macro\2test_", text))
    try:
        yield from (n for n in _READER.parse(written).body if isinstance(n, nodes.Macro))
    except (TemplateError, RecursionError):
        return
