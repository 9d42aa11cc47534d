"""One name, one path: every name, key and folder of the mesh is computed here and nowhere else."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass

from mesh_platform.errors import MeshError

_SEGMENT = re.compile(r"[a-z][a-z0-9_]{0,62}")
_VERSIONED = re.compile(r"_v([2-9]|[1-9][0-9])$")
_SEGMENT_RULE = "start with a lower-case letter, then letters, digits and `_`, at most 63"
_OF_DBT = (
    "_sql_results adapter api column config context database env env_var exceptions execute "
    "flags fromjson fromyaml graph invocation_id load_agate_table load_result log model "
    "modules post_hooks pre_hooks ref render return run_started_at schema source sql sql_now "
    "store_raw_result store_result target this tojson toyaml try_or_compiler_error var write"
)
"""Names that dbt gives to no project, with spaces between; a domain is a project."""
_RESERVED_DOMAINS = {
    **dict.fromkeys(_OF_DBT.split(), "something that dbt itself has in every project"),
    "landing": "the schema of data from outside the mesh",
    "mesh": "the dbt package that all domains share",
    "dbt": "a package of dbt itself",
    "dbt_duckdb": "a package of dbt itself",
    "platform": "the code location of the platform",
    **dict.fromkeys(("memory", "system", "temp"), "a database of the engine itself"),
    "main": "a schema of the engine itself",
    "information_schema": "a schema of the engine itself",
    "pg_catalog": "a schema of the engine itself",
}
"""Names that a domain may not have, each with who has it."""
PRODUCTS = "products"
"""The folder of a domain in which its products are."""
LANDING = "landing"
"""Schema in which data from outside the mesh is mounted for dbt."""


def valid_segment(text: str) -> bool:
    """Tell whether `text` may name a domain, product or port."""
    return bool(_SEGMENT.fullmatch(text))


ANOTHER_NAME = "choose another name, for the folder and in the files"
"""The way out of a name that cannot be one."""


def segment_problem(kind: str, text: str) -> str | None:
    """Explain why `text` cannot name a `kind`, or return None where it can."""
    if kind == "port" and _VERSIONED.search(text):
        return f"`{text}` cannot name a port: the platform adds the major version by itself"
    if kind == "domain" and text in _RESERVED_DOMAINS:
        return f"`{text}` cannot name a domain: it is the name of {_RESERVED_DOMAINS[text]}"
    if valid_segment(text):
        return None
    return f"`{text}` cannot name a {kind}: {_SEGMENT_RULE}"


@dataclass(frozen=True, slots=True, order=True)
class ProductName:
    """`domain/product`: the name of a data product."""

    domain: str
    name: str

    @classmethod
    def parse(cls, text: str) -> ProductName:
        """Read `domain/product`.

        Raises:
            MeshError: the text is not of that form.
        """
        parts = text.split("/")
        if len(parts) != 2 or not all(map(valid_segment, parts)):
            raise MeshError(
                f"`{text}` is not a product name", fix="write it as `domain/product`, lower case"
            )
        return cls(*parts)

    def __str__(self) -> str:
        """Write the name as people type it."""
        return f"{self.domain}/{self.name}"


@dataclass(frozen=True, slots=True, order=True)
class PortName:
    """The name of an output port in one major version.

    Majors of a port live side by side. Up to 1 they carry the port's plain name; a later one is a
    port of its own, `departures_v2`, in every path, and `departures@2` where people type it.
    """

    product: ProductName
    name: str

    @classmethod
    def versioned(cls, product: ProductName, base: str, version: str) -> PortName:
        """The port called `base` in the major of a version."""
        number = major(version)
        return cls(product, base if number <= 1 else f"{base}_v{number}")

    @property
    def base(self) -> str:
        """The name that all majors share."""
        return _VERSIONED.sub("", self.name)

    @property
    def path(self) -> str:
        """`domain/product/port`, or `domain/product` where both are called alike; any major."""
        alike = self.base == self.product.name
        return str(self.product) if alike else f"{self.product}/{self.base}"

    def __str__(self) -> str:
        """Write the name as people type it."""
        found = _VERSIONED.search(self.name)
        return f"{self.path}@{found.group(1)}" if found else self.path

    @property
    def key(self) -> tuple[str, ...]:
        """Segments of the Dagster asset key."""
        base = (self.product.domain, self.product.name)
        return base if self.name == self.product.name else (*base, self.name)

    @property
    def relation(self) -> tuple[str, str]:
        """Schema and view under which consumers' SQL reads the port."""
        return self.product.domain, self.name

    def table_path(self, version: str) -> str:
        """Folder of the Delta table inside the lake; majors live side by side."""
        return f"{self.product.domain}/{self.product.name}/{self.base}_v{major(version)}"


def model_key(product: ProductName, model: str) -> tuple[str, ...]:
    """Asset key of a private dbt model; `models` keeps it apart from the port of the same name."""
    return (product.domain, product.name, "models", model)


def landing_key(product: ProductName, source: str) -> tuple[str, ...]:
    """Asset key of data that enters the mesh through an input port of this product."""
    return (product.domain, product.name, LANDING, source)


def major(version: str) -> int:
    """Major number of a semantic version, with or without a leading `v`."""
    head = version.removeprefix("v").split(".")[0]
    return int(head) if head.isdigit() else 0


def is_version(text: str) -> bool:
    """Tell whether a text is a version of numbers: `2`, `v1.4`, `1.4.2-rc1`."""
    return bool(re.fullmatch(r"v?\d+(\.\d+){0,2}([-+].*)?", text))


def same_but_major(port: str, other: str) -> bool:
    """Tell whether two names of ports are one, but for the major."""
    return _VERSIONED.sub("", port) == _VERSIONED.sub("", other)


def later(version: str, other: str) -> bool:
    """Tell whether a semantic version comes after another; what is no number counts as 0."""
    return _numbers(version) > _numbers(other)


def _numbers(version: str) -> tuple[int, ...]:
    parts = re.split(r"[-+]", version.removeprefix("v"), maxsplit=1)[0].split(".")
    return tuple(int(part) if part.isdigit() else 0 for part in [*parts, "0", "0"][:3])


def identifier(text: str) -> str:
    """Turn free text into a name that Dagster accepts for a check: `[A-Za-z0-9_]+`.

    Letters of other scripts cannot stand in it. A digest of the text tells apart what is equal
    without them, whatever other names there are.
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    found = re.sub(r"[^A-Za-z0-9_]+", "_", text if text.isascii() else plain).strip("_")
    if text.isascii():
        return found or "rule"
    return "_".join(part for part in (found, name_digest(text)) if part)


def name_digest(text: str) -> str:
    """Eight letters that stand for a text within a name."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]
