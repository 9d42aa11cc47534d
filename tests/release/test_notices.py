from __future__ import annotations

from datetime import date

import pytest

from mesh_platform.model.loader import load_mesh
from mesh_platform.release.notices import notices
from tests.majors import add_second_major, deprecate_first
from tests.small_mesh import SmallMesh

BEFORE, AFTER = date(2026, 11, 21), date(2027, 2, 1)


def _told(mesh: SmallMesh, today: date) -> tuple[str, ...]:
    read = load_mesh(mesh.root)
    assert [str(f) for f in read.findings if f.blocking] == []
    return notices(read, read.product("report/revenue"), today)


def test_a_port_that_stays_is_not_mentioned(mesh: SmallMesh) -> None:
    assert _told(mesh, BEFORE) == ()


@pytest.mark.parametrize(("today", "word"), [(BEFORE, "ends"), (AFTER, "ended")])
def test_a_consumer_is_told_when_support_ends(mesh: SmallMesh, today: date, word: str) -> None:
    deprecate_first(mesh)
    assert _told(mesh, today) == (
        f"report/revenue reads `shop/orders`, which is deprecated, support {word} on 2027-01-31",
    )


def test_a_consumer_is_told_of_the_major_to_go_to(mesh: SmallMesh) -> None:
    add_second_major(mesh)
    (told,) = _told(mesh, BEFORE)
    assert told.endswith("; read `shop/orders@2` (version 2.0.0) as source('shop', 'orders_v2')")


def test_the_owner_is_not_told_of_its_own_port(mesh: SmallMesh) -> None:
    deprecate_first(mesh)
    read = load_mesh(mesh.root)
    assert notices(read, read.product("shop/orders"), AFTER) == ()
