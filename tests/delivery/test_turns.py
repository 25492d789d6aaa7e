"""What waits for its turn at an onion server is as soon over as any other wait: by Cancel, and by the program's end."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from tests.delivery.conftest import PostOffice
from tests.delivery.parts import message, onion_host
from tests.delivery.test_dispatcher import Watch
from tests.tor.parts import PATIENCE
from torsend.app.turns import Turns
from torsend.delivery.reasons import Reason
from torsend.delivery.states import State
from torsend.identity.identity import Tls
from torsend.tor.cancel import Cancel

if TYPE_CHECKING:
    from collections.abc import Callable

    from torsend.delivery.dispatcher import Dispatcher
    from torsend.identity.identity import Identity

HOURS = 3600.0


def _waiting(office: PostOffice) -> tuple[Dispatcher, str]:
    """A mail that waits for a turn that somebody else has for hours."""
    turns, asked = Turns(), threading.Event()
    office.serve(tls=Tls.ONION_PLAIN, host=onion_host())
    wren, tarn = (office.person(Tls.ONION_PLAIN, onion_host()) for _ in range(2))

    def prepare(identity: Identity, cancel: Cancel) -> Callable[[], None]:
        asked.set()
        return turns.take(identity.server.host, HOURS, cancel)

    office.prepare = prepare
    entry = office.outbox.queue(message(), tarn.id)
    turns.take(wren.server.host, HOURS, Cancel())
    dispatcher = office.dispatcher()
    dispatcher.start()
    assert asked.wait(PATIENCE)
    return dispatcher, entry.id


def test_cancel_ends_the_wait_for_a_turn_and_nothing_connects(office: PostOffice) -> None:
    watch = Watch(office.outbox)
    dispatcher, entry_id = _waiting(office)
    assert dispatcher.cancel(entry_id)
    watch.until(entry_id, State.HELD)
    assert office.outbox.get(entry_id).reason is Reason.CANCELLED
    assert office.proxy.requests == []


def test_the_programs_end_ends_the_wait_for_a_turn_and_the_message_waits(office: PostOffice) -> None:
    dispatcher, entry_id = _waiting(office)
    ended = threading.Thread(target=dispatcher.stop, daemon=True)
    ended.start()
    ended.join(PATIENCE)
    assert not ended.is_alive()
    entry = office.outbox.get(entry_id)
    assert (entry.state, entry.reason) == (State.RETRY, Reason.INTERRUPTED)
    assert office.proxy.requests == []
