"""``torsend tor way | bridges | proxy | ports``: how a Tor of our own gets out of this network.

Bridge lines and passwords come by standard input: every user of a computer can see the arguments of a command.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from torsend.app.bridge_code import read_bridge_code
from torsend.cli.opening import opened
from torsend.cli.output import as_json
from torsend.cli.passwords import need_password
from torsend.cli.streams import line, say
from torsend.errors import ExitStatus, UsageError
from torsend.tor.bridges import LONGEST_TEXT, read_bridges
from torsend.tor.built_in_bridges import AS_OF
from torsend.tor.way_chosen import Bridges, WayChosen
from torsend.tor.way_out import Proxy, ProxyKind
from torsend.words import t, tn

if TYPE_CHECKING:
    import argparse

    from torsend.app import App, Start


def run(given: argparse.Namespace, start: Start) -> int:
    """Runs one of them."""
    # Read before anything is opened: a terminal that waits should not hold the profile's lock.
    lines = _own_lines(given) if given.action == "bridges" else ""
    proxy = _proxy(given) if given.action == "proxy" else None
    password = need_password(t("Password of the proxy: ")) if proxy and proxy.username else None
    with opened(start) as app:
        chosen = _chosen(app)
        match given.action:
            case "bridges":
                which = Bridges(given.which)
                own = lines if which is Bridges.OWN else chosen.own
                app.choose_way(replace(chosen, bridges=which, own=own))
            case "proxy":
                app.choose_way(replace(chosen, proxy=proxy), password)
            case "ports":
                app.choose_way(replace(chosen, ports=tuple(dict.fromkeys(given.ports))))
            case _:
                _tell(chosen, json=given.json)
                return ExitStatus.OK
        say(_sentence(_chosen(app)))
    return ExitStatus.OK


def _chosen(app: App) -> WayChosen:
    try:
        return app.way_chosen
    except ValueError:
        return WayChosen()


def _proxy(given: argparse.Namespace) -> Proxy | None:
    if given.kind == "none":
        return None
    host, colon, port = (given.address or "").rpartition(":")
    if not colon or not port.isdecimal():
        raise UsageError(t("The proxy’s address is missing."), advice=t("Add --address IP:PORT."))
    return Proxy(ProxyKind(given.kind), host, int(port[:6]), given.username or "")


def _own_lines(given: argparse.Namespace) -> str:
    if given.which != Bridges.OWN:
        if given.qr is not None:
            raise UsageError(
                t("A QR code is for bridges of your own."), advice=t("Use: bridges own --qr FILE")
            )
        return ""
    return _read_lines() if given.qr is None else read_bridge_code(given.qr)


def _read_lines() -> str:
    if sys.stdin.isatty():
        say(t("One bridge line on each line; end with Ctrl+D."))
    data = sys.stdin.buffer.read(LONGEST_TEXT + 1)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        # `from None`: the decoder's error quotes the lines.
        raise UsageError(t("The bridge lines are not UTF-8. Nothing was changed.")) from None
    if len(data) > LONGEST_TEXT or not text.strip():
        raise UsageError(
            t("No bridge line was given. Nothing was changed."),
            advice=t("Pass them on standard input, one on each line."),
        )
    return text


def _tell(chosen: WayChosen, *, json: bool) -> None:
    if json:
        proxy = chosen.proxy
        as_json(
            {
                "bridges": chosen.bridges.value,
                "own": [bridge.line for bridge in read_bridges(chosen.own).bridges],
                "proxy": None
                if proxy is None
                else {"kind": proxy.kind.value, "address": proxy.address, "username": proxy.username},
                "ports": list(chosen.ports),
            }
        )
    else:
        line(_sentence(chosen))


def _sentence(chosen: WayChosen) -> str:
    told = []
    match chosen.bridges:
        case Bridges.NONE:
            told.append(t("Tor is reached straight, without a bridge."))
        case Bridges.OWN:
            count = len(read_bridges(chosen.own).bridges)
            told.append(
                tn(
                    "Tor is reached by {n} bridge of your own.",
                    "Tor is reached by {n} bridges of your own.",
                    count,
                )
            )
        case built_in:
            told.append(
                t("Tor is reached by public {kind} bridges, as of {date}.", kind=built_in.value, date=AS_OF)
            )
            if built_in is not Bridges.OBFS4:
                told.append(
                    t(
                        "Its program looks up names of ordinary services on this computer: your network sees those."
                    )
                )
    if chosen.proxy is not None:
        told.append(t("Through the proxy at {address}.", address=chosen.proxy.address))
    if chosen.ports:
        told.append(t("Only to these ports: {ports}.", ports=", ".join(map(str, chosen.ports))))
    return " ".join(told)
