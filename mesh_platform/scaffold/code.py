"""The code of a domain, and the names of models and ports in it, which it gives other ones.

Only what says the name as a text is found: who puts it together from parts changes it by hand.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from mesh_platform.files import read_bytes
from mesh_platform.model.naming import PortName

SHARED = ("analyses", "macros", "snapshots", "tests")
"""Folders of a domain, beside its products, in which dbt finds more code."""
_CODE = frozenset({".sql", ".py", ".yml", ".yaml"})
_STANDARDS = (".odcs.yaml", ".odps.yaml")


def code_below(folders: Iterable[Path]) -> list[Path]:
    """The files that dbt reads, at any depth; contracts and descriptors are none of them."""
    found = (path for folder in folders for path in folder.rglob("*") if path.suffix in _CODE)
    return sorted(path for path in found if path.is_file() and not path.name.endswith(_STANDARDS))


def text_of(path: Path) -> str:
    """What a file says, whatever its encoding; `bytes_of` gives its bytes back.

    Raises:
        MeshError: the file cannot be read.
    """
    return read_bytes(path).decode("utf-8", errors="surrogateescape")


def bytes_of(text: str) -> bytes:
    """The bytes of a text, also of one that was not UTF-8."""
    return text.encode("utf-8", errors="surrogateescape")


def with_model(text: str, old: str, new: str) -> str:
    """SQL, Python or YAML that refers to a model by another name."""
    of_project = r"(?:(?P<p>['\"])\w+(?P=p)\s*,\s*)?"
    asked = rf"(\bref\s*\(\s*{of_project}(?P<q>['\"])){re.escape(old)}(?=(?P=q)\s*,?\s*\))"
    return re.sub(asked, rf"\g<1>{new}", text)


def with_tested_model(text: str, old: str, new: str) -> str:
    """YAML whose unit tests are of a model that has another name."""
    before = r"((?:^|[\s{,])model:\s*(?:&\w+\s+)?(?P<q>['\"]?))"
    return re.sub(rf"(?m){before}{re.escape(old)}(?=(?P=q)\s*(?:[,}}#]|$))", rf"\g<1>{new}", text)


def with_source(text: str, old: PortName, new: PortName) -> str:
    """SQL, Python or YAML that reads a port as a source of dbt in another major."""
    schema, table = old.relation
    asked = rf"(\bsource\s*\(\s*(['\"]){schema}\2\s*,\s*(['\"])){table}(?=\3\s*,?\s*\))"
    return re.sub(asked, rf"\g<1>{new.name}", text)


def with_relation(query: str, old: PortName, new: PortName) -> str:
    """SQL that reads a port in another major; the name may be in quotes, and in capitals."""
    schema, suffix = old.product.domain, old.name.removeprefix(old.base)
    head = rf'((?<![\w"])("?){schema}\2\s*\.\s*("?){old.base})'
    added = new.name.removeprefix(new.base)
    return re.sub(rf'{head}{suffix}(?=\3(?![\w"]))', rf"\g<1>{added}", query, flags=re.IGNORECASE)
