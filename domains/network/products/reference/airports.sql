select
    faa as airport_code,
    name as airport_name,
    {{ mesh.typed('lat', 'double') }} as latitude,
    {{ mesh.typed('lon', 'double') }} as longitude,
    {{ mesh.typed('alt', 'integer') }} as altitude_feet,
    {{ mesh.typed('tz', 'integer') }} as utc_offset_hours,
    {{ mesh.typed('dst', 'varchar') }} as daylight_saving_rule,
    {{ mesh.typed('tzone', 'varchar') }} as time_zone
from {{ source('landing', 'nyc_airports') }}
