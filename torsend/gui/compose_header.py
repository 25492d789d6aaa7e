"""The head of the compose window: who sends, and what can be done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt, QVariantAnimation, Signal
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from torsend.delivery.later import NOW
from torsend.gui import when as when_words
from torsend.gui.parts import Button, ButtonKind, Label, SenderChip, Separator
from torsend.gui.theme import look
from torsend.words import t

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

    from torsend.delivery.later import When
    from torsend.identity.identity import Identity

BAND = 4
HEIGHT = 56
SIDE = 24
LABEL_WIDTH = 64


def kind_word(kind: str) -> str:
    """An identity's kind as it is said."""
    words = {
        "address": t("address"),
        "alias": t("alias"),
        "disposable": t("disposable"),
        "remailer": t("remailer"),
    }
    return words[kind]


def colour_word(colour: str) -> str:
    """An identity's colour as it is said."""
    words = {
        "teal": t("teal"),
        "blue": t("blue"),
        "green": t("green"),
        "ochre": t("ochre"),
        "umber": t("umber"),
        "wine": t("wine"),
        "violet": t("violet"),
        "slate": t("slate"),
    }
    return words[colour]


class ComposeHeader(QWidget):
    """Band, sender and buttons.

    Signals:
        sender_asked, attach_asked, when_asked, send_asked, cancel_asked, close_asked: as the buttons say.
        wire_toggled, panel_toggled: with the state that is wanted.
    """

    sender_asked = Signal()
    attach_asked = Signal()
    when_asked = Signal()
    send_asked = Signal()
    cancel_asked = Signal()
    close_asked = Signal()
    wire_toggled = Signal(bool)
    panel_toggled = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._identity: Identity | None = None
        self._band = QColor(look().tokens.primary)
        self._recolour = QVariantAnimation(self)
        self._recolour.valueChanged.connect(self._take_band)
        self.chip = SenderChip()
        self.attach = Button(t("Attach"), ButtonKind.QUIET, icon="attach", name=t("Attach files"))
        self.wire = Button(t("Exactly what leaves"), ButtonKind.QUIET, icon="external")
        self.wire.setCheckable(True)
        self.panel = Button("", ButtonKind.QUIET, icon="panel", name=t("Panel: checks and who learns what"))
        self.panel.setCheckable(True)
        self.when = Button("", ButtonKind.OUTLINED, icon="clock", chevron=True)
        self.set_when(NOW)
        self.send = Button(t("Send"), ButtonKind.FILLED)
        self.cancel = Button(t("Cancel"), ButtonKind.OUTLINED, pad=17, name=t("Cancel sending"))
        self.cancel.hide()
        self.close_button = Button(t("Close"), ButtonKind.FILLED)
        self.close_button.hide()
        self._build()
        self.chip.clicked.connect(self.sender_asked)
        self.attach.clicked.connect(self.attach_asked)
        self.when.clicked.connect(self.when_asked)
        self.send.clicked.connect(self.send_asked)
        self.cancel.clicked.connect(self.cancel_asked)
        self.close_button.clicked.connect(self.close_asked)
        self.wire.clicked.connect(self.wire_toggled)
        self.panel.clicked.connect(self.panel_toggled)
        look().changed.connect(self._settle_colours)

    def _build(self) -> None:
        from_label = Label(t("From"), colour="text3")
        from_label.setFixedWidth(LABEL_WIDTH)
        row = QHBoxLayout(self)
        row.setContentsMargins(SIDE, BAND, 16, 0)
        row.setSpacing(4)
        row.addWidget(from_label)
        row.setSpacing(0)
        row.addWidget(self.chip, 1, Qt.AlignmentFlag.AlignLeft)
        row.addSpacing(16)
        row.addStretch(0)
        row.addWidget(self.attach)
        row.addSpacing(4)
        row.addWidget(self.wire)
        row.addSpacing(8)
        row.addWidget(self.panel)
        row.addSpacing(16)
        rule = Separator(Qt.Orientation.Vertical)
        rule.setFixedHeight(24)
        row.addWidget(rule)
        row.addSpacing(12)
        row.addWidget(self.when)
        self._gap = QWidget()
        self._gap.setFixedSize(8, 1)
        row.addWidget(self._gap)
        row.addWidget(self.send)
        row.addWidget(self.cancel)
        row.addWidget(self.close_button)

    def set_identity(self, identity: Identity | None) -> None:
        """Whose mail it is: the band, the chip and *Send* take its colour."""
        self._identity = identity
        if identity is None:
            self.chip.set_identity("", "", "", "", "")
        else:
            self.chip.set_identity(
                identity.kind,
                identity.colour,
                identity.initials,
                identity.name or identity.address,
                identity.address if identity.name else "",
                kind_word(identity.kind),
                colour_word(identity.colour),
            )
        self._settle_colours()

    def set_when(self, when: When) -> None:
        """When it goes, as chosen."""
        self.when.setText(when_words.label(when))
        self.when.set_name(when_words.spoken(when))

    def set_sending(self, sending: bool, *, can_cancel: bool, done: bool = False) -> None:
        """*Cancel* instead of *Send*, which can't be pressed once the last byte left; *Close* when it was accepted."""
        held = self.send.hasFocus() or self.cancel.hasFocus() or self.when.hasFocus()
        shown = self.close_button if done else self.cancel if sending else self.send
        for button in (self.send, self.cancel, self.close_button):
            button.setVisible(button is shown)
        self.cancel.setEnabled(can_cancel)
        for widget in (self.attach, self.when, self._gap):
            widget.setVisible(not sending)
        self.chip.set_locked(sending)
        if held:
            shown.setFocus(Qt.FocusReason.OtherFocusReason)

    def _settle_colours(self) -> None:
        tokens = look().tokens
        own = tokens.identity[self._identity.colour] if self._identity else None
        self.send.set_fill(own)
        self.close_button.set_fill(own)
        target = QColor(own or tokens.primary)
        self._recolour.stop()
        if look().animation_ms == 0 or not self.isVisible():
            self._take_band(target)
            return
        self._recolour.setDuration(look().animation_ms)
        self._recolour.setStartValue(self._band)
        self._recolour.setEndValue(target)
        self._recolour.start()

    def _take_band(self, colour: object) -> None:
        if isinstance(colour, QColor):
            self._band = colour
            self.update(0, 0, self.width(), BAND)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        painter = QPainter(self)
        painter.fillRect(QRectF(0, 0, self.width(), BAND), self._band)
        painter.fillRect(QRectF(0, self.height() - 1, self.width(), 1), look().tokens.line)
