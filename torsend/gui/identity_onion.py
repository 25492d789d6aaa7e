"""What belongs to an identity's onion server: the client's key that it may ask for, the certificate that was accepted."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from torsend.gui.form_row import FormRow
from torsend.gui.identity_password import PasswordRow, SecretWords
from torsend.gui.parts.buttons import Button, ButtonKind
from torsend.gui.parts.labels import Paragraph
from torsend.words import t


def key_words() -> SecretWords:
    """For a client's key."""
    return SecretWords(
        t("Client key"),
        t("Only if this onion server asks for one"),
        t("Save key"),
        t("Change the client key"),
        t("Set the client key"),
        t("Forget the client key"),
        t("Type the key first."),
    )


class OnionRows(QWidget):
    """Two rows of the form; shown for onion servers only.

    Signals:
    certificate_forgotten: verify the certificate as usual from now on.
    """

    certificate_forgotten = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        self.key = PasswordRow(key_words())
        column.addWidget(FormRow(t("Client key"), self.key))
        accepted = QWidget()
        inside = QHBoxLayout(accepted)
        inside.setContentsMargins(0, 6, 0, 0)
        inside.setSpacing(16)
        self.fingerprint = Paragraph("", 13)
        inside.addWidget(self.fingerprint, 1)
        self.forget = Button(t("Forget"), ButtonKind.LINK, name=t("Forget the accepted certificate"))
        self.forget.clicked.connect(self.certificate_forgotten)
        inside.addWidget(self.forget)
        policy = accepted.sizePolicy()
        policy.setHeightForWidth(True)
        accepted.setSizePolicy(policy)
        self._certificate = FormRow(t("Certificate"), accepted)
        column.addWidget(self._certificate)
        self.set_certificate("")

    def set_certificate(self, fingerprint: str) -> None:
        """The one that was accepted, or none."""
        # Spaces let it break over lines.
        shown = " ".join(fingerprint[at : at + 12] for at in range(0, len(fingerprint), 12))
        self.fingerprint.set_runs(t("Accepted by you: SHA-256 {fingerprint}", fingerprint=shown))
        self._certificate.setVisible(bool(fingerprint))
