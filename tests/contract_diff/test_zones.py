"""Names of time zones that mean the same."""

from __future__ import annotations

from itertools import permutations

import pytest

from mesh_platform.contract_diff.values import Level
from mesh_platform.contract_diff.zones import same_zone
from tests.contract_diff.contracts import Document, level_of


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


def _zone(name: str | None) -> Document:
    return {"logicalTypeOptions": {"defaultTimezone": name} if name else {}}


def test_a_default_zone_by_another_name_or_as_the_standard_has_it_is_a_patch() -> None:
    for old, new in permutations([None, "UTC", "Etc/UTC", "GMT"], 2):
        assert level_of(_zone(old), _zone(new), logicalType="timestamp") is Level.PATCH, (old, new)
    berlin = _zone("Europe/Berlin")
    assert level_of(berlin, _zone("Europe/Paris"), logicalType="timestamp") is Level.PATCH
    for other in (None, "UTC"):
        assert level_of(_zone(other), berlin, logicalType="timestamp") is Level.MAJOR
        assert level_of(berlin, _zone(other), logicalType="timestamp") is Level.MAJOR
