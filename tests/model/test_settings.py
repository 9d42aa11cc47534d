"""What `mesh.yaml` may say of time, and what is told of other values."""

from __future__ import annotations

import pytest

from mesh_platform.errors import MeshError
from mesh_platform.model.loader import load_mesh
from tests.small_mesh import SmallMesh


def test_the_mesh_says_how_long_a_check_may_take(mesh: SmallMesh) -> None:
    assert load_mesh(mesh.root).check_seconds == 60
    mesh.write("mesh.yaml", "name: small\ncheck_seconds: 0.5\n")
    assert load_mesh(mesh.root).check_seconds == 0.5


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("0", "`0` is too small\n  at: mesh.yaml:2:1\n  try: write a number greater than 0"),
        ("-1.5", "`-1.5` is too small\n  at: mesh.yaml:2:1\n  try: write a number greater than 0"),
        ("2s", "`2s` is not a number\n  at: mesh.yaml:2:1\n  try: write a number, as in `10`"),
        ("'2'", "`'2'` is not a number\n  at: mesh.yaml:2:1\n  try: write it without quotes: `2`"),
        ("true", "`true` is not a number\n  at: mesh.yaml:2:1\n  try: write a number, as in `10`"),
        ("[2]", "a list is not a number\n  at: mesh.yaml:2:1\n  try: write a number, as in `10`"),
    ],
)
def test_a_time_limit_is_a_number_of_seconds(mesh: SmallMesh, written: str, said: str) -> None:
    mesh.write("mesh.yaml", f"name: small\ncheck_seconds: {written}\n")
    with pytest.raises(MeshError) as caught:
        load_mesh(mesh.root)
    assert str(caught.value) == f"`check_seconds`: {said}"
