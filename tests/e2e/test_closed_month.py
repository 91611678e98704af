"""January is closed by two people in Airflow, and the books of Tryton show it.

A charge on no claim is accrued on the last day and taken back on the first of the next
month; its claim, which comes after the seal, goes to the open month. At every point the
warehouse, the outbox and what Tryton says of itself agree to the cent.
"""

from datetime import date
from decimal import Decimal

import pytest

from bench.discharges import AT, MESSAGE, claims
from ledgerline.orchestration.policy import APPROVE
from ledgerline.secrets import load_or_create
from tests.e2e.books import cells
from tests.otlp import receiving
from tests.torture.airflow import OPEN, Airflow
from tests.torture.books import faults
from tests.torture.hospital_day import EXTRACTS, HospitalDay
from tests.torture.stack import wait

pytestmark = [pytest.mark.e2e, pytest.mark.live]

CLOSE, WAITS_FOR, WAITING = "close_month", "approve_close", "awaiting_input"
JANUARY, FEBRUARY = "2026-01", "2026-02"
RECEIVABLE, REVENUE = "11200", "40200"
ACCOUNT = "LGHLATE0001"
AMOUNT = Decimal("221.31")
"""What the charge of the first professional claim of the sandbox comes to."""

CHARGES = (
    "MSH|^~\\&|EPICENTER|LGH|LEDGERLINE|NETWORK|{at}||DFT^P03^DFT_P03|P03{number}|P|"
    "2.5.1\r"
    "EVN|P03|{at}||||{at}\r"
    "PID|1||M{number}^^^LGH^MR|||||F||||||||||{number}^^^LGH^AN\r"
    "PV1|1|O|PRIMCARE^^^LGH|||||||PRIMCARE|||||||||{number}^^^LGH^VN\r"
    "FT1|1|{number}P001||20260101|20260101|CG|99214^^C4|||1|{amount}&USD|{amount}&USD|"
    "PRIMCARE||||||||||||99214^^C4\r"
)
BOOKED = """
select line.account_code, to_char(entry.posting_date, 'YYYY-MM'),
    sum(line.amount_cents) / 100.0
from post.ledger
inner join post.entry as entry using (entry_id)
inner join post.entry_line as line using (entry_id)
group by 1, 2
"""
WANTED = """
select account_code, sum(amount) from (
    select account_code, amount from outbound.out_journal_line where hold_class = ''
    union all
    select account_code, amount from post.accrual_line
) as wanted
group by 1
"""
UNBILLED = """
select count(*) from conformed.fct_charge where not is_billed and charge_amount = %s
"""
ACCRUED = """
select document_kind, posting_date, erp_document <> '' from post.entry
where starts_with(document_kind, 'accrual') and state = 'POSTED' order by 1
"""


class ClosingMonth(HospitalDay):
    """The stack, who uses it, and what Tryton said before anything was closed."""

    def person(self, name):
        password = load_or_create(self.hospital.home)[f"airflow_{name}"]
        return Airflow(self.settings.airflow_port, password, name)

    def open_with_a_charge_on_no_claim(self):
        self.command("prepare")
        texts = [
            MESSAGE.format(at=AT, trigger=trigger, number=ACCOUNT)
            for trigger in ("A04", "A03")
        ]
        texts.append(CHARGES.format(at=AT, number=ACCOUNT, amount=AMOUNT))
        path = self.hospital.home / "sandbox" / "hl7" / "LGH_20260102_late.hl7"
        path.write_text("".join(texts), newline="")
        self.command("up")
        self.first_posting()
        assert self.hospital.value(UNBILLED, AMOUNT) == 1

    def ask_for_the_close(self, month):
        """The operator starts the DAG; return its run once it waits for an answer."""
        run = self.person("operator").trigger(CLOSE, month=month, reason="month end")
        wait(
            lambda: self.airflow.task(run, WAITS_FOR, CLOSE)["state"] == WAITING,
            180,
            "nobody is asked to approve the close",
        )
        return run

    def ends(self, run):
        """Return how a run ended."""
        wait(
            lambda: self.airflow.state(run, CLOSE) not in OPEN,
            600,
            "close_month does not end",
        )
        return self.airflow.state(run, CLOSE)

    def bill_late(self):
        """The claim comes: land it, build it, post it."""
        folder = self.hospital.home / "sandbox" / "billing"
        text = claims(folder, [ACCOUNT], 987_654_321)
        (folder / "LGH_837P_late.edi").write_text(text)
        before = self.documents()
        for dag in EXTRACTS:
            self.airflow.trigger(dag)
        wait(lambda: self.documents() > before, 900, "the late claim posts nothing")
        self.settle()

    def balances(self):
        """Tryton's own trial balance, once all three systems agree on it."""
        assert self.is_even()
        assert not {key: count for key, count in faults(self.hospital).items() if count}
        erp = self.hospital.erp().trial_balance()
        booked = cells(((a, m), amount) for a, m, amount in self.hospital.rows(BOOKED))
        by_account = cells((account, each) for (account, _), each in booked.items())
        assert by_account == cells(self.hospital.rows(WANTED))
        return erp, booked


def moved(before, after):
    """What was booked between two looks, once outbox and Tryton say the same."""
    in_erp, in_outbox = (
        cells((key, new.get(key, 0) - old.get(key, 0)) for key in {*old, *new})
        for old, new in zip(before, after, strict=True)
    )
    assert in_erp == in_outbox
    return in_erp


@pytest.fixture
def closing(new_hospital, monkeypatch):
    """A hospital that tells its spans: with them tasks take longest to leave."""
    hospital = new_hospital("closing")
    monkeypatch.setenv("LEDGERLINE_HOME", str(hospital.home))
    monkeypatch.setenv("LEDGERLINE_PORT_BASE", str(hospital.port_base))
    stack = ClosingMonth(hospital.home, hospital.port_base)
    with receiving() as collector:
        stack.hospital.extra |= {
            "AIRFLOW__TRACES__OTEL_ON": "True",
            "OTEL_TRACES_EXPORTER": "otlp_proto_http",
            "OTEL_EXPORTER_OTLP_ENDPOINT": collector.endpoint,
        }
        stack.open_with_a_charge_on_no_claim()
        yield stack


def test_a_month_is_closed_in_airflow_and_tryton_has_its_accruals(closing):
    opened = closing.balances()

    run = closing.ask_for_the_close(JANUARY)
    closing.person("operator").answer(run, WAITS_FOR, CLOSE, APPROVE)
    assert closing.ends(run) == "failed", "who asked may not approve"
    assert closing.hospital.rows("select * from ops.period_close") == []
    assert moved(opened, closing.balances()) == {}
    closing.command("requests", "reject", request(closing), "--by", "approver")

    run = closing.ask_for_the_close(JANUARY)
    closing.person("approver").answer(run, WAITS_FOR, CLOSE, APPROVE)
    assert closing.ends(run) == "success"
    sealed = closing.balances()
    assert moved(opened, sealed) == {
        (RECEIVABLE, JANUARY): AMOUNT,
        (REVENUE, JANUARY): -AMOUNT,
        (RECEIVABLE, FEBRUARY): -AMOUNT,
        (REVENUE, FEBRUARY): AMOUNT,
    }
    assert closing.hospital.rows(ACCRUED) == [
        ("accrual", date(2026, 1, 31), True),
        ("accrual_reversal", date(2026, 2, 1), True),
    ]
    people = closing.hospital.rows(
        "select requested_by, decided_by from ops.period_close "
        "inner join ops.request using (request_id) where sealed_at is not null"
    )
    assert people == [("operator", "approver")]

    closing.bill_late()
    late = closing.balances()
    assert moved(sealed, late) == {
        (RECEIVABLE, FEBRUARY): AMOUNT,
        (REVENUE, FEBRUARY): -AMOUNT,
    }
    assert moved(opened, late) == {
        (RECEIVABLE, JANUARY): AMOUNT,
        (REVENUE, JANUARY): -AMOUNT,
    }


def request(closing):
    return str(closing.hospital.value("select max(request_id) from ops.request"))
