"""Requests to a FHIR server: whom we may ask, with which token, how often again."""
