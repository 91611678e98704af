"""Lets `python -m ledgerline.cli` be the command."""

from ledgerline.cli.command import main

main()
