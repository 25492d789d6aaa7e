"""Submission to an onion server that asks for a client's key and shows a certificate for another name: from a terminal."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.app.test_bad_tor import SEND
from tests.tor.test_onion_on_a_network import new_key

if TYPE_CHECKING:
    from tests.app.parts import Program
    from tests.conftest import Stage


def test_mail_leaves_once_the_key_is_there_and_the_certificate_was_accepted(
    stage: Stage, on_stage: Program
) -> None:
    key, public = new_key()
    server = stage.server
    host = stage.network.add_onion({465: (server.address, server.implicit_port)}, [public])
    moved = on_stage.run("identity", "edit", "Wren", "--host", host, "--port", "465", "--tls", "implicit")
    assert moved.status == 0, moved.err

    ran = on_stage.run(*SEND)
    assert "wants a client key, and Tor has none" in ran.err + ran.out.decode()
    bad = on_stage.run("identity", "onion-key", "Wren", stdin=b"ABC\n")
    assert (bad.status, "ABC" in bad.err) == (64, False)
    kept = on_stage.run("identity", "onion-key", "Wren", stdin=key.encode() + b"\n")
    assert kept.status == 0, kept.err

    ran = on_stage.run(*SEND)
    asked = ran.err + ran.out.decode()
    assert "If you know this fingerprint" in asked
    assert stage.server.received == ()
    shown = re.search(r"SHA-256 ([0-9A-F:]{95})", asked)
    assert shown
    accepted = on_stage.run("identity", "edit", "Wren", "--certificate", shown[1])
    assert accepted.status == 0, accepted.err
    assert on_stage.run("identity", "show", "Wren", "--json").json["certificate"] == shown[1]

    ran = on_stage.run(*SEND)
    assert ran.status == 0, ran.err
    assert len(stage.server.wait_for(1)) == 1

    # What was accepted of one server says nothing of another.
    on_stage.run("identity", "edit", "Wren", "--host", stage.host)
    assert on_stage.run("identity", "show", "Wren", "--json").json["certificate"] == ""
    gone = on_stage.run("identity", "onion-key", "Wren", stdin=b"\n")
    assert "forgotten" in gone.err
