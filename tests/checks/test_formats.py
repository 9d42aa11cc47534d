from __future__ import annotations

import pytest

from mesh_platform.checks.formats import has_zone, strptime_format


@pytest.mark.parametrize(
    ("pattern", "written"),
    [
        ("yyyy-MM-dd", "%Y-%m-%d"),
        ("yyyy-MM-dd'T'HH:mm:ss.SSSXXX", "%Y-%m-%dT%H:%M:%S.%g%z"),
        ("d MMM yy", "%-d %b %y"),
        ("h:mm a", "%-I:%M %p"),
        ("EEEE, dd MMMM yyyy", "%A, %d %B %Y"),
        ("''yy", "'%y"),
        ("'it''s' yyyy", "it's %Y"),
        ("100%", "100%%"),
    ],
)
def test_a_date_pattern_is_written_as_the_engine_does(pattern: str, written: str) -> None:
    assert strptime_format(pattern) == written


@pytest.mark.parametrize("pattern", ["QQ", "ww", "[HH]", "yyyyy", "G"])
def test_a_pattern_that_the_engine_lacks_is_none(pattern: str) -> None:
    assert strptime_format(pattern) is None


def test_a_zone_is_seen() -> None:
    assert (has_zone("%Y%z"), has_zone("%Y%Z"), has_zone("%Y-%m")) == (True, True, False)
