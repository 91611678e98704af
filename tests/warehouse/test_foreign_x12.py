"""Foreign X12 files keep their money: bytes, landed, staging and conformed agree."""

import os
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest

from ledgerline.landing.land import land_billing
from tests.warehouse.build import build_facts, folder
from tests.warehouse.foreign_x12 import File, Money

DATA = Path(os.environ.get("LEDGERLINE_TEST_DATA", "no such folder")) / "x12"
FILES = [
    path for path in sorted(DATA.rglob("*")) if path.is_file() and path.suffix != ".csv"
]
SENDER = slice(35, 50)  # ISA06
CONFORMED = (
    *("fct_claim_submission", "fct_claim", "fct_charge", "fct_payment"),
    *("fct_remittance_adjustment", "fct_provider_adjustment"),
)

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(
        not FILES, reason="LEDGERLINE_TEST_DATA names no folder that holds x12/"
    ),
]

LANDED = """
with said (resource_type, measure, place) as (
    values
    ('837.claim', 'gross', '$.charge_amount'::jsonpath),
    ('837.claim', 'lines', '$.lines[*].charge_amount'),
    ('837.claim', 'paid', '$.other_payers[*].paid_amount'),
    ('837.claim', 'paid', '$.lines[*].decisions[*].paid_amount'),
    ('837.claim', 'adjusted', '$.other_payers[*].adjustments[*].amount'),
    ('837.claim', 'adjusted', '$.lines[*].decisions[*].adjustments[*].amount'),
    ('835.claim', 'gross', '$.charge_amount'),
    ('835.claim', 'lines', '$.lines[*].charge_amount'),
    ('835.claim', 'paid', '$.paid_amount'),
    ('835.claim', 'adjusted', '$.adjustments[*].amount'),
    ('835.claim', 'adjusted', '$.lines[*].adjustments[*].amount'),
    ('835.transaction', 'kept', '$.provider_adjustments[*].amount'),
    ('276.claim', 'gross', '$.charge_amount'),
    ('277.claim', 'gross', '$.statuses[*].charge_amount'),
    ('277.claim', 'gross', '$.lines[*].statuses[*].charge_amount')
)

select file.name, said.measure, sum((found.amount #>> '{}')::numeric) as amount
from said
inner join raw_billing.record as record
    on said.resource_type = record.resource_type
inner join raw_billing.file as file on record.file_id = file.file_id
cross join lateral jsonb_path_query(record.body, said.place) as found (amount)
group by file.name, said.measure
union all
select file.name, 'claims', count(*)
from raw_billing.record as record
inner join raw_billing.file as file on record.file_id = file.file_id
where record.resource_type in ('837.claim', '835.claim')
group by file.name
"""
STAGING = """
select record_id, 'gross' as measure, submitted_charge_amount as amount
from staging.stg_billing__claim
union all
select record_id, 'claims', 1 from staging.stg_billing__claim
union all
select record_id, 'lines', charge_amount from staging.stg_billing__claim_line
union all
select record_id, 'gross', charge_amount from staging.stg_billing__remittance_claim
union all
select record_id, 'claims', 1 from staging.stg_billing__remittance_claim
union all
select record_id, 'paid', paid_amount from staging.stg_billing__remittance_claim
union all
select record_id, 'adjusted', adjustment_amount
from staging.stg_billing__remittance_adjustment
union all
select record_id, 'kept', adjustment_amount
from staging.stg_billing__provider_adjustment
"""
PUBLISHED = """
select record_id, 'gross' as measure, submitted_charge_amount as amount
from candidate_conformed.fct_claim_submission
union all
select record_id, 'claims', 1 from candidate_conformed.fct_claim_submission
union all
select record_id, 'lines', gross_charge_amount
from candidate_conformed.fct_claim_submission
union all
select record_id, 'gross', charge_amount from candidate_conformed.fct_payment
union all
select record_id, 'claims', 1 from candidate_conformed.fct_payment
union all
select record_id, 'paid', paid_amount from candidate_conformed.fct_payment
union all
select record_id, 'adjusted', adjustment_amount
from candidate_conformed.fct_remittance_adjustment
union all
select record_id, 'kept', adjustment_amount
from candidate_conformed.fct_provider_adjustment
"""
BY_FILE = """
select file.name, layer.measure, sum(layer.amount) as amount
from ({}) as layer
inner join raw_billing.record as record on layer.record_id = record.record_id
inner join raw_billing.file as file on record.file_id = file.file_id
group by file.name, layer.measure
"""
QUARANTINED = """
select file.name, refused.class, refused.byte_offset, refused.byte_length
from ops.quarantined_record as refused
inner join raw_billing.file as file on refused.file_id = file.file_id
where refused.stage <> 'lineage'
"""
# What no model reads further, because the payer's own 835 says it, or because a
# status answer is no booking.
ENDS_IN_RAW = {
    "837": ("paid", "adjusted"),
    "835": ("lines",),
    "276": ("gross",),
    "277": ("gross",),
}


def name_of(path):
    return "_".join(path.relative_to(DATA).parts)


def own_copy(number, content):
    """Give a file a sender of its own: the samples share their control numbers."""
    if not content.startswith(b"ISA"):
        return content
    sender = b"FILE%d" % number
    return content[: SENDER.start] + sender.ljust(15) + content[SENDER.stop :]


class Layers:
    """What every layer of a warehouse says of each file."""

    def __init__(self, dsn, files):
        self.files = files
        with psycopg.connect(dsn) as connection:
            self.landed = by_file(connection.execute(LANDED))
            self.staging = by_file(connection.execute(BY_FILE.format(STAGING)))
            self.conformed = by_file(connection.execute(BY_FILE.format(PUBLISHED)))
            self.refused = connection.execute(QUARANTINED).fetchall()

    def quarantined(self, name):
        """What the bytes say that were refused, read as the file itself is."""
        file, total = self.files[name], Money()
        for refused, _, offset, length in self.refused:
            if refused == name:
                total += file.money(offset or 0, length)
        return total

    def classes(self, name):
        return sorted({each[1] for each in self.refused if each[0] == name})


def by_file(rows):
    found = {}
    for name, measure, amount in rows:
        setattr(found.setdefault(name, Money()), measure, amount)
    return found


@pytest.fixture(scope="module")
def layers(warehouse_dsn, tmp_path_factory):
    """Land every file in one folder, and build the facts of claims and payments."""
    place = tmp_path_factory.mktemp("x12")
    files = {}
    for number, path in enumerate(FILES, start=1):
        content = own_copy(number, path.read_bytes())
        (place / name_of(path)).write_bytes(content)
        files[name_of(path)] = File(content)
    land_billing(warehouse_dsn, folder("billing_x12", place))
    build_facts(warehouse_dsn, tmp_path_factory.mktemp("dbt"), CONFORMED)
    return Layers(warehouse_dsn, files)


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_a_file_keeps_its_money_through_every_layer(path, layers):
    name = name_of(path)
    said, refused = layers.files[name].money(), layers.quarantined(name)
    landed = layers.landed.get(name, Money())
    staging = layers.staging.get(name, Money())
    conformed = layers.conformed.get(name, Money())
    cells = (name, said, landed, refused, *layers.classes(name), staging, conformed)
    print("\n" + " | ".join(map(str, cells)))
    assert landed + refused == said
    ends = ENDS_IN_RAW.get(layers.files[name].kind, ())
    kept = Money(**{**vars(landed), **dict.fromkeys(ends, Decimal(0))})
    assert staging == kept
    assert conformed == kept


def test_every_submission_counts_once_or_says_why_not(layers, warehouse_dsn):
    with psycopg.connect(warehouse_dsn) as connection:
        states = dict(
            connection.execute("""
                select submission_state, sum(gross_charge_amount)
                from candidate_conformed.fct_claim_submission
                group by submission_state
            """).fetchall()
        )
        [(claims,)] = connection.execute(
            "select sum(gross_charge_amount) from candidate_conformed.fct_claim"
        ).fetchall()
        [(charges,)] = connection.execute(
            "select sum(charge_amount) from candidate_conformed.fct_charge"
        ).fetchall()
    print(states)
    everything = sum((money.lines for money in layers.conformed.values()), Decimal())
    assert sum(states.values()) == everything
    assert charges == claims == states["in_force"] > 0
