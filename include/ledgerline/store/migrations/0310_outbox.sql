-- The outbox: entries, their lines, every attempt to send them, and what the ERP took.
create table post.entry (
    entry_id uuid primary key,
    natural_key text not null unique,
    document_kind text not null,
    document_type text not null check (document_type in ('journal', 'stock_move')),
    facility_code text not null,
    posting_date date not null,
    hold_class text not null default '',
    version integer not null check (version > 0),
    publication_id bigint not null references ops.publication,
    data_hash text not null,
    suite_hash text not null,
    payload jsonb not null,
    payload_sha256 text not null check (payload_sha256 ~ '^[0-9a-f]{64}$'),
    total_amount_cents bigint not null default 0,
    total_amount numeric(18, 2) generated always as (
        (total_amount_cents / 100.0)::numeric(18, 2)
    ) stored,
    supersedes uuid references post.entry,
    order_key text not null,
    order_sequence bigint generated always as identity unique,
    created_at timestamptz not null default clock_timestamp(),
    state text not null default 'HELD' check (state in (
        'HELD', 'READY', 'CLAIMED', 'SENDING', 'POSTED',
        'REJECTED', 'UNKNOWN', 'CONFLICT', 'DEAD', 'CANCELLED'
    )),
    fence bigint not null default 0,
    worker text,
    lease_until timestamptz,
    attempts integer not null default 0,
    next_at timestamptz not null default clock_timestamp(),
    quiet_until timestamptz,
    erp_document text,
    posted_at timestamptz,
    last_status integer,
    last_error_code text,
    waived_publication_id bigint references ops.publication,
    unique (document_type, erp_document),
    check ((state = 'POSTED') = (erp_document is not null)),
    check ((state = 'POSTED') = (posted_at is not null)),
    check (state <> 'POSTED' or attempts > 0),
    check (waived_publication_id is null or state = 'REJECTED')
);
create index on post.entry (order_key, order_sequence)
where state not in ('POSTED', 'CANCELLED');
create index on post.entry (next_at) where state in ('READY', 'UNKNOWN');
create index on post.entry (document_kind, facility_code, posting_date, hold_class);

comment on table post.entry is
'One row per document meant for the ERP; its states are those of post.transition';
comment on column post.entry.natural_key is
'kind|facility|date|hold class or -|[store|]v<version>; the ERP knows the document as LL|<natural_key>';
comment on column post.entry.total_amount is 'USD, the sum of the debits; for stock, the value moved';
comment on column post.entry.payload is 'The whole document as it is sent; the lines are derived from it';
comment on column post.entry.payload_sha256 is 'SHA-256 of the canonical content, compared with what the ERP holds';
comment on column post.entry.order_key is 'Entries of one key are sent in order_sequence, one after the other';
comment on column post.entry.fence is 'Grows with every owner; a write with an older fence changes nothing';
comment on column post.entry.quiet_until is 'An in-doubt entry is not read back before this time';
comment on column post.entry.waived_publication_id is
'For a rejected entry: the publication whose proposal took the rejection into account';

create table post.entry_line (
    entry_id uuid not null references post.entry,
    line_number integer not null,
    account_code text not null,
    cost_center_code text not null,
    service_line_code text not null,
    amount_cents bigint not null check (amount_cents <> 0),
    primary key (entry_id, line_number)
);
comment on table post.entry_line is 'One row per line of a journal entry; amount_cents is signed, debit positive';

create table post.stock_line (
    entry_id uuid not null references post.entry,
    line_number integer not null,
    location_code text not null,
    item_code text not null,
    lot_number text not null,
    quantity numeric(18, 4) not null check (quantity <> 0),
    unit text not null,
    amount_cents bigint not null,
    primary key (entry_id, line_number)
);
comment on table post.stock_line is
'One row per item and lot moved; quantity is positive when issued from the store, negative when returned';

create table post.entry_fact (
    entry_id uuid not null references post.entry,
    journal_fact_id text not null,
    primary key (entry_id, journal_fact_id)
);
comment on table post.entry_fact is
'One row per entry and fact of outbound.out_journal_fact that stood behind it when it was proposed';

create table post.attempt (
    entry_id uuid not null references post.entry,
    attempt_number integer not null,
    fence bigint not null,
    worker text not null,
    quiet_time interval not null check (quiet_time >= interval '0'),
    started_at timestamptz not null default clock_timestamp(),
    ended_at timestamptz,
    outcome text,
    status integer,
    error_code text,
    primary key (entry_id, attempt_number)
);
create unique index one_open_attempt on post.attempt (entry_id) where ended_at is null;
comment on table post.attempt is
'One row per call that may reach the ERP, committed before the call. Open until its outcome is known';

create table post.ledger (
    entry_id uuid primary key references post.entry,
    document_type text not null,
    erp_document text not null,
    amount_cents bigint not null,
    posted_at timestamptz not null default clock_timestamp(),
    unique (document_type, erp_document)
);
comment on table post.ledger is 'One row per document the ERP holds for us, written with the POSTED state';

create table post.transition (
    from_state text not null,
    to_state text not null,
    made_by text not null,
    primary key (from_state, to_state)
);
comment on table post.transition is 'The only state changes of an entry, and who makes them';
insert into post.transition (from_state, to_state, made_by) values
('HELD', 'READY', 'gate'),
('HELD', 'CANCELLED', 'builder'),
('READY', 'CLAIMED', 'worker'),
('READY', 'DEAD', 'resolver'),
('READY', 'CANCELLED', 'user'),
('CLAIMED', 'SENDING', 'worker'),
('CLAIMED', 'READY', 'reaper'),
('SENDING', 'POSTED', 'worker'),
('SENDING', 'READY', 'worker'),
('SENDING', 'REJECTED', 'worker'),
('SENDING', 'UNKNOWN', 'worker or reaper'),
('UNKNOWN', 'POSTED', 'resolver'),
('UNKNOWN', 'READY', 'resolver'),
('UNKNOWN', 'CONFLICT', 'resolver'),
('UNKNOWN', 'DEAD', 'resolver'),
('DEAD', 'READY', 'replay'),
('DEAD', 'UNKNOWN', 'replay'),
('CONFLICT', 'POSTED', 'replay'),
('CONFLICT', 'UNKNOWN', 'replay');
