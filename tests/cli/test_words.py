"""Wrong names and wrong places: every message names the way out, and no traceback is seen."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import click
import pytest
import typer

from mesh_platform.cli import main
from mesh_platform.model.generated import MARK
from tests.cli.conftest import Run
from tests.small_mesh import ORDERS, REVENUE, SmallMesh


def test_a_folder_that_is_gone_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    here.rmdir()
    monkeypatch.setattr("sys.argv", ["mesh", "list"])
    with pytest.raises(SystemExit) as left:
        main.run()
    assert left.value.code == 2
    said = "the folder in which this was started is gone\n  try: go to one that is there\n"
    assert capsys.readouterr().err == said


def _commands(group: click.Group, before: str = "") -> list[str]:
    """All that can be typed, groups opened: `build`, `env list`."""
    return [
        name
        for word, command in group.commands.items()
        for name in (
            _commands(command, f"{before}{word} ")
            if isinstance(command, click.Group)
            else [before + word]
        )
    ]


COMMANDS = _commands(cast("click.Group", typer.main.get_command(main.application())))


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself_with_an_example_and_the_common_options(
    look: Run, command: str
) -> None:
    said = look(*command.split(), "--help")
    assert said.code == 0
    assert "Example: mesh " + command in " ".join(said.out.split())
    for option in ("--output", "--env", "-C", "--debug"):
        assert option in said.out


@pytest.mark.parametrize(
    ("words", "loaded"),
    [
        (["list"], ["list"]),
        (["-C", "plan", "list", "shop"], ["list"]),
        (["--env=alice", "--output", "json", "--debug", "check"], ["check"]),
        (["lisst", "plan"], None),
        (["--help", "list"], None),
        (["-C"], None),
        ([], None),
    ],
)
def test_only_the_command_that_is_named_is_imported(
    words: list[str], loaded: list[str] | None
) -> None:
    group = cast("click.Group", typer.main.get_command(main.application(words)))
    assert sorted(group.commands) == sorted(loaded or main._COMMANDS)


@pytest.mark.parametrize("group", ["env", "policy", "product"])
def test_the_help_of_a_group_has_an_example_too(look: Run, group: str) -> None:
    assert f"Example: mesh {group} " in " ".join(look(group, "--help").out.split())


def test_the_help_of_environments_says_how_they_are_made(look: Run) -> None:
    said = " ".join(look("env", "--help").out.split())
    assert "The first build in an environment makes it: `mesh build --env alice`" in said


def test_a_wrong_name_gets_a_suggestion(look: Run) -> None:
    said = look("show", "shop/order")
    assert said.code == 2
    assert said.out == ""
    assert said.err == ("no product is called `shop/order`\n  try: did you mean `shop/orders`?\n")


@pytest.mark.parametrize("command", ["list", "status"])
def test_products_that_cannot_be_read_are_not_left_out_in_silence(
    look: Run, mesh: SmallMesh, command: str
) -> None:
    mesh.edit(f"{REVENUE}/revenue.odcs.yaml", "status: active", "status: [active")
    told = "report: broken, see `mesh check report`\n"
    assert look(command).err == told
    assert look(command, "report", "--output", "json").err == told
    assert look(command, "shop").err == ""
    named = look(command, "report/revenue")
    assert (named.code, named.err.splitlines()[1]) == (1, "  try: mesh check report")


def test_a_folder_without_a_mesh_says_what_to_do(look: Run, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    said = look("list", "-C", str(empty))
    assert said.code == 2
    assert said.err.startswith(f"no mesh.yaml in {empty} or any folder above it\n")


def test_common_options_may_stand_before_the_command(look: Run, mesh_root: Path) -> None:
    inside = str(mesh_root / "domains")
    assert (
        look("-C", inside, "list", "--output", "json").json
        == look("list", "-C", inside, "--output", "json").json
    )


def test_an_unknown_option_is_exit_code_2(look: Run) -> None:
    said = look("list", "--colour")
    assert said.code == 2
    assert "--colour" in said.err


def test_an_environment_must_have_a_name(look: Run) -> None:
    said = look("list", "--env", "../up")
    assert said.code == 2
    assert "cannot name an environment" in said.err


def test_a_product_that_was_never_released_says_how_to_build_it(look: Run) -> None:
    said = look("read", "shop/orders")
    assert said.code == 2
    assert said.err == "shop/orders has no release yet\n  try: mesh build +shop/orders\n"


def test_an_unexpected_error_is_words_and_exit_code_2(
    look: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **_more: object) -> None:
        raise ZeroDivisionError("by accident")

    monkeypatch.setattr("mesh_platform.environments.workspace.load_mesh", fail)
    said = look("list")
    assert said.code == 2
    assert "this should not happen: ZeroDivisionError: by accident" in said.err
    assert "Traceback" not in said.err
    assert "Traceback" in look("list", "--debug").err


def test_list_and_check_keep_their_json_shapes(look: Run) -> None:
    look("sync")
    assert look("list", "shop", "--output", "json").json == [
        {
            "domain": "shop",
            "product": "shop/orders",
            "type": "sourceAligned",
            "owner": "shop-team",
            "ports": [
                {
                    "name": "orders",
                    "version": "1.0.0",
                    "contract_id": "shop/orders",
                    "asset_key": "shop/orders",
                    "deprecated": False,
                    "end_of_support": None,
                }
            ],
            "release": None,
            "health": "unreleased",
        }
    ]
    assert look("check", "--output", "json").json == {"outcome": "passed", "findings": []}


def test_check_names_file_and_line_and_fails(look: Run, mesh: SmallMesh) -> None:
    look("sync")
    mesh.edit(f"{ORDERS}/orders.odcs.yaml", "logicalType: object", "logicalTyp: object")
    line = mesh.line(f"{ORDERS}/orders.odcs.yaml", "logicalTyp: object")
    said = look("check", "--output", "json")
    assert said.code == 1
    assert said.json["outcome"] == "failed"
    [finding] = said.json["findings"]
    assert finding["code"] == "contract.unknown-key"
    assert finding["file"] == f"{ORDERS}/orders.odcs.yaml"
    assert finding["line"] == line
    assert finding["fix"].startswith("did you mean `logicalType`")
    assert f":{line}:5  [contract.unknown-key]" in look("check", "shop").out


def test_check_finds_rules_that_could_never_run(look: Run, mesh: SmallMesh) -> None:
    look("sync")
    revenue = "domains/report/products/revenue/revenue.odcs.yaml"
    mesh.edit(revenue, "from shop.orders)", "from read_csv('orders.csv'))")
    said = look("check", "--output", "json")
    assert (said.code, said.json["outcome"]) == (1, "failed")
    (rule,) = said.json["findings"]
    assert (rule["code"], rule["file"]) == ("contract.cannot-run", revenue)
    assert rule["line"] == mesh.line(revenue, "- name: no_order_lost")
    assert rule["message"] == (
        "check `no_order_lost` cannot run: the rule calls `read_csv`, "
        "which reaches outside the data it may read"
    )


def test_generated_sources_that_drifted_are_found_and_mended(look: Run, mesh: SmallMesh) -> None:
    look("sync")
    mesh.edit("domains/shop/products/sources.yml", "name: orders_file", "name: orders")
    said = look("check", "--output", "json")
    assert said.code == 1
    assert said.json["findings"][0]["fix"] == "mesh sync shop"
    assert look("sync", "--output", "json").json == {
        "written": ["domains/shop/products/sources.yml"],
        "removed": [],
    }
    assert look("check").code == 0


def test_sync_says_what_it_did_and_then_has_nothing_to_do(look: Run, mesh: SmallMesh) -> None:
    mesh.delete(f"{REVENUE}/product.odps.yaml")
    mesh.write(f"{REVENUE}/ports.yml", f"{MARK}revenue.odcs.yaml; do not edit\n")
    assert look("sync").out == (
        "written: domains/report/products/sources.yml\n"
        f"written: {ORDERS}/ports.yml\n"
        f"removed: {REVENUE}/ports.yml\n"
    )
    assert look("sync", "--output", "json").json == {"written": [], "removed": []}
    assert look("sync").out == "everything is in step\n"


def test_sync_does_not_touch_what_a_person_wrote(look: Run, mesh: SmallMesh) -> None:
    mesh.write(f"{ORDERS}/ports.yml", "version: 2\n")
    said = look("sync")
    assert (said.code, mesh.read(f"{ORDERS}/ports.yml")) == (1, "version: 2\n")
    assert f"written: {REVENUE}/ports.yml" in said.out
    assert said.err == (
        "left alone: `ports.yml` is the name of a generated file,"
        " and this one was written by hand\n"
        f"  at: {ORDERS}/ports.yml:1\n"
        "  try: rename it, or remove it; then `mesh sync shop`\n"
    )


def test_a_providers_change_does_not_fail_the_check_of_its_consumer(
    look: Run, mesh: SmallMesh
) -> None:
    look("sync")
    mesh.edit(f"{ORDERS}/orders.odcs.yaml", "Who ordered.", "Who ordered it.")
    look("sync", "shop")
    said = look("check", "--output", "json")
    assert (said.code, said.json["outcome"]) == (0, "passed")
    assert [f["code"] for f in said.json["findings"]] == ["sources.columns"]


def test_doctor_finds_a_source_that_vanished(look: Run, mesh: SmallMesh) -> None:
    assert look("doctor").code == 0
    mesh.delete(f"{ORDERS}/orders.csv")
    said = look("doctor", "--output", "json")
    assert said.code == 2
    [ill] = [symptom for symptom in said.json if not symptom["fine"]]
    assert ill["name"] == "sources"
    assert "orders.csv" in ill["found"]


def test_sync_leaves_a_broken_domain_alone(look: Run, mesh: SmallMesh) -> None:
    look("sync")
    before = mesh.read("domains/shop/products/sources.yml")
    mesh.edit(f"{ORDERS}/product.odps.yaml", "kind: DataProduct", "kind: Product")
    said = look("sync")
    assert said.code == 1
    assert "left alone, because their files have errors: shop" in said.err
    assert mesh.read("domains/shop/products/sources.yml") == before


def test_an_unknown_command_is_suggested(look: Run) -> None:
    said = look("buidl")
    assert (said.code, said.err) == (
        2,
        "no command is called `buidl`\n  try: did you mean `build`?\n",
    )


def test_rules_in_prose_are_shown_and_not_counted(look: Run, mesh: SmallMesh) -> None:
    before = len(look("show", "shop/orders", "--output", "json").json["ports"][0]["checks"])
    mesh.edit(
        f"{ORDERS}/orders.odcs.yaml",
        "    quality:\n",
        "    quality:\n      - {type: text, description: Refunds are not orders.}\n",
    )
    port = look("show", "shop/orders", "--output", "json").json["ports"][0]
    assert [text["description"] for text in port["texts"]] == ["Refunds are not orders."]
    assert len(port["checks"]) == before
    assert "not checked: Refunds are not orders." in look("show", "shop/orders").out


def test_sync_tells_each_file_that_it_leaves_alone(look: Run, mesh: SmallMesh) -> None:
    mesh.write(f"{REVENUE}/ports.yml", "version: 2\n")
    mesh.edit(f"{ORDERS}/product.odps.yaml", "kind: DataProduct", "kind: Product")
    said = look("sync")
    assert said.code == 1
    assert "left alone: `ports.yml` is the name of a generated file" in said.err
    assert "left alone, because their files have errors: shop" in said.err
