"""The way in by a port on loopback, where there are no unix sockets in Python (Windows).

Anybody on this machine can connect to a port, and look at which there are; whoever comes first can listen on one. So what
counts is a key of this start alone, in a file in the profile's folder, which no other user can read: both put what they
say under it, and a caller shows that it has it before it is listened to. Without it the window understands nobody and
answers nobody, whoever listens in its stead learns how long a link is and no more, and what was said once can't be said
again. A web page that makes a browser call is such a stranger. Strangers that call and stay hold nobody up (``threshold``):
a program of this machine would have to call without a pause, faster than the window turns away; then the second start says
that it doesn't answer.

Why not a named pipe, as ``multiprocessing.connection`` makes them: everybody may open one for reading and list its name,
other machines may by SMB (it doesn't pass ``PIPE_REJECT_REMOTE_CLIENTS``), and who listens in its stead may act as the
caller (no ``SECURITY_SQOS_PRESENT``). It would need the same key, and nothing of it would run in a test on another system.

What has the window locks that same file, far behind its end, where nobody reads (locks of Windows are mandatory). It
stays when the window is gone, without a word in it: removing it would be a race.
"""

from __future__ import annotations

import hmac
import os
import re
import secrets
import socket
import sys
import time
from typing import TYPE_CHECKING

from torsend.app.way_in import Listening
from torsend.paths import BINARY
from torsend.tor import guard
from torsend.vault import is_still, lock_file

if TYPE_CHECKING:
    from pathlib import Path

_HERE = "127.0.0.1"
_LOCKED_AT = 1 << 30
_KEY_BYTES = _DRAWN_BYTES = _PROOF_BYTES = 32
_TAG_BYTES = 16
_FILE = re.compile(rb"port (\d{1,5}) key ([0-9a-f]{64}) *\n")
_FILE_BYTES = 96
"""Always as many: nothing is cut off, and the lock behind the end stays untouched."""
_STRANGERS = 16
_PAIR_SECONDS = 2.0


class Sealed:
    """ChaCha20-Poly1305 (RFC 8439) under a key of this stream alone, so that a nonce for each direction is enough."""

    extra = _TAG_BYTES

    def __init__(self, key: bytes, of_window: bytes, of_caller: bytes, *, calls: bool) -> None:
        # Only where it is needed: who opens the window the usual way has not to load it first.
        from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

        self._cipher = ChaCha20Poly1305(
            hmac.digest(key, b"torsend window " + of_window + of_caller, "sha256")
        )
        theirs, ours = bytes(12), b"\x01" + bytes(11)
        self._out, self._in = (theirs, ours) if calls else (ours, theirs)

    def seal(self, said: bytes) -> bytes:
        return self._cipher.encrypt(self._out, said, None)

    def unseal(self, said: bytes) -> bytes:
        from cryptography.exceptions import InvalidTag

        try:
            return self._cipher.decrypt(self._in, said, None)
        except InvalidTag:
            raise ValueError("another key") from None


class ByPort:
    """See `torsend.app.way_in.WayIn`."""

    hello = _DRAWN_BYTES + _PROOF_BYTES

    def __init__(self, path: Path) -> None:
        self._path = path
        self._key = b""
        self._file = self._open()

    def take(self) -> bool:
        while True:
            os.lseek(self._file, _LOCKED_AT, os.SEEK_SET)
            try:
                lock_file(self._file)
            except OSError:
                return False
            if is_still(self._file, self._path):
                return True
            # Who wiped the profile removed it, and then let go.
            gone, self._file = self._file, self._open()
            os.close(gone)

    def listen(self) -> Listening:
        self.leave()  # what it names is gone: by the lock it is ours
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            if sys.platform == "win32":
                # Or another could listen on the same port, and get the calls.
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
            listener.bind((_HERE, 0))
            listener.listen()
            pair = _pair(listener)
        except BaseException:
            listener.close()
            raise
        self._key = secrets.token_bytes(_KEY_BYTES)
        self._write(b"port %d key %s" % (listener.getsockname()[1], self._key.hex().encode()))
        return Listening(listener, *pair)

    def admit(self, stream: socket.socket, hello: bytes, until: float) -> Sealed:
        theirs, proof = hello[:_DRAWN_BYTES], hello[_DRAWN_BYTES:]
        if not hmac.compare_digest(proof, _proof(self._key, theirs)):
            raise PermissionError("a stranger")
        ours = secrets.token_bytes(_DRAWN_BYTES)
        stream.settimeout(max(0.01, until - time.monotonic()))
        stream.sendall(ours)
        return Sealed(self._key, ours, theirs, calls=False)

    def call(self, until: float) -> tuple[socket.socket, Sealed]:
        address, key = self._window()
        stream = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            stream.settimeout(max(0.01, until - time.monotonic()))
            with guard.permitted(address):
                stream.connect(address)
            ours = secrets.token_bytes(_DRAWN_BYTES)
            stream.sendall(ours + _proof(key, ours))
            return stream, Sealed(key, _exactly(stream, _DRAWN_BYTES, until), ours, calls=True)
        except BaseException:
            stream.close()
            raise

    def leave(self) -> None:
        self._write(b"")

    def release(self) -> None:
        os.close(self._file)

    def _open(self) -> int:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return os.open(self._path, os.O_RDWR | os.O_CREAT | BINARY, 0o600)

    def _write(self, said: bytes) -> None:
        os.lseek(self._file, 0, os.SEEK_SET)
        os.write(self._file, said.ljust(_FILE_BYTES - 1) + b"\n")

    def _window(self) -> tuple[tuple[str, int], bytes]:
        os.lseek(self._file, 0, os.SEEK_SET)
        # Half of it may be there, or nothing yet.
        said = _FILE.fullmatch(os.read(self._file, _FILE_BYTES))
        if said is None or not 0 < (port := int(said[1])) < 1 << 16:
            raise ConnectionError("nobody listens")
        return (_HERE, port), bytes.fromhex(said[2].decode())


def _proof(key: bytes, drawn: bytes) -> bytes:
    """That the caller has the key. Who heard it could say it again, and would not understand what it is answered."""
    return hmac.digest(key, b"torsend caller " + drawn, "sha256")


def _pair(listener: socket.socket) -> tuple[socket.socket, socket.socket]:
    """Two ends of one connection. ``socket.socketpair`` of Windows connects to a port that the guard knows nothing of.

    Raises:
        OSError: strangers connect without end.
    """
    one = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        one.settimeout(_PAIR_SECONDS)
        with guard.permitted((_HERE, listener.getsockname()[1])):
            one.connect(listener.getsockname())
        listener.settimeout(_PAIR_SECONDS)
        for _ in range(_STRANGERS):
            other, who = listener.accept()
            if who == one.getsockname():
                listener.settimeout(None)
                return one, other
            other.close()
        raise ConnectionError("strangers")
    except BaseException:
        one.close()
        raise


def _exactly(stream: socket.socket, size: int, until: float) -> bytes:
    said = b""
    while len(said) < size:
        stream.settimeout(max(0.01, until - time.monotonic()))
        more = stream.recv(size - len(said))
        if not more:
            raise ConnectionError("gone")
        said += more
    return said
