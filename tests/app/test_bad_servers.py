"""What a submission server can do to a mail: each end has its status, its words, and loses nothing."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from tests.app.troubles import TO_MARTA, leads_to, side_by_side, unharmed
from tests.support.misbehaving import (
    PASSWORD,
    Misdeed,
    SmtpServer,
    answers,
    resets,
    speaks_http,
    stalls,
    takes_it_and,
    vanishes,
)
from torsend.demo.certificates import make_certificates
from torsend.identity.identity import Tls

if TYPE_CHECKING:
    from pathlib import Path

    from tests.app.parts import Program, Ran
    from tests.conftest import Stage

SEND = ("send", *TO_MARTA)


@dataclass(frozen=True)
class Row:
    """One end.

    Attributes:
        state: of the entry afterwards.
        said: to the person: what happened, what left, what to try.
    """

    status: int
    state: str
    said: tuple[str, ...]
    misdeeds: dict[str, Misdeed] = field(default_factory=dict)
    tls: Tls = Tls.IMPLICIT
    offers: tuple[str, ...] = ("PIPELINING", "SIZE 10000000", "AUTH PLAIN LOGIN")
    password: str = PASSWORD
    patience: str = "40"


ROWS = {
    "wrong password": Row(
        77, "refused", ("rowanmail refused the password. No mail was sent.", "Check the user name and the password",
                        "535"), password="another password",
    ),
    "no sign-in offered": Row(
        77, "refused", ("rowanmail offers no way to sign in", "No mail, no password was sent."), offers=("PIPELINING",)
    ),
    "TLS on a port that speaks none": Row(
        77, "refused", ("No encryption could be agreed on", "No mail, no password was sent.", "Check the port"),
        {"connect": speaks_http},
    ),
    "STARTTLS taken away": Row(
        77, "refused", ("offered no encryption", "No mail, no password was sent.", "465"),
        {"ehlo-clear": answers("250-mail.test greets you", "250 PIPELINING")}, tls=Tls.STARTTLS,
    ),
    "refused recipient": Row(
        77, "refused", ("rowanmail refused the recipients.", "No mail was sent.", "Check their addresses", "No such user"),
        {"rcpt": answers("550 5.1.1 No such user")},
    ),
    "put off": Row(
        75, "retry", ("tried again", "Greylisted"), {"rcpt": answers("450 4.7.1 Greylisted")},
    ),
    "too large": Row(
        77, "refused", ("rowanmail takes up to", "Attach less."), offers=("SIZE 100", "AUTH PLAIN"),
    ),
    "refused content": Row(
        77, "refused", ("refused the mail for what it is.", "Nothing was delivered.", "looks like spam"),
        {"dot": answers("554 5.7.1 looks like spam")},
    ),
    "gone after the last byte": Row(
        76, "unknown", ("no answer came", "It may have been sent.", "Only rowanmail knows"),
        {"dot": takes_it_and(vanishes)},
    ),
    "a circuit that breaks": Row(
        75, "retry", ("No mail was sent.", "tried again"), {"mail": resets},
    ),
    "stalls": Row(
        75, "retry", ("didn’t answer in time", "tried again"), {"rcpt": stalls}, patience="4",
    ),
}  # fmt: skip


def test_every_end_of_a_mail(stage: Stage, attached: Program, tmp_path: Path) -> None:
    tls = stage.certificates.for_server()

    def run(name: str, row: Row) -> Ran:
        program = attached.moved_to(tmp_path / name.replace(" ", "-")).with_options(
            "--patience", row.patience
        )
        implicit = row.tls is Tls.IMPLICIT
        with SmtpServer(tls, row.misdeeds, implicit=implicit, offers=row.offers) as server:
            leads_to(program, stage.host, server, tls=row.tls, password=row.password)
            ran = program.run(*SEND)
            if row.state == "unknown":
                # Not once more by itself; the person may ask for it.
                assert program.run("outbox", "send").status == 0
                assert len(server.mails) == 1
        (entry,) = program.run("outbox", "list", "--json").json
        assert entry["state"] == row.state, (name, entry)
        assert entry["what"]
        return ran

    for (name, row), ran in zip(
        ROWS.items(), side_by_side([partial(run, *each) for each in ROWS.items()]), strict=True
    ):
        said = ran.out.decode() + ran.err
        unharmed(ran)
        assert ran.status == row.status, (name, said)
        assert not [words for words in row.said if words not in said], (name, said)
        assert ("torsend outbox send" in said) is (row.state == "retry"), (name, said)


def test_certificates_of_somebody_else(stage: Stage, attached: Program, tmp_path: Path) -> None:
    stage.network.names["smtp.elsewhere.example"] = "127.0.0.1"
    now = datetime.now(UTC)
    old = make_certificates(
        tmp_path / "old", [stage.host], not_before=now - timedelta(days=9), not_after=now - timedelta(days=2)
    )
    trusting_old = replace(attached, environment=attached.environment | {"SSL_CERT_FILE": str(old.authority)})
    with (
        SmtpServer(stage.certificates.for_server()) as server,
        SmtpServer(old.for_server()) as outdated,
    ):

        def run(program: Program, host: str, server: SmtpServer, name: str) -> Ran:
            return leads_to(program.moved_to(tmp_path / name), host, server).run(*SEND)

        runs = side_by_side(
            [
                partial(run, attached, "smtp.elsewhere.example", server, "elsewhere"),
                partial(run, trusting_old, stage.host, outdated, "outdated"),
                partial(run, trusting_old, stage.host, server, "untrusted"),
            ]
        )
        assert not any(seen.commands for each in (server, outdated) for seen in each.seen)
    whys = (
        ("its certificate is for another name.", "Hostname mismatch"),
        ("certificate has expired.", "certificate has expired, SHA"),
        ("nobody whom this computer trusts vouches for its certificate.", "certificate in certificate chain"),
    )
    for ran, (what, why) in zip(runs, whys, strict=True):
        said = ran.out.decode()
        unharmed(ran)
        assert ran.status == 77, said
        for words in (what, "No mail, no password was sent.", why, "SHA-256"):
            assert words in said, said


def test_some_recipients_are_refused_and_the_person_decides(stage: Stage, attached: Program) -> None:
    stage.server.refuse.add("gone@nordpost.example")
    ran = attached.run(*SEND, "--cc", "gone@nordpost.example", "--json")
    assert ran.status == 75, ran.err
    assert ran.json["state"] == "held"
    assert [each["state"] for each in ran.json["recipients"]] == ["waiting", "refused"]
    assert not stage.server.received
    shown = attached.run("outbox", "show", ran.json["id"]).out.decode()
    assert "refused some of the recipients, so it was sent to nobody" in shown
    assert "gone@nordpost.example: refused" in shown
    # Held: not by itself.
    assert attached.run("outbox", "send").status == 0
    assert not stage.server.received
    assert attached.run("outbox", "retry", ran.json["id"], "--others").status == 0
    assert attached.run("outbox", "send").status == 0
    (received,) = stage.server.received
    assert received.rcpt_tos == ("marta@nordpost.example",)


def test_of_several_mails_the_worst_end_is_the_status(stage: Stage, attached: Program) -> None:
    stage.server.refuse.add("gone@nordpost.example")
    for to in ("marta@nordpost.example", "gone@nordpost.example", "jonas@nordpost.example"):
        queued = attached.run("send", "--identity", "Wren", "--to", to, "--subject", "x", "--queue-only")
        assert queued.status == 0
    ran = attached.run("outbox", "send", "--json")
    assert ran.status == 77
    assert [each["state"] for each in ran.json] == ["accepted", "refused", "accepted"]
    assert len(stage.server.received) == 2


def test_a_sender_without_a_password_holds_its_mail(stage: Stage, attached: Program) -> None:
    added = attached.run(
        "identity", "add", "--name", "Tarn", "--address", "tarn@rowanmail.example", "--username", "tarn",
        "--host", stage.host, "--port", str(stage.server.implicit_port), "--tls", "implicit",
    )  # fmt: skip
    assert added.status == 0
    ran = attached.run("send", "--identity", "Tarn", "--to", "marta@nordpost.example", "--subject", "x")
    unharmed(ran)
    assert ran.status == 75
    for words in (
        "There is no password for this sender.",
        "Nothing left this computer.",
        "Type the password, then retry",
    ):
        assert words in ran.out.decode()
    assert attached.run("identity", "password", "Tarn", stdin="tarn’s password\n".encode()).status == 0
    (entry,) = attached.run("outbox", "list", "--json").json
    assert attached.run("outbox", "retry", entry["id"]).status == 0
    assert attached.run("outbox", "send").status == 0
    assert len(stage.server.received) == 1
