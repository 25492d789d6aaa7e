"""The small window in which a time to send at is chosen: in UTC, with what this computer's clock shows then."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING

from PySide6.QtCore import QDate, QDateTime, QRect, QRectF, QSize, Qt, QTime, QTimeZone, Signal
from PySide6.QtGui import QPainter, QPalette, QPen
from PySide6.QtWidgets import QDateTimeEdit, QDialog, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from torsend.delivery.later import GRACE, At, BadTime
from torsend.gui import amounts
from torsend.gui.parts import Button, ButtonKind, Label, Paragraph
from torsend.gui.theme import RADIUS_CONTROL, STRONG, font, look
from torsend.words import t, tn

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QKeyEvent, QPaintEvent

WIDTH = 400
SIDE = 24
SOONEST = timedelta(minutes=30)
"""What is proposed at first is the next full hour that is at least so far off."""


def _now() -> datetime:
    return datetime.now(UTC)


class TimeDialog(QDialog):
    """Stands beside the window, which stays usable; refuses what cannot be waited for.

    Signals:
        picked: the ``At`` that was chosen, a moment to come.
    """

    picked = Signal(object)

    def __init__(
        self,
        at: datetime | None = None,
        *,
        now: Callable[[], datetime] = _now,
        zone: tzinfo | None = None,
        parent: QWidget | None = None,
    ) -> None:
        """Args:
        at: what stands in it at first; without it, soon.
        zone: what this computer's clock shows; without it, what the system says.
        """
        super().__init__(parent)
        self._now = now
        self._zone = zone
        self.setWindowTitle(t("Send at a time – torsend"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(False)
        self.field = _TimeField(t("Date and time, UTC"))
        self.here = Paragraph("", 13, "text")
        self.problem = Paragraph("", 12, "decide")
        self.choose = Button(t("Choose"), ButtonKind.FILLED)
        self.cancel = Button(t("Cancel"), ButtonKind.QUIET)
        self._build()
        self.field.dateTimeChanged.connect(self._tell)
        self.choose.clicked.connect(self.accept)
        self.cancel.clicked.connect(self.reject)
        look().changed.connect(self.update)
        self.field.set_moment(at or _full_hour(now() + SOONEST))
        self._tell()

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(SIDE, 20, SIDE, 20)
        column.setSpacing(0)
        column.addWidget(Label(t("Send at a time"), 20, STRONG))
        column.addSpacing(16)
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(self.field, 1)
        line.addWidget(Label(t("UTC"), 13, colour="text2"))
        column.addLayout(line)
        column.addSpacing(8)
        column.addWidget(self.here)
        column.addSpacing(4)
        column.addWidget(self.problem)
        column.addSpacing(12)
        minutes = round(GRACE.total_seconds() / 60)
        column.addWidget(
            Paragraph(
                tn(
                    "Torsend must be running then. If it misses the time by more than {n} minute, it asks and sends "
                    "nothing.",
                    "Torsend must be running then. If it misses the time by more than {n} minutes, it asks and sends "
                    "nothing.",
                    minutes,
                )
            )
        )
        column.addSpacing(16)
        column.addStretch(1)
        ends = QHBoxLayout()
        ends.setSpacing(8)
        ends.addStretch(1)
        ends.addWidget(self.cancel)
        ends.addWidget(self.choose)
        column.addLayout(ends)
        QWidget.setTabOrder(self.field, self.choose)
        QWidget.setTabOrder(self.choose, self.cancel)
        self.setFixedWidth(WIDTH)

    def accept(self) -> None:
        """Tells the time and goes; stays with a time that cannot be."""
        if self._wrong():
            self._tell()
            self.field.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        moment = self.field.moment()
        super().accept()
        self.picked.emit(At(moment))

    def _wrong(self) -> str:
        try:
            At(self.field.moment()).moment(self._now())
        except BadTime as error:
            return f"{error.what} {error.advice}"
        return ""

    def _tell(self) -> None:
        wrong = self._wrong()
        self.field.set_wrong(wrong)
        self.here.set_runs(self._shown_here())
        self.problem.set_runs(wrong)
        self.problem.setVisible(bool(wrong))
        self.adjustSize()

    def _shown_here(self) -> str:
        local = self.field.moment().astimezone(self._zone)
        if not local.utcoffset():
            return t("This computer’s clock is in UTC, too.")
        return t(
            "On this computer’s clock: {day} {clock}, UTC{offset}",
            day=amounts.day(local),
            clock=local.strftime("%H:%M"),
            offset=_offset(local),
        )

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.accept()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        QPainter(self).fillRect(self.rect(), look().tokens.surf)


class _TimeField(QDateTimeEdit):
    """A time in UTC, typed or stepped with the arrow keys; looks like the other fields."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._wrong = ""
        self.setAccessibleName(name)
        self.setTimeZone(QTimeZone(QTimeZone.Initialization.UTC))
        self.setDisplayFormat("yyyy-MM-dd  HH:mm")
        self.setButtonSymbols(QDateTimeEdit.ButtonSymbols.NoButtons)
        self.setFrame(False)
        self.setFont(font(13))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.lineEdit().setTextMargins(8, 0, 8, 0)
        self.lineEdit().setFrame(False)
        look().changed.connect(self._dress)
        self._dress()

    def moment(self) -> datetime:
        """What stands in it, UTC."""
        day, clock = self.date(), self.time()
        return datetime(day.year(), day.month(), day.day(), clock.hour(), clock.minute(), tzinfo=UTC)

    def set_moment(self, moment: datetime) -> None:
        """Puts it in, to the minute."""
        utc = moment.astimezone(UTC)
        day, clock = QDate(utc.year, utc.month, utc.day), QTime(utc.hour, utc.minute)
        self.setDateTime(QDateTime(day, clock, QTimeZone(QTimeZone.Initialization.UTC)))

    def set_wrong(self, why: str) -> None:
        """Why it cannot be; the edge says so, too."""
        self._wrong = why
        self.setAccessibleDescription(why)
        self.update()

    def _dress(self) -> None:
        tokens = look().tokens
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.Base, Qt.GlobalColor.transparent)
        palette.setColor(QPalette.ColorRole.Text, tokens.text)
        palette.setColor(QPalette.ColorRole.Highlight, tokens.primary)
        palette.setColor(QPalette.ColorRole.HighlightedText, tokens.on_primary)
        self.setPalette(palette)

    def sizeHint(self) -> QSize:
        return QSize(200, 32)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def focus_shape(self) -> tuple[QRect, int]:
        return self.rect(), RADIUS_CONTROL

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        tokens = look().tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(
            QPen(tokens.decide if self._wrong else tokens.text if self.hasFocus() else tokens.input_edge, 1)
        )
        painter.setBrush(tokens.surf)
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(box, RADIUS_CONTROL, RADIUS_CONTROL)


def _full_hour(moment: datetime) -> datetime:
    """The first full hour that is not before it."""
    hour = moment.replace(minute=0, second=0, microsecond=0)
    return hour if hour == moment else hour + timedelta(hours=1)


def _offset(local: datetime) -> str:
    """``"+02:00"``."""
    text = local.strftime("%z")
    return f"{text[:3]}:{text[3:5]}"
