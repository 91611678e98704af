"""Code mappings and business rules of the customer, loaded from CSV files."""

from ledgerline.crosswalk.load import load_reference

__all__ = ["load_reference"]
