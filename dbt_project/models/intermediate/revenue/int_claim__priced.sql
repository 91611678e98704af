{{ config(
    materialized='kept',
    replaces=of_scope('raw_billing'),
    indexes=[{'columns': ['claim_id'], 'unique': true}],
) }}

-- What the contract says that a claim should bring: the charges in force at the terms
-- of the payer, facility and setting on its first day. A patient who is transferred
-- (status 02) brings a day's share of the DRG rate a day, and one day more.
with charged as (
    select
        claim_id,
        record_id,
        is_inpatient_bill,
        case
            when transaction_type = '837P' then 'professional'
            when is_inpatient_bill then 'inpatient'
            else 'outpatient'
        end as setting
    from {{ ref('int_claim__located') }}
),

contract as (
    select distinct on (claim.claim_id)
        claim.claim_id,
        claim.record_id,
        claim.ms_drg,
        claim.gross_charge_amount,
        greatest(
            claim.statement_through_date - claim.statement_from_date, 1
        ) as day_count,
        terms.contract_code,
        terms.basis,
        terms.rate,
        terms.charge_cap_rate
    from {{ ref('int_claim__located') }} as claim
    inner join charged on claim.claim_id = charged.claim_id
    inner join {{ ref('stg_reference__payer_contract') }} as terms
        on
            claim.payer_code = terms.payer_code
            and terms.facility_code in ('*', claim.facility_code)
            and charged.setting = terms.setting
            and claim.statement_from_date >= terms.valid_from
            and claim.statement_from_date < coalesce(terms.valid_to, 'infinity'::date)
    order by
        claim.claim_id asc, terms.facility_code = '*' asc, terms.valid_from desc
),

-- A share of the charge is rounded line by line. It is summed here, and not beside the
-- contracts to be joined to them: of these the planner expects one, and would sum the
-- shares of all for each.
shared as (
    select
        contract.claim_id,
        contract.record_id,
        contract.ms_drg,
        contract.gross_charge_amount,
        contract.day_count,
        contract.contract_code,
        contract.basis,
        contract.rate,
        contract.charge_cap_rate,
        sum(round(charge.charge_amount * contract.rate, 2)) as share_amount
    from contract
    left join {{ ref('int_charge__assigned') }} as charge
        on
            contract.claim_id = charge.claim_id
            and contract.basis = 'percent_of_charge'
    group by
        contract.claim_id, contract.record_id, contract.ms_drg,
        contract.gross_charge_amount, contract.day_count, contract.contract_code,
        contract.basis, contract.rate, contract.charge_cap_rate
),

stay as (
    select
        shared.*,
        drg.relative_weight * shared.rate as drg_amount,
        case
            when bill.patient_status_code = '02' then drg.geometric_mean_los
        end as transfer_mean_los
    from shared
    inner join {{ ref('stg_billing__claim') }} as bill
        on shared.record_id = bill.record_id
    left join {{ ref('drg') }} as drg on shared.ms_drg = drg.ms_drg
),

priced as (
    select
        *,
        case basis
            when 'drg_base'
                then
                    least(drg_amount, drg_amount * (day_count + 1) / transfer_mean_los)
            when 'per_diem' then rate * day_count
            else coalesce(share_amount, 0.00)
        end as rate_amount
    from stay
)

select
    charged.claim_id,
    charged.record_id,
    charged.setting,
    case when priced.rate_amount is not null then priced.contract_code end
        as contract_code,
    case
        when priced.gross_charge_amount = 0 then 0.00
        when priced.rate_amount is not null
            then round(
                least(
                    priced.rate_amount,
                    priced.gross_charge_amount * priced.charge_cap_rate
                ),
                2
            )
    end::numeric(18, 2) as contract_amount
from charged
left join priced on charged.claim_id = priced.claim_id
