"""The dbt project, read once for all tests of a session.

To read the project takes dbt longer than to build a small warehouse, and it reads it
anew for every database: names of relations hold the database's name, and a hash tells
what the project was read for. `prime` hands a target folder what was read already,
with both replaced; dbt reads everything itself if that does not fit.
"""

import fcntl
import functools
import json
import os
import pprint
import subprocess
import sys
from pathlib import Path

from dbt.adapters.postgres.connections import PostgresCredentials

PROJECT = Path(__file__).parents[1] / "dbt_project"
CACHE = "LEDGERLINE_TEST_PARSED"
READ = "partial_parse.msgpack"
READ_FOR = {"host": "127.0.0.1", "port": 1, "dbname": "parsed_for"}


def dbt_environment(host, port, dbname, password=""):
    """The variables of dbt_project/profiles.yml, for the build role."""
    return {
        **{k: v for k, v in os.environ.items() if not k.startswith("DBT_")},
        "DO_NOT_TRACK": "1",
        "LEDGERLINE_DBT_HOST": host,
        "LEDGERLINE_DBT_PORT": str(port),
        "LEDGERLINE_DBT_DBNAME": dbname,
        "LEDGERLINE_DBT_USER": "ledgerline_build",
        "LEDGERLINE_DBT_PASSWORD": password,
    }


def parse(project, target):
    """Let dbt read a project for no database in particular."""
    command = [
        *(sys.executable, "-m", "dbt.cli.main", "parse"),
        *("--project-dir", str(project), "--profiles-dir", str(project)),
        *("--target-path", str(target), "--log-path", str(target)),
    ]
    return subprocess.run(
        command,
        env=dbt_environment(**READ_FOR),
        capture_output=True,
        text=True,
        check=False,
    )


def parsed():
    """The session's folder with manifest.json; whoever comes first reads."""
    folder = Path(os.environ[CACHE])
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "manifest.json").exists():
            done = parse(PROJECT, folder)
            assert done.returncode == 0, done.stdout
    return folder


@functools.cache
def parsed_manifest():
    return json.loads((parsed() / "manifest.json").read_text())


def prime(target, host=READ_FOR["host"], port=READ_FOR["port"], dbname="parsed_for"):
    """Let dbt find in `target` what was read, as if for this database.

    Names of another length would need another encoding: there dbt reads for itself.
    """
    if (target / READ).exists() or len(dbname) != len(READ_FOR["dbname"]):
        return
    read = (parsed() / READ).read_bytes()
    read = read.replace(READ_FOR["dbname"].encode(), dbname.encode())
    read = read.replace(_profile_hash(**READ_FOR), _profile_hash(host, port, dbname))
    target.mkdir(parents=True, exist_ok=True)
    (target / READ).write_bytes(read)


def _profile_hash(host, port, dbname):
    """What dbt calls the profile's hash, as in its ManifestLoader."""
    from dbt.artifacts.resources import FileHash

    credentials = PostgresCredentials(
        host=host,
        port=int(port),
        user="ledgerline_build",
        password="",
        database=dbname,
        schema="staging",
        connect_timeout=10,
    )
    told = pprint.pformat(sorted(credentials.connection_info()))
    return FileHash.from_contents(told).checksum.encode()
