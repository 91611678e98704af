"""Every path of a claim, told again from the files alone, is the truth."""

from collections import Counter, defaultdict
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from sandbox.life_cycle.adjustment import Adjustment
from sandbox.life_cycle.decision import Decision, coordinated, lowered, reversal
from sandbox.life_cycle.submission import first_submission
from tests.sandbox.splitter import adjustments
from tests.sandbox.test_remittances import kind_of

PATHS = (
    *("accepted", "denied", "unanswered", "rejected_then_resubmitted"),
    *("set_rejected_then_resent", "denied_then_replaced", "voided", "interim"),
    *("late_charge", "secondary_payer", "corrected_by_payer"),
    *("denied_twice", "denied_then_voided"),
    *("replacement_without_prior", "never_sent", "reversal_without_original"),
)
KINDS = ("contractual", "denial", "other_adjustment", "patient_share")
NOTHING = Decimal()


@pytest.fixture(scope="session")
def roots(table):
    """Returns the rows of each claim by path."""
    by_path = defaultdict(lambda: defaultdict(list))
    for row in table("truth/claim_root"):
        for path in row["path"].split("+"):
            by_path[path][row["claim_id"]].append(row)
    return by_path


@pytest.fixture(scope="session")
def told(billing):
    """Returns the submissions and the payments of each claim in order."""
    submissions, answers = defaultdict(list), defaultdict(list)
    for claim in sorted(billing.sent, key=lambda each: each.sent_on):
        submissions[claim.claim_id].append(claim)
    for claim in sorted(billing.payments, key=lambda each: each.paid_on):
        answers[claim.claim_id].append(claim)
    return submissions, answers


def test_there_is_no_other_path(roots):
    assert roots.keys() == set(PATHS)


@pytest.mark.parametrize("path", PATHS)
def test_every_root_of_the_path_is_what_the_files_say(path, roots, told, billing):
    submissions, answers = told
    assert len(roots[path]) >= 3
    for claim_id, rows in roots[path].items():
        standing = billing.in_force(submissions[claim_id])
        gross = sum((claim.charge for claim in standing), NOTHING)
        found = by_payer(answers[claim_id])
        found["P"]["charge"] = gross
        assert {row["payer_sequence"] for row in rows} == found.keys()
        for row in rows:
            sums = found[row["payer_sequence"]]
            for name in (*KINDS, "paid", "charge"):
                assert Decimal(row[f"{name}_amount"]) == sums[name], (claim_id, name)


def by_payer(payments):
    """Return what each payer decided in all; the last one says what patients owe."""
    sums = {"P": Counter()}
    orders = {"2": "S"}
    last = max((orders.get(each.clp[2], "P") for each in payments), default="P")
    for payment in payments:
        order = orders.get(payment.clp[2], "P")
        row = sums.setdefault(order, Counter())
        row["paid"] += Decimal(payment.clp[4])
        for cas in payment.every_cas:
            for group, reason, amount in adjustments(cas):
                kind = kind_of(group, reason)
                if kind != "patient_share" or order == last:
                    row[kind] += amount
    return sums


def test_an_adjudicated_root_accounts_for_its_whole_charge(roots):
    for path in set(PATHS) - {"unanswered", "never_sent", "reversal_without_original"}:
        for claim_id, rows in roots[path].items():
            is_open = rows[0]["life_cycle_state"] == "accepted"
            if is_open or rows[0]["path"].endswith("without_original"):
                continue
            charge = sum(Decimal(row["charge_amount"]) for row in rows)
            settled = sum(
                Decimal(row[f"{name}_amount"])
                for row in rows
                for name in (*KINDS, "paid")
            )
            assert charge == settled, claim_id


def frequencies(claims):
    return [claim.frequency for claim in claims]


def statuses(payments):
    return [payment.clp[2] for payment in payments]


def test_a_rejected_claim_is_sent_again_as_an_original(roots, told, billing):
    for claim_id in roots["rejected_then_resubmitted"]:
        first, again = told[0][claim_id]
        assert frequencies([first, again]) == ["1", "1"]
        assert not billing.is_accepted(first)
        assert billing.is_accepted(again)
        assert first.lines == again.lines


def test_a_replacement_names_the_denied_claim_that_it_restates(roots, told, billing):
    corrected = 0
    for claim_id in roots["denied_then_replaced"]:
        first, again = told[0][claim_id]
        denial, *second = told[1][claim_id]
        number = billing.payer_numbers[first.reference, first.account]
        assert frequencies([first, again]) == ["1", "7"]
        assert again.prior == number == denial.clp[7]
        assert denial.paid_on < again.sent_on < second[0].paid_on
        assert sorted(statuses(second)) == ["1", "22"]
        assert Decimal(denial.clp[4]) == 0
        corrected += first.charge != again.charge
    assert corrected >= 3


def test_a_void_leaves_nothing(roots, told, table):
    adjudicated = {
        row["claim_id"]
        for row in table("truth/claim")
        if row["is_adjudicated"] == "true"
    }
    assert not adjudicated & roots["voided"].keys()
    assert roots["corrected_by_payer"].keys() <= adjudicated
    for claim_id, rows in roots["voided"].items():
        first, void = told[0][claim_id]
        paid, back = told[1][claim_id]
        assert frequencies([first, void]) == ["1", "8"]
        assert void.prior == paid.clp[7]
        assert statuses([paid, back]) == ["1", "22"]
        assert Decimal(paid.clp[4]) == -Decimal(back.clp[4]) > 0
        assert rows[0]["life_cycle_state"] == "closed"


def test_interim_bills_share_the_stay_and_its_nights(roots, told):
    for claim_id in roots["interim"]:
        bills = told[0][claim_id]
        assert frequencies(bills) == ["2", "3", "4"]
        assert len({bill.sent_on for bill in bills}) == 3
        ends = [bill.statement.split("-") for bill in bills]
        assert ends[0][1] == ends[1][0] < ends[1][1] == ends[2][0] < ends[2][1]
        for bill, (start, end) in zip(bills, ends, strict=True):
            days = [line["service_date"] for line in bill.lines]
            assert all(start <= day <= end for day in days)
        assert statuses(told[1][claim_id]) == ["1", "1", "1"]


def test_late_charges_are_billed_apart_and_posted_late(roots, told, table):
    posted = {
        row["line_control_number"]: date.fromisoformat(row["post_date"])
        - date.fromisoformat(row["service_date"])
        for row in table("truth/charge")
    }
    for claim_id in roots["late_charge"]:
        first, late = told[0][claim_id]
        assert frequencies([first, late]) == ["1", "5"]
        assert first.sent_on < late.sent_on
        numbers = [{line["control_number"] for line in c.lines} for c in (first, late)]
        assert not numbers[0] & numbers[1]
        assert not any(posted[number] for number in numbers[0])
        assert all(posted[number].days > 3 for number in numbers[1])


def test_a_second_payer_counts_the_contractual_once(roots, told):
    forwarded = 0
    for claim_id, rows in roots["secondary_payer"].items():
        first, second = told[1][claim_id]
        sent = told[0][claim_id]
        forwarded += len(sent) == 1
        assert statuses([first, second]) == ["1" if len(sent) == 2 else "19", "2"]
        settled = sum(
            amount
            for cas in second.every_cas
            for group, reason, amount in adjustments(cas)
            if (group, reason) == ("OA", "23")
        )
        primary, secondary = sorted(rows, key=lambda row: row["payer_sequence"])
        before = Decimal(primary["contractual_amount"]) + Decimal(
            primary["paid_amount"]
        )
        assert settled == before
        assert Decimal(secondary["contractual_amount"]) == 0
        assert Decimal(primary["patient_share_amount"]) == 0
        assert Decimal(secondary["patient_share_amount"]) > 0
        for claim in sent[1:]:
            assert (claim.sequence, claim.other_payers) == ("S", ["P"])
            assert claim.other_paid == Decimal(first.clp[4])
            owed = Decimal(first.clp[5])
            assert claim.other_adjusted == claim.charge - claim.other_paid >= owed
            decided = [line["paid"] for line in claim.lines if line["paid"] is not None]
            assert not decided or sum(decided) == claim.other_paid
    assert 3 <= forwarded <= len(roots["secondary_payer"]) - 3


def test_a_correction_takes_the_first_payment_back_and_pays_less(roots, told):
    styles = Counter()
    for claim_id in roots["corrected_by_payer"]:
        first, *second = told[1][claim_id]
        back, again = sorted(second, key=lambda each: Decimal(each.clp[4]))
        assert statuses([first, back, again]) == ["1", "22", "1"]
        assert Decimal(first.clp[4]) == -Decimal(back.clp[4]) > Decimal(again.clp[4])
        assert first.clp[7] != again.clp[7]
        styles[
            back.clp[7] == first.clp[7], back.references.get("F8") == first.clp[7]
        ] += 1
    assert styles.keys() == {(True, False), (False, True), (False, False)}


def test_what_cannot_be_linked_is_listed_as_a_defect(roots, told, billing, table):
    listed = defaultdict(set)
    for row in table("truth/defects"):
        if row["locator"].startswith("byte ") and row["source"] == "billing_x12":
            listed[row["defect_code"]].add((row["file_name"], row["expected_class"]))
    known = set(billing.payer_numbers.values())
    for claim_id in roots["replacement_without_prior"]:
        [claim] = told[0][claim_id]
        assert claim.frequency == "7"
        assert claim.prior not in known
        assert (claim.file_name, "ORDER_WAIT") in listed["replacement_without_prior"]
    for claim_id in roots["reversal_without_original"]:
        orphan = next(paid for paid in told[1][claim_id] if paid.clp[2] == "22")
        assert orphan.clp[7] not in known
        assert (orphan.file_name, "ORDER_WAIT") in listed["reversal_without_original"]
    for claim_id in roots["never_sent"]:
        assert not told[0][claim_id]
        [paid] = told[1][claim_id]
        assert paid.file_name in {name for name, _ in listed["never_sent"]}


def test_the_truth_names_the_payment_that_a_reversal_takes_back(table):
    payments = table("truth/payment")
    amounts = {
        (row["claim_id"], row["payer_claim_control_number"]): Decimal(
            row["paid_amount"]
        )
        for row in payments
        if row["claim_status_code"] != "22"
    }
    linked = [row for row in payments if row["reverses_control_number"]]
    assert len(linked) > 80
    for row in linked:
        taken = amounts[row["claim_id"], row["reverses_control_number"]]
        assert taken == -Decimal(row["paid_amount"])


@pytest.fixture
def of_a_thousand(hospital):
    """Returns a submission of one line of 1,000.00."""
    course = hospital.courses[0]
    line = replace(course.claim.lines[0], amount=100_000)
    return first_submission(replace(course.claim, lines=(line,)))


def adjusted_by(*listed):
    return tuple(Adjustment(group=g, reason=r, amount=a) for g, r, a in listed)


def test_coordination_of_a_thousand_dollars_as_published(of_a_thousand):
    first = Decision(
        submission=of_a_thousand,
        adjustments=adjusted_by(("CO", "45", 62_000), ("PR", "2", 8_000)),
        is_passed_on=True,
    )
    second = coordinated(of_a_thousand, first)
    assert (first.paid, second.paid) == (30_000, 6_400)
    assert second.adjustments == adjusted_by(("OA", "23", 92_000), ("PR", "2", 1_600))
    whole = first.deductions + second.deductions
    assert whole == {"contractual": 62_000, "patient_share": 1_600}
    assert 100_000 - whole["contractual"] == 38_000


def test_a_reversal_and_a_correction_leave_the_correction(of_a_thousand):
    paid = Decision(
        submission=of_a_thousand, adjustments=adjusted_by(("CO", "45", 70_000))
    )
    back, less = reversal(paid), lowered(paid, 4_000)
    assert [each.paid for each in (paid, back, less)] == [30_000, -30_000, 26_000]
    assert sum(each.charge for each in (paid, back, less)) == 100_000
    assert back.adjustments == adjusted_by(("CO", "45", -70_000))
    assert less.adjustments == adjusted_by(("CO", "45", 74_000))
