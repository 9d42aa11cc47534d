"""Markdown as its reader shows it: which tables, lists and folds there are, and what is no code."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

from markdown_it import MarkdownIt

OURS = frozenset(
    {"p", "h3", "h4", "strong", "br", "ul", "li", "code", "pre", "details", "summary"}
    | {"table", "thead", "tbody", "tr", "th", "td"}
)
"""What a summary is made of: no link, no picture, no script."""
_EMPTY = frozenset({"br"})


@dataclass(eq=False)
class Page(HTMLParser):
    """A page of Markdown, rendered and read back."""

    text: str
    tags: set[str] = field(default_factory=set)
    attributes: set[str] = field(default_factory=set)
    tables: list[list[list[str]]] = field(default_factory=list)
    items: list[str] = field(default_factory=list)
    summaries: list[str] = field(default_factory=list)
    blocks: list[str] = field(default_factory=list)
    prose: str = ""
    whole: str = ""
    _open: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self.feed(MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(self.text))
        self.close()
        assert self._open == [], f"left open: {self._open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag not in _EMPTY:
            self._open.append(tag)
        match tag:
            case "table":
                self.tables.append([])
            case "tr":
                self.tables[-1].append([])
            case "th" | "td":
                self.tables[-1][-1].append("")
            case "li":
                self.items.append("")
            case "summary":
                self.summaries.append("")
            case "pre":
                self.blocks.append("")
            case "br":
                self.handle_data("\n")

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag, f"</{tag}> closes something else"

    def handle_data(self, data: str) -> None:
        self.whole += data
        if "code" not in self._open:
            self.prose += data
        if {"th", "td"} & set(self._open):
            self.tables[-1][-1][-1] += data
        if "li" in self._open:
            self.items[-1] += data
        if "summary" in self._open:
            self.summaries[-1] += data
        if "pre" in self._open:
            self.blocks[-1] += data
