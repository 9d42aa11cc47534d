"""The same fifteen rules under `datacontract test`; runs in the environment of that package."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from pathlib import Path

from benchmarks.fifteen_rules.answer import run, timed

_FINE = ("passed", "info")
_NOT_ASKED = "field_type"
"""Of Parquet files it does not check types, and says so in a warning for each column."""


def _validate(folder: Path) -> tuple[float, Iterable[str]]:
    from datacontract.data_contract import DataContract  # type: ignore[import-not-found]

    logging.disable(logging.CRITICAL)
    text = Path(__file__).with_name("datacontract.odcs.yaml").read_text(encoding="utf-8")
    tested = DataContract(data_contract_str=text.replace("FOLDER", str(folder)), server="files")
    return timed(lambda: _failed(tested.test().checks or []))


def _failed(checks: Iterable[object]) -> list[str]:
    told = [(str(c.key), str(c.type), str(c.result.value)) for c in checks]  # type: ignore[attr-defined]
    return [key for key, kind, result in told if result not in _FINE and kind != _NOT_ASKED]


if __name__ == "__main__":
    run(_validate)
