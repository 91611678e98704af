-- What the customer agreed and expects about supplies, so that what was used, paid and
-- charged can be compared with it.
create table reference.preference_card (
    card_code text not null,
    procedure_code text not null,
    provider_id text not null,
    facility_code text not null,
    item_code text not null,
    replaces_item_code text,
    open_quantity numeric(18, 4) not null check (open_quantity >= 0),
    hold_quantity numeric(18, 4) not null check (hold_quantity >= 0),
    standard_price numeric(18, 4) check (standard_price >= 0),
    valid_from date not null,
    valid_to date,
    primary key (procedure_code, provider_id, facility_code, item_code, valid_from),
    check (valid_to > valid_from)
);
comment on table reference.preference_card is
'One row per procedure, surgeon and facility (* is every one), item and period: how many are opened and held ready, '
'and at which standard price; or which item of the card it may replace';

create table reference.chargeable_item (
    item_code text not null,
    revenue_code text not null,
    procedure_code text,
    valid_from date not null,
    valid_to date,
    primary key (item_code, valid_from),
    check (valid_to > valid_from)
);
comment on table reference.chargeable_item is
'One row per item and period that is charged by the piece: the revenue code, and the HCPCS code where there is one, of its charge';

create table reference.supply_contract (
    contract_code text not null,
    supplier_code text not null,
    item_code text not null,
    facility_code text not null,
    price_unit text not null,
    unit_price numeric(18, 4) not null check (unit_price >= 0),
    valid_from date not null,
    valid_to date,
    primary key (supplier_code, item_code, facility_code, valid_from),
    check (valid_to > valid_from)
);
comment on table reference.supply_contract is
'One row per supplier, item, facility (* is every facility) and period: the price agreed for one price_unit, USD';

create table reference.item_unit (
    item_code text not null,
    pack_unit text not null,
    item_quantity numeric(18, 4) not null check (item_quantity > 0),
    primary key (item_code, pack_unit)
);
comment on table reference.item_unit is
'One row per item and unit other than its own: how many of the item''s own unit one of them holds';

create table reference.stock_policy (
    stock_location_code text not null,
    item_code text not null,
    is_consigned boolean not null,
    review_days numeric(9, 2) not null check (review_days >= 0),
    lead_days numeric(9, 2) not null check (lead_days >= 0),
    safety_quantity numeric(18, 4) not null check (safety_quantity >= 0),
    order_unit text,
    stock_out_cost numeric(18, 4) check (stock_out_cost >= 0),
    holding_cost numeric(18, 4) check (holding_cost >= 0),
    valid_from date not null,
    valid_to date,
    primary key (stock_location_code, item_code, valid_from),
    check (valid_to > valid_from)
);
comment on table reference.stock_policy is
'One row per stock location (* is every one), item and period: how it is replenished; costs are USD a unit and period of review';
