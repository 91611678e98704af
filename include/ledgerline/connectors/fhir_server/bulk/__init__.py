"""Bulk Data: kick-off, polling, the manifest and its files."""
