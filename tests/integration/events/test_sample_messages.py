"""The public sample messages landed and folded: the batch balances, nothing is lost."""

import shutil
from pathlib import Path

import pytest

from ledgerline.connectors.hl7_folder import source
from ledgerline.events.fold import fold_visits
from ledgerline.landing.land import land
from tests.integration.landing.folder_source import endpoint

pytestmark = pytest.mark.integration
SAMPLES = Path(__file__).parents[4] / "shared/data/hl7v2/ms_fhir_converter"


@pytest.mark.skipif(not SAMPLES.exists(), reason="the sample messages are not here")
def test_sample_messages_that_share_a_control_id_conflict_and_the_first_stands(
    tmp_path, warehouse, connection
):
    folder = tmp_path / "samples"
    shutil.copytree(SAMPLES, folder)
    report = land(warehouse, source(endpoint(folder)))
    assert (report.received, report.landed + report.quarantined) == (57, 57)
    classes = connection.execute(
        "select distinct class from ops.quarantined_record where stage <> 'fold'"
    ).fetchall()
    assert classes == [("DUPLICATE_CONFLICT",)]
    names = connection.execute(
        "select count(*), count(distinct resource_id) from raw_ehr.record"
    ).fetchone()
    assert names[0] == names[1] == report.landed
    folded = fold_visits(warehouse)
    events = connection.execute(
        "select count(*) from raw_ehr.record where resource_type in ('ADT', 'SIU')"
    ).fetchone()
    assert folded.events == events[0]
    assert fold_visits(warehouse).changed == 0
