from __future__ import annotations

from collections.abc import Sequence

import pytest

from mesh_platform.model.loader import load_mesh
from mesh_platform.model.mesh import Product
from mesh_platform.release.outcome import ProductOutcome, Verdict
from mesh_platform.release.schedule import run_in_order
from tests.model.test_selection import CHAIN
from tests.small_mesh import ORDERS, SmallMesh


class _Recorder:
    """Builds nothing and notes the batches; products of `failing` come out failed."""

    def __init__(self, *failing: str) -> None:
        self.failing, self.batches = failing, list[list[str]]()

    def run(self, domain: str, batch: Sequence[Product]) -> list[ProductOutcome]:
        names = [str(product.name) for product in batch]
        assert {name.split("/")[0] for name in names} == {domain}
        self.batches.append(names)
        return [
            ProductOutcome(
                product,
                Verdict.FAILED if str(product.name) in self.failing else Verdict.RELEASED,
                0.0,
            )
            for product in batch
        ]


def test_every_product_is_built_once_after_its_providers() -> None:
    recorder = _Recorder()
    outcomes = run_in_order(CHAIN, CHAIN.products.values(), recorder.run)
    names = [str(outcome.product.name) for outcome in outcomes]
    assert names == [name for batch in recorder.batches for name in batch]
    assert sorted(names) == sorted(map(str, CHAIN.products))
    for product in CHAIN.products.values():
        for provider in CHAIN.providers(product):
            assert names.index(str(provider)) < names.index(str(product.name))


def test_what_fails_does_not_stop_the_rest() -> None:
    outcomes = run_in_order(CHAIN, CHAIN.products.values(), _Recorder("z/raw").run)
    assert len(outcomes) == len(CHAIN.products)


def test_a_provider_that_is_not_built_is_not_waited_for() -> None:
    (only,) = [p for p in CHAIN.products.values() if str(p.name) == "x/weekly"]
    assert len(run_in_order(CHAIN, [only], _Recorder().run)) == 1


def test_nothing_to_build_is_nothing() -> None:
    assert run_in_order(CHAIN, [], _Recorder().run) == []


@pytest.mark.parametrize("reads", ["shop/orders", "report/revenue"])
def test_a_circle_does_not_stop_the_build(mesh: SmallMesh, reads: str) -> None:
    mesh.edit(
        f"{ORDERS}/product.odps.yaml",
        "inputPorts:\n",
        f"inputPorts:\n  - {{name: back, contractId: {reads}}}\n",
    )
    read = load_mesh(mesh.root)
    assert len(run_in_order(read, read.products.values(), _Recorder().run)) == 2
