"""`${NAME}` in a file of the standards, filled from the variables that the caller hands in.

`${NAME:-text}` gives a default, `$${` stands for `${`. Filled are the values that say where and how
to reach something and so differ between environments: everything under `servers`, the `value` of
custom properties, every `url`, `invitationUrl` and `location`, and the `query` of a rule, where
`${object}` and its like stay, because the rule fills them. Names, versions, columns and prose are
the same everywhere and stay as written; so do patterns and what another engine reads.

Judging, digests and messages use the text as written: what a variable holds may be a secret. What
is made of a filled text is looked through for the values before anybody sees it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from mesh_platform.model.documents import Document, Path
from mesh_platform.model.findings import Finding
from mesh_platform.redaction import conceal

_VARIABLE = re.compile(r"\$(\$\{)|\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}")
_FILLED = frozenset({"servers", "url", "invitationUrl", "location", "query"})
_OF_RULES = frozenset({"object", "property", "table", "column", "schema"})
_PLACEHOLDERS = ", ".join(f"`${{{name}}}`" for name in sorted(_OF_RULES))
_OTHERS = frozenset({"arguments", "implementation", "logicalTypeOptions", "transformLogic"})
_PROSE = frozenset(
    {"description", "purpose", "usage", "limitations", "instructions", "businessImpact"}
)


class Asked(Mapping[str, str]):
    """The values of variables, with the names of those that a file asked for."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values
        self.names: set[str] = set()

    def __getitem__(self, name: str) -> str:
        value = self._values[name]
        self.names.add(name)
        return value

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


def resolved(
    document: Document, findings: list[Finding], variables: Mapping[str, str]
) -> tuple[Document, list[Finding]]:
    """Fill a document's variables; each that has no value is a finding after the given ones."""
    if all(match[2] in _OF_RULES for match in _VARIABLE.finditer(document.text)):
        return document, findings
    filler = _Filler(document, variables)
    data = filler.walk(document.data, (), filled=False)
    return replace(document, data=data), [*findings, *filler.findings]


class _Filler:
    """Walks one document; copies what it changes."""

    def __init__(self, document: Document, variables: Mapping[str, str]) -> None:
        self.document, self.variables = document, variables
        self.findings: list[Finding] = []

    def walk(self, value: Any, path: Path, *, filled: bool) -> Any:
        if isinstance(value, dict):
            return {
                key: item
                if key in _OTHERS
                else self.walk(item, (*path, key), filled=filled or self._is_filled(key, path))
                for key, item in value.items()
            }
        if isinstance(value, list):
            return [self.walk(item, (*path, i), filled=filled) for i, item in enumerate(value)]
        if not isinstance(value, str) or "${" not in value:
            return value
        if filled:
            return _VARIABLE.sub(lambda match: self._value(match, path), value)
        self._note_unfilled(value, path)
        return value

    def _note_unfilled(self, value: str, path: Path) -> None:
        names = [match[2] for match in _VARIABLE.finditer(value) if match[2]]
        if names and path[-1] not in _PROSE:
            self.findings.append(
                Finding(
                    "variable.not-filled",
                    f"`${{{names[0]}}}` stays as written: `{path[-1]}` is the same everywhere",
                    self.document.place(path),
                    "write the value itself",
                    severity="warning",
                )
            )

    def _is_filled(self, key: str, path: Path) -> bool:
        return key in _FILLED or (key == "value" and "customProperties" in path[-2:])

    def _value(self, match: re.Match[str], path: Path) -> str:
        escaped, name, default = match.groups()
        if escaped:
            return "${"
        if name in _OF_RULES and path[-1] == "query":
            return match.group()
        value = self.variables.get(name)
        if value or (value is not None and default is None):
            if value != default:
                conceal(value, f"${{{name}}}")
            return value
        if default is not None:
            return str(default)
        fix = f"set it: `export {name}=…`, or give a default: `${{{name}:-…}}`"
        if path[-1] == "query":
            fix = f"of a rule, {_PLACEHOLDERS} are filled in; a variable needs a value: {fix}"
        self.findings.append(
            Finding(
                "variable.missing",
                f"the variable `{name}` has no value",
                self.document.place(path),
                fix,
            )
        )
        return match.group()
