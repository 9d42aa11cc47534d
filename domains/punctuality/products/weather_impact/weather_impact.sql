with flights as (

    select
        *,
        cast(date_trunc('month', flight_date) as date) as flight_month
    from {{ ref('int_flight_weather') }}

),

per_condition as (

    select
        origin,
        flight_month,
        weather_condition,
        count(*) as scheduled_flights,
        count(*) filter (where is_cancelled) as cancelled_flights,
        count(*) filter (where departure_delay_minutes >= 15) as delayed_flights,
        round(avg(departure_delay_minutes), 2) as average_departure_delay_minutes
    from flights
    group by origin, flight_month, weather_condition

)

select
    origin,
    flight_month,
    weather_condition,
    scheduled_flights,
    cancelled_flights,
    delayed_flights,
    {{ mesh.share('cancelled_flights', 'scheduled_flights') }} as cancelled_share,
    {{ mesh.share('delayed_flights', 'scheduled_flights - cancelled_flights') }} as delayed_share,
    average_departure_delay_minutes
from per_condition
