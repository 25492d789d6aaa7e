"""An identity holds nothing that would break a line, a log-in or a header."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from torsend.errors import ExitStatus
from torsend.identity.identity import (
    BadIdentity,
    Colour,
    FileNames,
    Identity,
    Kind,
    OnlyOverTor,
    Server,
    Tls,
    new_identity_id,
    short_word,
)
from torsend.identity.onion import checksum_fits
from torsend.identity.providers import PRESETS, Shown, SignIn, preset_for

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

ONION = "5gdvpfoh6kb2iqbizb37lzk2ddzrwa47m6rpdueg2m656fovmbhoptqd.onion"
SERVER = Server("smtp.rowanmail.example", 465, Tls.IMPLICIT)
WREN = Identity(new_identity_id(), "Wren", "wren@rowanmail.example", Kind.ADDRESS, Colour.TEAL, SERVER)


def changed(**fields: Any) -> Identity:
    return replace(WREN, **fields)


def test_identity_tells_what_is_drawn_of_it() -> None:
    assert (WREN.initials, WREN.provider, WREN.domain) == ("W", "rowanmail", "rowanmail.example")
    assert WREN.username == "wren@rowanmail.example"
    assert WREN.only_over_tor is OnlyOverTor.UNSURE


@pytest.mark.parametrize(
    ("name", "address", "kind", "initials"),
    [
        ("Ida Holm", "a@b.example", Kind.ADDRESS, "IH"),
        ("Tarn of the Collective", "a@b.example", Kind.ALIAS, "TC"),
        ("k7-marsh", "a@b.example", Kind.DISPOSABLE, "K7"),
        ("Newsletters", "a@b.example", Kind.ALIAS, "N"),
        ("  éva  ", "a@b.example", Kind.ADDRESS, "É"),
        ("", "quill@b.example", Kind.ADDRESS, "Q"),
        ("(-)", "quill@b.example", Kind.ADDRESS, "Q"),
        ("No sender at all", "a@b.example", Kind.REMAILER, "R"),
        ("中文 名字", "a@b.example", Kind.ADDRESS, "中名"),
    ],
)
def test_initials_are_one_or_two_characters(name: str, address: str, kind: Kind, initials: str) -> None:
    assert changed(name=name, address=address, kind=kind).initials == initials


@pytest.mark.parametrize(
    ("domain", "word"),
    [
        ("rowanmail.example", "rowanmail"),
        ("mail.rowanmail.example", "rowanmail"),
        ("rowanmail.co.uk", "rowanmail"),
        ("co.uk", "co"),
        ("localhost", "localhost"),
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8::7", "2001:db8::7"),
        (ONION, "5gdvpf….onion"),
    ],
)
def test_a_domain_has_a_word_that_people_know(domain: str, word: str) -> None:
    assert short_word(domain) == word


@pytest.mark.parametrize(
    ("address", "host", "provider", "owner"),
    [
        ("wren@rowanmail.example", "smtp.rowanmail.example", "rowanmail", ""),
        ("ida@holm.example", "smtp.fastmail.com", "fastmail", "holm"),
        ("ida@holm.example", "in1-smtp.fastmail.com", "fastmail", "holm"),
        ("ida@posteo.net", "posteo.de", "posteo", ""),
        ("ida@googlemail.com", "smtp.gmail.com", "gmail", ""),
        ("wren@riseup.net", ONION, "riseup", ""),
        ("wren@rowanmail.example", ONION, "riseup", "rowanmail"),
        ("wren@rowanmail.example", "192.0.2.7", "192.0.2.7", "rowanmail"),
    ],
)
def test_the_provider_is_who_runs_the_server_and_not_who_owns_the_domain(
    address: str, host: str, provider: str, owner: str
) -> None:
    identity = changed(address=address, server=Server(host, 465, Tls.IMPLICIT))
    assert (identity.provider, identity.domain_owner) == (provider, owner)


HIDDEN = [
    "\r",
    "\n",
    "\r\n",
    "\0",
    "\x1b",
    "\x7f",
    "\x85",
    "\u2028",
    "\u2029",
    "\u202e",
    "\u2066",
    "\ud800",
    "\ufdd0",
]


@pytest.mark.parametrize("hidden", HIDDEN)
@pytest.mark.parametrize("field", ["name", "address", "username"])
def test_character_that_cannot_be_seen_is_refused_in_every_field(field: str, hidden: str) -> None:
    with pytest.raises(BadIdentity, match="can’t be seen") as refusal:
        changed(**{field: f"wren{hidden}@rowanmail.example"})
    assert refusal.value.field == field
    assert refusal.value.status is ExitStatus.USAGE
    assert hidden not in refusal.value.sentences()


@pytest.mark.parametrize("hidden", HIDDEN)
def test_character_that_cannot_be_seen_is_refused_in_a_host(hidden: str) -> None:
    for host in (
        f"smtp{hidden}.rowanmail.example",
        f"smtp.rowanmail.example{hidden}",
        f"{hidden}smtp.example",
    ):
        with pytest.raises(BadIdentity) as refusal:
            Server(host, 465, Tls.IMPLICIT)
        assert refusal.value.field == "host"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"address": ""}, "address"),
        ({"address": "wren"}, "address"),
        ({"address": "@rowanmail.example"}, "address"),
        ({"address": "wren@"}, "address"),
        ({"address": "wren@rowan mail.example"}, "address"),
        ({"address": "w" * 250 + "@rowanmail.example"}, "address"),
        ({"name": "n" * 129}, "name"),
        ({"username": "u" * 256}, "username"),
        ({"kind": "person"}, "kind"),
        ({"colour": "pink"}, "colour"),
        ({"only_over_tor": "maybe"}, "only_over_tor"),
        ({"id": "wren"}, "id"),
        ({"id": "A" * 32}, "id"),
    ],
)
def test_field_that_cannot_be_is_named(fields: dict[str, str], field: str) -> None:
    with pytest.raises(BadIdentity) as refusal:
        changed(**fields)
    assert refusal.value.field == field
    assert refusal.value.what


@pytest.mark.parametrize(
    ("typed", "host"),
    [
        ("SMTP.Rowanmail.Example", "smtp.rowanmail.example"),
        ("smtp.rowanmail.example.", "smtp.rowanmail.example"),
        (" smtp.rowanmail.example ", "smtp.rowanmail.example"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("10.0.0.7", "10.0.0.7"),
        ("[2001:DB8::1]", "2001:db8::1"),
        (ONION.upper(), ONION),
        ("smtp." + ONION, "smtp." + ONION),
    ],
)
def test_host_is_brought_to_one_form(typed: str, host: str) -> None:
    assert Server(typed, 465, Tls.IMPLICIT).host == host


@pytest.mark.parametrize(
    "host",
    [
        "",
        " ",
        ".",
        "localhost",
        "smtp..example",
        "-smtp.example",
        "smtp-.example",
        "smtp_1.example",
        "smtp.example:465",
        "smtp://smtp.example",
        "smtp.example/x",
        "wren@smtp.example",
        "smtp .example",
        "bücher.example",
        "1.2.3",
        "1.2.3.4.5",
        "256.1.1.1",
        "a" * 64 + ".example",
        ".".join(["a" * 60] * 5),
        "[::1",
        "%2e.example",
        ".onion",
        "onion",
        "a.onion",
    ],
)
def test_host_that_is_none_is_refused(host: str) -> None:
    if host == "[::1":
        assert Server(host, 465, Tls.IMPLICIT).host == "::1"
        return
    with pytest.raises(BadIdentity) as refusal:
        Server(host, 465, Tls.IMPLICIT)
    assert refusal.value.field == "host"


@pytest.mark.parametrize("port", [0, -1, 65536, 465.0, True, "465", None])
def test_port_that_is_none_is_refused(port: Any) -> None:
    with pytest.raises(BadIdentity) as refusal:
        Server("smtp.rowanmail.example", port, Tls.IMPLICIT)
    assert refusal.value.field == "port"


def test_onion_server_is_a_server_and_may_do_without_tls() -> None:
    assert Server(ONION, 25, Tls.ONION_PLAIN).is_onion
    assert not SERVER.is_onion
    with pytest.raises(BadIdentity, match="Without TLS only an onion server"):
        Server("smtp.rowanmail.example", 25, Tls.ONION_PLAIN)
    with pytest.raises(BadIdentity):
        Server("10.0.0.7", 25, Tls.ONION_PLAIN)
    with pytest.raises(BadIdentity):
        Server("smtp.onion.example", 25, Tls.ONION_PLAIN)


@pytest.mark.parametrize("at", range(0, 56, 5))
def test_mistyped_onion_address_is_found(at: int) -> None:
    other = "a" if ONION[at] != "a" else "b"
    with pytest.raises(BadIdentity, match="mistyped"):
        Server(ONION[:at] + other + ONION[at + 1 :], 465, Tls.IMPLICIT)


def test_onion_address_of_the_old_kind_is_told_as_such() -> None:
    with pytest.raises(BadIdentity, match="old kind"):
        Server("expyuzz4wqqyqhjn.onion", 465, Tls.IMPLICIT)


@given(st.binary(min_size=32, max_size=32), st.integers(0, 255))
def test_only_version_three_with_its_checksum_fits(key: bytes, version: int) -> None:
    tail = bytes([version])
    checksum = hashlib.sha3_256(b".onion checksum" + key + tail).digest()[:2]
    host = base64.b32encode(key + checksum + tail).decode().lower() + ".onion"
    assert checksum_fits(host) == (version == 3)


def attempt(make: Callable[[], T]) -> T | BadIdentity:
    """What was made, or the refusal."""
    try:
        return make()
    except BadIdentity as refusal:
        return refusal


@given(st.text(max_size=80))
def test_any_text_is_refused_in_words_or_gives_a_clean_host(typed: str) -> None:
    made = attempt(lambda: Server(typed, 465, Tls.IMPLICIT))
    if isinstance(made, BadIdentity):
        assert made.field == "host"
        assert not any(character < " " for character in made.sentences())
    else:
        assert made.host.isascii()
        assert not any(character <= " " for character in made.host)
        assert Server(made.host, 465, Tls.IMPLICIT) == made


@given(st.text(max_size=140), st.text(max_size=60))
def test_any_text_is_refused_in_words_or_survives_being_kept(name: str, username: str) -> None:
    made = attempt(lambda: changed(name=name, username=username))
    if isinstance(made, BadIdentity):
        assert made.field in ("name", "username")
    else:
        assert Identity.from_json(json.loads(json.dumps(made.to_json()))) == made
        assert "\n" not in made.name + made.username
        assert made.initials


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(st.sampled_from([*WREN.to_json()]), st.one_of(st.just(...), json_values))
def test_kept_identity_with_one_field_spoilt_is_refused(field: str, value: object) -> None:
    kept = WREN.to_json()
    if value is ...:
        del kept[field]
    else:
        kept[field] = value
    assert isinstance(attempt(lambda: Identity.from_json(kept)), Identity | BadIdentity)


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
def test_preset_has_servers_that_can_be_and_says_where_it_is_from(preset: Any) -> None:
    assert preset.source
    assert preset.read.year >= 2026
    assert preset.onion is None or preset.onion.is_onion
    assert preset.usable == (preset.sign_in in (SignIn.PASSWORD, SignIn.APP_PASSWORD))
    assert preset.usable or preset.note
    for domain in preset.domains:
        assert preset_for(f"someone@{domain.upper()}") is preset


def test_unknown_provider_has_no_preset() -> None:
    assert preset_for("wren@rowanmail.example") is None
    assert preset_for("riseup.net") is not None
    assert preset_for("") is None


def test_presets_say_who_shows_the_exit_and_who_has_an_onion() -> None:
    riseup, gmail = preset_for("a@riseup.net"), preset_for("a@gmail.com")
    assert riseup is not None
    assert gmail is not None
    assert riseup.onion is not None
    assert riseup.onion.host == ONION
    assert gmail.shows_client is Shown.YES


def test_file_names_are_neutral_in_what_an_earlier_program_kept() -> None:
    kept = replace(WREN, file_names=FileNames.KEPT)
    assert Identity.from_json(kept.to_json()) == kept
    earlier = {name: value for name, value in kept.to_json().items() if name != "file_names"}
    assert Identity.from_json(earlier).file_names is FileNames.NEUTRAL
    with pytest.raises(BadIdentity, match="isn’t one of the choices"):
        Identity.from_json(kept.to_json() | {"file_names": "loud"})
