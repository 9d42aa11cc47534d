-- The landing file with types: one row in, one row out.
select
    tailnum as tail_number,
    {{ mesh.typed('year', 'integer') }} as build_year,
    {{ mesh.typed('type', 'varchar') }} as aircraft_type,
    {{ mesh.typed('manufacturer', 'varchar') }} as manufacturer,
    {{ mesh.typed('model', 'varchar') }} as model,
    {{ mesh.typed('engines', 'integer') }} as engine_count,
    {{ mesh.typed('engine', 'varchar') }} as engine_type,
    {{ mesh.typed('seats', 'integer') }} as seat_count,
    {{ mesh.typed('speed', 'integer') }} as cruise_speed_mph
from {{ source('landing', 'nyc_planes') }}
