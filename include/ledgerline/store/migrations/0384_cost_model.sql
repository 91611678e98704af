-- Other versions of the cost model, worked out beside the one that counts.
create table reference.cost_model (
    facility_code text not null,
    cost_model_code text not null,
    allocation_method text not null
    check (allocation_method in ('step_down', 'reciprocal')),
    charge_method text not null
    check (charge_method in ('relative_value', 'charge')),
    valid_from date not null default '1900-01-01',
    valid_to date,
    primary key (facility_code, cost_model_code, valid_from),
    check (valid_to > valid_from)
);
comment on table reference.cost_model is
'One row per facility (* is every facility), version of the cost model and period: how it allocates '
'overhead, and whether charges take cost by relative values first or by their amount only';
