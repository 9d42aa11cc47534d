"""Takes verified releases from one environment into another, without building or copying data.

All products of one promotion become current together. Until then they are attempts that are being
built: whatever ends a promotion early, the next build or promotion there throws them away.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial

from mesh_platform.environments.lifecycle import known
from mesh_platform.environments.locks import in_use
from mesh_platform.environments.promises import promise_of
from mesh_platform.environments.stored import paths
from mesh_platform.environments.workspace import Workspace
from mesh_platform.errors import MeshError, PromiseBrokenError
from mesh_platform.model.mesh import Product
from mesh_platform.release.fingerprint import fingerprint
from mesh_platform.release.guard import refuse_breaks
from mesh_platform.release.inputs import resolve
from mesh_platform.release.policies.on_releases import KIND, policy_checks
from mesh_platform.release.promised import as_promised
from mesh_platform.release.publish import as_released, commit, recover, take_back
from mesh_platform.state.records import (
    Attempt,
    CheckRecord,
    Followed,
    InputRecord,
    Origin,
    PortRecord,
    State,
)
from mesh_platform.storage.hardlink import take

Waits = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Promoted:
    """Hold the outcome of a product: the release that is current now, and the one it was made of.

    `new` is false where it was current before; `copied` counts the bytes that could not be shared;
    `warning` is what its team should know.
    """

    product: Product
    source: Attempt
    release: Attempt
    new: bool
    copied: int = 0
    warning: str | None = None


def promote(
    source: Workspace,
    target: Workspace,
    products: Iterable[Product],
    waits: Waits = lambda _words: None,
) -> list[Promoted]:
    """Make the current releases of products in one environment current in another.

    Args:
        source: where they were built.
        target: where they go.
        products: which.
        waits: told in words when a build has to end first.

    Returns:
        What became of each, providers first.

    Raises:
        MeshError: one of them was not built in the source, read what the target does not have,
            breaks what is read in a target that is guarded, or is withheld by a policy beside the
            target's last release; nothing was promoted then.
    """
    if source.environment == target.environment:
        raise MeshError(
            f"`{source.environment}` cannot be promoted to itself", fix="name two environments"
        )
    chosen = source.mesh.in_order({product.name for product in products})
    with _held(source, target, chosen, waits):
        for product in chosen:
            recover(target, product)
        return _Promotion(source, target, chosen).run()


@contextmanager
def _held(
    source: Workspace, target: Workspace, products: Iterable[Product], waits: Waits
) -> Iterator[None]:
    """Be the only builder of all domains on both sides; always in the same order."""
    sides = sorted((source, target), key=lambda side: side.environment)
    with ExitStack() as stack:
        for side in sides:
            stack.enter_context(in_use(side.home))
            known(source, side.environment)
        for side in sides:
            for domain in sorted({product.name.domain for product in products}):
                words = f"waiting for a build of `{domain}` in `{side.environment}`"
                stack.enter_context(side.only_builder(domain, partial(waits, words)))
        yield


class _Promotion:
    """Releases on their way; `taken` are those of the source by product, `there` those at home."""

    def __init__(self, source: Workspace, target: Workspace, products: Iterable[Product]) -> None:
        self.source, self.target, self.products = source, target, tuple(products)
        self.taken = {str(product.name): self._built(product) for product in self.products}
        self.there = {name: self._kept(release) for name, release in self.taken.items()}
        self.after: Mapping[str, Attempt] = {**target.all_current(), **self.taken}
        self.copied: dict[str, int] = {}

    def run(self) -> list[Promoted]:
        """Promote what the target does not have yet."""
        new = [release for name, release in self.taken.items() if self.there[name] is None]
        for release in new:
            self._refuse_other_inputs(release)
            self._refuse_breaks(release)
        attempts = self._planned(new)
        checks = {attempt.id: self._judged(release, attempt) for release, attempt in attempts}
        try:
            for release, attempt in attempts:
                digests = (release.descriptor_digest, *(p.contract_digest for p in release.ports))
                kept = (self.source.registry.contract(digest) for digest in digests if digest)
                self.target.registry.begin(attempt, [record for record in kept if record])
            self._publish(attempts, checks)
        except BaseException as error:
            self._undo([attempt for _, attempt in attempts], error)
            raise
        return [self._promoted(product) for product in self.products]

    def _built(self, product: Product) -> Attempt:
        name, place = str(product.name), self.source.environment
        release = self.source.registry.current(name)
        if release is None:
            read = self.source.current(name)
            where = f"; it reads release {read.number} of `{read.environment}`" if read else ""
            raise MeshError(
                f"{name} was not built in `{place}`{where}",
                fix=f"leave it out, or build it there: mesh build {name} --env {place} --full",
            )
        for port in release.ports:
            self.source.files(release, port.port, deep=True)
        return release

    def _kept(self, release: Attempt) -> Attempt | None:
        """The same release where the target has it already, and it is current there."""
        registry, place = self.target.registry, self.target.environment
        current = registry.current(release.product)
        for item in registry.releases(release.product):
            if item.identity == release.identity:
                if current is not None and current.id == item.id:
                    return item
                raise MeshError(
                    f"`{place}` had this release of {release.product} before: it is release "
                    f"{item.number} there, and not current",
                    fix=f"mesh rollback {release.product} --to {item.number} --env {place}",
                )
        return None

    def _refuse_other_inputs(self, release: Attempt) -> None:
        """Refuse a release that was verified with other data than the target has."""
        for item in release.inputs:
            provider = _product_of(item)
            read, now = self.source.pinned(release, item), self.after.get(provider)
            if now is None or now.identity != (read.identity if read else item.release_id):
                raise self._other_input(release, item, read)

    def _other_input(self, release: Attempt, item: InputRecord, read: Attempt | None) -> MeshError:
        source, target, provider = self.source, self.target, _product_of(item)
        there = target.current(provider)
        number = f"release {read.number}" if read else "a release that is gone"
        has = f"has release {there.number}" if there else "has none"
        both = f"{release.product} {provider}"
        own = source.registry.current(provider)
        if own is not None and own.id == item.release_id:
            way = f"mesh env promote {both} --from {source.environment} --to {target.environment}"
        else:
            way = f"mesh build {release.product} --env {source.environment}, then promote again"
        return MeshError(
            f"{release.product} cannot be promoted: it read {number} of `{item.port}` in "
            f"`{item.environment or source.environment}`, and `{target.environment}` {has}",
            fix=way,
        )

    def _refuse_breaks(self, release: Attempt) -> None:
        """Refuse a break of what was promised when it was built, whatever the files say by now."""
        product, promise = (
            self.target.mesh.product(release.product),
            promise_of(self.source, release),
        )
        product = as_promised(product, promise) if promise else product
        try:
            refuse_breaks(self.target, product, datetime.now(UTC).date())
        except PromiseBrokenError as error:
            again = f"mesh build {release.product} --env {self.source.environment}"
            raise PromiseBrokenError(
                f"{release.product} cannot be promoted: {error.message}",
                place=error.place,
                fix=f"{error.fix}\nthen {again}, and promote again",
            ) from error

    def _planned(self, releases: list[Attempt]) -> list[tuple[Attempt, Attempt]]:
        ids = {release.product: str(uuid.uuid4()) for release in releases}
        return [(release, self._attempt(release, ids)) for release in releases]

    def _attempt(self, release: Attempt, ids: Mapping[str, str]) -> Attempt:
        """The release as an attempt of the target; it keeps what its build took."""
        identity = ids[release.product]
        return replace(
            release,
            id=identity,
            state=State.BUILDING,
            number=None,
            started_at=datetime.now(UTC),
            ended_at=None,
            reason=None,
            ports=tuple(_renamed(port, identity) for port in release.ports),
            inputs=tuple(self._input(item, ids) for item in release.inputs),
            origin=Origin(release.identity, self.source.environment, release.number or 0),
            follows=self._followed(release.follows),
        )

    def _followed(self, item: Followed | None) -> Followed | None:
        """The release before, found from the target; what it read is verified as it was built."""
        here = item is not None and item.environment is None
        return replace(item, environment=self.source.environment) if item and here else item

    def _input(self, item: InputRecord, ids: Mapping[str, str]) -> InputRecord:
        provider = _product_of(item)
        if provider in ids:
            return InputRecord(item.port, ids[provider])
        there = self.target.current(provider)
        assert there is not None  # noqa: S101 - other inputs were refused
        return InputRecord(item.port, there.id, there.environment)

    def _judged(self, release: Attempt, attempt: Attempt) -> list[CheckRecord]:
        """Return what checks said when it was built, and what policies say by the target's last.

        Raises:
            PromiseBrokenError: a policy withholds it.
        """
        said = [r for r in self.source.registry.checks(release.id) if r.result.kind != KIND]
        product = self.target.mesh.product(release.product)
        policies = list(policy_checks(self.target, product, attempt, said))
        for record in policies:
            if record.result.blocks:
                raise PromiseBrokenError(
                    f"{release.product} cannot be promoted: check `{record.result.check}` of port "
                    f"`{record.port}`: {record.result.message}",
                    fix="mend what it says and build again, or ask for a waiver",
                )
        return [*said, *policies]

    def _publish(
        self,
        attempts: list[tuple[Attempt, Attempt]],
        checks: Mapping[str, Sequence[CheckRecord]],
    ) -> None:
        for release, attempt in attempts:
            self.copied[release.product] = sum(
                take(there, here)
                for old, new in zip(release.ports, attempt.ports, strict=True)
                for there, here in zip(
                    paths(self.source.lake, old), paths(self.target.lake, new), strict=True
                )
            )
        at = datetime.now(UTC)
        versions = {
            attempt.id: self._committed(attempt, checks[attempt.id], at) for _, attempt in attempts
        }
        self.target.registry.promote_now(checks, versions, at)

    def _committed(
        self, attempt: Attempt, checks: Sequence[CheckRecord], at: datetime
    ) -> dict[str, int]:
        record = as_released(self.target, attempt, checks, at)
        return {port.port: commit(self.target, record, port) for port in attempt.ports}

    def _undo(self, attempts: list[Attempt], error: BaseException) -> None:
        for attempt in attempts:
            begun = self.target.registry.get(attempt.id)
            if begun is not None and begun.state is State.BUILDING:
                take_back(self.target, attempt, f"the promotion ended early: {error}")

    def _promoted(self, product: Product) -> Promoted:
        name = str(product.name)
        release = self.target.registry.current(name)
        assert release is not None  # noqa: S101 - it was there, or was just made current
        return Promoted(
            product=product,
            source=self.source.lend(self.taken[name]),
            release=release,
            new=self.there[name] is None,
            copied=self.copied.get(name, 0),
            warning=self._warning(product),
        )

    def _warning(self, product: Product) -> str | None:
        """Return what the next build of the target would do with the files as they are now."""
        release = self.taken[str(product.name)]
        try:
            inputs = resolve(product, dict(self.after))
        except MeshError as error:
            return error.message
        if fingerprint(self.source, product, inputs.identities) == release.fingerprint:
            return None
        return (
            f"the files of {product.name} have changed since release {release.number} of "
            f"`{self.source.environment}`: the next build in `{self.target.environment}` "
            "builds it again"
        )


def _renamed(port: PortRecord, attempt_id: str) -> PortRecord:
    """The port of a release as that of an attempt: its files have names of their own."""
    more = [f"-{number}" if number else "" for number in range(len(port.files))]
    files = zip(port.files, more, strict=True)
    named = (replace(file, name=f"part-{attempt_id}{word}.parquet") for file, word in files)
    return replace(port, files=tuple(named), table_version=None)


def _product_of(item: InputRecord) -> str:
    """`domain/product` of a port as it is recorded."""
    return "/".join(item.port.partition("@")[0].split("/")[:2])
