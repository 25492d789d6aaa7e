"""How far the mail has come, in one line: what is done, what is being done, what is still to come."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QFont, QFontMetricsF, QPainter
from PySide6.QtWidgets import QSizePolicy, QWidget

from torsend.delivery.lane import SendPhase
from torsend.gui import amounts, icons
from torsend.gui.parts.labels import elided
from torsend.gui.theme import REGULAR, STRONG, font, look
from torsend.words import t

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QPaintEvent

    from torsend.delivery.lane import Progress

SIGN = 14
GAP = 6
STEP_GAP = 16


class _Stand(Enum):
    DONE = "done"
    NOW = "now"
    AHEAD = "ahead"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class PhaseStep:
    """One of the four: its words and where it stands."""

    words: str
    stand: _Stand


_AT = {
    SendPhase.BUILDING: (0, False),
    SendPhase.BUILT: (0, True),
    SendPhase.SIGNING_IN: (1, False),
    SendPhase.SIGNED_IN: (1, True),
    SendPhase.SENDING: (2, False),
    SendPhase.WAITING: (2, True),
    SendPhase.ACCEPTED: (3, True),
}


def steps(progress: Progress, provider: str) -> tuple[PhaseStep, ...]:
    """Circuit, sign-in, bytes, answer."""
    if progress.phase is SendPhase.FAILED:
        return (PhaseStep(t("Not sent"), _Stand.FAILED),)
    at, finished = _AT[progress.phase]
    if progress.phase is SendPhase.WAITING:
        # Every byte left; the answer is what is waited for, so that is what happens now.
        at, finished = 3, False
    now = {
        0: t("Building a circuit"),
        1: t("Signing in"),
        2: t("Sending {amount}", amount=amounts.size_of(progress.sent, progress.total)),
        3: t("Waiting for {provider}’s answer", provider=provider),
    }
    other = {
        0: t("Circuit built"),
        1: t("Signed in"),
        2: t("Sent {amount}", amount=amounts.size(progress.total)) if progress.total else t("Sent"),
        3: t("Accepted by {provider}", provider=provider),
    }
    made = []
    for i in range(4):
        if i < at or (i == at and finished):
            made.append(PhaseStep(other[i], _Stand.DONE))
        elif i == at:
            made.append(PhaseStep(now[i], _Stand.NOW))
        else:
            made.append(PhaseStep(other[i], _Stand.AHEAD))
    # Before the bytes go it would be one step too many to read; the two that follow say enough.
    return tuple(made)


class PhasesLine(QWidget):
    """Draws the steps in the sender's colour, and announces a new one politely."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._steps: tuple[PhaseStep, ...] = ()
        self._colour = ""
        self._announced = ""
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def set_progress(self, progress: Progress, provider: str, colour: str) -> None:
        """Where it stands now."""
        self._steps = steps(progress, provider)
        self._colour = colour
        now = next(
            (one.words for one in self._steps if one.stand in {_Stand.NOW, _Stand.FAILED}),
            self._steps[-1].words,
        )
        self.setAccessibleName(now)
        # The amount changes many times a second; what is announced is the phase.
        if progress.phase.value != self._announced:
            self._announced = progress.phase.value
            announcement = QAccessibleAnnouncementEvent(self, now)
            announcement.setPoliteness(QAccessible.AnnouncementPoliteness.Polite)
            QAccessible.updateAccessibility(announcement)
        self.updateGeometry()
        self.update()

    def words(self) -> tuple[str, ...]:
        """What is written, step by step."""
        return tuple(one.words for one in self._steps)

    @staticmethod
    def _font(stand: _Stand) -> QFont:
        return font(13, STRONG if stand in {_Stand.NOW, _Stand.FAILED} else REGULAR)

    def sizeHint(self) -> QSize:
        return QSize(math.ceil(self._width(self._steps)), 20)

    def minimumSizeHint(self) -> QSize:
        return QSize(math.ceil(self._width(self._fitting(0))), 20)

    def _width(self, shown: Sequence[PhaseStep]) -> float:
        return sum(
            SIGN + GAP + QFontMetricsF(self._font(one.stand)).horizontalAdvance(one.words) + STEP_GAP
            for one in shown
        )

    def _fitting(self, width: float) -> tuple[PhaseStep, ...]:
        """What there is room for. Half a word tells nothing: first what is to come is left out, then what is done; what
        happens now is always there.
        """
        shown = list(self._steps)
        while len(shown) > 1 and self._width(shown) - STEP_GAP > width:
            if shown[-1].stand is _Stand.AHEAD:
                shown.pop()
            elif shown[0].stand is _Stand.DONE:
                shown.pop(0)
            else:
                break
        return tuple(shown)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        painter = QPainter(self)
        tokens = look().tokens
        own = tokens.identity[self._colour] if self._colour else tokens.text
        signs = {
            _Stand.DONE: ("tick", own, tokens.text2),
            _Stand.NOW: ("dot", own, tokens.text),
            _Stand.AHEAD: ("ring-small", tokens.text3, tokens.text3),
            _Stand.FAILED: ("diamond", tokens.decide, tokens.text),
        }
        x = 0.0
        for one in self._fitting(self.width()):
            sign, colour, words = signs[one.stand]
            used = self._font(one.stand)
            metrics = QFontMetricsF(used)
            icons.paint(
                painter, sign, QRectF(x, 3, SIGN, SIGN), colour, stroke=2 if sign == "tick" else icons.STROKE
            )
            x += SIGN + GAP
            shown = elided(one.words, used, self.width() - x)
            painter.setFont(used)
            painter.setPen(words)
            painter.drawText(QPointF(x, round(10 + (metrics.ascent() - metrics.descent()) / 2)), shown)
            x += metrics.horizontalAdvance(shown) + STEP_GAP
            if x >= self.width():
                return
