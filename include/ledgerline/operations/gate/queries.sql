-- name: decision
select
    decision.decision_id, decision.run_id, decision.verdict, decision.evaluated_count,
    decision.required_count, decision.held_facilities, decision.reasons,
    decision.decided_at,
    (select max(publication.publication_id) from ops.publication as publication)
        as publication_id,
    exists (
        select from ops.publication as publication
        where publication.decision_id = decision.decision_id
    ) as is_published
from ops.gate_decision as decision
order by decision.decision_id desc
limit 1;

-- name: held
-- Entries that wait for the gate, by what holds them: a code that nobody mapped, their
-- facility, or a decision that is still to come.
select
    case
        when entry.hold_class <> '' then entry.hold_class
        when entry.facility_code = any(publication.held_facilities) then 'facility'
        else ''
    end as cause,
    case when entry.hold_class = '' then entry.facility_code else '' end as facility,
    case when entry.hold_class = '' then '' else post.hold_remedy(entry.hold_class) end
        as remedy,
    count(*) as entries,
    sum(entry.total_amount) as amount
from post.entry as entry
inner join ops.publication as publication
    on entry.publication_id = publication.publication_id
where entry.state = 'HELD'
group by 1, 2, 3
order by sum(entry.total_amount) desc;

-- name: candidate_difference
-- What the judged rows would add to or take from what readers see, in debits.
select
    coalesce(candidate.facility_code, published.facility_code) as facility,
    sum(abs(coalesce(candidate.amount, 0) - coalesce(published.amount, 0))) as amount
from (
    select facility_code, posting_date, account_code, sum(amount) as amount
    from candidate_outbound.out_journal_line where amount > 0
    group by 1, 2, 3
) as candidate
full join (
    select facility_code, posting_date, account_code, sum(amount) as amount
    from {published} where amount > 0
    group by 1, 2, 3
) as published using (facility_code, posting_date, account_code)
group by 1
order by 2 desc;
