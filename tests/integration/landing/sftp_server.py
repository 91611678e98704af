"""A real SFTP server on loopback, serving one folder, that can be told to fail."""

import asyncio
import threading
from collections import Counter
from contextlib import contextmanager

import asyncssh

LOGIN, PASSWORD = "clearinghouse", "correct horse"


class _Accounts(asyncssh.SSHServer):
    def __init__(self, server):
        self.server = server

    def begin_auth(self, username):
        return True

    def password_auth_supported(self):
        return True

    def validate_password(self, username, password):
        self.server.logins += 1
        return (username, password) == (LOGIN, PASSWORD)

    def public_key_auth_supported(self):
        return True

    def validate_public_key(self, username, key):
        return key == self.server.user_key.convert_to_public()


class Server:
    """`opened` counts what was fetched; `denied` are files that nobody may read.

    `breaks` is how many times it hangs up in the middle of a file, `growing` a file
    that somebody is still writing to.
    """

    def __init__(self, folder):
        self.folder, self.port, self.logins = folder, 0, 0
        self.opened, self.denied = Counter(), set()
        self.breaks, self.growing = 0, b""
        self.host_key = asyncssh.generate_private_key("ssh-ed25519")
        self.user_key = asyncssh.generate_private_key("ssh-ed25519")

    @property
    def public_key(self):
        return self.host_key.export_public_key().decode().strip()

    async def start(self):
        self.listener = await asyncssh.listen(
            "127.0.0.1",
            self.port,
            server_factory=lambda: _Accounts(self),
            server_host_keys=[self.host_key],
            sftp_factory=self._files,
        )
        self.port = self.listener.get_port()

    def _files(self, channel):
        return _Files(self, channel)


class _Files(asyncssh.SFTPServer):
    def __init__(self, server, channel):
        super().__init__(channel, chroot=str(server.folder).encode())
        self.server = server

    def open(self, path, pflags, attrs):
        name = path.rsplit(b"/", 1)[-1]
        if name in self.server.denied:
            raise asyncssh.SFTPPermissionDenied("not yours")
        self.server.opened[name.decode("latin-1")] += 1
        return super().open(path, pflags, attrs)

    def read(self, file_obj, offset, size):
        if self.server.breaks:
            self.server.breaks -= 1
            self.connection.abort()
        if self.server.growing and file_obj.name.endswith(self.server.growing):
            with open(file_obj.name, "ab") as more:
                more.write(b"ISA")
        return super().read(file_obj, offset, size)


@contextmanager
def serving(folder):
    """Serve a folder from a thread of its own."""
    server, loop = Server(folder), asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    asyncio.run_coroutine_threadsafe(server.start(), loop).result(10)
    try:
        yield server
    finally:
        loop.call_soon_threadsafe(server.listener.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
