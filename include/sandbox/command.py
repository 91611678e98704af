"""The generator's command: `python -m sandbox generate --home DIR`."""

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sandbox.extract.reader import EXTRACT, FILES
from sandbox.faults.corruptions import CORRUPTIONS
from sandbox.generation import generate

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[Any]

DEFAULT_SEED = 7


def add_commands(subparsers: "Subparsers") -> None:
    """Add the generator's command to the sandbox's command line."""
    command = subparsers.add_parser("generate", help="write the sandbox's files")
    command.add_argument(
        "--home", type=Path, required=True, help="the state folder, which gets sandbox/"
    )
    command.add_argument(
        "--corrupt",
        type=_corruptions,
        help=f"plant faults, separated by commas: {', '.join(sorted(CORRUPTIONS))}",
    )
    command.add_argument("--seed", type=int, default=DEFAULT_SEED)
    command.add_argument(
        "--extract",
        type=_extract,
        default=os.environ.get(EXTRACT),
        help=f"an extract other than the bundled one; {EXTRACT} names it too",
    )
    command.set_defaults(run=run_generate)


def _corruptions(names: str) -> str:
    unknown = set(names.split(",")) - CORRUPTIONS.keys()
    if unknown:
        raise argparse.ArgumentTypeError(
            f"unknown: {', '.join(sorted(unknown))}; known: "
            f"{', '.join(sorted(CORRUPTIONS))}"
        )
    return names


def _extract(place: str) -> str:
    missing = [name for name in FILES if not (Path(place) / name).is_file()]
    if missing:
        raise argparse.ArgumentTypeError(
            f"{place} is no extract, it lacks {', '.join(missing)}: make it with "
            "extract/trim.py and extract/group.py"
        )
    return place


def run_generate(arguments: argparse.Namespace) -> int:
    """Generate, print one line a folder, and return the exit code."""
    if arguments.extract:
        os.environ[EXTRACT] = arguments.extract
    try:
        summary = generate(arguments.home, arguments.seed, arguments.corrupt or "")
    except OSError as error:
        place = error.filename or arguments.home
        sys.stderr.write(f"sandbox: cannot write {place}: {error.strerror}\n")
        return 1
    sys.stdout.write("\n".join(summary) + "\n")
    return 0
