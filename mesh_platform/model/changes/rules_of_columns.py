"""What it means when a table, a column, or what a column promises of its values changes.

Read a row as: code, where, level for consumers / for the producer, when, why.
"""

from __future__ import annotations

from mesh_platform.model.changes import keys, options, terms
from mesh_platform.model.changes.levels_of_types import Width
from mesh_platform.model.changes.options import width_is
from mesh_platform.model.changes.relations import looser, same, tighter
from mesh_platform.model.changes.rows import row
from mesh_platform.model.changes.values import Kind, Level

MAJOR, MINOR, PATCH = Level.MAJOR, Level.MINOR, Level.PATCH
ADD, REMOVE, CHANGE, MOVE = Kind.ADD, Kind.REMOVE, Kind.CHANGE, Kind.MOVE
_KEY = "column/(primaryKey|primaryKeyPosition)"
_OPTION = "column/logicalTypeOptions/"
_LOWER = _OPTION + "(minimum|exclusiveMinimum)"
_UPPER = _OPTION + "(maximum|exclusiveMaximum)"
_LEAST = _OPTION + "(minLength|minItems|minProperties)"
_MOST = _OPTION + "(maxLength|maxItems|maxProperties|precision)"
_FLAG = _OPTION + "(uniqueItems|normalized)"
_MADE_WITH = _OPTION + "(defaultTimezone|distanceMetric|embeddingModel|embeddingModelVersion)"
_MEANS_MORE = "Values may come that could not come before."
_MEANS_LESS = "Fewer values are allowed; data with the others is no longer released."
_NO_TELLING = "The two cannot be compared, so the worse is assumed."
_AS_BEFORE = "The same values are allowed as before."

# fmt: off
TABLES = (
    row("table.removed", "table", (MAJOR, MAJOR), REMOVE,
        why="Who reads the table finds nothing there."),
    row("table.added", "table", (MINOR, MAJOR), ADD,
        why="More is offered; the producer must deliver it."),
    row("table.renamed", "table/(name|physicalName)", (MAJOR, MAJOR), options.address,
        why="Who reads the table by its name finds nothing there.", together="name"),
    row("table.name", "table/name", (MINOR, PATCH),
        why="The table keeps its address; other contracts may refer to it by this name."),
    row("table.name-said", "table/physicalName", (PATCH, PATCH),
        why="The table is read by the same name as before."),
    row("table.grain.as-before", "table/dataGranularityDescription", (PATCH, PATCH),
        terms.same_words,
        why="The same words, spaced or capitalised in another way."),
    row("table.grain.added", "table/dataGranularityDescription", (MINOR, MAJOR), ADD,
        why="What one row stands for is promised now."),
    row("table.grain.changed", "table/dataGranularityDescription", (MAJOR, MAJOR),
        why="One row may stand for something else: counts and sums change their meaning."),
    row("table.kind", "table/physicalType", (MINOR, MINOR),
        why="The same rows come from another kind of object."),
    row("table.type", "table/logicalType", (MAJOR, MAJOR), CHANGE,
        why="What is offered is another thing than before."),
    row("table.type-said", "table/logicalType", (PATCH, PATCH),
        why="A table is an object, whether that is said or not."),
    row("columns.moved", "(table|column)/properties", (MINOR, PATCH), MOVE,
        why="Who reads columns by position, not by name, gets another one."),
)

COLUMNS = (
    row("column.removed", "column", (MAJOR, MAJOR), REMOVE,
        why="Who reads the column finds nothing there."),
    row("column.added-to-key", "column", (MAJOR, MAJOR), ADD, keys.joins_a_key,
        why="The old key alone may no longer name one row: joins on it may multiply rows."),
    row("column.added", "column", (MINOR, MAJOR), ADD,
        why="More is offered; the producer must deliver it."),
    row("column.renamed", "column/(name|physicalName)", (MAJOR, MAJOR), options.address,
        why="Who reads the column by its name finds nothing there.", together="name"),
    row("column.name", "column/name", (MINOR, PATCH),
        why="The column is read as before; other contracts may refer to it by this name."),
    row("column.name-said", "column/physicalName", (PATCH, PATCH),
        why="The column is read by the same name as before."),
    row("column.not-stored", "column/semanticType", (MAJOR, MAJOR), options.becomes("measure"),
        why="A measure is computed by who reads: there is no such column any more."),
    row("column.stored", "column/semanticType", (MINOR, MAJOR), options.was("measure"),
        why="What readers had to compute is a column now."),
    row("column.role", "column/semanticType", (PATCH, PATCH),
        why="How the column is meant to be used; its values are the same."),
    row("column.unit-in-name", "column/businessName", (MAJOR, MAJOR), terms.unit_in_name,
        why="The same number means another amount."),
    row("column.business-name", "column/businessName", (MINOR, PATCH),
        why="What people call the column hints at what it means."),
    row("column.critical", "column/criticalDataElement", (MINOR, PATCH),
        why="How much care the column gets changes, its values do not."),
    row("column.origin", "column/(transformLogic|transformSourceObjects)**", (MINOR, MINOR),
        why="The values are made in another way, under the same promise."),
    row("column.encrypted-name.added", "column/encryptedName", (MINOR, MAJOR), ADD,
        why="The encrypted value is offered too."),
    row("column.encrypted-name.changed", "column/encryptedName", (MAJOR, MAJOR),
        why="Who reads the encrypted value by its name finds nothing there."),
    row("column.partition", "column/(partitioned|partitionKeyPosition)", (MINOR, MINOR),
        why="The values are the same; what filters cost is not.", together="partition"),
    row("element.deprecated", "(table|column)/deprecated", (MINOR, PATCH),
        why="Notice that it will go, or that it stays; nothing has changed yet."),
    row("classification.lowered", "column/classification", (MINOR, MINOR),
        tighter(terms.classification),
        why="Who may see the values today still may."),
    row("classification.raised", "column/classification", (MAJOR, MINOR),
        looser(terms.classification),
        why="Who may see the values today may lose access."),
    row("classification.as-before", "column/classification", (PATCH, PATCH),
        same(terms.classification),
        why="Another word for the same class."),
    row("classification.changed", "column/classification", (MAJOR, MINOR),
        why="The words have no known rank, so the worse is assumed."),
    row("foreign-key.added", "(table|column)/relationships[]", (MINOR, MAJOR), ADD,
        why="Every value is found in the other table; data with others is no longer released."),
    row("foreign-key.removed", "(table|column)/relationships[]", (MAJOR, PATCH), REMOVE,
        why="Joins to the other table may lose rows."),
    row("foreign-key.changed", "(table|column)/relationships[]/type", (MAJOR, MAJOR),
        why="The two tables relate in another way."),
)

TYPES = (
    row("type.logical.added", "column/logicalType", (MINOR, MAJOR), ADD,
        why="A type is promised where none was."),
    row("type.logical.changed", "column/logicalType", (MAJOR, MAJOR),
        why="Who calculates with the old type may fail, or be wrong."),
    row("type.physical.added", "column/physicalType", (MINOR, MAJOR), ADD,
        why="A type is promised where none was."),
    row("type.physical.as-before", "column/physicalType", (PATCH, PATCH), width_is(Width.SAME),
        why="Another name for the same type."),
    row("type.physical.narrowed", "column/physicalType", (MINOR, MAJOR), width_is(Width.NARROWER),
        why="Every value that may come fits where the old ones fitted."),
    row("type.physical.field-added", "column/physicalType", (MINOR, MAJOR),
        width_is(Width.EXTENDED),
        why="The structure has a field more; the others are as before."),
    row("type.physical.widened", "column/physicalType", (MAJOR, MAJOR), width_is(Width.WIDER),
        why="Values may come that do not fit where consumers keep them."),
    row("type.physical.less-precise", "column/physicalType", (MAJOR, MAJOR),
        width_is(Width.COARSER),
        why="Values lose digits that consumers could count on."),
    row("type.physical.changed", "column/physicalType", (MAJOR, MAJOR),
        why="Who calculates with the old type may fail, or be wrong."),
)

PRESENCE = (
    row("required.dropped", "column/required", (MAJOR, PATCH), looser(keys.required),
        why="Values may be missing where consumers count on them."),
    row("required.added", "column/required", (MINOR, MAJOR), tighter(keys.required),
        why="A value is always there; data without one is no longer released."),
    row("required.by-key", "column/required", (PATCH, PATCH),
        why="The primary key demands a value anyway."),
    row("unique.dropped", "column/unique", (MAJOR, PATCH), looser(keys.unique),
        why="Values may come twice: joins on the column may multiply rows."),
    row("unique.added", "column/unique", (MINOR, MAJOR), tighter(keys.unique),
        why="No value comes twice; data with duplicates is no longer released."),
    row("unique.by-key", "column/unique", (PATCH, PATCH),
        why="The primary key demands it anyway."),
    row("key.moved", _KEY, (MINOR, PATCH), keys.key_moves,
        why="The key has the same columns in another order.", together="key"),
    row("key.as-before", _KEY, (PATCH, PATCH), same(keys.key),
        why="The key has the same columns.", together="key"),
    row("key.added", _KEY, (MINOR, MAJOR), tighter(keys.key),
        why="Rows have a key; data with duplicates or gaps in it is no longer released.",
        together="key"),
    row("key.dropped", _KEY, (MAJOR, PATCH), looser(keys.key),
        why="Nothing names one row any more: joins may multiply rows.", together="key"),
    row("key.changed", _KEY, (MAJOR, MAJOR),
        why="The old key may no longer name one row: joins on it may multiply rows.",
        together="key"),
)

VALUES = (
    row("enum.added", "column/enum**", (MINOR, MAJOR), ADD, options.enum_begins,
        why="Only these values come; data with others is no longer released.",
        together="allowed values"),
    row("enum.removed", "column/enum**", (MAJOR, PATCH), REMOVE, options.enum_ends,
        why="Any value may come now.",
        together="allowed values"),
    row("enum.value-added", "column/enum[]", (MAJOR, PATCH), ADD,
        why="A value may come that no list of cases of a consumer covers."),
    row("enum.value-removed", "column/enum[]", (MINOR, MAJOR), REMOVE,
        why="A value no longer comes; data with it is no longer released."),
    row("enum.words", "column/enum[]/**", (PATCH, PATCH),
        why="The allowed values are the same; what is said about them is not."),
    row("range.as-before", _LOWER, (PATCH, PATCH), same(options.lower),
        why=_AS_BEFORE, together="minimum"),
    row("range.minimum-raised", _LOWER, (MINOR, MAJOR), tighter(options.lower),
        why=_MEANS_LESS, together="minimum"),
    row("range.minimum-lowered", _LOWER, (MAJOR, PATCH), looser(options.lower),
        why=_MEANS_MORE, together="minimum"),
    row("range.minimum-changed", _LOWER, (MAJOR, MAJOR),
        why=_NO_TELLING, together="minimum"),
    row("range.as-before", _UPPER, (PATCH, PATCH), same(options.upper),
        why=_AS_BEFORE, together="maximum"),
    row("range.maximum-lowered", _UPPER, (MINOR, MAJOR), tighter(options.upper),
        why=_MEANS_LESS, together="maximum"),
    row("range.maximum-raised", _UPPER, (MAJOR, PATCH), looser(options.upper),
        why=_MEANS_MORE, together="maximum"),
    row("range.maximum-changed", _UPPER, (MAJOR, MAJOR),
        why=_NO_TELLING, together="maximum"),
    row("size.least-raised", _LEAST, (MINOR, MAJOR), tighter(options.least),
        why=_MEANS_LESS),
    row("size.least-lowered", _LEAST, (MAJOR, PATCH), looser(options.least),
        why=_MEANS_MORE),
    row("size.most-lowered", _MOST, (MINOR, MAJOR), tighter(options.most),
        why=_MEANS_LESS),
    row("size.most-raised", _MOST, (MAJOR, PATCH), looser(options.most),
        why=_MEANS_MORE),
    row("multiple.tightened", _OPTION + "multipleOf", (MINOR, MAJOR), tighter(options.multiple),
        why=_MEANS_LESS),
    row("multiple.loosened", _OPTION + "multipleOf", (MAJOR, PATCH), looser(options.multiple),
        why=_MEANS_MORE),
    row("format.narrowed", _OPTION + "format", (MINOR, MAJOR), width_is(Width.NARROWER),
        why=_MEANS_LESS),
    row("fields.required-added", _OPTION + "required**", (MINOR, MAJOR),
        tighter(options.required_fields), ADD, REMOVE,
        why="The field is always there; data without it is no longer released.",
        together="required fields"),
    row("fields.required-dropped", _OPTION + "required**", (MAJOR, PATCH),
        looser(options.required_fields), ADD, REMOVE,
        why="The field may be missing where consumers count on it.",
        together="required fields"),
    row("option.switched-on", _FLAG, (MINOR, MAJOR), tighter(options.flag),
        why=_MEANS_LESS),
    row("option.switched-off", _FLAG, (MAJOR, PATCH), looser(options.flag),
        why=_MEANS_MORE),
    row("option.meaning-changed", _MADE_WITH, (MAJOR, MAJOR), CHANGE, REMOVE,
        why="The same values are to be read in another way."),
    row("option.added", _OPTION + "*", (MINOR, MAJOR), ADD,
        why="More is promised of the values; data that does not keep it is no longer released."),
    row("option.removed", _OPTION + "*", (MAJOR, PATCH), REMOVE,
        why=_MEANS_MORE),
    row("option.changed", _OPTION + "**", (MAJOR, MAJOR), CHANGE, ADD, REMOVE,
        why="Values may come that the old promise did not allow."),
)
# fmt: on

RULES = (*TABLES, *COLUMNS, *TYPES, *PRESENCE, *VALUES)
