-- Every publication repeats a PASS or HOLD decision over exactly its rows
select
    'ops.publication ' || publication.publication_id as subject,
    'no passing decision has its data hash and suite hash' as problem
from ops.publication as publication
where
    not exists (
        select from ops.gate_decision as decision
        where
            decision.decision_id = publication.decision_id
            and decision.verdict in ('PASS', 'HOLD')
            and decision.data_hash = publication.data_hash
            and decision.suite_hash = publication.suite_hash
    )
