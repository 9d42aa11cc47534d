"""The file with which a consumer's team agrees to a breaking change."""

from __future__ import annotations

from datetime import date

import pytest

from mesh_platform.model.acknowledgements import Acknowledgement
from mesh_platform.model.findings import Finding
from mesh_platform.model.loader import load_mesh
from tests.planned import acknowledge
from tests.small_mesh import REVENUE, SmallMesh

FILE = f"{REVENUE}/acknowledgements.yaml"
ENTRY = "{port: shop/orders, version: 2.0.0, by: Rita, until: 2027-01-31}"


def _read(mesh: SmallMesh) -> tuple[tuple[Acknowledgement, ...], list[Finding]]:
    loaded = load_mesh(mesh.root)
    product = loaded.product("report/revenue")
    return product.acknowledged, list(loaded.findings)


def test_an_entry_says_what_who_and_until_when(mesh: SmallMesh) -> None:
    mesh.write(FILE, f"acknowledgements:\n  # asked in March\n  - {ENTRY}\n")
    (word,), findings = _read(mesh)
    assert (word.port, word.version, word.by, word.until, word.changes, str(word.place)) == (
        "shop/orders",
        "2.0.0",
        "Rita",
        date(2027, 1, 31),
        (),
        f"{FILE}:3:5",
    )
    assert findings == []


def test_a_note_and_a_day_in_quotes_are_fine(mesh: SmallMesh) -> None:
    acknowledge(mesh, until="'2027-01-31'", note="we drop the report in spring")
    (word,), findings = _read(mesh)
    assert (word.until, findings) == (date(2027, 1, 31), [])


def test_a_file_without_entries_agrees_to_nothing(mesh: SmallMesh) -> None:
    mesh.write(FILE, "acknowledgements: []\n")
    assert _read(mesh) == ((), [])


NO_MAPPING = "the file must hold `key: value` pairs at its top level"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            f"acknowledgements:\n  - {ENTRY.replace('by:', 'bye:')}\n",
            [
                ("ack.missing-key", 2, "`acknowledgements.0.by` is missing", "add `by:`"),
                (
                    "ack.unknown-key",
                    2,
                    "`bye` is not a key of an acknowledgements file here",
                    "did you mean `by`?",
                ),
            ],
        ),
        (
            "acknowledgements:\n"
            "  - {port: shop/orders, version: 2.0.0, by: …, until: 2027-01-31}\n",
            [
                (
                    "ack.invalid",
                    2,
                    "`acknowledgements.0.by`: `…` says nothing; write it in words",
                    None,
                ),
            ],
        ),
        (
            f"acknowledgements:\n  - {ENTRY.replace('2027-01-31', 'spring')}\n",
            [
                (
                    "ack.invalid",
                    2,
                    "`acknowledgements.0.until`: `spring` is not a day",
                    "write it as `2027-01-31`",
                )
            ],
        ),
        (
            f"acknowledgements:\n  - {ENTRY.replace('2027-01-31', '2027-02-30')}\n",
            [
                (
                    "ack.invalid",
                    2,
                    "`acknowledgements.0.until`: `2027-02-30` is not a day",
                    "write it as `2027-01-31`",
                )
            ],
        ),
        (
            f"acknowledgements:\n  - {ENTRY.replace('2.0.0', '2.0')}\n",
            [
                (
                    "ack.invalid",
                    2,
                    "`acknowledgements.0.version`: `2.0` is not text",
                    "write it in quotes: `'2.0'`",
                )
            ],
        ),
        (
            f"acknowledgements:\n  - {ENTRY.replace('shop/orders', 'shop/ordres')}\n",
            [
                (
                    "ack.not-an-input",
                    2,
                    "`shop/ordres` is acknowledged, but the product does not read it",
                    "remove the entry, or name one of: shop/orders",
                )
            ],
        ),
        (
            "acknowledgements: [\n",
            [
                (
                    "ack.invalid",
                    2,
                    "not valid YAML: a value is missing, or begins with a sign that YAML uses",
                    "write the value, in quotes where it begins with `}`, `]`, `,` or `:`",
                )
            ],
        ),
        ("", [("ack.invalid", 1, NO_MAPPING, None)]),
        (f"- {ENTRY}\n", [("ack.invalid", 1, NO_MAPPING, None)]),
    ],
)
def test_a_file_that_means_nothing_is_told_at_its_line(
    mesh: SmallMesh, text: str, said: list[tuple[str, int, str, str | None]]
) -> None:
    mesh.write(FILE, text)
    _, findings = _read(mesh)
    assert [(f.code, f.place.line, f.message, f.fix) for f in findings] == said
    assert {(f.place.file, f.product, f.blocking) for f in findings} == {
        (FILE, "report/revenue", True)
    }


def test_a_file_that_dbt_would_read_is_told(mesh: SmallMesh) -> None:
    mesh.edit("domains/report/.dbtignore", "acknowledgements.yaml\n", "")
    acknowledge(mesh)
    _, (finding,) = _read(mesh)
    assert (finding.code, finding.fix) == (
        "ack.dbtignore",
        "add the line `acknowledgements.yaml` to domains/report/.dbtignore",
    )


def test_a_dbtignore_that_is_no_utf8_lacks_the_line(mesh: SmallMesh) -> None:
    acknowledge(mesh)
    mesh.path("domains/report/.dbtignore").write_bytes(b"\xff")
    assert [finding.code for finding in _read(mesh)[1]] == ["ack.dbtignore"]


def test_a_word_covers_the_paths_it_names_and_what_is_below(mesh: SmallMesh) -> None:
    acknowledge(mesh, changes="['/schema[name=orders]/properties[name=amount]']")
    (word,), _ = _read(mesh)
    amount = "/schema[name=orders]/properties[name=amount]"
    assert [
        word.covers(path)
        for path in (amount, f"{amount}/logicalType", f"{amount}s", "/schema[name=orders]")
    ] == [True, True, False, False]


def test_of_several_words_on_a_port_the_one_on_the_latest_version_counts(mesh: SmallMesh) -> None:
    old = ENTRY.replace("2.0.0", "1.10.0")
    mesh.write(FILE, f"acknowledgements:\n  - {old}\n  - {ENTRY}\n  - {old.replace('10', '9')}\n")
    product = load_mesh(mesh.root).product("report/revenue")
    (item,) = product.inputs
    word = product.acknowledgement(item.port)
    assert word is not None
    assert word.version == "2.0.0"
