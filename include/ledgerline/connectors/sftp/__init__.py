"""Folders on SFTP servers: the session with a server, and what its folder offers."""

from ledgerline.connectors.sftp.folder import deliveries

__all__ = ["deliveries"]
