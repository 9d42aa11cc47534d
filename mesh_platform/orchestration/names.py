"""Names for Dagster's jobs and ops, which may not be called as it or Python calls things."""

from dagster._core.definitions.utils import is_valid_name

from mesh_platform.model.naming import ProductName


def job_name(domain: str) -> str:
    """The name of a domain's job.

    What Dagster refuses, such as `type` or `import`, gets `__` in front: no domain or product has
    a name that begins so, and no op gets more than one `_`.
    """
    return domain if is_valid_name(domain) else f"__{domain}"


def op_name(product: ProductName) -> str:
    """The name of a product's op, which is not that of its domain's job."""
    free = is_valid_name(product.name) and product.name != product.domain
    return product.name if free else f"_{product.name}"
