-- One row per aircraft, carrier and month: what it flew. Flights without a tail number belong to no aircraft.
with flights as (

    select
        *,
        cast(date_trunc('month', flight_date) as date) as flight_month
    from {{ source('flights', 'departures') }}
    where tail_number is not null

)

select
    tail_number,
    carrier,
    flight_month,
    count(*) as scheduled_flights,
    count(*) filter (where outcome = 'completed') as completed_flights,
    count(distinct flight_date) filter (where outcome = 'completed') as days_flown,
    cast(coalesce(sum(air_time_minutes), 0) as bigint) as air_time_minutes,
    cast(coalesce(sum(distance_miles) filter (where outcome = 'completed'), 0) as bigint) as distance_miles
from flights
group by tail_number, carrier, flight_month
