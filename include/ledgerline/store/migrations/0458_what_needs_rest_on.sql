-- What the needs of stores rest on beside the ERP's own rows: what was asked for, and
-- what was issued, by our documents. Both are read when the candidates are built.
create function build.requisition_asked()
returns table (
    external_reference text, facility_code text, stock_location_code text,
    item_code text, quantity numeric, quantity_unit text, need_date date
)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select
        'LL|' || entry.natural_key, entry.facility_code, line.location_code,
        line.item_code, line.quantity, line.unit, entry.posting_date
    from post.entry as entry
    join post.requisition_line as line using (entry_id)
    where entry.state not in ('HELD', 'CANCELLED', 'REJECTED')
$$;
comment on function build.requisition_asked is
'One row per requisition of ours and item that is on its way to the ERP or there';
revoke execute on function build.requisition_asked from public;
grant execute on function build.requisition_asked to ledgerline_build;

create function build.stock_issued()
returns table (
    stock_location_code text, item_code text, quantity numeric,
    posted_at timestamptz
)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select line.location_code, line.item_code, line.quantity, entry.posted_at
    from post.entry as entry
    join post.stock_line as line using (entry_id)
    where entry.state = 'POSTED'
$$;
comment on function build.stock_issued is
'One row per line of a stock issue of ours that the ERP has taken, and when it was';
revoke execute on function build.stock_issued from public;
grant execute on function build.stock_issued to ledgerline_build;
