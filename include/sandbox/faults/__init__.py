"""Faults put in on purpose: the defects of every generation, and named corruptions."""
