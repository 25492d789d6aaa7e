"""The first run: onto Tor when the person says so, an address, a mail to oneself.

Nothing connects before that: where Tor is watched, starting it is the one thing that can't be taken back. The three steps
are pages that exist anyway; the strip above them (`FirstSteps`) leads from one to the next, and each can be left out. What
is ticked off is what is so, not what was looked at.
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from torsend.delivery.states import State
from torsend.gui.arrived_help import ArrivedHelp
from torsend.gui.first_steps import FirstStep, FirstSteps
from torsend.gui.front import bring_to_front
from torsend.identity.identity import Kind
from torsend.mail.draft import Draft
from torsend.settings import FirstRun
from torsend.tor.status import Phase, TorStatus
from torsend.words import t

if TYPE_CHECKING:
    from collections.abc import Iterable

    from torsend.delivery.outbox import Changed, OutboxEntry
    from torsend.gui.feed import Feed
    from torsend.identity.identity import Identity

_ON_ITS_WAY = frozenset({State.QUEUED, State.SENDING})
_CONNECTING = frozenset({FirstStep.CONNECT, FirstStep.CONNECTING, FirstStep.STUCK})


class View(enum.Enum):
    """What of the window is shown, as far as the steps lead there."""

    CONNECT = enum.auto()
    OUTBOX = enum.auto()
    OTHER = enum.auto()


_LEADS_TO = {
    FirstStep.CONNECT: View.CONNECT,
    FirstStep.CONNECTING: View.CONNECT,
    FirstStep.STUCK: View.CONNECT,
    FirstStep.OFFLINE: View.CONNECT,
    FirstStep.ON_ITS_WAY: View.OUTBOX,
    FirstStep.STOPPED: View.OUTBOX,
}
"""Where the strip's button leads, if that is a view that may be shown already."""


class FirstRunDesk(QObject):
    """Signals:
    connect_requested: show how Tor is reached.
    connected: Tor is there, and who waited for it can go on.
    address_requested: show the form for a new identity.
    test_requested: a ``Draft`` to oneself, to be looked at and sent.
    entry_requested: the id of the test's entry in the outbox.
    opened: whether the steps are shown now.
    """

    connect_requested = Signal()
    connected = Signal()
    address_requested = Signal()
    test_requested = Signal(Draft)
    entry_requested = Signal(str)
    opened = Signal(bool)

    def __init__(self, feed: Feed) -> None:
        super().__init__()
        self.strip = FirstSteps()
        self.strip.hide()
        self._open = False
        self._status = TorStatus()
        self._later = False
        self._view = View.OTHER
        self._identities: tuple[Identity, ...] = ()
        self._writer = ""
        self._tests: set[str] = set()
        self._entry: OutboxEntry | None = None
        self.strip.go_requested.connect(self._go)
        self.strip.again_requested.connect(self._write)
        self.strip.leave_requested.connect(self._leave)
        feed.outbox_changed.connect(self._outbox_changed)

    @property
    def is_open(self) -> bool:
        """Whether the steps are shown."""
        return self._open

    def is_test(self, draft_id: str) -> bool:
        """Whether this draft is the test, or one of them: who presses twice has begun two."""
        return draft_id in self._tests

    def begin(
        self,
        identities: tuple[Identity, ...],
        status: TorStatus,
        writer: str = "",
        entries: Iterable[OutboxEntry] = (),
    ) -> None:
        """Shows the steps, at the first that isn't done. A test that was sent before is the test, as long as it is known:
        while the outbox has it, or until the program ends.

        Args:
            writer: the id of the one who shall write the test, if several could.
            entries: all of the outbox.
        """
        self._open = True
        self._writer = writer
        self._later = False
        self._identities = identities
        self._status = status
        self._entry = self._sent_before(entries)
        self._settle()
        self.strip.show()
        self.opened.emit(True)  # noqa: FBT003  # a signal's value

    def _sent_before(self, entries: Iterable[OutboxEntry]) -> OutboxEntry | None:
        """The newest mail that one of them wrote to itself; the one who shall write it goes before the others."""
        own = {each.id: each.address.casefold() for each in self._identities}
        tests = [
            each
            for each in entries
            if [one.address.casefold() for one in each.recipients] == [own.get(each.identity_id)]
        ]
        if self._entry is not None and self._entry.identity_id in own:
            tests += [self._entry] if self._entry.id not in {each.id for each in tests} else []
        return max(tests, key=lambda each: (each.identity_id == self._writer, each.created), default=None)

    def set_tor(self, status: TorStatus) -> None:
        """How Tor stands now. Once it is there, the next step comes by itself to whoever waits for it."""
        before, self._status = self._status, status
        waited = self.strip.step() in _CONNECTING and self._view is View.CONNECT
        self._settle()
        if self._open and waited and status.phase is Phase.READY and before.phase is not Phase.READY:
            self.connected.emit()
            if self.strip.step() is FirstStep.ADDRESS:
                self.address_requested.emit()

    def set_identities(self, identities: tuple[Identity, ...]) -> None:
        """Who there is now; a new one is the one that is tried."""
        known = {each.id for each in self._identities}
        new = [each.id for each in identities if each.id not in known]
        if self._identities and new:
            self._writer = new[-1]
        self._identities = identities
        self._settle()

    def set_view(self, view: View) -> None:
        """What is shown now."""
        self._view = view
        self._settle()

    def skip_connecting(self) -> None:
        """The person goes on without waiting for Tor."""
        if not self._open or self.strip.step() not in _CONNECTING:
            return
        self._later = True
        self._settle()
        if self.strip.step() is FirstStep.ADDRESS:
            self.address_requested.emit()

    def _step(self) -> FirstStep:
        if self._entry is not None:
            if self._entry.state is State.ACCEPTED:
                return FirstStep.ARRIVED
            if self._entry.state is State.QUEUED and self._status.phase in {Phase.OFF, Phase.FAILED}:
                return FirstStep.OFFLINE
            return FirstStep.ON_ITS_WAY if self._entry.state in _ON_ITS_WAY else FirstStep.STOPPED
        if not self._status.usable and not self._later:
            return self._connecting()
        if not self._senders():
            return FirstStep.ADDRESS
        return FirstStep.TEST if self._status.usable else FirstStep.OFFLINE

    def _connecting(self) -> FirstStep:
        match self._status.phase:
            case Phase.OFF:
                return FirstStep.CONNECT
            case Phase.FAILED:
                return FirstStep.STUCK
            case _:
                return FirstStep.STUCK if self._status.trouble is not None else FirstStep.CONNECTING

    def _settle(self) -> None:
        if not self._open:
            return
        if self._status.usable:
            self._later = True  # once there, a Tor that stumbles doesn't lead back
        step = self._step()
        done = {
            number
            for number, is_so in enumerate(
                (self._status.usable, bool(self._senders()), step is FirstStep.ARRIVED)
            )
            if is_so
        }
        self.strip.set_step(step, done)
        self.strip.set_there(_LEADS_TO.get(step) is self._view)

    def _senders(self) -> list[Identity]:
        return [each for each in self._identities if each.kind is not Kind.REMAILER]

    def _go(self, step: FirstStep) -> None:
        match step:
            case FirstStep.CONNECT | FirstStep.CONNECTING | FirstStep.STUCK | FirstStep.OFFLINE:
                self.connect_requested.emit()
            case FirstStep.ADDRESS:
                self.address_requested.emit()
            case FirstStep.TEST:
                self._write()
            case FirstStep.ON_ITS_WAY | FirstStep.STOPPED if self._entry is not None:
                self.entry_requested.emit(self._entry.id)
            case FirstStep.ARRIVED:
                window = self.strip.window()
                bring_to_front(window.findChild(ArrivedHelp) or ArrivedHelp(window))

    def _write(self) -> None:
        senders = self._senders()
        if not senders:  # deleted since
            return
        draft = self._letter(next((each for each in senders if each.id == self._writer), senders[0]))
        self._tests.add(draft.id)
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
        # Also while the steps are not shown: who brings them back finds them where they are.
        is_it = self._entry is not None and change.entry_id == self._entry.id
        if change.entry is not None and (is_it or change.entry.draft_id in self._tests):
            self._entry = change.entry
        elif change.entry is None and self._entry is not None and is_it:
            # What was accepted stays so, though the outbox forgets it; what was taken back can be sent anew.
            if self._entry.state is State.ACCEPTED:
                return
            self._entry = None
        else:
            return
        self._settle()

    def _leave(self) -> None:
        self._open = False
        self.strip.hide()
        self.opened.emit(False)  # noqa: FBT003  # a signal's value


def first_run_of(kept: FirstRun, *, past: bool) -> FirstRun:
    """How far the first run is, from what was noted of it.

    Args:
        past: of a profile without a note, whether what the steps lead to is there.
    """
    if kept is FirstRun.NONE:
        return FirstRun.OVER if past else FirstRun.OPEN
    return kept
