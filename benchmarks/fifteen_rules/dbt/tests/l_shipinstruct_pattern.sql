select l_shipinstruct from {{ source('tpch', 'lineitem') }} where not regexp_matches(l_shipinstruct, '^[A-Z ]+$')
