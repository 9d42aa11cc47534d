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


@pytest.mark.parametrize(
    ("compiled", "kept"),
    [
        ("select paid from found", "select paid from found"),
        ('select ann, "bob b", ANN from found', 'select "•••1", "•••2", "•••1" from found'),
        ('from "mesh"."shop"."Orders" as y', 'from "mesh"."shop"."Orders" as "•••1"'),
        ('select "paid limit", é1', 'select "paid limit", "•••1"'),
        ("select 'ann' as ann, 17", "select '•••' as \"•••1\", 17"),
    ],
)
def test_a_name_that_nobody_wrote_may_be_a_value(compiled: str, kept: str) -> None:
    names = {"mesh", "shop", "orders", "from", "as"}
    assert without_values(compiled, WRITTEN, names) == kept
