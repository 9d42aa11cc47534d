"""What a file says of unit tests, with the place of each part."""

from __future__ import annotations

import pytest

from mesh_platform.errors import Place
from mesh_platform.lineage.sql.sources import Table
from mesh_platform.lineage.unit_test_files import Given, PropertyFile, Rows, UnitTest, UnitTestFiles

FILE = "domains/report/products/revenue/unit_tests.yml"
TEXT = """\
unit_tests:
  - name: one
    model: " revenue "
    given:
      - input: source("Shop", 'orders')
        rows: [{Status: open}, {status: paid, amount: 1}]
      - input: ref('stg')
        format: csv
        fixture: some
    expect: {format: sql, rows: select 1 as a}
"""


def _tests(text: str, **fixtures: str) -> tuple[UnitTest, ...]:
    files = {name: PropertyFile("", f"{name}.csv", said) for name, said in fixtures.items()}
    return UnitTestFiles((PropertyFile("revenue", FILE, text),), files).tests


def test_every_part_has_its_place() -> None:
    assert _tests(TEXT, some="a,b\n1,2\n") == (
        UnitTest(
            name="one",
            product="revenue",
            model="revenue",
            given=(
                Given(
                    "source(\"Shop\", 'orders')",
                    Table("shop", "orders"),
                    Rows({"status": Place(FILE, 6, 17), "amount": Place(FILE, 6, 47)}),
                    Place(FILE, 5, 9),
                ),
                Given(
                    "ref('stg')",
                    Table("", "stg"),
                    Rows({"a": Place("some.csv", 1), "b": Place("some.csv", 1)}),
                    Place(FILE, 7, 9),
                ),
            ),
            expected=Rows({}, told=False),
            overridden=False,
            places={
                "name": Place(FILE, 2, 5),
                "model": Place(FILE, 3, 5),
                "given": Place(FILE, 4, 5),
                "expect": Place(FILE, 10, 5),
            },
        ),
    )


@pytest.mark.parametrize(
    "said", ["this", "source('shop')", "ref('a', 'b')", "ref('a', v=2)", "ref(name)", "ref('')"]
)
def test_what_is_no_plain_call_stands_for_no_known_input(said: str) -> None:
    (test,) = _tests(TEXT.replace("ref('stg')", said))
    assert test.given[1].table is None


def test_an_entry_that_dbt_refuses_is_left_to_dbt() -> None:
    assert _tests(TEXT.replace("model:", "models:")) == ()
    assert _tests(TEXT.replace("expect: {format: sql, rows: select 1 as a}", "expect:")) == ()
    assert _tests("unit_tests: [3]\n") == _tests("unit_tests: [") == ()


def test_a_source_in_the_generated_file_is_found_by_its_name() -> None:
    files = UnitTestFiles(sources="tables:\n  - name: Orders\n  - name: 'old'\n")
    assert files.may_declare(Table("shop", "orders"))
    assert files.may_declare(Table("shop", "old"))
    assert not files.may_declare(Table("shop", "order"))
