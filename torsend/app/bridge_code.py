"""Bridge lines from a picture of a QR code, as bridges.torproject.org, Tor Browser and friends show them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torsend.app.cleaning import CleaningStopped
from torsend.clean.report import Why
from torsend.errors import UsageError
from torsend.tor.bridges import bridge_lines, read_bridges
from torsend.words import mark, t

if TYPE_CHECKING:
    import threading
    from pathlib import Path

    from torsend.clean.code_reader import CodeReader


class NoBridgeCode(UsageError):
    """There is no bridge to be had from this picture. Says nothing of what is in it."""


def read_bridge_code(
    picture: Path | bytes, cancelled: threading.Event | None = None, reader: CodeReader | None = None
) -> str:
    """The bridge lines in a picture's QR code, one below the other; they may be wrong, as typed ones may.

    Args:
        picture: a file, or what would be in it.

    Raises:
        NoBridgeCode
        CleaningStopped: ``cancelled`` was set.
    """
    from torsend.clean.cleaner import CleaningCancelled

    try:
        codes = (reader or _system_reader()).read(picture, cancelled=cancelled)
    except OSError as error:
        raise NoBridgeCode(t("The picture can’t be read."), advice=t("Choose another one.")) from error
    except CleaningCancelled:
        raise CleaningStopped from None
    if codes.why is not None:
        what, advice = _REFUSED.get(codes.why, _FAILED)
        raise NoBridgeCode(t(what), advice=t(advice))
    if not codes.texts:
        raise NoBridgeCode(
            t("No QR code was found in the picture."),
            advice=t("It takes the whole code, sharp, with some white around it."),
        )
    if len(codes.texts) > 1:
        raise NoBridgeCode(
            t("There are several QR codes in the picture."),
            advice=t("Cut it down to the one with the bridge."),
        )
    pasted = read_bridges(codes.texts[0])
    if not pasted.bridges:
        raise NoBridgeCode(
            t("The QR code is not a bridge’s."), advice=pasted.wrong[0].why if pasted.wrong else ""
        )
    return "\n".join(bridge_lines(codes.texts[0]))


def _system_reader() -> CodeReader:
    from torsend.clean.code_reader import CodeReader
    from torsend.tor import guard

    return CodeReader(guard.starting)


_FAILED = (
    mark("The picture could not be looked through. It may be made to do harm."),
    mark("Paste the bridge’s line instead."),
)
_TOO_LARGE = (mark("The picture is too large."), mark("Cut it down to the code."))
_REFUSED = {
    Why.UNKNOWN_FORMAT: (
        mark("This is not a picture that can be read here."),
        mark("PNG, JPEG, GIF, WebP, BMP and TIFF can be."),
    ),
    Why.DAMAGED: (mark("The picture is damaged."), mark("Take it once more.")),
    Why.TOO_LARGE: _TOO_LARGE,
    Why.TOOK_TOO_LONG: _TOO_LARGE,
    Why.NO_SANDBOX: (
        mark("This system can’t lock away what reads pictures, and without that none is opened."),
        mark("Paste the bridge’s line instead."),
    ),
}
