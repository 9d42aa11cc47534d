select max(l_shipdate) as found from {{ source('tpch', 'lineitem') }} having max(l_shipdate) not between date '1998-01-01' and date '1999-01-01'
