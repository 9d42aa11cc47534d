-- The landing file with types: one row in, one row out.
select
    origin,
    {{ mesh.instant('time_hour') }} as observed_at,
    {{ mesh.calendar_date('year', 'month', 'day') }} as local_date,
    {{ mesh.typed('hour', 'integer') }} as local_hour,
    {{ mesh.typed('temp', 'double') }} as temperature_fahrenheit,
    {{ mesh.typed('dewp', 'double') }} as dew_point_fahrenheit,
    {{ mesh.typed('humid', 'double') }} as relative_humidity_percent,
    {{ mesh.typed('wind_dir', 'integer') }} as wind_direction_degrees,
    {{ mesh.typed('wind_speed', 'double') }} as wind_speed_mph,
    {{ mesh.typed('wind_gust', 'double') }} as wind_gust_mph,
    {{ mesh.typed('precip', 'double') }} as precipitation_inches,
    {{ mesh.typed('pressure', 'double') }} as pressure_millibars,
    {{ mesh.typed('visib', 'double') }} as visibility_miles
from {{ source('landing', 'nyc_weather') }}
