"""A connection to a FHIR server: its keys, its options, the origins that it allows."""
