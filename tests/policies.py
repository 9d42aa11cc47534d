"""Files of policies that tests write into a mesh."""

from __future__ import annotations

from tests.small_mesh import SmallMesh

HEAD = """\
from mesh_platform.governance.examples import a_column
from mesh_platform.governance.policy import Violation, policy
from mesh_platform.governance.subjects import ColumnSubject

"""
NO_CUSTOMER = (
    HEAD
    + '''
@policy("shop.no-customer")
def no_customer(column: ColumnSubject, *, name: str = "customer") -> Violation | None:
    """No column is called customer.

    Why: everybody means something else by it.
    """
    if column.name == name:
        return Violation(f"column `{column.path}` is called so", "say which customer it is")
    return None


@no_customer.good
def _another_name() -> ColumnSubject:
    return a_column("order_customer")


@no_customer.bad
def _that_name() -> ColumnSubject:
    return a_column("customer")
'''
)
CRASHING = NO_CUSTOMER.replace("    if column.name == name:", "    if column.nam == name:").replace(
    "shop.no-customer", "test.crashing"
)
LOOPING = NO_CUSTOMER.replace(
    "    if column.name == name:", "    while name:\n        pass\n    if 1:"
).replace("shop.no-customer", "test.looping")


def set_policies(mesh: SmallMesh, *lines: str, seconds: float = 10) -> None:
    """Write `mesh.yaml` with these lines under `policies`."""
    told = "".join(f"  {line}\n" for line in lines)
    mesh.write(
        "mesh.yaml",
        f"name: small\ndescription: A mesh for tests.\npolicy_seconds: {seconds}\n"
        + (f"policies:\n{told}" if told else ""),
    )


def write_waiver(mesh: SmallMesh, folder: str, **words: str) -> None:
    """Write a `waivers.yaml` with one entry."""
    entry = {"reason": "It is being mended.", "approver": "Ada", "until": "2026-12-31"} | words
    told = "".join(f"    {key}: {value}\n" for key, value in entry.items())
    mesh.write(f"{folder}/waivers.yaml", "waivers:\n  -\n" + told)
