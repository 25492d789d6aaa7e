# The surface of stem 1.8.2 that torsend.tor.control uses.
from stem.response import ControlMessage

class ProtocolInfoResponse(ControlMessage):
    tor_version: object | None
    auth_methods: tuple[str, ...]
    cookie_path: str | None
