"""What opens a vault: a random key (kept in a keyring) or a passphrase, and the small file that says which.

That file (``vault.db.kdf``) lies next to the vault and holds no secret: for each way that may open the
vault its kind, Argon2id's parameters, salt, and a short check value. The vault's own first 16 bytes are the
same salt (SQLCipher keeps one there in any case). Two ways stand in the file only while a vault changes
from one to the other; the salt then tells which is the right one, so no crash in between locks anyone out.
Without the file a vault still opens: today's parameters are tried.
"""

from __future__ import annotations

import enum
import hashlib
import hmac
import json
import secrets
import unicodedata
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from torsend.errors import UsageError
from torsend.paths import replace_file
from torsend.words import t

if TYPE_CHECKING:
    from pathlib import Path

KEY_BYTES = 32
SALT_BYTES = 16

_CHECK_BYTES = 8
_FILE_LIMIT = 16 * 1024
"""Bytes. The file takes some 300; a larger one is not ours."""

# What a parameter file may ask for. Who can write in the folder must not make us take all memory or all day.
_MOST_MEMORY_KIB = 4 * 1024 * 1024
_MOST_ITERATIONS = 64
_MOST_LANES = 64


class KeyKind(enum.StrEnum):
    """What kind of key opens a vault."""

    RAW = "raw"
    PASSPHRASE = "passphrase"  # noqa: S105  # the word itself


class EmptyPassphrase(UsageError):
    """A passphrase of no characters."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Argon2id's parameters (RFC 9106).

    128 MiB, three passes, four lanes: twice the memory of that RFC's second recommendation (its section 4),
    about a quarter of a second on two slow cores, and little enough for a machine of 2 GB.
    """

    memory_kib: int = 128 * 1024
    iterations: int = 3
    lanes: int = 4


@dataclass(frozen=True, slots=True)
class Way:
    """One way that may open a vault, as the small file has it.

    Attributes:
        salt: 16 bytes; for SQLCipher as for Argon2id. Its hexadecimal form is the vault's identifier.
        check: tells a wrong key from a damaged file; empty where unknown.
    """

    kind: KeyKind
    salt: bytes
    cost: Cost | None = None
    check: bytes = b""


@dataclass(frozen=True, slots=True)
class RawKey:
    """32 random bytes.

    Raises:
        ValueError: another length.
    """

    key: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.key) != KEY_BYTES:
            raise ValueError("a raw key has 32 bytes")

    @classmethod
    def random(cls) -> RawKey:
        """A fresh one."""
        return cls(secrets.token_bytes(KEY_BYTES))

    @classmethod
    def from_text(cls, text: str) -> RawKey:
        """Reads what ``to_text`` gave.

        Raises:
            ValueError: it isn't that.
        """
        return cls(bytes.fromhex(text))

    def to_text(self) -> str:
        """The form in which a keyring keeps it."""
        return self.key.hex()

    @property
    def kind(self) -> KeyKind:
        return KeyKind.RAW

    def new_way(self, salt: bytes) -> tuple[Way, bytes]:
        """How a new vault is opened by it, and the 32 bytes for SQLCipher."""
        return Way(KeyKind.RAW, salt, check=check_of(self.key)), self.key

    def stretch(self, way: Way) -> bytes:  # noqa: ARG002  # the same question to both kinds of key
        """The 32 bytes for SQLCipher."""
        return self.key


@dataclass(frozen=True, slots=True)
class Passphrase:
    """What a person types. Taken in Unicode's form NFC: every keyboard gives the same (RFC 8265, 4.2).

    Raises:
        EmptyPassphrase: nothing was typed.
    """

    text: str = field(repr=False)
    cost: Cost = field(default_factory=Cost)

    def __post_init__(self) -> None:
        if not self.text:
            raise EmptyPassphrase(t("The passphrase is empty."), advice=t("Type one."))

    @property
    def kind(self) -> KeyKind:
        return KeyKind.PASSPHRASE

    def new_way(self, salt: bytes) -> tuple[Way, bytes]:
        """How a new vault is opened by it, and the 32 bytes for SQLCipher: both, since it is stretched for either."""
        way = Way(KeyKind.PASSPHRASE, salt, self.cost)
        raw = self.stretch(way)
        return replace(way, check=check_of(raw)), raw

    def stretch(self, way: Way) -> bytes:
        """The 32 bytes for SQLCipher; takes a quarter of a second by design."""
        # Imported here: whoever opens with a key from the keyring need not load OpenSSL's bindings.
        from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

        cost = way.cost or self.cost
        kdf = Argon2id(
            salt=way.salt,
            length=KEY_BYTES,
            iterations=cost.iterations,
            lanes=cost.lanes,
            memory_cost=cost.memory_kib,
        )
        # A lone surrogate (an undecodable byte of a file) must not become an error of encoding.
        return kdf.derive(unicodedata.normalize("NFC", self.text).encode("utf-8", "surrogatepass"))


VaultKey = RawKey | Passphrase


def check_of(key: bytes) -> bytes:
    """Eight bytes that tell whether a key is right, and nothing else about it: it has 256 bits to guess."""
    return hashlib.blake2b(key=key, digest_size=_CHECK_BYTES, person=b"torsend check").digest()


def fits(key: bytes, way: Way) -> bool:
    """Whether the check value belongs to the key."""
    return bool(way.check) and hmac.compare_digest(check_of(key), way.check)


def ways_file(vault: Path) -> Path:
    """Where the ways of a vault stand."""
    return vault.with_name(vault.name + ".kdf")


def write_ways(vault: Path, ways: tuple[Way, ...]) -> None:
    """Writes them durably, whole or not at all.

    Raises:
        ProfileUnwritable: that couldn't be done; the old ones stand.
    """
    text = json.dumps({"version": 1, "ways": [_to_json(way) for way in ways]}, indent=1)
    replace_file(ways_file(vault), text.encode())


def read_ways(vault: Path) -> tuple[Way, ...]:
    """The ways that may open the vault; the empty tuple where the file is missing or makes no sense."""
    try:
        with ways_file(vault).open("rb") as file:
            data = file.read(_FILE_LIMIT + 1)
        if len(data) > _FILE_LIMIT:
            return ()
        return tuple(_from_json(way) for way in json.loads(data)["ways"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return ()


def guessed_ways(salt: bytes) -> tuple[Way, ...]:
    """What is tried where the file is gone."""
    return (Way(KeyKind.RAW, salt), Way(KeyKind.PASSPHRASE, salt, Cost()))


def _to_json(way: Way) -> dict[str, Any]:
    entry: dict[str, Any] = {"kind": way.kind.value, "salt": way.salt.hex(), "check": way.check.hex()}
    if way.cost is not None:
        entry |= {
            "kdf": "argon2id",
            "memory_kib": way.cost.memory_kib,
            "iterations": way.cost.iterations,
            "lanes": way.cost.lanes,
        }
    return entry


def _from_json(entry: dict[str, Any]) -> Way:
    kind = KeyKind(entry["kind"])
    salt, check = bytes.fromhex(entry["salt"]), bytes.fromhex(entry["check"])
    if len(salt) != SALT_BYTES or len(check) not in (0, _CHECK_BYTES):
        raise ValueError("salt or check of a wrong length")
    if kind is KeyKind.RAW:
        return Way(kind, salt, check=check)
    if entry["kdf"] != "argon2id":
        raise ValueError("another function than Argon2id")
    lanes = _bounded(entry["lanes"], 1, _MOST_LANES)
    # RFC 9106, 3.1: at least 8 KiB a lane.
    memory = _bounded(entry["memory_kib"], 8 * lanes, _MOST_MEMORY_KIB)
    return Way(kind, salt, Cost(memory, _bounded(entry["iterations"], 1, _MOST_ITERATIONS), lanes), check)


def _bounded(value: object, least: int, most: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise ValueError("a parameter out of bounds")
    return value
