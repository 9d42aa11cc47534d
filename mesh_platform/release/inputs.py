"""Resolve a product's inputs to what one run reads: pinned releases and files from outside."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from mesh_platform.engines.duckdb.landing.faults import AGAIN
from mesh_platform.engines.duckdb.landing.files import identity, locate
from mesh_platform.engines.duckdb.landing.mounting import landing_view
from mesh_platform.engines.duckdb.landing.snapshot import READER, forget
from mesh_platform.engines.duckdb.session import QueryError, mount, open_session, read_whole
from mesh_platform.engines.duckdb.views import View, parquet_query
from mesh_platform.environments.workspace import Workspace
from mesh_platform.errors import MeshError
from mesh_platform.model.landing import Landing
from mesh_platform.model.mesh import Mesh, PortInput, Product
from mesh_platform.model.naming import LANDING
from mesh_platform.state.records import Attempt, InputRecord


@dataclass(frozen=True, slots=True)
class Pin:
    """Hold an input port with the provider's release that this run reads."""

    port: PortInput
    release: Attempt


@dataclass(frozen=True, slots=True)
class Source:
    """Hold an input port from outside the mesh with the file that this run reads."""

    landing: Landing
    path: Path


@dataclass(frozen=True, slots=True)
class Inputs:
    """Hold everything that a run of one product reads."""

    pins: tuple[Pin, ...]
    sources: tuple[Source, ...]

    @property
    def identities(self) -> dict[str, str]:
        """Return the identity of each input; any difference means the product is out of date."""
        pins = {str(pin.port.port): pin.release.identity for pin in self.pins}
        files = {f"landing:{s.landing.name}": f"{READER}:{identity(s.path)}" for s in self.sources}
        return pins | files

    @property
    def ports(self) -> tuple[tuple[Attempt, str], ...]:
        """Return the pinned releases, each with the name of the port that is read."""
        return tuple((pin.release, pin.port.port.name) for pin in self.pins)

    @property
    def records(self) -> tuple[InputRecord, ...]:
        """Return the pins as the registry keeps them."""
        return tuple(
            InputRecord(str(pin.port.port), pin.release.id, pin.release.environment)
            for pin in self.pins
        )


def resolve(
    product: Product,
    released: dict[str, Attempt],
    mesh: Mesh | None = None,
    option: str = "",
) -> Inputs:
    """Pin every input of a product.

    Args:
        product: whose inputs.
        released: the current release of each product by name.
        mesh: tells which providers cannot be built as their files are.
        option: names the environment on the command line, for the ways out.

    Raises:
        MeshError: a provider has no release yet, or a source file is missing.
    """
    way = f"mesh build +{product.name}{option}"
    pins = tuple(_pin(item, product, released, mesh, way) for item in product.inputs)
    sources = tuple(Source(item, locate(item, product.folder)) for item in product.landings)
    return Inputs(pins, sources)


def pins_of(workspace: Workspace, product: Product, release: Attempt) -> Inputs:
    """Pin again what a release read from the mesh when it was built.

    An input that the product no longer declares is left out: its rules could not run.

    Raises:
        MeshError: the environment that an input was read from no longer knows its release.
    """
    known = {str(item.port): item for item in product.inputs}
    pins = []
    for record in release.inputs:
        provider = workspace.pinned(release, record)
        if provider is None and record.environment is not None:
            raise MeshError(
                f"release {release.number} of {release.product} read `{record.port}` in "
                f"`{record.environment}`, where that release is gone",
                fix=f"mesh build {release.product}{workspace.option}",
            )
        if record.port in known and provider is not None:
            pins.append(Pin(known[record.port], provider))
    return Inputs(tuple(pins), ())


def pin_views(workspace: Workspace, inputs: Inputs) -> list[View]:
    """Return views `<provider domain>.<port>` over the pinned releases."""
    views = []
    for pin in inputs.pins:
        schema, name = pin.port.port.relation
        record = pin.release.port(pin.port.port.name)
        files = workspace.files(pin.release, pin.port.port.name)
        views.append(View(schema, name, parquet_query(files, record.columns if record else ())))
    return views


def pin_files(workspace: Workspace, inputs: Inputs) -> tuple[str, ...]:
    """Return the Parquet files of the pinned releases."""
    return tuple(
        file for pin in inputs.pins for file in workspace.files(pin.release, pin.port.port.name)
    )


def source_views(workspace: Workspace, product: Product, inputs: Inputs) -> list[View]:
    """Return views `landing.<input port>` over the files from outside, which are read whole.

    Raises:
        MeshError: a file is not as its input port says.
    """
    cache = landing_cache(workspace, product)
    shown = workspace.mesh.in_reach(product)
    return [landing_view(each.landing, each.path, cache, shown) for each in inputs.sources]


def landing_cache(workspace: Workspace, product: Product) -> Path:
    """Return the folder that caches what was read of a product's sources."""
    return workspace.work(product.name.domain) / "landing" / product.name.name


def refuse_unreadable(
    inputs: Inputs, views: Iterable[View], cache: Path, *, whole: bool = False
) -> None:
    """Refuse views that cannot be created: dbt would not name the input port.

    Args:
        inputs: what is read.
        views: the views of the inputs.
        cache: the folder that caches what was read of the sources.
        whole: read every value, to find damage inside a file.

    Raises:
        MeshError: a view cannot be created or read.
    """
    with open_session(threads=None if whole else 1) as session:
        for view in views:
            try:
                mount(session, [view])
                if whole:
                    read_whole(session, view)
            except QueryError as error:
                raise _damage(inputs, view, cache) from error


def _damage(inputs: Inputs, view: View, cache: Path) -> MeshError:
    """Return the error for a damaged input: of a provider, of a source, or of the cached copy.

    A damaged copy is removed, so that the next build reads the source again.
    """
    said, place, fix = "its Parquet data is damaged", None, AGAIN
    for pin in inputs.pins:
        if pin.port.port.relation == (view.schema, view.name):
            place, fix = pin.port.place, f"mesh build {pin.port.port.product} --full"
    for source in inputs.sources:
        if (LANDING, source.landing.name) == (view.schema, view.name):
            place = source.landing.place
            if view.query != parquet_query([str(source.path)]):
                forget(source.landing, cache)
                said = f"what a build has kept of `{source.landing.file}` is damaged, now removed"
                fix = "build again: the source is read anew"
    return MeshError(f"input port `{view.name}`: {said}", place=place, fix=fix)


def _pin(
    item: PortInput,
    product: Product,
    released: dict[str, Attempt],
    mesh: Mesh | None,
    way: str,
) -> Pin:
    provider = item.port.product
    way = (mesh.way_to_build(provider) if mesh else None) or way
    release = released.get(str(provider))
    if release is None:
        raise MeshError(
            f"{product.name} reads `{item.port}`, which has no release yet",
            place=item.place,
            fix=way,
        )
    if release.port(item.port.name) is None:
        raise MeshError(
            f"{product.name} reads `{item.port}`, which the current release of {provider} lacks",
            place=item.place,
            fix=way,
        )
    return Pin(item, release)
