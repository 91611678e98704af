"""Overhead is allocated by both methods to the cent, whatever the centers look like."""

import secrets
from collections import defaultdict

import psycopg
import pytest

from ledgerline.store.roles import set_passwords
from sandbox.truth.cost.allocation import COMPONENTS, reciprocal, step_down
from tests.models.overhead_cases import (
    ADMIN,
    GOLDEN,
    HSKP,
    PLANT,
    VERSIONS,
    center,
    configure,
    directed,
    hospitals,
)
from tests.warehouse.build import assert_dbt

pytestmark = pytest.mark.integration

MODELS = (
    "stg_reference__cost_center",
    "stg_reference__allocation_step",
    "stg_reference__allocation_statistic",
    "stg_reference__allocation_method",
    "stg_reference__cost_model",
    "int_cost_model__stated",
    "int_cost_center__opened",
    "int_cost_center__stepped_down",
    "int_overhead_share__weighed",
    "int_overhead_flow__solved",
    "int_cost_center__reciprocated",
    "int_cost_center__allocated",
)


@pytest.fixture(scope="module")
def allocated(warehouse_dsn, tmp_path_factory):
    """Balances by facility, method and center, and why some were left."""
    target = tmp_path_factory.mktemp("dbt")
    password = secrets.token_urlsafe(12)
    set_passwords(warehouse_dsn, {"build": password})
    with psycopg.connect(warehouse_dsn, autocommit=True) as connection:
        configure(connection)
        connection.execute(
            "create table intermediate.int_cost_center__directed as "
            "select facility_code, service_month::date, cost_center_code, "
            "'labor' as cost_component, direct_cents "
            "from json_to_recordset(%s::json) as cost (facility_code text, "
            "service_month text, cost_center_code text, direct_cents bigint)",
            [psycopg.types.json.Jsonb(directed())],
        )
        connection.execute(
            "grant select on intermediate.int_cost_center__directed to ledgerline_build"
        )
        assert_dbt(warehouse_dsn, target, password, "run", "--select", *MODELS)
        found = connection.execute(
            "select facility_code, allocation_plan, allocation_method, "
            "cost_center_code, balance_cents, exception_reason, is_chosen, "
            "left_out_cents, direct_cents, received_cents, given_cents "
            "from intermediate.int_cost_center__allocated"
        ).fetchall()
    made = defaultdict(dict)
    for facility, plan, method, code, *rest in found:
        made[(facility, plan, method) if plan else (facility, method)][code] = rest
    return made


def test_what_is_left_is_what_a_center_had_and_received_less_what_it_gave(allocated):
    for key, found in allocated.items():
        for code, (balance, *_, direct, received, given) in found.items():
            assert balance == direct + received - given, (key, code)
            assert given >= 0 or direct + received < 0, (key, code)


def balances(allocated, facility, method, *centers):
    found = allocated[facility, method]
    return tuple(found[center(facility, code)][0] for code in centers)


@pytest.mark.parametrize(
    ("facility", "method", "expected"),
    [
        ("PLANT_FIRST", "step_down", (373049330, 325029787, 145920883)),
        ("HSKP_FIRST", "step_down", (372995267, 325103542, 145901191)),
        ("PLANT_FIRST", "reciprocal", (373034863, 325049524, 145915613)),
        ("HSKP_FIRST", "reciprocal", (373034863, 325049524, 145915613)),
    ],
)
def test_golden_plant_hskp_admin(allocated, facility, method, expected):
    assert balances(allocated, facility, method, "SURG", "MED", "LAB") == expected
    assert balances(allocated, facility, method, "PLANT", "HSKP", "ADMIN") == (0, 0, 0)


@pytest.mark.parametrize("method", ["step_down", "reciprocal"])
def test_golden_100_00_over_1_1_1(allocated, method):
    found = balances(allocated, "THIRDS", method, "PLANT", "A", "B", "C")
    assert found == (0, 3334, 3333, 3333)


@pytest.mark.parametrize("method", ["step_down", "reciprocal"])
def test_overhead_without_a_basis_stays_and_says_so(allocated, method):
    found = allocated["ZERO", method]
    assert found["ZERO-PLANT"][1] == "zero_basis"
    assert sum(row[0] for row in found.values()) == 15100
    # ADMIN weighs by accumulated cost, of which B has less than nothing.
    assert balances(allocated, "ZERO", method, "B") == (-200,)
    assert found["ZERO-B"][3] == -200
    assert found["ZERO-A"][3] == 0


def test_a_credit_that_is_left_out_is_what_is_left_of_it_by_then(allocated):
    # PLANT gave it 50.00 of its 90.00 back before ADMIN weighs what it holds.
    assert allocated["CREDIT", "step_down"]["CREDIT-B"][3] == -4000
    assert balances(allocated, "CREDIT", "step_down", "A", "B") == (10300, -4000)


@pytest.mark.parametrize("method", ["step_down", "reciprocal"])
def test_a_basis_whose_statistic_is_missing_is_named_with_its_dollars(
    allocated, method
):
    assert {
        code: tuple(row[:2]) for code, row in allocated["UNMEASURED", method].items()
    } == {"UNMEASURED-DIET": (4000, "zero_basis"), "UNMEASURED-A": (500, "")}


def test_a_loop_without_an_exit_is_named_with_its_dollars(allocated):
    found = allocated["LOOP", "reciprocal"]
    assert {code: row[:2] for code, row in found.items()} == {
        "LOOP-UP": [0, ""],
        "LOOP-ONE": [3500, "allocation_loop"],
        "LOOP-TWO": [500, "allocation_loop"],
        "LOOP-STRAY": [7, "no_allocation_step"],
        "LOOP-A": [7500, ""],
    }


def test_the_method_that_counts_is_the_one_of_the_month(allocated):
    assert {
        method: {row[2] for row in allocated["CHOSEN", method].values()}
        for method in ("step_down", "reciprocal")
    } == {"step_down": {True}, "reciprocal": {False}}
    assert {row[2] for row in allocated["LOOP", "reciprocal"].values()} == {True}


def test_golden_plant_hskp_admin_in_the_order_of_a_version(allocated):
    found = allocated["PLANT_FIRST", "HSKP_NOW|order", "step_down"]
    assert [
        found[center("PLANT_FIRST", code)][0] for code in ("SURG", "MED", "LAB")
    ] == [372995267, 325103542, 145901191]
    assert {row[2] for row in found.values()} == {False}
    assert allocated["PLANT_FIRST", "HSKP_NOW|basis", "step_down"] == found


def test_a_plan_has_the_order_of_its_version_then_the_bases_too(allocated):
    def by_hand(method, steps):
        pools = {
            code: {**dict.fromkeys(COMPONENTS, 0), "labor": cents}
            for code, cents in GOLDEN["direct"].items()
        }
        method(pools, steps, GOLDEN["weights"])
        return {
            center("PLANT_FIRST", code): sum(pool.values())
            for code, pool in pools.items()
        }

    def plan(name, method):
        found = allocated["PLANT_FIRST", name, method]
        return {code: row[0] for code, row in found.items()}

    assert plan("HOURS_FIRST|order", "step_down") == by_hand(
        step_down, [HSKP, PLANT, ADMIN]
    )
    assert plan("HOURS_FIRST|basis", "step_down") == by_hand(
        step_down, [HSKP, ("PLANT", "hours"), ADMIN]
    )
    assert plan("FEET_ONLY|order", "reciprocal") == by_hand(
        reciprocal, [PLANT, HSKP, ADMIN]
    )
    assert plan("FEET_ONLY|basis", "reciprocal") == by_hand(
        reciprocal, [PLANT, ("HSKP", "feet"), ADMIN]
    )


def test_only_what_a_version_says_while_it_holds_is_worked_out(allocated):
    assert {key for key in allocated if len(key) == 3} == {
        ("PLANT_FIRST", f"{name}|{difference}", method)
        for name, (method, _) in VERSIONS.items()
        if name != "GONE"
        for difference in ("order", "basis")
    }


@pytest.mark.parametrize("method", [step_down, reciprocal])
def test_any_hospital_is_allocated_as_by_hand(allocated, method):
    for name, facility in hospitals().items():
        pools = {
            center(name, code): {**dict.fromkeys(COMPONENTS, 0), "labor": cents}
            for code, cents in facility["direct"].items()
        }
        steps = [(center(name, code), basis) for code, basis in facility["steps"]]
        weights = {
            basis: {center(name, code): quantity for code, quantity in of.items()}
            for basis, of in facility["weights"].items()
        }
        method(pools, steps, weights)
        found = allocated[name, method.__name__]
        assert {code: row[0] for code, row in found.items()} == {
            code: sum(pool.values()) for code, pool in pools.items()
        }, (name, facility)
        if "accumulated_cost" not in dict(facility["steps"]).values():
            assert {row[3] for row in found.values()} == {0}, (name, facility)
