from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mesh_platform.contract_diff.values import Level, highest
from mesh_platform.contract_diff.versions import is_enough, required_version
from mesh_platform.errors import MeshError

MAJOR, MINOR, PATCH = Level.MAJOR, Level.MINOR, Level.PATCH


@pytest.mark.parametrize(
    ("old", "levels", "required"),
    [
        ("1.4.2", [PATCH], "1.4.3"),
        ("1.4.2", [PATCH, MINOR], "1.5.0"),
        ("1.4.2", [MINOR, MAJOR, PATCH], "2.0.0"),
        ("1.4.2", [], "1.4.2"),
        ("0.3.1", [MAJOR], "1.0.0"),
        ("0.3.1", [MINOR], "0.4.0"),
        ("v1.4", [MINOR], "v1.5.0"),
        ("2", [MAJOR], "3.0.0"),
        ("1.4.0-rc1", [PATCH], "1.4.0"),
        ("1.4.0-rc1", [MINOR], "1.5.0"),
    ],
)
def test_the_greatest_change_names_the_next_version(
    old: str, levels: list[Level], required: str
) -> None:
    assert required_version(old, levels) == required


@pytest.mark.parametrize(
    ("old", "new", "level", "enough"),
    [
        ("1.4.2", "2.0.0", MAJOR, True),
        ("1.4.2", "1.9.0", MAJOR, False),
        ("1.4.2", "1.5.0", MINOR, True),
        ("1.4.2", "2.0.0", MINOR, True),
        ("1.4.2", "1.4.9", MINOR, False),
        ("1.4.2", "1.4.3", PATCH, True),
        ("1.4.2", "1.4.2", PATCH, False),
        ("1.4.2", "1.3.9", PATCH, False),
        ("2.0.0", "1.0.0", MAJOR, False),
        ("1.4.0-rc1", "1.4.0", PATCH, True),
        ("1.4.0", "1.4.0-rc1", PATCH, False),
        ("v1.4", "1.4.1", PATCH, True),
    ],
)
def test_a_version_says_enough_when_it_is_no_smaller_than_required(
    old: str, new: str, level: Level, *, enough: bool
) -> None:
    assert is_enough(old, new, level) is enough


VERSIONS = st.builds("{}.{}.{}".format, *(st.integers(0, 30) for _ in range(3)))


@given(VERSIONS, st.sampled_from(Level))
def test_the_required_version_is_always_enough(old: str, level: Level) -> None:
    assert is_enough(old, required_version(old, [level]), level)


def test_what_is_no_version_is_refused() -> None:
    for call in (
        lambda: required_version("soon", [MAJOR]),
        lambda: is_enough("1.0.0", "soon", MAJOR),
    ):
        with pytest.raises(MeshError, match="`soon` is no version"):
            call()


def test_levels_are_ordered() -> None:
    assert sorted([MAJOR, PATCH, MINOR]) == [PATCH, MINOR, MAJOR]
    assert (highest((PATCH, MINOR)), highest(())) == (MINOR, None)
    assert [level.word for level in Level] == ["patch", "minor", "major"]
