"""A document that names a code which the ERP lacks does not leave the house."""

from datetime import date

import psycopg
import pytest
from psycopg import errors

from ledgerline.operations.repository import missing_codes, open_entries
from ledgerline.posting import drain, propose, release
from ledgerline.posting.file_job import FileErp
from ledgerline.posting.file_job.codes import CodesUnreadable
from ledgerline.posting.master_data.mirror import mirror
from ledgerline.posting.port import MasterData
from ledgerline.store.engine import connect
from tests.integration.posting.job_erp import JobErp
from tests.integration.posting.stub_erp import POLICY, Erp, StubPort, running
from tests.integration.posting.warehouse import journal, publish, rows, states, stock

pytestmark = pytest.mark.integration
CODES = {
    "account": ["11200", "40100"],
    "cost center": ["MVH-6010", "LGH-6010"],
    "service line": ["cardiovascular"],
    "item": ["ITM00001"],
    "location": ["MVH-6010-STO", "CONSUMED"],
}
# What a document names, and the published rows that come to name it.
NAMED = {
    "account": ("40100", journal("100.00"), ()),
    "cost center": ("MVH-6010", journal("100.00"), ()),
    "service line": ("cardiovascular", journal("100.00"), ()),
    "item": ("ITM00001", (), stock("3")),
    "location": ("MVH-6010-STO", (), stock("3")),
}


@pytest.fixture
def erp():
    stub = Erp()
    stub.masters = {kind: list(codes) for kind, codes in CODES.items()}
    return stub


def post(dsn, port):
    """One posting run."""
    mirror(dsn, StubPort(port))
    propose(dsn)
    release(dsn)
    return drain(dsn, StubPort(port), POLICY)


def held(dsn):
    return rows(dsn, "select category, owner, explanation from post.held_entry")


@pytest.mark.parametrize("kind", CODES)
def test_a_code_that_the_erp_lacks_holds_its_document_until_it_is_there(dsn, erp, kind):
    code, lines, issues = NAMED[kind]
    erp.masters[kind].remove(code)
    publish(dsn, lines, issues)
    with running(erp) as port:
        assert post(dsn, port).posted == 0
        ((category, owner, sentence),) = held(dsn)
        assert category == "MASTER_DATA"
        assert owner == ("supply_chain" if issues else "finance")
        assert sentence.startswith(f"the ERP has no {kind} {code}, which ")
        assert "add it to the ERP's " in sentence
        erp.masters[kind].append(code)
        assert post(dsn, port).posted == 1
    assert held(dsn) == []


def test_what_names_only_known_codes_goes_at_once(dsn, erp):
    publish(dsn, journal("100.00"), stock("3", lot="L1"))
    with running(erp) as port:
        assert post(dsn, port).posted == 2


def test_nobody_releases_past_a_missing_code(dsn, erp):
    erp.masters["account"].remove("40100")
    publish(dsn, journal("100.00"))
    with running(erp) as port:
        post(dsn, port)
    with (
        psycopg.connect(dsn, autocommit=True) as connection,
        pytest.raises(errors.CheckViolation, match="MASTER_DATA: the ERP has no acc"),
    ):
        connection.execute("update post.entry set state = 'READY'")


def test_later_documents_of_the_order_key_wait_and_others_go_on(dsn, erp):
    late = [
        (*line[:5], "MVH-7777" if line[5] else "", *line[6:]) for line in journal("1")
    ]
    publish(
        dsn,
        [*late, *journal("2.00", day="2026-01-18"), *journal("3.00", "LGH")],
    )
    with running(erp) as port:
        assert post(dsn, port).posted == 1
        assert states(dsn) == {"HELD": 1, "READY": 1, "POSTED": 1}
        erp.masters["cost center"].append("MVH-7777")
        assert post(dsn, port).posted == 2
    days = [row["payload"]["posting_date"] for row in erp.effective]
    assert days == ["2026-01-11", "2026-01-11", "2026-01-18"]


def test_a_code_that_the_erp_no_longer_gives_holds_again(dsn, erp):
    publish(dsn, journal("100.00"))
    with running(erp) as port:
        post(dsn, port)
        erp.masters["account"] = ["11200"]
        publish(dsn, journal("130.00"))
        assert post(dsn, port).posted == 0
    code = "select is_active from post.erp_code where code = '40100'"
    assert rows(dsn, code) == [(False,)]
    assert states(dsn) == {"POSTED": 1, "HELD": 1}


def test_what_the_erp_does_not_tell_is_not_checked(dsn, erp):
    del erp.masters["account"], erp.masters["cost center"]
    del erp.masters["service line"]
    publish(dsn, [(*line[:4], "99999", *line[5:]) for line in journal("100.00")])
    with running(erp) as port:
        assert post(dsn, port).posted == 1


def test_while_the_erp_cannot_be_read_the_last_read_holds(dsn, erp):
    erp.masters["account"].remove("40100")
    with running(erp) as port:
        mirror(dsn, StubPort(port))
    before = rows(dsn, "select * from post.erp_kind order by 1")
    mirror(dsn, StubPort(port))
    assert rows(dsn, "select * from post.erp_kind order by 1") == before
    publish(dsn, journal("100.00"))
    propose(dsn)
    assert release(dsn).released == 0


def test_a_read_that_finds_the_same_writes_no_code(dsn, erp):
    with running(erp) as port:
        mirror(dsn, StubPort(port))
        before = rows(dsn, "select xmin::text, code from post.erp_code order by 2")
        mirror(dsn, StubPort(port))
    after = rows(dsn, "select xmin::text, code from post.erp_code order by 2")
    assert after == before


def period(first_day, last_day, *, is_open):
    return {"first_day": first_day, "last_day": last_day, "is_open": is_open}


def test_the_periods_of_a_read_replace_those_before(dsn, erp):
    erp.masters["period"] = [period("2026-01-01", "2026-01-31", is_open=True)]
    with running(erp) as port:
        mirror(dsn, StubPort(port))
        erp.masters["period"] = [
            period("2026-01-01", "2026-01-31", is_open=False),
            period("2026-02-01", "2026-02-28", is_open=True),
        ]
        publish(dsn, journal("100.00"))
        assert post(dsn, port).posted == 1
    assert rows(dsn, "select posting_date from post.entry") == [(date(2026, 2, 1),)]


def test_people_see_which_codes_are_missing_and_what_they_hold(dsn, erp):
    erp.masters["account"].remove("40100")
    publish(dsn, [*journal("100.00"), *journal("5.00", "LGH")])
    with running(erp) as port:
        post(dsn, port)
    with connect(dsn) as connection:
        (missing,) = missing_codes(connection)
        (waiting,) = open_entries(connection)
    assert missing[:5] == ("account", "40100", "chart of accounts", "finance", 2)
    assert str(missing[5]) == "105.00"
    assert waiting[:3] == ("HELD", "MASTER_DATA", 2)


def file_erp(path):
    job = JobErp(path)
    port = FileErp(job.endpoint())
    port.check()
    return job, port


def test_an_erp_of_files_without_a_codes_file_is_not_checked(dsn, tmp_path):
    _, port = file_erp(tmp_path)
    assert port.master_data() == MasterData()
    mirror(dsn, port)
    publish(dsn, [(*line[:4], "99999", *line[5:]) for line in journal("100.00")])
    propose(dsn)
    assert release(dsn).released == 1


def test_an_erp_of_files_with_a_codes_file_is_checked(dsn, tmp_path):
    job, port = file_erp(tmp_path)
    job.tell()
    mirror(dsn, port)
    publish(dsn, [*journal("1.00"), *journal("2.00", "LGH")])
    propose(dsn)
    assert release(dsn).released == 1
    ((_, _, sentence),) = held(dsn)
    assert "no cost center LGH-6010" in sentence


@pytest.mark.parametrize(
    "text", ["", "[]", '{"account": "11200"}', '{"acount": []}', '{"period": [{}]}']
)
def test_a_codes_file_that_is_not_whole_leaves_what_was_read_before(
    dsn, tmp_path, text
):
    job, port = file_erp(tmp_path)
    job.tell()
    mirror(dsn, port)
    job.tell(text)
    with pytest.raises(CodesUnreadable, match=r"codes\.json in the drop folder"):
        port.master_data()
    mirror(dsn, port)
    told = "select count(*) from post.erp_kind where read_at is not null"
    assert rows(dsn, told) == [(5,)]
