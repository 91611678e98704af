"""The `ledgerline` command: it only translates words into calls."""

from ledgerline.cli.command import app, main

__all__ = ["app", "main"]
