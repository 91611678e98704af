"""A refusal shows no name that the standard does not know: it may be a patient's."""

import json

import pytest

from ledgerline.connectors.formats import fhir
from tests.unit.connectors import x12_text

ENCOUNTER = {
    "resourceType": "Encounter",
    "id": "e1",
    "status": "finished",
    "class": {"code": "IMP"},
}
FOREIGN = "a field that FHIR R4 does not have"


@pytest.mark.parametrize(
    ("change", "resource_type", "said"),
    [
        ({"resourceType": "Roe"}, "unknown", "the resourceType is none of FHIR R4"),
        (
            {"Roe": 1},
            "Encounter",
            f"Encounter: {FOREIGN} (a name foreign to R4) [additionalProperties]",
        ),
        (
            {"birthDate": "2000-01-01"},
            "Encounter",
            f"Encounter: {FOREIGN} (birthDate) [additionalProperties]",
        ),
    ],
)
def test_a_name_that_fhir_does_not_know_is_not_repeated(change, resource_type, said):
    text = json.dumps(ENCOUNTER | change).encode()
    [refused] = fhir.read(fhir.recognise("e.ndjson", text), lambda: iter([text]))
    assert (refused.resource_type, refused.message) == (resource_type, said)


def test_a_name_where_the_transaction_type_belongs_is_not_repeated():
    claim = x12_text.message("claim_institutional_with_drg.837")
    [refused] = x12_text.read(claim.replace(b"ST*837*", b"ST*ROE*"))
    assert refused.refusal_class == "UNSUPPORTED_TRANSACTION"
    assert refused.resource_type == "unknown transaction"
    assert "ROE" not in refused.message
