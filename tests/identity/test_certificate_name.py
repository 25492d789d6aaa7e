"""Which name a server's certificate must hold."""

from __future__ import annotations

from torsend.identity.providers import PRESETS, certificate_name


def test_a_listed_onion_server_shows_the_certificate_of_the_provider() -> None:
    with_onion = [preset for preset in PRESETS if preset.onion is not None]
    assert with_onion
    for preset in with_onion:
        assert preset.onion is not None
        assert preset.server is not None
        assert certificate_name(preset.onion.host) == preset.server.host


def test_any_other_server_shows_its_own() -> None:
    assert certificate_name("smtp.rowanmail.example") == "smtp.rowanmail.example"
    assert certificate_name("mail.riseup.net") == "mail.riseup.net"
