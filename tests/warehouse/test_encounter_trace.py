"""Every encounter's chain is whole, to the byte, and a link that is gone is named."""

import time
from collections import Counter, defaultdict
from decimal import Decimal
from itertools import cycle

import psycopg
import pytest
from psycopg.rows import dict_row

from ledgerline.lineage.chain import chains, correlate
from ledgerline.operations.trace import DocumentAmbiguous, print_chains, print_trace
from tests.warehouse.publishing import copied

pytestmark = pytest.mark.integration

WHOLE = "select * from ops.encounter_trace where encounter_id = %s"
ABSENT = f"{WHOLE} and state <> 'present'"
REMOVED = 300
ONE_OF = {
    "hl7_message": "delete from raw_ehr.event where record_id = %(record_id)s",
    "encounter": "delete from published.conformed__fct_encounter "
    "where encounter_id = %(natural_key)s",
    "charge": "delete from published.conformed__fct_charge "
    "where charge_id = %(natural_key)s",
    "claim": "delete from published.conformed__fct_claim "
    "where claim_id = %(natural_key)s",
    "remittance": "delete from published.conformed__fct_payment "
    "where payment_id = %(natural_key)s",
    "adjustment": "delete from published.conformed__fct_remittance_adjustment "
    "where adjustment_id = %(natural_key)s",
    "supply_usage": "delete from published.conformed__fct_supply_usage "
    "where supply_usage_id = %(natural_key)s",
    "supply_issue": "delete from post.stock_fact "
    "where supply_usage_id = %(parent_key)s",
    "entry": "delete from post.entry_fact "
    "where journal_fact_id like '%%|' || %(parent_key)s || '|%%'",
    "erp_document": "delete from post.ledger where entry_id = "
    "(select entry_id from post.entry where natural_key = %(parent_key)s)",
    "publication": "delete from ops.publication "
    "where publication_id = %(natural_key)s::bigint",
    "record": "delete from raw_{zone}.record where record_id = %(record_id)s",
}
"""How one link of each kind is taken away."""


@pytest.fixture(scope="module")
def traced(built_warehouse):
    """A copy of the built warehouse, correlated, that may lose links."""
    with copied(built_warehouse.dsn, "traced") as dsn:
        correlate(dsn)
        yield dsn


@pytest.fixture
def reader(traced):
    with psycopg.connect(traced, row_factory=dict_row) as connection:
        yield connection


@pytest.fixture(scope="module")
def whole(traced, built_warehouse):
    """The chain of every encounter, each read by one query, and the seconds of each."""
    read, seconds = {}, []
    with psycopg.connect(traced, row_factory=dict_row) as connection:
        stays = connection.execute("select encounter_id from conformed.fct_encounter")
        for stay in stays.fetchall():
            begun = time.perf_counter()
            rows = connection.execute(WHOLE, [stay["encounter_id"]]).fetchall()
            seconds.append(time.perf_counter() - begun)
            read[stay["encounter_id"]] = rows
    seconds.sort()
    p95 = seconds[len(seconds) * 95 // 100]
    print(f"{len(read)} encounters traced, p95 {p95 * 1000:.0f} ms each")
    return read


def of(rows, link):
    return [row for row in rows if row["link"] == link and row["state"] == "present"]


def test_every_encounter_is_traced_as_it_truly_went(whole, built_warehouse):
    true = {row["encounter_id"]: row for row in built_warehouse.true_rows("encounter")}
    claims = Counter(row["encounter_id"] for row in built_warehouse.true_rows("claim"))
    used = Counter(
        row["encounter_id"] for row in built_warehouse.true_rows("supply_usage")
    )
    assert len(whole) >= 1_000
    for encounter, rows in whole.items():
        if encounter not in true:
            continue
        sums = defaultdict(Decimal)
        for row in rows:
            if row["state"] == "present":
                sums[row["link"]] += row["amount"] or 0
        assert sums["charge"] == Decimal(true[encounter]["gross_charge_amount"])
        assert sums["remittance"] == Decimal(true[encounter]["paid_amount"])
        assert len(of(rows, "claim")) == claims[encounter]
        assert len(of(rows, "supply_usage")) == used[encounter]


def test_every_link_that_a_feed_told_of_has_its_file_and_byte(whole):
    told = [row for rows in whole.values() for row in rows if row["zone"]]
    assert {row["link"] for row in told} >= {
        *("hl7_message", "encounter", "charge", "claim"),
        *("remittance", "adjustment", "supply_usage"),
    }
    for row in told:
        assert row["state"] == "present"
        assert row["file_name"]
        assert row["byte_offset"] >= 0


def test_every_fact_leads_to_a_document_of_the_erp_and_its_publication(whole):
    for rows in whole.values():
        carriers = {
            row["natural_key"]
            for row in rows
            if row["link"] in ("entry", "supply_issue") and row["state"] == "present"
        }
        for link in ("erp_document", "publication"):
            assert {row["parent_key"] for row in of(rows, link)} == carriers


def test_only_what_the_hospital_really_lacks_is_missing(whole, built_warehouse):
    charged = {
        row["encounter_id"]
        for row in built_warehouse.rows("select encounter_id from conformed.fct_charge")
    }
    without = {
        row["encounter_id"]
        for row in built_warehouse.rows(
            "select encounter_id from conformed.fct_encounter "
            "where encounter_status = 'finished'"
        )
    } - charged
    missing = {
        (encounter, row["link"])
        for encounter, rows in whole.items()
        for row in rows
        if row["state"] == "missing"
    }
    assert missing == {(encounter, "charge") for encounter in without}


def chosen(whole):
    """The links to take away, turn by turn of another kind, each of a whole chain."""
    kinds = cycle(ONE_OF)
    complete = [
        rows
        for rows in whole.values()
        if all(row["state"] == "present" for row in rows)
    ]
    picked = []
    while len(picked) < REMOVED:
        before = len(picked)
        for rows in complete:
            kind = next(kinds)
            wanted = "claim" if kind == "record" else kind
            those = [
                row
                for row in of(rows, wanted)
                if not row["detail"].startswith("DFT") and row["amount"] != 0
            ]
            if those and len(picked) < REMOVED:
                picked.append((kind, those[len(picked) % len(those)]))
        assert len(picked) > before
    return picked


def names(kind, row, absent):
    """Whether one of the absent links is the one that was taken away."""
    link = "claim" if kind == "record" else kind
    follows = {
        "charge": lambda each: each["amount"] == row["amount"],
        "claim": lambda each: row["natural_key"] in each["parent_key"],
        "adjustment": lambda each: each["parent_key"] == row["parent_key"],
        "remittance": lambda each: each["parent_key"] == row["parent_key"],
        "hl7_message": lambda each: "messages of the visit" in each["detail"],
        "record": lambda each: str(row["record_id"]) in each["detail"],
        "encounter": lambda each: each["natural_key"] == row["natural_key"],
        "supply_usage": lambda each: each["natural_key"] == row["natural_key"],
    }.get(kind, lambda each: each["parent_key"] == row["parent_key"])
    return any(
        each["link"] == link
        and each["state"] == "missing"
        and each["owner"]
        and each["next_action"]
        and follows(each)
        for each in absent
    )


def test_every_link_taken_away_is_named(whole, reader):
    unnamed, kinds = [], Counter()
    reader.execute("set session_replication_role = replica")
    reader.commit()
    for kind, row in chosen(whole):
        statement = ONE_OF[kind].format(zone=row["zone"])
        taken = reader.execute(statement, row).rowcount
        assert taken > 0, (kind, row)
        absent = reader.execute(ABSENT, [row["encounter_id"]]).fetchall()
        reader.rollback()
        kinds[kind] += 1
        if not names(kind, row, absent):
            unnamed.append((kind, row["natural_key"], absent))
    assert set(kinds) == set(ONE_OF)
    assert sum(kinds.values()) == REMOVED
    assert unnamed == []


def test_an_encounter_that_no_event_told_of_is_correlated_with_its_visit(
    built_warehouse, reader, traced
):
    [pair] = reader.execute(
        "select array_agg(subject_id) as ids, min(account_number) as account "
        "from ops.workflow_subject where subject in ('visit', 'encounter') "
        "group by instance_id having count(*) = 2 limit 1"
    ).fetchall()
    reader.execute(
        "delete from ops.workflow_subject where subject_id = any(%s)", [pair["ids"]]
    )
    reader.commit()
    assert chains(traced, pair["account"]) == []
    assert correlate(traced) == 2
    [found] = chains(traced, pair["account"])
    assert len(found.names) == 2
    assert correlate(traced) == 0


def test_account_encounter_and_claim_lead_to_the_same_chain(traced, whole, capsys):
    rows = next(rows for rows in whole.values() if of(rows, "claim"))
    claim, encounter = of(rows, "claim")[0]["natural_key"], rows[0]["encounter_id"]
    known_as = (claim, encounter, rows[0]["account_number"])
    [first] = {
        str(chain.correlation_id) for name in known_as for chain in chains(traced, name)
    }
    for name in (*known_as, first):
        assert print_chains(traced, name, 100)
        shown = capsys.readouterr().out
        assert first in shown
        assert claim in shown
        assert f"@{of(rows, 'claim')[0]['byte_offset']}" in shown
    assert not print_chains(traced, "nobody")


def test_a_number_that_the_erp_gave_twice_asks_for_the_external_reference(
    traced, reader
):
    [shipment] = reader.execute(
        "select natural_key, erp_document from post.entry "
        "where document_kind = 'stock_issue' and state = 'POSTED' and not exists ("
        "select from post.entry as taken where taken.document_kind = 'requisition' "
        "and taken.erp_document = entry.erp_document) limit 1"
    ).fetchall()
    reader.execute("set session_replication_role = replica")
    [other] = reader.execute(
        "update post.entry set erp_document = %s, state = 'POSTED', "
        "posted_at = clock_timestamp() where entry_id = ("
        "select entry_id from post.entry where document_kind = 'requisition' limit 1"
        ") returning natural_key",
        [shipment["erp_document"]],
    ).fetchall()
    reader.commit()
    with pytest.raises(DocumentAmbiguous) as refused:
        print_trace(traced, shipment["erp_document"])
    for each in (shipment, other):
        assert f"LL|{each['natural_key']}" in str(refused.value)
        assert print_trace(traced, f"LL|{each['natural_key']}")


def test_an_analyst_reads_chains_without_the_names_of_files(reader, whole):
    encounter = next(iter(whole))
    reader.execute("set role ledgerline_analyst")
    rows = reader.execute(
        "select * from marts.encounter_trace where encounter_id = %s", [encounter]
    ).fetchall()
    assert len(rows) == len(whole[encounter])
    assert "file_name" not in rows[0]
    reader.execute("savepoint before")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        reader.execute("select from ops.encounter_trace")
    reader.execute("rollback to before")
    reader.execute("set role ledgerline_executive")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        reader.execute("select from marts.encounter_trace")
