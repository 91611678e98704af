-- How an ERP is posted to: retries, pace and when to leave it alone. A drain reads its
-- row when it begins; without one it goes by what the adapter declares.
create table post.erp_policy (
    adapter text primary key,
    attempt_limit integer not null default 8 check (attempt_limit > 0),
    age_limit_seconds double precision not null default 86400
    check (age_limit_seconds > 0),
    backoff_seconds double precision check (backoff_seconds > 0),
    backoff_limit_seconds double precision not null default 300
    check (backoff_limit_seconds > 0),
    patience_seconds double precision not null default 240
    check (patience_seconds >= 0),
    sends_per_minute double precision check (sends_per_minute > 0),
    unreachable_limit integer not null default 1 check (unreachable_limit > 0)
);
comment on table post.erp_policy is
'One row per adapter that is posted to otherwise than by default; effective with the next drain';
comment on column post.erp_policy.attempt_limit is
'An entry sent so often without an outcome is DEAD and waits for a person';
comment on column post.erp_policy.backoff_seconds is
'The first pause before a resend; it doubles. Null: a tenth of the longest call, at most 2';
comment on column post.erp_policy.sends_per_minute is
'The pace of one worker. Null: as fast as the ERP answers';
comment on column post.erp_policy.unreachable_limit is
'A drain ends after so many calls that found no ERP; the next sweep tries again';
grant select on post.erp_policy to ledgerline_poster;
