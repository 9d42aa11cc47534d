"""Defines the platform's own code location, which watches over the mesh as a whole."""

import os
from pathlib import Path

import dagster as dg

from mesh_platform.application.check_mesh import check_mesh as checked_mesh
from mesh_platform.environments.ways_out import DEFAULT_ENVIRONMENT
from mesh_platform.environments.workspace import Workspace
from mesh_platform.errors import several
from mesh_platform.model.loader import find_root
from mesh_platform.orchestration.compliance import after_each_run, compliance, compliance_job
from mesh_platform.orchestration.failing import DescribedError, in_words
from mesh_platform.orchestration.location import ENVIRONMENT_VARIABLE
from mesh_platform.orchestration.stored_data import check_stored_data, check_stored_data_weekly
from mesh_platform.visible import visible


@dg.op
def check_files(context: dg.OpExecutionContext) -> None:
    """Check the mesh as `mesh check` does; fail with what is wrong and where."""
    environment = os.environ.get(ENVIRONMENT_VARIABLE, DEFAULT_ENVIRONMENT)
    with in_words():
        checked = checked_mesh(Workspace.open(find_root(Path.cwd()), environment))
    for finding in checked.findings:
        (context.log.error if finding.blocking else context.log.warning)(visible(str(finding)))
    errors = [finding for finding in checked.findings if finding.blocking]
    if checked.outcome != "passed":
        words = checked.outcome.replace("_", " ")
        raise DescribedError(f"{words}: {len(errors)} that block, the first: {errors[0]}")
    products, domains = several(checked.products, "product"), several(checked.domains, "domain")
    context.log.info(f"{products} in {domains}, no error")


@dg.job(description="Checks every file of the mesh against all rules, as `mesh check` does.")
def check_mesh() -> None:
    """Run `check_files`."""
    check_files()


defs = dg.Definitions(
    assets=[compliance],
    jobs=[check_mesh, check_stored_data, compliance_job],
    sensors=[after_each_run],
    schedules=[
        dg.ScheduleDefinition(
            job=check_mesh,
            cron_schedule="0 4 * * *",
            execution_timezone="UTC",
            default_status=dg.DefaultScheduleStatus.STOPPED,
        ),
        check_stored_data_weekly,
    ],
    executor=dg.in_process_executor,
)
