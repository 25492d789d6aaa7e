"""What may be done to a mail in which state, each with each: what must not be is refused, says why, and changes nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.delivery.parts import message
from torsend.delivery.entry import OutboxEntry
from torsend.delivery.outbox import NotNow, Outbox
from torsend.delivery.outcome import Accepted, Held, Outcome, Recipient, Refused, RetryLater, Unknown
from torsend.delivery.reasons import Reason
from torsend.delivery.states import RecipientState, State, Step

BOTH = ("a@x.example", "b@x.example")
ENDS: dict[State, Outcome] = {
    State.RETRY: RetryLater(Reason.TEMPORARY, Step.ENVELOPE, delay=60),
    State.HELD: Held(Reason.PASSWORD_MISSING, Step.CONNECTING),
    State.REFUSED: Refused(Reason.CONTENT_REFUSED, Step.REPLIED),
    State.ACCEPTED: Accepted(
        Reason.ACCEPTED, Step.REPLIED, recipients=tuple(Recipient(each, RecipientState.ACCEPTED) for each in BOTH)
    ),
    State.UNKNOWN: Unknown(Reason.NO_ANSWER, Step.DOT_WRITTEN),
}  # fmt: skip

Do = Callable[[Outbox, str], object]
DONE: dict[str, tuple[Do, set[State]]] = {
    "begin": (lambda outbox, id_: outbox.begin(id_), {State.QUEUED, State.RETRY}),
    "advance": (lambda outbox, id_: outbox.advance(id_, Step.REPLIED), {State.SENDING}),
    "settle": (lambda outbox, id_: outbox.settle(id_, ENDS[State.HELD]), {State.SENDING}),
    "cancel": (lambda outbox, id_: outbox.cancel(id_), {State.QUEUED, State.RETRY}),
    "retry": (lambda outbox, id_: outbox.retry(id_), {State.QUEUED, State.RETRY, State.HELD, State.REFUSED}),
    "send again": (lambda outbox, id_: outbox.send_again(id_), {State.UNKNOWN}),
    "count as sent": (lambda outbox, id_: outbox.count_as_sent(id_), {State.UNKNOWN}),
    "remove": (lambda outbox, id_: outbox.remove(id_), set(State) - {State.SENDING}),
    "take out": (
        lambda outbox, id_: outbox.take_out(id_), {State.QUEUED, State.RETRY, State.HELD, State.REFUSED}
    ),
}  # fmt: skip

SAYS = {
    State.QUEUED: ("waits to be sent already", "Cancel it first"),
    State.SENDING: ("is being sent", "cancel it first"),
    State.RETRY: ("waits to be sent already", "Cancel it first"),
    State.HELD: ("doesn’t wait to be sent", "Retry it, or remove it"),
    State.REFUSED: ("doesn’t wait to be sent", "Retry it, or remove it"),
    State.ACCEPTED: ("was accepted already", "write it as a new mail"),
    State.UNKNOWN: ("may have been sent already", "count it as sent"),
}


def in_state(outbox: Outbox, state: State) -> OutboxEntry:
    entry = outbox.queue(message(to=BOTH), "wren")
    if state is not State.QUEUED:
        outbox.begin(entry.id)
    if state is State.UNKNOWN:
        outbox.advance(entry.id, Step.DOT_WRITTEN, BOTH)
    if state in ENDS:
        outbox.settle(entry.id, ENDS[state])
    return outbox.get(entry.id)


@pytest.mark.parametrize("what", DONE)
@pytest.mark.parametrize("state", State)
def test_each_state_allows_what_it_should_and_refuses_the_rest(
    outbox: Outbox, state: State, what: str
) -> None:
    before = in_state(outbox, state)
    assert before.state is state
    do, allowed = DONE[what]
    if state in allowed:
        do(outbox, before.id)
        # One that is queued already can be queued anew, for another time.
        assert before not in outbox.list() or (what, state) == ("retry", State.QUEUED)
        return
    with pytest.raises(NotNow) as refused:
        do(outbox, before.id)
    assert outbox.get(before.id) == before
    if what != "advance":  # asked by nobody but a lane
        said, advice = SAYS[state]
        assert said in refused.value.what
        assert advice.lower() in refused.value.advice.lower()


@pytest.mark.parametrize("has_it", [RecipientState.ACCEPTED, RecipientState.UNKNOWN])
def test_what_somebody_has_is_not_taken_out_to_be_changed(outbox: Outbox, has_it: RecipientState) -> None:
    entry = in_state(outbox, State.SENDING)
    outcome = Held(
        Reason.SOME_RECIPIENTS_REFUSED, Step.REPLIED, recipients=(Recipient(BOTH[0], has_it, in_doubt=True),)
    )
    held = outbox.settle(entry.id, outcome)
    with pytest.raises(NotNow, match="Some recipients have this mail, or may have it") as refused:
        outbox.take_out(entry.id)
    assert "Write a new mail to the others" in refused.value.advice
    assert outbox.get(entry.id) == held
