-- One row per flight with the weather at its airport in the hour it was planned to leave.
with flights as (

    select * from {{ source('flights', 'departures') }}

),

conditions as (

    select * from {{ ref('int_weather_conditions') }}

)

select
    flights.flight_date,
    flights.carrier,
    flights.flight_number,
    flights.origin,
    coalesce(conditions.weather_condition, 'unknown') as weather_condition,
    flights.outcome = 'cancelled' as is_cancelled,
    flights.departure_delay_minutes
from flights
left join conditions
    on flights.origin = conditions.origin
    and flights.scheduled_hour = conditions.observed_at
