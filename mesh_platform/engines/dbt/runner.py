"""Runs dbt, one invocation at a time, and returns the result of each node.

dbt takes seconds to import, so it is imported when the first build needs it.
"""

from __future__ import annotations

import contextlib
import json
import os
import stat
import threading
import traceback
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from filelock import FileLock

from mesh_platform.engines.dbt.blamed import not_built, not_installed, too_large
from mesh_platform.engines.dbt.compiled import conceal, forget_statements, names_of, without_values
from mesh_platform.engines.dbt.manifest import Manifest, read_manifest, versioned
from mesh_platform.engines.dbt.node_errors import line_of, message_of
from mesh_platform.engines.dbt.packages import install
from mesh_platform.engines.dbt.variables import conceal_variables
from mesh_platform.engines.duckdb.error_messages import EngineWords
from mesh_platform.errors import MeshError
from mesh_platform.model.dbt_ignore import DBT_IGNORE
from mesh_platform.model.dbt_project import DbtProject, read_project
from mesh_platform.whole_files import write_whole

_ONE_AT_A_TIME = threading.Lock()
"""dbt keeps global state: invocations in one process must not overlap."""
_DEPS = "deps"
_UNLOGGED = ("--log-level-file", "none")
"""Keeps errors, which quote values, out of dbt's log."""
_OF_DBT = r"(agate|dbt\w*)(\.|$)"
"""The modules of which a warning would be printed in the middle of a build."""
_READ_BY_DBT = frozenset({".sql", ".yml", ".yaml", ".py", ".csv", ".md"})
_OTHER_ROWS = (
    "it returns other rows than are expected (which is not shown: some of its rows are SQL, and"
    " classified columns are in reach)"
)
WAREHOUSE, MOUNTS = "MESH_WAREHOUSE", "MESH_MOUNTS"
SET_FOR_DBT = frozenset({WAREHOUSE.encode(), MOUNTS.encode()})
"""Variables of the shared profile that the platform sets, differently in each environment."""
QUIET = {
    "DO_NOT_TRACK": "1",
    "DBT_ENGINE_SEND_ANONYMOUS_USAGE_STATS": "false",
    "DBT_ENGINE_PRINT": "false",
}


class UnreadableProjectError(MeshError):
    """Raised if dbt cannot read or build a domain's project."""


@dataclass(frozen=True, slots=True)
class NodeResult:
    """Hold the result of one dbt node, such as a model or a test.

    `failures` counts the rows that a test on data returns. `line` is where it failed, counted in
    its text from the first line that is not empty. `sql` is the statement of a test or
    model. `shown` is the text of it that may be shown; where classified columns are in reach, it
    holds no value that dbt filled in.
    """

    unique_id: str
    name: str
    kind: str
    status: str
    message: str | None
    path: str
    seconds: float
    failures: int | None = None
    sql: str | None = None
    shown: str | None = None
    line: int | None = None

    @property
    def ok(self) -> bool:
        """Tell whether consumers may rely on the node; a warning is fine, a skipped node is not."""
        return self.status in ("success", "pass", "warn", "no-op")


@dataclass(frozen=True, slots=True)
class DbtPlaces:
    """Hold the places of a domain's dbt project, and those where dbt may write.

    Args:
        folder: the project, with `dbt_project.yml`.
        shared: the shared package, with `profiles.yml`.
        work: dbt's target and log folders go here.
        warehouse: the private DuckDB file.
        mounts: file that lists the views to mount.
        packages_lock: file to lock while packages are installed; all environments share these.
    """

    folder: Path
    shared: Path
    work: Path
    warehouse: Path
    mounts: Path
    packages_lock: Path

    @property
    def manifest(self) -> Path:
        """Return the path of dbt's manifest, which each parse and build replaces as a whole."""
        return self.work / "manifest.json"


class Dbt(Protocol):
    """Runs dbt on a domain's project, here or in another process."""

    def parse(self, places: DbtPlaces) -> None:
        """Write the manifest, unless the project is unchanged since it was last read.

        Raises:
            UnreadableProjectError: dbt cannot read the project.
        """

    def build(
        self, places: DbtPlaces, paths: Iterable[str], words: EngineWords, *, full: bool = False
    ) -> tuple[NodeResult, ...]:
        """Run the models under these folders of products, and the tests of these products.

        Args:
            places: the project.
            paths: folders of products.
            words: formats errors; if it hides or withholds any from logs, dbt writes no log.
            full: run incremental models from the start, dbt's `--full-refresh`.

        Raises:
            UnreadableProjectError: dbt cannot read the project.
        """


class DbtHere:
    """Run dbt in this process; builds reuse what `parse` has read."""

    def __init__(self) -> None:
        self._projects: dict[DbtPlaces, _Project] = {}

    def parse(self, places: DbtPlaces) -> None:
        """See `Dbt.parse`."""
        self._project(places).read()

    def build(
        self, places: DbtPlaces, paths: Iterable[str], words: EngineWords, *, full: bool = False
    ) -> tuple[NodeResult, ...]:
        """See `Dbt.build`."""
        return self._project(places).build(paths, words, full=full)

    def _project(self, places: DbtPlaces) -> _Project:
        return self._projects.setdefault(places, _Project(places))


class _Project:
    """Run dbt on one domain's project, and keep what dbt has read of it."""

    def __init__(self, places: DbtPlaces) -> None:
        self.places = places
        self._parsed: Any = None
        self._read: frozenset[tuple[str, int, int]] = frozenset()
        self._concealed = set[str]()

    def read(self) -> None:
        project = read_project(self.places.folder, os.environ)
        if (error := too_large(project)) is not None:
            raise UnreadableProjectError(error.message, place=error.place, fix=error.fix)
        state = self._state(project)
        if self._parsed is None or self._read != state or not self.places.manifest.is_file():
            self._parsed, self._read, self._concealed = None, state, set()
            self._parse()

    def _parse(self) -> None:
        self.places.work.mkdir(parents=True, exist_ok=True)
        self.places.work.chmod(stat.S_IRWXU)  # dbt keeps the values of variables here
        with FileLock(self.places.work / "parse.lock"):
            install(self.places.folder, self.places.packages_lock, self._deps)
            self._parsed = self._invoke(["parse", *self._options])
            self._publish()

    def build(
        self, paths: Iterable[str], words: EngineWords, *, full: bool
    ) -> tuple[NodeResult, ...]:
        self.read()
        manifest = read_manifest(self.places.manifest)
        select = [part for path in paths for part in ("--select", *_selectors(manifest, path))]
        command = ["build", "--indirect-selection", "eager", *select]
        command += ["--full-refresh"] if full else []
        unlogged = _UNLOGGED if words.unwritten else ()
        try:
            result = self._invoke([*command, *self._options, *unlogged], words)
        finally:
            if words.hidden:
                forget_statements(self.places.work / "target")
        ran = getattr(result, "results", None) or ()
        if words.hidden:
            self._concealed |= {item.node.unique_id for item in ran}
        self._publish()
        made_of_sql = self._unit_tests_on_sql() if words.hidden else frozenset[str]()
        return tuple(_node(item, words, item.node.unique_id in made_of_sql) for item in ran)

    def _unit_tests_on_sql(self) -> frozenset[str]:
        """Return the unit tests with rows given as a query, which may read real data."""
        tests = self._parsed.unit_tests.items()
        return frozenset(
            name
            for name, test in tests
            if any(str(rows.format) == "sql" for rows in (*test.given, test.expect))
        )

    def _state(self, project: DbtProject) -> frozenset[tuple[str, int, int]]:
        """Return path, time and size of each file that dbt reads, to tell whether one changed."""
        files = {
            path
            for folder in (project.folder, self.places.shared, *project.packages, *project.sources)
            for path in folder.rglob("*")
            if (path.suffix.lower() in _READ_BY_DBT or path.name == DBT_IGNORE)
            and project.installed not in path.parents
            and path.is_file()  # an editor's lock is a link that leads nowhere
        }
        stats = ((str(path), path.stat()) for path in files)
        return frozenset((path, stat.st_mtime_ns, stat.st_size) for path, stat in stats)

    def _invoke(self, command: list[str], words: EngineWords | None = None) -> Any:
        with _ONE_AT_A_TIME:
            self._prepare()
            from dbt.cli.main import dbtRunner

            _remember_macros()
            _forget_deprecations()
            try:
                return self._checked(dbtRunner(manifest=self._parsed), command, words)
            finally:
                _let_go()

    def _prepare(self) -> None:
        os.environ.update(QUIET)
        os.environ[WAREHOUSE] = str(self.places.warehouse)
        os.environ[MOUNTS] = str(self.places.mounts)

    def _deps(self) -> None:
        unsaid = ["--log-level", "none", "--no-use-colors"]
        self._invoke([_DEPS, "--project-dir", str(self.places.folder), *unsaid, *self._logs])

    def _publish(self) -> None:
        """Write the manifest with the SQL that dbt compiled, without values to be concealed."""
        from dbt_common.utils.encoding import JSONEncoder

        manifest = self._parsed.writable_manifest()
        values = manifest.to_dict(omit_none=False, context={"artifact": True})
        conceal(values, self._concealed)
        write_whole(self.places.manifest, json.dumps(values, cls=JSONEncoder).encode())

    @property
    def _logs(self) -> list[str]:
        return ["--quiet", "--log-path", str(self.places.work / "logs"), "--log-level-file", "info"]

    @property
    def _options(self) -> list[str]:
        return [
            "--project-dir",
            str(self.places.folder),
            "--profiles-dir",
            str(self.places.shared),
            "--target-path",
            str(self.places.work / "target"),
            "--log-level",
            "none",
            "--no-use-colors",
            "--no-write-json",  # the manifest is published here; nobody reads dbt's other files
            *self._logs,
        ]

    def _checked(self, runner: Any, command: list[str], words: EngineWords | None) -> Any:
        conceal_variables((self.places.folder, self.places.shared), SET_FOR_DBT)
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", module=_OF_DBT)
            answer = runner.invoke(command)
        if answer.exception is not None and not isinstance(answer.exception, Exception):
            raise answer.exception  # somebody stopped it: dbt calls that a failure, too
        if answer.exception is not None:
            _forget_frames(answer.exception)
            said = (words or EngineWords()).told(" ".join(str(answer.exception).split()))
            log = self.places.work / "logs" / "dbt.log"
            asked = not_installed if command[0] == _DEPS else not_built
            told, place, way = asked(said, self.places.folder)
            fix = way or f"correct the file dbt names; its log is {log}"
            raise UnreadableProjectError(told, place=place, fix=fix)
        return answer.result


def _selectors(manifest: Manifest, path: str) -> list[str]:
    """Select a product's folder, the seeds it reads, and tests that dbt misses by its models."""
    product = Path(path).name
    seeds = {seed for model in manifest.models_of(product) for seed in model.seeds}
    return [
        f"path:{path}",
        *sorted(seeds),
        *(test.selector for test in manifest.loose_tests_of(product)),
    ]


def _node(item: Any, words: EngineWords, on_sql: bool) -> NodeResult:
    kind, failed = str(item.node.resource_type), str(item.status) == "error"
    message = message_of(kind, item.message)
    if message and words.hidden and failed:
        message = words.told(message, _written(item.node))
    elif message and words.hidden and on_sql:
        message = _OTHER_ROWS
    sql, shown = _statements(kind, item.node, words, failed=failed)
    return NodeResult(
        unique_id=item.node.unique_id,
        name=versioned(item.node.name, getattr(item.node, "version", None)),
        kind=kind,
        status=str(item.status),
        message=message,
        path=item.node.original_file_path,
        seconds=item.execution_time,
        failures=item.failures,
        line=_line(item),
        sql=sql,
        shown=shown,
    )


def _line(item: Any) -> int | None:
    """Return the line at which a node failed; a test in properties has no text of its own."""
    written = getattr(item.node, "raw_code", None)
    if not written or str(item.status) != "error" or getattr(item.node, "test_metadata", None):
        return None
    return line_of(item.message, written, getattr(item.node, "compiled_code", None) or "")


def _written(node: Any) -> str:
    """Return what the team wrote: the text of a node, and the columns that a generic test names."""
    test = getattr(node, "test_metadata", None)
    said = test.kwargs if test is not None else {}
    names = (said.get(key) for key in ("column_name", "field"))
    return " ".join((getattr(node, "raw_code", "") or "", *(str(name) for name in names if name)))


def _statements(
    kind: str, node: Any, words: EngineWords, *, failed: bool
) -> tuple[str | None, str | None]:
    """Return the statement that ran for a test or model, and the text of it that may be shown.

    If values are hidden, a generic test has no text to show. The statement of a model is then left
    out if nobody wrote one of its names; one that failed keeps it, to find the unknown name.
    """
    ran = getattr(node, "compiled_code", None) if kind in ("test", "model") else None
    if not ran or not words.hidden:
        return ran, ran
    if kind == "model":
        text = without_values(ran, node.raw_code)
        masked = without_values(ran, node.raw_code, frozenset(names_of(node)))
        return text if failed or masked == text else None, None
    return ran, None if getattr(node, "test_metadata", None) else str(node.raw_code)


def _remember_macros() -> None:
    """Let dbt parse its own 500 macros once, not for each project; decision 35."""
    with contextlib.suppress(ImportError):  # a later dbt-common: slower, and as right
        from dbt_common.tests import enable_test_caching

        enable_test_caching()


def _forget_deprecations() -> None:
    """Forget what dbt found outdated in other projects: it would tell that of this one, too."""
    from dbt.deprecations import reset_deprecations

    reset_deprecations()  # type: ignore[no-untyped-call]


def _let_go() -> None:
    """Close dbt's connections to the warehouse file, however dbt ended: others open it next.

    dbt itself only forgets its connection; other references to it would keep the file open.
    """
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    from mesh_platform.engines.dbt.mounts import close_opened

    DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]
    close_opened()


def _forget_frames(error: BaseException | None) -> None:
    """Clear the frames of an error and its causes, which may hold a half-opened connection."""
    seen = set[int]()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        traceback.clear_frames(error.__traceback__)
        error = error.__cause__ or error.__context__
