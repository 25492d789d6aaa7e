"""Who shares a circuit with whom: nobody.

Tor puts two streams on one circuit only if their SOCKS credentials are the same (``IsolateSOCKSAuth``, on by
default; proposal 171). So each identity has credentials of its own, another pair for each purpose, random and
fresh at each start. They are never a name or an address: every program on Tor's control port can read them.
"""

from __future__ import annotations

import secrets
import threading
from dataclasses import dataclass, field
from enum import StrEnum

_BYTES = 16
"""128 random bits: no two tokens of any run are ever the same."""
MAX_LENGTH = 64
"""Characters of a user name or password: RFC 1929 allows 255, libraries and filters trip over more than
127.
"""


class Purpose(StrEnum):
    """What a stream is for; two purposes never share a circuit, so what is looked up says nothing of what is
    sent.
    """

    SENDING = "sending"
    LOOKING_UP = "looking-up"


@dataclass(frozen=True, slots=True)
class Token:
    """SOCKS credentials that stand for one identity and purpose. Printing one shows nothing."""

    username: str = field(repr=False)
    password: str = field(repr=False)

    def __post_init__(self) -> None:
        for part in (self.username, self.password):
            if not (0 < len(part) <= MAX_LENGTH and part.isascii() and part.isprintable()):
                raise ValueError("a token is 1 to 64 printable ASCII characters")


class Isolation:
    """The tokens of this run. Safe from any thread."""

    def __init__(self) -> None:
        self._run = secrets.token_hex(_BYTES)
        self._lock = threading.Lock()
        self._tokens: dict[tuple[str, Purpose], Token] = {}
        self._owners: dict[Token, tuple[str, Purpose]] = {}

    def token(self, identity_id: str, purpose: Purpose) -> Token:
        """The credentials of that identity for that purpose; the same until renewed."""
        with self._lock:
            held = self._tokens.get((identity_id, purpose))
            return held or self._fresh(identity_id, purpose)

    def renew(self, identity_id: str, purpose: Purpose) -> Token:
        """New credentials: what is opened from now on runs over a new circuit, for this identity alone.

        Unlike SIGNAL NEWNYM it touches nobody else and knows no waiting time.
        """
        with self._lock:
            return self._fresh(identity_id, purpose)

    def ours(self, username: str) -> bool:
        """Whether these credentials are of this run: those of other programs must not be kept."""
        return username == self._run

    def owner(self, token: Token) -> tuple[str, Purpose] | None:
        """Whose it is or was."""
        with self._lock:
            return self._owners.get(token)

    def _fresh(self, identity_id: str, purpose: Purpose) -> Token:
        token = Token(self._run, secrets.token_hex(_BYTES))
        self._tokens[identity_id, purpose] = token
        self._owners[token] = (identity_id, purpose)
        return token
