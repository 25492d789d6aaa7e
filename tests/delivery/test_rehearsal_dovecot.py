"""The same against a server from the real world: its own greeting, offers and codes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.delivery.conftest import PostOffice
from tests.delivery.parts import HOST, PORT
from tests.delivery.test_rehearsal import known, real_mail, written
from tests.support.dovecot import DovecotMissing, DovecotSubmission
from tests.support.misbehaving import PASSWORD, USER
from torsend.delivery.actions import Heard
from torsend.delivery.channel import Channel
from torsend.delivery.dispatcher import Dispatcher
from torsend.delivery.reasons import Reason
from torsend.delivery.rehearsal import End
from torsend.delivery.states import State
from torsend.identity.identity import Tls
from torsend.vault import Vault


@pytest.fixture(scope="module")
def dovecot() -> Iterator[DovecotSubmission]:
    made = DovecotSubmission({USER: PASSWORD}, [HOST])
    try:
        made.start()
    except DovecotMissing as missing:
        pytest.skip(str(missing))
    yield made
    made.stop()


@pytest.mark.parametrize("tls", [Tls.IMPLICIT, Tls.STARTTLS])
@pytest.mark.parametrize("to", ["a@fennmail.example", "a@fennmail.example, b@fennmail.example"])
def test_what_is_shown_is_what_left_for_dovecot(
    office: PostOffice, dovecot: DovecotSubmission, vault: Vault, tmp_path: Path, tls: Tls, to: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    said: list[bytes] = []
    write, farewell = Channel.write, Channel.farewell

    def noted_write(self: Channel, data: bytes, deadline: float, *, listening: bool = False) -> bytes:
        said.append(data)
        return write(self, data, deadline, listening=listening)

    def noted_farewell(self: Channel, data: bytes) -> None:
        said.append(data)
        farewell(self, data)

    monkeypatch.setattr(Channel, "write", noted_write)
    monkeypatch.setattr(Channel, "farewell", noted_farewell)
    who = office.person(tls)
    office.proxy.names[HOST, PORT] = dovecot.implicit_port if tls is Tls.IMPLICIT else dovecot.starttls_port
    book, mail = known(vault, who), real_mail(tmp_path, to)
    queued = office.outbox.queue(mail, who.id)
    dispatcher = Dispatcher(
        office.outbox, office.way, lambda _: who, lambda _: PASSWORD,
        context=dovecot.certificates.for_client, answers=book,
    )  # fmt: skip
    try:
        (entry,) = dispatcher.run_once([queued.id])
    finally:
        dispatcher.stop()
    assert entry.state is State.ACCEPTED
    answers = book.of(who)
    assert answers.seen
    assert written(mail, who, answers)[0] == b"".join(said)
    assert b"BDAT " in b"".join(said)


@pytest.mark.parametrize("tls", [Tls.IMPLICIT, Tls.STARTTLS])
def test_an_address_of_another_script_goes_only_where_it_is_offered_to_be_taken(
    office: PostOffice, dovecot: DovecotSubmission, vault: Vault, tmp_path: Path, tls: Tls
) -> None:
    """Dovecot 2.3 does not offer it (RFC 6531)."""
    dovecot.clear()
    who = office.person(tls)
    office.proxy.names[HOST, PORT] = dovecot.implicit_port if tls is Tls.IMPLICIT else dovecot.starttls_port
    book = known(vault, who)
    for to, expected in (("a@fennmail.example", State.ACCEPTED), ("märta@fennmail.example", State.REFUSED)):
        mail = real_mail(tmp_path, to)
        queued = office.outbox.queue(mail, who.id)
        dispatcher = Dispatcher(
            office.outbox, office.way, lambda _: who, lambda _: PASSWORD,
            context=dovecot.certificates.for_client, answers=book,
        )  # fmt: skip
        try:
            (entry,) = dispatcher.run_once([queued.id])
        finally:
            dispatcher.stop()
        offered = "SMTPUTF8" in book.of(who).replies[Heard.HELLO].lines
        assert entry.state is (State.ACCEPTED if offered else expected)
    assert (entry.reason is Reason.ADDRESS_NOT_ASCII) is not offered
    assert len(dovecot.received) == 1 + offered
    # And that is shown before anything is sent.
    end = written(mail, who, book.of(who))[1][-1]
    assert isinstance(end, End)
    assert (end.verdict.reason is Reason.ADDRESS_NOT_ASCII) is not offered
