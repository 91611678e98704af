"""Feeds of any business system: CSV or JSON, from a folder or paged over HTTP.

A new system needs one of these with its zone, path and key, and a contract. See
docs/how-to/add_a_source.md.
"""

from ledgerline.connectors.feeds.folder_feed import folder_feed
from ledgerline.connectors.feeds.formats import csv_rows, json_rows, reader
from ledgerline.connectors.feeds.http_feed import HttpFeed

__all__ = ["HttpFeed", "csv_rows", "folder_feed", "json_rows", "reader"]
