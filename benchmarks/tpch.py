"""TPC-H's `lineitem` at scale 1 with a surrogate key and nineteen injected errors, and `supplier`.

The public generator `tpchgen-cli` writes the tables; it belongs to the environment of the peers.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import duckdb

from benchmarks.example_mesh import REPOSITORY

PEERS = REPOSITORY / ".peers"
BROKEN = ("l_partkey", "l_quantity", "l_returnflag", "l_suppkey")
"""Columns with errors: 3 nulls, 5 values beyond the range, 7 unknown flags, 4 unknown suppliers."""
_LINEITEM = """
copy (
    select
        l_id,
        * exclude (l_id) replace (
            case when l_id not in (31, 32, 33) then l_partkey end as l_partkey,
            case when l_id between 21 and 25 then 99 else l_quantity end as l_quantity,
            case when l_id between 51 and 57 then 'X' else l_returnflag end as l_returnflag,
            case when l_id between 41 and 44 then 999999 else l_suppkey end as l_suppkey
        )
    from (select row_number() over () as l_id, * from '{raw}/lineitem.parquet')
) to '{folder}/lineitem.parquet' (format parquet, parquet_version v2)
"""
_SUPPLIER = """
copy (select * from '{raw}/supplier.parquet')
to '{folder}/supplier.parquet' (format parquet, parquet_version v2)
"""


def generate(folder: Path) -> None:
    """Write both tables as the platform releases them: DuckDB's Parquet of version 2."""
    raw = folder / "raw"
    program = str(PEERS / "bin" / "tpchgen-cli")
    tables = ["--tables=lineitem,supplier", f"--output-dir={raw}"]
    subprocess.run([program, "parquet", "-s", "1", *tables], check=True, capture_output=True)
    with duckdb.connect() as session:
        for query in (_LINEITEM, _SUPPLIER):
            session.execute(query.format(raw=raw, folder=folder))
    for name in ("lineitem", "supplier"):
        (raw / f"{name}.parquet").unlink()
