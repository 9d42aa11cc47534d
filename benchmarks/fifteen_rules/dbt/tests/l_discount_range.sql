select l_discount from {{ source('tpch', 'lineitem') }} where l_discount not between 0 and 0.1
