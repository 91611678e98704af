"""Codes that nobody mapped, and what each of them could mean."""
