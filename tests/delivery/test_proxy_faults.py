"""A SOCKS port that is none, is not Tor's, or breaks off: nothing of the mail leaves, and the message stays."""

from __future__ import annotations

import pytest

from tests.delivery.conftest import PostOffice
from tests.delivery.parts import HOST, IMPATIENT, LoopbackWay, hurried
from tests.support import misbehaving as mis
from tests.support import misbehaving_proxy as socks
from tests.support.misbehaving import Misdeed
from tests.support.misbehaving_proxy import Manner, MisbehavingProxy
from torsend.delivery.reasons import Reason
from torsend.delivery.sentences import explain
from torsend.delivery.states import RecipientState, State, Step
from torsend.identity.identity import Tls

BOTH = pytest.mark.parametrize("tls", [Tls.IMPLICIT, Tls.STARTTLS])
# The one limit covers what comes before it stalls too.
SLOW = {socks.stalls: 0.1, socks.stalls_at_the_request: 1.0, socks.drips: 1.0}

FAULTS: list[tuple[str, Manner, State, Reason]] = [
    ("picks no authentication", socks.says(b"\x05\x00"), State.HELD, Reason.ISOLATION_LOST),
    ("takes no method", socks.says(b"\x05\xff"), State.HELD, Reason.ISOLATION_LOST),
    ("refuses the password", socks.refuses_the_password, State.HELD, Reason.ISOLATION_LOST),
    ("speaks HTTP", socks.says(b"HTTP/1.1 400 Bad Request\r\n\r\n"), State.HELD, Reason.NOT_TOR),
    ("speaks SMTP", socks.says(b"220 mail.test ESMTP\r\n"), State.HELD, Reason.NOT_TOR),
    ("speaks SOCKS4", socks.says(b"\x00\x5a" + bytes(6)), State.HELD, Reason.NOT_TOR),
    ("another version", socks.answers_the_request(b"\x04\x00\x00\x01" + bytes(6)), State.HELD, Reason.NOT_TOR),
    ("odd address", socks.answers_the_request(b"\x05\x00\x00\x07" + bytes(6)), State.HELD, Reason.NOT_TOR),
    ("hangs up", socks.hangs_up, State.RETRY, Reason.NO_TOR),
    ("dies at the request", socks.hangs_up_at_the_request, State.RETRY, Reason.NO_TOR),
    ("half an answer", socks.answers_the_request(b"\x05\x00\x00"), State.RETRY, Reason.NO_TOR),
    ("stalls", socks.stalls, State.RETRY, Reason.NO_TOR),
    ("stalls at the request", socks.stalls_at_the_request, State.RETRY, Reason.STREAM_FAILED),
    ("drips", socks.drips, State.RETRY, Reason.STREAM_FAILED),
    ("unknown code", socks.answers_the_request(b"\x05\x99\x00\x01" + bytes(6)), State.RETRY, Reason.STREAM_FAILED),
]  # fmt: skip


@BOTH
@pytest.mark.parametrize(
    ("manner", "state", "reason"), [each[1:] for each in FAULTS], ids=[each[0] for each in FAULTS]
)
def test_port_that_is_not_tors_gets_nothing_and_the_message_stays(
    office: PostOffice, tls: Tls, manner: Manner, state: State, reason: Reason
) -> None:
    wren = office.serve(tls=tls)
    with MisbehavingProxy(manner) as proxy:
        office.way = LoopbackWay(proxy.address)
        limits = hurried("connect", seconds=SLOW[manner]) if manner in SLOW else IMPATIENT
        entry = office.send(wren, limits=limits)
        assert (entry.state, entry.reason) == (state, reason)
        assert explain(entry, "rowanmail").what
        if state is State.HELD and "request" not in manner.__qualname__:
            assert HOST.encode() not in proxy.heard, "the host went to a port that does not isolate"
    assert entry.recipients[0].state is RecipientState.WAITING
    assert office.server.seen == []


@BOTH
def test_proxy_that_floods_the_stream_cannot_hold_a_lane_or_fill_memory(office: PostOffice, tls: Tls) -> None:
    wren = office.serve(tls=tls)
    with MisbehavingProxy(socks.never_stops) as proxy:
        office.way = LoopbackWay(proxy.address)
        entry = office.send(wren)
    assert entry.state in {State.RETRY, State.REFUSED}
    assert entry.reason in {Reason.PROTOCOL, Reason.TLS_FAILED}
    assert entry.step <= Step.TLS


CUTS = ["greeting", "ehlo-private", "auth", "mail", "rcpt"]


def _cut(office: PostOffice) -> Misdeed:
    def misdeed(talk: mis.Talk) -> None:
        assert office.proxy.granted.acquire(timeout=20)
        office.proxy.cut()
        raise mis.Over

    return misdeed


@BOTH
@pytest.mark.parametrize("stage", CUTS)
def test_circuit_that_breaks_before_the_last_byte_is_replaced_and_the_mail_arrives_once(
    office: PostOffice, tls: Tls, stage: str
) -> None:
    wren = office.serve([{stage: _cut(office)}, {}], tls=tls)
    entry = office.send(wren)
    assert entry.state is State.ACCEPTED
    assert office.way.renewed == [wren.id]
    assert len(office.server.mails) == 1
    first, second = office.proxy.requests
    assert first.password != second.password


@BOTH
@pytest.mark.parametrize("taken", [True, False])
def test_circuit_that_breaks_before_the_answer_leaves_the_message_unknown(
    office: PostOffice, tls: Tls, *, taken: bool
) -> None:
    misdeed = mis.takes_it_and(_cut(office)) if taken else _cut(office)
    wren = office.serve([{"dot": misdeed}, {}], tls=tls)
    entry = office.send(wren)
    assert (entry.state, entry.reason) == (State.UNKNOWN, Reason.NO_ANSWER)
    assert office.way.renewed == []
    office.dispatcher().run_once()
    assert len(office.server.seen) == 1
