select l_receiptdate, l_shipdate from {{ source('tpch', 'lineitem') }} where l_receiptdate <= l_shipdate
