"""The first run: onto Tor when the person says so, an address, a mail to oneself.

Nothing connects before that: where Tor is watched, starting it is the one thing that can't be taken back. The three steps
are pages that exist anyway; the strip above them (`FirstSteps`) leads from one to the next, and each can be left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from torsend.delivery.states import State
from torsend.gui.first_steps import FirstStep, FirstSteps
from torsend.mail.draft import Draft
from torsend.settings import FirstRun
from torsend.tor.status import Phase
from torsend.words import t

if TYPE_CHECKING:
    from torsend.delivery.outbox import Changed
    from torsend.gui.feed import Feed
    from torsend.identity.identity import Identity
    from torsend.tor.status import TorStatus


class FirstRunDesk(QObject):
    """Signals:
    connect_requested: show how Tor is reached.
    address_requested: show the form for a new identity.
    test_requested: a ``Draft`` to oneself, to be looked at and sent.
    ended: the steps are done or left out; not to be shown again.
    """

    connect_requested = Signal()
    address_requested = Signal()
    test_requested = Signal(Draft)
    ended = Signal()

    def __init__(self, feed: Feed) -> None:
        super().__init__()
        self.strip = FirstSteps()
        self.strip.hide()
        self._open = False
        self._feed = feed
        self._phase = Phase.OFF
        self._identities: tuple[Identity, ...] = ()
        self._test = ""
        self.strip.go_requested.connect(self._go)
        self.strip.leave_requested.connect(self._leave)
        feed.outbox_changed.connect(self._outbox_changed)

    @property
    def is_open(self) -> bool:
        """Whether the steps are shown."""
        return self._open

    def begin(self, identities: tuple[Identity, ...], status: TorStatus) -> None:
        """Shows the steps, at the first that isn't done."""
        self._open = True
        self._identities = identities
        self._phase = status.phase
        self._settle()
        self.strip.show()

    def set_tor(self, status: TorStatus) -> None:
        """How Tor stands now. Once it is there, the next step comes by itself: who waited for it looks at nothing else."""
        before, self._phase = self._phase, status.phase
        if not self._open:
            return
        arrived = status.phase is Phase.READY and before is not Phase.READY
        if arrived and self.strip.step() is FirstStep.CONNECT:
            self._settle()
            self._go(self.strip.step())

    def set_identities(self, identities: tuple[Identity, ...]) -> None:
        """Who there is now."""
        self._identities = identities
        if self._open and self.strip.step() < FirstStep.ARRIVED:
            self._settle()

    def skip_connecting(self) -> None:
        """The person goes on without waiting for Tor."""
        if self._open and self.strip.step() is FirstStep.CONNECT:
            self.strip.set_step(FirstStep.ADDRESS)
            self._go(FirstStep.ADDRESS)

    def _settle(self) -> None:
        if self._identities:
            self.strip.set_step(FirstStep.TEST)
        elif self._phase is Phase.READY or self.strip.step() is FirstStep.ADDRESS:
            self.strip.set_step(FirstStep.ADDRESS)
        else:
            self.strip.set_step(FirstStep.CONNECT)

    def _go(self, step: FirstStep) -> None:
        match step:
            case FirstStep.CONNECT:
                self.connect_requested.emit()
            case FirstStep.ADDRESS:
                self.address_requested.emit()
            case FirstStep.TEST if self._identities:
                draft = self._letter(self._identities[0])
                self._test = draft.id
                self.test_requested.emit(draft)

    def _letter(self, identity: Identity) -> Draft:
        new = Draft.new(identity.id)
        return Draft(
            new.id,
            identity.id,
            to=identity.address,
            subject=t("Test"),
            text=t("This is a test."),
            seed=new.seed,
        )

    def _outbox_changed(self, change: Changed) -> None:
        entry = change.entry
        if entry is None or not self._open or not self._test:
            return
        if entry.draft_id == self._test and entry.state is State.ACCEPTED:
            self.strip.set_step(FirstStep.ARRIVED)

    def _leave(self) -> None:
        self._open = False
        self.strip.hide()
        self.ended.emit()


def first_run_of(kept: FirstRun, identities: tuple[Identity, ...]) -> FirstRun:
    """How far the first run is, from what was noted of it: without a note, whoever has an identity is past it."""
    if kept is FirstRun.NONE:
        return FirstRun.OVER if identities else FirstRun.OPEN
    return kept
