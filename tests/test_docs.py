"""The documents tell the truth: commands parse, paths exist, links lead on, examples load."""

from __future__ import annotations

import re
import shlex
import shutil
import textwrap
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
import typer.main

from mesh_platform.application.check_mesh import check_mesh
from mesh_platform.checks.rules import METRICS
from mesh_platform.cli.main import application
from mesh_platform.environments.workspace import Workspace
from mesh_platform.model.contract import Operator
from mesh_platform.model.dialect import COMPRESSIONS, OPTIONS
from mesh_platform.model.generated import drift
from mesh_platform.model.landing import FORMATS
from mesh_platform.model.loader import load_mesh
from mesh_platform.model.odps import InputPortEntry
from mesh_platform.model.settings import DomainSettings, MeshSettings
from mesh_platform.scaffold.sync import bring_in_step

ROOT = Path(__file__).parent.parent
README, CONTRIBUTING = ROOT / "README.md", ROOT / "CONTRIBUTING.md"
REFERENCE = ROOT / "docs/reference/files.md"
DOCUMENTS = sorted(
    [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("domains/*/products/*/README.md")]
)
DECISIONS = sorted(ROOT.glob("docs/adr/*.md"))
EXAMPLE = "domains/punctuality/products/carriers"
"""The product that CONTRIBUTING has the reader make."""
MADE_BY_COMMANDS = (".mesh", ".venv", EXAMPLE)
FENCE = re.compile(r"^ *```(\w*)\n(.*?)^ *```", re.DOTALL | re.MULTILINE)
SPAN = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\]\(([^)\s]+)\)")


def _shown(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _blocks(path: Path) -> list[tuple[str, str]]:
    return FENCE.findall(_text(path))


def _spans(path: Path) -> list[str]:
    return SPAN.findall(FENCE.sub("", _text(path)))


def _mesh_commands() -> Iterator[tuple[str, str]]:
    for document in DOCUMENTS:
        lines = [line.strip() for _, block in _blocks(document) for line in block.splitlines()]
        for text in (*lines, *_spans(document)):
            if text.startswith("mesh "):
                yield _shown(document), text


@pytest.mark.parametrize(("document", "text"), sorted(set(_mesh_commands())))
def test_a_command_in_a_document_is_one_that_mesh_understands(document: str, text: str) -> None:
    group = typer.main.get_command(application())
    assert isinstance(group, click.Group)
    name, *words = shlex.split(text, comments=True)[1:]
    assert name in group.commands, f"{document} shows `{text}`"
    if words and "--help" not in words:
        group.commands[name].make_context(name, words, obj=None)


def test_the_readme_shows_every_command_and_no_other() -> None:
    group = typer.main.get_command(application())
    assert isinstance(group, click.Group)
    section = _text(README).split("## The commands")[1].split("\n## ")[0]
    assert set(re.findall(r"^\| `mesh (\w+)", section, re.MULTILINE)) == set(group.commands)


def test_make_targets_in_documents_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", _text(ROOT / "Makefile"), re.MULTILINE))
    for document in DOCUMENTS:
        code = [*(block for _, block in _blocks(document)), *_spans(document)]
        named = {t for text in code for t in re.findall(r"^ *make ([a-z-]+)", text, re.MULTILINE)}
        assert named <= targets, _shown(document)


def test_a_reader_gets_to_the_first_command_within_forty_lines() -> None:
    assert any(line.startswith("make demo") for line in _text(README).splitlines()[:40])


def _looks_like_a_path(text: str) -> bool:
    if re.search(r"[\s<>*$(){}]", text) or text.startswith(("http", "--", *MADE_BY_COMMANDS)):
        return False
    return "/" in text and (ROOT / text.split("/", maxsplit=1)[0]).exists()


@pytest.mark.parametrize("document", [README, CONTRIBUTING], ids=_shown)
def test_a_path_that_is_named_exists(document: Path) -> None:
    named = [text for text in _spans(document) if _looks_like_a_path(text)]
    assert named
    assert [text for text in named if not (ROOT / text).exists()] == []


def _tree_paths(block: str) -> Iterator[Path]:
    """Paths of a drawn tree: two spaces for each level, several folders may share a line."""
    parents: list[Path] = [ROOT]
    for line in block.splitlines():
        level = (len(line) - len(line.lstrip())) // 2
        first, *rest = line.split()
        names = [first]
        for word in rest:
            if not word.endswith("/"):
                break
            names.append(word)
        yield from (parents[level] / name for name in names)
        parents = [*parents[: level + 1], parents[level] / first]


def test_the_trees_in_the_readme_are_on_disk() -> None:
    trees = [
        block for _, block in _blocks(README) if re.match(r"[\w/]+/( |$)", block, re.MULTILINE)
    ]
    paths = [path for block in trees for path in _tree_paths(block)]
    assert len(trees) == 2
    assert [_shown(path) for path in paths if not path.exists()] == []


def test_contributing_describes_every_room_from_the_top_down() -> None:
    rooms = {path.parent.name for path in ROOT.glob("mesh_platform/*/__init__.py")}
    told = re.findall(r"^\| `mesh_platform/(\w+)", _text(CONTRIBUTING), re.MULTILINE)
    modules = {path.stem for path in ROOT.glob("mesh_platform/[!_]*.py")}
    assert set(told) == rooms | modules
    settings = tomllib.loads(_text(ROOT / "pyproject.toml"))["tool"]["importlinter"]
    layers = next(c["layers"] for c in settings["contracts"] if c["type"] == "layers")
    assert told == [room for layer in layers for room in layer.split(" | ")]


def test_the_product_that_contributing_adds_by_hand_is_valid(tmp_path: Path) -> None:
    """Followed to its end, `mesh check` has nothing to say of it, and no policy has."""
    for name in ("mesh.yaml", "workspace.yaml"):
        shutil.copy(ROOT / name, tmp_path)
    ignored = shutil.ignore_patterns("dbt_packages", "target", "logs")
    for name in ("domains", "dbt_project"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=ignored)
    files = _files_of_the_example()
    (tmp_path / EXAMPLE).mkdir(parents=True)
    for name, text in files.items():
        (tmp_path / EXAMPLE / name).write_text(text, encoding="utf-8")
    mesh = load_mesh(tmp_path)
    assert mesh.findings == ()
    [missing] = drift(mesh, mesh.domain("punctuality"))
    assert missing.place.file == f"{EXAMPLE}/ports.yml"
    columns = [c.name for c in mesh.port("punctuality/carriers").contract.columns]
    assert all(name in files["carriers.sql"] for name in columns)
    bring_in_step(mesh, [mesh.domain("punctuality")])
    report = check_mesh(Workspace.open(tmp_path), ["punctuality"])
    of_it = [found for found in report.findings if found.product == "punctuality/carriers"]
    assert (of_it, report.outcome) == ([], "passed")


def _files_of_the_example() -> dict[str, str]:
    blocks = [(kind, textwrap.dedent(block)) for kind, block in _blocks(CONTRIBUTING)]
    descriptor, contract = (block for kind, block in blocks if kind == "yaml")
    (model,) = (block for kind, block in blocks if kind == "sql")
    (readme,) = (block for kind, block in blocks if kind == "markdown")
    return {
        "product.odps.yaml": descriptor,
        "carriers.odcs.yaml": contract,
        "carriers.sql": model,
        "README.md": readme,
    }


def test_the_reference_names_every_key_and_word_that_is_read() -> None:
    text = _text(REFERENCE)
    words = [
        *MeshSettings.model_fields,
        *DomainSettings.model_fields,
        *(field.alias or name for name, field in InputPortEntry.model_fields.items()),
        *FORMATS,
        *OPTIONS,
        *COMPRESSIONS,
        *METRICS,
        *(operator.value for operator in Operator),
    ]
    unused = {"id", "tags", "customProperties", "authoritativeDefinitions", "deprecated"}
    assert [w for w in words if w not in unused and not re.search(rf"`{w}[`.]", text)] == []


def test_each_decision_has_a_number_of_its_own_and_says_it() -> None:
    numbers = [int(path.name[:4]) for path in DECISIONS]
    assert len(set(numbers)) == len(DECISIONS)
    assert [int(_text(path).split()[1].rstrip(".")) for path in DECISIONS] == numbers


def _anchors(path: Path) -> set[str]:
    titles = re.findall(r"^#+ (.+)$", FENCE.sub("", _text(path)), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("document", DOCUMENTS, ids=_shown)
def test_links_lead_somewhere(document: Path) -> None:
    for link in LINK.findall(FENCE.sub("", _text(document))):
        if link.startswith(("http:", "https:", "mailto:")):
            continue
        name, _, anchor = link.partition("#")
        target = (document.parent / name).resolve() if name else document
        assert target.exists(), link
        assert not anchor or anchor in _anchors(target), link
