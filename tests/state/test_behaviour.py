"""What every registry must do, whatever database it stands on."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from mesh_platform.checks.spec import CheckResult, Outcome
from mesh_platform.errors import MeshError
from mesh_platform.state.database import open_database
from mesh_platform.state.records import (
    Attempt,
    CheckCounts,
    CheckRecord,
    FileRecord,
    InputRecord,
    Origin,
    PortRecord,
    State,
)
from mesh_platform.state.store import Registry

START = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)


def _port(name: str) -> PortRecord:
    return PortRecord(
        port=name,
        version="1.0.0",
        table_path=f"shop/orders/{name}_v1",
        files=(FileRecord("part-x.parquet"),),
        columns=("b", "a"),
        contract_digest="d" * 64,
    )


def _attempt(
    number: int, product: str = "shop/orders", inputs: tuple[InputRecord, ...] = ()
) -> Attempt:
    return Attempt(
        id=f"{product}-{number}",
        product=product,
        state=State.BUILDING,
        number=None,
        version="1.0.0",
        fingerprint="f" * 64,
        code_version="0.1.0",
        started_at=START + timedelta(minutes=number),
        ports=(_port("items"), _port("orders")),
        inputs=inputs,
    )


def _result(check: str, outcome: Outcome = Outcome.PASSED) -> CheckResult:
    return CheckResult(
        check=check,
        kind="sql",
        outcome=outcome,
        severity="error",
        observed=1.5,
        threshold="must be 0",
        message="observed 1.5, must be 0",
        sql="select 1.5",
        sample=({"a": 1, "b": "é", "c": None},),
        seconds=0.25,
    )


def _verify(registry: Registry, attempt: Attempt, *checks: CheckRecord) -> Attempt:
    """Bring a new attempt to the state verified."""
    registry.begin(attempt)
    files = (FileRecord("part-x.parquet", 1, 33, "d" * 64), FileRecord("part-y.parquet", 2, 66))
    ports = tuple(replace(port, files=files) for port in attempt.ports)
    registry.record(attempt.id, State.VERIFIED, ports, checks)
    return attempt


def _release(registry: Registry, attempt: Attempt) -> Attempt:
    _verify(registry, attempt)
    registry.release_now(attempt.id, {"items": 4, "orders": 5})
    found = registry.get(attempt.id)
    assert found is not None
    return found


def test_a_new_registry_knows_nothing(registry: Registry) -> None:
    assert registry.current("shop/orders") is None
    assert registry.get("x") is None
    assert (registry.all_current(), registry.newest(), registry.last_attempts()) == ({}, {}, {})
    assert (registry.releases("shop/orders"), registry.unfinished("shop/orders")) == ([], [])
    assert (registry.checks("x"), registry.check_counts([])) == ([], {})


def test_an_attempt_is_given_back_as_it_was_noted(registry: Registry) -> None:
    provider = _release(registry, _attempt(1, "shop/raw"))
    attempt = _attempt(2, inputs=(InputRecord("shop/raw", provider.id),))
    registry.begin(attempt)
    assert registry.get(attempt.id) == attempt


def test_an_attempt_that_is_being_built_is_seen_by_no_consumer(registry: Registry) -> None:
    registry.begin(_attempt(1))
    assert (registry.current("shop/orders"), registry.newest()) == (None, {})
    assert [item.id for item in registry.unfinished("shop/orders")] == ["shop/orders-1"]


def test_a_verified_attempt_waits_with_its_rows_and_checks(registry: Registry) -> None:
    check = CheckRecord("orders", _result("a"))
    _verify(registry, _attempt(1), check)
    (found,) = registry.unfinished("shop/orders")
    assert (found.state, found.number) == (State.VERIFIED, None)
    assert [(port.port, port.rows, port.bytes) for port in found.ports] == [
        ("items", 3, 99),
        ("orders", 3, 99),
    ]
    assert registry.checks(found.id) == [check]
    assert registry.current("shop/orders") is None


def test_a_release_makes_all_ports_current_at_once(registry: Registry) -> None:
    _verify(registry, _attempt(1))
    assert registry.release_now("shop/orders-1", {"items": 4, "orders": 5}) == 1
    found = registry.current("shop/orders")
    assert found is not None
    assert (found.state, found.number, registry.unfinished("shop/orders")) == (
        State.RELEASED,
        1,
        [],
    )
    assert [(port.port, port.table_version) for port in found.ports] == [
        ("items", 4),
        ("orders", 5),
    ]
    assert found.ended_at is not None
    assert found.seconds == (found.ended_at - found.started_at).total_seconds()


def test_releases_are_numbered_by_product_and_listed_newest_first(registry: Registry) -> None:
    for number in (1, 2, 3):
        _release(registry, _attempt(number))
    _release(registry, _attempt(4, "shop/raw"))
    assert [item.number for item in registry.releases("shop/orders")] == [3, 2, 1]
    assert [item.number for item in registry.releases("shop/raw")] == [1]
    second = registry.release("shop/orders", 2)
    assert second is not None
    assert second.id == "shop/orders-2"
    assert registry.release("shop/orders", 9) is None


@pytest.mark.parametrize("state", [State.BUILDING, State.FAILED, State.RELEASED])
def test_only_a_verified_attempt_can_be_released(registry: Registry, state: State) -> None:
    attempt = _attempt(1)
    if state is State.RELEASED:
        _release(registry, attempt)
    else:
        registry.begin(attempt)
    if state is State.FAILED:
        registry.record(attempt.id, State.FAILED, (), (), reason="x")
    before = registry.all_current()
    with pytest.raises(MeshError, match=f"attempt shop/orders-1 is {state}, not verified"):
        registry.release_now(attempt.id, {})
    assert registry.all_current() == before


def test_a_failed_attempt_keeps_its_reason_and_takes_no_number(registry: Registry) -> None:
    good = _release(registry, _attempt(1))
    registry.begin(_attempt(2))
    failed = CheckRecord("orders", _result("a", Outcome.FAILED))
    registry.record("shop/orders-2", State.FAILED, (), (failed,), reason="the check failed")
    found = registry.get("shop/orders-2")
    assert found is not None
    assert (found.state, found.number, found.reason) == (State.FAILED, None, "the check failed")
    assert registry.current("shop/orders") == good
    assert registry.unfinished("shop/orders") == []
    assert registry.last_attempts() == {"shop/orders": found}
    assert [item.number for item in registry.releases("shop/orders")] == [1]
    assert _release(registry, _attempt(3)).number == 2


def test_after_a_rollback_the_newest_release_is_not_the_current_one(registry: Registry) -> None:
    first, second = (_release(registry, _attempt(number)) for number in (1, 2))
    registry.point_to(first)
    assert registry.current("shop/orders") == first
    assert registry.all_current() == {"shop/orders": first}
    assert registry.newest() == {"shop/orders": second}
    third = _release(registry, _attempt(3))
    assert (third.number, registry.current("shop/orders")) == (3, third)


def test_unfinished_attempts_come_oldest_first_and_of_one_product_only(registry: Registry) -> None:
    registry.begin(_attempt(2))
    _verify(registry, _attempt(1))
    registry.begin(_attempt(3, "shop/raw"))
    assert [item.id for item in registry.unfinished("shop/orders")] == [
        "shop/orders-1",
        "shop/orders-2",
    ]


def test_checks_keep_the_order_of_the_contract(registry: Registry) -> None:
    names = ["z", "a", "m"]
    checks = [CheckRecord("orders", _result(name)) for name in names]
    _verify(registry, _attempt(1), *checks)
    assert [record.result.check for record in registry.checks("shop/orders-1")] == names


def test_a_check_without_a_number_or_rows_is_given_back_so(registry: Registry) -> None:
    result = replace(
        _result("a", Outcome.COULD_NOT_RUN), observed=None, sql=None, sample=(), message="no"
    )
    _verify(registry, _attempt(1), CheckRecord("orders", result))
    assert registry.checks("shop/orders-1") == [CheckRecord("orders", result)]


def test_a_check_of_the_product_may_be_called_as_one_of_a_port(registry: Registry) -> None:
    checks = [CheckRecord(None, _result("a")), CheckRecord("orders", _result("a"))]
    _verify(registry, _attempt(1), *checks)
    assert registry.checks("shop/orders-1") == checks


def test_checks_are_counted_by_outcome(registry: Registry) -> None:
    outcomes = [Outcome.PASSED, Outcome.PASSED, Outcome.WARNED, Outcome.COULD_NOT_RUN]
    checks = [CheckRecord("orders", _result(str(i), o)) for i, o in enumerate(outcomes)]
    _verify(registry, _attempt(1), *checks)
    _verify(registry, _attempt(2))
    assert registry.check_counts(["shop/orders-1", "shop/orders-2"]) == {
        "shop/orders-1": CheckCounts(passed=2, warned=1, could_not_run=1),
        "shop/orders-2": CheckCounts(),
    }


def test_an_attempt_cannot_name_an_input_that_was_never_released(registry: Registry) -> None:
    from sqlalchemy.exc import IntegrityError

    with pytest.raises(IntegrityError):
        registry.begin(_attempt(1, inputs=(InputRecord("shop/raw", "never"),)))
    assert registry.last_attempts() == {}


def test_more_than_two_billion_rows_and_bytes_fit(registry: Registry) -> None:
    attempt = _attempt(1)
    registry.begin(attempt)
    files = (FileRecord("part-x.parquet", 3_000_000_000, 90_000_000_000),)
    ports = tuple(replace(port, files=files) for port in attempt.ports)
    registry.record(attempt.id, State.VERIFIED, ports, ())
    found = registry.get(attempt.id)
    assert found is not None
    assert {(port.rows, port.bytes) for port in found.ports} == {(3_000_000_000, 90_000_000_000)}


def test_what_one_process_wrote_the_next_one_reads(url: str, registry: Registry) -> None:
    released = _release(registry, _attempt(1))
    assert Registry(open_database(url)).current("shop/orders") == released


def test_a_pin_on_a_release_of_another_environment_needs_no_row_here(registry: Registry) -> None:
    own = _release(registry, _attempt(1, "shop/raw"))
    pins = (InputRecord("shop/far", "an-id-of-prod", "prod"), InputRecord("shop/raw", own.id))
    attempt = _attempt(2, inputs=pins)
    registry.begin(attempt)
    assert registry.get(attempt.id) == attempt


def test_a_promoted_release_says_where_it_began(registry: Registry) -> None:
    attempt = replace(_attempt(1), origin=Origin("an-id-of-alice", "alice", 7))
    registry.begin(attempt)
    found = registry.get(attempt.id)
    assert found == attempt
    assert (found.identity, _attempt(2).identity) == ("an-id-of-alice", "shop/orders-2")


def test_several_attempts_are_promoted_together_and_keep_what_they_took(
    registry: Registry,
) -> None:
    _release(registry, _attempt(1))
    both = [replace(_attempt(2), seconds=90.5), replace(_attempt(3, "shop/raw"), seconds=None)]
    for attempt in both:
        registry.begin(attempt)
    checks = {attempt.id: [CheckRecord("orders", _result("a"))] for attempt in both}
    versions = {attempt.id: {"items": 4, "orders": 5} for attempt in both}
    assert registry.promote_now(checks, versions) == {"shop/orders-2": 2, "shop/raw-3": 1}
    current = registry.all_current()
    assert {name: (item.number, item.state, item.seconds) for name, item in current.items()} == {
        "shop/orders": (2, State.RELEASED, 90.5),
        "shop/raw": (1, State.RELEASED, None),
    }
    assert [port.table_version for port in current["shop/orders"].ports] == [4, 5]
    assert registry.checks("shop/raw-3") == [CheckRecord("orders", _result("a"))]


def test_a_promotion_that_fails_in_the_registry_promotes_none(registry: Registry) -> None:
    from sqlalchemy.exc import SQLAlchemyError

    registry.begin(_attempt(1))
    with pytest.raises(SQLAlchemyError):
        registry.promote_now({"shop/orders-1": [], "no": []}, {"shop/orders-1": {}, "no": {}})
    assert registry.all_current() == {}
    assert [item.state for item in registry.unfinished("shop/orders")] == [State.BUILDING]


def test_a_product_that_is_let_go_of_has_no_current_release_and_keeps_its_history(
    registry: Registry,
) -> None:
    released = _release(registry, _attempt(1))
    registry.let_go("shop/orders")
    assert registry.current("shop/orders") is None
    assert registry.releases("shop/orders") == [released]


def test_products_with_an_unfinished_attempt_are_told(registry: Registry) -> None:
    _release(registry, _attempt(1))
    assert registry.interrupted() == set()
    registry.begin(_attempt(2))
    _verify(registry, _attempt(3, "shop/raw"))
    assert registry.interrupted() == {"shop/orders", "shop/raw"}
    assert registry.release_count() == 1


def test_a_setting_is_remembered_changed_and_forgotten(registry: Registry) -> None:
    assert registry.setting("a") is None
    for value in ("prod", "staging", None):
        registry.set("a", value)
        assert registry.setting("a") == value
