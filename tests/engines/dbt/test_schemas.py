"""The rules of dbt that are held without dbt are those of the installed one."""

from __future__ import annotations

from tests.engines.dbt.schemas import FILE, text


def test_the_schemas_are_those_of_the_installed_dbt() -> None:
    """`python -m tests.engines.dbt.schemas` writes them anew; read what changes then."""
    assert FILE.read_text(encoding="utf-8") == text()
