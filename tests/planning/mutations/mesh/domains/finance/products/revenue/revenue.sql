select
    order_date,
    market,
    delivery.country as delivery_country,
    sum(quantity * amount) as gross_amount,
    sum(quantity * amount * discount / 100) as discounts
from {{ source('shop', 'orders') }}
where status in ('paid', 'shipped')
group by order_date, market, delivery.country
