"""What is told of a node of dbt that failed, and at which line."""

from __future__ import annotations

import pytest

from mesh_platform.engines.dbt.node_errors import line_of, message_of

RAISED = """\
Runtime Error in model enriched (products/revenue/enriched.py)
  Python model failed:
  Traceback (most recent call last):
    File "/tmp/tmpabc.py", line 12, in model
      t["fee"] = t["prise"]
                 ~^^^^^^^^^
KeyError: 'prise'
"""
CONVERTED = """\
Runtime Error in model stg_orders (products/orders/stg_orders.sql)
  Conversion Error: Could not convert string "1'234.50" to DECIMAL(10,2)

  LINE 14:     cast(amount as decimal(10,2)) as amount,
               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
"""
UNDEFINED = """\
Compilation Error in model orders (products/orders/orders.sql)
  'nope' is undefined.

  > called by model orders (products/orders/orders.sql)
"""
MODEL = """\
{{ config(materialized='table') }}
select
    order_id,
    cast(amount as decimal(10,2)) as amount,
from {{ source('landing', 'orders') }}
"""
COMPILED = MODEL.replace("{{ config(materialized='table') }}", "").replace("{{ source", '"x".')


def test_of_a_python_model_that_raises_the_error_is_told_and_no_frame() -> None:
    assert message_of("model", RAISED) == "Python model failed: KeyError: 'prise'"


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("Binder Error:\n  no column", "Binder Error: no column"),
        (CONVERTED, 'Conversion Error: Could not convert string "1\'234.50" to DECIMAL(10,2)'),
        (
            UNDEFINED,
            "Compilation Error: 'nope' is undefined."
            " > called by model orders (products/orders/orders.sql)",
        ),
        ("Got 2 results, configured to fail if != 0", "Got 2 results, configured to fail if != 0"),
        ("", None),
        (None, None),
    ],
)
def test_a_message_is_told_on_one_line_without_the_words_of_dbt(
    said: str | None, told: str | None
) -> None:
    assert message_of("model", said) == told


def test_the_line_is_that_of_the_text_that_the_team_wrote() -> None:
    assert line_of(CONVERTED, MODEL, COMPILED) == 4
    assert line_of(CONVERTED, f"{MODEL}\n", COMPILED) == 4
    assert line_of(CONVERTED, "{% set a = 1 %}\n{# two\nlines #}\n" + MODEL, COMPILED) == 7
    assert line_of(CONVERTED.replace("cast", "...ast"), MODEL, COMPILED) == 4
    commented = f"-- cast(amount as decimal(10,2)) as amount,\n{MODEL}{{% if a %}}\n{{% endif %}}\n"
    assert line_of(CONVERTED, commented, COMPILED) == 5
    moved = "{#- x\n-#}\nselect\n  cast(amount as decimal(10,2)) as amount,\n  {{ cols() }}\nfrom t"
    ran = "select\n  cast(amount as decimal(10,2)) as amount,\n  a,\n  b,\n  c\nfrom t"
    assert line_of(CONVERTED, moved, ran) == 4
    assert line_of(RAISED, 'def model(dbt, session):\n    t["fee"] = t["prise"]\n', "") == 2


@pytest.mark.parametrize(
    ("said", "text"),
    [
        (CONVERTED, "select 1"),
        (CONVERTED, MODEL.replace("    order_id,", "    cast(amount as decimal(10,2)) as amount,")),
        ("Binder Error: no line", MODEL),
        (None, MODEL),
    ],
)
def test_a_line_that_is_not_certain_is_not_told(said: str | None, text: str) -> None:
    assert line_of(said, text, text) is None
