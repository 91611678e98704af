"""Chooses the sandbox's inpatient stays and groups them (run by hand, see README).

Writes `stay.csv` and `drg.csv` into an extract, from `archetype.csv`, CMS table 5 and
the service-line assignment. Needs `drgpy` 0.2.1, which the product does not install.
"""

import csv
import importlib
import os
import random
import sys
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

from sandbox.extract.period import period
from sandbox.extract.reader import BUNDLED, EXTRACT, coverages, resources, scale

Row = dict[str, str]

COMPLICATIONS = {
    "medical": ["J96.01", "N17.9", "E87.1", "", "D64.9", "J96.01", "", "G93.41"],
    "surgical": ["", "", "D62", "", "N17.9", "", "E87.1", "J96.01"],
    "delivery": ["", "", "", "D62"],
}
PAY_BY_DRG = {
    f"Organization/payer-{name}"
    for name in ("CMS-MEDICARE", "CMS-MA-PLAN", "US-VA-TRICARE")
}
SENT_ON = "02"
REPLACED = {
    "K56.6": "K56.609",
    "K74": "K74.60",
    "M80.08": "M80.08XA",
    "S72.0": "S72.001A",
    "T75.4": "T75.4XXA",
}
ARCHETYPE_OF = {"O80": "delivery", "O82": "cesarean"}


def _rows(path: Path) -> list[Row]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _write(path: Path, rows: Iterable[Row]) -> None:
    listed = list(rows)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, listed[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(listed)


class Grouper:
    """Finds the DRG of a stay and the days it may take."""

    def __init__(self, table5: Path) -> None:
        """Read the weights; load drgpy's FY2026 logic."""
        self.weights = {row["ms_drg"]: row for row in _rows(table5)}
        self.engine = importlib.import_module("drgpy.msdrg").DRGEngine("v43")

    def group(self, stay: Row, sex: str) -> str:
        """Return the MS-DRG of a stay."""
        codes = [stay["principal_diagnosis"], *stay["secondary_diagnoses"].split()]
        drg: str = self.engine.get_drg(
            [code.replace(".", "") for code in codes],
            stay["procedures"].split(),
            gender=sex,
            is_alive=stay["disposition"] != "20",
            discharge_status=stay["disposition"],
        )
        return drg

    def days(self, drg: str, draw: random.Random) -> int:
        """Return a length of stay around the geometric mean of the DRG."""
        return max(
            1, round(float(self.weights[drg]["gmlos"]) * draw.uniform(0.75, 1.4))
        )


def _disposition(stay_kind: str, age: int, is_dead: bool, draw: random.Random) -> str:
    if is_dead:
        return "20"
    if stay_kind == "delivery" or age < 50:
        return "01"
    return draw.choices(["01", "06", "03", "02"], [58, 22, 16, 4])[0]


class Stays:
    """The stays of the extract and the surgical ones made of clinic visits."""

    def __init__(self, grouper: Grouper) -> None:
        """Index the extract."""
        self.grouper = grouper
        self.draw = random.Random("stays")  # noqa: S311, a simulation
        self.patients = {p["id"]: p for p in resources("Patient")}
        self.codes = {
            c["id"]: c["code"]["coding"][0]["code"] for c in resources("Condition")
        }
        self.encounters = resources("Encounter")
        self.coverages = coverages()
        self.taken = {
            self._patient(e) for e in self.encounters if e["class"]["code"] == "IMP"
        }

    def _patient(self, encounter: dict[str, Any]) -> str:
        return str(encounter["subject"]["reference"]).partition("/")[2]

    def _sex_and_age(self, patient_id: str) -> tuple[str, int]:
        patient = self.patients[patient_id]
        age = period().last_day.year - int(patient["birthDate"][:4])
        return ("F" if patient["gender"] == "female" else "M"), age

    def _comorbidities(self, encounter: dict[str, Any], principal: str) -> list[str]:
        listed = [
            self.codes[d["condition"]["reference"].partition("/")[2]]
            for d in encounter.get("diagnosis", [])
            if d["use"]["coding"][0]["code"] == "CM"
        ]
        codes = [REPLACED.get(code, code) for code in listed]
        same_category = principal[:3]
        return [code for code in dict.fromkeys(codes) if code[:3] != same_category]

    def _stay(self, encounter: dict[str, Any], kind: str, plan: Row) -> Row:
        sex, age = self._sex_and_age(self._patient(encounter))
        principal = plan["principal_diagnosis"]
        is_delivery = kind == "delivery"
        secondary = (
            ["Z37.0"] if is_delivery else self._comorbidities(encounter, principal)
        )
        complication = self.draw.choice(COMPLICATIONS[kind])
        if complication and complication not in secondary:
            secondary.insert(0, complication)
        disposition = encounter.get("hospitalization", {}).get("dischargeDisposition")
        is_dead = bool(disposition) and disposition["coding"][0]["code"] == "exp"
        stay = {
            "encounter_id": encounter["id"],
            "kind": kind,
            "archetype": plan["archetype"],
            "department_code": plan["department_code"],
            "days": "",
            "principal_diagnosis": principal,
            "secondary_diagnoses": " ".join(secondary[:8]),
            "procedures": plan["procedures"],
            "disposition": _disposition(kind, age, is_dead, self.draw),
        }
        stay["ms_drg"] = self.grouper.group(stay, sex)
        if kind != "medical":
            stay["days"] = str(self.grouper.days(stay["ms_drg"], self.draw))
        return stay

    def given(self, archetypes: list[Row]) -> list[Row]:
        """Return the finished stays with their principal diagnosis fixed."""
        plans = {plan["archetype"]: plan for plan in archetypes}
        rows = []
        for encounter in self.encounters:
            if encounter["class"]["code"] != "IMP" or encounter["status"] != "finished":
                continue
            code = encounter["reasonCode"][0]["coding"][0]["code"]
            if code in ARCHETYPE_OF:
                plan = plans[ARCHETYPE_OF[code]]
                rows.append(self._stay(encounter, "delivery", plan))
                continue
            plan = {
                "archetype": "medical",
                "department_code": "",
                "principal_diagnosis": REPLACED.get(code, code),
                "procedures": self._catheter_procedures(code),
            }
            rows.append(self._stay(encounter, "medical", plan))
        self._send_one_on(rows)
        return rows

    def _send_one_on(self, rows: list[Row]) -> None:
        """Send one to another hospital so early that the DRG rate is not paid whole."""
        encounters = {encounter["id"]: encounter for encounter in self.encounters}
        for row in (row for row in rows if row["kind"] == "medical"):
            encounter = encounters[row["encounter_id"]]
            first, last = (
                date.fromisoformat(encounter["period"][end][:10])
                for end in ("start", "end")
            )
            usual = float(self.grouper.weights[row["ms_drg"]]["gmlos"])
            is_early = (last - first).days + 1 < usual and row["disposition"] != "20"
            if is_early and self._is_paid_by_drg(encounter):
                row["disposition"] = SENT_ON
                sex, _ = self._sex_and_age(self._patient(encounter))
                row["ms_drg"] = self.grouper.group(row, sex)
                return

    def _is_paid_by_drg(self, encounter: dict[str, Any]) -> bool:
        coverage = self.coverages.get(self._patient(encounter))
        return coverage is not None and coverage["payor"][0]["reference"] in PAY_BY_DRG

    def _catheter_procedures(self, principal: str) -> str:
        """Return a stent for two of three heart attacks."""
        is_stented = principal == "I21.9" and self.draw.random() < 0.67
        return "027034Z" if is_stented else ""

    def surgical(self, archetypes: list[Row]) -> list[Row]:
        """Return clinic visits turned into planned stays, by archetype."""
        visits = [e for e in self.encounters if e["class"]["code"] == "AMB"]
        self.draw.shuffle(visits)
        rows = []
        for plan in archetypes:
            kind = (
                "delivery"
                if plan["principal_diagnosis"].startswith("O")
                else "surgical"
            )
            wanted = round(int(plan["count"]) * scale())
            for visit in visits:
                if wanted and self._fits(visit, plan):
                    rows.append(self._stay(visit, kind, plan))
                    self.taken.add(self._patient(visit))
                    wanted -= 1
        return rows

    def _fits(self, visit: dict[str, Any], plan: Row) -> bool:
        sex, age = self._sex_and_age(self._patient(visit))
        start = date.fromisoformat(visit["period"]["start"][:10])
        return (
            self._patient(visit) not in self.taken
            and sex in plan["sexes"]
            and int(plan["minimum_age"]) <= age <= int(plan["maximum_age"])
            and (period().last_day - start).days > 12
            and not visit["reasonCode"][0]
            .get("coding", [{}])[0]
            .get("code", "")
            .startswith("C")
        )


def main(folder: Path, table5: Path, service_lines: Path) -> None:
    """Write stay.csv and drg.csv into the folder of an extract."""
    os.environ[EXTRACT] = str(folder)
    grouper = Grouper(table5)
    stays = Stays(grouper)
    archetypes = _rows(BUNDLED / "archetype.csv")
    rows = stays.given(archetypes) + stays.surgical(archetypes)
    _write(folder / "stay.csv", sorted(rows, key=lambda row: row["encounter_id"]))
    lines = {row["ms_drg"]: row["service_line"] for row in _rows(service_lines)}
    used = sorted({row["ms_drg"] for row in rows})
    _write(
        folder / "drg.csv",
        [
            {
                "ms_drg": drg,
                "drg_type": grouper.weights[drg]["type"],
                "relative_weight": grouper.weights[drg]["weight_before_cap"],
                "geometric_mean_los": grouper.weights[drg]["gmlos"],
                "drg_title": grouper.weights[drg]["title"],
                "service_line_name": lines[drg],
            }
            for drg in used
        ],
    )


if __name__ == "__main__":
    main(*(Path(argument) for argument in sys.argv[1:4]))
