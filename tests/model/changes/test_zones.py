"""Names of time zones that mean the same."""

from __future__ import annotations

import pytest

from mesh_platform.model.changes.zones import same_zone


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("UTC", "Etc/UTC"),
        ("UTC", "GMT"),
        ("Zulu", "Etc/GMT"),
        ("US/Eastern", "America/New_York"),
        ("Asia/Calcutta", "Asia/Kolkata"),
        ("Europe/London", "Europe/London"),
    ],
)
def test_names_of_one_zone_are_the_same(one: str, other: str) -> None:
    assert same_zone(one, other)
    assert same_zone(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("UTC", "Europe/London"),
        ("America/New_York", "America/Chicago"),
        ("America/Phoenix", "America/Denver"),
        ("UTC", "Nowhere/At_All"),
    ],
)
def test_zones_whose_clocks_ever_differ_are_not(one: str, other: str) -> None:
    assert not same_zone(one, other)
