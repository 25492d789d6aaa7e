# The surface of stem 1.8.2 that torsend.tor.control uses.
from datetime import datetime

from stem.response import ControlMessage

class Event(ControlMessage):
    type: str
    positional_args: list[str]
    keyword_args: dict[str, str]

class CircuitEvent(Event):
    id: str
    status: str
    path: tuple[tuple[str | None, str | None], ...]
    purpose: str | None
    created: datetime | None
    socks_username: str | None
    socks_password: str | None

class StreamEvent(Event):
    id: str
    status: str
    circ_id: str | None

class ORConnEvent(Event):
    status: str | None
    endpoint_fingerprint: str | None

class StatusEvent(Event):
    action: str
    arguments: dict[str, str]

class NetworkLivenessEvent(Event):
    status: str
