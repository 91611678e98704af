"""Settings: the environment variables that Ledgerline reads, in one place."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ledgerline.canonical.errors import ConfigurationInvalid

REPOSITORY = Path(__file__).resolve().parents[2]
DEFAULT_PORT_BASE = 15400


@dataclass(frozen=True, kw_only=True)
class MllpSettings:
    """Where the HL7 listener listens, with which certificate, and its limits.

    Port 0 stands for the default. `tls_client_authority` lets in only senders with a
    certificate of it.
    """

    host: str = "127.0.0.1"
    port: int = 0
    tls_certificate: Path | None = None
    tls_key: Path | None = None
    tls_client_authority: Path | None = None
    connections: int = 200
    idle_seconds: int = 3600
    receive_seconds: int = 60


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Where state lives, which ports are ours, and whether the sandbox is used."""

    home: Path
    port_base: int
    sandbox: bool
    reference_dir: Path | None
    sandbox_corruption: str = ""
    sandbox_extract: str = ""
    increments: bool = False
    full_build_days: int = 7
    superset_database: str = ""
    backups: Path = Path()
    mllp: MllpSettings = field(default_factory=MllpSettings)

    @property
    def postgres_port(self) -> int:
        """Port of the embedded PostgreSQL."""
        return self.port_base

    @property
    def erp_port(self) -> int:
        """Port of the sandbox ERP."""
        return self.port_base + 1

    @property
    def execution_api_port(self) -> int:
        """Port of Airflow's task execution API during `make run`."""
        return self.port_base + 2

    @property
    def airflow_port(self) -> int:
        """Port of Airflow's web interface."""
        return self.port_base + 3

    @property
    def fhir_port(self) -> int:
        """Port of the sandbox's FHIR server."""
        return self.port_base + 4

    @property
    def mllp_port(self) -> int:
        """Port of the HL7 listener."""
        return self.mllp.port or self.port_base + 5

    @property
    def superset_port(self) -> int:
        """Port of Superset's web interface."""
        return self.port_base + 6

    @property
    def logs(self) -> Path:
        """Folder of every log file that Ledgerline's own processes write."""
        return self.home / "logs"

    @property
    def board_packs(self) -> Path:
        """Folder of the board packs, as HTML and PDF."""
        return self.home / "board_pack"

    @property
    def lineage_events(self) -> Path:
        """OpenLineage events, one JSON object a line."""
        return self.logs / "openlineage.jsonl"

    @property
    def dbt_target(self) -> Path:
        """Folder of dbt's manifest, run results and compiled SQL."""
        return self.home / "dbt" / "target"

    @property
    def manifest(self) -> Path:
        """The dbt manifest that publication and the gate read."""
        return self.dbt_target / "manifest.json"

    @property
    def dbt_project(self) -> Path:
        """Folder of the dbt project."""
        return REPOSITORY / "dbt_project"


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from the environment."""
    env = os.environ if environ is None else environ
    home = Path(env.get("LEDGERLINE_HOME") or REPOSITORY / ".ledgerline").expanduser()
    sandbox = env.get("LEDGERLINE_SANDBOX", "1") != "0"
    given = env.get("LEDGERLINE_REFERENCE")
    reference = Path(given) if given else None
    if reference is None and sandbox:
        reference = home.resolve() / "sandbox" / "reference"
    backups = Path(env.get("LEDGERLINE_BACKUPS") or home / "backups").expanduser()
    return Settings(
        home=home.resolve(),
        backups=backups.resolve(),
        port_base=_port_base(env.get("LEDGERLINE_PORT_BASE", "")),
        sandbox=sandbox,
        reference_dir=reference,
        sandbox_corruption=env.get("LEDGERLINE_SANDBOX_CORRUPTION", ""),
        sandbox_extract=env.get("LEDGERLINE_SANDBOX_EXTRACT", ""),
        increments=env.get("LEDGERLINE_INCREMENTS") == "1",
        full_build_days=_number(env, "LEDGERLINE_FULL_BUILD_DAYS", 7, 366),
        superset_database=env.get("LEDGERLINE_SUPERSET_DATABASE", ""),
        mllp=_mllp(env),
    )


def contract_folder(environ: Mapping[str, str] | None = None) -> Path | None:
    """Folder of contracts beside the product's own, if one is given."""
    env = os.environ if environ is None else environ
    given = env.get("LEDGERLINE_CONTRACTS")
    return Path(given).expanduser() if given else None


def _port_base(text: str) -> int:
    if not text:
        return DEFAULT_PORT_BASE
    if not text.isdigit() or not 1024 <= int(text) <= 65000:
        raise ConfigurationInvalid(
            "LEDGERLINE_PORT_BASE must be a number from 1024 to 65000; "
            "unset it for the default 15400"
        )
    return int(text)


def _mllp(env: Mapping[str, str]) -> MllpSettings:
    plain = MllpSettings()
    certificate = _file(env, "LEDGERLINE_MLLP_TLS_CERTIFICATE")
    key = _file(env, "LEDGERLINE_MLLP_TLS_KEY")
    authority = _file(env, "LEDGERLINE_MLLP_TLS_CLIENT_AUTHORITY")
    if certificate is None and (key or authority):
        raise ConfigurationInvalid(
            "LEDGERLINE_MLLP_TLS_CERTIFICATE is missing beside the other TLS files; "
            "set it, or none of them for a listener without TLS"
        )
    return MllpSettings(
        host=env.get("LEDGERLINE_MLLP_HOST") or plain.host,
        port=_number(env, "LEDGERLINE_MLLP_PORT", plain.port, 65535),
        tls_certificate=certificate,
        tls_key=key,
        tls_client_authority=authority,
        connections=_number(
            env, "LEDGERLINE_MLLP_CONNECTIONS", plain.connections, 10_000
        ),
        idle_seconds=_number(
            env, "LEDGERLINE_MLLP_IDLE_SECONDS", plain.idle_seconds, 7 * 86_400
        ),
        receive_seconds=_number(
            env, "LEDGERLINE_MLLP_RECEIVE_SECONDS", plain.receive_seconds, 3600
        ),
    )


def _file(env: Mapping[str, str], name: str) -> Path | None:
    given = env.get(name)
    return Path(given).expanduser() if given else None


def _number(env: Mapping[str, str], name: str, default: int, highest: int) -> int:
    text = env.get(name, "")
    if not text:
        return default
    if not text.isdecimal() or not 1 <= int(text) <= highest:
        raise ConfigurationInvalid(
            f"{name} must be a number from 1 to {highest}; unset it for its default"
        )
    return int(text)
