"""The pages beside the sidebar and over the whole window, with the people and mails of the mock-ups."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from tests.gui import samples
from tests.gui.screens import Screen, compose
from torsend.app.wiping import Kept
from torsend.checks.parties import limits, who_learns_what
from torsend.delivery.lane import Progress, SendPhase
from torsend.delivery.outbox import OutboxEntry
from torsend.delivery.outcome import Recipient
from torsend.delivery.reasons import Reason
from torsend.delivery.reply import Reply
from torsend.delivery.states import RecipientState, State, Step
from torsend.demo.scene import Arrived
from torsend.demo.server import Listener, Received
from torsend.errors import StorageError
from torsend.gui.arrived_help import SIZE as ARRIVED_HELP_SIZE
from torsend.gui.arrived_help import ArrivedHelp
from torsend.gui.compose import ComposePage
from torsend.gui.connect import ConnectPage
from torsend.gui.demo_view import DemoPage
from torsend.gui.first_steps import FirstStep, FirstSteps
from torsend.gui.help import HelpPage
from torsend.gui.identities import IdentitiesPage
from torsend.gui.identity_password import PasswordPlace
from torsend.gui.outbox import OutboxPage
from torsend.gui.shell import Shell
from torsend.gui.sidebar import Page
from torsend.gui.time_dialog import TimeDialog
from torsend.gui.unlock import Lock, UnlockPage
from torsend.gui.wipe_dialog import SIZE as WIPE_SIZE
from torsend.gui.wipe_dialog import Losses, WipeDialog
from torsend.identity.identity import Colour, Identity, Kind, OnlyOverTor, Server, Tls
from torsend.identity.providers import PRESETS
from torsend.identity.secrets import KeyringLocked
from torsend.mail.draft import Draft
from torsend.paths import ProfileUnwritable
from torsend.tor.choice import Control, Launch, Socks
from torsend.tor.circuits import Circuit, CircuitState, Relay, Role
from torsend.tor.finder import Found
from torsend.tor.status import Phase, TorStatus, TorTrouble
from torsend.tor.troubles import clock_trouble, trouble
from torsend.tor.way_chosen import Bridges, WayChosen
from torsend.tor.way_out import Proxy, ProxyKind
from torsend.vault.errors import DiskFull, VaultDamaged, WrongKey

if TYPE_CHECKING:
    from torsend.errors import TorsendError

NOW = samples.NOW
ONION = "5gdvpfoh6kb2iqbizb37lzk2ddzrwa47m6rpdueg2m656fovmbhoptqd.onion"


def person(number: int, name: str, address: str, kind: Kind, colour: Colour, host: str = "") -> Identity:
    """An identity with an id made of its number."""
    server = Server(host or f"smtp.{address.rpartition('@')[2]}", 465, Tls.IMPLICIT)
    return Identity(f"{number:032x}", name, address, kind, colour, server, "", OnlyOverTor.YES)


WREN = person(1, "Wren", "wren@rowanmail.example", Kind.ADDRESS, Colour.TEAL)
IDA = person(2, "Ida Holm", "ida.holm@bigmail.example", Kind.ADDRESS, Colour.BLUE)
TARN = person(3, "Tarn Collective", "tarn.press@rowanmail.example", Kind.ALIAS, Colour.WINE, ONION)
NEWS = person(4, "Newsletters", "ida+news@bigmail.example", Kind.ALIAS, Colour.GREEN)
MARSH = person(5, "k7-marsh", "k7-marsh@lindenbox.example", Kind.DISPOSABLE, Colour.OCHRE)
STONE = person(6, "p2-stone", "p2-stone@lindenbox.example", Kind.DISPOSABLE, Colour.SLATE)
NOBODY = person(7, "No sender at all", "anyone@remailer.example", Kind.REMAILER, Colour.VIOLET)
PEOPLE = (WREN, IDA, TARN, NEWS, MARSH, STONE, NOBODY)
RISEUP = replace(
    WREN, address="wren@riseup.net", username="wren@riseup.net", server=PRESETS[0].server or WREN.server
)
LONG = replace(
    IDA,
    id=f"{8:032x}",
    name="Arbeitsgemeinschaft der Donaudampfschifffahrtsgesellschaftskapitäne und ihrer Angehörigen",
    address="arbeitsgemeinschaft.der.donaudampfschifffahrtsgesellschaftskapitaene@verwaltung.hafen.bigmail.example",
)


def at(hour: int, minute: int) -> datetime:
    """A time of the sample's day, UTC."""
    return NOW.replace(hour=hour, minute=minute)


def entry(
    number: int, identity: Identity, subject: str, to: str, state: State, **more: object
) -> OutboxEntry:
    """An entry with an id made of its number; what is not given is as in a mail that waits."""
    values: dict[str, object] = {
        "id": f"{number:032x}",
        "identity_id": identity.id,
        "created": at(9, 0),
        "state": state,
        "step": Step.QUEUED,
        "mail_from": identity.address,
        "message_id": f"<{number}@rowanmail.example>",
        "subject": subject,
        "size": 8_400_000,
        "recipients": (Recipient(to),),
    }
    return OutboxEntry(**(values | more))  # type: ignore[arg-type]


WAITING = entry(
    1,
    IDA,
    "Minutes of the April meeting",
    "council@fjordby.example",
    State.QUEUED,
    next_attempt=at(11, 5),
    detail=at(11, 32).isoformat(),
)
SENDING = entry(
    2,
    TARN,
    "Our answer to the harbour tender",
    "desk@nordpost.example",
    State.SENDING,
    step=Step.DATA_STARTED,
)
UNKNOWN = entry(
    3,
    WREN,
    "Dates for Thursday",
    "marta@nordpost.example",
    State.UNKNOWN,
    step=Step.DOT_WRITTEN,
    reason=Reason.NO_ANSWER,
    finished=at(9, 58),
)
REFUSED = entry(
    4,
    MARSH,
    "Question about your story",
    "tips@nordpost.example",
    State.REFUSED,
    step=Step.TLS,
    reason=Reason.EXIT_BLOCKED,
    reply=Reply(554, "5.7.1", ("Service unavailable; client host blocked",)),
)
ACCEPTED = entry(
    5,
    WREN,
    "Test sheets from Hall 4",
    "marta@nordpost.example",
    State.ACCEPTED,
    step=Step.REPLIED,
    reason=Reason.ACCEPTED,
    finished=at(9, 21),
)
RETRY = entry(
    6,
    IDA,
    "Ferry times",
    "council@fjordby.example",
    State.RETRY,
    step=Step.ENVELOPE,
    reason=Reason.RECIPIENTS_LATER,
    attempts=1,
    next_attempt=at(10, 31),
    reply=Reply(450, "4.2.0", ("Greylisted, please try again",)),
)
HELD = entry(
    7,
    IDA,
    "Invitation",
    "council@fjordby.example",
    State.HELD,
    step=Step.AUTH,
    reason=Reason.SIGN_IN_REFUSED,
    reply=Reply(535, "5.7.8", ("Authentication credentials invalid",)),
)
CANCELLED = entry(8, WREN, "Never mind", "marta@nordpost.example", State.HELD, reason=Reason.CANCELLED)
SOME_REFUSED = replace(
    HELD,
    id=f"{9:032x}",
    subject="To three of you",
    reason=Reason.SOME_RECIPIENTS_REFUSED,
    step=Step.ENVELOPE,
    reply=None,
    recipients=(
        Recipient("council@fjordby.example"),
        Recipient(
            "gone@fjordby.example",
            RecipientState.REFUSED,
            Reply(550, "5.1.1", ("User unknown in virtual mailbox table",)),
        ),
    ),
)
LONG_ENTRY = replace(
    REFUSED,
    id=f"{10:032x}",
    identity_id=LONG.id,
    subject="A subject that goes on and on, since whoever wrote it had more to say than a line of this list can hold",
    recipients=tuple(
        Recipient(f"recipient.number.{n}@a-rather-long-domain.nordpost.example") for n in range(1, 9)
    ),
    reply=Reply(
        554, "5.7.1", ("Service unavailable; " + "client host blocked using a list, see its page; " * 8,)
    ),
)
MOCKUP = (WAITING, SENDING, UNKNOWN, REFUSED, ACCEPTED)
WAITING_FOR_A_TIME = replace(
    WAITING,
    id=f"{11:032x}",
    subject="For the morning",
    next_attempt=at(11, 32) + timedelta(days=1),
    detail="",
)
MISSED = replace(
    HELD,
    id=f"{12:032x}",
    subject="Before the ferry leaves",
    step=Step.QUEUED,
    reason=Reason.MISSED,
    reply=None,
    detail="2026-04-21 08:15 UTC",
)
LATER = (WAITING, WAITING_FOR_A_TIME, MISSED, ACCEPTED)
EVERY_STATE = (*MOCKUP, RETRY, HELD, CANCELLED, SOME_REFUSED)
TEST_SENDING = replace(SENDING, identity_id=WREN.id, subject="Test", recipients=(Recipient(WREN.address),))
TEST_REFUSED = replace(HELD, identity_id=WREN.id, subject="Test", recipients=(Recipient(WREN.address),))
PROGRESS = Progress(SENDING.id, TARN.id, SendPhase.SENDING, 3_100_000, 8_400_000)

CLOCK = clock_trouble(-7200, datetime(2026, 3, 1, 8, 14, tzinfo=UTC))
STUCK_CLOCK = TorStatus(Phase.FAILED, 14, "", CLOCK, "0.4.8.12", True, "launch")
FOUND = (
    Found(Control("127.0.0.1", 9151), "Tor Browser", circuits=True, isolates=True),
    Found(Socks("127.0.0.1", 9050), "a Tor service of this system", circuits=False),
)
CIRCUIT = Circuit(
    "12",
    (
        Relay("A" * 40, "larkspur", "DE", Role.GUARD),
        Relay("B" * 40, "tinmill", "FR", Role.MIDDLE),
        Relay("C" * 40, "osprey", "SE", Role.EXIT),
    ),
    at(10, 18),
    False,
    CircuitState.BUILT,
)
ONION_CIRCUIT = Circuit(
    "14",
    (
        Relay("D" * 40, "brindle", "CH", Role.GUARD),
        Relay("E" * 40, "mossgate", "NL", Role.MIDDLE),
        Relay("F" * 40, "heron", "CZ", Role.MEETING),
    ),
    at(10, 19),
    True,
    CircuitState.BUILT,
)
HEADER = (
    b"From: Wren <wren@rowanmail.example>\r\n"
    b"To: Marta Lindqvist <marta@nordpost.example>\r\n"
    b"Subject: Test sheets from Hall 4\r\n"
    b"Date: Tue, 21 Apr 2026 10:20:00 +0000\r\n"
    b"Message-ID: <9rq3vtw0k6p2hc5x@rowanmail.example>\r\n"
    b"MIME-Version: 1.0\r\n"
    b"Content-Type: text/plain; charset=utf-8\r\n"
    b"Content-Transfer-Encoding: quoted-printable\r\n"
)


DISK_FULL = DiskFull(
    "The disk is full. This was not saved; what was saved before is intact.",
    advice="Free some space, then try again.",
)


def outbox(entries: tuple[OutboxEntry, ...] = MOCKUP) -> OutboxPage:
    """The outbox with these."""
    page = OutboxPage(now=lambda: NOW)
    page.set_identities((*PEOPLE, LONG))
    page.set_entries(entries)
    page.set_progress(PROGRESS)
    return page


def identities(people: tuple[Identity, ...] = PEOPLE, shown: Identity | None = None) -> IdentitiesPage:
    """The identities, the password of the one shown in the keyring."""
    page = IdentitiesPage()
    page.set_identities(people)
    if shown is not None:
        page.show_identity(shown.id)
    page.set_password_place(page.current_id(), PasswordPlace.KEYRING)
    return page


def new_identity() -> IdentitiesPage:
    """A new one, its errors said."""
    page = identities()
    page.start_new()
    page.form.foot.add.click()
    return page


def framed(page: QWidget, which: Page, *, demo: bool = False) -> Shell:
    """The page beside the sidebar."""
    shell = Shell(demo=demo)
    for each in shell.sidebar.pages():
        shell.add_page(each, page if each is which else QWidget())
    shell.show_page(which)
    shell.set_tor(samples.READY)
    shell.set_outbox_count(4)
    return shell


def first_steps(step: FirstStep, page: Shell | ConnectPage, status: TorStatus = samples.READY) -> Shell:
    """The strip of the first run above that page."""
    if isinstance(page, Shell):
        shell = page
        shell.set_tor(status)
    else:
        page.set_first(True)  # a state, not an option
        page.set_status(status)
        shell = Shell()
        shell.add_full(page)
        shell.show_full(page)
    shell.set_outbox_count(0)
    strip = FirstSteps()
    has_address = step not in {FirstStep.CONNECT, FirstStep.CONNECTING, FirstStep.STUCK, FirstStep.ADDRESS}
    done = {0: status.usable, 1: has_address, 2: step is FirstStep.ARRIVED}
    strip.set_step(step, {number for number, is_so in done.items() if is_so})
    in_outbox = isinstance(page, Shell) and page.page() is Page.OUTBOX and step is not FirstStep.ARRIVED
    strip.set_there(isinstance(page, ConnectPage) or in_outbox)
    shell.add_strip(strip)
    return shell


def first_address(*, long: bool = False) -> Shell:
    """The form in the first run, empty or filled in with too much."""
    page = identities(())
    page.start_new()
    if long:
        for field, words in ((page.form.name, LONG.name), (page.form.address, LONG.address)):
            field.setText(words)
            field.textEdited.emit(words)
        page.form.foot.add.click()
    return first_steps(FirstStep.ADDRESS, framed(page, Page.IDENTITIES))


LONG_SENDER = replace(
    LONG, address="donaudampfschifffahrtsgesellschaftskapitaene@verwaltung.hafen.bigmail.example"
)


def first_test(identity: Identity = WREN) -> ComposePage:
    """The test, before it leaves."""
    draft = Draft("first", identity.id, to=identity.address, subject="Test", text="This is a test.")
    page = compose(
        draft,
        route=samples.route(identity, to=draft.to),
        findings=(),
        parties=who_learns_what(draft, identity, CIRCUIT),
        limits=limits(draft, identity),
    )
    page.set_identities((identity,))
    return page


def connect(
    status: TorStatus = STUCK_CLOCK, *, found: tuple[Found, ...] = (), running: bool = False
) -> ConnectPage:
    """On the way to Tor."""
    page = ConnectPage()
    page.set_found(found)
    page.set_status(status)
    if running:
        page.set_choice(Control("192.0.2.7", 9051))
    return page


BRIDGE = (
    "obfs4 192.0.2.7:443 0123456789ABCDEF0123456789ABCDEF01234567"
    " cert=bjRaMrr1BRiAW8IE9U5z27fQaYgOhX1UCmOpg2pFpoMvo6ZgQMzLsaTzzQNTlm7hNcb iat-mode=0"
)


def bridged(way: WayChosen | None = None, lacking: frozenset[str] = frozenset()) -> ConnectPage:
    """With a bridge; as in the mock-up where nothing else is asked for."""
    page = connect(replace(STUCK_CLOCK, progress=20, first="bridge", bridges=(2, 2)), found=FOUND)
    page.choices.bridged.set_lacking(lacking)
    page.set_way(way or WayChosen(Bridges.OBFS4))
    page.set_choice(Launch())
    return page


def stuck(code: str, phase: Phase, progress: int = 0, means: str = "launch", **values: object) -> TorStatus:
    """A status with that trouble."""
    found: TorTrouble = trouble(code, "a line of the log", **values)
    return TorStatus(phase, progress, "", found, "0.4.8.12", True, means)


def unlock(lock: Lock, *, wrong: bool = False) -> UnlockPage:
    """Before the vault is open."""
    page = UnlockPage(lock)
    if wrong and lock in {Lock.KEYRING, Lock.NEW_KEYRING}:
        page.set_problem(KEYRING_LOCKED)
    elif wrong:
        page.set_problem(WrongKey("That passphrase doesn’t open it.", advice="Type it again."))
    return page


def broken() -> UnlockPage:
    """What is in the vault can't be read."""
    page = UnlockPage(Lock.BROKEN)
    page.set_problem(
        VaultDamaged(
            "The vault is damaged. Nothing in it was changed.",
            advice="Keep the folder as it is, and put the vault back from a backup.",
        )
    )
    return page


def first_locked() -> Shell:
    """An address that couldn't be added, since its password couldn't be kept."""
    page = identities(())
    page.start_new()
    page.save_failed(page.form.identity_id(), KEYRING_LOCKED)
    return first_steps(FirstStep.ADDRESS, framed(page, Page.IDENTITIES))


def demo_mail(identity: Identity, tls: str) -> Received:
    """A mail of that identity as the demo's server took it."""
    sender = f"{identity.name} <{identity.address}>".encode()
    return Received(
        mail_from=identity.address,
        rcpt_tos=("marta@nordpost.example",),
        data=HEADER.replace(b"Wren <wren@rowanmail.example>", sender) + b"\r\nDear Marta,\r\n",
        listener=Listener.IMPLICIT if tls else Listener.ONION_PLAIN,
        tls_version=tls,
        username=identity.username,
        ehlo="[127.0.0.1]",
        peer=("127.0.0.1", 40000),
        at=NOW + timedelta(seconds=4),
    )


def demo() -> DemoPage:
    """Two mails over two circuits."""
    page = DemoPage()
    page.add(Arrived(WREN, demo_mail(WREN, "TLSv1.3"), CIRCUIT))
    page.add(Arrived(TARN, demo_mail(TARN, ""), ONION_CIRCUIT))
    return page


def torrc_chosen() -> ConnectPage:
    """Tor on its way, with an expert's file."""
    page = connect(samples.STARTING)
    page.set_choice(Launch(torrc_include=Path("/media/usb/extra lines for a rather special network.torrc")))
    return page


def problems() -> Shell:
    """A page with two failures over it."""
    shell = framed(outbox(), Page.OUTBOX)
    shell.banner.show_problem("disk", DISK_FULL, [("retry", "Try again", True)])
    return shell


def time_dialog(at: datetime | None = None) -> TimeDialog:
    """A time, chosen two hours east of UTC."""
    return TimeDialog(at, now=lambda: samples.NOW, zone=timezone(timedelta(hours=2)))


FOLDER = Path("/home/ida/.local/share/torsend")
KEPT = (
    Kept(
        "vault",
        "the vault: identities, drafts, outbox, words, bridges; encrypted",
        FOLDER / "vault.db",
        1_200_000,
    ),
    Kept("backup", "the vault as an older Torsend left it; encrypted", FOLDER / "vault.db.before-3", 900_000),
    Kept("settings", "settings: no address, no secret", FOLDER / "settings.json", 312),
    Kept(
        "tor",
        "Tor’s own folder: its guards and what it knows of the network; not encrypted",
        FOLDER / "tor",
        8_400_000,
    ),
    Kept("key", "the vault’s key, in the system keyring", None),
)
STUCK = ProfileUnwritable(
    f"{FOLDER / 'tor'} could not be removed: Permission denied.", advice="Remove it by hand."
)
KEYRING_LOCKED = KeyringLocked("The keyring is locked.", advice="Unlock it or type the password.")
KEYRING_KEEPS = StorageError(
    "The keyring is locked. What torsend kept there may still be there.",
    advice="Look in your password manager for entries of the service torsend.",
)


def help_page(*, shown: bool = False) -> HelpPage:
    """Help and data."""
    page = HelpPage()
    page.set_steps_shown(shown)
    page.set_kept(KEPT)
    return page


def wiped(*troubles: TorsendError) -> WipeDialog:
    """All data removed, or all but that."""
    dialog = WipeDialog(Losses(KEPT, 2, 1))
    dialog.understood.click()
    dialog.remove.click()
    dialog.show_outcome(troubles)
    return dialog


PAGE_SCREENS: dict[str, Screen] = {
    "first-connect": Screen(lambda: first_steps(FirstStep.CONNECT, connect(), TorStatus())),
    "first-connect-narrow": Screen(lambda: first_steps(FirstStep.CONNECT, connect(), TorStatus()), 960, 640),
    "first-connecting": Screen(
        lambda: first_steps(FirstStep.CONNECTING, connect(), samples.STARTING), 960, 640
    ),
    "first-stuck": Screen(lambda: first_steps(FirstStep.STUCK, connect(), STUCK_CLOCK), 960, 640),
    "first-address": Screen(first_address),
    "first-address-narrow": Screen(first_address, 960, 640),
    "first-address-narrow-long": Screen(lambda: first_address(long=True), 960, 640),
    "first-address-locked": Screen(first_locked),
    "first-address-narrow-locked": Screen(first_locked, 960, 640),
    "first-offline": Screen(
        lambda: first_steps(FirstStep.OFFLINE, framed(identities((WREN,)), Page.IDENTITIES), TorStatus()),
        960,
        640,
    ),
    "first-test": Screen(lambda: first_steps(FirstStep.TEST, framed(identities((WREN,)), Page.IDENTITIES))),
    "first-test-narrow-long": Screen(
        lambda: first_steps(FirstStep.TEST, framed(identities((LONG,)), Page.IDENTITIES)), 960, 640
    ),
    "first-test-written": Screen(first_test),
    "first-test-written-narrow-long": Screen(lambda: first_test(LONG_SENDER), 960, 640),
    "first-on-its-way": Screen(
        lambda: first_steps(FirstStep.ON_ITS_WAY, framed(outbox((TEST_SENDING,)), Page.OUTBOX)), 960, 640
    ),
    "first-stopped": Screen(
        lambda: first_steps(FirstStep.STOPPED, framed(outbox((TEST_REFUSED,)), Page.OUTBOX)), 960, 640
    ),
    "first-arrived": Screen(
        lambda: first_steps(FirstStep.ARRIVED, framed(outbox(()), Page.OUTBOX)), 960, 640
    ),
    "first-look": Screen(ArrivedHelp, *ARRIVED_HELP_SIZE),
    "wipe": Screen(lambda: WipeDialog(Losses(KEPT, 2, 1)), *WIPE_SIZE),
    "wipe-over": Screen(wiped, *WIPE_SIZE),
    "wipe-trouble": Screen(lambda: wiped(STUCK, KEYRING_KEEPS), *WIPE_SIZE),
    "help": Screen(lambda: framed(help_page(), Page.HELP)),
    "help-narrow": Screen(lambda: framed(help_page(shown=True), Page.HELP), 960, 640),
    "outbox": Screen(lambda: framed(outbox(), Page.OUTBOX)),
    "outbox-later": Screen(lambda: framed(outbox(LATER), Page.OUTBOX)),
    "when-time": Screen(time_dialog, 400, 260),
    "when-time-passed": Screen(lambda: time_dialog(samples.NOW - timedelta(hours=1)), 400, 260),
    "outbox-every-state": Screen(lambda: framed(outbox(EVERY_STATE), Page.OUTBOX), 1200, 1400),
    "outbox-empty": Screen(lambda: framed(outbox(()), Page.OUTBOX)),
    "outbox-narrow-long": Screen(lambda: framed(outbox((*MOCKUP[:3], LONG_ENTRY)), Page.OUTBOX), 960, 640),
    "outbox-problem": Screen(problems),
    "identities": Screen(lambda: framed(identities((RISEUP, *PEOPLE[1:])), Page.IDENTITIES)),
    "identities-other": Screen(lambda: framed(identities(shown=IDA), Page.IDENTITIES)),
    "identities-new": Screen(lambda: framed(new_identity(), Page.IDENTITIES)),
    "identities-empty": Screen(lambda: framed(identities(()), Page.IDENTITIES)),
    "identities-narrow-long": Screen(
        lambda: framed(identities((WREN, LONG, *PEOPLE[2:]), shown=LONG), Page.IDENTITIES), 960, 640
    ),
    "connect": Screen(connect),
    "connect-found": Screen(lambda: connect(samples.STARTING, found=FOUND, running=True)),
    "connect-running": Screen(
        lambda: connect(stuck("wrong-password", Phase.FAILED, means="control"), running=True)
    ),
    "connect-torrc": Screen(torrc_chosen),
    "connect-bridged": Screen(bridged),
    "connect-own-bridges": Screen(
        lambda: bridged(
            WayChosen(
                Bridges.OWN,
                f"# from a friend\n{BRIDGE}\nobfs4 192.0.2.8:443 0123\nobfs4 192.0.2.9\n",
                Proxy(ProxyKind.SOCKS5, "192.0.2.1", 1080, "kaspar"),
                (80, 443),
            )
        ),
        1200,
        1000,
    ),
    "connect-no-program": Screen(
        lambda: bridged(
            WayChosen(Bridges.OWN, f"{BRIDGE}\nwebtunnel 192.0.2.9:443 url=https://example.net/w\n"),
            frozenset({"obfs4", "webtunnel"}),
        ),
        1200,
        1000,
    ),
    "connect-snowflake-narrow": Screen(lambda: bridged(WayChosen(Bridges.SNOWFLAKE)), 960, 640),
    "connect-ready": Screen(lambda: connect(samples.SOCKS_ONLY, found=FOUND)),
    "connect-narrow": Screen(connect, 960, 640),
    "unlock": Screen(lambda: unlock(Lock.OPEN, wrong=True)),
    "unlock-create": Screen(lambda: unlock(Lock.CREATE)),
    "unlock-keyring": Screen(lambda: unlock(Lock.KEYRING)),
    "unlock-keyring-locked": Screen(lambda: unlock(Lock.KEYRING, wrong=True), 960, 640),
    "unlock-keyring-new": Screen(lambda: unlock(Lock.NEW_KEYRING, wrong=True), 960, 640),
    "unlock-choose": Screen(lambda: unlock(Lock.CHOOSE)),
    "unlock-broken": Screen(broken, 960, 640),
    "arrived": Screen(lambda: framed(demo(), Page.ARRIVED, demo=True)),
    "arrived-empty": Screen(lambda: framed(DemoPage(), Page.ARRIVED, demo=True)),
}
