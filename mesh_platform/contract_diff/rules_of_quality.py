"""List the rules for changes of the quality rules of a table or column.

Only a rule of severity `error` holds data back. One that warns was said, but never kept anything
from a consumer.
"""

from __future__ import annotations

from mesh_platform.contract_diff import measures, thresholds
from mesh_platform.contract_diff.relations import looser, same, tighter
from mesh_platform.contract_diff.rows import row
from mesh_platform.contract_diff.thresholds import is_error, is_text, was_shown_only
from mesh_platform.contract_diff.values import Kind, Level

MAJOR, MINOR, PATCH = Level.MAJOR, Level.MINOR, Level.PATCH
ADD, REMOVE = Kind.ADD, Kind.REMOVE
_THRESHOLD = "rule/(must*|unit)"
_VALUES = "rule/arguments/(validValues|missingValues)**"
_WORDS = (
    "rule/(name|id|description|dimension|businessImpact|method|schedule|scheduler)"
    "|rule/(tags|authoritativeDefinitions|customProperties)**"
)

# fmt: off
RULES = (
    row("rule.asked-elsewhere", "rule", (PATCH, PATCH), ADD, REMOVE, measures.is_asked_elsewhere,
        why="Another rule asks the same, at the column or at the table; so may a key such as "
            "`required`."),
    row("rule.removed", "rule", (MAJOR, PATCH), REMOVE, is_error,
        why="Data that this rule held back may come now."),
    row("rule.warning-removed", "rule", (MINOR, PATCH), REMOVE,
        why="It never held data back, but it was said."),
    row("rule.added", "rule", (MINOR, MAJOR), ADD, is_error,
        why="More is promised; data that breaks it is no longer released."),
    row("rule.warning-added", "rule", (MINOR, PATCH), ADD,
        why="More is said about the data; nothing is held back."),
    row("rule.text", "rule/description", (MINOR, PATCH), is_text,
        why="The rule is a sentence for people, and it says something else."),
    row("rule.words", _WORDS, (PATCH, PATCH),
        why="The rule holds the same; what is said about it changes."),
    row("rule.severity-lowered", "rule/severity", (MAJOR, PATCH), looser(thresholds.severity),
        why="Data that breaks the rule comes now, with a warning."),
    row("rule.severity-raised", "rule/severity", (MINOR, MAJOR), tighter(thresholds.severity),
        why="Data that breaks the rule is no longer released."),
    row("rule.severity-word", "rule/severity", (PATCH, PATCH),
        why="Both words show the problem and hold nothing back, or both hold it back."),
    row("rule.threshold-as-before", _THRESHOLD, (PATCH, PATCH), same(thresholds.threshold),
        why="The same results pass as before.", together="threshold"),
    row("rule.query-as-before", "rule/query", (PATCH, PATCH), thresholds.same_query,
        why="The same SQL, spaced or written in another way."),
    row("rule.measure-as-before", "rule/(metric|arguments**)", (PATCH, PATCH),
        measures.same_measure,
        why="The same columns and values count, said in another way.", together="measure"),
    row("rule.warning-threshold", _THRESHOLD, (MINOR, PATCH), was_shown_only,
        why="It never held data back, but it warns of something else.", together="threshold"),
    row("rule.warning-changed", "rule/**", (MINOR, PATCH), was_shown_only,
        why="It never held data back, but it said something else."),
    row("rule.threshold-tightened", _THRESHOLD, (MINOR, MAJOR), tighter(thresholds.threshold),
        why="Fewer results pass; data that passed before may be held back.", together="threshold"),
    row("rule.threshold-loosened", _THRESHOLD, (MAJOR, PATCH), looser(thresholds.threshold),
        why="Data passes that was held back before.", together="threshold"),
    row("rule.threshold-changed", _THRESHOLD, (MAJOR, MAJOR),
        why="Results pass that did not before; rows and percent cannot be compared.",
        together="threshold"),
    row("rule.query-changed", "rule/query", (MAJOR, MAJOR),
        why="The rule measures something else: data it held back may come now."),
    row("rule.values-tightened", _VALUES, (MINOR, MAJOR), tighter(thresholds.values),
        why="Fewer values count as good; data that passed before may be held back.",
        together="values"),
    row("rule.values-loosened", _VALUES, (MAJOR, PATCH), looser(thresholds.values),
        why="Values count as good that did not before.", together="values"),
    row("rule.measure-changed", "rule/**", (MAJOR, MAJOR),
        why="The rule measures something else: data it held back may come now.",
        together="measure"),
)
# fmt: on
