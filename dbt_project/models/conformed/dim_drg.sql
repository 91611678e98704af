select
    drg.ms_drg,
    drg.drg_title,
    drg.mdc,
    drg.drg_type,
    drg.relative_weight,
    drg.geometric_mean_los,
    coalesce(assignment.service_line_code, 'unmapped') as service_line_code
from {{ ref('drg') }} as drg
left join {{ ref('drg_service_line') }} as assignment
    on drg.ms_drg = assignment.ms_drg
union all
select
    'unmapped' as ms_drg,
    'Unmapped' as drg_title,
    null as mdc,
    'none' as drg_type,
    null as relative_weight,
    null as geometric_mean_los,
    'unmapped' as service_line_code
