{{ config(meta={'asks': 'whole'}) }}

-- What stands of all denials is what remittances deny, and every denied dollar was
-- overturned or withdrawn, or was written off, or is open.
with compared as (
    select
        (
            select coalesce(sum(adjustment_amount), 0)
            from {{ ref('fct_remittance_adjustment') }}
            where adjustment_category = 'denial' and not is_passed_on
        ) as conformed_amount,
        (
            select coalesce(sum(standing_denial_amount), 0) from {{ ref('denials') }}
        ) as standing_amount,
        (
            select
                coalesce(
                    sum(
                        greatest(initial_denial_amount, standing_denial_amount)
                        - overturned_amount - withdrawn_amount - written_off_amount
                        - open_amount
                    ),
                    0
                )
            from {{ ref('denials') }}
        ) as unexplained_amount
)

select *
from compared
where conformed_amount <> standing_amount or unexplained_amount <> 0
