"""Secrets in a real keyring, and keyrings that are locked, missing, refusing or silent."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.app.parts import implicit
from tests.app.troubles import TO_MARTA, Stopwatch, check, unharmed
from tests.identity.secret_service import SECRETS, Desktop, refuse, stay_silent

if TYPE_CHECKING:
    from tests.app.parts import Program
    from tests.conftest import Stage

QUEUE = ("send", *TO_MARTA, "--queue-only")


@pytest.fixture
def by_keyring(program: Program, monkeypatch: pytest.MonkeyPatch) -> Program:
    """An empty profile that leaves its secrets to the keyring of the test's own bus."""
    shutil.rmtree(program.profile)
    names = ("DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR")
    environment = program.environment | {name: os.environ[name] for name in names if name in os.environ}
    return replace(program, keyring=True, environment=environment)


def add_wren(program: Program) -> str:
    return program.add(
        "Wren", "wren@rowanmail.example", ("smtp.rowanmail.example", "465", "implicit"), "wren", "secret"
    )


def test_no_keyring_and_no_passphrase_makes_no_vault(program: Program) -> None:
    shutil.rmtree(program.profile)
    without = replace(program, keyring=True)
    check(without.run("identity", "list"), 74, "This system has no keyring", "--passphrase-file FILE")
    assert not (program.profile / "vault.db").exists()
    # The bus's address may be nonsense, or not be there at all.
    for address in ("nonsense", "unix:path=/dev/null", ""):
        strange = replace(without, environment=program.environment | {"DBUS_SESSION_BUS_ADDRESS": address})
        check(strange.run("identity", "list"), 74, "This system has no keyring")


def test_all_secrets_lie_in_a_real_keyring(desktop: Desktop, by_keyring: Program) -> None:
    wren = add_wren(by_keyring)
    assert by_keyring.run("identity", "show", wren, "--json").json["has_password"] is True
    assert by_keyring.run(*QUEUE).status == 0
    assert len(by_keyring.run("outbox", "list", "--json").json) == 1
    check(
        replace(by_keyring, keyring=False).run("identity", "list"),
        74,
        "opened by a key in the system keyring",
    )
    # The vault's key and the password, and neither in the profile.
    assert not (by_keyring.profile / "passphrase").exists()

    desktop.lock()
    # Nobody is there to answer its prompt.
    with Stopwatch() as watch:
        ran = by_keyring.with_options("--patience", "2").run("outbox", "list")
    check(ran, 74, "The keyring is locked.", "Unlock it")
    assert watch.seconds < 25  # thirty if nobody had asked for two

    desktop.kill_keyring()
    ran = by_keyring.run("outbox", "list")
    check(ran, 74, "keyring")

    desktop.start_keyring()
    assert len(by_keyring.run("outbox", "list", "--json").json) == 1


def test_a_mail_is_sent_with_secrets_from_the_keyring(
    desktop: Desktop, stage: Stage, attached: Program, by_keyring: Program
) -> None:
    """The guard that lets nothing but Tor through lets the keyring through."""
    program = replace(
        attached,
        keyring=True,
        environment=by_keyring.environment | {"SSL_CERT_FILE": str(stage.certificates.authority)},
    )
    shutil.rmtree(program.profile)
    program.add("Wren", "wren@rowanmail.example", implicit(stage), "wren", "wren’s password")
    ran = program.run("send", *TO_MARTA)
    assert ran.status == 0, ran.err
    (received,) = stage.server.received
    assert received.username == "wren"
    desktop.lock()
    ran = program.with_options("--patience", "2").run("send", *TO_MARTA)
    check(ran, 74, "The keyring is locked.")


def test_a_keyring_that_refuses_makes_no_vault(bus: Desktop, by_keyring: Program) -> None:
    bus.serve(SECRETS, refuse)
    check(by_keyring.run("identity", "list"), 74, "keyring")
    assert not (by_keyring.profile / "vault.db").exists()


def test_a_keyring_that_never_answers_is_waited_for_as_long_as_was_asked(
    bus: Desktop, by_keyring: Program
) -> None:
    bus.serve(SECRETS, stay_silent)
    with Stopwatch() as watch:
        ran = by_keyring.with_options("--patience", "2").run("identity", "list")
    check(ran, 74, "keyring")
    assert watch.seconds < 25
    assert not (by_keyring.profile / "vault.db").exists()


def test_a_locked_keyring_keeps_passwords_and_the_vault_the_rest(desktop: Desktop, program: Program) -> None:
    environment = program.environment | {"DBUS_SESSION_BUS_ADDRESS": desktop.address}
    (program.folder / "nowhere").touch()
    mixed = replace(program, environment=environment).with_options("--secrets", "keyring")
    assert mixed.run("identity", "password", "Wren", stdin=b"secret\n").status == 0
    assert mixed.run("identity", "show", "Wren", "--json").json["has_password"] is True
    desktop.lock()
    quick = mixed.with_options("--patience", "2")
    check(quick.run("identity", "password", "Wren", stdin=b"other\n"), 74, "The keyring is locked.")
    check(quick.run("identity", "remove", "Wren"), 74, "The keyring is locked.")
    ran = quick.run("identity", "list")
    unharmed(ran)
    assert b"Wren" in ran.out


def test_a_password_in_a_locked_keyring_holds_the_mail(desktop: Desktop, attached: Program) -> None:
    environment = attached.environment | {"DBUS_SESSION_BUS_ADDRESS": desktop.address}
    mixed = replace(attached, environment=environment).with_options("--secrets", "keyring")
    assert mixed.run("identity", "password", "Wren", stdin="wren’s password\n".encode()).status == 0
    desktop.lock()
    ran = mixed.with_options("--patience", "5").run("send", *TO_MARTA)
    check(ran, 75, "The keyring is locked.", "Unlock it")
    assert mixed.run("outbox", "list", "--json").json[0]["state"] == "held"
