select count(*) as order_lines
from {{ source('shop', 'orders') }}
