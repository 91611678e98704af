-- name: take_turn
select pg_advisory_lock(hashtext('ledgerline.alerts'));

-- name: note
select ops.note_alerts(%(asked_at)s, %(channels)s::text []);

-- name: left
-- How many messages a channel still takes in this hour.
select
    policy.hourly_limit - (
        select count(*)
        from ops.alert_message as told
        where
            told.channel = %(channel)s
            and told.sent_at > %(asked_at)s::timestamptz - interval '1 hour'
    )
from ops.alert_policy as policy;

-- name: waiting
-- What a channel has yet to be told, the start of an alert before its end.
select
    known.alert_id, told.phase, known.cause, known.owner, known.since,
    known.cause_count, known.what, known.next_action, known.started_at, known.ended_at
from ops.alert_message as told
inner join ops.alert as known on told.alert_id = known.alert_id
where
    told.channel = %(channel)s
    and told.sent_at is null
    and told.next_at <= %(asked_at)s
order by known.alert_id, told.phase desc
limit %(limit)s;

-- name: note_sent
update ops.alert_message
set sent_at = %(asked_at)s, attempts = attempts + 1, error = ''
where
    alert_id = %(alert_id)s and phase = %(phase)s and channel = %(channel)s;

-- name: put_off
-- The target is down for every message alike: one, two, four … minutes, an hour at most.
update ops.alert_message
set
    attempts = attempts + 1,
    error = %(error)s,
    next_at = %(asked_at)s::timestamptz
    + least(make_interval(mins => (2 ^ least(attempts, 6))::int), interval '1 hour')
where channel = %(channel)s and sent_at is null and next_at <= %(asked_at)s;
