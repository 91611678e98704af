-- What readers were told of a month before its figures could change under the next one.
select
    facility_code,
    service_line_code,
    service_month,
    operating_margin_amount
from build.published_margin()
