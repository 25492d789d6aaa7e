"""The dialog for files: Qt's own, and it remembers nothing."""

from __future__ import annotations

import os

from PySide6.QtCore import QSettings, Qt
from PySide6.QtWidgets import QFileDialog, QWidget

from torsend.surroundings import flatpak_name


def file_dialog(parent: QWidget, title: str) -> QFileDialog:
    """A dialog that leaves no trace of what was chosen, and goes away once it is closed; ``open`` it.

    The desktop's dialog would put each file on the desktop's list of recent ones. Qt's own writes the folders that were
    visited into ``QtProject.conf``, for all Qt programs of this user: for this process that file lies where nothing can.

    Within a Flatpak it is the desktop's all the same: Qt's own would see none of the person's files there, and only the
    desktop hands one in (XDG Desktop Portal, FileChooser). It may note the file as a recent one.
    """
    # Where settings are no files (Windows, macOS) this changes nothing.
    QSettings.setPath(QSettings.Format.NativeFormat, QSettings.Scope.UserScope, os.devnull)
    dialog = QFileDialog(parent, title)
    dialog.setOption(QFileDialog.Option.DontUseNativeDialog, flatpak_name() is None)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    return dialog
