select
    cast(customer_id as bigint) as customer_id,
    email,
    segment,
    cast(newsletter as boolean) as newsletter,
    cast(birth_date as date) as birth_date,
    country,
    cast(loyalty_points as smallint) as loyalty_points,
    [cast(visits as float), cast(loyalty_points as float), 1.0::float]::float[3] as taste
from {{ source('landing', 'customers_file') }}
