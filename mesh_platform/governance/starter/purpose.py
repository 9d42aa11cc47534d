"""What data is for, in words that a stranger understands."""

from __future__ import annotations

from mesh_platform.errors import listed
from mesh_platform.governance.examples import a_column, a_port, a_product, column
from mesh_platform.governance.policy import Violation, policy
from mesh_platform.governance.subjects import ColumnSubject, PortSubject, ProductSubject


@policy("product.purpose")
def product_purpose(product: ProductSubject, *, words: int = 5) -> Violation | None:
    """A product says in a few words why it exists.

    Why: a product without a purpose cannot be found by those who need it, nor ended by its owner.
    """
    if len((product.product.purpose or "").split()) < words:
        return Violation(
            f"the purpose has fewer than {words} words",
            "write under `description.purpose` who uses it, and for what",
        )
    return None


@product_purpose.good
def _for_whom_and_what() -> ProductSubject:
    return a_product(purpose="Every order of the shop, for planners of stock.")


@product_purpose.bad
def _one_word() -> ProductSubject:
    return a_product(purpose="Orders")


@policy("product.readme")
def product_readme(product: ProductSubject) -> Violation | None:
    """A product has a README that shows how to use it.

    Why: the first hour with new data decides whether anybody comes back.
    """
    if not product.product.readme:
        return Violation(
            "the product has no README.md",
            "add one beside the descriptor: what a row is, what to beware of, one query to copy",
        )
    return None


@product_readme.good
def _with_readme() -> ProductSubject:
    return a_product(readme=True)


@product_readme.bad
def _without_readme() -> ProductSubject:
    return a_product(readme=False)


@policy("port.purpose")
def port_purpose(port: PortSubject) -> Violation | None:
    """A contract says what its data is for.

    Why: a promise is kept in its meaning only if somebody wrote the meaning down.
    """
    if not port.contract.purpose:
        return Violation(
            f"the contract of `{port.name}` has no purpose", "write `description: {purpose: …}`"
        )
    return None


@port_purpose.good
def _with_purpose() -> PortSubject:
    return a_port(purpose="Every order of the shop.")


@port_purpose.bad
def _without_purpose() -> PortSubject:
    return a_port(purpose=None)


@policy("port.grain")
def port_grain(port: PortSubject) -> Violation | None:
    """A contract says what one row is.

    Why: who mistakes the grain counts twice.
    """
    if not port.contract.granularity:
        return Violation(
            f"nobody says what one row of `{port.name}` is",
            "write `dataGranularityDescription: One row per …` at the table",
        )
    return None


@port_grain.good
def _one_row_per_order() -> PortSubject:
    return a_port(granularity="One row per order.")


@port_grain.bad
def _no_grain() -> PortSubject:
    return a_port(granularity=None)


@policy("port.columns-described", severity="warning")
def port_columns_described(port: PortSubject, *, share: float = 0.9) -> Violation | None:
    """Enough of a port's columns are described.

    Why: a name is not an explanation; two teams read the same name differently.
    """
    silent = [column.path for column in port.columns if not column.column.description]
    described = 1 - len(silent) / len(port.columns)
    if described < share:
        return Violation(
            f"{described:.0%} of the columns are described, {share:.0%} are asked for; "
            f"silent: {listed(silent)}",
            "give each a `description`",
        )
    return None


@port_columns_described.good
def _all_described() -> PortSubject:
    return a_port(column("a"), column("b"))


@port_columns_described.good(share=0.5)
def _half_is_enough() -> PortSubject:
    return a_port(column("a"), column("b", description=None))


@port_columns_described.bad
def _half() -> PortSubject:
    return a_port(column("a"), column("b", description=None))


@policy("column.described", severity="warning")
def column_described(column: ColumnSubject) -> Violation | None:
    """Each column says in words what it holds.

    Why: who joins on a column that nobody explains joins on a guess.
    """
    if not column.column.description:
        return Violation(
            f"nobody says what column `{column.path}` holds", "write one sentence: `description: …`"
        )
    return None


@column_described.good
def _explained() -> ColumnSubject:
    return a_column(description="What was paid.")


@column_described.bad
def _unexplained() -> ColumnSubject:
    return a_column(description=None)
