with flights as (

    select * from {{ ref('int_flight_punctuality') }}

),

airlines as (

    select carrier, airline_name from {{ source('network', 'airlines') }}

),

airports as (

    select airport_code, airport_name from {{ source('network', 'airports') }}

),

per_route as (

    select
        flight_date,
        carrier,
        origin,
        destination,
        count(*) as scheduled_flights,
        count(*) filter (where is_completed) as completed_flights,
        count(*) filter (where is_cancelled) as cancelled_flights,
        count(*) filter (where is_arrival_unknown) as arrival_unknown_flights,
        count(*) filter (where is_on_time) as on_time_flights,
        round(avg(departure_delay_minutes), 2) as average_departure_delay_minutes,
        round(avg(arrival_delay_minutes), 2) as average_arrival_delay_minutes,
        max(arrival_delay_minutes) as worst_arrival_delay_minutes
    from flights
    group by flight_date, carrier, origin, destination

)

select
    per_route.flight_date,
    per_route.carrier,
    airlines.airline_name,
    per_route.origin,
    per_route.destination,
    airports.airport_name as destination_name,
    per_route.scheduled_flights,
    per_route.completed_flights,
    per_route.cancelled_flights,
    per_route.arrival_unknown_flights,
    per_route.on_time_flights,
    {{ mesh.share('per_route.on_time_flights', 'per_route.scheduled_flights') }} as on_time_share,
    per_route.average_departure_delay_minutes,
    per_route.average_arrival_delay_minutes,
    per_route.worst_arrival_delay_minutes
from per_route
left join airlines on per_route.carrier = airlines.carrier
left join airports on per_route.destination = airports.airport_code
