"""Build one product and release it, or leave everything as it was.

The order is write, audit, publish: build models in the domain's private file, write Parquet files
that nobody reads yet, check exactly these files, then commit once. Consumers do not notice a
failure before the commit.
"""

from __future__ import annotations

import time
import traceback
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import mesh_platform
from mesh_platform.checks.derive import derive
from mesh_platform.checks.spec import Outcome
from mesh_platform.checks.types import ActualColumn
from mesh_platform.engines.dbt.runner import NodeResult
from mesh_platform.engines.duckdb.error_messages import EngineWords
from mesh_platform.engines.duckdb.session import was_stopped
from mesh_platform.engines.duckdb.verify import schema_result
from mesh_platform.engines.duckdb.views import View
from mesh_platform.engines.duckdb.warehouse import Staged, Warehouse
from mesh_platform.environments.reading import refuse_damaged
from mesh_platform.environments.stored import DamagedError, paths, with_digests
from mesh_platform.environments.workspace import Workspace
from mesh_platform.errors import MeshError, Place, PromiseBrokenError
from mesh_platform.model.contract import digest_of
from mesh_platform.model.dialect import delimiter_to_set
from mesh_platform.model.mesh import Domain, Port, Product
from mesh_platform.redaction import redacted
from mesh_platform.release.columns import refuse_columns, refuse_endless
from mesh_platform.release.fingerprint import fingerprint
from mesh_platform.release.guard import (
    refuse_breaks,
    refuse_broken,
    refuse_less_protected,
    refuse_unknown_promises,
)
from mesh_platform.release.in_step import refuse_missing_sources
from mesh_platform.release.inputs import Inputs, resolve
from mesh_platform.release.models import (
    build_models,
    refuse_failures,
    refuse_foreign_models,
    refuse_unfit_models,
    words_of,
    written_in,
)
from mesh_platform.release.notices import notices
from mesh_platform.release.outcome import ProductOutcome, Step, Verdict, Watch
from mesh_platform.release.policies.on_releases import policy_checks, policy_way_out
from mesh_platform.release.promised import read_before, understated
from mesh_platform.release.publish import discard, finish, recover
from mesh_platform.release.source_faults import refuse_source_faults
from mesh_platform.release.standing import Stand, Standing
from mesh_platform.release.undeclared import refuse_undeclared_reads
from mesh_platform.release.verification import contract_records, verify_attempt
from mesh_platform.state.records import (
    Attempt,
    CheckRecord,
    FileRecord,
    Followed,
    PortRecord,
    State,
)
from mesh_platform.storage.tables import ArrowSchema


def release_product(
    workspace: Workspace, product: Product, *, full: bool = False, watch: Watch | None = None
) -> ProductOutcome:
    """Bring one product up to date.

    Args:
        workspace: where the mesh is.
        product: what to build.
        full: build even when nothing has changed.
        watch: called at each step.

    Returns:
        The outcome; a broken promise or a failed model is an outcome, not an exception.

    Raises:
        MeshError: the registry or the lake does not work.
    """
    started = time.perf_counter()
    build = _Build(workspace, product, watch or (lambda _product, _step: None))
    before: Attempt | None = None
    try:
        before = read_before(workspace, product)
        outcome = build.run(full=full)
    except MeshError as error:
        name = str(product.name)
        is_named = name in error.message or error.message.startswith(f"{product.name.domain}: ")
        outcome = build.failed(str(error) if is_named else f"{name}: {error}")
        outcome = replace(outcome, damaged=isinstance(error, DamagedError))
    except Exception as error:  # noqa: BLE001 - the boundary: one product must not stop others
        outcome = build.failed(f"{product.name}: {unexpected(error, build.words)}")
    told = notices(workspace.mesh, product, datetime.now(UTC).date())
    if outcome.verdict is Verdict.RELEASED:
        told += understated(workspace, product, before)
    return replace(outcome, seconds=time.perf_counter() - started, notices=told)


@dataclass(slots=True)
class _Made:
    """Hold what a build has made so far."""

    nodes: tuple[NodeResult, ...] = ()
    model_rows: dict[str, int] | None = None
    checks: tuple[CheckRecord, ...] = ()
    schemas: dict[str, ArrowSchema] = field(default_factory=dict)
    views: tuple[View, ...] = ()
    grown: frozenset[str] = frozenset()


class _Build:
    """Builds one product; `attempt` is set once it is recorded in the registry."""

    def __init__(self, workspace: Workspace, product: Product, watch: Watch) -> None:
        self.workspace, self.product, self.watch = workspace, product, watch
        self.domain: Domain = workspace.mesh.domain(product.name.domain)
        self.words = words_of(self.workspace.mesh, product)
        self.attempt: Attempt | None = None
        self.made = _Made()

    def run(self, *, full: bool) -> ProductOutcome:
        """Build under the domain's lock."""
        refuse_broken(self.domain, self.product)
        with self.workspace.only_builder(self.domain.name, lambda: self._note(Step.WAITING)):
            recover(self.workspace, self.product)
            standing = Standing.of(self.workspace)
            if wait := standing.waits(self.workspace.mesh, self.product):
                return self._kept(wait)
            inputs = resolve(
                self.product, standing.current, self.workspace.mesh, self.workspace.option
            )
            self._protect(inputs)
            digest = fingerprint(self.workspace, self.product, inputs.identities)
            stand = None if full else standing.stand(str(self.product.name), digest)
            if stand is not None:
                for port in stand.release.ports:
                    self.workspace.files(stand.release, port.port)  # damaged is not up to date
                return self._kept(stand)
            refuse_breaks(self.workspace, self.product, datetime.now(UTC).date())
            refuse_less_protected(self.workspace, self.product)
            refuse_missing_sources(self.workspace.mesh, self.domain)
            refuse_unfit_models(self.workspace, self.product)
            self.attempt = self._begin(inputs, digest)
            try:
                return self._released(inputs, full=full)
            except Exception as error:
                if was_stopped(error):
                    raise KeyboardInterrupt from error
                reason = (
                    error.message if isinstance(error, MeshError) else unexpected(error, self.words)
                )
                discard_or_keep(self.workspace, self.attempt, reason, self.made.checks)
                raise

    def _protect(self, inputs: Inputs) -> None:
        """Hold what is read to what its releases promised, beside what the files say."""
        self.workspace = self.workspace.with_released(pin.release for pin in inputs.pins)
        self.words = words_of(self.workspace.mesh, self.product)
        refuse_unknown_promises(self.workspace.mesh, inputs)

    def failed(self, reason: str) -> ProductOutcome:
        """Return the outcome of a build that ended early, and record it if no attempt had begun."""
        if self.attempt is None:
            note_failure(self.workspace, self.product, reason)
        kept = self.workspace.current(str(self.product.name))
        outcome = ProductOutcome.failed(self.product, kept, reason)
        return replace(outcome, checks=self.made.checks, nodes=self.made.nodes)

    def _kept(self, stand: Stand) -> ProductOutcome:
        self.workspace.registry.withdraw_failures(str(self.product.name))
        if stand.leaves:
            self.workspace.registry.let_go(str(self.product.name))
        checks = self.workspace.checks(stand.release)
        verdict = Verdict.WAITS if stand.waits else Verdict.UP_TO_DATE
        return ProductOutcome(self.product, verdict, 0.0, stand.release, stand.reason, checks)

    def _begin(self, inputs: Inputs, digest: str) -> Attempt:
        attempt = _new_attempt(self.product, digest)
        ports = tuple(_planned(port, attempt.id) for port in self.product.ports)
        before = self.workspace.current(str(self.product.name))
        follows = Followed(before.id, before.environment) if before else None
        attempt = replace(attempt, ports=ports, inputs=inputs.records, follows=follows)
        self.workspace.registry.begin(attempt, contract_records(self.product))
        return attempt

    def _released(self, inputs: Inputs, *, full: bool) -> ProductOutcome:
        self._build_models(inputs, full=full)
        attempt = self._verify(self._stage(), inputs)
        self._note(Step.PUBLISHING)
        finish(self.workspace, attempt, self.made.schemas)
        released = self.workspace.registry.get(attempt.id)
        return ProductOutcome(
            self.product,
            Verdict.RELEASED,
            0.0,
            released,
            None,
            self.made.checks,
            self.made.nodes,
            self.made.model_rows or {},
        )

    def _build_models(self, inputs: Inputs, *, full: bool) -> None:
        self._note(Step.MODELS)
        built = build_models(self.workspace, self.product, inputs, full=full)
        # the SQL of a failed model may hold values as names, and only the next lines need it
        self.made.nodes = tuple(n if n.ok else replace(n, sql=None) for n in built.nodes)
        self.made.views, self.made.grown = built.views, built.grown
        self.made.checks = tuple(CheckRecord(None, result) for result in built.tests)
        if not all(node.ok for node in built.nodes):
            refuse_damaged(self.workspace, *inputs.ports)
        refuse_foreign_models(built, self.domain, self.product)
        refuse_source_faults(self.workspace, self.product, built, inputs)
        refuse_failures(self.workspace, built, self.product)
        refuse_undeclared_reads(self.workspace, self.product, datetime.now(UTC).date())

    def _stage(self) -> Attempt:
        assert self.attempt is not None  # noqa: S101 - _begin ran
        self._note(Step.STAGING)
        ports = []
        built = {n.name: n.sql for n in self.made.nodes if n.kind == "model" and n.ok}
        with Warehouse(self.workspace.warehouse(self.domain.name), self.words) as warehouse:
            warehouse.mount(self.made.views)  # a dbt view reads them when it is staged
            for port in self.product.ports:
                # a table that an earlier build left behind is not what this build made
                table = port.contract.table
                actual = warehouse.columns(table) if table in built else ()
                self._check_columns(port, actual, built.get(table))
            for record, port in zip(self.attempt.ports, self.product.ports, strict=True):
                (target,) = paths(self.workspace.lake, record)
                staged = warehouse.stage(port.contract.table, record.columns, target)
                ports.append(replace(record, files=(_staged_file(staged),)))
                refuse_endless(port, staged.endless)
                self.made.schemas[record.port] = staged.schema
            self.made.model_rows = warehouse.row_counts()
        return replace(self.attempt, ports=tuple(ports))

    def _named(self, columns: tuple[ActualColumn, ...]) -> tuple[ActualColumn, ...]:
        """Return columns under names that a message may show."""
        if not self.words.hidden:
            return columns
        written = written_in(self.product)
        return tuple(replace(each, name=self.words.column(each.name, written)) for each in columns)

    def _check_columns(
        self, port: Port, actual: tuple[ActualColumn, ...], query: str | None
    ) -> None:
        """Refuse columns that differ from the contract, and keep the result as a check."""
        if not actual:
            raise self._no_table(port)
        way_out = self._start_over(port.contract.table) or delimiter_to_set(
            [column.name for column in actual]
        )
        named = self._named(actual)
        try:
            refuse_columns(port, named, query, way_out)
        except PromiseBrokenError:
            result = schema_result(port.contract, named)
            self.made.checks += (CheckRecord(port.name.name, result),)
            raise

    def _no_table(self, port: Port) -> PromiseBrokenError:
        """Return the error for a port behind which dbt left no table."""
        table = port.contract.table
        said = f"there is no model `{table}` behind the port"
        way = f"add {table}.sql to {self._shown(self.product)}"
        if any((node.kind, node.name) == ("model", table) for node in self.made.nodes):
            said = f"dbt ran the model `{table}`, and it left no table or view of that name"
            way = "materialize it as `table`, `view` or `incremental`, or mend its materialization"
        return PromiseBrokenError(f"{port.name}: {said}", place=port.contract.place, fix=way)

    def _start_over(self, table: str) -> str | None:
        """Return how to change the columns of a table that continued from the current release."""
        if table not in self.made.grown:
            return None
        return (
            "the model is incremental and went on with the columns of the current release:"
            f" `mesh build {self.product.name} --full{self.workspace.option}` builds it from the"
            " start; or set dbt's `on_schema_change` in its configuration"
        )

    def _verify(self, attempt: Attempt, inputs: Inputs) -> Attempt:
        """Run the checks while the digests are computed; return the attempt with its digests."""
        self._note(Step.VERIFYING)
        with ThreadPoolExecutor(1) as beside:
            digested = beside.submit(with_digests, self.workspace.lake, attempt)
            self.made.checks += verify_attempt(self.workspace, self.product, attempt, inputs)
            self.made.checks += tuple(
                policy_checks(self.workspace, self.product, attempt, self.made.checks)
            )
            attempt = digested.result()
        broken = [record for record in self.made.checks if record.result.blocks]
        state = State.FAILED if broken else State.VERIFIED
        reason = self._why(broken) if broken else None
        self.workspace.registry.record(
            attempt.id, state, attempt.ports, self.made.checks, reason=reason
        )
        if broken:
            place, fix = self._way_out(broken[0])
            raise PromiseBrokenError(reason or "", place=place, fix=fix)
        return attempt

    def _why(self, broken: list[CheckRecord]) -> str:
        first = broken[0]
        more = f", and {len(broken) - 1} more" if len(broken) > 1 else ""
        word = "could not run" if first.result.outcome is Outcome.COULD_NOT_RUN else "failed"
        return (
            f"{self.product.name}: check `{first.result.check}` of port `{first.port}` {word}: "
            f"{first.result.message}{more}"
        )

    def _way_out(self, record: CheckRecord) -> tuple[Place | None, str]:
        """Return where the promise or the policy stands that a check broke, and how to go on."""
        port = next(p for p in self.product.ports if p.name.name == record.port)
        places = {spec.name: spec.place for spec in derive(port.contract)}
        if place := places.get(record.result.check):
            could_not = record.result.outcome is Outcome.COULD_NOT_RUN
            wrong = "the rule so that it can run" if could_not else "the data or the model"
            return place, f"correct {wrong}; the promise stands at that line"
        return policy_way_out(self.workspace.mesh, self.product, record, port.contract.place)

    def _note(self, step: Step) -> None:
        self.watch(str(self.product.name), step)

    def _shown(self, product: Product) -> str:
        return product.folder.relative_to(self.workspace.mesh.root).as_posix()


def unexpected(error: Exception, words: EngineWords | None = None) -> str:
    """Describe an error that nobody foresaw, with the place in the code.

    Args:
        error: what was raised.
        words: tells how much of an error may be shown where classified data is in reach.
    """
    frames = traceback.extract_tb(error.__traceback__)
    where = f" ({Path(frames[-1].filename).name}:{frames[-1].lineno})" if frames else ""
    said = words.told(error) if words and words.hidden else f"{type(error).__name__}: {error}"
    return redacted(f"{said}{where}")


def note_failure(workspace: Workspace, product: Product, reason: str) -> None:
    """Record a build that failed before it could begin an attempt."""
    attempt = _new_attempt(product, "")
    now = attempt.started_at
    workspace.registry.begin(
        replace(attempt, state=State.FAILED, ended_at=now, seconds=0.0, reason=reason)
    )


def _new_attempt(product: Product, digest: str) -> Attempt:
    return Attempt(
        id=str(uuid.uuid4()),
        product=str(product.name),
        state=State.BUILDING,
        number=None,
        version=product.version,
        fingerprint=digest,
        code_version=mesh_platform.__version__,
        started_at=datetime.now(UTC),
        descriptor_digest=digest_of(product.text),
    )


def discard_or_keep(
    workspace: Workspace, attempt: Attempt, reason: str, checks: tuple[CheckRecord, ...] = ()
) -> None:
    """Discard a failed attempt; keep a verified one, which the next build finishes."""
    known = workspace.registry.get(attempt.id)
    if known is not None and known.state is not State.VERIFIED:
        unrecorded = checks if known.state is State.BUILDING else ()
        discard(workspace, attempt, reason, unrecorded)


def _planned(port: Port, attempt_id: str) -> PortRecord:
    return PortRecord(
        port=port.name.name,
        version=port.version,
        table_path=port.name.table_path(port.version),
        files=(FileRecord(f"part-{attempt_id}.parquet"),),
        columns=tuple(column.name for column in port.contract.columns),
        contract_digest=port.contract.digest,
    )


def _staged_file(staged: Staged) -> FileRecord:
    return FileRecord(staged.path.name, staged.rows, staged.bytes)
