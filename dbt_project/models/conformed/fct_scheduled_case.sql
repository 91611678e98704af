-- What was known of the schedule on a day is in the rows of that day (`on_schedule`).
select
    scheduled_case_id,
    record_id,
    facility_code,
    department_code,
    operating_room_code,
    stock_location_code,
    procedure_code,
    provider_id,
    case_status,
    known_to is null as is_current,
    case_date,
    known_from,
    known_to,
    -- What was told of it first may be its end: until then it was on the schedule.
    case when case_status in ('cancelled', 'no_show') then told_date end
        as called_off_date,
    {{ month_of('case_date') }} as service_month
from {{ ref('int_scheduled_case__located') }}
