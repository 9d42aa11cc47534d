-- One row per airport and hour: the one condition that describes it. The first that applies wins.
with observations as (

    select * from {{ source('weather', 'hourly') }}

),

plausible as (

    -- No wind at these airports comes near 150 mph: such a value is a broken instrument, not a storm.
    select
        *,
        case when wind_speed_mph < 150 then wind_speed_mph end as plausible_wind_mph
    from observations

)

select
    origin,
    observed_at,
    case
        when precipitation_inches > 0 and temperature_fahrenheit <= 34 then 'snow_or_ice'
        when visibility_miles < 3 then 'low_visibility'
        when precipitation_inches > 0 then 'rain'
        when plausible_wind_mph >= 25 or wind_gust_mph >= 35 then 'strong_wind'
        else 'fair'
    end as weather_condition
from plausible
