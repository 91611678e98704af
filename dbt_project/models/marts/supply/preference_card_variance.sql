with line as (
    select
        coalesce(standard.surgical_case_id, used.surgical_case_id) as surgical_case_id,
        coalesce(standard.item_code, used.item_code) as item_code,
        standard.card_item_code,
        standard.line_kind,
        used.item_code is not null as is_used,
        max(standard.card_code) over (
            partition by coalesce(standard.surgical_case_id, used.surgical_case_id)
        ) as card_code,
        standard.standard_price,
        coalesce(standard.standard_quantity, 0)::numeric(18, 4) as standard_quantity,
        coalesce(used.used_quantity, 0)::numeric(18, 4) as used_quantity,
        coalesce(used.unused_quantity, 0)::numeric(18, 4) as unused_quantity,
        coalesce(used.supply_cost, 0)::numeric(18, 2) as supply_cost,
        coalesce(used.unused_amount, 0)::numeric(18, 2) as unused_amount,
        coalesce(used.supply_cost - used.unused_amount, 0)::numeric(18, 2)
            as used_amount
    from {{ ref('fct_surgical_case_standard') }} as standard
    full join {{ ref('fct_surgical_case_usage') }} as used
        on
            standard.surgical_case_id = used.surgical_case_id
            and standard.item_code = used.item_code
),

placed as (
    select
        line.*,
        surgery.encounter_id,
        surgery.facility_code,
        surgery.department_code,
        surgery.service_line_code,
        surgery.procedure_code,
        surgery.provider_id,
        surgery.case_date,
        surgery.service_month,
        coalesce(
            line.line_kind,
            case when line.card_code is null then 'no_card' else 'off_card' end
        ) as kind
    from line
    inner join {{ ref('fct_surgical_case') }} as surgery
        on line.surgical_case_id = surgery.surgical_case_id
    where line.standard_quantity > 0 or line.is_used
),

judged as (
    select
        placed.*,
        case
            when placed.kind = 'no_card' then 'no_card'
            when placed.kind <> 'off_card' and placed.standard_price is null
                then 'no_standard_price'
            when placed.used_quantity < 0 then 'negative_quantity'
            when placed.used_quantity > 0 and placed.used_amount = 0
                then 'no_cost_price'
            else ''
        end as variance_issue
    from placed
),

measured as (
    select
        judged.*,
        judged.variance_issue = '' and judged.kind <> 'off_card' as is_on_card,
        case
            when judged.variance_issue = '' and judged.kind <> 'off_card'
                then round(judged.standard_quantity * judged.standard_price, 2)
            else 0
        end::numeric(18, 2) as standard_amount,
        case
            when judged.variance_issue <> '' then 0
            when judged.kind = 'off_card' then judged.used_amount
            else
                round(
                    (judged.used_quantity - judged.standard_quantity)
                    * judged.standard_price,
                    2
                )
        end::numeric(18, 2) as usage_variance_amount
    from judged
)

select
    surgical_case_id,
    item_code,
    encounter_id,
    facility_code,
    department_code,
    service_line_code,
    procedure_code,
    provider_id,
    card_code,
    card_item_code,
    kind as line_kind,
    variance_issue,
    standard_price,
    standard_quantity,
    used_quantity,
    unused_quantity,
    supply_cost,
    unused_amount,
    used_amount,
    standard_amount,
    usage_variance_amount,
    case
        when is_on_card and kind <> 'substitute'
            then used_amount - standard_amount - usage_variance_amount
        else 0
    end::numeric(18, 2) as price_variance_amount,
    case
        when is_on_card and kind = 'substitute'
            then used_amount - standard_amount - usage_variance_amount
        else 0
    end::numeric(18, 2) as substitution_variance_amount,
    case when variance_issue = '' then 0 else used_amount end::numeric(18, 2)
        as unmeasured_amount,
    case_date,
    service_month
from measured
