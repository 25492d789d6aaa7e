# The surface of PySocks 1.7.1 that torsend.tor.stream uses.
import socket

SOCKS5: int

class ProxyError(OSError): ...

class socksocket(socket.socket):  # noqa: N801
    def __init__(self, family: int = ..., type: int = ...) -> None: ...  # noqa: A002
    def set_proxy(
        self,
        proxy_type: int | None = ...,
        addr: str | None = ...,
        port: int | None = ...,
        rdns: bool = ...,
        username: str | None = ...,
        password: str | None = ...,
    ) -> None: ...
    def connect(self, dest_pair: tuple[str, int], catch_errors: bool | None = ...) -> None: ...  # type: ignore[override]
    def _proxy_addr(self) -> tuple[str, int] | str: ...
    def _SOCKS5_request(  # noqa: N802
        self, conn: socksocket, cmd: bytes, dst: tuple[str, int]
    ) -> tuple[tuple[str, int], tuple[str, int]]: ...
