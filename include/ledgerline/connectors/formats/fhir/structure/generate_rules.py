"""Write `fhir_r4_rules.json.gz`: what FHIR R4 demands beyond HL7's JSON schema.

The models of `fhir.resources.R4B` name, for every element, the types that it may
refer to, whether it must be there, which names share one choice, and the codes of
bindings that HL7's schema leaves open. Run it again after an update of that package
and commit the file; the product reads only the file:

    python -m ledgerline.connectors.formats.fhir.structure.generate_rules
"""

from __future__ import annotations

import gzip
import importlib
import re
from collections import defaultdict
from pathlib import Path
from typing import Any

import orjson

from ledgerline.connectors.formats.fhir.structure.hl7 import (
    hl7_definitions,
    resource_types,
    target_of,
)

_HERE = Path(__file__).parent
_MODEL = re.compile(r"abc\.(\w+)Type\b")
_OTHER_IN_R4 = frozenset({"Evidence", "EvidenceVariable"})
"""Resources that R4B defines otherwise than R4 does."""
_OBSERVATION_STATUS = [
    *("registered", "preliminary", "final", "amended", "corrected", "cancelled"),
    *("entered-in-error", "unknown"),
]
_SHORTENED = {
    ("DetectedIssue", "status"): _OBSERVATION_STATUS,
    ("RiskAssessment", "status"): _OBSERVATION_STATUS,
}
"""Value sets that the models only begin to list."""
_NOT_A_VALUE_SET = frozenset({("CapabilityStatement", "format")})
_CONCEPTS = {
    "Condition": {
        "clinicalStatus": [
            *("active", "recurrence", "relapse", "inactive", "remission", "resolved"),
        ],
        "verificationStatus": [
            *("unconfirmed", "provisional", "differential", "confirmed", "refuted"),
            "entered-in-error",
        ],
    },
    "AllergyIntolerance": {
        "clinicalStatus": ["active", "inactive", "resolved"],
        "verificationStatus": [
            *("unconfirmed", "confirmed", "refuted", "entered-in-error"),
        ],
    },
}
"""Required bindings of codeable concepts, from the pages of R4; no package has them."""
_CURRENCIES = """
AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BOV BRL
BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW CLF CLP CNY COP COU CRC CUC CUP CVE CZK DJF
DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GGP GHS GIP GMD GNF GTQ GYD HKD HNL HRK
HTG HUF IDR ILS IMP INR IQD IRR ISK JEP JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD
KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR
MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR
SBD SCR SDG SEK SGD SHP SLE SLL SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY
TTD TVD TWD TZS UAH UGX USD USN UYI UYU UYW UZS VED VES VND VUV WST XAF XAG XAU XBA
XBB XBC XBD XCD XDR XOF XPD XPF XPT XSU XTS XUA XXX YER ZAR ZMW ZWL
"""
"""ISO 4217."""


class _Rules:
    """Collects the rules of every definition that a resource reaches."""

    def __init__(self) -> None:
        self.references: dict[str, dict[str, list[str]]] = defaultdict(dict)
        self.required: dict[str, list[str]] = {}
        self.choices: dict[str, list[dict[str, Any]]] = {}
        self.codes: dict[str, dict[str, list[str]]] = defaultdict(dict)
        self._seen: set[str] = set()

    def add(self, definition: str, model: Any) -> None:  # noqa: ANN401
        """Take the rules of one model and of those that it holds."""
        if definition in self._seen:
            return
        self._seen.add(definition)
        fields = {f.alias or name: f for name, f in model.model_fields.items()}
        properties = hl7_definitions()[definition]["properties"]
        required = []
        groups: dict[str, bool] = {}
        for name, schema in properties.items():
            if name not in fields or name.startswith("_"):
                continue
            said = fields[name].json_schema_extra or {}
            if said.get("element_required") and "one_of_many" not in said:
                required.append(name)
            if "one_of_many" in said:
                groups[said["one_of_many"]] = said["one_of_many_required"]
            self._add_values(definition, name, schema, said)
            self._descend(schema, fields[name])
        if required:
            self.required[definition] = required
        if groups:
            self.choices[definition] = [
                {"names": _choice(group, properties, fields), "required": is_required}
                for group, is_required in groups.items()
            ]

    def _add_values(
        self, definition: str, name: str, schema: dict[str, Any], said: dict[str, Any]
    ) -> None:
        target = target_of(schema)
        if target == "Reference" and said.get("enum_reference_types"):
            self.references[definition][name] = said["enum_reference_types"]
        key = (definition, name)
        if target == "code" and said.get("enum_values") and key not in _NOT_A_VALUE_SET:
            self.codes[definition][name] = _SHORTENED.get(key, said["enum_values"])

    def _descend(self, schema: dict[str, Any], field: Any) -> None:  # noqa: ANN401
        target = target_of(schema)
        named = _MODEL.search(str(field.annotation))
        if named and "properties" in hl7_definitions().get(target, {}):
            model = _models().get(named[1])
            if model:
                self.add(target, model)


def _choice(group: str, properties: Any, fields: Any) -> list[str]:  # noqa: ANN401
    """Name all choices of R4: R4B may have dropped a type."""
    form = re.compile(f"{group}[A-Z]")

    def is_other(name: str) -> bool:
        said = fields[name].json_schema_extra or {} if name in fields else {}
        return name in fields and said.get("one_of_many") != group

    return [name for name in properties if form.match(name) and not is_other(name)]


def _models() -> dict[str, Any]:
    package = importlib.import_module("fhir.resources.R4B")
    found: dict[str, Any] = {}
    for path in sorted(Path(str(package.__file__)).parent.glob("[a-z]*.py")):
        module = importlib.import_module(f"{package.__name__}.{path.stem}")
        for name, value in vars(module).items():
            if isinstance(value, type) and hasattr(value, "model_fields"):
                found[name] = value
    return found


def rules() -> dict[str, Any]:
    """Return the rules of all resources."""
    collected = _Rules()
    models = _models()
    for name in sorted(resource_types()):
        if name in models and name not in _OTHER_IN_R4:
            collected.add(name, models[name])
    return {
        "references": collected.references,
        "required": collected.required,
        "choices": collected.choices,
        "codes": collected.codes,
        "concepts": _CONCEPTS,
        "currencies": _CURRENCIES.split(),
    }


def main() -> None:
    """Write the file."""
    text = orjson.dumps(rules(), option=orjson.OPT_SORT_KEYS)
    packed = gzip.compress(text, mtime=0)
    (_HERE / "fhir_r4_rules.json.gz").write_bytes(packed)


if __name__ == "__main__":
    main()
