"""Releases on their way from one environment to another: shared, whole, and only if they fit."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from mesh_platform.environments.lifecycle import drop
from mesh_platform.errors import MeshError
from mesh_platform.release.publish import finish, roll_back
from mesh_platform.release.stale import needs
from mesh_platform.release.verification import contract_of
from mesh_platform.state.records import CheckRecord, State
from tests.environments.promoting import (
    ORDERS_NAME,
    PAIR,
    REVENUE_NAME,
    at,
    change,
    changed_by_alice,
    promoted,
    registry_and_lake,
)
from tests.planned import CONTRACT, in_step, rename_amount
from tests.policies import set_policies
from tests.release.staging import begin, delta_files, release
from tests.small_mesh import ORDERS, REVENUE, SmallMesh
from tests.state.test_behaviour import _result


def refused(shared: SmallMesh, *names: str) -> str:
    before = registry_and_lake(shared)
    with pytest.raises(MeshError) as caught:
        promoted(shared, *names)
    assert registry_and_lake(shared) == before
    return str(caught.value)


def _needs(shared: SmallMesh) -> dict[str, str]:
    prod = at(shared, "prod")
    found = needs(prod, prod.mesh.in_order(prod.mesh.products))
    return {str(need.product.name): need.reason for need in found}


def test_a_release_is_promoted_without_a_copy_and_is_then_up_to_date(shared: SmallMesh) -> None:
    change(shared, REVENUE)
    alice, prod = at(shared, "alice"), at(shared, "prod")
    made = release(alice, REVENUE_NAME)
    (done,) = promoted(shared, REVENUE_NAME)
    current = prod.registry.current(REVENUE_NAME)
    assert current is not None
    assert (done.release, done.new, done.copied, done.warning) == (current, True, 0, None)
    assert (current.number, current.identity, current.fingerprint) == (
        2,
        made.identity,
        made.fingerprint,
    )
    assert current.origin is not None
    assert (current.origin.environment, current.origin.number) == ("alice", 1)
    here, there = alice.files(made, "revenue"), prod.files(current, "revenue")
    assert here != there
    assert os.stat(here[0]).st_ino == os.stat(there[0]).st_ino
    assert delta_files(prod, current.ports[0].table_path) == [current.ports[0].files[0].name]
    assert _needs(shared)[REVENUE_NAME] == "up to date with release 2"


def test_pins_become_those_of_the_environment_it_goes_to(shared: SmallMesh) -> None:
    changed_by_alice(shared)
    promoted(shared, REVENUE_NAME, ORDERS_NAME)
    prod = at(shared, "prod")
    orders, revenue = prod.registry.current(ORDERS_NAME), prod.registry.current(REVENUE_NAME)
    assert orders is not None
    assert revenue is not None
    assert [(pin.port, pin.release_id, pin.environment) for pin in revenue.inputs] == [
        (ORDERS_NAME, orders.id, None)
    ]
    assert set(_needs(shared).values()) == {
        "up to date with release 2",
        "up to date with release 1",  # the twins
    }


def test_checks_and_the_text_of_the_promise_go_along(shared: SmallMesh) -> None:
    contract = f"{REVENUE}/revenue.odcs.yaml"
    shared.edit(contract, "Revenue by status.", "Revenue, by status.")
    alice = at(shared, "alice")
    attempt = begin(alice, REVENUE_NAME)
    checks = [CheckRecord("revenue", _result("a"))]
    alice.registry.record(attempt.id, State.VERIFIED, attempt.ports, checks)
    finish(alice, attempt)
    (done,) = promoted(shared, REVENUE_NAME)
    assert at(shared, "prod").checks(done.release) == tuple(checks)

    shared.edit(contract, "Revenue, by status.", "Revenue!")
    prod = at(shared, "prod")
    then = contract_of(prod, prod.mesh.port(REVENUE_NAME), done.release)
    assert "Revenue, by status." in then.text


def test_what_was_not_read_by_everybody_is_refused(shared: SmallMesh) -> None:
    changed_by_alice(shared)
    assert refused(shared, REVENUE_NAME) == (
        "report/revenue cannot be promoted: it read release 1 of `shop/orders` in `alice`, "
        "and `prod` has release 1\n"
        "  try: mesh env promote report/revenue shop/orders --from alice --to prod"
    )


def test_what_read_an_older_release_of_the_target_is_built_again_first(shared: SmallMesh) -> None:
    change(shared, REVENUE)
    release(at(shared, "alice"), REVENUE_NAME)
    release(at(shared, "prod"), ORDERS_NAME)
    assert refused(shared, REVENUE_NAME) == (
        "report/revenue cannot be promoted: it read release 1 of `shop/orders` in `prod`, "
        "and `prod` has release 2\n"
        "  try: mesh build report/revenue --env alice, then promote again"
    )


def test_a_provider_that_was_promoted_before_counts(shared: SmallMesh) -> None:
    changed_by_alice(shared)
    promoted(shared, ORDERS_NAME)
    assert _needs(shared)[REVENUE_NAME] == "code, contract or inputs have changed"
    (done,) = promoted(shared, REVENUE_NAME)
    assert done.release.number == 2
    assert _needs(shared)[REVENUE_NAME] == "up to date with release 2"


def test_what_was_not_built_there_is_refused(shared: SmallMesh) -> None:
    assert refused(shared, ORDERS_NAME) == (
        "shop/orders was not built in `alice`; it reads release 1 of `prod`\n"
        "  try: leave it out, or build it there: mesh build shop/orders --env alice --full"
    )


def test_one_product_that_is_refused_keeps_the_others_back(shared: SmallMesh) -> None:
    changed_by_alice(shared)
    assert refused(shared, ORDERS_NAME, PAIR).startswith("twins/pair was not built in `alice`")


def test_an_environment_is_not_promoted_to_itself(shared: SmallMesh) -> None:
    with pytest.raises(MeshError, match="`prod` cannot be promoted to itself"):
        promoted(shared, ORDERS_NAME, source="prod")


def test_what_is_there_already_stays_as_it_is(shared: SmallMesh) -> None:
    changed_by_alice(shared)
    promoted(shared, ORDERS_NAME)
    again, new = promoted(shared, REVENUE_NAME, ORDERS_NAME)
    assert (again.new, again.release.number, new.new) == (False, 2, True)
    assert len(at(shared, "prod").registry.releases(ORDERS_NAME)) == 2


def test_what_was_rolled_back_there_is_not_promoted_behind_its_back(shared: SmallMesh) -> None:
    changed_by_alice(shared)
    promoted(shared, ORDERS_NAME)
    prod = at(shared, "prod")
    roll_back(prod, prod.mesh.product(ORDERS_NAME), 1)
    assert refused(shared, ORDERS_NAME) == (
        "`prod` had this release of shop/orders before: it is release 2 there, and not current\n"
        "  try: mesh rollback shop/orders --to 2 --env prod"
    )


def test_files_that_have_changed_since_are_a_warning(shared: SmallMesh) -> None:
    changed_by_alice(shared)
    change(shared, ORDERS)
    (done,) = promoted(shared, ORDERS_NAME)
    assert done.new
    assert done.warning == (
        "the files of shop/orders have changed since release 1 of `alice`: "
        "the next build in `prod` builds it again"
    )


def test_both_ports_of_a_product_are_promoted(shared: SmallMesh) -> None:
    shared.land_generation(2)
    release(at(shared, "alice"), PAIR)
    (done,) = promoted(shared, PAIR)
    prod = at(shared, "prod")
    assert [port.port for port in done.release.ports] == ["left", "right"]
    for port in done.release.ports:
        assert delta_files(prod, port.table_path) == [port.files[0].name]


def test_a_promoted_release_outlives_the_environment_it_came_from(shared: SmallMesh) -> None:
    alice = changed_by_alice(shared)
    promoted(shared, ORDERS_NAME)
    drop(alice, ["alice"])
    prod = at(shared, "prod")
    current = prod.registry.current(ORDERS_NAME)
    assert current is not None
    assert os.stat(prod.files(current, "orders")[0]).st_nlink == 1


def test_what_cannot_be_shared_is_copied_and_said(
    shared: SmallMesh, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    alice = changed_by_alice(shared)
    monkeypatch.setattr(os, "link", refuse)
    (done,) = promoted(shared, ORDERS_NAME)
    (here,) = alice.files(done.source, "orders")
    (there,) = at(shared, "prod").files(done.release, "orders")
    assert Path(here).read_bytes() == Path(there).read_bytes()
    assert done.copied == Path(here).stat().st_size


def test_policies_judge_it_beside_the_last_release_of_the_target(shared: SmallMesh) -> None:
    """Alice had no release before, prod had: to have doubled is asked of prod's next one only."""
    changed_by_alice(shared)
    set_policies(shared, "release.rows-drop: {percent: -100}")
    assert refused(shared, ORDERS_NAME) == (
        "shop/orders cannot be promoted: check `policy_release_rows_drop` of port `orders`:"
        " 1 rows after 1: more than -100 percent are gone"
        " (look at the source; if it is true, ask for a waiver)\n"
        "  try: mend what it says and build again, or ask for a waiver"
    )
    set_policies(shared, "release.rows-drop: {percent: 0}")
    (done,) = promoted(shared, ORDERS_NAME)
    said = [c.result for c in at(shared, "prod").registry.checks(done.release.id)]
    assert [(result.check, result.outcome) for result in said if result.kind == "policy"] == [
        ("policy_release_rows_drop", "passed")
    ]


def test_what_breaks_consumers_is_not_promoted_where_it_is_guarded(shared: SmallMesh) -> None:
    shared.write("mesh.yaml", "name: small\nguarded: [prod]\n")
    before = shared.read(CONTRACT)
    rename_amount(shared)
    release(at(shared, "alice"), ORDERS_NAME)
    shared.write(CONTRACT, before)  # what the files say by now does not matter
    said = refused(shared, ORDERS_NAME)
    assert said == (
        "shop/orders cannot be promoted: shop/orders breaks what release 1 promised, under the"
        " same major version; `prod` is guarded\n"
        f"  at: {CONTRACT}:5:1\n"
        "  try: `mesh plan shop/orders --env prod` shows what breaks and whom,"
        " `mesh product bump shop/orders --env prod` writes the next version\n"
        "    then mesh build shop/orders --env alice, and promote again"
    )
    shared.write("mesh.yaml", "name: small\nguarded: [other]\n")
    assert [done.new for done in promoted(shared, ORDERS_NAME)] == [True]


def test_a_major_that_goes_is_not_promoted_while_nobody_agreed(shared: SmallMesh) -> None:
    shared.write("mesh.yaml", "name: small\nguarded: [prod]\n")
    rename_amount(shared)
    in_step(shared, "2.0.0")
    release(at(shared, "alice"), ORDERS_NAME)
    assert refused(shared, ORDERS_NAME).startswith(
        "shop/orders cannot be promoted: shop/orders: `shop/orders` goes away for report/revenue,"
        " and nobody there has agreed; `prod` is guarded\n"
    )


def test_files_that_would_break_do_not_keep_a_release_back_that_does_not(
    shared: SmallMesh,
) -> None:
    shared.write("mesh.yaml", "name: small\nguarded: [prod]\n")
    change(shared, ORDERS)
    release(at(shared, "alice"), ORDERS_NAME)
    rename_amount(shared)
    assert [done.new for done in promoted(shared, ORDERS_NAME)] == [True]
