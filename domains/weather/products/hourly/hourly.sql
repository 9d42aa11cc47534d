-- The source converted wind from knots to full double precision; two digits are what a consumer can use.
select
    origin,
    observed_at,
    local_date,
    local_hour,
    temperature_fahrenheit,
    dew_point_fahrenheit,
    relative_humidity_percent,
    wind_direction_degrees,
    round(wind_speed_mph, 2) as wind_speed_mph,
    round(wind_gust_mph, 2) as wind_gust_mph,
    precipitation_inches,
    pressure_millibars,
    visibility_miles
from {{ ref('stg_observations') }}
