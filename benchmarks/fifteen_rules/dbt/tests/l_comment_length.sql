select l_comment from {{ source('tpch', 'lineitem') }} where length(l_comment) not between 1 and 44
