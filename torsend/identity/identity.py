"""Who sends: a value that can't hold anything that would break a line, a log-in or a header."""

from __future__ import annotations

import enum
import ipaddress
import re
import secrets
import unicodedata
from dataclasses import dataclass
from typing import Any, Self, TypeVar

from torsend.errors import UsageError
from torsend.identity.onion import checksum_fits, is_onion, is_version_2
from torsend.words import t

MAX_NAME = 128
"""Characters of the name that others see; longer ones are folded over lines by every server on the way."""
MAX_ADDRESS = 254
"""RFC 5321 section 4.5.3.1.3: a path is 256 octets with its angle brackets."""
MAX_USERNAME = 255
"""RFC 4616 section 2: characters of an authentication identity that a server must take."""
MAX_SIGNATURE = 1_000
"""Characters; a few lines, not a letter."""
MAX_HOST = 253
"""RFC 1035 section 3.1.4 without the last dot; SOCKS5 has one byte for the length (RFC 1928)."""

_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_K7 = re.compile(r"[^\W\d_]\d")
_CALLED_SECOND_LEVEL = frozenset({"ac", "co", "com", "edu", "gov", "ne", "net", "or", "org"})

# Characters that change the direction of text: a name with one can show as another name (Unicode TR 36, 2.6).
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
# Control, surrogate, line and paragraph separator, not assigned: none of them belongs in a line.
_REFUSED_CATEGORIES = frozenset({"Cc", "Cs", "Zl", "Zp", "Cn", "Co"})


E = TypeVar("E", bound=enum.StrEnum)


class Kind(enum.StrEnum):
    """What sort of address it is; shown as the avatar's shape."""

    ADDRESS = "address"
    ALIAS = "alias"
    DISPOSABLE = "disposable"
    REMAILER = "remailer"


class Colour(enum.StrEnum):
    """The eight colours that differ in every sight."""

    TEAL = "teal"
    BLUE = "blue"
    GREEN = "green"
    OCHRE = "ochre"
    UMBER = "umber"
    WINE = "wine"
    VIOLET = "violet"
    SLATE = "slate"


class Tls(enum.StrEnum):
    """How the way to the server is encrypted. There is no "if possible"."""

    IMPLICIT = "implicit"
    """TLS from the first byte (RFC 8314)."""
    STARTTLS = "starttls"
    """TLS after one line in clear (RFC 3207); without it nothing is sent."""
    ONION_PLAIN = "onion-plain"
    """No TLS: Tor itself encrypts to the onion service and proves who it is. For ``.onion`` hosts only."""


class OnlyOverTor(enum.StrEnum):
    """Whether the account was ever used without Tor. One sign-in without it is enough to be known."""

    YES = "yes"
    NO = "no"
    UNSURE = "unsure"


class FileNames(enum.StrEnum):
    """How attached files are called in the mail."""

    KEPT = "kept"
    """As on this computer."""
    NEUTRAL = "neutral"
    """``document-1.pdf``: by sort and number."""


class BadIdentity(UsageError):
    """A field of an identity can't be what was typed.

    Attributes:
        field: which one: name, address, kind, colour, host, port, tls, certificate, username, only_over_tor, signature,
            file_names or id.
    """

    def __init__(self, field: str, what: str, *, advice: str = "") -> None:
        super().__init__(what, advice=advice)
        self.field = field


@dataclass(frozen=True, slots=True)
class Server:
    """A submission server. The host is brought to lower case, without a last dot or an address's brackets.

    Attributes:
        certificate: SHA-256 of the only certificate that an onion server may show, as ``AB:CD:…``, where the person
            accepted one that doesn't name the server: Tor has proven who answers there. Empty: it is verified as usual.

    Raises:
        BadIdentity: host, port or the two together can't be.
    """

    host: str
    port: int
    tls: Tls
    certificate: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "host", _checked_host(self.host))
        # True is an int, and a float would be written into the vault.
        if type(self.port) is not int or not 0 < self.port < 65536:
            raise BadIdentity(
                "port", t("The port is a number from 1 to 65535."), advice=t("Mostly it is 465.")
            )
        object.__setattr__(self, "tls", _member(Tls, self.tls, "tls"))
        if self.tls is Tls.ONION_PLAIN and not self.is_onion:
            raise BadIdentity(
                "tls",
                t("Without TLS only an onion server can be used: {host} isn’t one.", host=self.host),
                advice=t("Choose TLS."),
            )
        object.__setattr__(self, "certificate", _checked_certificate(self.certificate))
        if self.certificate and (self.tls is Tls.ONION_PLAIN or not self.is_onion):
            raise BadIdentity(
                "certificate",
                t("Only an onion server’s certificate can be accepted by itself."),
                advice=t("Outside Tor the certificate has to name the server."),
            )

    @property
    def is_onion(self) -> bool:
        """Reached inside Tor, without an exit relay."""
        return is_onion(self.host)


@dataclass(frozen=True, slots=True)
class Identity:
    """One sender. All its fields are valid at any time.

    Attributes:
        id: 32 hexadecimal digits, random; never made of a name.
        name: what others see before the address; may be empty.
        address: the sender's address, in the normal form that ``IdentityBook`` gives it.
        username: what the server is told at sign-in; the address where nothing was typed.
        signature: lines that a new mail of this identity ends with; may be empty. Lines end with LF, no end is blank.
        file_names: neutral unless the person wants otherwise. A name tells who is in a file, when it was made and how
            its owner sorts things, to readers and providers alike, and what went out can't be taken back; a neutral
            one costs the reader a glance. Which name goes is shown beside each file.

    Raises:
        BadIdentity: with the field and the reason.
    """

    id: str
    name: str
    address: str
    kind: Kind
    colour: Colour
    server: Server
    username: str = ""
    only_over_tor: OnlyOverTor = OnlyOverTor.UNSURE
    signature: str = ""
    file_names: FileNames = FileNames.NEUTRAL

    def __post_init__(self) -> None:
        if re.fullmatch(r"[0-9a-f]{32}", self.id) is None:
            raise BadIdentity(
                "id",
                t("This isn’t the id of an identity."),
                advice=t("See which there are: torsend identity list."),
            )
        object.__setattr__(self, "name", self.name.strip(" "))
        object.__setattr__(self, "address", self.address.strip(" "))
        object.__setattr__(self, "username", self.username.strip(" ") or self.address)
        _check_line("name", self.name, MAX_NAME, t("The name"))
        _check_line("address", self.address, MAX_ADDRESS, t("The address"))
        _check_line("username", self.username, MAX_USERNAME, t("The user name"))
        object.__setattr__(self, "signature", _checked_signature(self.signature))
        local, at, domain = self.address.rpartition("@")
        if not self.address:
            raise BadIdentity("address", t("The address is missing."), advice=t("Type it."))
        if not (local and at and domain) or " " in domain:
            raise BadIdentity(
                "address",
                t("{address} isn’t an address.", address=self.address),
                advice=t("It looks like name@domain."),
            )
        object.__setattr__(self, "kind", _member(Kind, self.kind, "kind"))
        object.__setattr__(self, "colour", _member(Colour, self.colour, "colour"))
        object.__setattr__(self, "only_over_tor", _member(OnlyOverTor, self.only_over_tor, "only_over_tor"))
        object.__setattr__(self, "file_names", _member(FileNames, self.file_names, "file_names"))

    @property
    def domain(self) -> str:
        """What stands behind the address's @."""
        return self.address.rpartition("@")[2]

    @property
    def provider(self) -> str:
        """The short word for who runs the server, and so is connected to and reads what is sent: ``fastmail`` for
        ``smtp.fastmail.com``, whatever the address's domain.
        """
        from torsend.identity.providers import operator_of  # which knows servers, and so comes after them

        return operator_of(self.server.host)

    @property
    def domain_owner(self) -> str:
        """The short word for whoever runs the address's domain, where that isn't known to be the server's operator: a
        domain of one's own, an alias service. Empty where it is the operator.
        """
        from torsend.identity.providers import owner_of

        owner = owner_of(self.domain)
        return "" if owner == self.provider else owner

    @property
    def initials(self) -> str:
        """One or two characters for the avatar: ``IH`` for Ida Holm, ``K7`` for k7-marsh."""
        if self.kind is Kind.REMAILER:
            return "R"
        words = [word for word in re.split(r"[\s]+", self.name) if word[:1].isalnum()]
        if not words:
            words = [self.address]
        if len(words) > 1:
            return (words[0][0] + words[-1][0]).upper()
        return (words[0][:2] if _K7.match(words[0]) else words[0][:1]).upper()

    def to_json(self) -> dict[str, Any]:
        """All of it in plain values, for the vault and for ``--json``. No password: an identity doesn't know it."""
        return {
            "id": self.id,
            "name": self.name,
            "address": self.address,
            "kind": self.kind.value,
            "colour": self.colour.value,
            "host": self.server.host,
            "port": self.server.port,
            "tls": self.server.tls.value,
            "certificate": self.server.certificate,
            "username": self.username,
            "only_over_tor": self.only_over_tor.value,
            "signature": self.signature,
            "file_names": self.file_names.value,
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Self:
        """Reads what ``to_json`` gave.

        Raises:
            BadIdentity: a field is missing or can't be.
        """
        try:
            texts = {name: value[name] for name in ("id", "name", "address", "host", "username")}
            if not all(isinstance(text, str) for text in texts.values()):
                raise unreadable()
            return cls(
                texts["id"],
                texts["name"],
                texts["address"],
                _member(Kind, value["kind"], "kind"),
                _member(Colour, value["colour"], "colour"),
                Server(
                    texts["host"],
                    value["port"],
                    _member(Tls, value["tls"], "tls"),
                    _text(value.get("certificate", "")),
                ),
                texts["username"],
                _member(OnlyOverTor, value.get("only_over_tor", OnlyOverTor.UNSURE), "only_over_tor"),
                _text(value.get("signature", "")),
                _member(FileNames, value.get("file_names", FileNames.NEUTRAL), "file_names"),
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise unreadable() from error


def unreadable() -> BadIdentity:
    """What was kept is not what ``to_json`` gives."""
    return BadIdentity(
        "id",
        t("What is kept of this identity can’t be read."),
        advice=t("A newer Torsend may have written it: use that one."),
    )


def new_identity_id() -> str:
    """A fresh id."""
    return secrets.token_hex(16)


def short_word(domain: str) -> str:
    """The label that people know a domain by: the one below the top, or below such as ``co.uk``."""
    labels = [label for label in domain.lower().rstrip(".").split(".") if label]
    if not labels or domain.startswith("[") or ":" in domain or labels[-1].isdecimal():
        return domain
    if labels[-1] == "onion" and len(labels) > 1:
        return labels[-2][:6] + "….onion"
    if len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _CALLED_SECOND_LEVEL:
        return labels[-3]
    return labels[-2] if len(labels) > 1 else labels[0]


def _member(of: type[E], value: object, field: str) -> E:
    try:
        return of(str(value))
    except ValueError:
        choices = ", ".join(of)
        raise BadIdentity(
            field,
            t("{value} isn’t one of the choices.", value=value),
            advice=t("Choose one of: {choices}.", choices=choices),
        ) from None


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise unreadable()
    return value


def _checked_certificate(typed: str) -> str:
    digits = re.sub(r"[\s:]", "", typed.strip().removeprefix("SHA-256")).upper()
    if not digits:
        return ""
    if re.fullmatch(r"[0-9A-F]{64}", digits) is None:
        raise BadIdentity(
            "certificate",
            t("This isn’t a certificate’s SHA-256 fingerprint."),
            advice=t("It has 32 pairs of the digits 0 to 9 and the letters A to F."),
        )
    return bytes.fromhex(digits).hex(":").upper()


def _checked_signature(typed: str) -> str:
    lines = typed.replace("\r\n", "\n").replace("\r", "\n").expandtabs(4).split("\n")
    for line in lines:
        _check_line("signature", line, MAX_SIGNATURE, t("The signature"))
    # The first line may end in a space: "-- " is how a signature is marked (RFC 3676 section 4.3).
    signature = "\n".join(line if line == "-- " else line.rstrip() for line in lines).strip("\n")
    if len(signature) > MAX_SIGNATURE:
        raise BadIdentity(
            "signature",
            t("{field} is longer than {n} characters.", field=t("The signature"), n=MAX_SIGNATURE),
            advice=t("Shorten it."),
        )
    return signature


def _check_line(field: str, text: str, longest: int, called: str) -> None:
    if any(
        character in _BIDI or unicodedata.category(character) in _REFUSED_CATEGORIES for character in text
    ):
        raise BadIdentity(
            field,
            t("{field} has a line break or another character that can’t be seen.", field=called),
            advice=t("Type it again by hand."),
        )
    if len(text) > longest:
        raise BadIdentity(
            field,
            t("{field} is longer than {n} characters.", field=called, n=longest),
            advice=t("Shorten it."),
        )


def _checked_host(typed: str) -> str:
    _check_line("host", typed, MAX_HOST + 3, t("The server’s name"))
    host = typed.strip(" ").lower().removesuffix(".")
    if not host:
        raise BadIdentity(
            "host", t("The server’s name is missing."), advice=t("Your provider’s help names it.")
        )
    try:
        return str(ipaddress.ip_address(host.removeprefix("[").removesuffix("]")))
    except ValueError:
        pass
    if not host.isascii():
        raise BadIdentity(
            "host",
            t("The server’s name has letters outside a to z."),
            advice=t("Type its form that begins with xn--."),
        )
    labels = host.split(".")
    # A last label of digits makes resolvers take the whole for a number (WHATWG URL, "ends in a number").
    wrong = any(_LABEL.fullmatch(label) is None for label in labels) or labels[-1].isdigit()
    if wrong or len(host) > MAX_HOST or len(labels) < 2:
        raise BadIdentity(
            "host",
            t("{host} isn’t the name of a server.", host=host),
            advice=t("It looks like smtp.provider.example."),
        )
    if is_onion(host) and not checksum_fits(host):
        if is_version_2(host):
            raise BadIdentity(
                "host",
                t("This onion address is of the old kind: Tor no longer knows it."),
                advice=t("Ask for the new one."),
            )
        raise BadIdentity(
            "host",
            t("This onion address is mistyped: its check digits don’t fit."),
            advice=t("Copy it again, whole."),
        )
    return host
