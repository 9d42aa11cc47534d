"""What comes from files stays words and code, whatever it says."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mesh_platform.catalog.markdown import (
    bullets,
    code,
    command,
    fenced,
    fitting,
    folded,
    folded_in_cell,
    item,
    row,
    table,
    words,
)
from tests.markdown import OURS, Page

SLY = [
    "<script>alert(1)</script>",
    "<img src=x onerror=y>",
    "</details></summary><b>",
    "<!-- ",
    "[click](https://evil.example)",
    "![p](http://evil.example/p.png)",
    "[a]: https://evil.example",
    "https://evil.example/x?a=b",
    "www.evil.example",
    "<https://evil.example>",
    "ann@evil.example",
    "ask @octocat/team, and #12, octo/repo#3, GH-7, octo/repo@1234567",
    "a | b || c \\| d \\\\| e",
    "`a | b` and `c \\` | d`",
    "`` ` `",
    "```",
    "~~~ sh",
    "`<b>` `</code><script>`",
    "# heading",
    "> quote",
    "- item",
    "1. item",
    "+ item",
    "===",
    "---",
    "***",
    "    code",
    "**bold** _it_ ~~gone~~ $x$ $`y`$ :tada:",
    "&lt;b&gt; &amp; &#64;octocat &commat;octocat",
    "a\n\nb\n# c\r\n<b>\x0bd",
    "\u202egnol\x1b[2J\udcff\x00",
    "\\",
    "",
    " ",
]
MENTIONS = ("@", "://", "www.", "$", "#1", "#3", "GH-7", ":tada:")


def _page(said: str) -> Page:
    """A text at all places where one can stand."""
    return Page(
        "\n\n".join(
            (
                f"### {words(said)}",
                words(said),
                f"x {words(said)} **{code(said)}** y",
                table(("a", "#b"), [row(words(said), code(said))] * 2),
                bullets([words(said), code(said), command(said)]),
                folded(f"`{said}` opens", [words(said)]),
                table(("a",), [row(folded_in_cell("more", [words(said), code(said)]))]),
                item([words(said), fenced(said, "yaml"), folded("inside", [words(said)])]),
                "last",
            )
        )
    )


@pytest.mark.parametrize("said", SLY)
def test_a_sly_text_breaks_nothing(said: str) -> None:
    page = _page(said)
    assert page.tags <= OURS
    assert page.attributes <= {"style", "class"}
    assert [[len(cells) for cells in rows] for rows in page.tables] == [[2, 2, 2], [1, 1]]
    assert len(page.items) == 4
    assert len(page.summaries) == 3
    assert len(page.blocks) == 1
    assert [word for word in MENTIONS if word in page.prose.replace("\u200b", "")] == []
    assert page.prose.rstrip().endswith("last")


@given(st.text(alphabet="`|\\<>&*_[]()#@:/$~!-+=.1 \nab\x00"))
@example("`a``b`")
@example("a`b`c`")
def test_no_text_breaks_a_table_a_list_or_a_fold(said: str) -> None:
    page = _page(said)
    assert page.tags <= OURS
    assert [[len(cells) for cells in rows] for rows in page.tables] == [[2, 2, 2], [1, 1]]
    assert (len(page.items), len(page.summaries), len(page.blocks)) == (4, 3, 1)
    assert "@" not in page.prose


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("column `a_b` is removed", "column `a_b` is removed"),
        ("a_b < c & d", "a\\_b &lt; c &amp; d"),
        ("ask Ann <ann@example.com>, or @ann", "ask Ann &lt;`ann@example.com`&gt;, or `@ann`"),
        ("count of ${object}", "count of `${object}`"),
        ("`a|b` | c", "<code>a&#124;b</code> &#124; c"),
        ("2.0.0 is a port", "2.0.0 is a port"),
        ("2. is a port", "2\\. is a port"),
        ("- no item", "\\- no item"),
        ("x" * 600, "x" * 500 + "…"),
    ],
)
def test_words_stay_readable(said: str, shown: str) -> None:
    assert words(said) == shown


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("mesh product bump shop/orders", "`mesh product bump shop/orders`"),
        ("mesh build +shop/orders --env trial", "`mesh build +shop/orders --env trial`"),
        ("mesh doctor, or nothing", "mesh doctor, or nothing"),
        ("name another: mesh env list", "name another: mesh env list"),
    ],
)
def test_a_command_is_code(said: str, shown: str) -> None:
    assert command(said) == shown


def test_code_that_backticks_cannot_hold_is_no_link_either() -> None:
    """GitHub reads addresses in the text of HTML, too; what nobody sees stands between them."""
    assert code("a@b.c|https://d www.e`") == (
        "<code>a&#64;&#8203;b.c&#124;https&#58;&#8203;//d www&#8203;.e&#96;</code>"
    )


def test_a_fence_is_longer_than_any_in_it() -> None:
    page = Page(fenced("a\n```\n````\n<b>@x", "yaml"))
    assert page.blocks == ["a\n```\n````\n<b>@x\n"]


def test_only_what_fits_is_taken_and_the_rest_is_counted_by_who_asked() -> None:
    assert fitting(["aaa", "bb", "c"], 9) == ["aaa", "bb"]
    assert fitting(["aaa"], 4) == []
    assert fitting([], 4) == []
