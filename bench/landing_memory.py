"""The memory of landing, by the size of what lands.

`python bench/landing_memory.py` lands one file of 1 MB and one of 64 MB (decoded), each
in a process of its own, and prints the ratio of their peaks.
"""

import gzip
import shutil
import subprocess
import sys
from pathlib import Path

from landing import MEGABYTE, land, started, unchecked

LARGE = 64 * MEGABYTE


def peak_memory(server, home, size):
    """Return the peak resident kB of a process that lands one file of a size."""
    folder = home / f"memory{size}"
    folder.mkdir()
    line = b'{"resourceType":"Basic","id":"%d-%d","text":"' + b"x" * 8000 + b'"}\n'
    with gzip.open(folder / "Basic.ndjson.gz", "wb", compresslevel=1) as stream:
        for number in range(size // len(line)):
            stream.write(line % (size, number))
    command = [sys.executable, __file__, "--land", server.dsn, str(folder)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    shutil.rmtree(folder)
    return int(done.stdout)


def main():
    """Land both on a server of their own; print the ratio."""
    with started() as (server, home):
        small, large = (peak_memory(server, home, size) for size in (MEGABYTE, LARGE))
    print(
        f"peak memory, 1 MB against {LARGE // MEGABYTE} MB decoded: "
        f"{large / small:.2f} ({small} kB, {large} kB)  goal <= 1.10"
    )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--land"]:
        land(sys.argv[2], unchecked(sys.argv[3]))
        status = Path("/proc/self/status").read_text()
        print(status.split("VmHWM:")[1].split()[0])
    else:
        main()
