with flights as (

    select * from {{ ref('stg_flights') }}

),

with_outcome as (

    select
        *,
        case
            when departure_time is null then 'cancelled'
            when arrival_delay_minutes is null then 'arrival_unknown'
            else 'completed'
        end as outcome,
        {{ dbt.dateadd('minute', 'scheduled_minute', 'scheduled_hour') }} as scheduled_departure_at
    from flights

)

select
    flight_date,
    carrier,
    flight_number,
    origin,
    destination,
    tail_number,
    outcome,
    scheduled_hour,
    scheduled_departure_at,
    scheduled_departure_time,
    departure_time,
    departure_delay_minutes,
    scheduled_arrival_time,
    arrival_time,
    arrival_delay_minutes,
    air_time_minutes,
    distance_miles
from with_outcome
