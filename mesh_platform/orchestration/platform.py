"""The platform's own code location: watches over the mesh as a whole."""

import os
from pathlib import Path

import dagster as dg

from mesh_platform.model.loader import find_root, load_mesh
from mesh_platform.orchestration.compliance import after_each_run, compliance, compliance_job
from mesh_platform.orchestration.stored_data import check_stored_data, check_stored_data_weekly


@dg.op
def check_files(context: dg.OpExecutionContext) -> None:
    """Read every file of the mesh; fail with what is wrong and where."""
    mesh = load_mesh(find_root(Path.cwd()), os.environ)
    for finding in mesh.findings:
        (context.log.error if finding.blocking else context.log.warning)(str(finding))
    if errors := [finding for finding in mesh.findings if finding.blocking]:
        raise dg.Failure(
            description=f"{len(errors)} finding(s), the first: {errors[0]}",
            allow_retries=False,
        )
    context.log.info(f"{len(mesh.products)} products in {len(mesh.domains)} domains, no error")


@dg.job(description="Reads every contract and descriptor of the mesh, as `mesh check` does.")
def check_mesh() -> None:
    """One op."""
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
