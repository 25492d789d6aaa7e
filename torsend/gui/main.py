"""Opens the window: unlocks, builds the program, runs Qt's loop, ends everything again."""

from __future__ import annotations

import contextlib
import dataclasses
import signal
import socket
import sys
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSocketNotifier, Qt, QTimer, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from torsend.app import App, PassphraseNeeded
from torsend.app.door import ANSWER_SECONDS
from torsend.app.wiping import kept, wipe
from torsend.errors import SecretsError, StorageError, TorsendError
from torsend.gui import theme
from torsend.gui.background import Background
from torsend.gui.front import bring_to_front
from torsend.gui.geometry import fit
from torsend.gui.parts import FocusRing
from torsend.gui.shell import Shell
from torsend.gui.system_opens import SystemOpens
from torsend.gui.unlock import Lock, UnlockPage
from torsend.gui.window import Window
from torsend.gui.wipe_desk import WipeDesk
from torsend.gui.wipe_dialog import losses_unread
from torsend.identity.secrets import PATIENCE_SECONDS, KeyringStore
from torsend.paths import resources
from torsend.settings import Theme, load_settings
from torsend.surroundings import flatpak_name
from torsend.vault import AlreadyRunning, EmptyPassphrase, WrongKey

if TYPE_CHECKING:
    from torsend.app import Start
    from torsend.app.door import Door
    from torsend.app.handed import Handed


def run(start: Start, door: Door) -> int:
    """Opens the window and runs until it is closed.

    Args:
        door: by which other starts hand over what they were asked for.
    """
    qt = application()
    loaded = load_settings(start.profile.settings).settings
    if loaded.theme is not Theme.SYSTEM:
        theme.look().choose(loaded.theme is Theme.DARK)
    shell = Shell()
    if loaded.window is not None:
        shell.set_geometry_of(loaded.window)
    else:
        fit(shell, shell.size())
    opener = Opener(start, shell)
    if sys.platform == "darwin":
        SystemOpens(qt).asked.connect(opener.open)
    with _ending_on_signals(qt):
        shell.show()
        opener.begin()
        door.answer(opener.hear)
        status = qt.exec()
        # Told to end once more, it goes on with that.
        opener.close()
        door.close()  # while there still is somebody to say that it is over
    return status


def run_demo() -> int:
    """Opens the window on a private Tor network of its own."""
    from torsend.gui.demo_desk import DemoDesk

    qt = application()
    shell = Shell(demo=True)
    fit(shell, shell.size())
    desk = DemoDesk(shell)
    with _ending_on_signals(qt):
        shell.show()
        desk.begin()
        status = qt.exec()
        desk.close()
    return status


def application() -> QApplication:
    """Qt, dressed as ``theme`` says."""
    present = QApplication.instance()
    qt = present if isinstance(present, QApplication) else QApplication(sys.argv[:1])
    qt.setApplicationName("torsend")
    # Within a Flatpak desktop file and icon are called as that is: under the other name a desktop finds neither.
    qt.setDesktopFileName(flatpak_name() or "torsend")
    with contextlib.suppress(StorageError):  # a missing icon is no reason not to start
        qt.setWindowIcon(QIcon(str(resources() / "icons" / "torsend.svg")))
    qt.setQuitOnLastWindowClosed(False)
    theme.install(qt)
    if qt.findChild(FocusRing) is None:
        FocusRing(qt)
    return qt


@dataclass(slots=True)
class _Call:
    """Somebody at the door, until the window's thread has an answer."""

    handed: Handed
    done: threading.Event = field(default_factory=threading.Event)
    _turn: threading.Lock = field(default_factory=threading.Lock)
    _taken: bool | None = None

    def settle(self, *, taken: bool) -> bool:
        """Whether it is taken. Who says so first decides, else it could be taken by a window that was given up."""
        with self._turn:
            if self._taken is None:
                self._taken = taken
            return self._taken


class Opener(QObject):
    """Gets into the vault, asking on the unlock page where need be, then hands the program to the window.

    Another start's wishes wait until there is a window to fulfil them.
    """

    _called = Signal(object)

    def __init__(self, start: Start, shell: Shell) -> None:
        super().__init__()
        self._start = start
        self._shell = shell
        self._work = Background("torsend-opening")
        self._page: UnlockPage | None = None
        self.app: App | None = None
        self.window: Window | None = None
        self._closing = shell.close_requested.connect(self._give_up)
        self._ending = False
        self._handed: list[Handed] = []
        self.wiping = WipeDesk(lambda: losses_unread(kept(start.profile)), self._remove)
        self.wiping.removing.connect(self._removing)
        self.wiping.removed.connect(QApplication.quit)
        self._called.connect(self._take, Qt.ConnectionType.QueuedConnection)

    def begin(self) -> None:
        """Tries with what is known."""
        start = self._start
        self._work.run(lambda: App.open(start), self._opened, self._refused)

    def hear(self, handed: Handed) -> bool:
        """Somebody is at the door. From its thread; gives whether the window took it."""
        call = _Call(handed)
        self._called.emit(call)
        call.done.wait(ANSWER_SECONDS)
        return call.settle(taken=False)

    def open(self, handed: Handed) -> None:
        """The system wants that opened. On the window's thread; what comes while it is being closed isn't."""
        self._take(_Call(handed))

    def close(self) -> None:
        """Ends what was opened; what was typed last is kept."""
        self._ending = True
        self._shell.hide()
        self.wiping.stop()
        self._work.stop()
        if self.window is not None:
            self.window.stop()
        if self.app is not None:
            self.app.close()

    def _opened(self, app: App) -> None:
        self.app = app
        self._start = dataclasses.replace(self._start, passphrase=None)  # not needed any more
        self._shell.close_requested.disconnect(self._closing)
        self.wiping.leave()
        self.wiping.stop()  # from here on it is the window's
        self.window = Window(app, self._shell)
        self.window.ended.connect(QApplication.quit)
        if self._page is not None:
            self._shell.leave_full()
        self.window.start(self._start.compose)
        while self._handed:
            self._pass_on(self._handed.pop(0))

    def _take(self, call: _Call) -> None:
        ending = self._ending or (self.window is not None and self.window.is_ending)
        if call.settle(taken=not ending):
            if self.window is not None:
                self._pass_on(call.handed)
            else:
                self._handed.append(call.handed)
                bring_to_front(self._shell, call.handed.token)
        call.done.set()

    def _pass_on(self, handed: Handed) -> None:
        if self.window is not None:
            self.window.asked(handed.compose, handed.token)

    def _refused(self, error: TorsendError) -> None:
        match error:
            case PassphraseNeeded():
                lock = Lock.CREATE if error.first else Lock.OPEN
            case SecretsError():
                lock = Lock.KEYRING if self._start.profile.vault.exists() else Lock.NEW_KEYRING
            case AlreadyRunning():
                lock = Lock.RUNNING
            case WrongKey() | EmptyPassphrase() if self._start.passphrase is not None:
                lock = Lock.OPEN
            case _:
                lock = Lock.BROKEN
        if self._page is None:
            self._page = UnlockPage(lock)
            self._page.passphrase_entered.connect(self._try_passphrase)
            self._page.retry_requested.connect(self.begin)
            self._page.quit_requested.connect(QApplication.quit)
            self._page.remove_requested.connect(lambda: self.wiping.ask(self._shell))
            self._shell.add_full(self._page)
        self._page.set_lock(lock)
        self._page.set_busy(busy=False)
        if not isinstance(error, PassphraseNeeded):
            self._page.set_problem(error)
        self._shell.show_full(self._page)

    def _try_passphrase(self, passphrase: str) -> None:
        self._start = dataclasses.replace(self._start, passphrase=passphrase)
        if self._page is not None:
            self._page.set_busy(busy=True)
        self.begin()

    def _removing(self) -> None:
        self._ending = self._shell.ask_before_close = True  # others that start wait for the end

    def _remove(self) -> tuple[TorsendError, ...]:
        start = self._start
        with KeyringStore(patience=min(start.patience or PATIENCE_SECONDS, PATIENCE_SECONDS)) as keyring:
            return wipe(start, keyring)

    def _give_up(self) -> None:
        if self.wiping.is_removing:
            return
        self._ending = True
        self._shell.hide()
        QApplication.quit()


class _ending_on_signals:  # noqa: N801  # read as a phrase
    """While Qt's loop runs, SIGINT, SIGTERM and SIGHUP (of a terminal that closes) end it in order; afterwards they do what
    they did. One that is ignored (nohup) stays so.

    Qt's loop is C++ and lets no Python run, so Python's handler writes a byte that a notifier of Qt's sees. The end comes as
    an event, since an ``exit`` before the loop runs would be forgotten; and as ``exit``, since ``quit`` would ask each
    window first, and one with something in it asks the person, who may not be there. What was typed is kept
    (`Opener.close`).
    """

    def __init__(self, qt: QApplication) -> None:
        self._qt = qt

    def __enter__(self) -> None:
        self._before = {}
        if sys.platform == "win32":
            # There Python's handlers run when any event comes; a slow tick makes sure that one does.
            self._tick = QTimer()
            self._tick.timeout.connect(lambda: None)
            self._tick.start(500)
        else:
            self._reads, self._writes = socket.socketpair()
            self._writes.settimeout(0)
            self._reads.settimeout(0)
            self._wakeup = signal.set_wakeup_fd(self._writes.fileno(), warn_on_full_buffer=False)
            self._notifier = QSocketNotifier(self._reads.fileno(), QSocketNotifier.Type.Read)
            self._notifier.activated.connect(lambda: self._reads.recv(64), Qt.ConnectionType.DirectConnection)
        for name in ("SIGINT", "SIGTERM", "SIGHUP"):
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
                self._before[number] = signal.signal(number, self._heard)

    def _heard(self, *_: object) -> None:
        QTimer.singleShot(0, self._qt, lambda: QApplication.exit(0))

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        if sys.platform != "win32":
            self._notifier.setEnabled(False)
            signal.set_wakeup_fd(self._wakeup)
            self._reads.close()
            self._writes.close()
