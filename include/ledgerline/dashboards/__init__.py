"""What executives and analysts look at: pages, defined once, rendered for Superset."""

from ledgerline.dashboards.bundle import bundle
from ledgerline.dashboards.page import Page, load

__all__ = ["Page", "bundle", "load"]
