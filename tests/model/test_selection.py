from __future__ import annotations

import random
from pathlib import Path

import pytest

from mesh_platform.errors import MeshError, Place, UnknownNameError, did_you_mean
from mesh_platform.model.contract import Contract
from mesh_platform.model.mesh import Domain, Mesh, Port, PortInput, Product
from mesh_platform.model.naming import PortName, ProductName
from mesh_platform.model.selection import Selection, select

PLACE = Place("x.yaml", 1)


def _contract(name: str) -> Contract:
    empty = dict.fromkeys(
        ("name", "purpose", "limitations", "usage", "description", "granularity", "schedule")
    )
    return Contract(
        id=name, version="1.0.0", status="active", table=name, columns=(), rules=(), digest="",
        place=PLACE, **empty,
    )  # fmt: skip


def _mesh(reads: dict[str, list[str]], ports: dict[str, list[str]] | None = None) -> Mesh:
    """A mesh of products; `reads` maps each to the products whose first port it reads."""
    offered = {name: (ports or {}).get(name) or [name.split("/")[1]] for name in reads}

    def port(product: str, name: str) -> PortName:
        return PortName(ProductName.parse(product), name)

    def product(name: str) -> Product:
        return Product(
            name=ProductName.parse(name), title=name, type="x", version="1.0.0", status="active",
            purpose=None, folder=Path(name), landings=(), place=PLACE,
            inputs=tuple(
                PortInput(port=port(other, offered[other][0]), version=None, place=PLACE)
                for other in reads[name]
            ),
            ports=tuple(
                Port(name=port(name, p), description=None, version="1", contract=_contract(p))
                for p in offered[name]
            ),
        )  # fmt: skip

    domains = sorted({name.split("/")[0] for name in reads})
    return Mesh(
        name="m", description="", root=Path(), folder=Path(), findings=(),
        domains=tuple(
            Domain(
                name=domain, purpose="", team="t", email="e", folder=Path(domain), findings=(),
                products=tuple(product(n) for n in sorted(reads) if n.startswith(f"{domain}/")),
            )
            for domain in domains
        ),
    )  # fmt: skip


CHAIN = _mesh(
    {
        "z/raw": [],
        "y/clean": ["z/raw"],
        "x/daily": ["y/clean"],
        "x/weekly": ["x/daily"],
        "w/other": [],
    },
    ports={"w/other": ["one", "two"]},
)


@pytest.mark.parametrize(
    ("expressions", "names"),
    [
        ([], ["w/other", "z/raw", "y/clean", "x/daily", "x/weekly"]),
        (["x"], ["x/daily", "x/weekly"]),
        (["y/clean"], ["y/clean"]),
        (["+y/clean"], ["z/raw", "y/clean"]),
        (["y/clean+"], ["y/clean", "x/daily", "x/weekly"]),
        (["+y/clean+"], ["z/raw", "y/clean", "x/daily", "x/weekly"]),
        (["+x"], ["z/raw", "y/clean", "x/daily", "x/weekly"]),
        (["x/weekly", "z"], ["z/raw", "x/weekly"]),
        (["x/daily", "x/daily"], ["x/daily"]),
    ],
)
def test_expressions_select_products_providers_first(
    expressions: list[str], names: list[str]
) -> None:
    assert [str(product.name) for product in select(CHAIN, expressions)] == names


@pytest.mark.parametrize(
    ("text", "fix"),
    [
        ("y/claen", "did you mean `y/clean`?"),
        ("+y/claen+", "did you mean `y/clean`?"),
        ("qqqq", "known: `w`, `w/other`, `x`, `x/daily`, `x/weekly` and 4 more"),
    ],
)
def test_an_unknown_name_is_answered_with_known_ones(text: str, fix: str) -> None:
    with pytest.raises(UnknownNameError) as caught:
        select(CHAIN, [text])
    assert str(caught.value) == (
        f"no domain or product is called `{text.strip('+')}`\n  try: {fix}"
    )


GONE = ProductName.parse("v/gone")
OTHER = ProductName.parse("y/gone")


@pytest.mark.parametrize(
    ("expressions", "meant"),
    [
        ([], {"v/gone", "y/gone", "y/clean", "x/daily"}),
        (["v"], {"v/gone"}),
        (["+v/gone+"], {"v/gone"}),
        (["y"], {"y/gone", "y/clean"}),
        (["y/clean+", "v/gone"], {"v/gone", "y/clean", "x/daily"}),
    ],
)
def test_a_selection_means_what_is_gone_too(expressions: list[str], meant: set[str]) -> None:
    chosen = Selection.of(CHAIN, expressions)
    chosen.check([GONE, OTHER])
    names = [GONE, OTHER, *map(ProductName.parse, ("y/clean", "x/daily"))]
    assert {str(name) for name in names if name in chosen} == meant
    assert {name.domain for name in names if chosen.reaches(name.domain)} == {
        name.split("/")[0] for name in meant
    }


def test_a_selection_of_what_never_was_is_refused() -> None:
    chosen = Selection.of(CHAIN, ["x", "v/gnoe"])
    with pytest.raises(UnknownNameError) as caught:
        chosen.check([GONE])
    assert caught.value.message == "no domain or product is called `v/gnoe`"


def test_providers_always_come_before_their_consumers() -> None:
    chance = random.Random(7)
    for _ in range(50):
        names = [f"d{chance.randrange(3)}/p{number}" for number in range(12)]
        reads = {n: chance.sample(names[:i], min(i, 2)) for i, n in enumerate(names)}
        mesh = _mesh(reads)
        order = [str(product.name) for product in mesh.in_order(mesh.products)]
        assert sorted(order) == sorted(names)
        assert all(order.index(r) < order.index(n) for n in names for r in reads[n])


def test_an_order_of_a_circle_still_ends() -> None:
    mesh = _mesh({"a/one": ["a/two"], "a/two": ["a/one"]})
    assert len(mesh.in_order(mesh.products)) == 2
    assert len(select(mesh, ["+a/one+"])) == 2


def test_providers_and_consumers_are_each_others_mirror() -> None:
    raw, clean = ProductName.parse("z/raw"), ProductName.parse("y/clean")
    assert CHAIN.consumers(raw) == (clean,)
    assert CHAIN.providers(CHAIN.products[clean]) == (raw,)


@pytest.mark.parametrize(
    ("text", "port"),
    [
        ("y/clean", "y/clean"),
        ("y/clean/clean", "y/clean"),
        ("w/other/one", "w/other/one"),
    ],
)
def test_a_port_is_found_by_product_or_by_its_own_name(text: str, port: str) -> None:
    assert str(CHAIN.port(text).name) == port


def test_a_product_with_several_ports_asks_for_one() -> None:
    with pytest.raises(MeshError) as caught:
        CHAIN.port("w/other")
    assert str(caught.value) == (
        "`w/other` has several ports\n  try: name one: `w/other/one` or `w/other/two`"
    )


@pytest.mark.parametrize("kind", ["domain", "product", "port"])
def test_a_lookup_of_a_name_that_is_not_there_suggests_one(kind: str) -> None:
    with pytest.raises(UnknownNameError, match=f"no {kind} is called `y/claen`"):
        getattr(CHAIN, kind)("y/claen")


def test_did_you_mean_has_something_to_say_even_of_nothing() -> None:
    assert did_you_mean("x", []) == "there is none yet"
    assert did_you_mean("net_amount", ["amount", "amount_net"]) == "did you mean `amount_net`?"
    assert did_you_mean("ab", ["abc", "abd"]) in (
        "did you mean `abc` or `abd`?",
        "did you mean `abd` or `abc`?",
    )
