"""Changes of a mesh with a fault in a model that files decide, and changes without one."""

from __future__ import annotations

from collections.abc import Callable

from tests.small_mesh import ORDERS, SmallMesh

Change = Callable[[SmallMesh], None]
MODEL, STAGED = f"{ORDERS}/orders.sql", f"{ORDERS}/stg_orders.sql"
PROJECT, PROPERTIES = "domains/shop/dbt_project.yml", f"{ORDERS}/models.yml"
EPHEMERAL = "{{ config(materialized='ephemeral') }} select 1 where true"
STAGED_SQL = "select * from {{ ref('stg_orders') }}"


def _config(said: str) -> Change:
    return lambda mesh: mesh.write(MODEL, f"{{{{ config({said}) }}}}\n{STAGED_SQL}\n")


def _in_yaml(model: str, said: str) -> Change:
    text = f"models:\n  - name: {model}\n    config: {{{said}}}\n"
    return lambda mesh: mesh.write(PROPERTIES, text)


def _in_project(said: str) -> Change:
    return lambda mesh: mesh.write(PROJECT, f"{mesh.read(PROJECT)}  shop:\n    orders:\n{said}")


def _both(one: Change, other: Change) -> Change:
    def change(mesh: SmallMesh) -> None:
        one(mesh)
        other(mesh)

    return change


def _file(name: str, text: str) -> Change:
    return lambda mesh: mesh.write(name, text)


def _package(model: str) -> Change:
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
        _config("materialized='table', alias='sales'"),
    ),
    "schema in a mapping": (
        "model.elsewhere",
        "the model `orders` behind the port is given the schema `own`",
        _config("{'schema': 'own'}"),
    ),
    "database": (
        "model.elsewhere",
        "the model `orders` behind the port is given the database `other`",
        _config("database='other'"),
    ),
    "schema in the project": (
        "model.elsewhere",
        "the model `orders` behind the port is given the schema `own`",
        _in_project("      +schema: own\n"),
    ),
    "disabled": (
        "model.disabled",
        "the model `orders` behind the port is disabled, so dbt does not build it",
        _config("enabled=false"),
    ),
    "disabled in the project": (
        "model.disabled",
        "the model `orders` behind the port is disabled, so dbt does not build it",
        _in_project("      orders:\n        +enabled: false\n"),
    ),
    "a strategy of another engine": (
        "model.strategy",
        "the model `orders` behind the port has the incremental strategy `insert_overwrite`,"
        " which dbt lacks for DuckDB",
        _config("materialized='incremental', incremental_strategy='insert_overwrite'"),
    ),
    "ephemeral": (
        "model.materialized",
        "the model `orders` behind the port is materialized as ephemeral",
        _config("materialized='ephemeral'"),
    ),
    "external": (
        "model.materialized",
        "the model `orders` behind the port is materialized as external",
        _config("materialized='external', location='x.parquet'"),
    ),
    "a materialization that nobody knows": (
        "model.materialized",
        "the model `orders` is materialized as `tabel`, which dbt does not know",
        _config("materialized='tabel'"),
    ),
    "a private materialization that nobody knows": (
        "model.materialized",
        "the model `stg_orders` is materialized as `tabel`, which dbt does not know",
        _in_yaml("stg_orders", "materialized: tabel"),
    ),
    "a setting without quotes": (
        "model.undefined",
        "the model `orders` gives the setting `materialized` the name `table`, which nothing sets",
        _config("materialized=table"),
    ),
    "a model of another package": (
        "model.undefined",
        "the model `orders` reads `ref('shopp', 'stg_orders')`, and the domain has no package"
        " `shopp`",
        _file(MODEL, "select * from {{ ref('shopp', 'stg_orders') }}"),
    ),
    "a model that is disabled": (
        "model.undefined",
        "the model `orders` reads `ref('stg_orders')`, and that model is disabled",
        _in_yaml("stg_orders", "enabled: false"),
    ),
    "a source with one name": (
        "model.undefined",
        "the model `orders` calls `source` with 1 name, and it takes two",
        _file(MODEL, "select * from {{ source('orders_file') }}"),
    ),
    "a program without its function": (
        "model.python",
        "the model `orders` has no function `model`",
        _both(lambda m: m.delete(MODEL), _file(f"{ORDERS}/orders.py", "x = 1\n")),
    ),
    "private incremental": (
        "model.keeps-rows",
        "the private model `stg_orders` is incremental, and its rows are in no release, so no build"
        " could start from them",
        _in_yaml("stg_orders", "materialized: incremental"),
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
        _both(
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
        _both(
            _file("domains/shop/products/common.sql", "select 1 as a\n"),
            _file(MODEL, f"{STAGED_SQL} cross join {{{{ ref('common') }}}}"),
        ),
    ),
    "batches with a key": (
        "model.strategy",
        "the model `orders` behind the port has a `unique_key`, which `microbatch` does not take on"
        " DuckDB",
        _config(
            "materialized='incremental', incremental_strategy='microbatch', unique_key='order_id'"
        ),
    ),
    "a call in a block of docs": (
        "model.template",
        "`notes.md` cannot be read: a block of docs calls `ref`, and dbt has no functions there:"
        " write it between `{% raw %}` and `{% endraw %}`",
        _file(f"{ORDERS}/notes.md", "{% docs a %}\nRead {{ ref('orders') }}.\n{% enddocs %}\n"),
    ),
    "a model of a package": (
        "model.of-package",
        "the model `orders` reads `calendar`, a model of the package `box`, and a build makes the"
        " models of products alone",
        _package("select 1 as day\n"),
    ),
    "a model of a package that the domain makes a table": (
        "model.of-package",
        "the model `orders` reads `calendar`, a model of the package `box`, and a build makes the"
        " models of products alone",
        _package(EPHEMERAL),
    ),
    "a private model of no group": (
        "model.private",
        "the model `orders` reads `stg_orders`, which is private to a group, and it is in none",
        _file(PROPERTIES, "models: [{name: stg_orders, access: private}]\n"),
    ),
    "a private model of another group": (
        "model.private",
        "the model `orders` reads `stg_orders`, which is private to its group `staging`",
        _file(
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
        _both(
            _file("domains/shop/snapshots/kept.sql", "{% snapshot kept %} x {% endsnapshot %}"),
            _file(MODEL, "select * from {{ ref('kept') }}"),
        ),
    ),
}


HARMLESS: dict[str, Change] = {
    "a private model in a comment of SQL": _both(
        _file(PROPERTIES, "models: [{name: other, access: private}]\n"),
        _both(
            _file(f"{ORDERS}/other.sql", "select 1 as a\n"),
            _file(MODEL, f"-- was ref('other') once\n{STAGED_SQL}"),
        ),
    ),
    "a private model in a branch": _both(
        _file(PROPERTIES, "models: [{name: other, access: private}]\n"),
        _both(
            _file(f"{ORDERS}/other.sql", "select 1 as a\n"),
            _file(MODEL, "select * from {{ ref('other') if false else ref('stg_orders') }}"),
        ),
    ),
    "a block of docs with raw text": _file(
        f"{ORDERS}/notes.md", "{% docs a %}{% raw %}{{ ref('orders') }}{% endraw %}{% enddocs %}\n"
    ),
    "batches without a key": _config(
        "materialized='incremental', incremental_strategy='microbatch', event_time='order_id'"
    ),
    "an ephemeral model of a package": _both(
        _package(EPHEMERAL),
        _file(PROJECT, "name: shop\nmodels: {shop: {+materialized: table}}\n"),
    ),
    "a model of a package that the domain makes ephemeral": _both(
        _package("select 1 as day\n"),
        _file(
            PROJECT, "name: shop\nmodels: {+materialized: table, box: {+materialized: ephemeral}}"
        ),
    ),
    "a private model of the same group": _both(
        _config("group='sales'"),
        _file(
            PROPERTIES,
            "groups: [{name: sales, owner: {name: us}}]\n"
            "models: [{name: stg_orders, access: private, group: sales}]\n",
        ),
    ),
    "nothing": lambda _: None,
    "table": _config("materialized='table', alias='orders'"),
    "alias of a private model": _in_yaml("stg_orders", "alias: other"),
    "a variable": _config("materialized=var('how', 'table'), enabled=var('on', true)"),
    "under a condition": lambda m: m.write(
        MODEL, f"{{% if false %}}{{{{ config(alias='x') }}}}{{% endif %}}{STAGED_SQL}"
    ),
    "overruled": _both(
        _in_project("      +materialized: ephemeral\n"), _config("materialized='table'")
    ),
    "a model of its own package": _file(MODEL, "select * from {{ ref('shop', 'stg_orders') }}"),
    "a setting from a variable of the template": _file(
        MODEL, "{% set how = 'table' %}{{ config(materialized=how) }}" + STAGED_SQL
    ),
    "settings that are no text": _config("materialized='table', tags=['a'], enabled=true"),
    "an own materialization": _both(
        _file(
            "domains/shop/macros/mine.sql",
            "{% materialization mine, default %}{% endmaterialization %}",
        ),
        _config("materialized='mine'"),
    ),
    "an own strategy": _both(
        _file(
            "domains/shop/macros/s.sql",
            "{% macro get_incremental_mine_sql(a) %}insert into t select 1{% endmacro %}",
        ),
        _config("materialized='incremental', incremental_strategy='mine'"),
    ),
    "a macro names schemas": _both(
        _file(
            "domains/shop/macros/n.sql", "{% macro generate_schema_name(a, b) %}main{% endmacro %}"
        ),
        _config("schema='own'"),
    ),
    "a second file that is disabled": lambda m: m.write(
        f"{ORDERS}/deeper/stg_orders.sql", "{{ config(enabled=false) }} select 1 as one"
    ),
    "a sign that stands for no other": lambda m: m.write(
        MODEL, f"{STAGED_SQL} where customer <> replace(customer, '\ufffd', '')"
    ),
    "a model that is off and reads what is gone": _file(
        f"{ORDERS}/old.sql", "{{ config(enabled=false) }} select * from {{ ref('gone') }};"
    ),
    "raw text": lambda m: m.write(MODEL, f"{STAGED_SQL} -- {{% raw %}} {{{{ {{% endraw %}}"),
    "statements of Jinja": lambda m: m.write(
        MODEL, f"{{% set a %}}b{{% endset %}}{{% do log(a) %}}{STAGED_SQL}"
    ),
    "a circle that is never run": lambda m: m.write(
        MODEL, f"{{% if false %}}{{{{ ref('orders') }}}}{{% endif %}}{STAGED_SQL}"
    ),
    "another model in a comment": lambda m: m.write(
        MODEL, f"{{# {{{{ ref('nope') }}}} and\n {{{{ nope() }}}} #}}\n{STAGED_SQL}"
    ),
    "a snapshot in a comment": _both(
        _file("domains/shop/snapshots/kept.sql", "{% snapshot kept %} x {% endsnapshot %}"),
        _file(MODEL, f"{{# {{{{ ref('kept') }}}} #}}{STAGED_SQL}"),
    ),
    "a circle in a comment": lambda m: m.write(
        MODEL, f"{{# {{{{ ref('orders') }}}} #}}{STAGED_SQL}"
    ),
    "semicolons that end nothing": lambda m: m.write(
        MODEL,
        "{{ config(pre_hook='select 1; select 2') }} -- a; b\n/* ; c */ "
        f"{STAGED_SQL} where status not in ('a;b', $$;$$, $x$;$x$) -- ; d\n",
    ),
    "a private model that is empty": lambda m: m.write(f"{ORDERS}/later.sql", "\n"),
    "a semicolon in a text": lambda m: m.write(MODEL, f"{STAGED_SQL} where status <> ';'"),
}
