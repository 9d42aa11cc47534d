"""Checks, on a schedule, that stored data is still what was released."""

import os
from pathlib import Path

import dagster as dg

from mesh_platform.environments.ways_out import DEFAULT_ENVIRONMENT
from mesh_platform.environments.workspace import Workspace
from mesh_platform.model.loader import find_root
from mesh_platform.orchestration.failing import DescribedError, in_words
from mesh_platform.orchestration.location import ENVIRONMENT_VARIABLE
from mesh_platform.release.health import Symptom, examine_lake
from mesh_platform.visible import visible


@dg.op
def verify_files(context: dg.OpExecutionContext) -> None:
    """Compare the digest of every file of every release; fail with what is damaged."""
    environment = os.environ.get(ENVIRONMENT_VARIABLE, DEFAULT_ENVIRONMENT)
    with in_words():
        workspace = Workspace.open(find_root(Path.cwd()), environment)
        symptoms = examine_lake(workspace, deep=True)
    for symptom in symptoms:
        _tell(context, symptom)
    if wrong := [symptom for symptom in symptoms if not symptom.fine]:
        words = "\n".join(f"{symptom.found}\n  try: {symptom.fix}" for symptom in wrong)
        raise DescribedError(words)


def _tell(context: dg.OpExecutionContext, symptom: Symptom) -> None:
    if symptom.warning:
        context.log.warning(visible(f"{symptom.found}\n  try: {symptom.fix}"))
    else:
        (context.log.info if symptom.fine else context.log.error)(visible(symptom.found))


@dg.job(description="Reads every byte of every release, as `mesh doctor --deep` does.")
def check_stored_data() -> None:
    """Run `verify_files`."""
    verify_files()


check_stored_data_weekly = dg.ScheduleDefinition(
    job=check_stored_data,
    cron_schedule="0 3 * * 0",
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.STOPPED,
)
