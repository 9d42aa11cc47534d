from __future__ import annotations

import pytest

from mesh_platform.model.loader import load_mesh
from mesh_platform.release.outcome import ProductOutcome, Verdict
from mesh_platform.release.schedule import Batch, batches, fitting_jobs, run_in_order
from tests.model.test_selection import CHAIN
from tests.small_mesh import ORDERS, SmallMesh


class _Recorder:
    """Builds nothing and notes the batches; products of `failing` come out failed."""

    def __init__(self, *failing: str, jobs: int = 1) -> None:
        self.failing, self.jobs = failing, jobs
        self.batches, self.under_way = list[list[str]](), list[Batch]()

    @property
    def free(self) -> bool:
        return len(self.under_way) < self.jobs

    def start(self, batch: Batch) -> None:
        assert self.free
        assert {product.name.domain for product in batch.products} == {batch.domain}
        assert batch.domain not in {other.domain for other in self.under_way}
        self.batches.append([str(product.name) for product in batch.products])
        self.under_way.append(batch)

    def finished(self) -> tuple[Batch, list[ProductOutcome]]:
        batch = self.under_way.pop()
        return batch, [
            ProductOutcome(
                product,
                Verdict.FAILED if str(product.name) in self.failing else Verdict.RELEASED,
                0.0,
            )
            for product in batch.products
        ]


@pytest.mark.parametrize("jobs", [1, 2, 9])
def test_every_product_is_built_once_after_its_providers(jobs: int) -> None:
    recorder = _Recorder(jobs=jobs)
    outcomes = run_in_order(CHAIN, CHAIN.products.values(), recorder)
    names = [str(outcome.product.name) for outcome in outcomes]
    assert sorted(names) == sorted(name for batch in recorder.batches for name in batch)
    assert sorted(names) == sorted(map(str, CHAIN.products))
    for product in CHAIN.products.values():
        for provider in CHAIN.providers(product):
            assert names.index(str(provider)) < names.index(str(product.name))


def test_what_fails_does_not_stop_the_rest() -> None:
    outcomes = run_in_order(CHAIN, CHAIN.products.values(), _Recorder("z/raw"))
    found = {str(outcome.product.name): outcome.verdict for outcome in outcomes}
    assert len(outcomes) == len(found)
    rest = dict.fromkeys(map(str, CHAIN.products), Verdict.RELEASED)
    assert found == rest | {"z/raw": Verdict.FAILED}


def test_a_provider_that_is_not_built_is_not_waited_for() -> None:
    (only,) = [p for p in CHAIN.products.values() if str(p.name) == "x/weekly"]
    recorder = _Recorder()
    run_in_order(CHAIN, [only], recorder)
    assert recorder.batches == [["x/weekly"]]


def test_nothing_to_build_is_nothing() -> None:
    assert run_in_order(CHAIN, [], _Recorder()) == []


@pytest.mark.parametrize("reads", ["shop/orders", "report/revenue"])
def test_a_circle_does_not_stop_the_build(mesh: SmallMesh, reads: str) -> None:
    mesh.edit(
        f"{ORDERS}/product.odps.yaml",
        "inputPorts:\n",
        f"inputPorts:\n  - {{name: back, contractId: {reads}}}\n",
    )
    read = load_mesh(mesh.root)
    outcomes = run_in_order(read, read.products.values(), _Recorder())
    assert sorted(str(o.product.name) for o in outcomes) == ["report/revenue", "shop/orders"]


def test_domains_that_do_not_wait_for_each_other_are_built_at_once() -> None:
    class Watched(_Recorder):
        most = 0

        def start(self, batch: Batch) -> None:
            super().start(batch)
            self.most = max(self.most, len(self.under_way))

    recorder = Watched(jobs=2)
    sources = [p for p in CHAIN.products.values() if not CHAIN.providers(p)]
    assert len({product.name.domain for product in sources}) > 1, "the chain needs two sources"
    run_in_order(CHAIN, sources, recorder)
    assert recorder.most == 2


def test_the_order_of_batches_is_known_beforehand() -> None:
    recorder = _Recorder()
    run_in_order(CHAIN, CHAIN.products.values(), recorder)
    ahead = [[str(p.name) for p in b.products] for b in batches(CHAIN, CHAIN.products.values())]
    assert ahead == recorder.batches


@pytest.mark.parametrize(
    ("domains", "seconds", "cores", "jobs"),
    [
        (0, 0.0, 8, 1),  # nothing to build
        (5, 20.0, 8, 1),  # a small mesh: a second process costs more than it saves
        (5, 200.0, 8, 4),  # long models pay
        (5, 900.0, 8, 5),  # a domain is built by one process
        (100, 0.0, 8, 8),  # many domains pay, as far as there are cores
    ],
)
def test_as_many_processes_as_pay(domains: int, seconds: float, cores: int, jobs: int) -> None:
    assert fitting_jobs(domains, seconds, cores) == jobs
