select avg(l_extendedprice) as found from {{ source('tpch', 'lineitem') }} having avg(l_extendedprice) not between 30000 and 50000
