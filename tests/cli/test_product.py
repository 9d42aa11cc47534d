"""`mesh product bump`: the honest numbers, and no other line."""

from __future__ import annotations

import difflib
import shutil

from tests.cli.conftest import Run
from tests.majors import SECOND, add_consumer, add_second_major
from tests.planned import CONTRACT, DESCRIPTOR, RENAMED, REVENUE_CONTRACT, commit, release_all
from tests.small_mesh import ORDERS, PAIR, REVENUE, SmallMesh


def _lines(before: str, after: str) -> list[str]:
    """Lines that differ, as in a diff."""
    found = difflib.unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm="")
    return [line for line in found if line[0] in "+-" and line[:3] not in ("+++", "---")]


def test_a_break_gets_the_next_major_everywhere(look: Run, shop: SmallMesh) -> None:
    shop.edit(CONTRACT, *RENAMED)
    shop.edit(CONTRACT, "version: 1.0.0\n", "version:   '1.0.0'   # as released\n")
    shop.edit(DESCRIPTOR, "\nversion: 1.0.0\n", "\n\n# of the product\nversion: 1.0.0  # number\n")
    before = {file: shop.read(file) for file in (CONTRACT, DESCRIPTOR)}
    said = look("product", "bump", "shop/orders")
    assert (said.code, said.err) == (0, "")
    assert said.out == (
        "product shop/orders: 2.0.0\n"
        "port shop/orders: 2.0.0\n"
        f"written: {CONTRACT}\n"
        f"written: {ORDERS}/orders_v2.sql\n"
        f"written: {DESCRIPTOR}\n"
        f"written: {ORDERS}/ports.yml\n"
        "A new major is a port of its own, `shop/orders@2`: keep the old one beside it for its"
        " readers (--keep), or have them move or agree. mesh plan shop/orders\n"
    )
    assert _lines(before[CONTRACT], shop.read(CONTRACT)) == [
        "-version:   '1.0.0'   # as released",
        "+version: '2.0.0'     # as released",
        "+    physicalName: orders_v2",
    ]
    assert _lines(before[DESCRIPTOR], shop.read(DESCRIPTOR)) == [
        "-version: 1.0.0  # number",
        "+version: 2.0.0  # number",
        "-    version: 1.0.0",
        "+    version: 2.0.0",
    ]
    codes = [f["code"] for f in look("plan", "shop", "--output", "json").json["findings"]]
    assert "version.too-small" not in codes


def test_a_second_run_has_nothing_to_do(look: Run, shop: SmallMesh) -> None:
    shop.edit(CONTRACT, "Every order of the shop.", "All orders.")
    first = look("product", "bump", "shop/orders", "--output", "json")
    assert (first.code, first.json) == (
        0,
        {
            "product": "shop/orders",
            "compared_with": "release 1",
            "version": "1.0.1",
            "ports": {"shop/orders": "1.0.1"},
            "written": [CONTRACT, DESCRIPTOR, f"{ORDERS}/ports.yml"],
            "new_majors": [],
            "kept": [],
        },
    )
    before = {file: shop.path(file).stat().st_mtime_ns for file in (CONTRACT, DESCRIPTOR)}
    again = look("product", "bump", "shop/orders")
    assert (again.code, again.out) == (0, "shop/orders: the versions say enough already\n")
    assert {f: shop.path(f).stat().st_mtime_ns for f in before} == before
    assert look("product", "bump", "shop/orders", "--output", "json").json == {
        "product": "shop/orders",
        "compared_with": "release 1",
        "version": "1.0.1",
        "ports": {},
        "written": [],
        "new_majors": [],
        "kept": [],
    }


def test_a_version_that_says_more_stays(look: Run, shop: SmallMesh) -> None:
    shop.edit(CONTRACT, "Every order of the shop.", "All orders.")
    shop.edit(DESCRIPTOR, "\nversion: 1.0.0", "\nversion: 1.3.0")
    said = look("product", "bump", "shop/orders")
    assert said.out.splitlines()[:2] == ["product shop/orders: 1.3.0", "port shop/orders: 1.0.1"]
    assert "\nversion: 1.3.0\n" in shop.read(DESCRIPTOR)
    assert "\n    version: 1.0.1\n" in shop.read(DESCRIPTOR)


def test_each_port_gets_its_own_version(look: Run, twins: SmallMesh) -> None:
    release_all(twins)
    left, right, descriptor = (
        f"{PAIR}/{name}" for name in ("left.odcs.yaml", "right.odcs.yaml", "product.odps.yaml")
    )
    twins.edit(left, "required: true", "required: false")
    twins.edit(right, "version: 1.0.0", "version: 1.0.0\ntags: [x]")
    before = twins.read(descriptor)
    said = look("product", "bump", "twins/pair")
    assert said.out.splitlines()[:3] == [
        "product twins/pair: 2.0.0",
        "port twins/pair/left: 2.0.0",
        "port twins/pair/right: 1.0.1",
    ]
    assert _lines(before, twins.read(descriptor)) == [
        "-version: 1.0.0",
        "+version: 2.0.0",
        "-  - {name: left, version: 1.0.0, contractId: twins/pair/left}",
        "-  - {name: right, version: 1.0.0, contractId: twins/pair/right}",
        "+  - {name: left, version: 2.0.0, contractId: twins/pair/left}",
        "+  - {name: right, version: 1.0.1, contractId: twins/pair/right}",
    ]
    assert "version: 2.0.0\n" in twins.read(left)
    assert "version: 1.0.1\n" in twins.read(right)
    assert look("plan").code == 0


def test_of_two_majors_only_the_changed_one_is_raised(look: Run, shop: SmallMesh) -> None:
    add_second_major(shop)
    add_consumer(shop)
    release_all(shop)
    shop.edit(SECOND, "Every order of the shop.", "All orders.")
    first = shop.read(CONTRACT)
    said = look("product", "bump", "shop/orders")
    assert said.out.splitlines()[:2] == ["product shop/orders: 1.0.1", "port shop/orders@2: 2.0.1"]
    assert shop.read(CONTRACT) == first
    assert "version: 2.0.1\n" in shop.read(SECOND)


def test_versions_are_counted_from_the_commit_that_is_named(look: Run, mesh: SmallMesh) -> None:
    commit(mesh.root)
    mesh.edit(CONTRACT, "Every order of the shop.", "All orders.")
    assert look("product", "bump", "shop/orders").out.endswith("that it may change freely\n")
    said = look("product", "bump", "shop/orders", "--against", "main")
    assert said.out.startswith("product shop/orders: 1.0.1\n")


def test_line_ends_stay_as_they_are(look: Run, shop: SmallMesh) -> None:
    for file in (CONTRACT, DESCRIPTOR):
        path = shop.path(file)
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    before = shop.path(CONTRACT).read_bytes().replace(b"Every order", b"All orders")
    shop.path(CONTRACT).write_bytes(before)
    assert look("product", "bump", "shop/orders").code == 0
    after = shop.path(CONTRACT).read_bytes()
    assert after == before.replace(b"version: 1.0.0", b"version: 1.0.1")


def test_what_cannot_be_edited_stops_all_edits(look: Run, shop: SmallMesh) -> None:
    strange = shop.read(CONTRACT).replace("version: 1.0.0", "? version\n: 1.0.0")
    shop.write(CONTRACT, strange.replace("Every order of the shop.", "All orders."))
    before = shop.read(DESCRIPTOR)
    said = look("product", "bump", "shop/orders")
    assert (said.code, said.out) == (2, "")
    assert said.err == (
        "the edit cannot be made without writing other lines anew\n"
        f"  at: {CONTRACT}\n"
        "  try: make the change by hand\n"
    )
    assert shop.read(DESCRIPTOR) == before


def test_a_product_that_cannot_be_read_is_not_raised(look: Run, shop: SmallMesh) -> None:
    shop.edit(REVENUE_CONTRACT, "properties:", "propertes:")
    said = look("product", "bump", "report/revenue")
    assert (said.code, said.err) == (
        1,
        "`report/revenue` cannot be read: the files of the domain `report` have errors\n"
        "  try: mesh check report\n",
    )
    for slip, meant in (("report/revenu", "report/revenue"), ("shop/ordres", "shop/orders")):
        said = look("product", "bump", slip)
        told = f"no product is called `{slip}`\n  try: did you mean `{meant}`?\n"
        assert (said.code, said.err) == (2, told)


def test_what_cannot_be_compared_is_not_called_enough(look: Run, shop: SmallMesh) -> None:
    shop.write(f"{ORDERS}/expectations.json", "{")
    said = look("product", "bump", "shop/orders")
    assert (said.code, said.out) == (2, "")
    assert said.err == (
        "cannot be compared with the current releases: not valid JSON:"
        " Expecting property name enclosed in double quotes\n"
        f"  at: {ORDERS}/expectations.json:1\n"
    )


def test_the_command_explains_itself(look: Run) -> None:
    said = look("product", "bump", "--help")
    assert said.code == 0
    assert "Example: mesh product bump flights/departures" in " ".join(said.out.split())


def test_a_product_that_is_gone_is_told_until_it_is_retired(look: Run, shop: SmallMesh) -> None:
    shutil.rmtree(shop.root / REVENUE)
    name = "report/revenue"
    told = "its data stays as it is until `mesh product retire report/revenue`"
    assert told in look("plan").out
    assert look("plan", "--output", "json").json["gone"] == [name]
    said = look("product", "retire", name)
    assert (said.code, said.out) == (0, f"{name}: release 1 is not current any more\n")
    said = look("plan")
    assert (said.code, told in said.out) == (0, False)
    assert "no promise changes" in said.out
    assert look("product", "retire", name).err == (
        f"no product to retire is called `{name}`\n  try: there is none yet\n"
    )


def test_a_product_that_is_there_or_read_is_not_retired(look: Run, shop: SmallMesh) -> None:
    assert look("product", "retire", "shop/orders").err == (
        f"shop/orders is still there: {ORDERS}\n"
        "  try: remove the folder first; `mesh plan shop/orders` then says whom that reaches\n"
    )
    shutil.rmtree(shop.root / ORDERS)
    said = look("product", "retire", "shop/orders")
    assert (said.code, said.err) == (
        1,
        "shop/orders is still read by report/revenue\n"
        "  try: remove it from their `inputPorts` first\n",
    )
