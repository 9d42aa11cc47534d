"""Values that dbt filled into SQL are taken out of it; what its author wrote stays."""

from __future__ import annotations

import pytest

from mesh_platform.engines.dbt.compiled import without_values

WRITTEN = "select 'paid', 2013 {% for x in found %} limit 12"


@pytest.mark.parametrize(
    ("compiled", "kept"),
    [
        ("select 'paid'", "select 'paid'"),
        ("select 'secret' as x", "select '•••' as x"),
        ("select 'it''s', $$a$$, $t$b$t$", "select '•••', '•••', '•••'"),
        ("select '' -- secret\nfrom t /* se\ncret */", "select '' \nfrom t "),
        (
            "where a = 2013 and b = 4711 and c = 4.5 limit 12",
            "where a = 2013 and b = 0 and c = 0 limit 12",
        ),
        (
            'select t1.c123, x_2013, "we\'re" group by 1, 2',
            'select t1.c123, x_2013, "we\'re" group by 1, 2',
        ),
        ("select 'aid'", "select '•••'"),
    ],
)
def test_only_what_was_written_stays(compiled: str, kept: str) -> None:
    assert without_values(compiled, WRITTEN) == kept
