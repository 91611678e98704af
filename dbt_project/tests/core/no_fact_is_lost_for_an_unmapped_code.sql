with staged as (
    select
        'encounter' as fact_name,
        count(*) as row_count
    from {{ ref('stg_ehr__encounter') }}
    union all
    select
        'visit' as fact_name,
        count(*) as row_count
    from {{ ref('stg_ehr__visit') }}
    union all
    select
        'supply usage' as fact_name,
        count(*) as row_count
    from {{ ref('stg_ehr__supply_delivery') }}
    where delivery_status = 'completed'
    union all
    select
        'claim submission' as fact_name,
        count(*) as row_count
    from {{ ref('stg_billing__claim') }}
    union all
    select
        'claim' as fact_name,
        count(distinct root_claim_id) as row_count
    from {{ ref('int_claim__rooted') }}
    union all
    select
        'payment' as fact_name,
        count(*) as row_count
    from {{ ref('stg_billing__remittance_claim') }}
    where not is_predetermination
    union all
    select
        'stock balance' as fact_name,
        count(*) as row_count
    from {{ ref('stg_erp__stock_balance') }}
    -- What was issued is not on hand.
    where
        stock_location_code not in (
            select posting.account_code
            from {{ ref('stg_reference__posting_account') }} as posting
            where posting.posting_role = 'consumption_location'
        )
),

conformed as (
    select
        'encounter' as fact_name,
        count(*) as row_count
    from {{ ref('fct_encounter') }}
    where has_fhir
    union all
    select
        'visit' as fact_name,
        count(*) as row_count
    from {{ ref('fct_encounter') }}
    where has_hl7v2
    union all
    select
        'supply usage' as fact_name,
        count(*) as row_count
    from {{ ref('fct_supply_usage') }}
    union all
    select
        'claim submission' as fact_name,
        count(*) as row_count
    from {{ ref('fct_claim_submission') }}
    union all
    select
        'claim' as fact_name,
        count(*) as row_count
    from {{ ref('fct_claim') }}
    union all
    select
        'payment' as fact_name,
        count(*) as row_count
    from {{ ref('fct_payment') }}
    union all
    select
        'stock balance' as fact_name,
        count(*) as row_count
    from {{ ref('fct_inventory_balance') }}
)

select
    staged.fact_name,
    staged.row_count as staged_count,
    conformed.row_count as conformed_count
from staged
inner join conformed on staged.fact_name = conformed.fact_name
where staged.row_count <> conformed.row_count
