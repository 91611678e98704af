-- Per facility, document kind and account, journal lines add up to their facts.
-- relation: outbound.out_journal_line
-- needs: outbound.out_journal_fact
-- severity: block
select
    facility_code,
    document_kind,
    account_code
from (
    select
        facility_code,
        document_kind,
        account_code,
        amount
    from batch as line
    union all
    select
        facility_code,
        document_kind,
        account_code,
        -amount as amount
    from candidate_outbound.out_journal_fact
) as dollar
group by facility_code, document_kind, account_code
having sum(amount) <> 0
