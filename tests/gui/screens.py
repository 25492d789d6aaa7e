"""The screens that ``packaging/shots.py`` paints and that the tests walk through. Other pages add theirs to ``SCREENS``."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QDeadlineTimer

from tests.gui import samples
from torsend.checks.files import FileState
from torsend.delivery.actions import Heard
from torsend.delivery.answers import Answers, typical
from torsend.delivery.later import NOW, At
from torsend.delivery.reply import Reply
from torsend.gui import wire_view
from torsend.gui.compose import ComposePage
from torsend.gui.removed_dialog import RemovedDialog
from torsend.gui.when import HOUR
from torsend.identity.identity import FileNames
from torsend.mail.draft import Draft

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget

    from torsend.app.exactly import Exactly
    from torsend.checks.findings import Finding
    from torsend.checks.parties import Limit, Party
    from torsend.clean.report import Report
    from torsend.delivery.lane import Progress
    from torsend.delivery.later import When
    from torsend.gui.route_view import RouteView
    from torsend.identity.identity import Identity
    from torsend.tor.status import TorStatus


@dataclass(frozen=True)
class Screen:
    """How to make one, how large it is, and what to do once it is shown."""

    make: Callable[[], QWidget]
    width: int = 1200
    height: int = 800
    then: Callable[[QWidget], None] | None = None


def compose(
    draft: Draft = samples.DRAFT,
    *,
    route: RouteView | None = None,
    status: TorStatus = samples.READY,
    progress: Progress | None = None,
    findings: tuple[Finding, ...] = samples.GRADED,
    parties: tuple[Party, ...] = samples.PARTIES,
    limits: tuple[Limit, ...] = samples.LIMITS,
    when: When = NOW,
    names: FileNames = FileNames.KEPT,
    settled: bool = False,
) -> ComposePage:
    """The compose page with all that it can be given, as if the files of the samples were there.

    Args:
        settled: every file could be cleaned.
    """
    page = ComposePage()
    page.set_identities(samples.IDENTITIES)
    page.set_draft(draft)
    deadline = QDeadlineTimer(5000)
    while draft.attachments and not page.fields.files.total_words() and not deadline.hasExpired():
        QCoreApplication.processEvents()
    page.set_standings(samples.standings(draft, names, settled=settled))
    page.set_status(status)
    page.set_route(route or samples.route())
    page.set_findings(findings)
    page.set_parties(parties)
    page.set_limits(limits)
    page.when.choose(when)
    page.set_progress(progress)
    return page


def every_file(draft: Draft = samples.EVERY_FILE) -> ComposePage:
    """A file in every state, under neutral names."""
    page = compose(draft, names=FileNames.NEUTRAL)
    *_, film, last = samples.standings(draft, FileNames.NEUTRAL)
    page.set_standings(
        (
            replace(film, state=FileState.CLEANING, report=None),
            replace(last, state=FileState.FAILED, report=None, problem=samples.FAILED),
        )
    )
    return page


def below(page: QWidget) -> None:
    """Its last files in sight."""
    assert isinstance(page, ComposePage)
    page.fields.files.go_to_place(5)


def removed(report: Report = samples.CLEANED) -> RemovedDialog:
    """What was removed from the photograph."""
    return RemovedDialog("test-sheet.jpg", report)


def sending() -> ComposePage:
    """Through the onion server, a third of it gone."""
    return compose(
        samples.TENDER,
        route=samples.route(
            samples.TARN, samples.ONION_CIRCUIT, progress=samples.SENDING, to="desk@nordpost.example"
        ),
        progress=samples.SENDING,
        findings=samples.CHECKED,
        parties=samples.ONION_PARTIES,
        limits=samples.ONION_LIMITS,
    )


def empty() -> ComposePage:
    """Nothing chosen, nothing written, Tor on its way."""
    return compose(
        Draft.new(),
        route=samples.route(None, None, samples.STARTING, to=""),
        status=samples.STARTING,
        findings=(),
        parties=(),
        limits=(),
    )


def not_built() -> ComposePage:
    """No circuit yet, real findings."""
    return compose(route=samples.route(circuit=None), findings=samples.FINDINGS)


def bridged() -> ComposePage:
    """A bridge in place of the guard."""
    return compose(route=samples.route(circuit=samples.BRIDGED_CIRCUIT))


def not_visible() -> ComposePage:
    """Attached by SOCKS alone, waiting for the answer."""
    return compose(
        route=samples.route(circuit=None, status=samples.SOCKS_ONLY, progress=samples.WAITING),
        status=samples.SOCKS_ONLY,
        progress=samples.WAITING,
        findings=samples.CHECKED,
    )


def long() -> ComposePage:
    """Everything too long for its place."""
    return compose(
        samples.LONG_DRAFT,
        route=samples.route(samples.LONG, to=samples.LONG_DRAFT.to),
        findings=samples.FINDINGS,
    )


def wire(
    exactly: Exactly | None = None, identity: Identity = samples.WREN, mode: str = wire_view.CONVERSATION
) -> ComposePage:
    """Exactly what leaves, the route folded."""
    page = compose(replace(samples.DRAFT, identity_id=identity.id))
    page.set_route_folded(True)
    page.show_wire(exactly or samples.exactly())
    page.wire.modes.set_value(mode)
    page.wire.modes.chosen.emit(mode)
    return page


def wire_long() -> ComposePage:
    """Everything too long for its place, and things found."""
    lines = [b"To: " + b"a-very-long-word" * 20, *(b" someone.%d@x.example," % n for n in range(40))]
    head, _, rest = samples.WIRE.partition(b"To: Marta Lindqvist <marta@nordpost.example>")
    return wire(
        samples.exactly(samples.LONG, head + b"\r\n".join(lines) + rest, told=samples.TELLING), samples.LONG
    )


def wire_assumed() -> ComposePage:
    """STARTTLS with a server that nobody spoke to yet."""
    return wire(samples.exactly(samples.IDA, answers=typical(samples.IDA.server), as_it_is=()), samples.IDA)


def wire_ends() -> ComposePage:
    """A server that offers no way to sign in; a file was saved."""
    page = wire(
        samples.exactly(answers=Answers({**samples.ANSWERS.replies, Heard.HELLO: Reply(250)}, seen=True))
    )
    page.wire.show_saved(Path("/somewhere/mail.eml"))
    return page


def folded() -> ComposePage:
    """Without panel, the route folded."""
    page = compose()
    page.set_panel_shown(False)
    page.set_route_folded(True)
    return page


SCREENS: dict[str, Screen] = {
    "compose": Screen(compose),
    "compose-sending": Screen(sending),
    "compose-empty": Screen(empty),
    "compose-not-built": Screen(not_built),
    "compose-bridged": Screen(bridged),
    "compose-not-visible": Screen(not_visible),
    "compose-long": Screen(long),
    "compose-wire": Screen(wire),
    "compose-wire-mail": Screen(lambda: wire(mode=wire_view.MAIL)),
    "compose-wire-long": Screen(wire_long),
    "compose-wire-assumed": Screen(wire_assumed),
    "compose-wire-ends": Screen(wire_ends),
    "compose-narrow-wire": Screen(wire, 960, 640),
    "compose-narrow-wire-long": Screen(wire_long, 960, 640),
    "compose-folded": Screen(folded),
    "compose-every-file": Screen(every_file, 1200, 1100),
    "compose-narrow-every-file": Screen(every_file, 960, 1100),
    "compose-every-file-below": Screen(every_file, 1200, 1100, below),
    "removed": Screen(removed, 560, 520, lambda _: None),
    "removed-long": Screen(lambda: removed(samples.PDF), 560, 520, lambda _: None),
    "compose-later": Screen(lambda: compose(when=At(samples.NOW + HOUR))),
    "compose-narrow-later": Screen(lambda: compose(when=At(samples.NOW + HOUR)), 960, 640),
    "compose-narrow": Screen(compose, 960, 640),
    "compose-narrow-sending": Screen(sending, 960, 640),
    "compose-narrow-long": Screen(long, 960, 640),
}
