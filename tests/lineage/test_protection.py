"""A column is at least as classified as every column whose values it holds."""

from __future__ import annotations

import pytest

from mesh_platform.environments.workspace import Workspace
from mesh_platform.model.classification import RANKS, Protection
from mesh_platform.model.findings import Finding
from mesh_platform.release.build import release_product
from mesh_platform.release.outcome import Verdict
from tests.lineage.test_mesh_lineage import MODEL, findings
from tests.planned import planned, told
from tests.small_mesh import ORDERS, PAIR, REVENUE, SmallMesh

CONTRACT = f"{REVENUE}/revenue.odcs.yaml"
COPY = """\
select customer as status, count(*) as orders, sum(amount) as amount
from {{ source('shop', 'orders') }}
group by all
"""
HASH = COPY.replace("customer as", "md5(customer) as")
CODE = "lineage.less-protected"


def promise(mesh: SmallMesh, *lines: str) -> None:
    """Add lines to the promise of the column `status`."""
    more = "".join(f"        {line}\n" for line in lines)
    mesh.edit(CONTRACT, "        required: true\n", f"        required: true\n{more}")


def less(mesh: SmallMesh, product: str = "report/revenue") -> list[Finding]:
    return [found for found in findings(mesh, product) if found.code == CODE]


def test_a_copy_with_less_protection_blocks_and_says_what_it_is_of(mesh: SmallMesh) -> None:
    mesh.write(MODEL, COPY)
    promise(mesh, "classification: public")
    (finding,) = less(mesh)
    line = mesh.line(CONTRACT, "- name: status")
    assert str(finding) == (
        "report/revenue: column `status` of `report/revenue` is `public` and holds values of "
        "`shop.orders.customer`, which is `restricted`\n"
        f"  at: {CONTRACT}:{line}:9  [{CODE}]\n"
        "  try: say the same of it, or leave it out; a hash or an aggregate may say why it needs "
        "less protection: `customProperties: [{property: declassified, value: <the reason>}]`"
    )
    assert finding.blocking


def test_a_wide_model_is_followed_as_a_narrow_one_is(mesh: SmallMesh) -> None:
    more = "".join(f"  cast(amount as bigint) as more_{number},\n" for number in range(250))
    mesh.write(MODEL, COPY.replace("select customer", f"select\n{more}  customer"))
    promise(mesh, "classification: public")
    (finding,) = less(mesh)
    assert finding.blocking


@pytest.mark.parametrize("lines", [(), ("classification: confidential",), ("classification: own",)])
def test_less_than_the_provider_says_is_too_little(mesh: SmallMesh, lines: tuple[str, ...]) -> None:
    mesh.write(MODEL, COPY)
    promise(mesh, *lines)
    assert len(less(mesh)) == 1


@pytest.mark.parametrize("word", ["restricted", "Restricted"])
def test_the_same_protection_is_enough(mesh: SmallMesh, word: str) -> None:
    mesh.write(MODEL, COPY)
    promise(mesh, f"classification: {word}")
    assert less(mesh) == []


@pytest.mark.parametrize("kept", ["max(customer)", "customer || '!'", "coalesce(customer, '')"])
def test_a_reason_does_not_excuse_what_holds_the_values(mesh: SmallMesh, kept: str) -> None:
    mesh.write(MODEL, COPY.replace("customer as", f"{kept} as"))
    promise(mesh, "customProperties: [{property: declassified, value: nobody minds}]")
    assert len(less(mesh)) == 1


def test_a_hash_needs_a_reason(mesh: SmallMesh) -> None:
    mesh.write(MODEL, HASH)
    promise(mesh, "customProperties: [{property: declassified, value: a salt is in the hash}]")
    assert less(mesh) == []


@pytest.mark.parametrize("value", ["''", "true", "'yes'", "no"])
def test_a_word_that_is_no_reason_excuses_nothing(mesh: SmallMesh, value: str) -> None:
    mesh.write(MODEL, HASH)
    promise(mesh, f"customProperties: [{{property: declassified, value: {value}}}]")
    (finding,) = less(mesh)
    assert "is computed from `shop.orders.customer`" in finding.message


def test_a_count_and_a_filter_hold_no_values(mesh: SmallMesh) -> None:
    counted = "select status, count(distinct customer) as orders, sum(amount) as amount"
    source = "from {{ source('shop', 'orders') }} where customer <> 'x' group by status\n"
    mesh.write(MODEL, f"{counted} {source}")
    assert less(mesh) == []


NESTED = """\
      - name: place
        logicalType: object
        properties:
          - {name: city, logicalType: string}
          - {name: street, logicalType: string, classification: restricted}
      - name: notes
        logicalType: map
        map:
          key: {logicalType: string}
          value:
            logicalType: object
            properties:
              - {name: label, logicalType: string}
              - {name: secret, logicalType: string, classification: restricted}
"""


@pytest.mark.parametrize(
    ("status", "reported"),
    [
        ("any_value(place.city)", False),
        ("any_value(place).city", False),
        ("coalesce(any_value(place), null).city", False),
        ("list(place)[1]['city']", False),
        ("any_value(place).street", True),
        ("any_value(place)::varchar", True),
        ("any_value(notes['a'].label)", False),
        ("any_value(notes['a'].secret)", True),
        ("any_value(notes.a.secret)", True),
        ("any_value(notes.a)::varchar", True),
        ("any_value(notes)['a']['label']", False),
    ],
)
def test_of_an_object_only_what_is_taken_counts(
    mesh: SmallMesh, status: str, reported: bool
) -> None:
    contract = f"{ORDERS}/orders.odcs.yaml"
    mesh.edit(contract, "      - name: customer\n", f"{NESTED}      - name: customer\n")
    mesh.write(MODEL, COPY.replace("customer as", f"{status} as").replace("all", "status, amount"))
    assert [found.code for found in less(mesh)] == [CODE] * reported


def test_a_field_of_a_source_is_protected_as_another_port_promises_it(twins: SmallMesh) -> None:
    twins.edit(f"{PAIR}/right.sql", "cast(generation as", "cast(generation['v'] as")
    left = f"{PAIR}/left.odcs.yaml"
    twins.edit(left, "INTEGER, required", "INTEGER, classification: confidential, required")
    (finding,) = less(twins, "twins/pair")
    assert "`generation` of `twins/pair/right`" in finding.message


def test_a_byte_order_mark_hides_nothing(mesh: SmallMesh) -> None:
    mesh.write(MODEL, "\ufeff" + COPY)
    assert len(less(mesh)) == 1


def test_personal_data_stays_personal(mesh: SmallMesh) -> None:
    said = "classification: restricted\n"
    personal = "customProperties: [{property: personalData, value: name}]\n"
    mesh.edit(f"{ORDERS}/orders.odcs.yaml", said, f"{said}        {personal}")
    mesh.write(MODEL, COPY)
    promise(mesh, "classification: restricted")
    (finding,) = less(mesh)
    assert "which is `restricted`, personal data" in finding.message
    promise(mesh, "customProperties: [{property: pii, value: true}]")
    assert less(mesh) == []


def test_another_port_of_the_product_tells_how_its_source_is_protected(twins: SmallMesh) -> None:
    left = f"{PAIR}/left.odcs.yaml"
    twins.edit(left, "INTEGER, required", "INTEGER, classification: confidential, required")
    (finding,) = less(twins, "twins/pair")
    assert "`generation` of `twins/pair/right`" in finding.message
    assert "landing.pairs_file.generation" in finding.message


def test_check_plan_and_build_hold_it_back(shop: SmallMesh) -> None:
    shop.write(MODEL, COPY)
    assert CODE in [found.code for found in told(planned(shop)) if found.blocking]
    workspace = Workspace.open(shop.root)
    outcome = release_product(workspace, workspace.mesh.product("report/revenue"))
    assert outcome.verdict is Verdict.FAILED
    assert (outcome.reason or "").startswith("report/revenue: column `status`")
    assert outcome.release is not None, "consumers stay on the last good release"


def test_a_provider_that_raises_its_classification_is_told_who_falls_short(
    shop: SmallMesh,
) -> None:
    name = "- name: status\n"
    text = shop.read(f"{ORDERS}/orders.odcs.yaml")
    assert name in text
    shop.edit(f"{ORDERS}/orders.odcs.yaml", name, f"{name}        classification: confidential\n")
    found = [f for f in told(planned(shop)) if f.code == CODE]
    assert [finding.product for finding in found] == ["report/revenue"]


def test_the_order_of_the_words_holds_for_every_pair() -> None:
    for one, low in RANKS.items():
        for two, high in RANKS.items():
            mine, asked = Protection(frozenset({one})), Protection(frozenset({two}))
            assert mine.covers(asked) is (low >= high), (one, two)
    nothing, own = Protection(), Protection(frozenset({"own"}))
    assert nothing.covers(Protection(frozenset({"public"})))
    assert not nothing.covers(own)
    assert own.covers(own)
    assert not own.covers(Protection(frozenset({"internal"})))
    assert Protection(frozenset({"restricted"})).covers(own)
