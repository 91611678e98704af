-- The claims of which an increment changed rows: what is told of a claim is made again
-- for these.
alter table build.touched add column claim_id text;
comment on table build.touched is
'One row per facility, month or posting date, encounter and claim in which an '
'increment changed rows of a relation';
