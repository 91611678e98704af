"""Backups of the embedded PostgreSQL, and its return to a point in time."""
