"""A replayed HL7 message takes its place among the events of its visit."""

import pytest
from airflow.sdk.exceptions import AirflowFailException

from ledgerline.connectors.formats import hl7v2
from ledgerline.connectors.formats.record import Refusal, RefusalClass
from ledgerline.landing.land import land
from ledgerline.landing.replay import Selection
from ledgerline.operations.exceptions.replaying import print_replay
from ledgerline.orchestration import flows
from tests.integration.contracts.row_source import Deliveries, rows

pytestmark = pytest.mark.integration


def message(visit, number, trigger, moment):
    control_id = f"{visit}-{number}"
    return "\r".join(
        (
            f"MSH|^~\\&|EHR|MVH|LEDGER|NET|{moment}||ADT^{trigger}|{control_id}|P|2.5.1",
            f"EVN|{trigger}|{moment}",
            "PID|1||4711^^^MVH^MR||||19500101|F" + "|" * 10 + visit,
            "PV1|1|I|6010^1^A" + "|" * 16 + visit,
            "",
        )
    ).encode()


def blind(_format_name):
    """A reader of yesterday that cannot take discharges."""

    def read(content):
        for item in hl7v2.read(content):
            if b"A03" in getattr(item, "body", b""):
                yield Refusal(
                    resource_type="HL7 message",
                    refusal_class=RefusalClass.SEGMENT_INVALID,
                    message="not yet known",
                    byte_offset=item.byte_offset,
                    byte_length=item.byte_length,
                )
            else:
                yield item

    return read


def refused_discharge(warehouse_dsn, visit):
    files = (
        (f"{visit}_1.hl7", message(visit, 1, "A01", "20260301080000+0000")),
        (f"{visit}_2.hl7", message(visit, 2, "A03", "20260304100000+0000")),
    )
    source = Deliveries(
        files=files, reader_of=blind, name="ehr_hl7v2", format=hl7v2.FORMAT
    )
    report = land(warehouse_dsn, source)
    assert (report.landed, report.quarantined) == (1, 1)


def test_a_replayed_discharge_finishes_its_visit(warehouse_dsn, connection, capsys):
    refused_discharge(warehouse_dsn, "MVH0000123")
    done = print_replay(warehouse_dsn, Selection(source="ehr_hl7v2"), by="tester")
    assert (done.replayed, done.landed) == (1, 1)
    assert "1 replayed: 1 records landed" in capsys.readouterr().out
    query = "select status, event_count from raw_ehr.folded_visit"
    assert rows(connection, query) == [("finished", 2)]


def test_the_dag_replays_what_its_parameters_choose(
    warehouse_dsn, connection, monkeypatch
):
    monkeypatch.setenv("AIRFLOW_CONN_WAREHOUSE", warehouse_dsn)
    refused_discharge(warehouse_dsn, "MVH0000124")
    chosen = {"source": "ehr_hl7v2", "all_open": False, "by": "operator"}
    nothing = flows.replay_quarantine(refusal_class="ENCODING", **chosen)
    assert nothing == 0
    assert flows.replay_quarantine(refusal_class="SEGMENT_INVALID", **chosen) == 1
    query = "select attempted_by from ops.replay_attempt where attempted_by <> 'tester'"
    assert rows(connection, query) == [("operator",)]
    with pytest.raises(AirflowFailException, match="say what to replay"):
        flows.replay_quarantine(refusal_class=None, **chosen | {"source": None})
