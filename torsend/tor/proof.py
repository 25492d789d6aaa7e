"""Shows that a circuit carries something, where no Tor of our own says so.

A Tor that somebody else started may have been asleep for hours, and its ``status/circuit-established`` still says 1;
a bare SOCKS port says nothing at all. So an exit relay is made to answer, over credentials that are used for nothing
else. Asked for is a connection to the reverse name of a private address (RFC 6303: 1.0.0.10.in-addr.arpa). The exit
itself knows that no connection can go there, and refuses with RESOLVEFAILED. Measured on a private network:

* no exit asks a name server, nobody is connected to;
* Tor asks three exits, one after the other, before it passes the refusal on, as SOCKS code 04. When no exit answers, the
  code is 01 or 06, or none comes. (A RESOLVE would need one exit, but Tor says 04 to that as well when it gave up
  by itself.)

Who learns what: three exit relays, that somebody behind Tor asked this. They learn no name and no address, and no
circuit of an identity comes from the same credentials. The guard sees three circuits used for a moment.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable

from torsend.errors import StreamFailed
from torsend.tor.cancel import Cancel
from torsend.tor.events import CircuitProven
from torsend.tor.guard import Address
from torsend.tor.isolation import Token
from torsend.tor.stream import open_stream
from torsend.tor.stream_failures import StreamRefused

NAME = "1.0.0.10.in-addr.arpa"
PORT = 443
"""Nearly every exit serves it; and it says nothing of mail."""
SECONDS = 20.0
"""For one try: three circuits that may have to be built first."""
PAUSE = 2.0
"""Between tries: a Tor without any network refuses at once."""
_ANSWERED = 0x04


class Proof:
    """Tries until an exit answers or it is closed. Tells of the first failure and of the success.

    Args:
        tell: takes each `CircuitProven`, on the proof's thread; must return at once.
        cancel: ends it as `close` does, but for the waiting.
    """

    def __init__(
        self, proxy: Address, tell: Callable[[CircuitProven], None], cancel: Cancel, seconds: float = SECONDS
    ) -> None:
        self._proxy, self._tell, self._seconds = proxy, tell, seconds
        self._cancel = Cancel(cancel)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="torsend-tor-proof", daemon=True)
        self._thread.start()

    @property
    def going_on(self) -> bool:
        return self._thread.is_alive()

    def close(self) -> None:
        """Ends it, with its thread."""
        self._over.set()
        self._cancel.cancel()
        self._thread.join()

    def _run(self) -> None:
        told = False
        while not self._cancel.cancelled:
            if circuit_carries(self._proxy, time.monotonic() + self._seconds, self._cancel):
                self._tell(CircuitProven(proven=True))
                return
            if not told and not self._cancel.cancelled:
                self._tell(CircuitProven(proven=False))
                told = True
            self._over.wait(PAUSE)


def circuit_carries(proxy: Address, deadline: float, cancel: Cancel) -> bool:
    """Whether an exit answers until then."""
    token = Token(secrets.token_hex(16), secrets.token_hex(16))
    try:
        open_stream(proxy, NAME, PORT, token, deadline, cancel).close()
    except StreamRefused as error:
        return error.code == _ANSWERED
    except StreamFailed:
        return False
    return False  # nobody can have connected to that
