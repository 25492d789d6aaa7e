"""What PyInstaller would take along and nobody needs: of Qt, of the desktop's libraries, of packages' own notes."""

from __future__ import annotations

import re

UNWANTED = re.compile(
    r"""
    ^PySide6/(Qt/)?plugins/(
        platformthemes/libqgtk3 | egldeviceintegrations/ | generic/ | tls/ | networkinformation/ | xcbglintegrations/
        | wayland-graphics-integration-client/ | wayland-graphics-integration-server/ | sqldrivers/ | printsupport/
        | position/ | multimedia/ | qmltooling/ | designer/ | vectorimageformats/
        | platforms/(lib)?q(eglfs|linuxfb|vnc|vkkhrdisplay|minimal|minimalegl|direct2d)\.
        | wayland-shell-integration/lib(wl-shell|ivi-shell|qt-shell|fullscreen-shell)
        | imageformats/(lib)?q(gif|icns|pdf|tga|tiff|wbmp|webp|macheif|macjp2)\.
        | platforminputcontexts/(lib)?qtvirtualkeyboard
    )
    | (^|/)(lib)?Qt6?(Network|Qml|Quick|Sql|Test|PrintSupport|OpenGL|EglF[Ss]|Pdf|VirtualKeyboard|Concurrent
        |WaylandEglClient|WlShell|LabsW|Designer|Help|Xml|Lottie)[A-Za-z0-9]*(\.so|\.dll|\.framework|$)
    | (^|/)opengl32sw\.dll$
    | ^PySide6/(Qt/)?translations/
    | \.dist-info/(RECORD|REQUESTED|INSTALLER|direct_url\.json)$
    | ^torsend-.*\.dist-info/
    | ^lib(gtk|gdk|atk|pango|cairo|krb5|gssapi|k5crypto|com_err|keyutils|gdk_pixbuf|atspi|epoxy|rsvg
        |harfbuzz-gobject)[-_0-9.a-z]*\.so
    """,
    re.VERBOSE,
)
"""Searched for in a file's place in the bundle, written with ``/``."""


def is_wanted(place: str) -> bool:
    """Whether it goes along.

    Args:
        place: in the bundle, as PyInstaller writes it.
    """
    return UNWANTED.search(place.replace("\\", "/")) is None
