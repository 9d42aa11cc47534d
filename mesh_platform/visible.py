"""Makes characters visible that a terminal obeys or hides; text stays text wherever it is shown."""

from __future__ import annotations

import json
import re

_UNSEEN = re.compile(
    "["
    "\x00-\x08\x0b-\x1f\x7f-\x9f"  # C0 but tab and line feed, DEL, C1
    "\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069"  # line ends and turns of the direction
    "\u00ad\u180e\u200b\u2060-\u2065\u206a-\u206f\ufeff\ufff9-\ufffb"  # shown as nothing
    "\ud800-\udfff"  # no character: a file name or a text that is not UTF-8
    "\U000e0000-\U000e007f"
    "]"
)


def visible(text: str) -> str:
    r"""Write each control character as its escape: `\x1b`, `\r`, `\u202e`.

    Line feeds and tabs stay, and so do the joiners that scripts and emoji need.
    """
    return _UNSEEN.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), text)


def visible_json(text: str) -> str:
    """Write each control character of a JSON text as JSON does: its values stay the same."""
    return _UNSEEN.sub(lambda found: json.dumps(found[0])[1:-1], text)
