-- Cost that is booked on one cost center and belongs to another is moved before overhead
-- is allocated.
create table reference.reclassification (
    facility_code text not null,
    reclassification_code text not null,
    account_code text not null,
    from_cost_center_code text not null,
    to_cost_center_code text not null,
    moved_rate numeric(9, 6) check (moved_rate > 0 and moved_rate <= 1),
    moved_amount numeric(18, 2) check (moved_amount > 0),
    valid_from date not null default '1900-01-01',
    valid_to date,
    primary key (facility_code, reclassification_code, valid_from),
    check (num_nonnulls(moved_rate, moved_amount) = 1),
    check (from_cost_center_code <> to_cost_center_code),
    check (valid_to > valid_from)
);
comment on table reference.reclassification is
'One row per rule of a facility and period: which share of what an account has on a cost center in a '
'month, or how many USD of it, belong to another cost center. valid_to is exclusive';
