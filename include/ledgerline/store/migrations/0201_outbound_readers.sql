-- The poster reads the published desired state of the ledger, and nothing else here.
grant usage on schema outbound to ledgerline_poster;
alter default privileges in schema outbound
grant select on tables to ledgerline_poster;
