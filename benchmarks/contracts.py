"""Figure g: a thousand contracts loaded and checked statically, against parsing their YAML alone.

The peer only turns the same files into Python values, with libyaml and without their positions.
"""

from __future__ import annotations

from pathlib import Path

import yaml

from benchmarks.bench import Bench
from benchmarks.figure import Figure, Pair, in_turns, seconds
from mesh_platform.checks.lint import promise_findings
from mesh_platform.model.loader import load_mesh

_DOMAINS, _PRODUCTS = 20, 50
_MOST_SECONDS = 5.0
_CONTRACT = Path(__file__).parent / "fifteen_rules" / "lineitem.odcs.yaml"
_KEY = "        relationships: [{type: foreignKey, to: tpch.supplier.s_suppkey}]\n"
_DESCRIPTOR = """apiVersion: v1.1.0
kind: DataProduct
id: {id}
name: {id}
version: 1.0.0
status: active
domain: {domain}
type: sourceAligned
description: {{purpose: Order lines.}}
inputPorts:
  - name: file
    version: 1.0.0
    customProperties: [{{property: location, value: lines.csv}}, {{property: format, value: csv}}]
outputPorts:
  - {{name: {port}, description: Order lines., version: 1.0.0, contractId: {id}}}
"""


def measure(bench: Bench) -> list[Figure]:
    """Compare in one process, after one unmeasured turn; the second line holds it against 5 s."""
    root = bench.folder / "thousand"
    _write(root)
    _check(root)
    pairs = tuple(
        in_turns(
            bench.runs, lambda: seconds(lambda: _check(root)), lambda: seconds(lambda: _parse(root))
        )
    )
    against = tuple(Pair(pair.platform, _MOST_SECONDS) for pair in pairs)
    title = "1,000 contracts loaded and checked"
    return [
        Figure("g1", f"{title} / 5 s", 1.0, against),
        Figure("g2", f"{title} / their YAML parsed", None, pairs),
    ]


def _check(root: Path) -> None:
    """Load and check.

    Raises:
        SystemExit: not everything was read, or something was found.
    """
    mesh = load_mesh(root)
    found = [finding for domain in mesh.domains for finding in domain.findings]
    for product in mesh.products.values():
        for port in product.ports:
            found += promise_findings(mesh, product, port.contract)
    if found or len(mesh.ports) != _DOMAINS * _PRODUCTS:
        raise SystemExit(f"{len(mesh.ports)} ports; {'; '.join(map(str, found[:3]))}")


def _parse(root: Path) -> None:
    for path in root.rglob("*.yaml"):
        yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader)


def _write(root: Path) -> None:
    """Twenty domains of fifty products, each with the contract of figure f."""
    _put(root / "mesh.yaml", "name: thousand\n")
    _put(root / "dbt_project" / "profiles.yml", "mesh: {}\n")
    _put(root / "workspace.yaml", "load_from:\n" + "".join(map(_location, range(_DOMAINS))))
    for number in range(_DOMAINS):
        name = f"domain_{number}"
        home = root / "domains" / name
        owner = "{team: bench, email: bench@example.com}"
        _put(home / "domain.yaml", f"name: {name}\npurpose: To be read.\nowner: {owner}\n")
        _put(home / "dbt_project.yml", f"name: {name}\nprofile: mesh\nmodel-paths: [products]\n")
        _put(home / "packages.yml", "packages: []\n")
        _put(home / "definitions.py", "")
        for product in range(_PRODUCTS):
            _write_product(home, name, f"lines_{number}_{product}")


def _location(number: int) -> str:
    name = f"domain_{number}"
    place = f"relative_path: domains/{name}/definitions.py, location_name: {name}"
    return f"- python_file: {{{place}}}\n"


def _write_product(home: Path, domain: str, port: str) -> None:
    named, folder = f"{domain}/{port}", home / "products" / port
    text = _CONTRACT.read_text(encoding="utf-8").replace(_KEY, "")
    text = text.replace("id: tpch/lineitem", f"id: {named}").replace(
        "- name: lineitem", f"- name: {port}"
    )
    _put(folder / f"{port}.odcs.yaml", text)
    _put(folder / "product.odps.yaml", _DESCRIPTOR.format(id=named, domain=domain, port=port))


def _put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
