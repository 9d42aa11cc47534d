"""Views: how data that is not a session's own is made readable in it. Imports no engine."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from mesh_platform.checks.sql import quoted
from mesh_platform.whole_files import appears


@dataclass(frozen=True, slots=True)
class View:
    """A named query in a schema."""

    schema: str
    name: str
    query: str


def one_file(path: str) -> str:
    """A file's name as DuckDB reads it: a `[`, `*` or `?` in it would stand for other files."""
    return re.sub(r"[\[*?]", lambda mark: f"[{mark[0]}]", path)


def parquet_query(files: Iterable[str], columns: Iterable[str] = ()) -> str:
    """A SELECT over the Parquet files of one release of a port, in the promised column order."""
    quoted_files = ", ".join("'" + one_file(file).replace("'", "''") + "'" for file in files)
    names = ", ".join('"' + name.replace('"', '""') + '"' for name in columns) or "*"
    return f"select {names} from read_parquet([{quoted_files}], hive_partitioning = false)"


def empty_query(columns: Iterable[tuple[str, str]]) -> str:
    """A SELECT of no row, with these columns: each a name and its type."""
    made = (f"cast(null as {kind}) as {quoted(name)}" for name, kind in columns)
    return f"select {', '.join(made)} where false"


def previous_query(files: Iterable[str], columns: Iterable[str]) -> str:
    """A SELECT with the columns of the table `port` over the files of an earlier release.

    Args:
        files: of the earlier release; none, where there is none, give no rows.
        columns: those of `port` that it has; the others are null.
    """
    empty, names = "select * from port where false", tuple(columns)
    return f"{empty} union all by name {parquet_query(files, names)}" if names else empty


def write_views(views: Iterable[View], path: Path) -> None:
    """Write views to a file for dbt's plugin; readers see the old list or the new one.

    Only its owner may read it: a path may hold the value of a variable.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists():
        path.chmod(0o600)
    with appears(path) as private:
        private.touch(mode=0o600)
        private.write_text(json.dumps([asdict(view) for view in views], indent=1), "utf-8")


def read_views(path: Path) -> list[View]:
    """Read views back from such a file; where none was written, nothing is mounted."""
    if not path.exists():
        return []
    return [View(**entry) for entry in json.loads(path.read_text(encoding="utf-8"))]
