"""Check what only the whole mesh shows: unknown input ports, clashes of names and cycles."""

from __future__ import annotations

from collections import Counter
from functools import partial

from mesh_platform.errors import did_you_mean
from mesh_platform.model.findings import Findings
from mesh_platform.model.mesh import Domain, Mesh, PortInput, Product
from mesh_platform.model.naming import PortName, ProductName, later, major


def with_references_checked(mesh: Mesh) -> Mesh:
    """Return the mesh with findings on unknown inputs, clashes of names and cycles."""
    checks = {domain.name: Findings() for domain in mesh.domains}
    circling = _not_in_order(mesh)
    unread = {domain.name for domain in mesh.domains if domain.broken}
    for product in mesh.products.values():
        found = checks[product.name.domain]
        judge = partial(_check, mesh, product, unread, found, circling=product.name in circling)
        found.attempt("product.invalid", judge, product.place, str(product.name))
    _check_contract_ids(mesh, checks)
    for domain in mesh.domains:
        _check_port_names(domain, checks[domain.name])
    domains = tuple(
        domain.model_copy(update={"findings": (*domain.findings, *checks[domain.name].items)})
        for domain in mesh.domains
    )
    every = tuple(finding for domain in domains for finding in domain.findings)
    return mesh.model_copy(update={"domains": domains, "findings": every})


def _check(
    mesh: Mesh, product: Product, unread: set[str], findings: Findings, *, circling: bool
) -> None:
    _check_inputs(mesh, product, unread, findings)
    if circling:
        _check_cycle(mesh, product, findings)
    _check_tables(product, findings)


def _check_inputs(mesh: Mesh, product: Product, unread: set[str], findings: Findings) -> None:
    for item in product.inputs:
        port = mesh.ports.get(item.port)
        if port is None:
            if item.port.product.domain not in unread:
                _unknown(mesh, item, product, findings)
        elif item.version and later(item.version, port.version):
            findings.add(
                "input.version",
                f"`{item.port}` is offered in version {port.version}, not {item.version}",
                item.place,
                fix=f"write `version: {port.version}`",
                product=str(product.name),
            )


def _unknown(mesh: Mesh, item: PortInput, product: Product, findings: Findings) -> None:
    majors = [port for port in mesh.ports.values() if port.name.path == item.port.path]
    agreed = product.acknowledgement(item.port)
    if agreed:
        gone = f" in version {item.version or '1'}" if majors else ""
        now = f"read version {max(p.version for p in majors)}" if majors else "stop reading it"
        findings.add(
            "input.acknowledged",
            f"`{item.port.path}` is not offered{gone} any more;"
            f" {agreed.by} agreed to read its last release until {agreed.until}",
            item.place,
            fix=f"{now}, then remove the entry in {agreed.place.file}",
            product=str(product.name),
            severity="warning",
        )
        return
    if majors:
        message = f"`{item.port.path}` is not offered in version {item.version or '1'}"
        fix = " or ".join(
            f"mesh product move {product.name} {port.name.path}@{major(port.version)}"
            for port in majors
        )
    else:
        message = f"no product offers the port `{item.port}`"
        read = {*(each.port for each in product.inputs), *(each.name for each in product.ports)}
        fix = did_you_mean(str(item.port), map(str, mesh.ports.keys() - read))
    findings.add("input.unknown-port", message, item.place, fix=fix, product=str(product.name))


def _check_contract_ids(mesh: Mesh, checks: dict[str, Findings]) -> None:
    """Report contracts of one id; not at the port that the id names, which has done no wrong."""
    first: dict[tuple[str, int], PortName] = {}
    named = (port for port in mesh.ports.values() if port.contract.id == port.name.path)
    for port in (*named, *mesh.ports.values()):
        other = first.setdefault((port.contract.id, major(port.version)), port.name)
        if other != port.name:
            checks[port.name.product.domain].add(
                "contract.duplicate-id",
                f"`{port.contract.id}` is the contract of `{port.name}` and of `{other}`",
                port.contract.place,
                fix="give each port a contract of its own",
                product=str(port.name.product),
            )


def _check_cycle(mesh: Mesh, product: Product, findings: Findings) -> None:
    path = _path_back(mesh, product.name)
    if path:
        findings.add(
            "product.cycle",
            "products read each other in a circle: " + " → ".join(map(str, path)),
            product.inputs[0].place,
            fix="remove one of these input ports",
            product=str(product.name),
        )


def _not_in_order(mesh: Mesh) -> set[ProductName]:
    """Return the products that have no build order: those in a cycle, and those that read them."""
    waits = {
        name: {provider for provider in mesh.providers(product) if provider in mesh.products}
        for name, product in mesh.products.items()
    }
    readers: dict[ProductName, list[ProductName]] = {}
    for name, providers in waits.items():
        for provider in providers:
            readers.setdefault(provider, []).append(name)
    ready = [name for name, providers in waits.items() if not providers]
    while ready:
        done = ready.pop()
        del waits[done]
        for name in readers.get(done, ()):
            waits[name].discard(done)
            if not waits[name]:
                ready.append(name)
    return set(waits)


def _path_back(mesh: Mesh, start: ProductName) -> list[ProductName] | None:
    """Return the shortest path from a product over its providers back to itself."""
    reached_from: dict[ProductName, ProductName] = {}
    todo = [start]
    while todo:
        name = todo.pop(0)
        for provider in mesh.providers(mesh.products[name]):
            if provider in reached_from or provider not in mesh.products:
                continue
            reached_from[provider] = name
            if provider == start:
                return _unwind(reached_from, start)
            todo.append(provider)
    return None


def _unwind(reached_from: dict[ProductName, ProductName], start: ProductName) -> list[ProductName]:
    path = [start, reached_from[start]]
    while path[-1] != start:
        path.append(reached_from[path[-1]])
    return path[::-1]


def _check_port_names(domain: Domain, findings: Findings) -> None:
    counts = Counter(port.name.name for product in domain.products for port in product.ports)
    for product in domain.products:
        for port in product.ports:
            if counts[port.name.name] > 1:
                findings.add(
                    "port.name-clash",
                    f"two products of `{domain.name}` offer a port `{port.name.name}`",
                    product.place,
                    fix="port names are unique within a domain; rename one",
                    product=str(product.name),
                )


def _check_tables(product: Product, findings: Findings) -> None:
    """Check that each port, and each major of a port, has a table of its own."""
    first: dict[str, PortName] = {}
    for port in sorted(product.ports, key=lambda port: major(port.version)):
        other = first.setdefault(port.contract.table, port.name)
        if other != port.name:
            findings.add(
                "port.same-table",
                f"the ports `{port.name}` and `{other}` promise the same table "
                f"`{port.contract.table}`",
                port.contract.place,
                fix=f"write `physicalName: {port.name.name}` and a model {port.name.name}.sql",
                product=str(product.name),
            )
