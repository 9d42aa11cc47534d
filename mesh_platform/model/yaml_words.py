"""What is wrong with YAML that cannot be read, in words for who wrote it, and the way out."""

from __future__ import annotations

import re

import yaml

from mesh_platform.errors import MeshError, Place

_TAB = ("a tab stands where spaces indent", "indent with spaces")
_ALIGN = "give all keys of a mapping, and all dashes of a list, the same number of spaces"
_UNCLOSED = "close it, or put a text that begins so in quotes"
_NO_KEY = "did not find expected key"
_BEHIND_QUOTE = (
    "something stands behind the quote that ends a value",
    "put one pair of quotes around all of it; in single quotes, a quote inside is written twice",
)
_GLUED = re.compile(r"^[\s-]*(?P<key>[A-Za-z_][\w-]*):(?P<value>[^\s:/][^:]*)$")
"""Match a line that holds a key and a value without a space between."""
_CONFLICT = re.compile(r"^(?:<{7}|>{7})(?: |$)", re.MULTILINE)
_WORDS = {
    "found a tab character": _TAB,
    "mapping values are not allowed": (
        "a `:` stands where no key can be",
        "put a value that holds `: ` in quotes; " + _ALIGN,
    ),
    "did not find expected ',' or ']'": ("a list that begins with `[` is not closed", _UNCLOSED),
    "did not find expected ',' or '}'": ("a mapping that begins with `{` is not closed", _UNCLOSED),
    "found unexpected end of stream": (
        "a text in quotes is not closed",
        "add the second quote",
    ),
    "did not find expected '-' indicator": ("a key stands between the entries of a list", _ALIGN),
    _NO_KEY: ("the line does not fit the indentation above it", _ALIGN),
    "did not find expected node content": (
        "a value is missing, or begins with a sign that YAML uses",
        "write the value, in quotes where it begins with `}`, `]`, `,` or `:`",
    ),
    "did not find expected alphabetic": (
        "`&` and `*` begin the name of an anchor",
        "put the value in quotes",
    ),
    "found unknown escape character": (
        "a backslash in double quotes begins an escape that there is not",
        "write it twice, or use single quotes",
    ),
    "could not find expected ':'": ("a key is not followed by `:`", "add `:` and a value"),
    "control characters are not allowed": (
        "a character that cannot be shown stands here",
        "remove it; an editor that shows such characters finds it",
    ),
}
"""By what the parser says: what is wrong, and what to do."""


def unreadable(error: yaml.MarkedYAMLError, text: str, file: str) -> MeshError:
    """The error of the parser, at its place, and where what is not closed begins."""
    mark = error.problem_mark or error.context_mark
    if mark is None:
        return MeshError(f"not valid YAML: {error.problem}", place=Place(file, 1))
    line = _line(text, mark.line)
    said, fix = _in_words(error, line[: mark.column], line[mark.column :])
    begun = error.context_mark
    if found := _unsettled(text, file) or _glued(error, text, file):
        return found
    if "followed by `:`" in said and begun is not None:
        mark = begun
    if "not closed" in said and begun is not None and begun.line != mark.line:
        said += f"; it begins in line {begun.line + 1}"
    return MeshError(
        f"not valid YAML: {said}", place=Place(file, mark.line + 1, mark.column + 1), fix=fix
    )


def unreadable_sign(error: yaml.reader.ReaderError, text: str, file: str) -> MeshError:
    """The error for a character that no YAML may hold."""
    before = text[: error.position].split("\n")
    said, fix = _WORDS.get(str(error.reason), (str(error.reason), "remove it"))
    place = Place(file, len(before), len(before[-1]) + 1)
    return MeshError(f"not valid YAML: {said}", place=place, fix=fix)


def _unsettled(text: str, file: str) -> MeshError | None:
    """Return the error for the lines that git puts into a file of which it cannot merge a part."""
    found = _CONFLICT.search(text)
    if found is None:
        return None
    return MeshError(
        "not valid YAML: a conflict of a merge is not settled",
        place=Place(file, text.count("\n", 0, found.start()) + 1, 1),
        fix="keep what is right, and remove the lines `<<<<<<<`, `=======` and `>>>>>>>` of git",
    )


def _glued(error: yaml.MarkedYAMLError, text: str, file: str) -> MeshError | None:
    """Return the error for a `:` without a space, where the line that has it is the cause."""
    begun, number = error.context_mark, None
    if str(error.problem).startswith("could not find expected ':'") and begun is not None:
        number = begun.line
    elif str(error.problem).startswith("mapping values") and error.problem_mark is not None:
        number = error.problem_mark.line - 1
    line = _line(text, number) if number is not None and number >= 0 else ""
    found = _GLUED.search(line)
    if found is None or number is None:
        return None
    return MeshError(
        "not valid YAML: no space stands after a `:`",
        place=Place(file, number + 1, found.start("key") + 1),
        fix=f"write `{found['key']}: {found['value']}`",
    )


def _in_words(error: yaml.MarkedYAMLError, before: str, rest: str) -> tuple[str, str]:
    problem = str(error.problem)
    if problem.startswith(_NO_KEY) and before.rstrip().endswith(("'", '"')):
        return _BEHIND_QUOTE
    if "cannot start any token" in problem:
        sign = rest[:1] or "it"
        return _TAB if sign == "\t" else (f"a value begins with `{sign}`", "put it in quotes")
    if "undefined alias" in problem:
        name = rest.split(maxsplit=1)[0] if rest.split() else "*"
        fix = f"put it in quotes, or define the anchor `&{name[1:]}` above"
        return f"`{name}` stands for an anchor that there is not", fix
    found = (words for said, words in _WORDS.items() if problem.startswith(said))
    return next(found, (problem, "look at indentation, quotes and brackets here and above"))


def _line(text: str, number: int) -> str:
    lines = text.split("\n")
    return lines[number] if number < len(lines) else ""
