"""Runs `datacontract test`; a program for the environment that has the package.

Reads paths of contracts from its input, one on each line, and prints one line of JSON: for each
path the results of each table's checks. What is wrong with a contract as a whole has no table.
"""

from __future__ import annotations

import json
import logging
import sys


def main() -> None:
    from datacontract.data_contract import DataContract

    logging.disable(logging.CRITICAL)
    told: dict[str, dict[str, list[str]]] = {}
    for path in sys.stdin.read().splitlines():
        tables = told.setdefault(path, {})
        for check in DataContract(data_contract_file=path, server="tables").test().checks or []:
            tables.setdefault(check.model or "", []).append(check.result.value)
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main()
