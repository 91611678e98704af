{{ config(indexes=[{'columns': ['charge_id'], 'unique': true}]) }}

-- A charge that the EHR posts and a service line that bills it are one charge: by the
-- line item control number, else by equal content and position. The line wins. A posted
-- charge counts by itself while no claim in force says what its account was charged.
with line as (
    select
        billed.*,
        named.charge_transaction_id as named_id,
        named.posted_date
    from {{ ref('int_claim_line__billed') }} as billed
    left join {{ ref('int_charge_transaction__netted') }} as named
        on
            billed.account_id = named.account_id
            and billed.line_control_number = named.charge_transaction_id
),

numbered_line as (
    select
        line.*,
        {{ charge_content('line') | indent(8) }} as said,
        row_number() over (
            partition by
                line.named_id is null,
                {{ charge_content('line') | indent(16) }}
            order by line.claim_id, line.line_position, line.charge_id
        ) as ordinal
    from line
),

numbered_transaction as (
    select
        posted.charge_transaction_id,
        posted.posted_date,
        {{ charge_content('posted') | indent(8) }} as said,
        row_number() over (
            partition by {{ charge_content('posted') | indent(12) }}
            order by posted.charge_transaction_id
        ) as ordinal
    from {{ ref('int_charge_transaction__netted') }} as posted
    left join line
        on
            posted.account_id = line.account_id
            and posted.charge_transaction_id = line.named_id
    where line.claim_id is null
)

select
    line.record_id,
    line.charge_id,
    '837' as charge_source,
    coalesce(
        line.named_id, alike.charge_transaction_id, line.line_control_number
    ) as charge_transaction_id,
    line.claim_id,
    line.line_number,
    line.account_id,
    line.facility_code,
    null as department_code,
    line.transaction_type,
    line.revenue_code,
    line.procedure_code,
    line.charge_amount,
    line.service_quantity,
    line.service_quantity_unit,
    coalesce(line.service_date, line.statement_through_date) as service_date,
    coalesce(line.posted_date, alike.posted_date) as posted_date,
    line.submitted_date,
    line.is_late_bill,
    line.byte_offset,
    line.segment_number
from numbered_line as line
left join numbered_transaction as alike
    on
        line.said = alike.said
        and line.ordinal = alike.ordinal
        and line.named_id is null
union all
select
    posted.record_id,
    'dft|' || posted.account_id || '|' || posted.charge_transaction_id as charge_id,
    'dft' as charge_source,
    posted.charge_transaction_id,
    null as claim_id,
    null as line_number,
    posted.account_id,
    posted.facility_code,
    nullif(posted.department_code, 'unmapped') as department_code,
    'DFT' as transaction_type,
    posted.revenue_code,
    posted.procedure_code,
    posted.charge_amount,
    posted.service_quantity,
    null as service_quantity_unit,
    posted.service_date,
    posted.posted_date,
    null as submitted_date,
    false as is_late_bill,
    null as byte_offset,
    null as segment_number
from {{ ref('int_charge_transaction__netted') }} as posted
inner join {{ ref('int_account__billed') }} as account
    on posted.account_id = account.account_id
where not account.is_charged_by_claim
