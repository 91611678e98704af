"""PostgreSQL as the compose deployment starts it: nobody comes in without TLS.

With the certificates that its README makes, on a PostgreSQL of the machine that knows
TLS (the embedded one does not).
"""

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import psycopg
import pytest
import yaml

from ledgerline.runtime.host.account import server_account
from tests.conftest import free_port

pytestmark = pytest.mark.integration
ROOT = Path(__file__).resolve().parents[3]
SERVICES = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
COMMAND = SERVICES["postgres"]["command"]
README = ROOT / "deploy" / "postgres" / "certificates" / "README.md"
PASSWORD = "open-sesame-17"


def binaries():
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    if not found:
        pytest.skip("no PostgreSQL with TLS in /usr/lib/postgresql")
    return found[-1].parent


def certificates(folder):
    """Run the README's commands; the key is given to the account of the server."""
    script = re.search(r"```sh\n(.*?)```", README.read_text(), re.DOTALL)[1]
    owner = server_account().uid
    script = script.replace("chown 999", f"chown {owner}" if owner else "true")
    command = ["bash", "-euc", script]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)


@pytest.fixture(scope="module")
def server():
    """Where the server listens, and the folder of its certificates."""
    programs, account = binaries(), server_account()
    root = Path(tempfile.mkdtemp(prefix="ledgerline-tls-"))
    root.chmod(0o755)
    data, port = root / "data", free_port()
    account.own(data)
    certificates(root)
    shutil.copy(ROOT / "deploy" / "postgres" / "pg_hba.conf", root / "pg_hba.conf")
    (root / "password").write_text(PASSWORD)
    (root / "password").chmod(0o644)
    initial = ["-A", "scram-sha-256", "-U", "owner", "--pwfile", root / "password"]
    subprocess.run(
        [programs / "initdb", "-D", data, *initial],
        check=True,
        capture_output=True,
        **account.process_options,
    )
    own = {"/etc/postgresql": str(root), "/certificates": str(root)}
    options = [_moved(option, own) for option in COMMAND[1:]]
    listening = ["-p", str(port), "-k", "", "-h", "127.0.0.1"]
    with subprocess.Popen(
        [programs / "postgres", "-D", data, *listening, *options],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        **account.process_options,
    ) as process:
        for line in process.stderr:
            if "ready to accept connections" in line:
                break
        yield port, root
        process.terminate()
    shutil.rmtree(root, ignore_errors=True)


def _moved(option, places):
    for there, here in places.items():
        option = option.replace(there, here)
    return option


def log_in(server, **options):
    port, root = server
    given = {
        "host": "postgres",
        "hostaddr": "127.0.0.1",
        "port": port,
        "user": "owner",
        "password": PASSWORD,
        "dbname": "postgres",
        "sslmode": SERVICES["mllp"]["environment"]["PGSSLMODE"],
        "sslrootcert": str(root / "ca.crt"),
    }
    return psycopg.connect(**{**given, **options})


def test_a_client_that_knows_the_authority_comes_in_encrypted(server):
    with log_in(server) as connection:
        asked = "select ssl, version from pg_stat_ssl where pid = pg_backend_pid()"
        is_encrypted, version = connection.execute(asked).fetchone()
    assert is_encrypted
    assert version in {"TLSv1.2", "TLSv1.3"}


def test_who_comes_without_tls_is_refused(server):
    with pytest.raises(psycopg.OperationalError, match="no encryption"):
        log_in(server, sslmode="disable")


def test_a_server_of_another_name_is_refused(server):
    with pytest.raises(psycopg.OperationalError, match="does not match host name"):
        log_in(server, host="elsewhere")


def test_a_server_of_another_authority_is_refused(server, tmp_path):
    certificates(tmp_path)
    with pytest.raises(psycopg.OperationalError, match="certificate verify failed"):
        log_in(server, sslrootcert=str(tmp_path / "ca.crt"))


def test_a_wrong_password_is_refused(server):
    with pytest.raises(psycopg.OperationalError, match="password authentication"):
        log_in(server, password="wrong")
