"""What may happen to an account after it was built, as landed records."""

HELD = """
create schema held;
create table held.record as
select
    'raw_billing' as zone, record_id, resource_type, resource_id, content_sha256,
    file_id, batch_id, byte_offset, byte_length, body,
    upper(body ->> 'account_number') as account
from raw_billing.record
where resource_type in ('837.claim', '835.claim', '277CA.claim')
union all
select
    'raw_ehr', record_id, resource_type, resource_id, content_sha256,
    file_id, batch_id, byte_offset, byte_length, body,
    upper(
        coalesce(
            body #>> '{patient,account_number}',
            (
                select identifier ->> 'value'
                from jsonb_array_elements(body -> 'identifier') as identifier
                where identifier -> 'type' -> 'coding' @> '[{"code": "AN"}]'
                limit 1
            )
        )
    )
from raw_ehr.record
where resource_type in ('Encounter', 'DFT', 'ADT');
insert into held.record
select
    'raw_ehr', supply.record_id, supply.resource_type, supply.resource_id,
    supply.content_sha256, supply.file_id, supply.batch_id, supply.byte_offset,
    supply.byte_length, supply.body, encounter.account
from raw_ehr.record as supply
inner join held.record as encounter
    on
        encounter.resource_type = 'Encounter'
        and supply.body::text like '%Encounter/' || encounter.resource_id || '"%'
where supply.resource_type = 'SupplyDelivery';
create index on held.record (account);
"""
"""The records of every account, to be taken away and landed again."""

ACCOUNTS = """
select account from held.record
where account is not null and resource_type in ('837.claim', 'Encounter', 'DFT')
group by account order by min(record_id)
"""

WITHHOLD = """
delete from {zone}.record where record_id in (
    select record_id from held.record
    where zone = '{zone}' and record_id = any(%(records)s)
)
"""

LAND = """
insert into {zone}.record (
    file_id, batch_id, resource_type, resource_id, content_sha256, byte_offset,
    byte_length, body
)
select
    file_id, batch_id, resource_type, resource_id, content_sha256, byte_offset,
    byte_length, body
from held.record
where zone = '{zone}' and record_id = any(%(records)s)
order by md5(record_id::text || %(tag)s::text)
"""

_COPY = """
insert into {zone}.record (
    file_id, batch_id, resource_type, resource_id, content_sha256, byte_offset,
    byte_length, body
)
select
    file_id, batch_id, resource_type, {id},
    sha256(convert_to(%(tag)s::text || record_id, 'UTF8')),
    byte_offset, byte_length, {body}
from held.record
where account = %(account)s::text and resource_type = '{type}'
order by md5(record_id::text || %(tag)s::text) limit 1
"""


def _claim(frequency, more="'{}'"):
    return _COPY.format(
        zone="raw_billing",
        id="resource_id || '.' || %(tag)s::text",
        type="837.claim",
        body=f"body || jsonb_build_object('frequency_code', '{frequency}', "
        "'submission_date', '2026-11-01', 'submission_reference', %(tag)s::text) "
        f"|| {more}",
    )


def _payment(more):
    return _COPY.format(
        zone="raw_billing",
        id="resource_id || '.' || %(tag)s::text",
        type="835.claim",
        body=f"body || {more}",
    )


def _version(resource_type, more):
    return _COPY.format(
        zone="raw_ehr",
        id="resource_id",
        type=resource_type,
        body=f"body || jsonb_build_object('meta', %(tag)s::text) || {more}",
    )


def _anywhere(zone, resource_type, more, resource_id="resource_id"):
    """One record of a type, whoever's it is, landed once more with something else."""
    return f"""
        insert into {zone}.record (
            file_id, batch_id, resource_type, resource_id, content_sha256, byte_offset,
            byte_length, body
        )
        select file_id, batch_id, resource_type, {resource_id},
            sha256(convert_to(%(tag)s::text, 'UTF8')), byte_offset, byte_length,
            body || {more}
        from {zone}.record where resource_type = '{resource_type}'
        order by md5(record_id::text || %(tag)s::text) limit 1
    """


_NAMELESS = "jsonb_build_object('identifier', '[]'::jsonb)"
_KNOWN_NUMBER = """
jsonb_build_object('original_reference', coalesce((
    select paid.body ->> 'payer_claim_control_number' from held.record as paid
    where paid.account = %(account)s::text and paid.resource_type = '835.claim' limit 1
), 'UNKNOWN' || %(tag)s::text))
"""
_OTHER_ACCOUNT = """
jsonb_build_object(
    'account_number', %(other)s::text,
    'claim_id', (body ->> 'billing_npi') || '|' || %(other)s::text
)
"""

_OF_THE_PATIENT = """
insert into raw_ehr.record (
    file_id, batch_id, resource_type, resource_id, content_sha256, byte_offset,
    byte_length, body
)
select
    coverage.file_id, coverage.batch_id, coverage.resource_type, coverage.resource_id,
    sha256(convert_to(%(tag)s::text, 'UTF8')), coverage.byte_offset,
    coverage.byte_length, coverage.body || jsonb_build_object('{element}', (
        select other.body -> '{element}' from raw_ehr.record as other
        where other.resource_type = 'Coverage'
        order by md5(%(tag)s::text || other.record_id) limit 1
    ))
from held.record as encounter
inner join raw_ehr.record as coverage
    on
        coverage.body #> '{{beneficiary,reference}}'
        = encounter.body #> '{{subject,reference}}'
where
    encounter.account = %(account)s::text
    and encounter.resource_type = 'Encounter'
    and coverage.resource_type = 'Coverage'
order by md5(coverage.record_id::text || %(tag)s::text) limit 1
"""
"""A coverage of the account's patient, with something of another one."""

_READMISSION = """
insert into raw_ehr.record (
    file_id, batch_id, resource_type, resource_id, content_sha256, byte_offset,
    byte_length, body
)
select file_id, batch_id, resource_type, resource_id || '.' || %(tag)s::text,
    sha256(convert_to(%(tag)s::text, 'UTF8')), byte_offset, byte_length,
    body || jsonb_build_object(
        'identifier', jsonb_build_array(jsonb_build_object(
            'type', '{"coding": [{"code": "AN"}]}'::jsonb,
            'value', 'AGAIN' || %(tag)s::text
        )),
        'period', jsonb_build_object(
            'start', body #>> '{period,end}', 'end', body #>> '{period,end}'
        )
    )
from raw_ehr.record
where
    resource_type = 'Encounter'
    and body #>> '{class,code}' = 'IMP'
    and body #>> '{period,end}' is not null
order by md5(record_id::text || %(tag)s::text) limit 1
"""
"""A stay that begins when another one of the patient ends."""

REMAPPED = """
update reference.crosswalk as mapping
set
    canonical_code = (
        select other.canonical_code from reference.crosswalk as other
        where
            other.code_set = mapping.code_set
            and other.canonical_code <> mapping.canonical_code
        order by md5(other.native_code || %(tag)s::text) limit 1
    )
where mapping.ctid = (
    select known.ctid from reference.crosswalk as known
    where known.code_set = %(code_set)s
    order by md5(known.native_code || known.facility_code || %(tag)s::text) limit 1
)
"""
"""A code of a set means another one of it."""

CHANGES = {
    "late charge": _claim(
        "5", "jsonb_build_object('lines', jsonb_build_array(body -> 'lines' -> 0))"
    ),
    "replacement": _claim("7", _KNOWN_NUMBER),
    "replacement under another account": _claim(
        "7", f"{_KNOWN_NUMBER} || {_OTHER_ACCOUNT}"
    ),
    "void": _claim("8", _KNOWN_NUMBER),
    "claim again": _claim("1"),
    "reversal": _payment(
        "jsonb_build_object('status_code', '22', 'payment_date', '2026-10-20', "
        "'charge_amount', '-' || (body ->> 'charge_amount'), "
        "'paid_amount', '-' || (body ->> 'paid_amount'), "
        "'original_reference', body ->> 'payer_claim_control_number')"
    ),
    "second payment": _payment("jsonb_build_object('payment_date', '2026-10-21')"),
    "unit move": _version(
        "Encounter",
        "jsonb_build_object('serviceProvider', (select other.body -> 'serviceProvider' "
        "from held.record as other where other.account = %(other)s::text "
        "and other.resource_type = 'Encounter' limit 1))",
    ),
    "account move": _version(
        "Encounter",
        "jsonb_build_object('identifier', (select other.body -> 'identifier' "
        "from held.record as other where other.account = %(other)s::text "
        "and other.resource_type = 'Encounter' limit 1))",
    ),
    "readmission of the day": _READMISSION,
    "cancellation": _version("Encounter", "jsonb_build_object('status', 'cancelled')"),
    "supply corrected": _version(
        "SupplyDelivery", "jsonb_build_object('status', 'completed')"
    ),
    "supply taken back": _version(
        "SupplyDelivery", "jsonb_build_object('status', 'entered-in-error')"
    ),
    "merge": """
        insert into raw_ehr.redirect (
            kind, authority, value, survivor_authority, survivor_value, survivor_type
        )
        select 'account', event.sending_facility, %(account)s::text,
            event.sending_facility, %(other)s::text, ''
        from raw_ehr.event as event
        order by md5(record_id::text || %(tag)s::text) limit 1
        on conflict (kind, authority, value) do update
        set survivor_value = excluded.survivor_value
    """,
    "merge undone": """
        delete from raw_ehr.redirect
        where kind = 'account' and value = %(account)s::text
    """,
    "deletion": """
        insert into raw_ehr.vanishing (resource_type, resource_id, batch_id)
        select resource_type, resource_id, batch_id from held.record
        where
            account = %(account)s::text
            and resource_type in ('Encounter', 'SupplyDelivery')
        order by md5(record_id::text || %(tag)s::text) limit 1
    """,
    "old content shown again": """
        insert into raw_ehr.sighting (record_id, batch_id)
        select record.record_id, record.batch_id
        from raw_ehr.record as record
        inner join held.record as known using (resource_type, resource_id)
        where known.account = %(account)s::text
        order by md5(record.record_id::text || %(tag)s::text) limit 1
    """,
    "provider known": _anywhere("raw_ehr", "Practitioner", _NAMELESS),
    "patient known": _anywhere("raw_ehr", "Patient", _NAMELESS),
    "other payer": _OF_THE_PATIENT.format(element="payor"),
    "other days covered": _OF_THE_PATIENT.format(element="period"),
    "coverage of another": _OF_THE_PATIENT.format(element="beneficiary"),
    "group refused": _anywhere(
        "raw_billing",
        "999.group",
        "jsonb_build_object('accept_code', 'R', 'sets', '[]'::jsonb)",
        "resource_id || %(tag)s::text",
    ),
    "cost booked": _anywhere(
        "raw_erp",
        "account.move.line",
        "jsonb_build_object('debit', '123.45', 'credit', '0')",
    ),
}
"""A change by name: SQL over %(account)s, another one %(other)s, and a unique tag."""
