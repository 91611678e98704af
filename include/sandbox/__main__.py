"""The sandbox's command line: `python -m sandbox <command>`."""

from __future__ import annotations

import argparse
import sys

from sandbox import command
from sandbox.erp import command as erp
from sandbox.fhir import command as fhir


def main() -> int:
    """Run one command; a failure is one sentence on standard error and exit code 1."""
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    subparsers = parser.add_subparsers(required=True, metavar="command")
    command.add_commands(subparsers)
    erp.add_commands(subparsers)
    fhir.add_commands(subparsers)
    arguments = parser.parse_args()
    try:
        return int(arguments.run(arguments))
    except Exception as error:
        print(f"sandbox: {type(error).__name__}: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
