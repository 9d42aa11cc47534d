"""The whole table: which row judges a difference, first match; every difference finds one.

`docs/reference/changes.md` lists it for people.
"""

from __future__ import annotations

from mesh_platform.contract_diff import (
    rules_of_columns,
    rules_of_products,
    rules_of_quality,
    rules_of_terms,
)
from mesh_platform.contract_diff.rows import Table, row
from mesh_platform.contract_diff.terms import says_the_default
from mesh_platform.contract_diff.values import Kind, Level

_DEFAULT = row(
    "default.said",
    "**",
    (Level.PATCH, Level.PATCH),
    says_the_default,
    why="It says what holds where nothing is said.",
)
_ORDER = row(
    "words.order",
    "**",
    (Level.PATCH, Level.PATCH),
    Kind.MOVE,
    why="The order of the list says nothing.",
)

CONTRACT_RULES = Table(
    _DEFAULT,
    *rules_of_columns.ORDER,
    _ORDER,
    *rules_of_columns.RULES,
    *rules_of_quality.RULES,
    *rules_of_terms.SERVICE_LEVELS,
    *rules_of_terms.CONTRACT,
    *rules_of_terms.MEANING,
    *rules_of_terms.CUSTOM,
    *rules_of_terms.WORDS,
    *rules_of_terms.REST,
)
PRODUCT_RULES = Table(
    _DEFAULT,
    _ORDER,
    *rules_of_products.PORTS,
    *rules_of_products.PRODUCT,
    *rules_of_terms.WORDS,
    *rules_of_terms.CUSTOM,
    *rules_of_terms.REST,
)
