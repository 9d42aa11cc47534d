select
    customers.segment,
    count(distinct orders.order_id) as orders,
    max(orders.ordered_at) as last_order_at
from {{ source('shop', 'orders') }} as orders
inner join {{ source('shop', 'customers') }} as customers
    on orders.customer_id = customers.customer_id
where orders.channel = 'web' and customers.newsletter
group by customers.segment
