"""What it means for an attempt that Tor gave no stream."""

from __future__ import annotations

from torsend.delivery.actions import Stage, Verdict
from torsend.delivery.reasons import Reason
from torsend.errors import StreamFailed, TorUnavailable
from torsend.tor.stream_failures import IsolationLost, NotASocksProxy, ProxyGone, ProxySilent, StreamTimedOut


def verdict_without_stream(failure: TorUnavailable, *, onion: bool = False) -> Verdict:
    """Why there is no stream, by Tor's answer (RFC 1928 section 6, Tor's socks-extensions.txt section 1.4).

    Args:
        onion: it was to an onion service. A Tor whose SOCKS port has no ExtendedErrors says 01, 04 or 06 to whatever is
            wrong with one; and of one that is gone each Tor says only 06, after two minutes of trying (measured: its
            program ended or stopped, its introduction points gone).
    """
    code = getattr(failure, "code", None)
    detail = f"{code:#04x}" if isinstance(code, int) else ""
    match failure, code:
        case NotASocksProxy(), _:
            reason = Reason.NOT_TOR
        case IsolationLost(), _:
            reason = Reason.ISOLATION_LOST
        case (_, 0x01 | 0x04 | 0x06) | (StreamTimedOut(), _) if onion:
            reason, detail = Reason.ONION_UNREACHABLE, ""
        case _, 0x02:
            reason = Reason.EXIT_POLICY
        case _, 0x03:
            reason = Reason.NO_TOR
        case _, 0x04:
            reason = Reason.HOST_UNREACHABLE
        case _, 0xF4 | 0xF5:
            reason = Reason.ONION_KEY
        case _, 0xF6:
            reason = Reason.ONION_ADDRESS
        case _, 0xF0 | 0xF1 | 0xF2 | 0xF3 | 0xF7:
            reason = Reason.ONION_UNREACHABLE
        case _, 0x07 | 0x08:
            reason = Reason.TOR_PROTOCOL
        case ((ProxyGone() | ProxySilent()), _):
            reason = Reason.NO_TOR
        case StreamFailed(), _:
            reason = Reason.STREAM_FAILED
        case _:
            reason = Reason.NO_TOR
    return Verdict(reason, Stage.CONNECT, detail=detail)
