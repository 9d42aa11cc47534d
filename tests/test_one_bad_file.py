"""One file of a mesh may say or be anything: the domains of others go on as before."""

from __future__ import annotations

import ast
import importlib
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from mesh_platform.cli import main
from mesh_platform.errors import MeshError, Place
from mesh_platform.files import LARGEST, UNREADABLE, digest, read_bytes, read_text, text_of
from mesh_platform.lineage.product_lineage import ProductLineage
from mesh_platform.model.contract import Contract
from mesh_platform.model.loader import load_mesh
from mesh_platform.model.mesh import Domain, Product
from mesh_platform.model.naming import ProductName
from tests.mutated_files import KINDS, contents, remove
from tests.small_mesh import ORDERS, REVENUE, SmallMesh, write_mesh

PRODUCTS = {"shop": "shop/orders", "report": "report/revenue", "twins": "twins/pair"}
CONTRACT = f"{ORDERS}/orders.odcs.yaml"
CASES = 40
"""In each run of the tests; 2,000 were run when the boundaries were made."""


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> SmallMesh:
    """A mesh of three domains with every kind of file, in step."""
    mesh = write_mesh(tmp_path_factory.mktemp("three") / "mesh", "shop", "report", "twins")
    agreed = "{port: shop/orders, version: 2.0.0, by: Rita, until: 2027-01-31}"
    mesh.write(f"{REVENUE}/acknowledgements.yaml", f"acknowledgements:\n  - {agreed}\n")
    mesh.write("domains/shop/waivers.yaml", "waivers: []\n")
    mesh.write("policies/all.py", '"""None yet."""\n')
    mesh.write("domains/shop/seeds/codes.csv", "code,label\n1,a\n")
    mesh.write("domains/shop/policies.py", '"""None yet."""\n')
    mesh.write("domains/twins/macros/one.sql", "{% macro one() %}1{% endmacro %}\n")
    mesh.write("domains/twins/tests/t.sql", "select 1 from {{ ref('left') }} where false\n")
    mesh.write(f"{ORDERS}/expectations.json", '{"expectations": []}\n')
    return mesh


Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(three: SmallMesh, capsys: pytest.CaptureFixture[str]) -> Iterator[Run]:
    before = sys.argv

    def runs(*words: str) -> tuple[int, str, str]:
        sys.argv = ["mesh", "-C", str(three.root), *words]
        capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            main.run()
        printed = capsys.readouterr()
        return int(left.value.code or 0), printed.out, printed.err

    yield runs
    sys.argv = before


def test_whatever_one_file_says_or_is_the_other_domains_list_and_check_as_before(
    three: SmallMesh, run: Run
) -> None:
    assert run("sync")[0] == 0
    homes = ("domains", "dbt_project", "policies")
    inside = (path for home in homes for path in sorted((three.root / home).rglob("*")))
    files = [path for path in inside if path.is_file()]
    files += [three.path("mesh.yaml"), three.path("workspace.yaml")]
    assert len(files) > 40
    before = _others(run("check", "--output", "json"), "none")

    @settings(
        max_examples=CASES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def hold(data: st.DataObject) -> None:
        path = data.draw(st.sampled_from(files), "file")
        content = path.read_bytes()
        if data.draw(st.integers(0, 5)):
            path.write_bytes(data.draw(contents(content), "content"))
        else:
            put = data.draw(st.sampled_from(KINDS), "kind")
            remove(path)
            put(path)
        home, domain, *_ = (*path.relative_to(three.root).parts, "")
        try:
            if home == "domains":
                _holds(run, domain, before)
            else:
                _ends(run)
        finally:
            remove(path)
            path.write_bytes(content)

    hold()


def _ends(run: Run) -> None:
    """A file that all domains share may stop a command, in words."""
    for command in ("list", "check"):
        code, _, said = run(command, "--output", "json")
        assert code in (0, 1, 2)
        assert "should not happen" not in said


def _holds(run: Run, domain: str, before: set[str]) -> None:
    listed, checked = run("list", "--output", "json"), run("check", "--output", "json")
    for code, _, said in (listed, checked):
        assert code in (0, 1, 2)
        assert "should not happen" not in said
    names = {entry["product"] for entry in json.loads(listed[1])}
    assert {name for home, name in PRODUCTS.items() if home != domain} <= names
    reader = {"report"} if domain == "shop" else set()
    assert _others(checked, domain, *reader) <= before


def _others(checked: tuple[int, str, str], *domains: str) -> set[str]:
    """Findings in the files of other domains than some."""
    found: list[dict[str, Any]] = json.loads(checked[1])["findings"]
    mine = tuple(f"domains/{domain}/" for domain in domains)
    return {f["message"] for f in found if not f["file"].startswith(mine)}


@pytest.mark.parametrize("put", KINDS[:5], ids=lambda put: put.__name__.strip("_"))
def test_a_contract_that_is_no_file_is_a_finding_and_nobody_waits(
    mesh: SmallMesh, put: Callable[[Path], None]
) -> None:
    path = mesh.path(CONTRACT)
    path.unlink()
    put(path)
    loaded = load_mesh(mesh.root)
    assert loaded.domain("shop").broken
    assert not loaded.domain("report").broken
    told = [str(f) for f in loaded.domain("shop").findings if f.place.file == CONTRACT]
    assert told


@pytest.mark.parametrize("item", ["${X}", "{}", "{0.__class__}", "%s", "[[]]", "1e999", "\x00"])
def test_an_item_of_any_text_in_a_list_of_rules_is_told_at_its_line(
    mesh: SmallMesh, item: str
) -> None:
    mesh.edit(CONTRACT, "    quality:\n", f"    quality:\n      - {item}\n")
    told = [f for f in load_mesh(mesh.root).findings if f.place.file == CONTRACT]
    assert {finding.place.line for finding in told} == {18}
    assert not any(finding.could_not_run for finding in told)


def test_a_fault_of_the_platform_is_a_finding_of_the_file(
    mesh: SmallMesh, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise LookupError("a secret")

    monkeypatch.setattr("mesh_platform.model.product_reader.read_draft", fails)
    loaded = load_mesh(mesh.root)
    told = {(f.place.file, f.message, f.could_not_run) for f in loaded.findings}
    said = "the platform failed when it read this: `LookupError`"
    assert (CONTRACT, said, True) in told


def _of_shop(value: object) -> bool:
    match value:
        case ProductName(domain=domain) | ProductLineage(product=ProductName(domain=domain)):
            return domain == "shop"
        case Domain(place=Place(file)) | Product(place=Place(file)) | Contract(place=Place(file)):
            return file.startswith("domains/shop/")
    return False


@pytest.mark.parametrize(
    ("command", "failing"),
    [
        ("list", "model.references._check_tables"),
        ("check", "model.references._check_inputs"),
        ("check", "release.lineage.files._settings"),
        ("check", "release.lineage.files.domain_findings"),
        ("check", "release.lineage.reads.lineage_findings"),
        ("check", "release.policies.waiver_files._seen_by_dbt"),
        ("check", "release.keepable.promise_findings"),
        ("check", "checks.asks._may_ask"),
        ("plan", "release.plans.plan.product_changes"),
        ("plan", "model.generated.expected_sources"),
        ("sync", "model.generated.expected_sources"),
    ],
)
def test_what_fails_for_one_domain_is_told_there_and_the_others_are_judged(
    three: SmallMesh, run: Run, monkeypatch: pytest.MonkeyPatch, command: str, failing: str
) -> None:
    module, _, name = f"mesh_platform.{failing}".rpartition(".")
    sound = getattr(importlib.import_module(module), name)

    def fails(*given: object, **named: object) -> object:
        if any(map(_of_shop, given)):
            raise LookupError("a secret")
        return sound(*given, **named)

    assert run("sync")[0] == 0
    three.write(f"{REVENUE}/ports.yml", three.read(f"{REVENUE}/ports.yml") + "#\n")
    before = json.loads(run("check", "report", "--output", "json")[1])["findings"]
    monkeypatch.setattr(f"{module}.{name}", fails)
    code, out, err = run(command, "--output", "json")
    assert "should not happen" not in err
    assert "a secret" not in out + err
    assert "LookupError" in out + err or command == "list"
    assert code in (1, 2) or command == "list"
    if command == "check":
        assert [f for f in json.loads(out)["findings"] if "/report/" in f["file"]] == before
        assert "model.missing" not in out, "nobody knows whether it is"
    if command == "sync":
        assert f"{REVENUE}/ports.yml" in json.loads(out)["written"]


def test_a_pipe_among_the_models_is_told_before_dbt_waits_for_it(mesh: SmallMesh) -> None:
    remove(mesh.path(f"{ORDERS}/README.md"))
    KINDS[1](mesh.path(f"{ORDERS}/README.md"))
    [finding] = load_mesh(mesh.root).findings
    assert (finding.code, finding.message) == (
        "file.kind",
        "`README.md` is a named pipe, not a file",
    )


@pytest.fixture
def open_mesh() -> Iterator[SmallMesh]:
    """A mesh where everybody may read it, while this process is nobody in particular."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        mesh = write_mesh(Path(folder) / "mesh")
        load_mesh(mesh.root)  # reads files of the platform that nobody else may read
        was = os.geteuid()
        try:
            yield mesh
        finally:
            os.seteuid(was)


@pytest.mark.parametrize(
    ("closed", "told"),
    [
        ("domains/report", {"domains/report"}),
        (REVENUE, {REVENUE}),
        (f"{ORDERS}/stg_orders.sql", {f"{ORDERS}/stg_orders.sql"}),
        (f"{REVENUE}/revenue.odcs.yaml", {f"{REVENUE}/revenue.odcs.yaml"}),
        (f"{ORDERS}/orders.csv", set()),
        (f"{ORDERS}/README.md", set()),
    ],
)
def test_what_this_user_may_not_read_is_told_and_does_not_look_gone(
    open_mesh: SmallMesh, closed: str, told: set[str]
) -> None:
    open_mesh.path(closed).chmod(0)
    os.seteuid(os.geteuid() or 65534)
    loaded = load_mesh(open_mesh.root)
    blocking = [finding for finding in loaded.findings if finding.blocking]
    assert {finding.place.file for finding in blocking} == told
    assert all("cannot be read: Permission denied" in finding.message for finding in blocking)
    assert {domain.name for domain in loaded.domains} == {"shop", "report"}
    broken = closed.split("/")[1]
    assert [domain.name for domain in loaded.domains if domain.broken] == [broken] * len(told)


@pytest.mark.parametrize(
    ("closed", "command", "code", "told"),
    [
        (
            "domains/report",
            "check",
            1,
            "`report` cannot be read: Permission denied\n  at: domains/report",
        ),
        (".", "list", 2, "/.mesh cannot be used: Permission denied"),
        ("mesh.yaml", "check", 2, "cannot be read: Permission denied\n  at: mesh.yaml"),
    ],
)
def test_a_command_tells_what_this_user_may_not_use(
    open_mesh: SmallMesh, run: Run, closed: str, command: str, code: int, told: str
) -> None:
    words = ("-C", str(open_mesh.root), command)
    run(*words)  # imports what nobody else may read
    remove(open_mesh.path(".mesh"))
    open_mesh.path(closed).chmod(0o555 if closed == "." else 0)
    os.seteuid(os.geteuid() or 65534)
    left, out, err = run(*words)
    assert left == code
    assert told in out + err
    assert "should not happen" not in err


def test_a_folder_of_domains_that_this_user_may_not_read_is_told(open_mesh: SmallMesh) -> None:
    open_mesh.path("domains").chmod(0)
    os.seteuid(os.geteuid() or 65534)
    with pytest.raises(MeshError, match="the folder `domains` cannot be read: Permission denied"):
        load_mesh(open_mesh.root)


def test_a_file_is_refused_by_its_size_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    with path.open("wb") as file:
        file.truncate(LARGEST + 1)
    with pytest.raises(MeshError, match=r"larger than 2 MB\n  at: a\.yaml\n  try: "):
        read_bytes(path, "a.yaml")
    assert len(digest(path)) == 64, "data may be of any size"
    assert text_of(path) == UNREADABLE
    assert text_of(tmp_path / "none") == ""


def test_bytes_that_are_no_text_are_told_with_their_place(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(b"a: 1\r\nb: \xff\n")
    with pytest.raises(MeshError, match=r"not UTF-8\n  at: a\.yaml:2:4"):
        read_text(tmp_path / "a.yaml", "a.yaml")


def test_files_of_a_mesh_are_read_in_one_module_only() -> None:
    """A read elsewhere may hang on a pipe, or fill the memory."""
    package = Path(main.__file__).parents[1]
    own = {  # what the platform wrote itself, or ships
        "files.py",
        "engines/duckdb/limits.py",
        "engines/dbt/compiled.py",
        "engines/dbt/properties.py",
        "engines/dbt/manifest.py",
        "engines/great_expectations/python_suites.py",
        "engines/duckdb/views.py",
        "release/lineage/compiled.py",
        "release/policies/apart.py",
        "release/policies/maturity.py",
        "catalog/compliance_page.py",
        "model/odcs_versions.py",
        "whole_files.py",
    }
    found = {
        path.relative_to(package).as_posix()
        for path in package.rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(call, ast.Call) and _reads(call)
    }
    data = {name for name in found if name.startswith(("engines/duckdb/landing/", "storage/"))}
    assert found - own - data == set()


def _reads(call: ast.Call) -> bool:
    match call.func:
        case ast.Attribute(attr="read_text" | "read_bytes"):
            return True
        case ast.Name(id="open") | ast.Attribute(attr="open"):
            modes = [given.value for given in call.args if isinstance(given, ast.Constant)]
            return modes in (["r"], ["rb"], ["rt"])
    return False
