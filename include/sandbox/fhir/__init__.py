"""The EHR's FHIR server: sekmet-fhir, loaded with the generated extract.

It runs in a virtual environment of its own and is spoken to over HTTP only.
"""
