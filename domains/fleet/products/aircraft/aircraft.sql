with planes as (

    select * from {{ ref('stg_planes') }}

),

with_family as (

    -- One manufacturer appears under several registered names; the family is the name people use.
    select
        *,
        case
            when manufacturer like 'AIRBUS%' then 'Airbus'
            when manufacturer like 'MCDONNELL DOUGLAS%' then 'McDonnell Douglas'
            when manufacturer = 'BOEING' then 'Boeing'
            when manufacturer = 'BOMBARDIER INC' then 'Bombardier'
            when manufacturer = 'EMBRAER' then 'Embraer'
            else 'Other'
        end as manufacturer_family
    from planes

)

select
    tail_number,
    build_year,
    aircraft_type,
    manufacturer,
    manufacturer_family,
    model,
    engine_count,
    engine_type,
    seat_count,
    cruise_speed_mph
from with_family
