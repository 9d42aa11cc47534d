-- The landing file with types: one row in, one row out.
select
    {{ mesh.calendar_date('year', 'month', 'day') }} as flight_date,
    carrier,
    {{ mesh.typed('flight', 'integer') }} as flight_number,
    origin,
    dest as destination,
    {{ mesh.typed('tailnum', 'varchar') }} as tail_number,
    {{ mesh.instant('time_hour') }} as scheduled_hour,
    {{ mesh.typed('minute', 'integer') }} as scheduled_minute,
    {{ mesh.clock_time('sched_dep_time') }} as scheduled_departure_time,
    {{ mesh.clock_time('dep_time') }} as departure_time,
    {{ mesh.typed('dep_delay', 'integer') }} as departure_delay_minutes,
    {{ mesh.clock_time('sched_arr_time') }} as scheduled_arrival_time,
    {{ mesh.clock_time('arr_time') }} as arrival_time,
    {{ mesh.typed('arr_delay', 'integer') }} as arrival_delay_minutes,
    {{ mesh.typed('air_time', 'integer') }} as air_time_minutes,
    {{ mesh.typed('distance', 'integer') }} as distance_miles
from {{ source('landing', 'nyc_flights') }}
