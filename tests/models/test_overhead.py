"""Overhead is allocated by both methods to the cent, whatever the centers look like."""

import random
import secrets
from collections import defaultdict

import psycopg
import pytest

from ledgerline.store.roles import set_passwords
from sandbox.truth.cost.allocation import COMPONENTS, reciprocal, step_down
from tests.warehouse.build import assert_dbt

pytestmark = pytest.mark.integration

MONTH = "2026-01-01"
MODELS = (
    "stg_reference__cost_center",
    "stg_reference__allocation_step",
    "stg_reference__allocation_statistic",
    "stg_reference__allocation_method",
    "int_cost_center__opened",
    "int_cost_center__stepped_down",
    "int_overhead_share__weighed",
    "int_overhead_flow__solved",
    "int_cost_center__reciprocated",
    "int_cost_center__allocated",
)
FEET = {"HSKP": 2000, "ADMIN": 6000, "SURG": 20000, "MED": 26000, "LAB": 6000}
HOURS = {"PLANT": 200, "ADMIN": 400, "SURG": 2600, "MED": 3000, "LAB": 800}
GOLDEN = {
    "direct": {
        "PLANT": 600_000_00,
        "HSKP": 240_000_00,
        "ADMIN": 900_000_00,
        "SURG": 3_000_000_00,
        "MED": 2_500_000_00,
        "LAB": 1_200_000_00,
    },
    "weights": {"feet": {**FEET, "PLANT": 9000}, "hours": HOURS},
}
PLANT, HSKP = ("PLANT", "feet"), ("HSKP", "hours")
ADMIN = ("ADMIN", "accumulated_cost")
RANDOM = 40


def golden(*steps):
    return {**GOLDEN, "steps": steps}


HOSPITALS = {
    "PLANT_FIRST": golden(PLANT, HSKP, ADMIN),
    "HSKP_FIRST": golden(HSKP, PLANT, ADMIN),
    "THIRDS": {
        "direct": {"PLANT": 10000, "A": 0, "B": 0, "C": 0},
        "weights": {"feet": {"C": 1, "A": 1, "B": 1}},
        "steps": [PLANT],
    },
    "ZERO": {
        "direct": {"PLANT": 10000, "ADMIN": 300, "A": 5000, "B": -200},
        "weights": {"feet": {"PLANT": 5, "A": 0}},
        "steps": [PLANT, ADMIN],
    },
    "LOOP": {
        "direct": {"UP": 10000, "ONE": 1000, "TWO": 500, "STRAY": 7, "A": 0},
        "weights": {
            "feet": {"ONE": 1, "A": 3},
            "hours": {"TWO": 1},
            "meals": {"ONE": 1},
        },
        "steps": [("ONE", "hours"), ("TWO", "meals"), ("UP", "feet")],
    },
    "UNMEASURED": {
        "direct": {"DIET": 4000, "A": 500},
        "weights": {},
        "steps": [("DIET", "meals")],
    },
    "CHOSEN": {
        "direct": {"ONE": 1000, "TWO": 500, "A": 0},
        "weights": {"hours": {"TWO": 1}, "meals": {"ONE": 1}},
        "steps": [("ONE", "hours"), ("TWO", "meals")],
    },
}


def any_hospital(chance):
    """Centers with any cost, statistic and order, among them credits and nothing."""
    overhead = [f"O{number}" for number in range(chance.randint(1, 6))]
    care = [f"C{number}" for number in range(chance.randint(1, 5))]
    amounts = [0, 1, 7, 100_00, 123_456_78, -50_00]
    return {
        "direct": {code: chance.choice(amounts) for code in overhead + care},
        "weights": {
            basis: {
                code: chance.choice([0, 1, 1, 3, 250])
                for code in chance.sample(
                    overhead + care, chance.randint(0, len(overhead + care))
                )
            }
            for basis in ("feet", "hours")
        },
        "steps": [
            (code, chance.choice(["feet", "hours", "accumulated_cost"]))
            for code in chance.sample(overhead, len(overhead))
        ],
    }


def hospitals():
    chance = random.Random(5)
    made = {f"R{number}": any_hospital(chance) for number in range(RANDOM)}
    return HOSPITALS | made


def is_overhead(facility, code):
    return code in dict(facility["steps"]) or code == "STRAY"


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
            "select facility_code, allocation_method, cost_center_code, balance_cents, "
            "exception_reason, is_chosen, left_out_cents "
            "from intermediate.int_cost_center__allocated"
        ).fetchall()
    made = defaultdict(dict)
    for facility, method, center, *rest in found:
        made[facility, method][center] = rest
    return made


def directed():
    return [
        {
            "facility_code": name,
            "service_month": MONTH,
            "cost_center_code": center(name, code),
            "direct_cents": cents,
        }
        for name, facility in hospitals().items()
        for code, cents in facility["direct"].items()
    ]


def center(name, code):
    return f"{name}-{code}"


def configure(connection):
    """Tell the warehouse the centers, orders, bases and methods of every facility."""
    with connection.cursor() as cursor:
        for name, facility in hospitals().items():
            cursor.executemany(
                "insert into reference.cost_center values (%s, %s, '', %s)",
                [
                    (
                        name,
                        center(name, code),
                        "overhead" if is_overhead(facility, code) else "patient_care",
                    )
                    for code in facility["direct"]
                ],
            )
            cursor.executemany(
                "insert into reference.allocation_step values (%s, %s, %s, %s)",
                [
                    (name, number * 10, center(name, code), basis)
                    for number, (code, basis) in enumerate(facility["steps"])
                ],
            )
            cursor.executemany(
                "insert into reference.allocation_statistic values (%s, %s, %s, %s)",
                [
                    (name, center(name, code), basis, quantity)
                    for basis, quantities in facility["weights"].items()
                    for code, quantity in quantities.items()
                ],
            )
    # What held before and what will hold afterwards counts for nothing.
    connection.execute(
        "insert into reference.allocation_statistic values "
        "('PLANT_FIRST', 'PLANT_FIRST-LAB', 'hours', 9, '1800-01-01', '1900-01-01'), "
        "('PLANT_FIRST', 'PLANT_FIRST-LAB', 'hours', 9, '2026-02-01', null)"
    )
    connection.execute(
        "update reference.allocation_statistic set valid_to = '2026-02-01' "
        "where cost_center_code = 'PLANT_FIRST-LAB' and valid_from = '1900-01-01'"
    )
    connection.execute(
        "insert into reference.allocation_method values "
        "('*', 'step_down', '1900-01-01', '2026-02-01'), "
        "('CHOSEN', 'reciprocal', '2026-01-31', null)"
    )


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
    } == {"step_down": {False}, "reciprocal": {True}}
    assert {row[2] for row in allocated["LOOP", "step_down"].values()} == {True}


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
