"""What it means when the terms around the data change: service levels, access, price, end, status.

The words that contract and product share are here too.
"""

from __future__ import annotations

from mesh_platform.contract_diff import service_levels, terms
from mesh_platform.contract_diff.relations import looser, same, tighter
from mesh_platform.contract_diff.rows import row
from mesh_platform.contract_diff.service_levels import is_end
from mesh_platform.contract_diff.terms import becomes_worse, means
from mesh_platform.contract_diff.values import Kind, Level

MAJOR, MINOR, PATCH = Level.MAJOR, Level.MINOR, Level.PATCH
ADD, REMOVE, CHANGE, MOVE = Kind.ADD, Kind.REMOVE, Kind.CHANGE, Kind.MOVE
_LEVEL = "slaProperties[]/(value|valueExt|unit)"
_RUNS = "slaProperties[]/(scheduler|schedule)"
_ZONE = "slaProperties[]/customProperties[](|/value)"
_IS_ZONE = means("timezone")
_PRICE = "price/(priceAmount|priceCurrency|priceUnit)"
_CUSTOM = "(|table/|column/)customProperties[](|/value)"
_UNIT = means(*terms.UNITS)
_GRAIN = means(*terms.GRAIN)
_PERSONAL = means(*terms.PERSONAL)
_MASKING = means(*terms.MASKING)
_DEFAULT = means(*terms.DEFAULT)

# fmt: off
SERVICE_LEVELS = (
    row("end.announced", "slaProperties[]", (MINOR, PATCH), is_end, ADD,
        why="Notice that the port will end; nothing has changed yet."),
    row("end.withdrawn", "slaProperties[]", (MINOR, MAJOR), is_end, REMOVE,
        why="The port lives longer than consumers were told."),
    row("end.as-before", _LEVEL, (PATCH, PATCH), is_end, same(service_levels.ends),
        why="The port ends when consumers were told.", together="level"),
    row("end.earlier", _LEVEL, (MAJOR, PATCH), is_end, looser(service_levels.ends),
        why="Consumers have less time to leave than they were told.", together="level"),
    row("end.later", _LEVEL, (MINOR, MAJOR), is_end,
        why="The port lives longer than consumers were told.", together="level"),
    row("level.removed", "slaProperties[]", (MAJOR, PATCH), REMOVE,
        why="Nobody promises the level any more."),
    row("level.added", "slaProperties[]", (MINOR, MAJOR), ADD,
        why="A level is promised; the producer must keep it."),
    row("level.as-before", _LEVEL, (PATCH, PATCH), same(service_levels.service_level),
        why="The same level in other words.", together="level"),
    row("level.improved", _LEVEL, (MINOR, MAJOR), tighter(service_levels.service_level),
        why="Consumers get more; the producer must keep it.", together="level"),
    row("level.worsened", _LEVEL, (MAJOR, PATCH), looser(service_levels.service_level),
        why="Who planned with the old level cannot rely on it any more.",
        together="level"),
    row("level.changed", _LEVEL, (MAJOR, MAJOR),
        why="Which of the two is better cannot be told, so the worse is assumed.",
        together="level"),
    row("schedule.as-before", _RUNS, (PATCH, PATCH), same(service_levels.schedule),
        why="The same times in other words.", together="schedule"),
    row("schedule.more-often", _RUNS, (MINOR, MAJOR), tighter(service_levels.schedule),
        why="Nobody waits longer for new data than before.", together="schedule"),
    row("schedule.less-often", _RUNS, (MAJOR, PATCH), looser(service_levels.schedule),
        why="Who planned with the old times gets new data later.", together="schedule"),
    row("schedule.changed", _RUNS, (MAJOR, MAJOR),
        why="The new times cannot be compared with the old ones, so the worse is assumed.",
        together="schedule"),
    row("schedule.zone-said", _ZONE, (PATCH, PATCH), _IS_ZONE, same(service_levels.zone),
        why="The runs are at the same times as before."),
    row("schedule.zone", _ZONE, (MAJOR, MAJOR), _IS_ZONE,
        why="All runs are at other times than consumers planned with."),
    row("level.words", "slaProperties[]/**", (PATCH, PATCH),
        why="The level is the same; what is said about it changes."),
    row("level.default-element", "slaDefaultElement", (MINOR, PATCH),
        why="The service levels name another element."),
)

MEANING = (
    row("custom.as-before", _CUSTOM, (PATCH, PATCH), terms.is_said_as_before,
        why="The property says the same, by another name or in another word."),
    row("unit.added", _CUSTOM, (MINOR, PATCH), _UNIT, terms.begins,
        why="What the numbers count is said now."),
    row("unit.changed", _CUSTOM, (MAJOR, MAJOR), _UNIT,
        why="The same number means another amount; only the SQL tells whether it is converted."),
    row("grain.added", _CUSTOM, (MINOR, MAJOR), _GRAIN, terms.begins,
        why="What one row stands for is promised now."),
    row("grain.changed", _CUSTOM, (MAJOR, MAJOR), _GRAIN,
        why="One row may stand for something else: counts and sums change their meaning."),
    row("default.added", _CUSTOM, (MINOR, MAJOR), _DEFAULT, terms.begins,
        why="What stands for a missing value is said now."),
    row("default.changed", _CUSTOM, (MAJOR, MAJOR), _DEFAULT,
        why="The value that stands for a missing one is another."),
    row("personal-data.raised", _CUSTOM, (MAJOR, MAJOR), _PERSONAL, terms.switched_on,
        why="The values are personal: who may see them today may lose access."),
    row("personal-data.lowered", _CUSTOM, (MAJOR, MINOR), _PERSONAL, terms.switched_off,
        why="Who relied on the protection of the values loses it."),
    row("personal-data.changed", _CUSTOM, (MAJOR, MAJOR), _PERSONAL,
        why="What kind of personal data it is changes, and with it who may see it."),
    row("masking.removed", _CUSTOM, (MAJOR, MINOR), _MASKING, terms.ends,
        why="Who relied on the protection of the values loses it."),
    row("masking.changed", _CUSTOM, (MAJOR, MAJOR), _MASKING,
        why="Values that consumers saw may come masked, or masked in another way."),
)

CUSTOM = (
    row("custom.words", "**customProperties[]/description", (PATCH, PATCH),
        why="The property says the same, explained in other words."),
    row("custom.added", "**customProperties[]", (PATCH, PATCH), ADD,
        why="The platform knows no meaning of this property, and nobody relied on it."),
    row("custom.changed", "**customProperties**", (MINOR, PATCH),
        why="The platform knows no meaning of this property; who set it may."),
)

CONTRACT = (
    row("contract.kind", "kind", (MAJOR, MAJOR),
        why="The document is of another kind."),
    row("contract.id", "id", (MAJOR, MAJOR),
        why="Who refers to the contract by its id finds nothing there."),
    row("contract.standard", "apiVersion", (PATCH, PATCH),
        why="The promise is the same, written for another version of the standard."),
    row("contract.retired", "status", (MAJOR, PATCH), terms.becomes("retired"),
        why="The promise ends."),
    row("contract.deprecated", "status", (MINOR, PATCH), terms.becomes("deprecated"),
        why="Notice that the port will go; nothing has changed yet."),
    row("contract.withdrawn", "status", (MAJOR, PATCH), becomes_worse,
        why="What was promised is only a proposal again."),
    row("contract.status", "status", (MINOR, MINOR),
        why="The promise is firmer than before, or is kept after all."),
    row("contract.owner", "(domain|dataProduct|tenant)", (MINOR, PATCH),
        why="Another domain, product or tenant stands for the promise."),
    row("contract.limitations-as-before", "description/(limitations|usage)", (PATCH, PATCH),
        terms.same_words,
        why="The same words, spaced or capitalised in another way."),
    row("contract.limitations", "description/(limitations|usage)", (MINOR, PATCH),
        why="What the data may be used for is said in other words: consumers should read them."),
    row("contract.constraints", "**/context/constraints**|context/constraints**", (MINOR, PATCH),
        why="What the data may be used for changes: consumers should read it."),
    row("role.removed", "**roles[]", (MAJOR, PATCH), REMOVE,
        why="Who reads with this role loses access."),
    row("role.added", "**roles[]", (MINOR, MINOR), ADD,
        why="There is one more way to get access."),
    row("role.access-widened", "**roles[]/access", (MINOR, MINOR), tighter(terms.access),
        why="Whoever has the role may do more."),
    row("role.access-narrowed", "**roles[]/access", (MAJOR, PATCH), looser(terms.access),
        why="Whoever has the role may do less."),
    row("role.access-changed", "**roles[]/access", (MAJOR, MINOR),
        why="Which of the two allows more cannot be told, so the worse is assumed."),
    row("role.words", "**roles**", (PATCH, PATCH),
        why="The access is the same; who approves it, or what is said about it, changes."),
    row("server.removed", "servers[]", (MAJOR, PATCH), REMOVE,
        why="Who reads from this server finds nothing there."),
    row("server.added", "servers[]", (MINOR, MAJOR), ADD,
        why="There is one more place to read from."),
    row("server.words", "servers[]/(id|description|customProperties**)|servers", (PATCH, PATCH),
        why="The place is the same; what is said about it changes."),
    row("server.protocol", "servers[]/(type|format|delimiter|encoding)", (MAJOR, MAJOR),
        why="The data is read in another way: the old client fails."),
    row("server.address", "servers[]/**", (MINOR, MINOR),
        why="The data stands in another place; who keeps the address must change it."),
    row("price.as-before", _PRICE, (PATCH, PATCH), same(terms.price),
        why="The same price in other words.", together="price"),
    row("price.lowered", _PRICE, (MINOR, PATCH), tighter(terms.price),
        why="The data costs less.", together="price"),
    row("price.raised", _PRICE, (MAJOR, PATCH), looser(terms.price),
        why="The data costs more: who cannot pay loses it.", together="price"),
    row("price.changed", _PRICE, (MAJOR, PATCH),
        why="Which of the two is dearer cannot be told, so the worse is assumed.",
        together="price"),
)

WORDS = (
    row("words.description", "**description**|**businessName", (PATCH, PATCH),
        why="The promise is the same; people are told of it in other words."),
    row("words.team", "team**", (PATCH, PATCH),
        why="Other people stand behind the same promise."),
    row("words.support", "support**", (PATCH, PATCH),
        why="Where to ask changes, not what is promised."),
    row("words.context", "**context**", (PATCH, PATCH),
        why="Agents are told of the same promise in other words."),
    row("words.names", "name|**(synonyms|tags)**|**/id", (PATCH, PATCH),
        why="How it is called or found changes, not what is promised."),
    row("words.links", "**authoritativeDefinitions**|**examples**|**transformDescription",
        (PATCH, PATCH),
        why="What explains the promise changes, not the promise."),
    row("words.created", "contractCreatedTs|productCreatedTs", (PATCH, PATCH),
        why="When the document was made is not part of the promise."),
)

REST = (
    row("unknown.added", "**", (MINOR, MINOR), ADD,
        why="The platform does not know what this key promises; it was not there before."),
    row("unknown.changed", "**", (MAJOR, MAJOR),
        why="The platform does not know what this key promises, so the worse is assumed:"
            " documentation belongs under `customProperties`."),
)
# fmt: on
