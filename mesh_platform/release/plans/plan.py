"""Make the plan of a change: compare promises, find their consumers, and estimate the builds."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

from mesh_platform.contract_diff.values import Level
from mesh_platform.environments.workspace import Workspace
from mesh_platform.errors import Place, listed
from mesh_platform.lineage.findings import SQL_FAULT, SURELY_FAILS
from mesh_platform.meanwhile import A_HANDFUL, Meanwhile
from mesh_platform.model.findings import Finding, boundary, failure
from mesh_platform.model.generated import differences, missing_sources
from mesh_platform.model.loader import PRODUCT_FILE
from mesh_platform.model.mesh import Domain, Mesh, Product
from mesh_platform.model.naming import ProductName
from mesh_platform.model.selection import Selection
from mesh_platform.planning.agreed import HALF_MOVED, expired_words
from mesh_platform.planning.cost import BuildStep, Cost
from mesh_platform.planning.impact import Readers, consumers
from mesh_platform.planning.plan import NOT_COMPARED, Plan, plan
from mesh_platform.planning.promises import ProductChanges, product_changes
from mesh_platform.release.keepable import findings_on_promises
from mesh_platform.release.lineage.files import MeshSql
from mesh_platform.release.lineage.reads import reads_of
from mesh_platform.release.plans.baseline import Baseline, baseline_of
from mesh_platform.release.policies.on_plans import Scope, policies_on
from mesh_platform.release.stale import needs
from mesh_platform.state.records import Attempt

ReadersOf = Callable[[MeshSql, tuple[ProductChanges, ...]], Readers]


def make_plan(
    workspace: Workspace,
    expressions: Sequence[str],
    against: str | None,
    readers: ReadersOf,
    today: date,
) -> Plan:
    """Work out what the files, as they are, would change.

    Args:
        workspace: the mesh and the environment whose releases count.
        expressions: products and domains to look at, as typed; none means all.
        against: a name that git knows; None compares with the current releases.
        readers: returns who reads which column, once it is known what changes.
        today: the day on which agreements are judged.

    Raises:
        MeshError: the state to compare with cannot be read.
    """
    mesh, sql = workspace.mesh, MeshSql(workspace)
    chosen = Selection.of(mesh, expressions)
    baseline = baseline_of(workspace, against, chosen)
    chosen.check((*baseline.products, *mesh.unread))
    asked = _Asked(workspace, chosen, baseline)
    changed, failed = asked.compared()
    steps = tuple(asked.builds())
    made = plan(baseline.known_as, mesh, changed, readers(sql, changed), steps, today)
    made = replace(
        made,
        unread=tuple(sorted({*asked.unread(changed), *failed})),
        undescribed=tuple(asked.undescribed(changed)),
        broken=tuple(d.name for d in mesh.domains if d.broken and chosen.reaches(d.name)),
        option=workspace.option,
    )
    scope = asked.scope(made)
    near = asked.near(made, scope)
    bound = scope.products | made.reached
    reads = reads_of(sql, asked.beside(bound))
    of_engine = Meanwhile(lambda: sql.sql_findings(bound), pays=len(bound) > A_HANDFUL)
    rules = findings_on_promises(mesh, near)
    files, words = asked.of_the_files(made, changed), expired_words(mesh, today)
    policies = policies_on(mesh, made, today, reads.joined_by(of_engine.result()), scope)
    told = [*failed.values(), *words, *files, *rules, *policies, *_out_of_step(mesh, near)]
    return _with_failing(_once(made.joined_by(told)), asked)


def _with_failing(made: Plan, asked: _Asked) -> Plan:
    """Mark each build that would surely fail, and leave out builds that only follow such a one."""
    stopped = {finding.domain for finding in made.findings if finding.stops_domain}
    withheld = {finding.product for finding in made.findings if finding.withholds}
    steps = (step.product for step in made.builds)
    failing = {str(n) for n in steps if str(n) in withheld or n.domain in stopped}
    if not failing:
        return made
    left = {step.product: step for step in asked.builds(failing)}
    builds = (
        replace(step, reason=f"would fail, see below; {step.reason}")
        if str(step.product) in failing
        else left.get(step.product)
        for step in made.builds
    )
    return replace(made, builds=tuple(step for step in builds if step is not None))


def _once(made: Plan) -> Plan:
    """Keep one finding on a half-moved consumer.

    What lineage finds says more than that it is half-moved, which says more than DuckDB's error.
    """
    explained = {f.product for f in made.findings if f.code in SURELY_FAILS - {SQL_FAULT}}
    half_moved = {f.product for f in made.findings if f.code == HALF_MOVED} - explained
    findings = (
        finding
        for finding in made.findings
        if finding.product not in (half_moved if finding.code == SQL_FAULT else ())
        and (finding.code != HALF_MOVED or finding.product not in explained)
    )
    return replace(made, findings=tuple(findings))


@dataclass(frozen=True, slots=True)
class _Asked:
    """Hold what a plan is made of: the files, the selected products, and the state before."""

    workspace: Workspace
    chosen: Selection
    baseline: Baseline

    @property
    def mesh(self) -> Mesh:
        return self.workspace.mesh

    def compared(self) -> tuple[tuple[ProductChanges, ...], dict[ProductName, Finding]]:
        """Compare every selected product; return a finding on each that cannot be compared."""
        changed, baseline = list[ProductChanges](), self.baseline
        failed = {name: _not_compared(name, baseline, e) for name, e in baseline.unreadable.items()}
        for name in sorted({*baseline.products, *self.mesh.products}):
            before, now = baseline.products.get(name), self.mesh.products.get(name)
            known = before is not None or baseline.looked_at(name)
            if name in self.chosen and known and name not in self.mesh.unread:
                try:
                    changed.append(product_changes(name, before, now))
                except Exception as error:  # noqa: BLE001 - the boundary: one stops no other
                    failed[name] = _not_compared(name, baseline, error)
        return tuple(changed), failed

    def scope(self, made: Plan) -> Scope:
        """Return the products with another promise, code or file than before, and such domains.

        Releases do not record a domain's own files, nor files that no build reads. For these, git
        tells what is not committed yet.
        """
        coded, baseline = self.baseline.touched, self.baseline
        whole = frozenset(d.name for d in self.mesh.domains if self.chosen.reaches(d.name))
        if coded is None:
            coded = frozenset(step.product for step in made.builds if step.cost is not None)
        names = {product.name for product in made.products} | coded | baseline.edited
        there = frozenset(n for n in names if n in self.mesh.products and n in self.chosen)
        unknown = whole if baseline.touched is None else frozenset[str]()
        return Scope(there, baseline.domains, unknown - set(made.broken))

    def near(self, made: Plan, scope: Scope) -> list[Domain]:
        """Return the domains with a product that changes, or that reads a changed promise."""
        changed = {product.name for product in made.products}
        touched = {name.domain for name in changed | scope.products} | {
            product.name.domain
            for product in self.mesh.products.values()
            if changed.intersection(self.mesh.providers(product))
        }
        return [d for d in self.mesh.domains if d.name in touched and not d.broken]

    def beside(self, names: Iterable[ProductName]) -> list[ProductName]:
        """Return all products of the domains of some: a fault in one may stop its whole domain."""
        domains = {name.domain for name in names}
        return [name for name in self.mesh.products if name.domain in domains]

    def unread(self, changed: Iterable[ProductChanges]) -> Iterator[ProductName]:
        """Yield the selected products that cannot be read; all of them where something breaks.

        Any of them may read what breaks.
        """
        breaks = any(changes.level is Level.MAJOR for changes in changed)
        yield from (name for name in self.mesh.unread if breaks or name in self.chosen)

    def undescribed(self, changed: Iterable[ProductChanges]) -> list[ProductName]:
        """Return the products whose earlier promises were not kept completely."""
        found = [c.name for c in changed if c.before and c.before.descriptor is None and c.now]
        return sorted([*found, *(n for n in self.baseline.forgotten if n in self.chosen)])

    def builds(self, failing: Collection[str] = ()) -> Iterator[BuildStep]:
        """Yield what a build would make of the chosen products and of all that depends on them.

        Args:
            failing: products whose build will surely fail: nobody follows them.
        """
        mesh, workspace, names = self.mesh, self.workspace, set(self.mesh.products)
        if not self.chosen.everything:
            names = {n for name in names if name in self.chosen for n in mesh.reach(name, up=False)}
        broken = {domain.name for domain in mesh.domains if domain.broken}
        costs = workspace.all_current() | workspace.registry.newest()
        products = mesh.in_order(name for name in mesh.products if name.domain not in broken)
        if self.baseline.touched is not None and not costs:
            yield from self._unreleased(products)
            return
        for need in needs(workspace, products, failing=failing):
            if need.stale and need.product.name in names:
                yield BuildStep(need.product.name, need.reason, _cost(need.product, costs))

    def _unreleased(self, products: Iterable[Product]) -> Iterator[BuildStep]:
        """Yield builds where nothing was ever released: of changed products and their consumers."""
        known_as, built = self.baseline.known_as, dict[ProductName, str]()
        for product in products:
            changed = [p for p in self.mesh.providers(product) if p in built]
            if product.name in (self.baseline.touched or ()) and product.name in self.chosen:
                built[product.name] = f"its files are not those of {known_as}"
            elif changed:
                names = listed([str(provider) for provider in changed])
                built[product.name] = f"reads {names}, which would be built"
        yield from (BuildStep(name, reason, None) for name, reason in built.items())

    def of_the_files(self, made: Plan, changed: Iterable[ProductChanges]) -> Iterator[Finding]:
        """Yield findings on the files, but not on inputs that the plan itself reports as gone."""
        gone = [port for changes in changed for port in changes.ports if not port.kept]
        told = {item.place for port in gone for _, item in consumers(port, self.mesh)}
        unread = set(map(str, made.unread))
        for finding in self.mesh.findings:
            owner = finding.product
            if owner and owner not in unread and not self.chosen.reaches(str(finding.domain)):
                continue
            if finding.code != "input.unknown-port" or finding.place not in told:
                yield finding


def _out_of_step(mesh: Mesh, domains: Iterable[Domain]) -> Iterator[Finding]:
    """Report all generated files that are out of step in one finding: one command mends them.

    It blocks where dbt would not find a source that a product declares. What that command cannot
    mend is told by itself.
    """
    every, out = list[Finding](), set[str]()
    for domain in domains:
        found = boundary("domain.invalid", partial(differences, mesh, domain), domain.home)
        for each in found:
            if isinstance(each, Finding):
                yield each
            elif not each.mendable:
                yield each.finding
            else:
                every.append(each.finding)
                out.add(domain.name)
    if every:
        files = listed(sorted({finding.place.file for finding in every}))
        names = sorted(out)
        fails = any(missing_sources(mesh, mesh.domain(name)) for name in names)
        yield Finding(
            "generated.out-of-step",
            f"generated files no longer fit what they are made from: {files}",
            every[0].place,
            f"mesh sync {' '.join(names)}",
            severity="error" if fails else "warning",
        )


def _not_compared(name: ProductName, baseline: Baseline, error: Exception) -> Finding:
    found = failure(NOT_COMPARED, error, Place(PRODUCT_FILE), str(name))
    said = f"cannot be compared with {baseline.known_as}: {found.message}"
    return replace(found, message=said, could_not_run=True)


def _cost(product: Product, releases: Mapping[str, Attempt]) -> Cost | None:
    release = releases.get(str(product.name))
    if release is None:
        return None
    rows = sum(port.rows or 0 for port in release.ports)
    return Cost(rows, sum(port.bytes or 0 for port in release.ports), release.seconds or 0.0)
