"""Relate a new promise to an old one, and name the relations for the rules."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Any, TypeVar

from mesh_platform.contract_diff.seen import Seen

T = TypeVar("T")


class Relation(StrEnum):
    """Name the relation of a new promise to the old one; OTHER where neither implies the other."""

    SAME = "same"
    TIGHTER = "tighter"
    LOOSER = "looser"
    OTHER = "other"


Judge = Callable[[Seen], bool]
Comparison = Callable[[Seen], Relation]


def same(compare: Comparison) -> Judge:
    """Judge whether the promise is the same in other words."""
    return lambda seen: compare(seen) is Relation.SAME


def tighter(compare: Comparison) -> Judge:
    """Judge whether what was promised still holds, and more is promised."""
    return lambda seen: compare(seen) is Relation.TIGHTER


def looser(compare: Comparison) -> Judge:
    """Judge whether less is promised than before."""
    return lambda seen: compare(seen) is Relation.LOOSER


def implied(*, new_holds: bool, old_holds: bool) -> Relation:
    """Relation of two promises.

    Args:
        new_holds: whatever keeps the old promise keeps the new one.
        old_holds: whatever keeps the new promise keeps the old one.
    """
    if new_holds and old_holds:
        return Relation.SAME
    if old_holds:
        return Relation.TIGHTER
    return Relation.LOOSER if new_holds else Relation.OTHER


def stated(old: T | None, new: T | None, compare: Callable[[T, T], Relation]) -> Relation:
    """Relation of two promises that may be missing: one more is tighter, one less is looser."""
    if old is None or new is None:
        return implied(new_holds=new is None, old_holds=old is None)
    return compare(old, new)


def switched(*, old: bool, new: bool) -> Relation:
    """Relation of a promise that is made or not."""
    return implied(new_holds=old or not new, old_holds=new or not old)


def ordered(old: Any, new: Any, *, more_is_tighter: bool) -> Relation:
    """Relation of two numbers or of two texts that sort."""
    more, less = old <= new, old >= new
    return (
        implied(new_holds=less, old_holds=more)
        if more_is_tighter
        else implied(new_holds=more, old_holds=less)
    )
