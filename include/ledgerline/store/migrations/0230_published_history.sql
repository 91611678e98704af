-- Readers may ask what was published before: every relation has a view of all its rows.
create schema conformed_history;
create schema marts_history;
comment on schema conformed_history is
'Every row that a relation of conformed ever showed, and when it was shown';
comment on schema marts_history is
'Every row that a relation of marts ever showed, and when it was shown';
grant usage on schema conformed_history, marts_history to ledgerline_analyst;
grant usage on schema marts_history to ledgerline_executive;
alter default privileges in schema conformed_history
grant select on tables to ledgerline_analyst;
alter default privileges in schema marts_history
grant select on tables to ledgerline_analyst, ledgerline_executive;

alter table ops.publication add column shapes jsonb not null default '{}';
comment on column ops.publication.shapes is
'Per relation that readers saw: its columns, in their order, and its key';

create function ops.shown_during(opened timestamptz, closed timestamptz)
returns tstzrange
language sql immutable
return tstzrange(opened, case when closed is not null then greatest(opened, closed) end);
comment on function ops.shown_during is
'From one publication until another one, or until now; a clock set back makes it empty';

create view marts_history.publication as
select
    publication_id,
    restores_publication_id,
    verdict,
    held_facilities,
    code_version,
    published_at,
    ops.shown_during(published_at, lead(published_at) over newer) as shown_during
from ops.publication
window newer as (order by publication_id);
comment on view marts_history.publication is
'One row per publication: what it is, and when readers saw it';
comment on column marts_history.publication.publication_id is 'Number of the publication';
comment on column marts_history.publication.restores_publication_id is
'The earlier publication that it shows again; null when it is not a revert';
comment on column marts_history.publication.verdict is
'PASS, or HOLD when facilities stayed as they were before';
comment on column marts_history.publication.held_facilities is
'Facilities that stayed as they were before';
comment on column marts_history.publication.code_version is
'Version of the product, and hash of its code, that published it';
comment on column marts_history.publication.published_at is 'When readers saw it first, UTC';
comment on column marts_history.publication.shown_during is
'From its publication to the next one; open while readers see it';
