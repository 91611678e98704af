"""Settings: the environment variables that Ledgerline reads, in one place."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ledgerline.canonical.errors import ConfigurationInvalid

REPOSITORY = Path(__file__).resolve().parents[2]
DEFAULT_PORT_BASE = 15400


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Where state lives, which ports are ours, and whether the sandbox is used."""

    home: Path
    port_base: int
    sandbox: bool
    reference_dir: Path | None
    sandbox_corruption: str = ""

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
    def logs(self) -> Path:
        """Folder of every log file that Ledgerline's own processes write."""
        return self.home / "logs"

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
    return Settings(
        home=home.resolve(),
        port_base=_port_base(env.get("LEDGERLINE_PORT_BASE", "")),
        sandbox=sandbox,
        reference_dir=reference,
        sandbox_corruption=env.get("LEDGERLINE_SANDBOX_CORRUPTION", ""),
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
