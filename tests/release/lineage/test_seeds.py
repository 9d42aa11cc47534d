"""Seeds that surely cannot be loaded are told before there is a build; others are not."""

from __future__ import annotations

import pytest

from mesh_platform.environments.workspace import Workspace
from mesh_platform.model.naming import ProductName
from mesh_platform.release.lineage.files import MeshSql
from tests.small_mesh import ORDERS, SmallMesh

SEED, PROJECT = "domains/shop/seeds/deep/words.csv", "domains/shop/dbt_project.yml"
PROPERTIES = "domains/shop/seeds/deep/all.yml"


@pytest.fixture
def read(mesh: SmallMesh) -> SmallMesh:
    mesh.write(f"{ORDERS}/extra.sql", "select * from {{ ref('words') }}")
    mesh.write(SEED, "status,rank\npaid,1\n")
    return mesh


def _told(mesh: SmallMesh) -> list[tuple[str, str]]:
    names = [ProductName("shop", "orders")]
    found = MeshSql(Workspace.open(mesh.root)).model_findings(names)
    assert {finding.code for finding in found} <= {"model.seed"}
    assert {finding.product for finding in found} <= {"shop/orders"}
    return [(str(finding.place), finding.message) for finding in found]


def _typed(mesh: SmallMesh, levels: str, kind: str = "integr") -> None:
    tree = "".join(f"{'  ' * n}{key}:\n" for n, key in enumerate(levels.split("/"), 1))
    depth = "  " * (len(levels.split("/")) + 1)
    mesh.edit(PROJECT, "flags:", f"seeds:\n{tree}{depth}+column_types: {{rank: {kind}}}\nflags:")


def test_a_row_with_more_fields_than_the_header_is_told(read: SmallMesh) -> None:
    read.write(SEED, 'status,rank\n"a\nb",1\n\nopen,2,zz\n')
    said = "the seed `words` has 3 fields in this row and 2 columns"
    assert _told(read) == [(f"{SEED}:5", said)]


def test_a_row_with_fewer_fields_than_the_header_is_told(read: SmallMesh) -> None:
    read.write(SEED, "status,rank\npaid,1\nopen\n")
    said = "the seed `words` has 1 field in this row and 2 columns"
    assert _told(read) == [(f"{SEED}:3", said)]


def test_a_type_that_duckdb_does_not_know_is_told_where_it_stands(read: SmallMesh) -> None:
    _typed(read, "shop/deep/words")
    said = "the column `rank` of the seed `words` has the type `integr`, which DuckDB does not know"
    assert _told(read) == [(f"{PROJECT}:{read.line(PROJECT, 'column_types')}", said)]
    mesh_config = "seeds:\n  - name: words\n    config:\n      column_types:\n        rank: "
    read.write(PROPERTIES, f"{mesh_config}nomber\n")
    assert _told(read) == [(f"{PROPERTIES}:5", said.replace("integr", "nomber"))]
    read.write(PROPERTIES, f"{mesh_config}integer\n")
    assert _told(read) == []


@pytest.mark.parametrize(
    "kind",
    [
        *("integer", "'decimal(10, 2)'", "'varchar[]'", "timestamp with time zone", "'{{ x }}'"),
        *(
            "'STRUCT(a INT, b VARCHAR[])[]'",
            "\"enum('a', 'b')\"",
            "'MAP(VARCHAR, INT)'",
            "'INT[3]'",
        ),
        *("text collate nocase", "int not null", "'\"integer\"'", "'decimal({{ x }}, 2)'"),
    ],
)
def test_a_type_that_may_be_one_is_not_told(read: SmallMesh, kind: str) -> None:
    _typed(read, "shop", kind)
    assert _told(read) == []


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("'decimal(6;2)'", "`decimal(6;2)`, which is no type of DuckDB"),
        ("'varchar['", "`varchar[`, which is no type of DuckDB"),
        ("5", "`5`, which is no type of DuckDB"),
        ("'STRUCT(a integr)'", "`STRUCT(a integr)`, which DuckDB does not know"),
        (
            "'decimal(50, 2)'",
            "`decimal(50, 2)`, which DuckDB refuses: DECIMAL type width must be between 1 and 38",
        ),
    ],
)
def test_a_text_that_is_no_type_is_told(read: SmallMesh, kind: str, said: str) -> None:
    _typed(read, "shop", kind)
    place = f"{PROJECT}:{read.line(PROJECT, 'column_types')}"
    assert _told(read) == [(place, f"the column `rank` of the seed `words` has the type {said}")]


@pytest.mark.parametrize(
    ("types", "quoted"),
    [
        ("rank: decimal(6,2), status: varchar", "'decimal(6,2)'"),
        (
            "status: varchar, 'rank': STRUCT(a INT, b DECIMAL(6, 2))",
            "'STRUCT(a INT, b DECIMAL(6, 2))'",
        ),
    ],
)
def test_a_type_that_yaml_cuts_at_its_comma_is_told_with_quotes(
    read: SmallMesh, types: str, quoted: str
) -> None:
    entry = "seeds:\n  - name: words\n    config:\n      column_types: "
    read.write(PROPERTIES, f"{entry}{{{types}}}\n")
    names = [ProductName("shop", "orders")]
    (found,) = MeshSql(Workspace.open(read.root)).model_findings(names)
    whole = quoted[1:-1]
    assert (str(found.place), found.severity) == (f"{PROPERTIES}:4", "error")
    assert found.message.endswith(f": YAML ends the text at the comma of `{whole}`")
    assert found.fix == f"put it in quotes: `rank: {quoted}`"


def test_a_type_for_a_column_that_the_seed_lacks_is_a_warning(read: SmallMesh) -> None:
    entry = "seeds:\n  - name: words\n    config:\n      column_types:\n        ranc: integer\n"
    read.write(PROPERTIES, entry)
    (found,) = MeshSql(Workspace.open(read.root)).model_findings([ProductName("shop", "orders")])
    assert (str(found.place), found.severity) == (f"{PROPERTIES}:5", "warning")
    assert found.message == "`column_types` names the column `ranc`, which the seed `words` lacks"
    assert found.fix == "did you mean `rank`?"
    read.write(SEED, "my status,rank\npaid,1\n")
    assert _told(read) == []


def test_a_column_without_a_type_is_told(read: SmallMesh) -> None:
    _typed(read, "shop", "")
    place = f"{PROJECT}:{read.line(PROJECT, 'column_types')}"
    said = "`column_types` names no type for the column `rank` of the seed `words`"
    assert _told(read) == [(place, said)]


def test_a_type_for_a_column_of_another_seed_is_not_told(read: SmallMesh) -> None:
    read.edit(PROJECT, "flags:", "seeds:\n  shop:\n    +column_types: {ranc: integer}\nflags:")
    assert _told(read) == []


def test_what_is_not_loaded_or_set_up_otherwise_is_not_told(read: SmallMesh) -> None:
    read.write(SEED, "status;rank\npaid;1,2\n")
    read.write("domains/shop/seeds/nobodys.csv", "a\n1,2\n")
    read.edit(PROJECT, "flags:", "seeds:\n  shop:\n    +delimiter: ;\nflags:")
    assert _told(read) == []


def test_a_seed_that_a_note_names_is_not_loaded(read: SmallMesh) -> None:
    read.write(f"{ORDERS}/extra.sql", "{# {{ ref('words') }} #} select 1 as a")
    read.write(SEED, "a\n1,2\n")
    assert _told(read) == []


def test_a_project_may_make_types_of_its_own(read: SmallMesh) -> None:
    _typed(read, "shop")
    read.edit(PROJECT, "flags:", "on-run-start: create type integr as integer\nflags:")
    assert _told(read) == []


JOINED = (
    "select o.* from {{ ref('stg_orders') }} o join {{ ref('words') }} w on w.COLUMN = o.status"
)


@pytest.mark.parametrize(
    ("column", "header", "setting", "told"),
    [
        ("status", "status,rank", "", False),
        ("STATUS", "status,rank", "", False),
        ("state", "status,rank", "", True),
        ("state", "status;rank", "+delimiter: ;", False),
        ("state", "my status,rank", "", False),
    ],
)
def test_a_column_that_the_header_of_a_seed_lacks_is_told(
    read: SmallMesh, column: str, header: str, setting: str, told: bool
) -> None:
    read.write(f"{ORDERS}/orders.sql", JOINED.replace("COLUMN", column))
    read.write(SEED, f"{header}\npaid,1\n")
    if setting:
        read.edit(PROJECT, "flags:", f"seeds:\n  shop:\n    {setting}\nflags:")
    found = MeshSql(Workspace.open(read.root)).sql_findings([ProductName("shop", "orders")])
    faults = [each for each in found if each.code == "model.sql"]
    assert bool(faults) is told
    if told:
        assert str(faults[0].place) == f"{ORDERS}/orders.sql:1"
        assert "nothing that it reads has a column `state`" in faults[0].message
