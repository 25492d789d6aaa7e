"""Bridge lines as people paste them."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from torsend.tor.bridges import KINDS, LONGEST_LINE, MOST_LINES, Bridge, program_names, read_bridges
from torsend.tor.built_in_bridges import LINES

FINGERPRINT = "0123456789ABCDEF0123456789ABCDEF01234567"
OBFS4 = f"obfs4 192.0.2.7:443 {FINGERPRINT} cert=abc+/x iat-mode=0"
WEBTUNNEL = f"webtunnel [2001:db8::7]:443 {FINGERPRINT} url=https://example.net/secret/path ver=0.0.1"
PLAIN = f"192.0.2.9:9001 {FINGERPRINT}"


def test_several_lines_with_comments_and_the_word_bridge() -> None:
    pasted = read_bridges(
        f"# from a friend\n\n  Bridge {OBFS4}\r\nbridge {PLAIN}\n{WEBTUNNEL} # the third\n{OBFS4}\n"
    )
    assert [bridge.line for bridge in pasted.bridges] == [OBFS4, PLAIN, WEBTUNNEL]
    assert pasted.wrong == ()


def test_a_qr_codes_list_is_read() -> None:
    pasted = read_bridges(f"['{OBFS4}', '{WEBTUNNEL}']")
    assert [bridge.line for bridge in pasted.bridges] == [OBFS4, WEBTUNNEL]
    assert [bridge.line for bridge in read_bridges(f'["{OBFS4}"]').bridges] == [OBFS4]


def test_an_ipv6_bridge_alone_is_no_list() -> None:
    [bridge] = read_bridges(f"[2001:DB8::1]:443 ${FINGERPRINT.lower()}").bridges
    assert bridge == Bridge("", "2001:db8::1", 443, FINGERPRINT)
    assert bridge.line == f"[2001:db8::1]:443 {FINGERPRINT}"


def test_a_fingerprint_may_be_missing() -> None:
    [bridge] = read_bridges("192.0.2.1:443").bridges
    assert bridge.fingerprint == ""


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("obfs4", "no address and port"),
        ("Bridge", "no address and port"),
        ("hello there", "isn’t known|aren’t known"),
        (f"obfs4 192.0.2.7:443 {FINGERPRINT}", "“cert=” is missing"),
        (f"webtunnel 192.0.2.7:443 {FINGERPRINT} ver=1", "“url=” is missing"),
        (f"obfs4 192.0.2.7:443 {FINGERPRINT} cert", "key=value"),
        (f"obfs4 192.0.2.7:443 {FINGERPRINT} cert=", "key=value"),
        (f"obfs4 bridge.example.net:443 {FINGERPRINT} cert=a", "IP address"),
        (f"obfs4 2001:db8::1:443 {FINGERPRINT} cert=a", "in brackets"),
        (f"192.0.2.1:0 {FINGERPRINT}", "from 1 to 65535"),
        (f"192.0.2.1:70000 {FINGERPRINT}", "from 1 to 65535"),
        ("192.0.2.1:443 0123", "fingerprint of 40"),
        (f"192.0.2.1:443 {FINGERPRINT} cert=a", "first word missing"),
        (f"scramblesuit 192.0.2.1:443 {FINGERPRINT} password=a", "“scramblesuit” aren’t known"),
        ("UseBridges 1", "UseBridges isn’t needed"),
        ("ClientTransportPlugin obfs4 exec /tmp/evil", "ClientTransportPlugin isn’t needed"),
        (f"192.0.2.1:443 {FINGERPRINT}\N{RIGHT-TO-LEFT OVERRIDE}", "characters that no bridge line has"),
        (f'obfs4 192.0.2.7:443 {FINGERPRINT} cert="a', "characters that no bridge line has"),
        ("x" * (LONGEST_LINE + 1), "too long"),
    ],
)
def test_each_wrong_line_is_told_by_its_number(line: str, said: str) -> None:
    pasted = read_bridges(f"{OBFS4}\n{line}\n{PLAIN}\n")
    assert [bridge.line for bridge in pasted.bridges] == [OBFS4, PLAIN]
    [wrong] = pasted.wrong
    assert wrong.number == 2
    assert any(part in wrong.why for part in said.split("|")), wrong.why


def test_too_many_are_cut() -> None:
    text = "\n".join(f"192.0.2.1:{port}" for port in range(1, MOST_LINES + 10))
    pasted = read_bridges(text)
    assert len(pasted.bridges) == MOST_LINES
    assert [wrong.number for wrong in pasted.wrong] == [MOST_LINES + 1]
    assert len(read_bridges("no bridge\n" * (MOST_LINES + 10)).wrong) == MOST_LINES


def test_no_bridge_stands_in_a_representation() -> None:
    [bridge] = read_bridges(OBFS4).bridges
    assert "192.0.2.7" not in repr(bridge)
    assert FINGERPRINT not in repr(bridge)


def test_known_transports_have_programs() -> None:
    assert {kind.name for kind in KINDS} == {"obfs4", "webtunnel", "snowflake", "meek_lite"}
    assert program_names("obfs4") == ("lyrebird", "obfs4proxy")
    assert program_names("") == ()


@given(st.text())
def test_whatever_is_pasted_gives_lines_that_are_lines(text: str) -> None:
    for bridge in read_bridges(text).bridges:
        assert bridge.line.isprintable()
        assert '"' not in bridge.line
        assert read_bridges(bridge.line).bridges == (bridge,)


_VALUE = st.text(string.ascii_letters + string.digits + "+/.:,-_=", min_size=1, max_size=40)


@given(st.ip_addresses(), st.integers(1, 65535), _VALUE, st.sampled_from(["obfs4", "meek_lite", "webtunnel"]))
def test_what_is_written_is_read_back(address: object, port: int, value: str, transport: str) -> None:
    need = next(kind.needs[0] for kind in KINDS if kind.name == transport)
    bridge = Bridge(transport, str(address), port, FINGERPRINT, (f"{need}={value}", "iat-mode=0"))
    assert read_bridges(f"Bridge {bridge.line}").bridges == (bridge,)


def test_an_older_snowflake_hides_the_broker_too() -> None:
    """It looks at ``front`` alone, and all arguments must fit into a SOCKS name and password (pt-spec section 3.5)."""
    for line in LINES["snowflake"]:
        arguments = dict(each.split("=", 1) for each in line.split() if "=" in each)
        assert arguments["front"] in arguments["fronts"].split(",")
        assert len(";".join(f"{key}={value}" for key, value in arguments.items())) < 510
