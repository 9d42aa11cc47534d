select
    carrier,
    name as airline_name
from {{ source('landing', 'nyc_airlines') }}
