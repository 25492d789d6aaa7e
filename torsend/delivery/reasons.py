"""Why an attempt ended as it did: one code for each row of what can happen."""

from __future__ import annotations

import enum


class Reason(enum.StrEnum):
    """Kept in the outbox as it stands here; ``sentences`` has the words, ``retries`` what follows from it."""

    NONE = ""
    """Nothing to say: it waits its turn, or was accepted."""

    ACCEPTED = "accepted"
    """The server took it."""
    ACCEPTED_FOR_SOME = "accepted-for-some"
    """Taken for some recipients; the others were put off (4yz) and are tried again, alone."""

    # Before a server was reached.
    NO_TOR = "no-tor"
    NOT_TOR = "not-tor"
    """The proxy port speaks no SOCKS5."""
    ISOLATION_LOST = "isolation-lost"
    """The proxy would not keep identities apart."""
    STREAM_FAILED = "stream-failed"
    """Tor could not open the stream; another circuit may."""
    EXIT_POLICY = "exit-policy"
    """Exits refuse that port."""
    HOST_UNREACHABLE = "host-unreachable"
    """No such host, as far as exits can tell."""
    ONION_UNREACHABLE = "onion-unreachable"
    ONION_KEY = "onion-key"
    """The onion service wants a client key (F4, F5)."""
    ONION_ADDRESS = "onion-address"
    """No onion address (F6)."""
    TOR_PROTOCOL = "tor-protocol"
    """SOCKS 07, 08: no Tor, or a fault of this program."""

    # The connection.
    DROPPED = "dropped"
    STALLED = "stalled"
    PROTOCOL = "protocol"
    """What the server said is not SMTP, or not in step."""
    EXIT_BLOCKED = "exit-blocked"
    """The server turns Tor exits away."""
    TEMPORARY = "temporary"
    """4yz at any stage where nothing more is known."""
    STARTTLS_MISSING = "starttls-missing"
    STARTTLS_INJECTED = "starttls-injected"
    """Bytes in the clear followed STARTTLS's answer (RFC 3207 section 4.2 is what they would exploit)."""
    BAD_CERTIFICATE = "bad-certificate"
    ONION_CERTIFICATE = "onion-certificate"
    """An onion server's certificate doesn't name it, or nobody vouches for it: the person may accept it."""
    CERTIFICATE_CHANGED = "certificate-changed"
    """It is not the one that was accepted for this onion server."""
    TLS_FAILED = "tls-failed"
    """No TLS at all, or only an old one."""
    PLAIN_OUTSIDE_ONION = "plain-outside-onion"
    """Asked to go without TLS to a host that is no onion service: never done."""
    PLAIN_BEFORE_TOR = "plain-before-tor"
    """Without TLS to an onion service, but Tor is on another computer: the way there is in the clear."""

    # Signing in.
    PASSWORD_MISSING = "password-missing"  # noqa: S105  # a code, no password
    SECRETS_LOCKED = "secrets-locked"
    """The keyring is locked, missing or refuses."""
    SIGN_IN_REFUSED = "sign-in-refused"
    SIGN_IN_UNUSUAL = "sign-in-unusual"
    """Refused because of where it came from."""
    SIGN_IN_NOT_OFFERED = "sign-in-not-offered"
    SIGN_IN_BROKEN = "sign-in-broken"
    """Endless or unreadable challenges."""
    SIGN_IN_WAITS = "sign-in-waits"
    """Another message of this identity was just refused at signing in; this one was not tried."""
    IDENTITY_GONE = "identity-gone"

    # The envelope.
    ADDRESS_NOT_ASCII = "address-not-ascii"
    SENDER_REFUSED = "sender-refused"
    TOO_LARGE = "too-large"
    RECIPIENTS_REFUSED = "recipients-refused"
    """All of them, for good."""
    SOME_RECIPIENTS_REFUSED = "some-recipients-refused"
    """Some; nothing was sent, the person decides."""
    RECIPIENTS_LATER = "recipients-later"
    """All of them put off (4yz): greylisting mostly."""

    # The mail.
    REFUSED = "refused"
    """5yz to DATA, before the body."""
    CONTENT_REFUSED = "content-refused"
    """5yz to the body."""
    NO_ANSWER = "no-answer"
    """The last byte left; no answer came, or none that can be read."""

    # On this computer.
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"
    """The program ended in between."""
    MISSED = "missed"
    """The time that the person chose came and went while it could not be sent; see ``later.GRACE``."""
    STORAGE = "storage"
    """The vault could not be read or written in between."""
    FAULT = "fault"
    """Something in this program went wrong."""
    COUNTED_AS_SENT = "counted-as-sent"
    """The person said so."""
