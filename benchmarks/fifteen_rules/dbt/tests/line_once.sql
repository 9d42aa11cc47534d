select l_orderkey, l_linenumber from {{ source('tpch', 'lineitem') }} group by all having count(*) > 1
