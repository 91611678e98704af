"""Superset beside the stack: its process, its accounts, and the dashboards in it."""
