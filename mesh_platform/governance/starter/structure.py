"""How products hang together, and which standards they keep."""

from __future__ import annotations

from collections.abc import Iterator

from mesh_platform.governance.examples import Around, a_port, a_product, column
from mesh_platform.governance.policy import Violation, policy
from mesh_platform.governance.subjects import PortSubject, ProductSubject
from mesh_platform.model.naming import major


@policy("product.no-cycle")
def product_no_cycle(product: ProductSubject) -> Violation | None:
    """Products do not read each other in a circle.

    Why: in a circle nobody can be built first, and every number explains itself.
    """
    if product.found("product.cycle"):
        return Violation("the product reads itself over others", "remove one of the input ports")
    return None


@product_no_cycle.good
def _in_one_direction() -> ProductSubject:
    return a_product(inputs=("finance/rates",))


@product_no_cycle.bad
def _in_a_circle() -> ProductSubject:
    return a_product(around=Around(found=("product.cycle",)))


@policy("product.reads-declared")
def product_reads_declared(product: ProductSubject) -> Iterator[Violation]:
    """A product reads what its input ports name, and nothing else.

    Why: a provider cannot warn a consumer that it does not know.
    """
    for read in product.reads_around_ports:
        yield Violation(
            f"the SQL reads {read.what}, which no input port names",
            "declare an input port, and read it with source()",
            read.place,
        )


@product_reads_declared.good
def _through_ports() -> ProductSubject:
    return a_product()


@product_reads_declared.bad
def _around_ports() -> ProductSubject:
    return a_product(around=Around(reads=("read_csv(…)",)))


@policy("product.inputs", severity="warning")
def product_inputs(product: ProductSubject) -> Violation | None:
    """A consumer-aligned product reads other products, a source-aligned one reads a source.

    Why: the type tells consumers where numbers come from; so it must be true.
    """
    own = product.product
    if own.type == "consumerAligned" and not own.inputs:
        return Violation("a consumer-aligned product reads no port", "declare its input ports")
    if own.type == "sourceAligned" and not own.landings:
        return Violation(
            "a source-aligned product reads no source", "declare it, or write another `type`"
        )
    return None


@product_inputs.good
def _from_a_source() -> ProductSubject:
    return a_product(type="sourceAligned")


@product_inputs.good
def _from_others() -> ProductSubject:
    return a_product(type="consumerAligned", inputs=("shop/orders",))


@product_inputs.bad
def _from_nobody() -> ProductSubject:
    return a_product(type="consumerAligned")


@product_inputs.bad
def _from_no_source() -> ProductSubject:
    return a_product(type="sourceAligned", landings=())


@policy("product.type")
def product_type(
    product: ProductSubject,
    *,
    words: tuple[str, ...] = ("sourceAligned", "aggregate", "consumerAligned"),
) -> Violation | None:
    """A product says of which type it is, in one of the agreed words.

    Why: service levels and rules differ by type.
    """
    if product.product.type not in words:
        return Violation(
            f"`{product.product.type}` is no type of product here",
            f"write `type:` with one of {', '.join(words)}",
        )
    return None


@product_type.good
def _source_aligned() -> ProductSubject:
    return a_product(type="sourceAligned")


@product_type.bad
def _unspecified() -> ProductSubject:
    return a_product(type="unspecified")


@policy("product.released-version")
def product_released_version(product: ProductSubject) -> Violation | None:
    """An active product has at least version 1.0.0.

    Why: below 1 a version promises nothing; who offers a product makes a promise.
    """
    if product.product.status == "active" and major(product.product.version) < 1:
        return Violation(
            f"the product is active in version {product.product.version}",
            "write `version: 1.0.0`, or `status: draft`",
        )
    return None


@product_released_version.good
def _active_and_1() -> ProductSubject:
    return a_product(version="1.0.0")


@product_released_version.good
def _draft_and_0() -> ProductSubject:
    return a_product(version="0.3.0", status="draft")


@product_released_version.bad
def _active_and_0() -> ProductSubject:
    return a_product(version="0.3.0")


@policy("port.standard-version", severity="warning")
def port_standard_version(
    port: PortSubject, *, versions: tuple[str, ...] = ("v3.1.0", "v3.2.0")
) -> Violation | None:
    """A contract is written in a version of the standard that the mesh supports.

    Why: tools of others read the newest versions; and what is read in an old one is translated.
    """
    if port.contract.api_version not in versions:
        return Violation(
            f"the contract is written in {port.contract.api_version} of the standard",
            f"write it as `apiVersion: {versions[-1]}`",
        )
    return None


@port_standard_version.good
def _the_newest() -> PortSubject:
    return a_port(api_version="v3.2.0")


@port_standard_version.bad
def _an_old_one() -> PortSubject:
    return a_port(api_version="v3.0.0")


@policy("port.column-count", severity="warning")
def port_column_count(port: PortSubject, *, most: int = 100) -> Violation | None:
    """A port has a number of columns that a person can take in.

    Why: a table of everything is promised by nobody and understood by nobody.
    """
    if len(port.contract.columns) > most:
        return Violation(
            f"`{port.name}` has {len(port.contract.columns)} columns, at most {most} are asked for",
            "split it into several ports, each with one purpose",
        )
    return None


@port_column_count.good
def _two_columns() -> PortSubject:
    return a_port(column("a"), column("b"))


@port_column_count.bad(most=1)
def _one_too_many() -> PortSubject:
    return a_port(column("a"), column("b"))
