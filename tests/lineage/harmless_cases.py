"""Changes of a mesh that look like a fault in a model, and are none."""

from __future__ import annotations

from tests.lineage.model_cases import (
    EPHEMERAL,
    MODEL,
    PROJECT,
    PROPERTIES,
    STAGED_SQL,
    Change,
    both,
    config,
    file,
    in_project,
    in_yaml,
    package,
)
from tests.small_mesh import ORDERS

HARMLESS: dict[str, Change] = {
    "a private model in a comment of SQL": both(
        file(PROPERTIES, "models: [{name: other, access: private}]\n"),
        both(
            file(f"{ORDERS}/other.sql", "select 1 as a\n"),
            file(MODEL, f"-- was ref('other') once\n{STAGED_SQL}"),
        ),
    ),
    "a private model in a branch": both(
        file(PROPERTIES, "models: [{name: other, access: private}]\n"),
        both(
            file(f"{ORDERS}/other.sql", "select 1 as a\n"),
            file(MODEL, "select * from {{ ref('other') if false else ref('stg_orders') }}"),
        ),
    ),
    "a block of docs with raw text": file(
        f"{ORDERS}/notes.md", "{% docs a %}{% raw %}{{ ref('orders') }}{% endraw %}{% enddocs %}\n"
    ),
    "batches without a key": config(
        "materialized='incremental', incremental_strategy='microbatch', event_time='order_id'"
    ),
    "an ephemeral model of a package": both(
        package(EPHEMERAL),
        file(PROJECT, "name: shop\nmodels: {shop: {+materialized: table}}\n"),
    ),
    "a model of a package that the domain makes ephemeral": both(
        package("select 1 as day\n"),
        file(
            PROJECT, "name: shop\nmodels: {+materialized: table, box: {+materialized: ephemeral}}"
        ),
    ),
    "a private model of the same group": both(
        config("group='sales'"),
        file(
            PROPERTIES,
            "groups: [{name: sales, owner: {name: us}}]\n"
            "models: [{name: stg_orders, access: private, group: sales}]\n",
        ),
    ),
    "nothing": lambda _: None,
    "table": config("materialized='table', alias='orders'"),
    "alias of a private model": in_yaml("stg_orders", "alias: other"),
    "a variable": config("materialized=var('how', 'table'), enabled=var('on', true)"),
    "under a condition": lambda m: m.write(
        MODEL, f"{{% if false %}}{{{{ config(alias='x') }}}}{{% endif %}}{STAGED_SQL}"
    ),
    "overruled": both(
        in_project("      +materialized: ephemeral\n"), config("materialized='table'")
    ),
    "a model of its own package": file(MODEL, "select * from {{ ref('shop', 'stg_orders') }}"),
    "a setting from a variable of the template": file(
        MODEL, "{% set how = 'table' %}{{ config(materialized=how) }}" + STAGED_SQL
    ),
    "settings that are no text": config("materialized='table', tags=['a'], enabled=true"),
    "an own materialization": both(
        file(
            "domains/shop/macros/mine.sql",
            "{% materialization mine, default %}{% endmaterialization %}",
        ),
        config("materialized='mine'"),
    ),
    "an own strategy": both(
        file(
            "domains/shop/macros/s.sql",
            "{% macro get_incremental_mine_sql(a) %}insert into t select 1{% endmacro %}",
        ),
        config("materialized='incremental', incremental_strategy='mine'"),
    ),
    "a macro names schemas": both(
        file(
            "domains/shop/macros/n.sql", "{% macro generate_schema_name(a, b) %}main{% endmacro %}"
        ),
        config("schema='own'"),
    ),
    "a second file that is disabled": lambda m: m.write(
        f"{ORDERS}/deeper/stg_orders.sql", "{{ config(enabled=false) }} select 1 as one"
    ),
    "a sign that stands for no other": lambda m: m.write(
        MODEL, f"{STAGED_SQL} where customer <> replace(customer, '\ufffd', '')"
    ),
    "a model that is off and reads what is gone": file(
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
    "a snapshot in a comment": both(
        file("domains/shop/snapshots/kept.sql", "{% snapshot kept %} x {% endsnapshot %}"),
        file(MODEL, f"{{# {{{{ ref('kept') }}}} #}}{STAGED_SQL}"),
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
