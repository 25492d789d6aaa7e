"""Pictures of every screen, light and dark, at 100 % and 200 %: ``python packaging/shots.py [name…]``.

Each scale is a process of its own, since Qt reads it once. What is shown comes from ``tests/gui``.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "shots"


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", help="only these screens (part of a name is enough)")
    parser.add_argument("--scale", type=int, choices=(1, 2), help="only this scale")
    parser.add_argument("--font", default="Inter", help="stands for the system's font (default: %(default)s)")
    parser.add_argument("--within", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.within:
        return paint(given.names, given.scale, given.font)
    worst = 0
    for scale in (given.scale,) if given.scale else (1, 2):
        environment = os.environ | {"QT_SCALE_FACTOR": str(scale), "QT_QPA_PLATFORM": "offscreen"}
        command = [
            sys.executable,
            __file__,
            "--within",
            "--scale",
            str(scale),
            "--font",
            given.font,
            *given.names,
        ]
        worst = max(worst, subprocess.run(command, env=environment, cwd=ROOT, check=False).returncode)
    return worst


def paint(names: list[str], scale: int, family: str) -> int:
    """Paints them into the folder, with the scale that this process was started with."""
    sys.path.insert(0, str(ROOT))
    from PySide6.QtGui import QFont
    from PySide6.QtWidgets import QApplication

    from tests.gui.page_screens import PAGE_SCREENS
    from tests.gui.screens import SCREENS
    from tests.gui.word_screens import WORD_SCREENS
    from torsend.gui import theme
    from torsend.gui.parts import FocusRing

    app = QApplication([])
    app.setFont(QFont(family))
    theme.install(app)
    theme.look().reduced_motion = True
    ring = FocusRing(app)
    FOLDER.mkdir(exist_ok=True)
    painted = 0
    for name, screen in {**SCREENS, **PAGE_SCREENS, **WORD_SCREENS}.items():
        if names and not any(part in name for part in names):
            continue
        for dark in (False, True):
            theme.look().choose(dark)
            widget = screen.make()
            widget.resize(screen.width, screen.height)
            widget.show()
            # More than once: what is laid out anew asks for the next round.
            for _ in range(3):
                app.processEvents()
            if screen.then is not None:
                screen.then(widget)
                app.processEvents()
            where = FOLDER / f"{name}-{'dark' if dark else 'light'}@{scale}x.png"
            if not widget.grab().save(str(where)):
                print(f"could not write {where}", file=sys.stderr)
                return 1
            painted += 1
            finish = getattr(widget, "finish", None)
            if finish is not None:
                finish()
            widget.close()
            widget.deleteLater()
    print(f"{painted} pictures at {scale * 100} % in {FOLDER}")
    ring.deleteLater()
    return 0 if painted else 64


if __name__ == "__main__":
    raise SystemExit(main())
