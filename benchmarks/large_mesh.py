"""Writes a mesh of many products that read each other, as files in a git repository.

Every domain has ten products. A product's model joins up to three products of earlier domains with
each other, over a staging model of its own; its contract has seventeen columns with rules.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from mesh_platform.model.dbt_project import SHARED_DBT
from mesh_platform.model.loader import load_mesh
from mesh_platform.scaffold.sync import bring_in_step

PRODUCTS = 10
_REPOSITORY = Path(__file__).parent.parent
_COLUMNS = 16
_WHO = ["-c", "user.name=Bench", "-c", "user.email=bench@example.com"]


@dataclass(frozen=True, slots=True)
class Name:
    """A product by its place: the port is called like it, and names are unique in the mesh."""

    domain: int
    product: int

    @property
    def schema(self) -> str:
        """The domain."""
        return f"domain_{self.domain:03}"

    @property
    def port(self) -> str:
        """Product and port."""
        return f"facts_{self.domain:03}_{self.product}"

    @property
    def inputs(self) -> tuple[Name, ...]:
        """Products of the three domains before this one."""
        first = max(0, self.domain - 3)
        return tuple(Name(domain, self.product) for domain in range(first, self.domain))


def write(root: Path, domains: int) -> None:
    """Write the mesh, and commit it."""
    _put(root / "mesh.yaml", _mesh())
    shutil.copytree(_REPOSITORY / SHARED_DBT, root / SHARED_DBT)
    for domain in range(domains):
        _write_domain(root / "domains", domain)
    locations = "".join(map(_location, _homes(domains)))
    _put(root / "workspace.yaml", f"load_from:\n{locations}")
    mesh = load_mesh(root)
    bring_in_step(mesh, mesh.domains)
    for command in (
        ["init", "--quiet"],
        ["add", "--all"],
        ["commit", "--quiet", "--message=first"],
    ):
        subprocess.run(["git", "-C", str(root), *_WHO, *command], check=True)


def _location(home: str) -> str:
    place = f"relative_path: {home}/definitions.py, location_name: {Path(home).name}"
    return f"  - python_file: {{{place}}}\n"


def _homes(domains: int) -> Iterator[str]:
    return (f"domains/{Name(number, 0).schema}" for number in range(domains))


def change(root: Path) -> None:
    """What a pull request does: a column goes, a unit changes, a service level is loosened."""
    for product in range(3):
        name = Name(0, product)
        path = _folder(root / "domains", name) / f"{name.port}.odcs.yaml"
        text = path.read_text(encoding="utf-8")
        cut = text.index("      - name: value_15")
        text = text[:cut] + text[text.index("slaProperties:") :]
        text = text.replace("value: miles", "value: kilometres", 1)
        path.write_text(text.replace("value: 99.9", "value: 99.0"), encoding="utf-8")


def _write_domain(domains: Path, number: int) -> None:
    first = Name(number, 0)
    home = domains / first.schema
    owner = "{team: bench, email: bench@example.com}"
    _put(home / "domain.yaml", f"name: {first.schema}\npurpose: To be read.\nowner: {owner}\n")
    _put(
        home / "dbt_project.yml", f"name: {first.schema}\nprofile: mesh\nmodel-paths: [products]\n"
    )
    _put(home / "packages.yml", "packages:\n  - local: ../../dbt_project\n")
    (home / "profiles.yml").symlink_to("../../dbt_project/profiles.yml")
    _put(home / "definitions.py", "")
    _put(home / ".dbtignore", "*.odcs.yaml\n*.odps.yaml\nREADME.md\nexpectations*\n")
    for product in range(PRODUCTS):
        _write_product(domains, Name(number, product))


def _mesh() -> str:
    """All policies that the example mesh has switched on; the mesh keeps them."""
    example = yaml.safe_load((_REPOSITORY / "mesh.yaml").read_text(encoding="utf-8"))
    key = {"type": "integer", "physicalType": "BIGINT", "meaning": "Number of a fact."}
    data = {"name": "large", "dictionary": {"id": key}, "policies": example["policies"]}
    return yaml.safe_dump(data)


def _folder(domains: Path, name: Name) -> Path:
    return domains / name.schema / "products" / name.port


def _write_product(domains: Path, name: Name) -> None:
    folder = _folder(domains, name)
    _put(folder / "product.odps.yaml", _descriptor(name))
    _put(folder / f"{name.port}.odcs.yaml", _contract(name))
    _put(folder / "README.md", "# Facts\n\nOne row per fact.\n")
    _put(folder / f"stg_{name.port}.sql", _staging(name))
    _put(folder / f"{name.port}.sql", _model(name))


def _descriptor(name: Name) -> str:
    inputs = "".join(
        f"  - {{name: {item.port}, version: 1.0.0, contractId: {item.schema}/{item.port}}}\n"
        for item in name.inputs
    )
    source = (
        "  - name: file\n    version: 1.0.0\n    customProperties:\n"
        "      - {property: location, value: facts.csv}\n      - {property: format, value: csv}\n"
    )
    return (
        f"apiVersion: v1.1.0\nkind: DataProduct\nid: {name.schema}/{name.port}\n"
        f"name: {name.port}\nversion: 1.0.0\nstatus: active\ndomain: {name.schema}\n"
        f"type: {'consumerAligned' if name.inputs else 'sourceAligned'}\n"
        "description: {purpose: Facts that others build on.}\n"
        f"inputPorts:\n{inputs or source}"
        f"outputPorts:\n  - {{name: {name.port}, description: Facts., version: 1.0.0,"
        f" contractId: {name.schema}/{name.port}}}\n"
        "support:\n  - {channel: bench@example.com, tool: email, url: mailto:bench@example.com}\n"
    )


def _contract(name: Name) -> str:
    columns = "".join(_column(number) for number in range(_COLUMNS))
    return (
        f"apiVersion: v3.2.0\nkind: DataContract\nid: {name.schema}/{name.port}\n"
        f"version: 1.0.0\nstatus: active\ndomain: {name.schema}\n"
        "description: {purpose: Facts that others build on.}\n"
        f"schema:\n  - name: {name.port}\n    logicalType: object\n    physicalType: table\n"
        "    dataGranularityDescription: One row per fact.\n"
        "    quality:\n      - {name: some_rows, description: There are facts., type: library,"
        " metric: rowCount, mustBeGreaterThan: 0, severity: error}\n"
        "    properties:\n      - name: id\n        logicalType: integer\n"
        "        physicalType: BIGINT\n        required: true\n        primaryKey: true\n"
        "        primaryKeyPosition: 1\n        description: Number of the fact.\n"
        "        classification: public\n        logicalTypeOptions: {minimum: 1}\n"
        f"{columns}"
        "slaProperties:\n  - {property: availability, value: 99.9, unit: percent}\n"
        "  - {property: retention, value: 1, unit: y}\n"
        "  - {property: frequency, value: 1, unit: d}\n"
    )


def _column(number: int) -> str:
    return (
        f"      - name: value_{number}\n        logicalType: number\n"
        "        physicalType: DOUBLE\n"
        f"        description: Value {number} of the fact.\n        classification: public\n"
        "        customProperties:\n          - {property: unit, value: miles}\n"
        "        logicalTypeOptions: {minimum: 0}\n"
    )


def _staging(name: Name) -> str:
    if not name.inputs:
        return "select * from {{ source('landing', 'file') }}\n"
    first = name.inputs[0]
    return f"select * from {{{{ source('{first.schema}', '{first.port}') }}}} where value_0 > 0\n"


def _model(name: Name) -> str:
    joins = "".join(
        f"\nleft join {{{{ source('{item.schema}', '{item.port}') }}}} as other_{number}"
        f" on other_{number}.id = own.id and other_{number}.value_2 > 0"
        for number, item in enumerate(name.inputs[1:])
    )
    others = "".join(f" + other_{number}.value_1" for number in range(len(name.inputs[1:])))
    values = "".join(f",\n    own.value_{number}" for number in range(1, _COLUMNS))
    return (
        f"select\n    own.id,\n    own.value_0{others} as value_0{values}\n"
        f"from {{{{ ref('stg_{name.port}') }}}} as own{joins}\n"
    )


def _put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
