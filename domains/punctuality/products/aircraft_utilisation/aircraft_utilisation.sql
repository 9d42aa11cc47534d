with months as (

    select * from {{ ref('int_aircraft_months') }}

),

aircraft as (

    select * from {{ source('fleet', 'aircraft') }}

)

select
    months.tail_number,
    months.carrier,
    months.flight_month,
    aircraft.tail_number is not null as is_in_fleet,
    aircraft.manufacturer_family,
    aircraft.model,
    aircraft.build_year,
    aircraft.seat_count,
    months.scheduled_flights,
    months.completed_flights,
    months.days_flown,
    months.air_time_minutes,
    months.distance_miles,
    months.distance_miles * aircraft.seat_count as seat_miles
from months
left join aircraft on months.tail_number = aircraft.tail_number
