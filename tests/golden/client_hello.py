"""A ClientHello (RFC 8446 section 4.1.2) as text: all that is in it, but for what is random each time."""

from __future__ import annotations

_EXTENSIONS = {
    0: "server_name", 5: "status_request", 10: "supported_groups", 11: "ec_point_formats", 13: "signature_algorithms",
    16: "alpn", 21: "padding", 22: "encrypt_then_mac", 23: "extended_master_secret", 35: "session_ticket",
    41: "pre_shared_key", 42: "early_data", 43: "supported_versions", 45: "psk_key_exchange_modes",
    49: "post_handshake_auth", 50: "signature_algorithms_cert", 51: "key_share",
}  # fmt: skip


def _see(true: object, otherwise: str) -> None:
    # No assert: this runs under -O too.
    if not true:
        raise ValueError(otherwise)


class _Bytes:
    def __init__(self, data: bytes) -> None:
        self._data = data

    def take(self, count: int) -> bytes:
        taken, self._data = self._data[:count], self._data[count:]
        _see(len(taken) == count, "a ClientHello that ends too early")
        return taken

    def number(self, count: int) -> int:
        return int.from_bytes(self.take(count), "big")

    def vector(self, count: int) -> _Bytes:
        """What stands behind its length of ``count`` bytes."""
        return _Bytes(self.take(self.number(count)))

    def pairs(self) -> str:
        """Numbers of two bytes."""
        shown = []
        while self._data:
            shown.append(self.take(2).hex())
        return " ".join(shown)

    def rest(self) -> bytes:
        return self.take(len(self._data))

    def __bool__(self) -> bool:
        return bool(self._data)


def described(record: bytes) -> str:
    """One line for each part, in its order. Random, session id and keys by their length alone."""
    data = _Bytes(record)
    _see(data.number(1) == 22, "no handshake")
    lines = [f"record {data.take(2).hex()}"]
    handshake = data.vector(2)
    _see(not data, "more than one record")
    _see(handshake.number(1) == 1, "no ClientHello")
    hello = handshake.vector(3)
    lines.append(f"version {hello.take(2).hex()}")
    hello.take(32)
    lines.append(f"session id of {len(hello.vector(1).rest())} bytes")
    lines.append(f"ciphers {hello.vector(2).pairs()}")
    lines.append(f"compression {hello.vector(1).rest().hex()}")
    extensions = hello.vector(2)
    while extensions:
        number = extensions.number(2)
        lines.append(f"{_EXTENSIONS.get(number, number)} {_extension(number, extensions.vector(2))}".rstrip())
    _see(not hello, "something behind the extensions")
    return "\n".join(lines) + "\n"


def _extension(number: int, content: _Bytes) -> str:
    if number == 0:
        names = content.vector(2)
        _see(names.number(1) == 0, "not a host's name")
        name = names.vector(2).rest().decode("ascii")
        _see(not names, "more than one name")
        return name
    if number in (10, 13):
        return content.vector(2).pairs()
    if number == 21:
        padding = content.rest()
        _see(not any(padding), "padding that is none")
        return f"of {len(padding)} bytes"
    if number == 43:
        return content.vector(1).pairs()
    if number == 51:
        shares = content.vector(2)
        shown = []
        while shares:
            shown.append(f"{shares.take(2).hex()} of {len(shares.vector(2).rest())} bytes")
        return ", ".join(shown)
    return content.rest().hex()
