"""Compare words by meaning: status, classification, access, price, known properties."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

from mesh_platform.contract_diff.identity import plain, same
from mesh_platform.contract_diff.relations import Judge, Relation, ordered
from mesh_platform.contract_diff.seen import Holder, Seen
from mesh_platform.contract_diff.values import Kind
from mesh_platform.model.classification import rank
from mesh_platform.model.contract import is_number

UNITS = ("unit", "unitofmeasure", "unitofmeasurement", "uom", "measurementunit", "currency")
"""Custom properties that say what the numbers of a column count, without case and signs."""
_UNIT = re.compile(r"[(\[]([^()\[\]]+)[)\]]\s*$")
_FIRMNESS = {"proposed": 0, "draft": 1, "active": 2, "deprecated": 2, "retired": -1}
_ACCESS = {
    "none": 0,
    "metadata": 1,
    "read": 2,
    "select": 2,
    "readonly": 2,
    "write": 3,
    "readwrite": 3,
    "admin": 4,
    "owner": 4,
    "all": 4,
}
_NOTHING: tuple[Any, ...] = (None, [], {}, "")
_DEFAULTS: dict[str, Any] = {
    "status": "active",
    "rule/severity": "error",
    "rule/unit": "rows",
    "rule/type": "library",
    "column/semanticType": "column",
    "outputPorts[]/version": "1.0.0",
}
_OFF_BY_DEFAULT = frozenset(
    {
        *("required", "unique", "primaryKey", "partitioned", "deprecated", "criticalDataElement"),
        *("uniqueItems", "normalized"),
    }
)
PERSONAL = ("personaldata", "pii", "ispii", "containspersonaldata", "containspii", "personal")
"""Custom properties that say whether data is personal, or of which kind; without case and signs."""
MASKING = ("masking", "mask", "maskingrule")
"""Custom properties that say how values are masked."""
GRAIN = ("grain", "granularity", "grainofdata", "datagranularity")
"""Custom properties that say what one row stands for."""
DEFAULT = ("default", "defaultvalue")
"""Custom properties that say which value stands for a missing one."""
DECLASSIFIED = ("declassified",)
"""Custom properties that say why computed values need less protection than what they are of."""
_MEANINGS = (UNITS, GRAIN, PERSONAL, MASKING, DEFAULT)


def says_the_default(seen: Seen) -> bool:
    """Tell whether what is written is what holds where nothing is written."""
    if seen.kind is Kind.MOVE or seen.is_entry or seen.key == "value":
        return False
    old, new = (_effective(seen.place, seen.key, value) for value in (seen.before, seen.after))
    return same(old, new)


def _effective(place: str, key: str, value: Any) -> Any:
    if value.__class__ in (list, dict, str, type(None)) and value not in _NOTHING:
        return value
    if isinstance(value, bool | int | float):
        return value
    return False if key in _OFF_BY_DEFAULT else _DEFAULTS.get(place)


def becomes(word: str) -> Judge:
    """Judge whether the status is now this one."""
    return lambda seen: _status(seen.holder[1]) == word


def becomes_worse(seen: Seen) -> bool:
    """Tell whether the status promises less than before, or is a word that nobody knows."""
    old, new = (_FIRMNESS.get(_status(holder)) for holder in seen.holder)
    return old is None or new is None or new < old


def _status(holder: Holder) -> str:
    return str(holder.get("status") or "active").lower()


def classification(seen: Seen) -> Relation:
    """Compare how freely values may be seen: raised is looser for those who see them now.

    A word for what everybody may see, where none was said, changes nothing. A word that is no
    longer said protects nothing.
    """
    old, new = map(rank, seen.values)
    said, says = (value is not None for value in seen.values)
    if (said and old is None) or (says and new is None):
        return Relation.OTHER
    if not says:
        return Relation.TIGHTER if old else Relation.LOOSER
    if not said:
        return Relation.SAME if new in (0, 1) else Relation.LOOSER
    return ordered(old, new, more_is_tighter=False)


def unit_in_name(seen: Seen) -> bool:
    """Tell whether a business name ends with another unit: `Distance (km)`."""
    old, new = (_UNIT.search(str(value)) for value in seen.values)
    return bool(old and new and old[1].strip().lower() != new[1].strip().lower())


def same_words(seen: Seen) -> bool:
    """The same words, spaced or capitalised in another way."""
    old, new = (re.findall(r"\w+", str(value).lower()) for value in seen.values)
    return bool(old == new)


def access(seen: Seen) -> Relation:
    """Compare what a role may do; words that nobody knows cannot be compared."""
    old, new = (_ACCESS.get(_plain(holder.get("access"))) for holder in seen.holder)
    if old is None or new is None:
        return Relation.OTHER
    return ordered(old, new, more_is_tighter=True)


def price(seen: Seen) -> Relation:
    """A price of one currency and unit; where none was said, the data was free."""
    old, new = (_price(holder) for holder in seen.holder)
    if old is None or new is None or (old[0] and new[0] and old[1:] != new[1:]):
        return Relation.OTHER
    return ordered(old[0], new[0], more_is_tighter=False)


def _price(holder: Holder) -> tuple[float, Any, Any] | None:
    paid = holder.get("priceAmount") or 0
    return (paid, holder.get("priceCurrency"), holder.get("priceUnit")) if is_number(paid) else None


def unit_of(column: Mapping[str, Any]) -> str | None:
    """Return what the numbers of a column are said to count."""
    for entry in column.get("customProperties") or ():
        if isinstance(entry, dict) and _plain(entry.get("property")) in UNITS:
            return str(entry.get("value"))
    return None


def means(*names: str) -> Judge:
    """Judge whether the custom property is known to mean this.

    Case and signs of its name say nothing.
    """

    def judge(seen: Seen) -> bool:
        old, new = seen.around("customProperties")
        return _plain((old or new).get("property")) in names

    return judge


def custom(said: Mapping[str, Any], names: Collection[str]) -> Any:
    """Return what a custom property of these names says.

    None where it says no, in whichever word.
    """
    values = (value for name, value in said.items() if _plain(name) in names)
    return next((value for value in values if _truth(value) is not False), None)


def is_said_as_before(seen: Seen) -> bool:
    """Tell whether a known meaning is the same: said by another name, or denied in another word."""
    return bool(_names(seen)) and same(*_said(seen))


def begins(seen: Seen) -> bool:
    """Tell whether the custom properties of this meaning said nothing before."""
    return not _said(seen)[0]


def ends(seen: Seen) -> bool:
    """Tell whether the custom properties of this meaning say nothing any more."""
    return not _said(seen)[1]


def switched_on(seen: Seen) -> bool:
    """Tell whether a custom property becomes true."""
    return same(_said(seen), [[], [True]])


def switched_off(seen: Seen) -> bool:
    """Tell whether a custom property that was true becomes false, or goes."""
    return same(_said(seen), [[True], []])


def _names(seen: Seen) -> tuple[str, ...]:
    """Every name of the meaning that the custom property has; none where it is not known."""
    old, new = seen.around("customProperties")
    name = _plain((old or new).get("property"))
    return next((names for names in _MEANINGS if name in names), ())


def _said(seen: Seen) -> list[list[Any]]:
    """Return what the custom properties of one meaning say, before and after."""
    return [_values(holder, _names(seen)) for holder in seen.holding("customProperties")]


def _values(holder: Holder, names: tuple[str, ...]) -> list[Any]:
    """Return what a holder says, each value once; to say no is to say nothing."""
    found: dict[str, Any] = {}
    for entry in holder.get("customProperties") or ():
        if isinstance(entry, dict) and _plain(entry.get("property")) in names:
            value = _meant(entry.get("value"), names)
            found[repr(plain(value))] = value
    return [value for _, value in sorted(found.items()) if value is not None]


def _meant(value: Any, names: tuple[str, ...]) -> Any:
    """A value in one spelling, None where it says no; of a default, every value is one."""
    truth = None if names == DEFAULT else _truth(value)
    return value if truth is None else truth or None


def _truth(value: Any) -> bool | None:
    words = {"true": True, "yes": True, "false": False, "no": False, "none": False, "": False}
    return words.get(str(value).strip().lower())


def changed(seen: Seen) -> bool:
    """Tell whether one value stands in the place of another."""
    return seen.before.__class__ is str and seen.after.__class__ is str


def _plain(value: Any) -> str:
    return re.sub(r"[^a-z]", "", str(value).lower())
