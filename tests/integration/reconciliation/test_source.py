"""What landed and what readers see of it agree, or the break has owner and cause."""

import json
import os
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest

from ledgerline.connectors import ehr_folder, x12_folder
from ledgerline.landing.land import land
from ledgerline.reconciliation import reconcile
from ledgerline.reconciliation.landed import source_lines
from ledgerline.store.engine import connect
from tests.integration.landing.folder_source import MESSAGES, endpoint
from tests.integration.posting.stub_erp import Erp, StubPort, running
from tests.integration.posting.warehouse import publish, rows

pytestmark = pytest.mark.integration

CLOCK = os.sysconf("SC_CLK_TCK")
CLAIMED = Decimal("5120.50")
"""What the claim of claim_institutional_with_drg.837 comes to."""

CONFORMED = """
create table conformed.fct_claim_submission (
    record_id bigint, facility_code text, statement_from_date date,
    submitted_date date, gross_charge_amount numeric(18, 2),
    unlined_charge_amount numeric(18, 2)
);
create table conformed.fct_supply_usage (
    record_id bigint, facility_code text, usage_date date, item_code text,
    quantity numeric(18, 4)
)
"""
SEE_USAGE = """
insert into conformed.fct_supply_usage
select record_id, 'MVH', '2026-01-11', 'ITM1',
    (body -> 'suppliedItem' -> 'quantity' ->> 'value')::numeric
from raw_ehr.current_record
where resource_type = 'SupplyDelivery'
"""
SEE_CLAIMS = """
insert into conformed.fct_claim_submission
select record_id, 'MVH', '2026-01-11', '2026-01-20',
    (body ->> 'charge_amount')::numeric - 20, 20
from raw_billing.current_record
where resource_type = '837.claim'
"""
BREAKS = """
select scope, system_pair, facility_code, period, subject, difference_amount, unit,
    break_name, owner, age_days_count, probable_cause <> ''
from marts.reconciliation_break
"""


def used(number, quantity, status="completed"):
    return {
        "resourceType": "SupplyDelivery",
        "id": f"usage-{number}",
        "status": status,
        "occurrenceDateTime": "2026-01-11T10:00:00Z",
        "suppliedItem": {
            "quantity": {"value": quantity},
            "itemCodeableConcept": {"coding": [{"code": "ITM1"}]},
        },
    }


class Site:
    """A folder of each source, and a warehouse that sees what it is told to see."""

    def __init__(self, dsn, folder):
        self.dsn, self.count = dsn, 0
        self.ehr, self.billing = folder / "ehr", folder / "billing"
        self.ehr.mkdir()
        self.billing.mkdir()
        publish(dsn)
        self.run(CONFORMED)

    def run(self, statement):
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            return connection.execute(statement).rowcount

    def deliver(self, *resources):
        self.count += 1
        path = self.ehr / f"supply{self.count}.ndjson"
        path.write_text("".join(f"{json.dumps(each)}\n" for each in resources))
        assert land(self.dsn, ehr_folder.source(endpoint(self.ehr))).quarantined == 0

    def claim(self):
        name = "claim_institutional_with_drg.837"
        (self.billing / name).write_bytes((MESSAGES / name).read_bytes())
        assert land(self.dsn, x12_folder.source(endpoint(self.billing))).landed == 1

    def publish_usage(self):
        self.run("truncate conformed.fct_supply_usage")
        assert self.run(SEE_USAGE)

    def reconcile(self):
        with running(Erp()) as port:
            return reconcile(self.dsn, StubPort(port))

    def cpu(self):
        """The seconds of CPU that the server takes to compare what landed."""
        with connect(self.dsn) as connection:
            path = Path(f"/proc/{connection.info.backend_pid}/stat")
            seconds = []
            for _ in range(9):
                assert list(source_lines(connection))
                seconds.append(sum(map(int, path.read_text().split()[13:15])))
        return (seconds[-1] - seconds[0]) / 8 / CLOCK

    def source_lines(self):
        return rows(
            self.dsn,
            "select subject, left_amount, right_amount, in_flight_amount "
            "from ops.reconciliation_line where scope = 'source' and run_id = "
            "(select max(run_id) from ops.reconciliation_run) order by subject",
        )


@pytest.fixture
def site(dsn, tmp_path):
    return Site(dsn, tmp_path)


def test_every_landed_dollar_and_piece_is_seen(site):
    site.claim()
    site.deliver(used(1, 2), used(2, 3), used(3, 9, "abandoned"))
    site.run(SEE_CLAIMS)
    site.publish_usage()
    site.run("delete from conformed.fct_supply_usage where quantity = 9")
    assert site.reconcile().is_even
    assert site.source_lines() == [
        ("claims", CLAIMED, CLAIMED, 0),
        ("usage|ITM1", 5, 5, 0),
    ]


def test_a_record_that_is_left_out_is_a_break_with_owner_and_cause(site):
    site.deliver(used(1, 2))
    site.deliver(used(2, 3))
    site.publish_usage()
    site.run("delete from conformed.fct_supply_usage where quantity = 2")
    assert not site.reconcile().is_even
    ((*told, period),) = [
        (*row[:3], *row[4:], row[3]) for row in rows(site.dsn, BREAKS)
    ]
    assert told == [
        *("source", "source:warehouse", "", "usage|ITM1", 2, "u"),
        *("NOT_CONFORMED", "data_engineering", 0, True),
    ]
    assert period == rows(site.dsn, "select to_char(now(), 'YYYY-MM')")[0][0]


@pytest.mark.parametrize("seen", [Decimal(1), Decimal(3)])
def test_another_amount_than_landed_is_a_break(site, seen):
    site.deliver(used(1, 2))
    site.publish_usage()
    site.run(f"update conformed.fct_supply_usage set quantity = {seen}")
    (line,) = site.reconcile().breaks
    assert (line.break_name, line.difference) == ("NOT_CONFORMED", 2 - seen)
    assert (line.key.facility_code, line.key.period) == ("MVH", "2026-01")


def test_a_fact_without_a_record_is_a_break(site):
    site.deliver(used(1, 2))
    site.publish_usage()
    site.run(
        "insert into conformed.fct_supply_usage values (0, 'MVH', '2026-01-11', 'X', 4)"
    )
    (line,) = site.reconcile().breaks
    assert (line.key.subject, line.difference) == ("usage|X", -4)


def test_what_landed_after_the_publication_is_on_its_way(site):
    site.deliver(used(1, 2), used(2, 3))
    site.publish_usage()
    site.deliver(used(3, 7), used(1, 5))
    assert site.reconcile().is_even
    assert sum(left for _, left, _, _ in site.source_lines()) == 15
    assert sum(moving for *_, moving in site.source_lines()) == 10
    site.publish_usage()
    assert site.reconcile().is_even
    assert site.source_lines() == [("usage|ITM1", 15, 15, 0)]


def test_what_a_held_facility_waits_with_is_on_its_way(site):
    site.deliver(used(1, 2), used(2, 3))
    site.publish_usage()
    site.deliver(used(1, 5), used(4, 1))
    site.deliver(used(3, 7))
    site.run(
        f"{SEE_USAGE} and resource_id = 'usage-3';"
        "update conformed.fct_supply_usage set facility_code = 'LGH' where quantity = 7"
    )
    assert sorted(line.difference for line in site.reconcile().breaks) == [-2, 6]
    publish(site.dsn, verdict="HOLD", held=["MVH"])
    assert site.reconcile().is_even
    site.run("update conformed.fct_supply_usage set quantity = 8 where quantity = 7")
    (line,) = site.reconcile().breaks
    assert (line.key.facility_code, line.difference) == ("LGH", -1)


def test_before_a_build_there_is_nothing_to_compare(site):
    site.deliver(used(1, 2))
    site.run("drop table conformed.fct_supply_usage")
    assert site.reconcile().is_even
    assert site.source_lines() == []


def test_the_cost_grows_with_the_records_and_not_with_their_square(site):
    site.deliver(*(used(n, 1) for n in range(1000)))
    site.publish_usage()
    few = site.cpu()
    site.deliver(*(used(n, 1) for n in range(1000, 8000)))
    site.publish_usage()
    assert site.cpu() < 3 * 8 * few, "eight times the records"
