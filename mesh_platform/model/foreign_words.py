"""Keys that people bring from other standards and versions, and what this one calls them."""

from __future__ import annotations

_REQUIRED = "`required`, which is its opposite"
_DECIMAL = "`physicalType: DECIMAL(10,2)`"
MEANT = {
    "isNullable": _REQUIRED,
    "nullable": _REQUIRED,
    "notNull": "`required`",
    "isRequired": "`required`",
    "isUnique": "`unique`",
    "isPrimaryKey": "`primaryKey`",
    "isPrimary": "`primaryKey`",
    "primary": "`primaryKey`",
    "foreignKey": "`relationships`",
    "references": "`relationships`",
    "columns": "`properties`",
    "fields": "`properties`",
    "column": "`name`",
    "columnName": "`name`",
    "dataType": "`physicalType`",
    "datatype": "`physicalType`",
    "data_type": "`physicalType`",
    "precision": _DECIMAL,
    "scale": _DECIMAL,
    "length": "`logicalTypeOptions: {maxLength: …}`",
    "allowedValues": "`enum`",
    "values": "`enum`",
    "sampleValues": "`examples`",
    "example": "`examples`",
    "comment": "`description`",
    "title": "`businessName`",
    "pii": "`classification`",
    "partitionStatus": "`partitioned`",
    "criticalDataElementStatus": "`criticalDataElement`",
    "encryptedColumnName": "`encryptedName`",
    "transformSourceTables": "`transformSourceObjects`",
    "checks": "`quality`",
    "tests": "`quality`",
    "tables": "`schema`",
    "models": "`schema`",
    "table": "`name`",
    "tableName": "`name`",
    "uuid": "`id`",
    "info": "its keys at the top of the file",
    "terms": "`description`",
    "datasetName": "`name`",
    "datasetDomain": "`domain`",
    "quantumName": "`dataProduct`",
    "owner": "`team`",
    "owners": "`team`",
    "stakeholders": "`team`",
    "servicelevels": "`slaProperties`",
    "serviceLevels": "`slaProperties`",
    "sla": "`slaProperties`",
    "slaDefaultColumn": "`slaDefaultElement`",
}
"""Key → what to write instead; used only where the standard has no such key."""
TYPE_OF_COLUMN = "`logicalType`, or `physicalType` for the engine's own type"
"""What `type` at a column means; elsewhere the standard has such a key."""
NAMED_BY = {
    "enum": "value",
    "customProperties": "property",
    "roles": "role",
    "servers": "server",
    "support": "channel",
    "synonyms": "synonym",
    "properties": "name",
    "inputPorts": "name",
    "outputPorts": "name",
}
"""Lists of mappings that people write as lists of words → the key that the word stands for."""
