"""Ledgerline: from EHR, billing and ERP to proven numbers and posted documents."""

__version__ = "0.1.0"
