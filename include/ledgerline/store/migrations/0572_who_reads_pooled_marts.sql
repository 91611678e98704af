-- Analysts look at the same pages; what is about cases they read in marts.
grant usage on schema marts_pooled
to ledgerline_executive, ledgerline_director, ledgerline_analyst;
grant select on all tables in schema marts_pooled
to ledgerline_executive, ledgerline_analyst;
grant select on
marts_pooled.service_line_margin,
marts_pooled.payer_margin_rate,
marts_pooled.surgical_supply,
marts_pooled.service_line_reimbursement
to ledgerline_director;

-- Executives keep, of marts, what migrations made that is about no case.
alter default privileges in schema marts
revoke select on tables from ledgerline_executive;
alter default privileges in schema marts_history
revoke select on tables from ledgerline_executive;
revoke select on all tables in schema marts, marts_history from ledgerline_executive;
revoke usage on schema marts_history from ledgerline_executive;
grant select on
marts.publication_status,
marts.code_name,
marts.reconciliation,
marts.reconciliation_break,
marts.reconciliation_effort,
marts.close_cockpit,
marts.workflow_health,
marts.time_to_ledger
to ledgerline_executive;

-- Directors read their lines in marts_pooled: rows of cases are not shown by line any more.
drop schema marts_by_line cascade;
drop function ops.show_by_line (text);
