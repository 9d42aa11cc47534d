"""Report dbt's own tests that read columns which nothing returns, before a build runs them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from mesh_platform.errors import did_you_mean
from mesh_platform.lineage.findings import SQL_FAULT
from mesh_platform.lineage.model_files import ColumnTest, DomainModels, ModelFile
from mesh_platform.lineage.sql.sources import Table
from mesh_platform.model.findings import Finding
from mesh_platform.model.mesh import Product
from mesh_platform.release.lineage.returned import Lacking


class KnownColumns(Protocol):
    """Tells which columns are surely missing."""

    def lacking(self, file: ModelFile, expression: str) -> Lacking | None:
        """Return a column that an expression reads and a model surely does not return."""
        ...

    def lacking_in(self, target: Table, column: str, product: str) -> Lacking | None:
        """Return a column that a test of a product reads and another table surely lacks."""
        ...


def column_findings(
    columns: KnownColumns, known: DomainModels, product: Product
) -> Iterator[Finding]:
    """Report dbt's own tests of columns that the models of a product do not return."""
    own = {file.name: file for file in known.of_product(product.name.name)}
    for test in known.column_tests:
        if (file := own.get(test.model)) is None:
            continue
        for expression in test.reads:
            if (lacking := columns.lacking(file, expression)) is not None:
                yield _finding(test, f"the model `{test.model}` does not return", lacking, product)
        if test.target is not None:
            table, column = test.target
            if (lacking := columns.lacking_in(table, column, product.name.name)) is not None:
                yield _finding(test, _does_not_have(table, known), lacking, product)


def _does_not_have(table: Table, known: DomainModels) -> str:
    if table.schema or table.name in known.seeds:
        return f"the {'source' if table.schema else 'seed'} `{table}` does not have"
    return f"the model `{table}` does not return"


def _finding(test: ColumnTest, said: str, lacking: Lacking, product: Product) -> Finding:
    message = f"the dbt test `{test.name}` reads the column `{lacking.name}`, which {said}"
    way = f"correct the name, or remove the test; {did_you_mean(*lacking)}"
    severity = "error" if test.blocks else "warning"
    return Finding(SQL_FAULT, message, test.place, way, str(product.name), severity)
