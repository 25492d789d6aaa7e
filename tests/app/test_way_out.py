"""Bridges, proxy and ports from the command line: kept in the vault, used by every later run, shown nowhere else."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.app.troubles import TO_MARTA
from tests.support.proxies import PASSWORDS, USER, proxy
from torsend.app import App, SecretsPlace, Start
from torsend.paths import Profile
from torsend.tor.way_chosen import WayChosen
from torsend.tor.way_out import Proxy, ProxyKind

if TYPE_CHECKING:
    from tests.app.parts import Program
    from tests.conftest import Stage

FINGERPRINT = "0123456789ABCDEF0123456789ABCDEF01234567"
LINE = f"obfs4 192.0.2.7:443 {FINGERPRINT} cert=abc iat-mode=0"


@pytest.fixture(scope="module")
def bridge(session_stage: Stage) -> str:
    program = shutil.which("obfs4proxy") or shutil.which("lyrebird")
    assert program
    return session_stage.network.start_bridge(Path(program))


def test_mail_goes_over_the_bridge_and_through_the_proxy(
    on_stage: Program, stage: Stage, bridge: str, tmp_path: Path
) -> None:
    assert on_stage.run("tor", "bridges", "own", stdin=f"# a friend's\n{bridge}\n".encode()).status == 0
    with proxy(ProxyKind.SOCKS5, tmp_path, log_in=True) as there:
        words = PASSWORDS[ProxyKind.SOCKS5].encode() + b"\n"
        ran = on_stage.run(
            "tor", "proxy", "socks5", "--address", there.address, "--username", USER, stdin=words
        )
        assert ran.status == 0, ran.err
        ran = on_stage.run("send", *TO_MARTA, "--json")
        assert ran.status == 0, ran.err
        assert len(stage.server.received) == 1
    # No password lies in clear in the profile; the bridge only where tor itself remembers whom it knows.
    address = bridge.split()[1].encode()
    for file in on_stage.profile.rglob("*"):
        if file.is_file():
            data = file.read_bytes()
            assert words.strip() not in data, file
            assert address not in data or file.parent.name == "tor", file


def test_what_is_chosen_is_told(program: Program) -> None:
    assert program.run("tor", "way").out.decode().strip() == "Tor is reached straight, without a bridge."
    assert program.run("tor", "bridges", "own", stdin=f"{LINE}\n".encode()).status == 0
    assert program.run("tor", "proxy", "https", "--address", "192.0.2.9:8080").status == 0
    assert program.run("tor", "ports", "80", "443", "443").status == 0
    assert program.run("tor", "way", "--json").json == {
        "bridges": "own",
        "own": [LINE],
        "proxy": {"kind": "https", "address": "192.0.2.9:8080", "username": ""},
        "ports": [80, 443],
    }
    said = program.run("tor", "way").out.decode()
    assert "1 bridge of your own" in said
    assert "192.0.2.7" not in said
    assert "Only to these ports: 80, 443." in said
    # Other bridges keep one's own lines for later.
    told = program.run("tor", "bridges", "snowflake")
    assert "your network sees those" in told.err
    assert program.run("tor", "bridges", "none").status == 0
    assert program.run("tor", "proxy", "none").status == 0
    assert program.run("tor", "ports").status == 0
    told = program.run("tor", "way", "--json")
    assert told.json == {"bridges": "none", "own": [LINE], "proxy": None, "ports": []}


@pytest.mark.parametrize(
    ("arguments", "stdin", "said"),
    [
        (("bridges", "own"), b"", "No bridge line was given"),
        (("bridges", "own"), b"\xff\n", "not UTF-8"),
        (("bridges", "own"), f"{LINE}\nobfs4 192.0.2.7:443\n".encode(), "Line 2: "),
        (("bridges", "own"), b"# nothing\n", "no bridge line yet"),
        (("proxy", "socks5"), b"", "address is missing"),
        (("proxy", "socks5", "--address", "proxy.example.net:1080"), b"", "never looks up a name"),
        (("proxy", "socks4", "--address", "192.0.2.1:1080", "--username", "k"), b"p\n", "SOCKS4"),
        (("proxy", "https", "--address", "192.0.2.1:1080", "--username", "k"), b"", "No password"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(
    program: Program, arguments: tuple[str, ...], stdin: bytes, said: str
) -> None:
    ran = program.run("tor", *arguments, stdin=stdin)
    assert ran.status == 64, ran.err
    assert said in ran.err
    assert "192.0.2.7" not in ran.err
    assert program.run("tor", "way", "--json").json["bridges"] == "none"


def test_a_proxy_is_never_told_the_password_of_another(tmp_path: Path) -> None:
    one = Proxy(ProxyKind.SOCKS5, "127.0.0.1", 1080, "kaspar")
    with App.open(Start(Profile(tmp_path), secrets=SecretsPlace.VAULT, in_memory=True)) as app:
        app.choose_way(WayChosen(proxy=one), "geheim")
        app.choose_way(WayChosen(proxy=one, ports=(443,)))
        assert app.passwords.get("tor-proxy-password") == "geheim"
        for other in (replace(one, port=1081), replace(one, username="ida"), None):
            app.choose_way(WayChosen(proxy=one), "geheim")
            app.choose_way(WayChosen(proxy=other))
            assert app.passwords.get("tor-proxy-password") is None
