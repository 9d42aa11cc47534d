"""Changes of a mesh with a fault in a model that files decide."""

from __future__ import annotations

from collections.abc import Callable

from tests.small_mesh import ORDERS, SmallMesh

Change = Callable[[SmallMesh], None]
MODEL, STAGED = f"{ORDERS}/orders.sql", f"{ORDERS}/stg_orders.sql"
PROJECT, PROPERTIES = "domains/shop/dbt_project.yml", f"{ORDERS}/models.yml"
EPHEMERAL = "{{ config(materialized='ephemeral') }} select 1 where true"
STAGED_SQL = "select * from {{ ref('stg_orders') }}"


def config(said: str) -> Change:
    return lambda mesh: mesh.write(MODEL, f"{{{{ config({said}) }}}}\n{STAGED_SQL}\n")


def in_yaml(model: str, said: str) -> Change:
    text = f"models:\n  - name: {model}\n    config: {{{said}}}\n"
    return lambda mesh: mesh.write(PROPERTIES, text)


def in_project(said: str) -> Change:
    return lambda mesh: mesh.write(PROJECT, f"{mesh.read(PROJECT)}  shop:\n    orders:\n{said}")


def both(one: Change, other: Change) -> Change:
    def change(mesh: SmallMesh) -> None:
        one(mesh)
        other(mesh)

    return change


def file(name: str, text: str) -> Change:
    return lambda mesh: mesh.write(name, text)


def package(model: str) -> Change:
    """Import a package with the model `calendar`, and read that."""

    def change(mesh: SmallMesh) -> None:
        mesh.write(
            "packages/box/dbt_project.yml", "name: box\nversion: '1.0.0'\nconfig-version: 2\n"
        )
        mesh.write("packages/box/models/calendar.sql", model)
        file = "domains/shop/packages.yml"
        mesh.write(file, f"{mesh.read(file)}  - local: ../../packages/box\n")
        mesh.write(MODEL, f"{STAGED_SQL} cross join {{{{ ref('calendar') }}}}")

    return change


FAULTS: dict[str, tuple[str, str, Change]] = {
    "no model": (
        "model.missing",
        "there is no model `orders` behind the port",
        lambda m: m.path(MODEL).rename(m.path(f"{ORDERS}/order.sql")) and None,
    ),
    "alias": (
        "model.elsewhere",
        "the model `orders` behind the port is given the alias `sales`",
        config("materialized='table', alias='sales'"),
    ),
    "schema in a mapping": (
        "model.elsewhere",
        "the model `orders` behind the port is given the schema `own`",
        config("{'schema': 'own'}"),
    ),
    "database": (
        "model.elsewhere",
        "the model `orders` behind the port is given the database `other`",
        config("database='other'"),
    ),
    "schema in the project": (
        "model.elsewhere",
        "the model `orders` behind the port is given the schema `own`",
        in_project("      +schema: own\n"),
    ),
    "disabled": (
        "model.disabled",
        "the model `orders` behind the port is disabled, so dbt does not build it",
        config("enabled=false"),
    ),
    "disabled in the project": (
        "model.disabled",
        "the model `orders` behind the port is disabled, so dbt does not build it",
        in_project("      orders:\n        +enabled: false\n"),
    ),
    "a strategy of another engine": (
        "model.strategy",
        "the model `orders` behind the port has the incremental strategy `insert_overwrite`,"
        " which dbt lacks for DuckDB",
        config("materialized='incremental', incremental_strategy='insert_overwrite'"),
    ),
    "ephemeral": (
        "model.materialized",
        "the model `orders` behind the port is materialized as ephemeral",
        config("materialized='ephemeral'"),
    ),
    "external": (
        "model.materialized",
        "the model `orders` behind the port is materialized as external",
        config("materialized='external', location='x.parquet'"),
    ),
    "a materialization that nobody knows": (
        "model.materialized",
        "the model `orders` is materialized as `tabel`, which dbt does not know",
        config("materialized='tabel'"),
    ),
    "a private materialization that nobody knows": (
        "model.materialized",
        "the model `stg_orders` is materialized as `tabel`, which dbt does not know",
        in_yaml("stg_orders", "materialized: tabel"),
    ),
    "a setting without quotes": (
        "model.undefined",
        "the model `orders` gives the setting `materialized` the name `table`, which nothing sets",
        config("materialized=table"),
    ),
    "a model of another package": (
        "model.undefined",
        "the model `orders` reads `ref('shopp', 'stg_orders')`, and the domain has no package"
        " `shopp`",
        file(MODEL, "select * from {{ ref('shopp', 'stg_orders') }}"),
    ),
    "a model that is disabled": (
        "model.undefined",
        "the model `orders` reads `ref('stg_orders')`, and that model is disabled",
        in_yaml("stg_orders", "enabled: false"),
    ),
    "a source with one name": (
        "model.undefined",
        "the model `orders` calls `source` with 1 name, and it takes two",
        file(MODEL, "select * from {{ source('orders_file') }}"),
    ),
    "a program without its function": (
        "model.python",
        "the model `orders` has no function `model`",
        both(lambda m: m.delete(MODEL), file(f"{ORDERS}/orders.py", "x = 1\n")),
    ),
    "private incremental": (
        "model.keeps-rows",
        "the private model `stg_orders` is incremental, and its rows are in no release, so no build"
        " could start from them",
        in_yaml("stg_orders", "materialized: incremental"),
    ),
    "name taken twice": (
        "model.name-clash",
        "the model `stg_orders` has the same name as the model at"
        " domains/shop/products/orders/deeper/stg_orders.sql:1",
        lambda m: m.write(f"{ORDERS}/deeper/stg_orders.sql", "select 1 as one"),
    ),
    "names that differ in case": (
        "model.name-clash",
        "the model `stg_orders` has the same name as the model at"
        f" {ORDERS}/deeper/STG_orders.sql:1",
        lambda m: m.write(f"{ORDERS}/deeper/STG_orders.sql", "select 1 as one"),
    ),
    "a name with a space": (
        "model.name",
        "the model `my orders` has a name that Dagster cannot show",
        lambda m: m.write(f"{ORDERS}/my orders.sql", "select 1 as one"),
    ),
    "name of a seed": (
        "model.name-clash",
        f"the seed `stg_orders` has the same name as the model at {STAGED}:1",
        lambda m: m.write("domains/shop/seeds/stg_orders.csv", "a\n1\n"),
    ),
    "semicolon": (
        "model.semicolon",
        "the model `orders` ends in a semicolon, and dbt puts its SQL inside another statement",
        lambda m: m.write(MODEL, f"{STAGED_SQL}; -- all\n{{# of them #}}\n"),
    ),
    "a template that is not closed": (
        "model.template",
        "the template of the model `orders` cannot be read: unexpected '}'",
        lambda m: m.write(MODEL, "select * from {{ ref('stg_orders') }"),
    ),
    "a block without its end": (
        "model.template",
        "the template of the model `orders` cannot be read: Unexpected end of template. Jinja was"
        " looking for the following tags: 'elif' or 'else' or 'endif'. The innermost block that"
        " needs to be closed is 'if'.",
        lambda m: m.write(MODEL, f"{STAGED_SQL} {{% if target.name == 'x' %}} where false"),
    ),
    "a comment without its end": (
        "model.template",
        "the template of the model `orders` cannot be read: Missing end of comment tag",
        lambda m: m.write(MODEL, f"{STAGED_SQL} {{# all of them"),
    ),
    "two statements": (
        "model.semicolon",
        "the model `orders` holds more than one statement, and dbt puts its SQL inside another"
        " statement",
        lambda m: m.write(MODEL, f"select ';' as a;\n{STAGED_SQL}"),
    ),
    "an empty model": (
        "model.empty",
        "there is no SQL in the model `orders`",
        lambda m: m.write(MODEL, "\n"),
    ),
    "an empty model that another reads": (
        "model.empty",
        "there is no SQL in the model `stg_orders`",
        lambda m: m.write(STAGED, ""),
    ),
    "a model of comments": (
        "model.empty",
        "there is no SQL in the model `stg_orders`",
        lambda m: m.write(STAGED, "{{ config(materialized='view') }}\n-- later\n{# soon #}\n"),
    ),
    "models that read each other": (
        "model.cycle",
        "models read each other: orders → x → orders",
        both(
            lambda m: m.write(MODEL, "select * from {{ ref('x') }}"),
            lambda m: m.write(f"{ORDERS}/x.sql", "select * from {{ ref('orders') }}"),
        ),
    ),
    "a model that reads itself": (
        "model.cycle",
        "models read each other: orders → orders",
        lambda m: m.write(MODEL, "select * from {{ ref('orders') }}"),
    ),
    "a model beside the products": (
        "model.undefined",
        "the model `orders` reads `ref('common')`, and `domains/shop/products/common.sql` is in no"
        " product, so no build makes it",
        both(
            file("domains/shop/products/common.sql", "select 1 as a\n"),
            file(MODEL, f"{STAGED_SQL} cross join {{{{ ref('common') }}}}"),
        ),
    ),
    "batches with a key": (
        "model.strategy",
        "the model `orders` behind the port has a `unique_key`, which `microbatch` does not take on"
        " DuckDB",
        config(
            "materialized='incremental', incremental_strategy='microbatch', unique_key='order_id'"
        ),
    ),
    "a call in a block of docs": (
        "model.template",
        "`notes.md` cannot be read: a block of docs calls `ref`, and dbt has no functions there:"
        " write it between `{% raw %}` and `{% endraw %}`",
        file(f"{ORDERS}/notes.md", "{% docs a %}\nRead {{ ref('orders') }}.\n{% enddocs %}\n"),
    ),
    "a model of a package": (
        "model.of-package",
        "the model `orders` reads `calendar`, a model of the package `box`, and a build makes the"
        " models of products alone",
        package("select 1 as day\n"),
    ),
    "a model of a package that the domain makes a table": (
        "model.of-package",
        "the model `orders` reads `calendar`, a model of the package `box`, and a build makes the"
        " models of products alone",
        package(EPHEMERAL),
    ),
    "a private model of no group": (
        "model.private",
        "the model `orders` reads `stg_orders`, which is private to a group, and it is in none",
        file(PROPERTIES, "models: [{name: stg_orders, access: private}]\n"),
    ),
    "a private model of another group": (
        "model.private",
        "the model `orders` reads `stg_orders`, which is private to its group `staging`",
        file(
            PROPERTIES,
            "groups: [{name: staging, owner: {name: us}}]\n"
            "models: [{name: stg_orders, config: {access: private, group: staging}}]\n",
        ),
    ),
    "properties that are no YAML": (
        "model.properties",
        "dbt cannot read the properties in `models.yml`: did not find expected node content",
        lambda m: m.write(PROPERTIES, "version: 2\nmodels: [\n"),
    ),
    "no Python": (
        "model.python",
        "the model `px` is no Python: '(' was never closed",
        lambda m: m.write(f"{ORDERS}/px.py", "def model(dbt, session):\n    return dbt.ref('x'\n"),
    ),
    "another encoding": (
        "model.unreadable",
        "the model `orders` cannot be read as UTF-8 text",
        lambda m: m.path(MODEL).write_bytes(f"{STAGED_SQL} -- caf\xe9".encode("latin-1")),
    ),
    "snapshot": (
        "model.keeps-rows",
        "the model `orders` reads the snapshot `kept`, and its rows are in no release, so no build"
        " could start from them",
        both(
            file("domains/shop/snapshots/kept.sql", "{% snapshot kept %} x {% endsnapshot %}"),
            file(MODEL, "select * from {{ ref('kept') }}"),
        ),
    ),
}
