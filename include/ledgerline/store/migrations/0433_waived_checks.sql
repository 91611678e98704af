-- A decision that lets a failed check pass spends the request that two people made of it.
create function ops.open_waivers(of_data text, of_suite text)
returns table (request_id bigint, subject text)
language sql stable as $$
    select request.request_id, covered.subject
    from ops.request as request
    join ops.request_subject as covered using (request_id)
    where request.action = 'waive_check' and request.state = 'approved'
        and clock_timestamp() < ops.request_expires_at(request.requested_at)
        and request.scope_sha256 = ops.request_sha256(request)
        and not exists (
            select from ops.request_use as used
            where used.request_id = request.request_id
        )
        and (of_data, of_suite) = (
            select decision.data_hash, decision.suite_hash
            from ops.gate_decision as decision order by decision.decision_id desc limit 1
        )
    order by request.request_id
$$;
comment on function ops.open_waivers is
'The failed checks that two people let pass in the next decision over exactly these rows by exactly these suites';

create function ops.spend_waivers() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    reason jsonb;
begin
    for reason in
        select value from jsonb_array_elements(new.reasons) where value ? 'waiver'
    loop
        perform ops.use_request(
            (reason ->> 'check') || coalesce('@' || (reason ->> 'facility'), ''),
            array['waive_check'],
            (reason ->> 'waiver')::bigint
        );
    end loop;
    return null;
end;
$$;
create trigger spend_waivers after insert on ops.gate_decision
for each row when (new.verdict <> 'BLOCK') execute function ops.spend_waivers();
