"""What identities know of their onion servers: the client's key, and the certificate that the person accepted."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from torsend.app.turns import Turns
from torsend.delivery.reasons import Reason
from torsend.errors import UsageError
from torsend.identity.onion_key import read_onion_key
from torsend.identity.secrets import onion_key_name
from torsend.tor.hosts import onion_service
from torsend.words import t

if TYPE_CHECKING:
    from collections.abc import Callable

    from torsend.delivery.outbox import Outbox
    from torsend.identity.book import IdentityBook
    from torsend.identity.identity import Identity
    from torsend.identity.secrets import SecretStore
    from torsend.tor.cancel import Cancel
    from torsend.tor.connection import Connection

log = logging.getLogger("torsend.app")

TURN_SECONDS = 60.0
"""How long one waits for another's stream to the same onion service: as long as that may take to come to be."""


class OnionServers:
    """From any thread; may wait for the keyring."""

    def __init__(
        self, book: IdentityBook, passwords: SecretStore, outbox: Outbox, connection: Connection
    ) -> None:
        self._book, self._passwords, self._outbox, self._connection = book, passwords, outbox, connection
        self._turns = Turns()

    def set_key(self, identity_id: str, typed: str) -> None:
        """Keeps the client's key that the identity's server asks for, where passwords lie. Tor is told it for as long as it
        runs, before mail goes there; it is never in a file.

        Raises:
            BadOnionKey: it is none, or for another server; nothing was changed.
            UsageError: the server is no onion server.
        """
        server = self._book.get(identity_id).server
        if not server.is_onion:
            raise UsageError(
                t("Only an onion server asks for a client key: {host} isn’t one.", host=server.host),
                advice=t("Set the identity’s server first."),
            )
        self._passwords.set(onion_key_name(identity_id), read_onion_key(typed, server.host))

    def forget_key(self, identity_id: str) -> None:
        """Removes it. Tor forgets it before the next mail goes there."""
        self._passwords.delete(onion_key_name(identity_id))

    def has_key(self, identity_id: str) -> bool:
        """Whether there is one."""
        return self._passwords.get(onion_key_name(identity_id)) is not None

    def give_key(self, identity: Identity, cancel: Cancel) -> Callable[[], None]:
        """Has Tor use the identity's key, or none. Where Tor can't be told, it may know one from its own settings.

        Tor knows one key a service. So who asks for the same service meanwhile waits until this one's stream stands, or
        has failed: else a wrong key, or none, of one identity would keep another's mail out.

        Args:
            cancel: ends the waiting, for the turn or for Tor.

        Returns:
            what says that it does; to be called in any case, more often does no harm.

        Raises:
            SecretsError
            StreamCancelled: cancelled meanwhile; nothing is left to be said.
        """
        key = self._passwords.get(onion_key_name(identity.id))
        over = self._turns.take(onion_service(identity.server.host), TURN_SECONDS, cancel)
        try:
            if not self._connection.give_onion_key(identity.server.host, key, cancel):
                log.info("Tor was not given an onion server's key")
        except BaseException:
            over()
            raise
        return over

    def accept_certificate(self, identity_id: str, fingerprint: str) -> Identity:
        """From now on its server has to show this certificate; empty: one that is verified as usual.

        Raises:
            BadIdentity: it is no fingerprint, or the server no onion server with TLS.
        """
        identity = self._book.get(identity_id)
        server = replace(identity.server, certificate=fingerprint)
        return self._book.save(replace(identity, server=server))

    def accept_shown_certificate(self, entry_id: str) -> Identity:
        """The identity of a mail that waits for this accepts the certificate that its server showed; the mail goes on.

        Raises:
            UsageError: it shows none that could be accepted.
        """
        entry = self._outbox.get(entry_id)
        shown = entry.detail.rpartition("SHA-256 ")[2]
        if entry.reason not in {Reason.ONION_CERTIFICATE, Reason.CERTIFICATE_CHANGED} or not shown:
            raise UsageError(t("There is no certificate to accept."), advice=t("Try again first."))
        changed = self.accept_certificate(entry.identity_id, shown)
        self._outbox.retry(entry_id)
        return changed
