"""The platform: the contract's checks, as they run before each release."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from benchmarks.fifteen_rules.answer import run, timed
from mesh_platform.checks.spec import Outcome
from mesh_platform.engines.duckdb.verify import verify
from mesh_platform.engines.duckdb.views import View, parquet_query
from mesh_platform.model.contract import Contract
from mesh_platform.model.odcs import read_contract

_SUPPLIER = ("tpch", "supplier")


def contract(name: str) -> Contract:
    """A contract of this folder.

    Raises:
        SystemExit: it is not what the standard says.
    """
    path = Path(__file__).with_name(f"{name}.odcs.yaml")
    read, findings = read_contract(path, path.name)
    if read is None or findings:
        raise SystemExit("\n".join(map(str, findings)))
    return read


def failed(folder: Path, promised: Contract) -> list[str]:
    """Names of the checks that did not pass."""
    port, supplier = str(folder / "lineitem.parquet"), str(folder / "supplier.parquet")
    results = verify(
        promised,
        (port,),
        [View(*_SUPPLIER, parquet_query([supplier]))],
        (supplier,),
        {_SUPPLIER: contract("supplier")},
    )
    return [each.check for each in results if each.outcome is not Outcome.PASSED]


def _validate(folder: Path) -> tuple[float, Iterable[str]]:
    promised = contract("lineitem")
    return timed(lambda: failed(folder, promised))


if __name__ == "__main__":
    run(_validate)
