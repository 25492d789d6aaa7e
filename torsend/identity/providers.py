"""Submission servers of known providers, each with where the fact comes from, when it was read and how sure it is.

Offered, never forced: what a person types wins. Nothing here is fetched. A value that is not known says so.
"""

from __future__ import annotations

import datetime
import enum
import functools
from dataclasses import dataclass

from torsend.identity.identity import Server, Tls, short_word
from torsend.words import mark


class Sureness(enum.StrEnum):
    """How sure the server's data are."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Shown(enum.StrEnum):
    """Whether the recipient gets to see the address that connected (an exit relay's, over Tor)."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class SignIn(enum.StrEnum):
    """What the server wants at sign-in."""

    PASSWORD = "password"  # noqa: S105  # the kind, not one
    APP_PASSWORD = "app-password"  # noqa: S105
    OAUTH = "oauth"
    BRIDGE = "bridge"
    """Only through the provider's own program on this computer."""
    NONE = "none"
    """The provider takes no mail from other programs at all."""


@dataclass(frozen=True, slots=True)
class Preset:
    """What is known of a provider.

    Attributes:
        name: the short word for it.
        domains: of addresses that belong to it. Empty where only domains of one's own are used.
        server: the submission server, if there is one that Torsend can speak to.
        onion: the same inside Tor, if its address is known.
        note: one sentence for the person, marked for translation; empty where there is nothing to say.
        source, read, sureness: where the facts are from, when they were looked up, how far to trust them.
    """

    name: str
    domains: tuple[str, ...]
    server: Server | None
    onion: Server | None
    sign_in: SignIn
    shows_client: Shown
    source: str
    read: datetime.date
    sureness: Sureness
    note: str = ""

    @property
    def usable(self) -> bool:
        """Whether Torsend can send through it today."""
        return self.server is not None and self.sign_in in (SignIn.PASSWORD, SignIn.APP_PASSWORD)


_READ = datetime.date(2026, 11, 23)
_DATABASES = "chatmail provider database; Mozilla ISPDB"
_NEEDS_OAUTH = mark("Takes only a sign-in in a browser (OAuth2), which Torsend can’t do yet.")
_APP_PASSWORD = mark("Needs an app password, made in the account’s settings.")
_EXIT_SHOWN = mark("Writes the address that connected, an exit relay’s, into the mail.")


def _tls(host: str, port: int = 465) -> Server:
    return Server(host, port, Tls.IMPLICIT)


PRESETS: tuple[Preset, ...] = (
    Preset(
        "riseup",
        ("riseup.net",),
        _tls("mail.riseup.net"),
        _tls("5gdvpfoh6kb2iqbizb37lzk2ddzrwa47m6rpdueg2m656fovmbhoptqd.onion"),
        SignIn.PASSWORD,
        Shown.NO,
        "riseup.net, help, settings/tor; chatmail provider database",
        _READ,
        Sureness.HIGH,
    ),
    Preset(
        "mailbox.org",
        ("mailbox.org",),
        _tls("smtp.mailbox.org"),
        None,
        SignIn.PASSWORD,
        Shown.NO,
        _DATABASES,
        _READ,
        Sureness.MEDIUM,
        mark("It has an onion server: copy its address from the provider’s knowledge base."),
    ),
    Preset(
        "systemli",
        ("systemli.org",),
        _tls("mail.systemli.org"),
        None,
        SignIn.PASSWORD,
        Shown.NO,
        _DATABASES,
        _READ,
        Sureness.MEDIUM,
    ),
    Preset(
        "posteo",
        ("posteo.de", "posteo.net", "posteo.org", "posteo.eu", "posteo.at", "posteo.ch"),
        _tls("posteo.de"),
        None,
        SignIn.APP_PASSWORD,
        Shown.NO,
        _DATABASES,
        _READ,
        Sureness.HIGH,
        _APP_PASSWORD,
    ),
    Preset(
        "autistici",
        ("autistici.org", "inventati.org"),
        _tls("smtp.autistici.org"),
        None,
        SignIn.PASSWORD,
        Shown.UNKNOWN,
        _DATABASES,
        _READ,
        Sureness.LOW,
    ),
    Preset(
        "disroot",
        ("disroot.org",),
        Server("disroot.org", 587, Tls.STARTTLS),
        None,
        SignIn.PASSWORD,
        Shown.UNKNOWN,
        _DATABASES,
        _READ,
        Sureness.LOW,
    ),
    Preset(
        "fastmail",
        ("fastmail.com", "fastmail.fm"),
        _tls("smtp.fastmail.com"),
        None,
        SignIn.APP_PASSWORD,
        Shown.NO,
        _DATABASES,
        _READ,
        Sureness.HIGH,
        _APP_PASSWORD,
    ),
    Preset(
        "migadu",
        (),
        _tls("smtp.migadu.com"),
        None,
        SignIn.PASSWORD,
        Shown.UNKNOWN,
        _DATABASES,
        _READ,
        Sureness.LOW,
    ),
    Preset(
        "gmx",
        ("gmx.net", "gmx.de", "gmx.at", "gmx.ch"),
        _tls("mail.gmx.net"),
        None,
        SignIn.PASSWORD,
        Shown.YES,
        _DATABASES,
        _READ,
        Sureness.MEDIUM,
        mark(
            "Allow IMAP and POP in the account’s settings first. It writes an exit relay’s address into the mail."
        ),
    ),
    Preset(
        "gmail",
        ("gmail.com", "googlemail.com"),
        _tls("smtp.gmail.com"),
        None,
        SignIn.APP_PASSWORD,
        Shown.YES,
        _DATABASES,
        _READ,
        Sureness.HIGH,
        _EXIT_SHOWN,
    ),
    Preset(
        "outlook",
        ("outlook.com", "hotmail.com", "live.com", "msn.com"),
        Server("smtp-mail.outlook.com", 587, Tls.STARTTLS),
        None,
        SignIn.OAUTH,
        Shown.NO,
        _DATABASES,
        _READ,
        Sureness.HIGH,
        _NEEDS_OAUTH,
    ),
    Preset(
        "proton",
        ("proton.me", "protonmail.com", "pm.me"),
        None,
        None,
        SignIn.BRIDGE,
        Shown.NO,
        "proton-bridge issue 236",
        _READ,
        Sureness.HIGH,
        mark("Only its own Bridge program can send, and that can’t use Tor."),
    ),
    Preset(
        "tuta",
        ("tuta.com", "tuta.io", "tutanota.com", "tutanota.de", "tutamail.com", "keemail.me"),
        None,
        None,
        SignIn.NONE,
        Shown.UNKNOWN,
        "the provider's own help",
        _READ,
        Sureness.HIGH,
        mark("It lets no other program send."),
    ),
)

_BY_HOST = {
    server.host: preset
    for preset in PRESETS
    for server in (preset.server, preset.onion)
    if server is not None
}
_BY_DOMAIN = {domain: preset for preset in PRESETS for domain in preset.domains}


def preset_at(host: str) -> Preset | None:
    """What is known of the operator of a server, by its name in the normal form of ``Server``; an onion name, too."""
    if host in _BY_HOST:
        return _BY_HOST[host]
    return next((each for domain, each in _BY_DOMAIN.items() if host.endswith(f".{domain}")), None)


def certificate_name(host: str) -> str:
    """The name that a server's certificate must hold: its own; for a listed onion server the provider's usual one.

    A public authority signs no onion names for most providers, so the onion server shows the same certificate as the
    other. The onion name proves itself; the certificate then proves the provider as well.
    """
    preset = _BY_HOST.get(host)
    if (
        preset is not None
        and preset.onion is not None
        and preset.onion.host == host
        and preset.server is not None
    ):
        return preset.server.host
    return host


def operator_of(host: str) -> str:
    """The short word for who runs a server. Of an onion name that isn't listed nobody knows: its first letters."""
    preset = preset_at(host)
    return preset.name if preset is not None else short_word(host)


@functools.lru_cache(maxsize=4096)
def owner_of(domain: str) -> str:
    """The short word for who runs a domain of addresses."""
    preset = _BY_DOMAIN.get(domain.lower().rstrip("."))
    return preset.name if preset is not None else short_word(domain)


def preset_for(address: str) -> Preset | None:
    """What is known of the provider of an address, by its domain; None for domains that aren't listed."""
    return _BY_DOMAIN.get(address.rpartition("@")[2].strip().lower().rstrip("."))
