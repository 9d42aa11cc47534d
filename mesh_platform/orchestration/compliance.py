"""Measure how the mesh keeps its policies, as an asset of the platform, after each run.

`mesh build` remembers compliance by itself; what the schedules and the UI launch is measured here.
"""

import os
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg

from mesh_platform.catalog.compliance_pictures import Snapshot, ViolationPicture
from mesh_platform.catalog.compliance_snapshot import take
from mesh_platform.catalog.markdown import code, words
from mesh_platform.environments.ways_out import DEFAULT_ENVIRONMENT
from mesh_platform.environments.workspace import Workspace
from mesh_platform.model.loader import find_root
from mesh_platform.orchestration.failing import in_words
from mesh_platform.orchestration.instance import BY, ENVIRONMENT_TAG
from mesh_platform.orchestration.location import ENVIRONMENT_VARIABLE
from mesh_platform.release.policies.compliance import measure, record

GROUP = "supervision"
_SHOWN = 20


@dg.asset(
    group_name=GROUP,
    kinds={"policy"},
    description="How well the mesh keeps its own policies; the history is `mesh compliance"
    " --history`, the page `mesh compliance --format html`.",
)
def compliance(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
    """Measure the mesh as its files and current releases are, and remember what is news."""
    environment = os.environ.get(ENVIRONMENT_VARIABLE, DEFAULT_ENVIRONMENT)
    with in_words():
        workspace = Workspace.open(find_root(Path.cwd()), environment)
    if ENVIRONMENT_TAG not in context.run_tags:
        context.instance.add_run_tags(context.run_id, {ENVIRONMENT_TAG: environment})
    with in_words():
        measured = measure(workspace, datetime.now(UTC))
        news = record(workspace, measured)
    picture = take(measured, measured.compliance.scores, ())
    for entry in picture.violations[:_SHOWN]:
        (context.log.error if entry.blocking else context.log.warning)(_line(entry))
    context.log.info(f"{picture.scores[0].state}; news of {len(news)} scopes was remembered")
    return dg.MaterializeResult(metadata=_metadata(picture))


compliance_job = dg.define_asset_job(
    "measure_compliance",
    selection=[compliance],
    description="Holds the mesh against all its policies, as `mesh compliance --record` does.",
)


@dg.run_status_sensor(
    run_status=dg.DagsterRunStatus.SUCCESS,
    name="after_each_run",
    request_job=compliance_job,
    monitor_all_code_locations=True,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Measures compliance when a run ends that `mesh build` did not start.",
)
def after_each_run(
    context: dg.RunStatusSensorContext,
) -> dg.RunRequest | dg.SkipReason:
    """Ask for a measurement, once for each run."""
    run = context.dagster_run
    if BY in run.tags:
        return dg.SkipReason("`mesh build` has remembered compliance itself")
    if run.job_name == compliance_job.name:
        return dg.SkipReason("the run measured compliance")
    return dg.RunRequest(run_key=run.run_id)


def _metadata(picture: Snapshot) -> dict[str, dg.MetadataValue]:
    whole = picture.scores[0]
    metadata: dict[str, dg.MetadataValue] = {
        "state": dg.MetadataValue.text(whole.state),
        "open": dg.MetadataValue.int(len(picture.violations)),
        "waived": dg.MetadataValue.int(len(picture.waivers)),
        "policies": dg.MetadataValue.text(picture.policy_version),
        "what is open": dg.MetadataValue.md(_listed(picture)),
    }
    if whole.score is not None:
        metadata["score"] = dg.MetadataValue.float(whole.score)
    return metadata


def _listed(picture: Snapshot) -> str:
    lines = [f"- {_line(entry)}" for entry in picture.violations[:_SHOWN]]
    if more := len(picture.violations) - len(lines):
        lines.append(f"- and {more} more: `mesh compliance`")
    return "\n".join(lines) or "nothing"


def _line(entry: ViolationPicture) -> str:
    place = f"{entry.file}:{entry.line}" if entry.line else entry.file
    said = words(f"{entry.where}: {entry.message} ({entry.owner.team}; {place})")
    return f"{code(entry.code)} at {said}"
