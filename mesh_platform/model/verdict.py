"""Turn the errors of a JSON schema into findings: which key, which line, and the way out.

The schema alone decides: there are findings exactly where it refuses a file. This module improves
the words, and leaves out an error that merely follows from another.
"""

from __future__ import annotations

import difflib
import itertools
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import jsonschema_rs

from mesh_platform.errors import did_you_mean
from mesh_platform.model.documents import QUOTE_COMMA, Document, Path
from mesh_platform.model.findings import Finding
from mesh_platform.model.foreign_words import MEANT, NAMED_BY, TYPE_OF_COLUMN, WORDS
from mesh_platform.model.misplaced import Homes
from mesh_platform.model.quotes import fits, in_quotes, numbers_without, unquoted

_CHOICES = ("anyOf", "oneOf")
_ARTICLES = {
    "array": "a list",
    "object": "a mapping",
    "integer": "a whole number",
    "string": "text",
    "null": "nothing",
}
_EXPONENT = re.compile(r"[-+]?\d+(\.\d*)?[eE][-+]?\d+")
_OF_PLACE = ("minItems", "maxItems", "uniqueItems", "not")
_SENTENCES: dict[str, tuple[str, str | None]] = {
    "minItems": ("at least {} needed", "add an entry, or leave the key out"),
    "maxItems": ("at most {} allowed", "remove an entry"),
    "uniqueItems": ("an entry stands there twice", "remove one of the two"),
    "minimum": ("must be at least {}", "correct the value"),
    "exclusiveMinimum": ("must be more than {}", "correct the value"),
    "pattern": ("does not have the form that the standard asks for", "it must match {}"),
    "not": ("`from` is not a key of a column's relationship", "remove it: `from` is the column"),
}


@dataclass(frozen=True, slots=True)
class Standard:
    """Hold what messages say of a standard: `prefix` of the codes, its name, its keys.

    `newer_keys` and `newer_words` tell which later version added a key, or a value of a key.
    `newest` is the version to write then.
    """

    prefix: str
    name: str
    keys: frozenset[str]
    newer_keys: Mapping[str, str] = field(default_factory=dict)
    newer_words: Mapping[tuple[str, str], str] = field(default_factory=dict)
    newest: str = ""
    operators: frozenset[str] = frozenset()
    homes: Homes | None = None


def judge(
    document: Document, validator: jsonschema_rs.Validator, standard: Standard
) -> list[Finding]:
    """Return the findings of a schema on a document; none means valid."""
    if validator.is_valid(document.data):
        return []
    return worded(document, validator.iter_errors(document.data), standard)


def worded(
    document: Document, errors: Iterable[jsonschema_rs.ValidationError], standard: Standard
) -> list[Finding]:
    """Return the findings of errors that a schema has on a document."""
    return _Judged(document, standard).findings(errors)


class _Judged:
    """Turns the errors of a schema on one document into findings."""

    def __init__(self, document: Document, standard: Standard) -> None:
        self.document, self.standard = document, standard

    def findings(self, errors: Iterable[jsonschema_rs.ValidationError]) -> list[Finding]:
        """Return the findings; leave out a known key that another error makes look unknown."""
        plain, unexpected = list[jsonschema_rs.ValidationError](), list[tuple[Path, str]]()
        for error in itertools.chain.from_iterable(map(self._reasons, errors)):
            keys = getattr(error.kind, "unexpected", None)
            if keys is None:
                plain.append(error)
            else:
                unexpected += [(tuple(error.instance_path), key) for key in keys]
        worded = {tuple(error.instance_path) for error in plain if error.kind.name == "enum"}
        plain = [
            error
            for error in plain
            if error.kind.name != "type" or tuple(error.instance_path) not in worded
        ]
        findings = list(dict.fromkeys(map(self._wrong, plain)))
        paths = [tuple(error.instance_path) for error in plain]
        for path, key in dict.fromkeys(unexpected):
            caused = any(other[: len(path)] == path for other in paths)
            inside = any(other[: len(path) + 1] == (*path, key) for other, _ in unexpected)
            if not ((caused or inside) and key in self.standard.keys):
                findings.append(self._unknown(path, key))
        return findings

    def _reasons(
        self, error: jsonschema_rs.ValidationError
    ) -> Iterator[jsonschema_rs.ValidationError]:
        """Yield the errors of the form that was meant, where a choice between forms failed."""
        if error.kind.name not in _CHOICES or self._is_about_operators(error):
            yield error
            return
        forms = [form for form in _forms(error) if form]
        here = len(error.instance_path)
        fitting = [form for form in forms if all(_is_inside(reason, here) for reason in form)]
        if len(fitting) != 1:
            yield error
            return
        for reason in fitting[0]:
            yield from self._reasons(reason)

    def _is_about_operators(self, error: jsonschema_rs.ValidationError) -> bool:
        forms = [reason for form in _forms(error) for reason in form]
        named = {getattr(reason.kind, "property", None) for reason in forms}
        return bool(named & self.standard.operators)

    def _wrong(self, error: jsonschema_rs.ValidationError) -> Finding:
        path: Path = tuple(error.instance_path)
        if error.kind.name in _CHOICES and self._is_about_operators(error):
            return self._operators(path)
        where = words(self.document.data, path)
        value = _at(self.document.data, path)
        prefix, place = self.standard.prefix, self.document.place(path)
        if error.kind.name == "required":
            key = getattr(error.kind, "property", "")
            return Finding(
                f"{prefix}.missing-key", f"{where}: `{key}` is missing", place, f"add `{key}:`"
            )
        said, fix = self._sentence(error.kind, path, value)
        return Finding(f"{prefix}.invalid", f"{where}: {said}", place, fix)

    def _sentence(self, kind: Any, path: Path, value: Any) -> tuple[str, str | None]:
        """Return what is wrong with a value at a place, and what to do."""
        standard = self.standard
        said = _sentence(kind, value, as_written(self.document, path, value))
        if kind.name == "type" and kind.types == ["object"]:
            return said[0], _as_mapping(path, value)
        if kind.name != "enum" or not standard.newest:
            return said
        raised = f"write `apiVersion: {standard.newest}`"
        if path == ("apiVersion",):
            return said[0], raised
        since = standard.newer_words.get((str(path[-1]), str(value)))
        if since is None:
            return said
        return (
            f"{shown(value)} came with {since} of the standard",
            f"{raised}, or {_all(kind.value)}",
        )

    def _operators(self, path: Path) -> Finding:
        """Report a rule that does not compare with exactly one operator and a fitting value."""
        entry = _at(self.document.data, path)
        where, prefix = words(self.document.data, path), self.standard.prefix
        named = [key for key in entry if key in self.standard.operators]
        meant = next((hit for key in entry if (hit := self._operator_meant(key))), None)
        if not named and meant is not None:
            return Finding(
                f"{prefix}.no-operator",
                f"{where} does not say what must hold: `{meant[0]}` is no operator",
                self.document.place((*path, meant[0])),
                f"did you mean `{meant[1]}`?",
            )
        if not named:
            return Finding(
                f"{prefix}.no-operator",
                f"{where} does not say what must hold",
                self.document.place(path),
                "add an operator, for instance `mustBe: 0`",
            )
        if len(named) > 1:
            return Finding(
                f"{prefix}.two-operators",
                f"{where} has {len(named)} operators: {', '.join(named)}",
                self.document.place((*path, named[1])),
                "keep one of them, or make a rule of each",
            )
        wanted = "two different numbers" if named[0].endswith("Between") else "a number"
        plain = numbers_without(entry[named[0]])
        return Finding(
            f"{prefix}.threshold",
            f"{where}: `{named[0]}` needs {wanted}{' without quotes' if plain else ''}",
            self.document.place((*path, named[0])),
            f"write `{named[0]}: {plain}`"
            if plain
            else _with_one_bound(named[0], entry[named[0]]) or "correct the value",
        )

    def _operator_meant(self, key: object) -> tuple[str, str] | None:
        """Return a key that is nearly an operator, with that operator."""
        known = {operator.lower(): operator for operator in sorted(self.standard.operators)}
        near = difflib.get_close_matches(str(key).lower(), known, n=1, cutoff=0.8)
        return (str(key), known[near[0]]) if near else None

    def _unknown(self, path: Path, key: str) -> Finding:
        standard, entry = self.standard, _at(self.document.data, path)
        said, fix = f"`{shortened(key)}` is not a key of {standard.name} here", None
        rule = "quality" in path and not {"metric", "type"} & set(entry)
        if key in standard.operators and rule:
            said += ": the rule has no `metric`"
            fix = "say what is counted: add `metric:`, or `type: sql` with a `query:`"
        elif key == "type" and path[-2:-1] == ("properties",):
            fix = f"write {TYPE_OF_COLUMN}"
        elif self.document.ends_at_comma((*path, key)):
            fix = QUOTE_COMMA
        elif key in standard.keys:
            fix = self._place_of(path, key, entry)
        elif key in standard.newer_keys:
            fix = f"{standard.newer_keys[key]} brought it: write `apiVersion: {standard.newest}`"
        elif key in MEANT:
            fix = f"write {MEANT[key]}"
        return Finding(
            f"{standard.prefix}.unknown-key",
            said,
            self.document.place((*path, key)),
            fix or did_you_mean(key, standard.keys),
        )

    def _place_of(self, path: Path, key: str, entry: Any) -> str:
        """Tell where a key belongs that the standard has, but not here."""
        way = None
        if self.standard.homes is not None:
            around = _at(self.document.data, path[:-1])
            way = self.standard.homes.way(path, key, entry, around)
        return way or "it stands elsewhere: check the indentation, and the `type` of the entry"


def words(data: Any, path: Path) -> str:
    """Return a path with names instead of numbers: `schema.orders.properties.amount`."""
    said = list[str]()
    for key in path:
        data = data[key]
        name = data.get("name") if isinstance(data, dict) and isinstance(key, int) else None
        if isinstance(key, str) or isinstance(name, str):
            said.append(shortened(name if isinstance(name, str) else str(key)))
        else:
            said.append(str(int(key) + 1))
    return "`" + ".".join(said) + "`" if said else "the file"


def shortened(text: str, most: int = 60) -> str:
    """Shorten a text so that it fits into a sentence."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1] + "…"


def _with_one_bound(operator: str, value: Any) -> str | None:
    """Name the operator for a number that stands twice where two are needed."""
    if not isinstance(value, list) or len(value) != 2 or value[0] != value[1]:
        return None
    is_number = type(value[0]) in (int, float)
    return f"write `{operator.removesuffix('Between')}: {value[0]}`" if is_number else None


def _forms(error: jsonschema_rs.ValidationError) -> list[list[jsonschema_rs.ValidationError]]:
    """Return the errors of each form of a choice."""
    return list(getattr(error.kind, "context", ()))


def _is_inside(reason: jsonschema_rs.ValidationError, depth: int) -> bool:
    """Tell whether a value has the type that a form asks for, so that the form may be meant."""
    if len(reason.instance_path) > depth:
        return True
    if reason.kind.name in _CHOICES:
        return any(all(_is_inside(r, depth) for r in form) for form in _forms(reason))
    return reason.kind.name != "type"


def _at(data: Any, path: Path) -> Any:
    for key in path:
        data = data[key]
    return data


def shown(value: Any) -> str:
    """Return a value in the form that a sentence shows."""
    if isinstance(value, dict | list):
        return "a mapping" if isinstance(value, dict) else "a list"
    if value is None or isinstance(value, bool):
        return f"`{str(value).lower() if value is not None else 'null'}`"
    return f"`{shortened(str(value))}`" if str(value).strip() else "an empty text"


def as_written(document: Document, path: Path, value: Any) -> str:
    """Return a value as a sentence shows it: as the file has it, else as it was read."""
    written = None
    if isinstance(value, bool | int | float):
        written = document.written(path)
    return shown(value) if written is None else f"`{shortened(written)}`"


def _sentence(kind: Any, value: Any, written: str) -> tuple[str, str | None]:
    """Return what is wrong with a value, and what to do."""
    name, limit = kind.name, getattr(kind, "value", None)
    if name == "type":
        told = f"`'{value}'`" if unquoted(value) else written
        return f"{told} is not {_types(kind.types)}", _type_fix(kind.types, value, written)
    if name == "enum":
        meant = WORDS.get(str(value).lower())
        way_out = f"write `{meant}`" if meant in kind.value else one_of(str(value), kind.value)
        return f"{shown(value)} is not one of the allowed words", way_out
    said, fix = _SENTENCES.get(name, ("has none of the forms that the standard allows", None))
    said, fix = said.format(limit), fix.format(limit) if fix else None
    return said if name in _OF_PLACE else f"{shown(value)} {said}", fix


def one_of(value: str, options: Iterable[Any]) -> str:
    """Suggest the word that is close to a value, or all of them."""
    names = [str(option) for option in options]
    if difflib.get_close_matches(value, names, cutoff=0.5):
        return did_you_mean(value, names)
    return _all(names)


def _all(options: Iterable[Any]) -> str:
    return f"write one of {', '.join(f'`{option}`' for option in options)}"


def _as_mapping(path: Path, value: Any) -> str | None:
    """Suggest how to write an entry that is only a word as a mapping."""
    name = NAMED_BY.get(str(path[-2])) if len(path) > 1 else None
    if name is None or isinstance(value, dict | list):
        return "write `key: value` pairs below it"
    return f"write each entry as a mapping: `- {name}: {shortened(str(value))}`"


def _types(names: list[str]) -> str:
    last = sorted(names, key="null".__eq__)
    return " or ".join(_ARTICLES.get(name, f"a {name}") for name in last)


def _type_fix(wanted: list[str], value: Any, written: str) -> str | None:
    if "string" in wanted and isinstance(value, int | float) and len(str(value)) < 40:
        return in_quotes(value, written)
    plain = unquoted(value)
    if plain and fits(plain, wanted):
        return f"write it without quotes: `{plain}`"
    if wanted == ["array"] and isinstance(value, str | int | float):
        return f"write a list: `[{shortened(str(value))}]`"
    return _usual_fix(wanted, value)


def _usual_fix(wanted: list[str], value: Any) -> str | None:
    if "boolean" in wanted:
        return "write `true` or `false`"
    if value is None:
        return "give it a value, or leave the key out"
    if "array" in wanted:
        return "write a list: each entry on a line of its own, after `- `"
    if isinstance(value, str) and _EXPONENT.fullmatch(value):
        return "YAML reads it as text; write it with a point and a sign, like `1.0e+6`"
    if "number" in wanted or "integer" in wanted:
        return "write a number" if "number" in wanted else "write a whole number, as in `1`"
    return None
