"""The identities by their kind, in the order the person gave them: chosen, moved by key or by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QFrame,
    QListView,
    QMenu,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from torsend.gui.parts.avatar import paint_avatar
from torsend.gui.parts.labels import elided
from torsend.gui.parts.scroll import ScrollBar
from torsend.gui.theme import MEDIUM, RADIUS_CONTROL, font, look
from torsend.identity.identity import Kind
from torsend.words import mark, t

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QMouseEvent, QPaintEvent

    from torsend.identity.identity import Identity

GROUPS = {
    Kind.ADDRESS: mark("Addresses"),
    Kind.ALIAS: mark("Aliases"),
    Kind.DISPOSABLE: mark("Disposable"),
    Kind.REMAILER: mark("Remailers"),
}
KINDS = {
    Kind.ADDRESS: mark("Address"),
    Kind.ALIAS: mark("Alias"),
    Kind.DISPOSABLE: mark("Disposable address"),
    Kind.REMAILER: mark("Remailer"),
}

ROW, HEAD = 50, 38
INSET = 12
AVATAR = 28

_Index = QModelIndex | QPersistentModelIndex


class IdentityModel(QAbstractListModel):
    """Headings and identities, one under the other."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: list[Identity | Kind] = []

    def set_identities(self, identities: Sequence[Identity]) -> None:
        """All of them, in the book's order."""
        self.beginResetModel()
        self._rows = []
        for kind in Kind:
            members = [one for one in identities if one.kind is kind]
            if members:
                self._rows += [kind, *members]
        self.endResetModel()

    def at(self, index: _Index) -> Identity | None:
        """The identity of a row; ``None`` for a heading."""
        row = self._rows[index.row()] if index.isValid() else None
        return None if row is None or isinstance(row, Kind) else row

    def index_of(self, identity_id: str) -> QModelIndex:
        """Its row, or an invalid index."""
        for at, row in enumerate(self._rows):
            if not isinstance(row, Kind) and row.id == identity_id:
                return self.index(at)
        return QModelIndex()

    def rowCount(self, parent: _Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def flags(self, index: _Index) -> Qt.ItemFlag:
        if self.at(index) is None:
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        if isinstance(row, Kind):
            return t(GROUPS[row]) if role == Qt.ItemDataRole.DisplayRole else None
        if role == Qt.ItemDataRole.DisplayRole:
            return row.name or row.address
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return t("{name}, {address}, {kind}", name=row.name, address=row.address, kind=t(KINDS[row.kind]))
        return None


class _Delegate(QStyledItemDelegate):
    def __init__(self, model: IdentityModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._model = model

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(_rect(option).width(), HEAD if self._model.at(index) is None else ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        one = self._model.at(index)
        tokens = look().tokens
        rect = _rect(option)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        left = rect.left() + INSET + 8
        if one is None:
            painter.setPen(tokens.text2)
            painter.setFont(font(12, MEDIUM))
            painter.drawText(
                QRect(left, rect.top() + 14, rect.width(), 20),
                Qt.AlignmentFlag.AlignVCenter,
                str(index.data()),
            )
            painter.restore()
            return
        state = option.state
        box = QRectF(rect.left() + INSET, rect.top(), rect.width() - 2 * INSET, ROW - 2)
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        if chosen or state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(tokens.sel if chosen else tokens.sunk)
            painter.drawRoundedRect(box, RADIUS_CONTROL, RADIUS_CONTROL)
        avatar = QRectF(left, rect.top() + 10, AVATAR, AVATAR)
        paint_avatar(painter, avatar, one.kind, one.colour, one.initials)
        words = left + AVATAR + 10
        room = box.right() - 8 - words
        painter.setPen(tokens.text)
        painter.setFont(font(13, MEDIUM))
        upper = QRectF(words, rect.top() + 6, room, 20)
        lower = QRectF(words, rect.top() + 25, room, 16)
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.drawText(upper, int(flags), elided(one.name or one.address, font(13, MEDIUM), room))
        painter.setPen(tokens.text2)
        painter.setFont(font(12))
        painter.drawText(lower, int(flags), elided(one.address, font(12), room))
        painter.restore()


def _rect(option: QStyleOptionViewItem) -> QRect:
    rect: QRect = option.rect
    return rect


class IdentityList(QListView):
    """Signals:
    chosen: the id of the identity that the person went to.
    move_requested: an id, and its place in the book counted without itself.
    duplicate_requested, delete_requested: an id.
    """

    chosen = Signal(str)
    move_requested = Signal(str, int)
    duplicate_requested = Signal(str)
    delete_requested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._identities: tuple[Identity, ...] = ()
        self._quiet = False
        self._pressed: QPoint | None = None
        self._carried = ""
        self._drop: tuple[str, bool] | None = None
        self._model = IdentityModel()
        self.setModel(self._model)
        self.setItemDelegate(_Delegate(self._model, self))
        self.setAccessibleName(t("Identities"))
        self.setAccessibleDescription(t("Alt and an arrow move one up or down."))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollBar(ScrollBar(Qt.Orientation.Vertical))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setMouseTracking(True)
        self.viewport().setAutoFillBackground(False)
        self.selectionModel().currentChanged.connect(self._went)
        look().changed.connect(self.viewport().update)

    # What is shown

    def set_identities(self, identities: Sequence[Identity]) -> None:
        """All of them, in the book's order; the chosen one stays chosen."""
        before = self.current_id()
        self._identities = tuple(identities)
        self._quiet = True
        self._model.set_identities(identities)
        if before:
            self._select(before)
        self._quiet = False

    def current_id(self) -> str:
        """The chosen one; empty while none is."""
        one = self._model.at(self.currentIndex())
        return one.id if one is not None else ""

    def choose(self, identity_id: str) -> None:
        """Goes there without telling anyone; an unknown id chooses none."""
        self._quiet = True
        self._select(identity_id)
        self._quiet = False

    def _select(self, identity_id: str) -> None:
        index = self._model.index_of(identity_id)
        if index.isValid():
            self.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        else:
            self.selectionModel().clear()

    def _went(self, now: QModelIndex) -> None:
        one = self._model.at(now)
        if one is not None and not self._quiet:
            self.chosen.emit(one.id)

    # Moving

    def move_by(self, identity_id: str, step: int) -> None:
        """Up (-1) or down (+1) among its kind; nothing happens at the ends."""
        one = next((one for one in self._identities if one.id == identity_id), None)
        if one is None:
            return
        kin = [each.id for each in self._identities if each.kind is one.kind]
        to = kin.index(identity_id) + step
        if 0 <= to < len(kin):
            self._move_beside(identity_id, kin[to], after=step > 0)

    def _move_beside(self, identity_id: str, sibling: str, *, after: bool) -> None:
        if identity_id == sibling:
            return
        ids = [one.id for one in self._identities]
        without = [one for one in ids if one != identity_id]
        to = without.index(sibling) + after
        if ids.index(identity_id) != to:
            self.move_requested.emit(identity_id, to)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, current = event.key(), self.current_id()
        alt = event.modifiers() & Qt.KeyboardModifier.AltModifier
        if alt and key in {Qt.Key.Key_Up, Qt.Key.Key_Down} and current:
            self.move_by(current, -1 if key == Qt.Key.Key_Up else 1)
        elif key == Qt.Key.Key_Delete and current:
            self.delete_requested.emit(current)
        elif key == Qt.Key.Key_Escape and self._carried:
            self._let_go()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed = event.position().toPoint()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        here = event.position().toPoint()
        if self._pressed is not None and not self._carried:
            far = (here - self._pressed).manhattanLength() >= QApplication.startDragDistance()
            one = self._model.at(self.indexAt(self._pressed))
            if far and one is not None:
                self._carried = one.id
                self.setCursor(Qt.CursorShape.ClosedHandCursor)
        if self._carried:
            self._drop = self._place(here)
            self.viewport().update()
            return
        super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        carried, drop = self._carried, self._drop
        self._pressed = None
        if carried:
            self._let_go()
            if drop is not None:
                self._move_beside(carried, drop[0], after=drop[1])
            return
        super().mouseReleaseEvent(event)

    def _let_go(self) -> None:
        self._carried, self._drop, self._pressed = "", None, None
        self.unsetCursor()
        self.viewport().update()

    def _place(self, here: QPoint) -> tuple[str, bool] | None:
        """Beside which of its kind it would fall, and whether after it."""
        carried = self._model.at(self._model.index_of(self._carried))
        if carried is None:
            return None
        best: tuple[int, str, bool] | None = None
        for one in self._identities:
            if one.kind is not carried.kind:
                continue
            middle = self.visualRect(self._model.index_of(one.id)).center().y()
            far = abs(middle - here.y())
            if best is None or far < best[0]:
                best = (far, one.id, here.y() > middle)
        return (best[1], best[2]) if best is not None else None

    # The rest

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        by_key = event.reason() == event.Reason.Keyboard
        one = self._model.at(self.currentIndex() if by_key else self.indexAt(event.pos()))
        if one is None:
            return
        menu = self.menu(one.id)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        at = self.visualRect(self.currentIndex()).center() if by_key else event.pos()
        menu.popup(self.viewport().mapToGlobal(at))

    def menu(self, identity_id: str) -> QMenu:
        """What can be done with it."""
        menu = QMenu(self)
        menu.addAction(t("Move up"), lambda: self.move_by(identity_id, -1))
        menu.addAction(t("Move down"), lambda: self.move_by(identity_id, 1))
        menu.addSeparator()
        menu.addAction(t("Duplicate"), lambda: self.duplicate_requested.emit(identity_id))
        menu.addAction(t("Delete…"), lambda: self.delete_requested.emit(identity_id))
        return menu

    def focus_shape(self) -> tuple[QRect, int]:
        rect = self.visualRect(self.currentIndex())
        if not rect.isValid() or rect.isEmpty():
            return self.rect().adjusted(6, 6, -6, -6), RADIUS_CONTROL
        return rect.adjusted(INSET + 4, 4, -INSET - 4, -6), RADIUS_CONTROL - 3

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        self.viewport().update()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._drop is not None:
            rect = self.visualRect(self._model.index_of(self._drop[0]))
            y = rect.bottom() if self._drop[1] else rect.top() - 1
            painter = QPainter(self.viewport())
            painter.setPen(QPen(look().tokens.text, 2))
            painter.drawLine(rect.left() + INSET, y, rect.right() - INSET, y)
