"""Compliance as a page: whole, in words of people, and nothing in it but what it says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

from mesh_platform.environments.workspace import Workspace
from mesh_platform.release.policies.compliance import measure, record
from tests.cli.conftest import Run
from tests.policies import NO_CUSTOMER, set_policies, write_waiver
from tests.small_mesh import ORDERS, SmallMesh

NAMES = "policies/names.py"
CONTRACT = f"{ORDERS}/orders.odcs.yaml"


VOID = {"meta", "line", "path", "circle", "br", "wbr"}


class Page(HTMLParser):
    """What a browser makes of a page: words, tags in balance, what it would fetch or run."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text
        self.open: list[str] = []
        self.tags: list[str] = []
        self.words: list[str] = []
        self.addresses: list[str] = []
        self.headers: list[dict[str, str | None]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        named = dict(attrs)
        self.addresses += [v or "" for k, v in attrs if k in ("href", "src", "action", "data")]
        if tag == "th":
            self.headers.append(named)
        assert not [name for name in named if name.startswith("on")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("style", "title"):
            self.words += data.split()


def _page(look: Run, mesh: SmallMesh, *words: str) -> Page:
    look("compliance", "--format", "html", "-o", "page.html", *words)
    page = Page(mesh.read("page.html"))
    assert page.open == []
    return page


def _history_of_three(mesh: SmallMesh) -> None:
    """August: as it is. September: mended. October: a new rule."""
    workspace = Workspace.open(mesh.root)
    record(workspace, measure(workspace, datetime(2026, 8, 1, tzinfo=UTC)))
    mesh.edit(CONTRACT, "- name: customer", "- name: client")
    workspace = Workspace.open(mesh.root)
    record(workspace, measure(workspace, datetime(2026, 9, 1, tzinfo=UTC)))
    set_policies(mesh, "product.readme:")
    workspace = Workspace.open(mesh.root)
    record(workspace, measure(workspace, datetime(2026, 10, 1, tzinfo=UTC)))


def test_the_page_is_whole_and_needs_nothing_from_outside(look: Run, mesh: SmallMesh) -> None:
    mesh.write(NAMES, NO_CUSTOMER)
    page = _page(look, mesh)
    inside = [a for a in page.addresses if not a.startswith("mailto:")]
    assert set(inside) == {"#maturity"}
    assert not {"script", "link", "img", "iframe", "object"} & set(page.tags)
    assert "url(" not in page.text
    assert "@import" not in page.text
    assert page.tags.count("h1") == 1
    assert {header.get("scope") for header in page.headers} == {"col", "row"}
    for word in ("prefers-color-scheme: dark", "@media print", "max-width: 48rem"):
        assert word in page.text


def test_the_page_says_it_in_words_of_people(look: Run, mesh: SmallMesh) -> None:
    mesh.write(NAMES, NO_CUSTOMER)
    said = " ".join(_page(look, mesh).words)
    for words in (
        "small: how the rules are kept",
        "rules kept 85.7 % state ✗ has blocking violations open violations 1 exceptions 0",
        "1 violation blocks: changes are not accepted until it is mended, or excused for a time.",
        "report report-team 100.0 % ✓ keeps all rules",
        "shop/ orders 75.0 % ✗ has blocking violations",
        "No column is called customer. Why it matters: everybody means something else by it.",
        "shop-team must act: say which customer it is",
        "How to ask for an exception",
        "What the mesh promises itself",
        "blocks, counts 3 everybody means something else by it. kept 6 of 7 times, 1 open",
        "Nothing was remembered yet.",
    ):
        assert words in said


def test_the_page_draws_how_it_developed(look: Run, mesh: SmallMesh) -> None:
    mesh.write(NAMES, NO_CUSTOMER)
    _history_of_three(mesh)
    page = _page(look, mesh)
    assert page.tags.count("svg") == 1
    assert (page.tags.count("circle"), page.text.count('class="rules"')) == (2, 1)
    said = " ".join(page.words)
    assert "2026-09-01 00:00 100.0 % ✓ keeps all rules the products changed" in said
    assert "the rules changed rule product.readme: switched on (enabled, error)" in said


def test_of_very_many_violations_the_page_lists_some_and_says_how_many_there_are(
    look: Run, mesh: SmallMesh
) -> None:
    columns = "".join(f"      - {{name: c{n}, logicalType: string}}\n" for n in range(60))
    mesh.edit(CONTRACT, "slaProperties:", f"{columns}slaProperties:")
    mesh.write(NAMES, NO_CUSTOMER.replace("column.name == name", "column.name.startswith('c')"))
    page = _page(look, mesh, "shop/orders")
    said = " ".join(page.words)
    assert (said.count("must act"), "… and 11 more:" in said) == (50 + 1, True)


HOSTILE = r"<script>alert(1)</script> & \"quoted\" `<b>tick</b>`"


def test_nothing_that_people_write_becomes_part_of_the_page(look: Run, mesh: SmallMesh) -> None:
    named = 'f"column `{column.path}` is called so"'
    mesh.write(NAMES, NO_CUSTOMER.replace(named, f'"{HOSTILE}"'))
    mesh.write("mesh.yaml", f'name: small\ndescription: "{HOSTILE}"\n')
    mesh.edit("domains/shop/domain.yaml", "team: shop-team", "team: '<i>shop</i>'")
    write_waiver(mesh, "domains/report", policy="'<u>none</u>'", reason="'<img src=x>'")
    page = _page(look, mesh)
    assert not {"script", "b", "i", "u", "img"} & set(page.tags)
    said = " ".join(page.words)
    assert '<script>alert(1)</script> & "quoted" `<b>tick</b>` Measured on' in said
    assert 'column customer : <script>alert(1)</script> & "quoted" <b>tick</b>' in said
    assert "<i>shop</i> must act" in said
    assert "the waiver of <u>none</u> names a policy that does not exist" in said


def test_a_waiver_that_ends_soon_is_pointed_out_on_the_page(look: Run, mesh: SmallMesh) -> None:
    mesh.write(NAMES, NO_CUSTOMER)
    until = (datetime.now(UTC).date() + timedelta(days=20)).isoformat()
    write_waiver(mesh, ORDERS, policy="shop.no-customer", until=until)
    assert "ends soon: 20 days" in " ".join(_page(look, mesh).words)
