"""What is copied to be shared tells how it went, and nothing of the person, the computer or the place."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from tests.tor.parts import NOWHERE, Seen, free_port
from torsend.tor.bridges import read_bridges
from torsend.tor.choice import Control, ControlSocket, Launch, Socks, SocksSocket, TorChoice
from torsend.tor.connection import Connection
from torsend.tor.history import KEPT, History
from torsend.tor.pace import Pace
from torsend.tor.status import Phase, TorStatus, TorTrouble
from torsend.tor.trouble_rows import ROWS
from torsend.tor.troubles import clock_trouble, trouble
from torsend.tor.way_out import Proxy, ProxyKind, WayOut

if TYPE_CHECKING:
    import pytest

BRIDGE = (
    "obfs4 192.0.2.44:8443 89ABCDEF0123456789ABCDEF0123456789ABCDEF"
    " cert=ayq0XzCwhpdysn5o0EyDUbmSOx3X/oTEbzDMvczHOdBJKlvIdHHLJGkZARtT4dcBFArPPg iat-mode=1"
)
PLANTED = (
    "192.0.2", "198.51.100", "8443", "3128", "89ABCDEF", "ayq0Xz", "marta", "lindqvist", "s3cret", "rowanmail", "/home",
    "wren", "127.0.0.1", "2026", "UTC", "NoSuchOption",
)  # fmt: skip
_TIME_OF_DAY = re.compile(r"\d\d:\d\d")


def check(text: str) -> None:
    for word in PLANTED:
        assert word.lower() not in text.lower(), word
    assert not _TIME_OF_DAY.search(text)


def test_all_that_is_planted_is_left_out(tmp_path: Path) -> None:
    way = WayOut(
        read_bridges(f"{BRIDGE}\n192.0.2.45:443").bridges,
        Proxy(ProxyKind.SOCKS5, "198.51.100.7", 3128, "marta", "s3cret"),
        (80, 443),
    )
    now = iter([0.0, 0.25, 1.5, 63.0, 64.0, 65.0])
    history = History(lambda: next(now))
    history.note(TorStatus(Phase.STARTING, means="launch"))
    history.note(
        TorStatus(
            Phase.BOOTSTRAPPING, 14, "Handshaking with 192.0.2.44", clock_trouble(-7200), "0.4.9.11 (on wren's computer)",
            means="launch", tag="handshake",
        )
    )  # fmt: skip
    history.note(
        TorStatus(
            Phase.BOOTSTRAPPING, 3, "", trouble("proxy-unreachable", "3 % CONNECTREFUSED", proxy="198.51.100.7:3128"),
            means="launch", tag="conn_proxy",
        )
    )  # fmt: skip
    history.note(
        TorStatus(
            Phase.FAILED,
            trouble=trouble(
                "wont-start",
                "/home/wren/x 192.0.2.44:8443 rowanmail.example",
                line="/home/wren: NoSuchOption",
            ),
            means="launch",
            tag="192.0.2.44",
        )
    )
    text = history.text(Launch(Path("/home/wren/tor"), tmp_path, way))
    check(text)
    assert text.splitlines() == [
        "Torsend 0.1.0, Tor 0.4.9.11",
        (
            "Way: a Tor of its own, with extra settings, 1 × obfs4 bridge, 1 × plain bridge, a socks5 proxy with log-in, "
            "2 ports"
        ),
        "     0.25 s  launch starting 0 %",
        "     1.50 s  launch bootstrapping 14 % handshake [clock-skew] -7200 s",
        "    63.00 s  launch bootstrapping 3 % conn_proxy [proxy-unreachable] 3 % CONNECTREFUSED",
        "    64.00 s  launch failed 0 % [wont-start]",
    ]


def test_other_ways_have_no_place_either() -> None:
    ways: tuple[TorChoice, ...] = (
        Control("192.0.2.1", 9051), ControlSocket(Path("/home/wren/control")),
        Socks("192.0.2.1", 3128), SocksSocket(Path("/home/wren/socks")),
        Launch(way_out=WayOut(unknown=True)),
    )  # fmt: skip
    for choice in ways:
        check(History().text(choice))


@given(st.sampled_from(sorted(ROWS)), st.text(), st.text(), st.text())
def test_nothing_that_a_stranger_writes_makes_a_line_of_its_own(
    code: str, detail: str, tag: str, version: str
) -> None:
    """A control port may be anybody's."""
    history = History()
    history.note(
        TorStatus(
            Phase.FAILED, trouble=TorTrouble(code, "", "", detail), version=version, tag=tag, means="control"
        )
    )
    text = history.text(Socks("127.0.0.1", 1))
    assert len(text.splitlines()) == 3
    assert text.isascii() or "×" in text


def test_it_keeps_the_last_and_says_how_many_it_dropped() -> None:
    history = History()
    for progress in range(KEPT + 7):
        history.note(TorStatus(Phase.BOOTSTRAPPING, progress))
    text = history.text(Socks("127.0.0.1", 1))
    assert "(7 earlier)" in text
    assert f"{KEPT + 6} %" in text
    assert text.count("\n") == KEPT + 3


def test_a_real_failure_is_told_without_a_trace_of_the_person(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A folder with a name, a setting that tor quotes, a bridge and a proxy that is not there."""
    home = tmp_path / "home-of-wren"
    home.mkdir()
    include = home / "include"
    include.write_text(NOWHERE + "NoSuchOption wren@rowanmail.example\n")
    [bridge] = read_bridges("127.0.0.1:9 89ABCDEF0123456789ABCDEF0123456789ABCDEF").bridges
    proxied = WayOut(proxy=Proxy(ProxyKind.HTTPS, "127.0.0.1", port := free_port(), "marta", "s3cret"))
    for choice, code in (
        (Launch(torrc_include=include), "wont-start"),
        (Launch(way_out=WayOut((bridge,))), "bridge-unreachable"),
        (Launch(way_out=proxied), "proxy-unreachable"),
        (Socks("127.0.0.1", port), "nothing-there"),
    ):
        connection = Connection(choice, home / "data", pace=Pace(stuck=0.5))
        seen: Seen[TorStatus] = Seen()
        connection.subscribe(seen)
        connection.start()
        try:
            seen.wait(lambda status, code=code: status.trouble is not None and status.trouble.code == code)  # type: ignore[misc]
        finally:
            connection.stop()
        text = connection.details()
        check(text)
        assert str(port) not in text
        assert f"[{code}]" in text
        assert text.splitlines()[-1].endswith("off 0 %")
    check(caplog.text)
