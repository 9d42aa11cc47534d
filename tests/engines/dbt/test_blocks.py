"""Where dbt cannot read a file of blocks is told with the line, and what it reads is no fault."""

from __future__ import annotations

import pytest

from mesh_platform.engines.dbt.blocks import DOCS, MACROS, SNAPSHOTS, block_fault

WHOLE = {
    "a macro": ("{% macro a(x) %}{% if x %}{{ x }}{% endif %}{% endmacro %}", MACROS),
    "words between": ("words {# and a note #}\n{% macro a() %}1{% endmacro %}", MACROS),
    "a generic test": ("{% test a(model) %}{{ model }}{% endtest %}", MACROS),
    "a materialization": (
        "{% materialization x, default %}{% call statement('main') %}1{% endcall %}"
        "{% endmaterialization %}",
        MACROS,
    ),
    "tags of Jinja": ("{% macro a() %}{% set x %}1{% endset %}{% do x %}{% endmacro %}", MACROS),
    "a snapshot": ("{% snapshot s %}{{ config(a=1) }} select 1{% endsnapshot %}", SNAPSHOTS),
    "docs": ("# Title\n{% docs x %}\nhello\n{% enddocs %}", DOCS),
    "no docs": ("# Title\nOpen `{` and close.", DOCS),
}
FAULTS = {
    "a macro without end": ("-- x\n{% macro a(x) %}\n1", MACROS, 2, "nothing ends the block"),
    "a macro in a macro": (
        "{% macro a() %}\n{% macro b() %}{% endmacro %}{% endmacro %}",
        MACROS,
        1,
        "another block begins before the block `macro` ends",
    ),
    "a brace": ("{% test a(model) %}\n{{ model }\n{% endtest %}", MACROS, 2, "expected }}"),
    "an if without end": ("{% macro a() %}\n{% if x %}\n{% endmacro %}", MACROS, 3, "endif"),
    "an end without if": ("\n{% endif %}", MACROS, 2, "never saw a preceeding if"),
    "a macro in an if": (
        "{% if x %}\n{% macro a() %}{% endmacro %}{% endif %}",
        MACROS,
        2,
        "inside control flow",
    ),
    "an expression": ("\n{% macro a() %}\n{{ x y }}{% endmacro %}", MACROS, 3, "got 'y'"),
    "a comment": ("\n\n{# to be written", MACROS, 3, "expected #}"),
    "a snapshot": ("{% snapshot s %}\n{{ config(x=1 }} 1 {% endsnapshot %}", SNAPSHOTS, 2, "')'"),
    "docs without end": ("# T\n{% docs x %}\nhello", DOCS, 2, "nothing ends the block `docs`"),
}


@pytest.mark.parametrize(("text", "kinds"), WHOLE.values(), ids=list(WHOLE))
def test_what_dbt_reads_is_no_fault(text: str, kinds: frozenset[str]) -> None:
    assert block_fault(text, kinds) is None


@pytest.mark.parametrize(("text", "kinds", "line", "said"), FAULTS.values(), ids=list(FAULTS))
def test_what_dbt_cannot_read_is_told_at_its_line(
    text: str, kinds: frozenset[str], line: int, said: str
) -> None:
    fault = block_fault(text, kinds)
    assert fault is not None
    assert (fault[0], said in fault[1]) == (line, True), fault
