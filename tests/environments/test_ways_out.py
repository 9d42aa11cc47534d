from __future__ import annotations

import pytest

from mesh_platform.environments.ways_out import in_environment


@pytest.mark.parametrize(
    ("text", "there"),
    [
        ("mesh doctor --rebuild-registry", "mesh doctor --env trial --rebuild-registry"),
        (
            "`mesh product bump shop/orders`, then `mesh build +shop`",
            "`mesh product bump --env trial shop/orders`, then `mesh build --env trial +shop`",
        ),
        ("mesh build --env prod, then mesh list", "mesh build --env prod, then mesh list"),
        ("mesh env list names them", "mesh env list names them"),
        ("the mesh builds it; correct mesh.yaml", "the mesh builds it; correct mesh.yaml"),
    ],
)
def test_a_command_of_a_way_out_stays_in_the_environment(text: str, there: str) -> None:
    assert in_environment(text, "trial") == there
    assert in_environment(text, "dev") == text
