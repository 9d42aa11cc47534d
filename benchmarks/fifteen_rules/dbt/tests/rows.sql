select count(*) as found from {{ source('tpch', 'lineitem') }} having count(*) not between 5000000 and 7000000
