"""What lineage finds wrong: reads that are not declared, inputs that nothing reads, and gaps."""

from __future__ import annotations

from collections.abc import Iterator

from mesh_platform.errors import listed
from mesh_platform.model.findings import Finding
from mesh_platform.model.mesh import PortInput
from mesh_platform.planning.product_lineage import ProductLineage, Unvouched

UNDECLARED = "lineage.undeclared-read"


def lineage_findings(lineage: ProductLineage) -> Iterator[Finding]:
    """Findings on one product."""
    name = str(lineage.product)
    for read in lineage.undeclared:
        message = f"model `{read.model}` reads {read.what}, which is no input port of the product"
        yield Finding(UNDECLARED, message, read.place, read.fix, name)
    for item in lineage.unused:
        port = item.port if isinstance(item, PortInput) else item.name
        message = f"the input port `{port}` is declared, but no model and no rule reads it"
        fix = "remove it from `inputPorts`, or read it"
        yield Finding("lineage.unused-input", message, item.place, fix, name, "warning")
    for gap in lineage.unvouched:
        message = f"model `{gap.model}`: {gap.reason}; {_concerned(gap)}"
        yield Finding("lineage.unvouched", message, gap.place, gap.fix, name, "warning")


def _concerned(gap: Unvouched) -> str:
    if not gap.columns:
        return "no promised column depends on it"
    shown = listed([f"`{column}`" for column in gap.columns])
    verb = "comes" if len(gap.columns) == 1 else "come"
    return f"what {shown} {verb} from cannot be vouched for"
