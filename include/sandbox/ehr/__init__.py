"""The EHR's side of the hospital: FHIR R4 resources of three facilities."""
