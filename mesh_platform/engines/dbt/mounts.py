"""dbt-duckdb plugin: shows a build its pinned inputs as views in the database `mesh`.

dbt loads this module by the name in `dbt_project/profiles.yml`. The views are listed in a file that
the platform writes before each build, and live in memory: nothing of them stays in the warehouse.
"""

from __future__ import annotations

from pathlib import Path

from dbt.adapters.duckdb.plugins import BasePlugin
from dbt_common.exceptions import DbtRuntimeError
from duckdb import DuckDBPyConnection

from mesh_platform.engines.duckdb.limits import memory_limit
from mesh_platform.engines.duckdb.session import mount
from mesh_platform.engines.duckdb.views import read_views

_STARTED_ALONE = (
    "the platform mounts the inputs of this project\n"
    "  try: run dbt as `mesh dbt DOMAIN -- ARGS`, for instance `mesh dbt shop -- build`"
)
_OPENED: list[DuckDBPyConnection] = []
"""Connections to warehouses that dbt opened in this process; it may fail before it keeps one."""


def close_opened() -> None:
    """Close every connection that dbt opened, whatever has become of it."""
    while _OPENED:
        _OPENED.pop().close()


class Plugin(BasePlugin):
    """Mounts what `config.file` lists."""

    def initialize(self, plugin_config: dict[str, str]) -> None:
        """Remember where the list is.

        Raises:
            DbtRuntimeError: dbt was started without the platform, which mounts the inputs.
        """
        if not plugin_config["file"]:
            raise DbtRuntimeError(_STARTED_ALONE)
        self._file = Path(plugin_config["file"])

    def configure_connection(self, conn: DuckDBPyConnection) -> None:
        """Attach the in-memory database and create its views; dbt calls this once per build."""
        _OPENED.append(conn)
        conn.execute("set autoinstall_known_extensions = false")
        conn.execute(f"set memory_limit = '{memory_limit()}'")
        conn.execute("set global TimeZone = 'UTC'")
        mount(conn, read_views(self._file))
