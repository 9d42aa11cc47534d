"""An instance whose runs belong to a code location, as those do that the UI launches itself.

Dagster's own in-process execution leaves a run's origin open. The UI's first page, the timeline,
then leaves the run out, and an operator reads there that nothing ran.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import dagster as dg
from dagster._config import Field
from dagster._core.instance.ref import InstanceRef
from dagster._core.remote_origin import (
    RegisteredCodeLocationOrigin,
    RemoteJobOrigin,
    RemoteRepositoryOrigin,
)

REPOSITORY = "__repository__"
"""What Dagster calls the repository of a code location that names none."""


class BuildInstance(dg.DagsterInstance):
    """The instance of a build: job and code location are called like the domain."""

    @classmethod
    def config_schema(cls) -> Mapping[str, Field]:
        """Dagster asks custom classes for their settings; there is none."""
        return {}

    @staticmethod
    def config_defaults(base_dir: str) -> Mapping[str, Any]:
        """The stock storages."""
        return InstanceRef.config_defaults(base_dir)

    def create_run_for_job(
        self, job_def: dg.JobDefinition, *arguments: Any, **named: Any
    ) -> dg.DagsterRun:
        """Make a run, with the code location that it would have if the UI had launched it."""
        location = RegisteredCodeLocationOrigin(job_def.name)
        origin = RemoteJobOrigin(RemoteRepositoryOrigin(location, REPOSITORY), job_def.name)
        named["remote_job_origin"] = named.get("remote_job_origin") or origin
        return super().create_run_for_job(job_def, *arguments, **named)
