"""The dialog for files: Qt's own, and it remembers nothing."""

from __future__ import annotations

import os

from PySide6.QtCore import QSettings, Qt
from PySide6.QtWidgets import QFileDialog, QWidget


def file_dialog(parent: QWidget, title: str) -> QFileDialog:
    """A dialog that leaves no trace of what was chosen, and goes away once it is closed; ``open`` it.

    The desktop's dialog would put each file on the desktop's list of recent ones. Qt's own writes the folders that were
    visited into ``QtProject.conf``, for all Qt programs of this user: for this process that file lies where nothing can.
    """
    # Where settings are no files (Windows, macOS) this changes nothing.
    QSettings.setPath(QSettings.Format.NativeFormat, QSettings.Scope.UserScope, os.devnull)
    dialog = QFileDialog(parent, title)
    dialog.setOption(QFileDialog.Option.DontUseNativeDialog)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    return dialog
