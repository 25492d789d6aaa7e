"""What was chosen of bridges, proxy and ports, kept and read again."""

from __future__ import annotations

import pytest

from torsend.tor.built_in_bridges import LINES
from torsend.tor.way_chosen import BadWay, Bridges, WayChosen
from torsend.tor.way_out import Proxy, ProxyKind

FINGERPRINT = "0123456789ABCDEF0123456789ABCDEF01234567"


def test_it_is_read_as_it_was_kept_but_for_the_password() -> None:
    proxy = Proxy(ProxyKind.SOCKS5, "192.0.2.1", 1080, "kaspar")
    chosen = WayChosen(Bridges.OWN, f"# mine\n192.0.2.1:443 {FINGERPRINT}", proxy, (80, 443))
    assert WayChosen.from_json(chosen.to_json()) == chosen
    assert "geheim" not in WayChosen(proxy=proxy.with_password("geheim")).to_json()
    assert WayChosen.from_json(WayChosen().to_json()) == WayChosen()


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", '{"bridges": "tunnel", "own": "", "proxy": null, "ports": []}',
             '{"bridges": "none", "own": "", "proxy": ["socks5", "example.net", 1, ""], "ports": []}',
             '{"bridges": "none", "own": "", "proxy": [], "ports": ["x"]}'],
)  # fmt: skip
def test_what_is_something_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no way out"):
        WayChosen.from_json(text)


@pytest.mark.parametrize("which", sorted(LINES))
def test_every_built_in_set_is_whole(which: str) -> None:
    way = WayChosen(Bridges(which)).way_out()
    assert len(way.bridges) == len(LINES[which])
    assert set(way.transports) == {"meek_lite" if which == "meek" else which}


def test_own_lines_are_checked() -> None:
    with pytest.raises(BadWay, match="no bridge line yet"):
        WayChosen(Bridges.OWN, "# nothing\n").way_out()
    with pytest.raises(BadWay, match="Line 2"):
        WayChosen(Bridges.OWN, f"192.0.2.1:443 {FINGERPRINT}\nnonsense").way_out()
    # Lines that are kept for another day hold nothing up.
    assert WayChosen(Bridges.NONE, "nonsense").way_out().straight
