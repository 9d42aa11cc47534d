-- The join to the weather must not double a flight: two observations for one hour would.
select
    flight_date,
    carrier,
    flight_number,
    origin,
    count(*) as conditions
from {{ ref('int_flight_weather') }}
group by flight_date, carrier, flight_number, origin
having count(*) > 1
