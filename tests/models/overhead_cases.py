"""Hospitals whose overhead is allocated: golden ones, odd ones, and any."""

import random

MONTH = "2026-01-01"
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
VERSIONS = {
    "HSKP_NOW": ("step_down", (HSKP, PLANT, ADMIN)),
    "FEET_ONLY": ("reciprocal", (PLANT, ("HSKP", "feet"), ADMIN)),
    "HOURS_FIRST": ("step_down", (HSKP, ("PLANT", "hours"), ADMIN)),
    "GONE": ("step_down", (HSKP, PLANT, ADMIN)),
}
"""What PLANT_FIRST considers; GONE no longer."""
OTHERWISE = {
    "cost_center": "cost_center_kind = case cost_center_kind "
    "when 'overhead' then 'patient_care' else 'overhead' end",
    "allocation_step": "step_number = 90 - step_number, "
    "basis = case basis when 'feet' then 'hours' else 'feet' end",
    "allocation_statistic": "quantity = quantity + 9",
}
"""What PLANT_FIRST was and will be like, on other days than the one that counts."""
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
    "CREDIT": {
        "direct": {"PLANT": 10000, "ADMIN": 300, "A": 5000, "B": -9000},
        "weights": {"feet": {"A": 1, "B": 1}},
        "steps": [PLANT, ADMIN],
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


def directed():
    """What every center costs by itself, in two parts; nothing is no row."""
    return [
        {
            "facility_code": name,
            "service_month": MONTH,
            "cost_center_code": center(name, code),
            "direct_cents": part,
        }
        for name, facility in hospitals().items()
        for code, cents in facility["direct"].items()
        for part in ((cents - 9, 9) if cents else ())
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
    configure_versions(connection)
    for table, change in OTHERWISE.items():
        hold_on_the_last_day(connection, table, change)
    connection.execute(
        "insert into reference.allocation_method values "
        "('*', 'step_down', '1900-01-01', '2026-01-31'), "
        "('*', 'reciprocal', '2026-01-31', '2026-02-01'), "
        "('*', 'step_down', '2026-02-01', null), "
        "('CHOSEN', 'reciprocal', '1900-01-01', '2026-01-31'), "
        "('CHOSEN', 'step_down', '2026-01-31', '2026-02-01'), "
        "('CHOSEN', 'reciprocal', '2026-02-01', null)"
    )


def hold_on_the_last_day(connection, table, change):
    """Let what a table says of PLANT_FIRST hold on one day, another thing around it."""
    connection.execute(
        f"""
        create temporary table other as
        select * from reference.{table} where facility_code = 'PLANT_FIRST';
        update other set {change};
        update reference.{table} set valid_from = '2026-01-31', valid_to = '2026-02-01'
        where facility_code = 'PLANT_FIRST';
        update other set valid_to = '2026-01-31';
        insert into reference.{table} select * from other;
        update other set valid_from = '2026-02-01', valid_to = null;
        insert into reference.{table} select * from other;
        drop table other
        """
    )


def configure_versions(connection):
    with connection.cursor() as cursor:
        for name, (method, steps) in VERSIONS.items():
            connection.execute(
                "insert into reference.cost_model values (%s, %s, %s, 'charge', "
                "default, %s)",
                ["*", name, method, "2026-01-31" if name == "GONE" else None],
            )
            cursor.executemany(
                "insert into reference.allocation_step values "
                "(%s, %s, %s, %s, default, null, %s)",
                [
                    ("PLANT_FIRST", number, center("PLANT_FIRST", code), basis, name)
                    for number, (code, basis) in enumerate(steps)
                ],
            )
