{{ config(severity='warn') }}

-- A bill that came again with other content and is no replacement (frequency 7): the
-- newest one counts and the older one is set aside, no money twice.
select
    earlier.record_id,
    earlier.submitted_charge_amount
from {{ ref('fct_claim_submission') }} as earlier
inner join {{ ref('fct_claim_submission') }} as later
    on earlier.displaced_by_submission_id = later.claim_submission_id
where later.submission_kind in ('original', 'interim')
