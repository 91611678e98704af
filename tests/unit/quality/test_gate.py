"""The verdict: what passes, what is held, what is blocked."""

import pytest

from ledgerline.quality.candidates import JUDGED_ROWS
from ledgerline.quality.check import (
    CheckId,
    CheckResult,
    Engine,
    Severity,
    Stage,
    Status,
)
from ledgerline.quality.dbt_results import SKIPPED, dbt_check
from ledgerline.quality.gate import NO_DATA, judge, required_checks
from ledgerline.quality.relation import Relation
from ledgerline.quality.suite import Suite, build_suites

HASH = "a1"
KEY = CheckId(engine=Engine.GX, suite="conformed.fct_charge", name="key_unique")
REQUIRED = frozenset({KEY, JUDGED_ROWS})


def result(check=KEY, severity=Severity.BLOCK, status=Status.PASS, **more):
    return CheckResult(
        check=check,
        stage=Stage.CANDIDATES,
        severity=severity,
        status=status,
        **more,
    )


JUDGED = result(JUDGED_ROWS, observed=HASH)


def verdict(*results, required=REQUIRED, found=HASH):
    return judge([JUDGED, *results], required, found).verdict


@pytest.mark.parametrize(
    ("severity", "status", "facility", "expected"),
    [
        (Severity.BLOCK, Status.PASS, None, "PASS"),
        (Severity.BLOCK, Status.FAIL, None, "BLOCK"),
        (Severity.BLOCK, Status.FAIL, "LGH", "BLOCK"),
        (Severity.BLOCK, Status.ERROR, None, "BLOCK"),
        (Severity.HOLD, Status.PASS, None, "PASS"),
        (Severity.HOLD, Status.FAIL, "LGH", "HOLD"),
        (Severity.HOLD, Status.FAIL, None, "BLOCK"),
        (Severity.HOLD, Status.ERROR, "LGH", "BLOCK"),
        (Severity.WARN, Status.PASS, None, "PASS"),
        (Severity.WARN, Status.FAIL, None, "PASS"),
        (Severity.WARN, Status.ERROR, None, "BLOCK"),
    ],
)
def test_severity_and_status_make_the_verdict(severity, status, facility, expected):
    checked = result(severity=severity, status=status, scope_facility=facility)
    assert verdict(checked) == expected


def test_no_required_check_means_block():
    assert verdict(result(), required=frozenset()) == "BLOCK"


def test_nothing_evaluated_means_block():
    assert judge([], REQUIRED, HASH).verdict == "BLOCK"


def test_a_required_check_that_was_not_evaluated_blocks_and_is_named():
    judgement = judge([JUDGED], REQUIRED, HASH)
    assert judgement.verdict == "BLOCK"
    assert [r["check"] for r in judgement.reasons] == [str(KEY)]


def test_many_missing_checks_are_counted_after_the_first_ten():
    many = {CheckId(engine=Engine.GX, suite="s", name=f"{i:02}") for i in range(25)}
    judgement = judge([JUDGED], REQUIRED | many, HASH)
    assert len(judgement.reasons) == 11
    assert judgement.reasons[-1]["observed"] == "16 more not evaluated"


def test_what_dbt_skipped_is_counted_so_that_its_error_is_seen():
    names = [f"test.l.{i}" for i in range(40)]
    skipped = [
        result(dbt_check(name), status=Status.ERROR, observed=SKIPPED) for name in names
    ]
    broken = result(
        dbt_check("model.l.a"), status=Status.ERROR, observed="error", expected="pass"
    )
    judgement = judge([JUDGED, result(), *skipped, broken], REQUIRED, HASH)
    assert judgement.verdict == "BLOCK"
    assert [(r["check"], r["observed"]) for r in judgement.reasons] == [
        ("dbt/model/model.l.a", "error"),
        ("dbt", "40 models and tests skipped after an error"),
    ]


def test_blocks_are_named_before_holds_and_warnings():
    results = [
        result(severity=severity, status=Status.FAIL, scope_facility="LGH")
        for severity in (Severity.WARN, Severity.HOLD, Severity.BLOCK)
    ]
    effects = [r["effect"] for r in judge([JUDGED, *results], REQUIRED, HASH).reasons]
    assert effects == ["block", "hold", "warn"]


def test_rows_that_changed_since_they_were_checked_block():
    assert verdict(result(), found="b2") == "BLOCK"


def test_candidates_that_were_not_built_block():
    unbuilt = result(JUDGED_ROWS, observed=NO_DATA)
    assert judge([unbuilt, result()], REQUIRED, NO_DATA).verdict == "BLOCK"


def test_a_hold_names_every_held_facility_once():
    held = [
        result(severity=Severity.HOLD, status=Status.FAIL, scope_facility=facility)
        for facility in ("NRC", "LGH", "LGH")
    ]
    judgement = judge([JUDGED, *held], REQUIRED, HASH)
    assert judgement.verdict == "HOLD"
    assert judgement.held_facilities == ("LGH", "NRC")


def test_a_block_outweighs_a_hold():
    held = result(severity=Severity.HOLD, status=Status.FAIL, scope_facility="LGH")
    broken = result(status=Status.FAIL)
    assert verdict(held, broken) == "BLOCK"


def test_warnings_are_listed_without_changing_the_verdict():
    warned = result(severity=Severity.WARN, status=Status.FAIL, observed="3 claims")
    judgement = judge([JUDGED, warned], REQUIRED, HASH)
    assert judgement.verdict == "PASS"
    assert [(r["effect"], r["observed"]) for r in judgement.reasons] == [
        ("warn", "3 claims")
    ]


def test_suites_that_define_nothing_require_nothing():
    empty = Suite(
        relation=Relation(
            target_schema="marts",
            name="empty",
            candidate_schema="candidate_marts",
            key=("id",),
        )
    )
    assert required_checks([empty], ["test.x"]) == frozenset()
    assert required_checks([], ["test.x"]) == frozenset()


def test_tests_sources_and_suites_are_all_required():
    charge = Relation(
        target_schema="conformed",
        name="fct_charge",
        candidate_schema="candidate_conformed",
        key=("charge_id",),
    )
    suites = build_suites([charge], {"conformed.fct_charge": ["charge_amount"]})
    required = {str(check) for check in required_checks(suites, ["test.l.unique"])}
    assert {
        "dbt/test/test.l.unique",
        "control/network/something_landed",
        "control/candidates/judged_rows",
        "gx/conformed.fct_charge/row_floor",
        "gx/conformed.fct_charge/key_unique",
        "gx/conformed.fct_charge/numbers_finite",
        "gx/conformed.fct_charge/charges_without_service_line",
    } <= required


def reason(check, effect, status, observed, **more):
    told = {"facility": None, "expected": "", **more}
    return {"check": check, "effect": effect, "status": status, **told} | {
        "observed": observed
    }


@pytest.mark.parametrize(
    ("found", "required", "check", "observed"),
    [
        (NO_DATA, REQUIRED, "candidates", "a published relation was not built"),
        (HASH, frozenset(), "suites", "no check is defined"),
        ("b2", REQUIRED, str(JUDGED_ROWS), "other rows stand there than were checked"),
    ],
)
def test_what_nobody_proved_blocks_and_says_so(found, required, check, observed):
    judgement = judge([JUDGED, result()], required, found)
    assert judgement.reasons == (reason(check, "block", "error", observed),)


@pytest.mark.parametrize("count", [9, 10, 11])
def test_up_to_ten_missing_checks_are_named_and_the_rest_counted(count):
    names = [CheckId(engine=Engine.GX, suite="s", name=f"{i:02}") for i in range(count)]
    judgement = judge([JUDGED, result()], REQUIRED | set(names), HASH)
    expected = [
        reason(f"gx/s/{i:02}", "block", "error", "not evaluated")
        for i in range(min(count, 10))
    ]
    if count > 10:
        expected.append(reason("others", "block", "error", "1 more not evaluated"))
    assert judgement.reasons == tuple(expected)


def test_a_failure_says_where_what_and_what_was_expected():
    failed = result(
        severity=Severity.HOLD,
        status=Status.FAIL,
        scope_facility="LGH",
        observed="3",
        expected="0",
    )
    (told,) = judge([JUDGED, failed], REQUIRED, HASH).reasons
    assert told == reason(str(KEY), "hold", "fail", "3", facility="LGH", expected="0")


def test_a_facility_whose_check_passed_is_not_held():
    passed = result(severity=Severity.HOLD, scope_facility="LGH")
    judgement = judge([JUDGED, passed], REQUIRED, HASH)
    assert (judgement.verdict, judgement.held_facilities) == ("PASS", ())


def test_a_waived_failure_warns_and_names_the_request():
    failed = result(status=Status.FAIL, observed="3")
    judgement = judge([JUDGED, failed], REQUIRED, HASH, {failed.subject: 7})
    assert judgement.verdict == "PASS"
    told = reason(str(KEY), "warn", "fail", "3")
    assert judgement.reasons == ({"waiver": 7, **told},)


def test_a_waiver_lets_no_error_and_no_other_check_pass():
    error = result(status=Status.ERROR)
    other = result(
        CheckId(engine=Engine.GX, suite="s", name="other"), status=Status.FAIL
    )
    judgement = judge([JUDGED, error, other], REQUIRED, HASH, {error.subject: 7})
    assert judgement.verdict == "BLOCK"
    assert [r["effect"] for r in judgement.reasons] == ["block", "block"]
    assert not [r for r in judgement.reasons if "waiver" in r]
