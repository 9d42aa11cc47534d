from __future__ import annotations

import pytest

from mesh_platform.model.descriptors import read_descriptor
from mesh_platform.model.loader import load_mesh
from tests.small_mesh import ORDERS, PAIR, SmallMesh

FILE = f"{ORDERS}/product.odps.yaml"
PORT = "    contractId: shop/orders\n"


def _said(mesh: SmallMesh) -> list[str]:
    descriptor, _, findings = read_descriptor(mesh.path(FILE), FILE)
    assert (descriptor is None) == any(finding.blocking for finding in findings)
    return [str(finding) for finding in findings]


def _older(mesh: SmallMesh, version: str) -> None:
    """Write the product as an earlier version of the standard says it."""
    mesh.edit(FILE, "v1.1.0", version)
    mesh.edit(FILE, "type: sourceAligned\n", "")
    text = mesh.read(FILE)
    start, end = text.index("inputPorts:"), text.index("outputPorts:")
    ports = "inputPorts:\n  - {name: till, version: 1.0.0, contractId: till/sales}\n"
    mesh.write(FILE, text[:start] + ports + text[end:])


@pytest.mark.parametrize("version", ["v0.9.0", "v1.0.0"])
def test_earlier_versions_are_read(mesh: SmallMesh, version: str) -> None:
    _older(mesh, version)
    assert _said(mesh) == []


@pytest.mark.parametrize(
    ("version", "old", "new", "said"),
    [
        (
            "v1.0.0",
            "status: active\n",
            "",
            "`status` is missing\n  at: {file}:1:1  [product.missing-key]\n  try: add `status:`",
        ),
        (
            "v1.0.0",
            "domain: shop\n",
            "domain: shop\ntype: sourceAligned\n",
            "`type` is not a key of this version of the standard\n"
            "  at: {file}:{line}:1  [product.unknown-key]\n"
            "  try: write `apiVersion: v1.1.0`: v1.1.0 brought it",
        ),
        (
            "v0.9.0",
            PORT,
            f"{PORT}    tags: [a]\n",
            "`tags` is not a key of this version of the standard\n"
            "  at: {file}:{line}:5  [product.unknown-key]\n"
            "  try: write `apiVersion: v1.1.0`: v1.0.0 brought it",
        ),
        (
            "v0.9.0",
            "domain: shop\n",
            "domain: shop\nteam: {name: us}\n",
            "`team`: a mapping is not a list\n  at: {file}:{line}:1  [product.invalid]",
        ),
        (
            "v0.9.0",
            "domain: shop\n",
            "domain: shop\nauthoritativeDefinitions: [{type: web, url: a}]\n",
            "`authoritativeDefinitions.0.type`: `web` is not one of the allowed words\n"
            "  at: {file}:{line}:29  [product.invalid]\n"
            "  try: write one of `businessDefinition`, `implementation`,"
            " `transformationImplementation`, `tutorial`, `videoTutorial`",
        ),
    ],
)
def test_a_file_is_held_to_the_version_it_names(
    mesh: SmallMesh, version: str, old: str, new: str, said: str
) -> None:
    _older(mesh, version)
    mesh.edit(FILE, old, new)
    line = mesh.line(FILE, new.splitlines()[-1].strip()) if new else 1
    assert _said(mesh) == [said.replace("{file}", FILE).replace("{line}", str(line))]


def test_the_team_of_0_9_is_a_list_of_people(mesh: SmallMesh) -> None:
    _older(mesh, "v0.9.0")
    mesh.edit(FILE, "domain: shop\n", "domain: shop\nteam: [{name: Ann}]\n")
    descriptor, _, _ = read_descriptor(mesh.path(FILE), FILE)
    assert descriptor is not None
    assert descriptor.team is not None
    assert [member.name for member in descriptor.team.members] == ["Ann"]


def test_a_number_where_text_belongs_is_told_to_be_quoted(mesh: SmallMesh) -> None:
    mesh.edit(FILE, "version: 1.0.0\nstatus", "version: 1.0\nstatus")
    assert _said(mesh) == [
        "`version`: `1.0` is not text\n"
        f"  at: {FILE}:{mesh.line(FILE, 'version: 1.0')}:1  [product.invalid]\n"
        "  try: write it in quotes: `'1.0'`"
    ]


def test_a_key_without_a_value_is_refused(mesh: SmallMesh) -> None:
    mesh.edit(FILE, "domain: shop", "domain:")
    assert _said(mesh) == [
        f"`domain` has no value\n  at: {FILE}:{mesh.line(FILE, 'domain:')}:1  [product.invalid]\n"
        "  try: give it a value, or leave the key out"
    ]


def test_a_status_of_one_s_own_is_the_standard_s_right_and_a_warning(mesh: SmallMesh) -> None:
    mesh.edit(FILE, "status: active", "status: activ")
    (said,) = load_mesh(mesh.root).findings
    assert said.severity == "warning"
    assert str(said) == (
        "shop/orders: the status `activ` is not one of"
        " proposed, draft, active, deprecated, retired\n"
        f"  at: {FILE}:{mesh.line(FILE, 'status: activ')}:1  [product.status]\n"
        "  try: did you mean `active`?"
    )


def test_two_contracts_of_one_id_are_an_error_at_the_second(twins: SmallMesh) -> None:
    right = f"{PAIR}/right.odcs.yaml"
    twins.edit(right, "id: twins/pair/right", "id: twins/pair/left")
    said = [str(f) for f in load_mesh(twins.root).findings if f.code == "contract.duplicate-id"]
    assert said == [
        "twins/pair: two contracts have the id `twins/pair/left` and the same major version; "
        f"the other is {PAIR}/left.odcs.yaml\n"
        f"  at: {right}:1:1  [contract.duplicate-id]\n"
        "  try: give each its own id, the name of the port that it describes, or another major"
    ]
