"""Signs that mean something by themselves: severity, and how much someone learns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QWidget

from torsend.gui import icons
from torsend.gui.theme import look
from torsend.words import t

if TYPE_CHECKING:
    from PySide6.QtGui import QColor, QPaintEvent

SEVERITY_ICONS = {"decide": "diamond", "look": "triangle", "fine": "tick-ring"}


class Mark(QWidget):
    """One sign in one token's colour; it says ``name`` to a screen reader, or nothing."""

    def __init__(
        self,
        icon: str,
        colour: str = "text2",
        size: int = 16,
        *,
        name: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._icon, self._colour = icon, colour
        self._of_identity = ""
        self.setFixedSize(size, size)
        self.setAccessibleName(name)

    def set(self, icon: str, colour: str) -> None:
        """Another sign, another token's colour."""
        self._icon, self._colour, self._of_identity = icon, colour, ""
        self.update()

    def set_identity_colour(self, colour: str) -> None:
        """An identity's colour instead of a token's."""
        self._of_identity = colour
        self.update()

    def colour(self) -> QColor:
        """What it is drawn with now."""
        tokens = look().tokens
        return tokens.identity[self._of_identity] if self._of_identity else tokens.named(self._colour)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        icons.paint(QPainter(self), self._icon, self.rect(), self.colour())


class SeverityMark(Mark):
    """Diamond *decide*, triangle *look*, ringed tick *fine*."""

    def __init__(self, severity: str, size: int = 16, parent: QWidget | None = None) -> None:
        super().__init__(SEVERITY_ICONS[severity], severity, size, parent=parent)
        self.set_severity(severity)

    def set_severity(self, severity: str) -> None:
        """Another severity, as in ``"look"``."""
        self.set(SEVERITY_ICONS[severity], severity)
        self.setAccessibleName(
            {"decide": t("To decide"), "look": t("Worth a look"), "fine": t("Fine")}[severity]
        )


class PipView(QWidget):
    """How much someone learns: nothing, part, all; in a severity's colour where the person can change it."""

    def __init__(
        self, about: str, share: str = "none", tone: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._about = about
        self._share, self._tone = share, tone
        self.setFixedSize(12, 12)
        self.set(share, tone)

    def set(self, share: str, tone: str = "") -> None:
        """``share`` is ``none``, ``half`` or ``full``; ``tone`` is ``look``, ``decide`` or empty."""
        self._share, self._tone = share, tone
        said = {"full": t("all"), "half": t("part"), "none": t("nothing")}[share]
        self.setAccessibleName(t("{about}: {share}", about=self._about, share=said))
        self.setToolTip(self.accessibleName())
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        tokens = look().tokens
        colour = tokens.named(self._tone) if self._tone else tokens.text
        centre = QRectF(self.rect()).center()
        if self._share == "none":
            painter.setPen(QPen(tokens.input_edge, 1.2))
            painter.drawEllipse(centre, 4.4, 4.4)
            return
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        if self._share == "full":
            painter.drawEllipse(centre, 5, 5)
            return
        painter.drawPie(QRectF(centre.x() - 5, centre.y() - 5, 10, 10), 90 * 16, 180 * 16)
        painter.setPen(QPen(colour, 1.2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(centre, 4.4, 4.4)
