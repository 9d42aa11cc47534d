-- One row per flight: what happened to it, as yes or no.
select
    flight_date,
    carrier,
    origin,
    destination,
    outcome = 'completed' as is_completed,
    outcome = 'cancelled' as is_cancelled,
    outcome = 'arrival_unknown' as is_arrival_unknown,
    outcome = 'completed' and arrival_delay_minutes < 15 as is_on_time,
    departure_delay_minutes,
    arrival_delay_minutes
from {{ source('flights', 'departures') }}
