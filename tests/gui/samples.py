"""What the pages are shown with in tests and in pictures: the people, places and mails of the mock-ups."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from torsend.app.attached import as_sent
from torsend.app.exactly import Exactly
from torsend.checks.files import FileStanding, FileState
from torsend.checks.finding import Finding, Place, Severity, Where
from torsend.checks.not_in_there import Hit, NotInThere, Spot
from torsend.checks.parties import Limit, Party, Pip
from torsend.checks.this_machine import HOST_NAME, USER_NAME, Fact, Kind
from torsend.clean.report import Left, Removed, Report, Trace, Verdict, Why
from torsend.delivery.actions import Heard, Login
from torsend.delivery.answers import Answers, typical
from torsend.delivery.lane import Progress, SendPhase
from torsend.delivery.rehearsal import rehearse
from torsend.delivery.reply import Reply
from torsend.delivery.wire_text import mail_alone, wire_text
from torsend.gui.route_view import RouteView, route_view
from torsend.identity import identity as who
from torsend.identity.identity import Colour, FileNames, Identity, OnlyOverTor, Server, Tls
from torsend.mail.address import complete_mailboxes
from torsend.mail.draft import Attachment, Decision, Draft
from torsend.mail.wire import Envelope, Message
from torsend.tor.circuits import Circuit, CircuitState, Relay, Role
from torsend.tor.status import Phase, TorStatus

NOW = datetime(2026, 4, 21, 10, 20, tzinfo=UTC)
ONION_HOST = "2gzyxa5ihm7nsggfxnu52rck2vv4rvmdlkiu3zzui5du4xyclen53wid.onion"

READY = TorStatus(phase=Phase.READY, progress=100, version="0.4.8.12", sees_circuits=True, means="launch")
STARTING = TorStatus(phase=Phase.BOOTSTRAPPING, progress=45, sees_circuits=True, means="launch")
SOCKS_ONLY = TorStatus(phase=Phase.READY, progress=100, sees_circuits=False, means="socks")

WREN = Identity(
    id="0" * 31 + "1",
    name="Wren",
    address="wren@rowanmail.example",
    kind=who.Kind.ADDRESS,
    colour=Colour.TEAL,
    server=Server("smtp.rowanmail.example", 465, Tls.IMPLICIT),
    only_over_tor=OnlyOverTor.YES,
)
IDA = Identity(
    id="0" * 31 + "2",
    name="Ida Holm",
    address="ida.holm@bigmail.example",
    kind=who.Kind.ADDRESS,
    colour=Colour.BLUE,
    server=Server("smtp.bigmail.example", 587, Tls.STARTTLS),
)
TARN = Identity(
    id="0" * 31 + "3",
    name="Tarn Collective",
    address="tarn.press@rowanmail.example",
    kind=who.Kind.ALIAS,
    colour=Colour.WINE,
    server=Server(ONION_HOST, 465, Tls.IMPLICIT),
)
MARSH = Identity(
    id="0" * 31 + "4",
    name="k7-marsh",
    address="k7-marsh@lindenbox.example",
    kind=who.Kind.DISPOSABLE,
    colour=Colour.OCHRE,
    server=Server("smtp.lindenbox.example", 465, Tls.IMPLICIT),
)
LONG = Identity(
    id="0" * 31 + "5",
    name="Gesellschaft zur Förderung der vergleichenden Unterwasserarchäologie",
    address="sekretariat.unterwasserarchaeologie@mitglieder.gesellschaft-fuer-archaeologie.example",
    kind=who.Kind.REMAILER,
    colour=Colour.SLATE,
    server=Server("submission.mitglieder.gesellschaft-fuer-archaeologie.example", 465, Tls.IMPLICIT),
)
IDENTITIES = (WREN, IDA, TARN, MARSH, LONG)

SIZES = {"test-sheet.jpg": 2_900_000, "notes.doc": 3_200_000, "bids.pdf": 4_700_000, "letters.odt": 1_400_000}

_FOLDER = TemporaryDirectory(prefix="torsend-samples-")


def _file(name: str) -> Attachment:
    """A file that is there, as large as the mock-up says, without a byte on the disk."""
    path = Path(_FOLDER.name) / name
    with path.open("wb") as file:
        file.truncate(SIZES.get(name, 120_000))
    return Attachment.of(path)


CLEANED = Report(
    Verdict.CLEANED,
    "JPEG",
    "image/jpeg",
    (
        Removed(Trace.LOCATION, "GPSLatitude", "59.9127 N"),
        Removed(Trace.LOCATION, "GPSLongitude", "10.7461 E"),
        Removed(Trace.DEVICE, "Model", "Aster 30 PRO"),
        Removed(Trace.DEVICE, "BodySerialNumber", "4031187"),
        Removed(Trace.DATE, "DateTimeOriginal", "2026:03:04 07:12:55"),
        Removed(Trace.DATE, "CreateDate", "2026:03:04 07:12:55"),
        Removed(Trace.DATE, "GPSDateStamp", "2026:03:04"),
        Removed(Trace.THUMBNAIL, "ThumbnailImage"),
    ),
    ((Trace.LOCATION, 2), (Trace.DEVICE, 2), (Trace.DATE, 3), (Trace.THUMBNAIL, 1)),
    (Left.PIXELS,),
)
PDF = Report(
    Verdict.CLEANED,
    "PDF",
    "application/pdf",
    tuple(Removed(Trace.HISTORY, f"revision {n}", "x" * 180) for n in range(12)),
    ((Trace.AUTHOR, 3), (Trace.SOFTWARE, 2), (Trace.DATE, 2), (Trace.HISTORY, 60), (Trace.IDENTIFIER, 2)),
    (Left.WORDS, Left.LAYOUT),
)
NOTHING = Report(Verdict.NOTHING, "TEXT", "text/plain", kept=(Left.WORDS,))
OLD_OFFICE = Report(Verdict.NOT_CLEANABLE, why=Why.OLD_OFFICE)


def standings(
    draft: Draft, names: FileNames = FileNames.KEPT, *, settled: bool = False
) -> tuple[FileStanding, ...]:
    """As if its files had been looked through: pictures and documents cleaned, .doc not cleanable."""
    found = []
    for file in draft.attachments:
        report = PDF if file.name.endswith((".pdf", ".odt")) else CLEANED
        state = FileState.CLEANED
        if file.name.endswith(".txt"):
            state, report = FileState.NOTHING, NOTHING
        if file.name.endswith(".doc") and not settled:
            state, report = FileState.DECIDE, OLD_OFFICE
        if file.decision is Decision.AS_IT_IS:
            state = FileState.AS_IT_IS
        found.append((state, report))
    sent = as_sent(draft.attachments, names, [report for _, report in found])
    return tuple(
        FileStanding(file, state, one.name, report)
        for file, one, (state, report) in zip(draft.attachments, sent, found, strict=True)
    )


MARTA = "Marta Lindqvist <marta@nordpost.example>"

DRAFT = Draft(
    id="d1",
    identity_id=WREN.id,
    to=MARTA,
    subject="Test sheets from Hall 4",
    text=(
        "Dear Marta,\n\nattached are a photograph of the original test sheet and my notes on the dates. The readings "
        "in columns 2 and 3 were changed after the inspector had left.\n\nKaspar and two others on the night shift "
        "saw the originals. Please name nobody, and don’t print the photograph as it is.\n\nI will look for your "
        "answer here on Thursday. If this address is gone by then, use the words on the card.\n\nWren"
    ),
    attachments=(
        _file("test-sheet.jpg"),
        _file("notes.doc"),
    ),
)

TENDER = Draft(
    id="d2",
    identity_id=TARN.id,
    to="desk@nordpost.example",
    subject="Our answer to the harbour tender",
    text=(
        "To the news desk,\n\nthe port authority says the harbour tender drew one bid. It drew three. The two that "
        "were left out are attached, with the letters that turned them down.\n\nWe have taken out the names of the "
        "people who wrote to us. Please ask us before you print a facsimile.\n\nYou can answer to this address until "
        "the end of the month.\n\nTarn Collective"
    ),
    attachments=(
        _file("bids.pdf"),
        _file("letters.odt"),
    ),
)

LONG_DRAFT = Draft(
    id="d3",
    identity_id=LONG.id,
    to=", ".join(
        [
            "Marta Lindqvist <marta@nordpost.example>",
            "not an address",
            '"Nordström, Åke (Redaktion)" <ake.nordstrom@redaktionen.nordpost.example>',
            "a-very-long-local-part-that-never-seems-to-end-at-all@an-even-longer-domain-name.nordpost.example",
            "desk@nordpost.example",
            "tips@nordpost.example",
        ]
    ),
    cc="council@fjordby.example",
    subject="A subject that goes on and on, far beyond what anybody would want to read in one line, and then some more",
    text="\n\n".join(
        ["A paragraph that is long enough to be wrapped over several lines of the window. " * 4] * 12
    ),
    attachments=tuple(
        _file(f"The minutes of the meeting of the {n}th of April, draft {n}, final.pdf") for n in range(1, 6)
    ),
)

EVERY_FILE = Draft(
    id="d4",
    identity_id=WREN.id,
    to=MARTA,
    subject="Every file",
    text="Dear Marta,",
    attachments=(
        _file("readings.txt"),
        _file("test-sheet.jpg"),
        _file("notes.doc"),
        _file("Interview_Kaspar_Meyer_2026-03-04_final_version_3_with_corrections.doc").as_it_is(),
        _file("film.mp4"),
        _file("broken.png"),
    ),
)
FAILED = (
    "The disk is full. This was not saved; what was saved before is intact. Free some space and try again."
)

FINDINGS = (
    Finding("not-sendable", Severity.DECIDE, "The mail would be 206 MB; 150 MB is the most. Attach less."),
    Finding(
        "as-it-is",
        Severity.LOOK,
        "notes.doc is sent as it is: it may hold its author’s name, place or dates.",
    ),
    Finding("not-encrypted", Severity.LOOK, "Not encrypted: the mail providers can read it."),
    Finding("no-trace", Severity.FINE, "No header line tells this computer’s name."),
)
KASPAR = Place(Where.TEXT, DRAFT.text.index("Kaspar"), DRAFT.text.index("Kaspar") + len("Kaspar"))
GRADED = (
    Finding(
        "not-cleanable",
        Severity.DECIDE,
        "notes.doc can’t be cleaned",
        "notes.doc",
        (Place(Where.FILE, 0, 9, 1),),
    ),
    Finding("on-word-list", Severity.LOOK, "“Kaspar” is on your word list", "Kaspar", (KASPAR,)),
    Finding("c", Severity.FINE, "test-sheet.jpg is cleaned"),
    Finding("d", Severity.FINE, "From matches its provider (DMARC aligned)"),
)
CHECKED = (
    Finding("b", Severity.LOOK, "Not encrypted: no key for nordpost"),
    Finding("c", Severity.FINE, "bids.pdf and letters.odt are cleaned"),
    Finding("d", Severity.FINE, "No word of your list in the text"),
    Finding("e", Severity.FINE, "From matches its provider (DMARC aligned)"),
)
PARTIES = (
    Party("network", "Your network", "", "That you use Tor, when and how much.", Pip.FULL, Pip.NONE),
    Party(
        "guard", "Guard relay", "larkspur", "Your internet address, not where it leads.", Pip.FULL, Pip.NONE
    ),
    Party("exit", "Exit relay", "osprey", "That someone connects to rowanmail.", Pip.NONE, Pip.NONE),
    Party(
        "providers",
        "Mail providers",
        "rowanmail, nordpost",
        "Sender, recipient, subject, time and size.",
        Pip.NONE,
        Pip.HALF,
    ),
    Party(
        "recipients",
        "Marta Lindqvist",
        "",
        "Everything. notes.doc may name its author.",
        Pip.HALF,
        Pip.FULL,
        Severity.DECIDE,
    ),
    Party(
        "forwarded",
        "Anyone Marta forwards it to",
        "",
        "All Marta passes on, your address included.",
        Pip.HALF,
        Pip.FULL,
        Severity.DECIDE,
    ),
)
ONION_PARTIES = (
    PARTIES[0],
    Party(
        "guard", "Guard relay", "brindle", "Your internet address, not where it leads.", Pip.FULL, Pip.NONE
    ),
    Party(
        "service-relays",
        "The server’s relays",
        "",
        "Neither of the two. There is no exit relay.",
        Pip.NONE,
        Pip.NONE,
    ),
    Party(
        "your-provider",
        "Your provider",
        "rowanmail",
        "The whole mail. May know you already.",
        Pip.HALF,
        Pip.FULL,
        Severity.LOOK,
    ),
    Party(
        "their-provider",
        "Their provider",
        "nordpost",
        "The whole mail, not where it came from.",
        Pip.NONE,
        Pip.FULL,
    ),
    Party(
        "recipients",
        "desk@nordpost and its readers",
        "",
        "The whole mail, your address included.",
        Pip.NONE,
        Pip.FULL,
    ),
)
LIMITS = (
    Limit("Practically untraceable", "for the providers and Marta, once notes.doc is settled."),
    Limit(
        "Not", "for someone who watches your network and rowanmail at once, or if your words give you away."
    ),
)
ONION_LIMITS = (
    Limit("Practically untraceable", "for nordpost and its readers."),
    Limit(
        "Not",
        "for rowanmail if you ever signed in without Tor, nor for someone who watches your network and rowanmail at "
        "once, nor if your words give you away.",
    ),
)

CIRCUIT = Circuit(
    id="17",
    relays=(
        Relay("A" * 40, "larkspur", "DE", Role.GUARD),
        Relay("B" * 40, "tinmill", "FR", Role.MIDDLE),
        Relay("C" * 40, "osprey", "SE", Role.EXIT),
    ),
    built_at=NOW - timedelta(minutes=2, seconds=11),
    onion=False,
    state=CircuitState.BUILT,
)
BRIDGED_CIRCUIT = Circuit(
    "19",
    (Relay("9" * 40, "hideaway", None, Role.BRIDGE), *CIRCUIT.relays[1:]),
    CIRCUIT.built_at,
    onion=False,
    state=CircuitState.BUILT,
)
ONION_CIRCUIT = Circuit(
    id="18",
    relays=(
        Relay("D" * 40, "brindle", "CH", Role.GUARD),
        Relay("E" * 40, "mossgate", "NL", Role.MIDDLE),
        Relay("F" * 40, "heron", "CZ", Role.MEETING),
    ),
    built_at=NOW,
    onion=True,
    state=CircuitState.BUILT,
)

SENDING = Progress("e1", TARN.id, SendPhase.SENDING, 3_100_000, 8_400_000)
WAITING = Progress("e1", WREN.id, SendPhase.WAITING, 8_400_000, 8_400_000)
BUILDING = Progress("e1", WREN.id, SendPhase.BUILDING, 0, 8_400_000)

WIRE = b"\r\n".join(
    [
        b"From: Wren <wren@rowanmail.example>",
        b"To: Marta Lindqvist <marta@nordpost.example>",
        b"Subject: Test sheets from Hall 4",
        b"Date: Tue, 21 Apr 2026 10:20:00 +0000",
        b"Message-ID: <9rq3vtw0k6p2hc5x@rowanmail.example>",
        b"MIME-Version: 1.0",
        b'Content-Type: multipart/mixed; boundary="b1f07c2a94"',
        b"",
        b"--b1f07c2a94",
        b"Content-Type: text/plain; charset=utf-8",
        b"Content-Transfer-Encoding: quoted-printable",
        b"",
        b"Dear Marta,",
        b"",
        b"attached are a photograph of the original test sheet and my notes on the =",
        b"dates.",
        b"--b1f07c2a94",
        b"Content-Type: application/msword",
        b"Content-Transfer-Encoding: base64",
        b'Content-Disposition: attachment; filename="notes.doc"',
        b"",
        *[b"wV4D9cKq7nA1u2ASAQdAe0sYh7kM3vXq0nT8wLr5pJc2GdZb1RfUoWyEtKwV4D9cKq7nA1u2ASAQ"] * 57,
        b"--b1f07c2a94--",
        b"",
    ]
)


ANSWERS = Answers(
    {
        **typical(WREN.server).replies,
        Heard.HELLO: Reply(250, lines=("smtp.rowanmail.example", "SIZE 52428800", "AUTH PLAIN")),
        Heard.SIGNED_IN: Reply(235, "2.7.0"),
        Heard.ACCEPTED: Reply(250, "2.0.0"),
    },
    seen=True,
)


def exactly(
    identity: Identity = WREN,
    wire: bytes = WIRE,
    answers: Answers = ANSWERS,
    told: NotInThere | None = None,
    as_it_is: tuple[str, ...] = ("notes.doc",),
) -> Exactly:
    """Exactly what leaves of a sample mail."""
    message = Message(
        Envelope(identity.address, ("marta@nordpost.example",)), "<9rq3vtw0k6p2hc5x@rowanmail.example>", NOW,
        "Test sheets from Hall 4", len(wire), lambda: iter([wire]),
    )  # fmt: skip
    talk = wire_text(rehearse(message, identity.server, Login("wren", ""), answers), identity.provider)
    return Exactly(
        message, talk, wire_text(mail_alone([wire]), identity.provider), told or NotInThere((), frozenset()),
        as_it_is, identity.provider, identity.server.tls, answers.seen,
    )  # fmt: skip


TELLING = NotInThere(
    (
        Hit(Fact(Kind.USER, USER_NAME, "kaspar"), Spot.TEXT),
        Hit(Fact(Kind.HOST, HOST_NAME, "hall4"), Spot.FILE, 2),
    ),
    frozenset({Kind.ADDRESS}),
    ("test-sheet.jpg", "notes.doc"),
)


def route(
    identity: Identity | None = WREN,
    circuit: Circuit | None = CIRCUIT,
    status: TorStatus = READY,
    progress: Progress | None = None,
    to: str = MARTA,
) -> RouteView:
    """The route of a sample mail."""
    return route_view(identity, circuit, complete_mailboxes(to), status, progress, now=NOW)
