"""A relay before a SOCKS port that counts a stream's round trips, and can make each of them longer.

What crosses Tor begins with the SOCKS request: the steps before it are between the program and the tor beside it. A
round trip is counted each time the client speaks after having listened; so connecting is one (its answer comes from the
exit), unless what follows leaves with the request. Without latency a server's TLS tickets come before the client's next
command and look like something it waited for: count with a delay. The delay stands in for Tor's latency where a table
asks for it and links can not be delayed: bytes come out later, as many as one likes at once.
"""

from __future__ import annotations

import asyncio
import collections
import contextlib
import threading
from collections.abc import Callable
from dataclasses import dataclass


@dataclass
class Tally:
    """What one stream did so far.

    Attributes:
        round_trips: begun by the client, the SOCKS request being the first.
        at_acceptance: as many as there had been when the server took the message.
    """

    round_trips: int = 0
    at_acceptance: int | None = None
    client_spoke_last: bool = False
    to_client: int = 0
    method: int = 0

    def from_client(self) -> None:
        if self.crosses_tor and not self.client_spoke_last:
            self.round_trips += 1
        self.client_spoke_last = True

    def from_proxy(self, data: bytes) -> None:
        if self.to_client < 2 <= self.to_client + len(data):
            self.method = data[1 - self.to_client]
        self.to_client += len(data)

    def heard(self) -> None:
        """The client has what the proxy said: what it says from now on may be an answer."""
        self.client_spoke_last = False

    @property
    def crosses_tor(self) -> bool:
        """Whether the SOCKS steps on this side are over: method (RFC 1928), and user name where it asked (RFC 1929)."""
        return self.to_client >= (4 if self.method == 0x02 else 2)


class Relay:
    """Listens on loopback while it is open. Use it in a ``with``.

    Attributes:
        target: where the next connection leads.
        one_way: seconds by which bytes come out later, in each direction.
    """

    def __init__(self, target: tuple[str, int], one_way: float = 0.0) -> None:
        self.target = target
        self.one_way = one_way
        self.port = 0
        self._tallies: list[Tally] = []
        self._ends: set[_End] = set()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), name="relay", daemon=True)

    def __enter__(self) -> Relay:
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join()

    def begin(self) -> None:
        """Forgets the streams before."""
        self._tallies.clear()

    def accepted(self) -> None:
        """The server took the message: each stream's count so far stands."""
        for tally in self._tallies:
            if tally.at_acceptance is None:
                tally.at_acceptance = tally.round_trips

    def round_trips(self) -> int | None:
        """Up to acceptance, of the stream that was there then."""
        counts = [tally.at_acceptance for tally in self._tallies if tally.at_acceptance]
        return max(counts, default=None)

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stopping, self._empty = asyncio.Event(), asyncio.Event()
        server = await self._loop.create_server(lambda: _Client(self), "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stopping.wait()
        server.close()
        for end in tuple(self._ends):
            end.transport.abort()
        if self._ends:
            await self._empty.wait()

    def _join(self, client: _Client) -> None:
        tally = Tally()
        self._tallies.append(tally)
        client.begin(tally, self._loop.create_task(self._connect(client, tally)))

    async def _connect(self, client: _Client, tally: Tally) -> None:
        try:
            _, proxy = await self._loop.create_connection(lambda: _Proxy(self, client, tally), *self.target)
        except OSError:
            client.close()
        else:
            client.connected(proxy)


class _End(asyncio.Protocol):
    """One side of a stream."""

    transport: asyncio.Transport

    def __init__(self, relay: Relay) -> None:
        self.relay = relay
        self._due: collections.deque[tuple[float, Callable[[], None]]] = collections.deque()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.relay._ends.add(self)

    def connection_lost(self, _: Exception | None) -> None:
        self.relay._ends.discard(self)
        if not self.relay._ends and self.relay._stopping.is_set():
            self.relay._empty.set()

    def later(self, tally: Tally, what: Callable[[], None]) -> None:
        """Does it after the delay, and never before what came before it."""
        loop = asyncio.get_running_loop()
        when = loop.time() + (self.relay.one_way if tally.crosses_tor else 0.0)
        self._due.append((when, what))
        loop.call_at(when, self._drain)

    def _drain(self) -> None:
        now = asyncio.get_running_loop().time()
        while self._due and self._due[0][0] <= now + 0.0005:
            self._due.popleft()[1]()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self.transport.close()


class _Client(_End):
    _tally: Tally
    _task: asyncio.Task[None]

    def __init__(self, relay: Relay) -> None:
        super().__init__(relay)
        self._proxy: _Proxy | None = None
        self._held: list[bytes] = []

    def begin(self, tally: Tally, task: asyncio.Task[None]) -> None:
        self._tally, self._task = tally, task

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.relay._join(self)

    def connected(self, proxy: _Proxy) -> None:
        self._proxy = proxy
        for data in self._held:
            self.data_received(data)
        self._held.clear()

    def data_received(self, data: bytes) -> None:
        proxy = self._proxy
        if proxy is None:
            self._held.append(data)
            return
        self._tally.from_client()
        self.later(self._tally, lambda: proxy.transport.write(data))

    def connection_lost(self, error: Exception | None) -> None:
        super().connection_lost(error)
        if self._proxy is not None:
            self.later(self._tally, self._proxy.close)


class _Proxy(_End):
    def __init__(self, relay: Relay, client: _Client, tally: Tally) -> None:
        super().__init__(relay)
        self._client, self._tally = client, tally

    def data_received(self, data: bytes) -> None:
        # The last step on this side is answered at once, too: it crosses nothing.
        local = not self._tally.crosses_tor
        self._tally.from_proxy(data)
        if local:
            self._hand_on(data)
        else:
            self.later(self._tally, lambda: self._hand_on(data))

    def _hand_on(self, data: bytes) -> None:
        self._tally.heard()
        self._client.transport.write(data)

    def connection_lost(self, error: Exception | None) -> None:
        super().connection_lost(error)
        self.later(self._tally, self._client.close)
