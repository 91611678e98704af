-- Overhead is allocated by step-down and reciprocally. Order, bases and the method that
-- counts may change: a row a period, as departments and cost centers have.
alter table reference.allocation_step
    add column valid_from date not null default '1900-01-01',
    add column valid_to date,
    drop constraint allocation_step_pkey,
    add primary key (facility_code, cost_center_code, valid_from),
    add check (valid_to > valid_from);
alter table reference.allocation_statistic
    add column valid_from date not null default '1900-01-01',
    add column valid_to date,
    drop constraint allocation_statistic_pkey,
    add primary key (facility_code, cost_center_code, basis, valid_from),
    add check (valid_to > valid_from);

create table reference.allocation_method (
    facility_code text not null,
    allocation_method text not null
    check (allocation_method in ('step_down', 'reciprocal')),
    valid_from date not null default '1900-01-01',
    valid_to date,
    primary key (facility_code, valid_from),
    check (valid_to > valid_from)
);
comment on table reference.allocation_method is
'One row per facility (* is every facility) and period: how its overhead is allocated; '
'without a row by step-down. valid_to is exclusive';

create function build.reciprocal(direct numeric[], share numeric[], beyond numeric[])
returns numeric[]
language plpgsql immutable parallel safe
as $$
declare
    flow numeric[] := direct;
    onward numeric[] := direct;
    passed numeric;
begin
    -- Close the centers one by one, the last first: what one holds, and what others would
    -- send it, goes on in its shares to those still open. Nothing is subtracted, so no
    -- digit is lost.
    for closed in reverse cardinality(direct)..1 loop
        onward[closed] := beyond[closed];
        for taker in 1..closed - 1 loop
            onward[closed] := onward[closed] + share[closed][taker];
        end loop;
        passed := round(flow[closed] / onward[closed], 30);
        for taker in 1..closed - 1 loop
            flow[taker] := flow[taker] + round(passed * share[closed][taker], 30);
        end loop;
        for giver in 1..closed - 1 loop
            passed := round(share[giver][closed] / onward[closed], 30);
            continue when passed = 0;
            beyond[giver] := beyond[giver] + round(passed * beyond[closed], 30);
            for taker in 1..closed - 1 loop
                share[giver][taker] :=
                    share[giver][taker] + round(passed * share[closed][taker], 30);
            end loop;
        end loop;
    end loop;
    -- Open them again in order: now the first knows all that ever reaches it.
    for opened in 1..cardinality(direct) loop
        for giver in 1..opened - 1 loop
            flow[opened] :=
                flow[opened] + round(flow[giver] * share[giver][opened], 30);
        end loop;
        flow[opened] := round(flow[opened] / onward[opened], 30);
    end loop;
    return flow;
end;
$$;
comment on function build.reciprocal is
'What flows through each of some centers that serve each other, (I - A^T)^-1 d: direct is what '
'each holds, share[giver][taker] its share that goes to another of them, beyond what leaves '
'them for good. A giver''s shares and beyond add up to 1, and something leaves from everywhere';
