"""What a build says of each product as it goes on."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mesh_platform.cli.build_progress import Watching
from mesh_platform.environments.workspace import Workspace
from mesh_platform.release.outcome import ProductOutcome, Step, Verdict
from tests.small_mesh import SmallMesh

NAME = "shop/orders"


@pytest.mark.parametrize(
    ("verdict", "reason", "said"),
    [
        (Verdict.RELEASED, None, "released as 1 in 2.5 s"),
        (Verdict.FAILED, "a check failed", "failed in 2.5 s; release 1 stays"),
        (Verdict.UP_TO_DATE, "up to date with release 1", "up to date with release 1"),
        (Verdict.WAITS, "waits: reads `a/b`, which", "waits: reads `a/b`, which"),
    ],
)
def test_what_became_of_a_product_is_said_in_words(
    shop: SmallMesh, capsys: pytest.CaptureFixture[str], verdict: Verdict, reason: str, said: str
) -> None:
    workspace = Workspace.open(shop.root)
    product, release = workspace.mesh.product(NAME), workspace.current(NAME)
    with Watching([NAME], quiet=False) as progress:
        progress.step(NAME, Step.MODELS)
        progress.done(ProductOutcome(product, verdict, 2.5, release, reason))
    assert capsys.readouterr().err == f"{NAME}: building models\n{NAME}: {said}\n"


def test_what_never_had_a_release_or_reads_that_of_another_environment_says_so(
    shop: SmallMesh, capsys: pytest.CaptureFixture[str]
) -> None:
    workspace = Workspace.open(shop.root)
    product, release = workspace.mesh.product(NAME), workspace.current(NAME)
    assert release is not None
    with Watching([NAME], quiet=False) as progress:
        progress.done(ProductOutcome(product, Verdict.FAILED, 0.04))
        lent = replace(release, environment="prod")
        progress.done(ProductOutcome(product, Verdict.FAILED, 0.04, lent))
    assert capsys.readouterr().err == (
        f"{NAME}: failed in 0.0 s\n{NAME}: failed in 0.0 s; release 1 of prod stays\n"
    )
