"""The plan for who reviews a pull request: all that the terminal shows, and nothing breaks it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest

from mesh_platform.cli.forms.annotations import github
from mesh_platform.cli.forms.product_markdown import section
from mesh_platform.cli.forms.report_markdown import markdown
from mesh_platform.cli.output import _laid_out
from mesh_platform.cli.plan import report
from mesh_platform.cli.plan_text import plan_text
from mesh_platform.contract_diff.values import Change, Kind, Level
from mesh_platform.errors import Place
from mesh_platform.lineage.usage import Use
from mesh_platform.model.findings import Finding
from mesh_platform.model.naming import PortName, ProductName
from mesh_platform.planning.cost import BuildStep, Cost
from mesh_platform.planning.impact import Affected, Stand
from mesh_platform.planning.plan import Plan, PlannedChange, ProductPlan
from mesh_platform.planning.versions import VersionStep
from tests.catalog.test_markdown import MENTIONS, SLY
from tests.cli.conftest import Run
from tests.markdown import OURS, Page
from tests.planned import CONTRACT, RENAMED, acknowledge, in_step, planned, rename_amount
from tests.small_mesh import ORDERS, SmallMesh

SHOP = ProductName.parse("shop/orders")
PORT = PortName(SHOP, "orders")
REPORT = ProductName.parse("report/revenue")
FILE = f"{ORDERS}/orders.odcs.yaml"


def consumer(name: ProductName = REPORT, **changed: object) -> Affected:
    made = Affected(
        name, "report-team", "report@example.com", frozenset({Use.VALUES}), Stand.READS,
        ("report/revenue.amount",),
    )  # fmt: skip
    return replace(made, **changed)  # type: ignore[arg-type]


def change(
    *consumers: Affected, level: Level = Level.MAJOR, message: str = "column `a` is removed"
) -> PlannedChange:
    made = Change(
        "column.removed",
        Kind.REMOVE,
        "/a",
        level,
        level,
        None,
        None,
        "It is gone.",
        ("a",),
        message,
    )
    return PlannedChange(SHOP, "shop/orders", made, consumers, Place(FILE, 7, 5))


def plan(*changes: PlannedChange, findings: tuple[Finding, ...] = (), **said: object) -> Plan:
    step = VersionStep(PORT, "1.0.0", "1.0.0", Level.MAJOR, "2.0.0", "release 1", Place(FILE, 3))
    product = ProductPlan(SHOP, "release 1", Level.MAJOR, changes, (step,))
    builds = (BuildStep(SHOP, "code has changed", Cost(1_000, 2_000, 3.04)),)
    made = Plan("the current releases", (product,), builds, findings)
    return replace(made, **said)  # type: ignore[arg-type]


def page(made: Plan) -> Page:
    return Page(markdown(report(made)))


def test_a_break_is_told_with_everything_that_follows(look: Run, shop: SmallMesh) -> None:
    shop.edit(CONTRACT, *RENAMED)
    said = look("plan", "--format", "markdown")
    shown = Page(said.out)
    assert said.code == 1
    assert said.out.startswith("### 🔴 `mesh plan`: 4 to settle before this is merged\n")
    assert shown.tags <= OURS
    changes, versions, builds = shown.tables
    line = shop.line(CONTRACT, "properties:")
    assert changes[:2] == [
        ["level", "what changes", "whom it reaches"],
        [
            "🔴\xa0major",
            "column amount is removed; total seems to be its new name\n"
            f"Who reads the column finds nothing there.\norders.odcs.yaml:{line}",
            "report/revenue (report-team) makes amount of it",
        ],
    ]
    assert changes[2][0] == "🟡\xa0minor"
    assert versions == [
        ["version of", "was", "must be", "is"],
        ["port shop/orders", "1.0.0", "2.0.0 or more", "🔴 1.0.0, not enough"],
        ["product shop/orders", "1.0.0", "2.0.0 or more", "🔴 1.0.0, not enough"],
    ]
    assert [(row[0], row[4]) for row in builds] == [
        ("product", "because"),
        ("shop/orders", "would fail, see below; code, contract or inputs have changed"),
        ("report/revenue", "would fail, see below; shop/orders will have a new release"),
        ("together", ""),
    ]
    assert "- **report-team** (`report@example.com`): `report/revenue`\n" in said.out
    assert "\n  - `mesh product bump shop/orders`\n  - 2.0.0 is " in said.out
    assert "\n  - it moves, once the port is 2.0.0: `mesh product move report/revenue " in said.out
    assert "**Fix:** `mesh sync report shop`\n" in said.out


def test_all_that_the_terminal_shows_is_there(look: Run, shop: SmallMesh) -> None:
    shop.edit(CONTRACT, *RENAMED)
    shown = Page(look("plan", "--format", "markdown").out).whole
    known = set(re.findall(r"[\w./@-]+", shown))
    told = set(re.findall(r"[\w./@-]+", look("plan").out.replace("`", "")))
    layout = {"compared", "with", "at", "try", "a", "build", "would", "make", "by", "last", "-"}
    layout |= {"generated", "files", "was", "must", "be", "or", "more", "warning", "version", "of"}
    layout |= {"why"}
    numbers_of_columns = {word for word in told if word.isdigit()}
    assert told - known - layout - numbers_of_columns == set()


def test_who_agreed_is_said_and_what_is_settled_is_said_first(look: Run, shop: SmallMesh) -> None:
    rename_amount(shop)
    in_step(shop, "2.0.0")
    acknowledge(shop, until="2999-12-31")
    said = look("plan", "shop", "--format", "markdown")
    assert said.code == 0
    assert said.out.startswith("### 🟢 `mesh plan`: nothing stands against this change\n")
    assert "`report/revenue` (report-team) reads the port (has agreed) |" in said.out
    assert "makes `amount` of it (has agreed) |" in said.out
    assert "| 1.0.0 | 2.0.0 or more | 🟢 2.0.0, enough |" in said.out
    noted = look("plan", "shop", "--format", "github").out
    assert "\n::notice file=" in noted
    assert "::warning file=domains/shop" not in noted


def test_nothing_to_plan(look: Run, shop: SmallMesh) -> None:
    assert look("plan", "--format", "markdown").out == (
        "### 🟢 `mesh plan`: nothing stands against this change\n\n"
        "no promise changes against the current releases; 0 products to build\n\n"
        "A build would make nothing: all products are up to date.\n"
    )


def test_the_verdict_is_that_of_the_terminal(look: Run, shop: SmallMesh) -> None:
    for old, new in (RENAMED, ("name: total", "name: amount")):
        shop.edit(CONTRACT, old, new)
        last = look("plan").out.splitlines()[-1]
        assert look("plan", "--format", "markdown").out.splitlines()[0].endswith(f": {last}")


def test_what_is_not_known_is_said() -> None:
    said = markdown(
        report(plan(unread=(REPORT,), undescribed=(SHOP,), broken=("report",), builds=()))
    )
    for sentence in (
        "❔ Nothing is known of `report/revenue`: the files have errors.",
        "❔ Of `shop/orders` only the ports are compared: ",
        "❔ Nothing of `report` can be built, the files have errors: `mesh check report`",
        "A build would make nothing: all other products are up to date.",
    ):
        assert sentence in said


def test_a_product_that_breaks_nothing_is_folded_and_comes_after_one_that_does() -> None:
    breaks = plan(change(consumer())).products[0]
    calm = replace(
        breaks, name=REPORT, level=Level.PATCH, versions=(), changes=(change(level=Level.PATCH),)
    )
    new = replace(calm, name=ProductName.parse("shop/new"), known_as=None, changes=())
    shown = page(plan(products=(new, calm, breaks)))
    assert shown.summaries[:2] == [
        "shop/new is new and may change freely until its first release: no promise changes",
        "report/revenue against release 1: 1 patch",
    ]
    assert shown.whole.index("shop/orders against") < shown.whole.index("shop/new is new")


def test_what_is_gone_says_what_becomes_of_its_data() -> None:
    gone = replace(plan(change(consumer())).products[0], gone=True)
    assert "until `mesh product retire shop/orders`." in markdown(report(plan(products=(gone,))))


@pytest.mark.parametrize(
    ("reached", "words"),
    [
        (consumer(), "report/revenue (report-team) makes amount of it"),
        (
            consumer(uses=frozenset({Use.ROWS}), columns=()),
            "report/revenue (report-team) decides by it which rows there are",
        ),
        (
            consumer(through=PORT, stand=Stand.MOVED),
            "report/revenue (report-team) makes amount of it, through shop/orders (has moved on)",
        ),
        (
            consumer(uses=frozenset({Use.WHOLE}), columns=(), stand=Stand.AGREED),
            "report/revenue (report-team) reads the port (has agreed)",
        ),
    ],
)
def test_each_kind_of_use_has_its_words(reached: Affected, words: str) -> None:
    assert page(plan(change(reached))).tables[0][1][2] == words


def test_a_break_that_reaches_nobody_says_so() -> None:
    rows = page(plan(change(), change(level=Level.MINOR, message="b"))).tables[0]
    assert [cells[2] for cells in rows[1:]] == ["no consumer is known", ""]


@pytest.mark.parametrize("sly", SLY)
def test_sly_words_of_files_break_nothing(sly: str) -> None:
    reached = consumer(team=sly, email=sly, columns=(f"report/revenue.{sly}", "report/revenue.b"))
    found = Finding(
        "a.b", sly, Place(sly or "f", 1), f"{sly}\n- {sly}\n- {sly}", "shop/orders", "error", sly,
        sly, f"{sly}\n- {sly}",
    )  # fmt: skip
    item = change(reached, consumer(team=sly, uses=frozenset({Use.WHOLE})), message=sly)
    item = replace(item, port=sly, change=replace(item.change, why=sly), place=Place(sly, 1))
    shown = page(
        plan(item, item, findings=(found, replace(found, severity="warning")), against=sly)
    )
    assert shown.tags <= OURS
    assert [[len(row) for row in rows] for rows in shown.tables] == [[3] * 3, [4] * 2, [5] * 3]
    assert [word for word in MENTIONS if word in shown.prose.replace("\u200b", "")] == []
    assert len(shown.summaries) == 3
    assert shown.whole.count("To settle") == 1


def test_many_changes_consumers_and_columns_are_folded() -> None:
    columns = tuple(f"report/revenue.c{number}" for number in range(12))
    whom = [consumer(ProductName("report", f"r{number}"), columns=columns) for number in range(8)]
    shown = page(
        plan(*[change(*whom)] * 2, *[change(level=Level.MINOR, message=f"{n}") for n in range(13)])
    )
    assert "and 3 more" in shown.summaries
    assert "and 5 minor more" in shown.summaries
    assert [len(rows) for rows in shown.tables[:2]] == [11, 6]
    assert "c7 and 4 more of it" in shown.whole


def test_the_largest_plan_fits_into_a_comment_and_says_what_is_left_out() -> None:
    whom = [
        consumer(ProductName("report", f"r{number}"), team=f"team-{number}")
        for number in range(300)
    ]
    one = plan(*[change(*whom)] * 40).products[0]
    products = tuple(replace(one, name=ProductName("shop", f"p{number}")) for number in range(60))
    builds = tuple(BuildStep(product.name, "code has changed", None) for product in products * 9)
    found = Finding("a.b", "it is so " * 20, Place(FILE, 1), "do it " * 50, "shop/orders")
    said = markdown(report(plan(products=products, builds=builds, findings=(found,) * 400)))
    shown = Page(said)
    assert len(said) < 65_536
    assert shown.tags <= OURS
    for left in (
        r"and \d+ more: mesh plan --output json names them all",
        r"… and \d+ major more: mesh plan shows all of them",
        r"… and \d+ teams more",
        r"… and \d+ products more: mesh plan shows all of them",
        r"… and \d+ more: mesh plan shows all of them",
    ):
        assert re.search(left, shown.whole), left


def test_what_the_contract_says_again_is_told_once() -> None:
    again = change(), change(), change(message="another")
    made = report(plan(change(consumer()), *again))
    assert [cells[2] for cells in Page(markdown(made)).tables[0][1:]] == [
        "report/revenue (report-team) makes amount of it",
        "no consumer is known",
    ]
    assert len(made.breaks) == 2


def test_a_cost_that_nobody_knows_is_no_nothing() -> None:
    shown = page(plan(change(), builds=(BuildStep(SHOP, "never released", None),)))
    assert shown.summaries == ["A build would make 1 product, at a cost not known yet"]
    assert shown.tables[-1][-1] == ["together", "?", "?", "?", ""]


def test_each_breaking_change_is_an_annotation_at_its_line_that_names_whom_it_breaks() -> None:
    item = change(consumer(), consumer(ProductName.parse("a/b"), stand=Stand.MOVED))
    made = plan(
        item, change(message="b goes"), change(level=Level.MINOR), replace(item, place=None)
    )
    assert github(report(made)).splitlines() == [
        "::notice title=mesh plan::nothing stands against this change. 3 promise changes (3 major)"
        " against the current releases; 2 consumers reached; 1 product to build",
        f"::warning file={FILE},line=7,col=5,title=column.removed::shop/orders: major: column `a`"
        " is removed%0A→ report/revenue (report-team <report@example.com>) makes `amount` of it"
        "%0A→ a/b (report-team <report@example.com>) makes `amount` of it (has moved on)"
        "%0Awhy: It is gone.",
        f"::notice file={FILE},line=7,col=5,title=column.removed::shop/orders: major: b goes"
        "%0A→ no consumer is known%0Awhy: It is gone.",
        "::warning title=column.removed::shop/orders: major: column `a`"
        " is removed%0A→ report/revenue (report-team <report@example.com>) makes `amount` of it"
        "%0A→ a/b (report-team <report@example.com>) makes `amount` of it (has moved on)"
        "%0Awhy: It is gone.",
    ]


def test_an_annotation_names_ten_consumers() -> None:
    whom = [consumer(ProductName("report", f"r{number}")) for number in range(12)]
    (line,) = github(report(plan(change(*whom)))).splitlines()[1:]
    assert line.count("%0A→ report/") == 10
    assert "%0A→ and 2 more%0A" in line


def test_a_plan_against_a_commit_is_named_so(shop: SmallMesh) -> None:
    assert report(planned(shop, today=date(2026, 1, 1))).note.endswith(
        "against the current releases; 0 products to build"
    )


def test_the_way_to_retire_a_product_names_the_environment() -> None:
    product = ProductPlan(SHOP, "release 1", Level.MAJOR, (), (), gone=True)
    said = "\n".join(section(product, " --env prod"))
    assert "mesh product retire shop/orders --env prod" in said
    made = Plan("the current releases", (product,), (), (), option=" --env prod")
    assert "retire shop/orders --env prod" in _laid_out(plan_text(made))
