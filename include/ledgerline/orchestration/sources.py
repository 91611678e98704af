"""What a connection is: a source by its id and kind or plug-in; an ERP to post to."""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, cast

from ledgerline.canonical.endpoint import Endpoint
from ledgerline.canonical.errors import ConfigurationInvalid
from ledgerline.connectors.source import Source

if TYPE_CHECKING:
    from ledgerline.posting.port import ErpPort

PLUGINS = "ledgerline.sources"
"""The entry-point group in which a package offers sources: connection id = factory."""

_FOLDER, _SERVER, _SFTP = "fs", "http", "sftp"
_KINDS = {
    "fs": _FOLDER,
    "file": _FOLDER,
    "http": _SERVER,
    "https": _SERVER,
    "generic": _SERVER,
    "sftp": _SFTP,
}
_FOLDERS = {
    "ehr_fhir": "ledgerline.connectors.ehr_folder",
    "ehr_hl7v2": "ledgerline.connectors.hl7_folder",
    "billing_x12": "ledgerline.connectors.x12_folder",
}
# A module by connection id and kind; its `source` makes a source of an endpoint.
_MODULES = {
    **{(conn_id, _FOLDER): module for conn_id, module in _FOLDERS.items()},
    **{(conn_id, _SFTP): module for conn_id, module in _FOLDERS.items()},
    ("ehr_fhir", _SERVER): "ledgerline.connectors.fhir_server",
    ("erp", _SERVER): "ledgerline.connectors.erp",
}


def erp_adapter(endpoint: Endpoint) -> str:
    """Return the name of the adapter that the ERP connection chooses."""
    is_folder = endpoint.conn_type in {"fs", "file"}
    return str(endpoint.extra.get("adapter", "file" if is_folder else "tryton"))


def source_of(endpoint: Endpoint) -> Source | None:
    """Return the source that a connection describes; None when it offers nothing.

    An ERP that takes documents as files offers nothing, unless a package does for it.
    Raises ConfigurationInvalid when nobody knows the connection, or not its type.
    """
    plugged = [
        point for point in entry_points(group=PLUGINS) if point.name == endpoint.conn_id
    ]
    if plugged:
        return cast("Source", plugged[0].load()(endpoint))
    if endpoint.conn_id == "erp" and erp_adapter(endpoint) == "file":
        return None
    module = _MODULES.get((endpoint.conn_id, _kind(endpoint)))
    if module is None:
        raise ConfigurationInvalid(_unknown(endpoint))
    return cast("Source", import_module(module).source(endpoint))


def _kind(endpoint: Endpoint) -> str:
    if endpoint.conn_id == "erp":
        return _SERVER
    if "path" in endpoint.extra and not endpoint.host:
        return _FOLDER
    return _KINDS.get(endpoint.conn_type, "")


def _unknown(endpoint: Endpoint) -> str:
    kinds = sorted(kind for conn_id, kind in _MODULES if conn_id == endpoint.conn_id)
    if kinds:
        return (
            f"connection {endpoint.conn_id} has the type {endpoint.conn_type!r}; "
            f"it can be: {', '.join(kinds)}"
        )
    return (
        f"no source is called {endpoint.conn_id}; install the package that offers it "
        f"in the entry-point group {PLUGINS}"
    )


def erp_port(endpoint: Endpoint) -> ErpPort:
    """Return the adapter that the ERP connection names."""
    adapter = erp_adapter(endpoint)
    if adapter == "file":
        from ledgerline.posting.file_job import FileErp

        return FileErp(endpoint)
    if adapter != "tryton":
        raise ConfigurationInvalid(
            f"connection erp names the adapter {adapter}; known adapters: file, tryton"
        )
    from ledgerline.posting.tryton.adapter import TrytonErp

    return TrytonErp(endpoint)
