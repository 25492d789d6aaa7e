"""``torsend tor …``"""

from __future__ import annotations

from typing import TYPE_CHECKING

from torsend.cli import way_out
from torsend.cli.opening import opened
from torsend.cli.output import as_json
from torsend.cli.passwords import need_password
from torsend.cli.streams import line, say
from torsend.errors import ExitStatus, TorUnavailable
from torsend.tor.troubles import cautions
from torsend.words import t

if TYPE_CHECKING:
    import argparse

    from torsend.app import Start
    from torsend.tor.status import TorStatus


def run(given: argparse.Namespace, start: Start) -> int:
    """Runs one of them."""
    if given.action == "password":
        password = need_password(t("Password of Tor’s control port: "))
        with opened(start) as app:
            app.keep_control_password(password)
        say(t("The password is kept."))
        return ExitStatus.OK
    if given.action in {"way", "bridges", "proxy", "ports"}:
        return way_out.run(given, start)
    return _status(given, start)


def _status(given: argparse.Namespace, start: Start) -> int:
    """Connects, says how it stands, ends. Status 69 where there is no Tor."""
    with opened(start) as app:
        app.connection.start()
        failure: TorUnavailable | None = None
        try:
            status = app.connection.wait_ready(app.limits.tor)
        except TorUnavailable as error:
            status, failure = app.connection.status, error
        details = app.connection.details() if given.details else ""
    if given.json:
        as_json(status_json(status) | ({"details": details} if details else {}))
    else:
        for text in status_lines(status, failure):
            line(text)
        if details:
            line("")
            line(details.rstrip("\n"))
    return ExitStatus.OK if failure is None else failure.status


def status_json(status: TorStatus) -> dict[str, object]:
    """For programs."""
    trouble = status.trouble
    return {
        "phase": status.phase.value,
        "progress": status.progress,
        "doing": status.doing,
        "means": status.means,
        "version": status.version,
        "sees_circuits": status.sees_circuits,
        "isolates": status.isolates,
        "elsewhere": status.elsewhere,
        "trouble": None
        if trouble is None
        else {"code": trouble.code, "what": trouble.what, "advice": trouble.advice, "detail": trouble.detail},
    }


def status_lines(status: TorStatus, failure: TorUnavailable | None) -> list[str]:
    """For people."""
    if failure is None:
        circuits = t("circuits are visible") if status.sees_circuits else t("circuits are not visible")
        version = (
            t("Tor {version}", version=status.version) if status.version else t("a Tor of unknown version")
        )
        connected = t("Connected to Tor: {version}, {circuits}.", version=version, circuits=circuits)
        return [connected, *cautions(status)]
    words = [t("Not connected to Tor ({progress} %).", progress=status.progress), failure.sentences()]
    if status.trouble is not None and status.trouble.detail:
        words.append(status.trouble.detail)
    return words
