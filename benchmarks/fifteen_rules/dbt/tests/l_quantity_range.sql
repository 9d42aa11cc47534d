select l_quantity from {{ source('tpch', 'lineitem') }} where l_quantity not between 1 and 50
