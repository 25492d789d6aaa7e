"""``python -m tests.clean.render_office FILE …``: cleans office documents and compares how LibreOffice renders them.

Not a test of every day: LibreOffice is half a gigabyte. Needs ``libreoffice-writer-nogui``, ``-calc-nogui``,
``-impress-nogui`` and ``poppler-utils``. Prints a line a file: what was refused, or pages, differing pixels, text.
"""

from __future__ import annotations

import io
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image, ImageChops

from torsend.clean.formats.format import NotCleanable, Notes
from torsend.clean.formats.registry import recognise

DPI = "60"
VISIBLE = 24
"""Steps of 255 by which a pixel must differ to count: glyphs at the same place are drawn alike."""


def main(paths: list[Path]) -> int:
    """Number of files whose cleaned form does not open or has other pages."""
    bad = 0
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        pairs: dict[int, Path] = {}
        for number, path in enumerate(paths):
            ending = path.suffix
            held = io.BytesIO()
            try:
                with path.open("rb") as source:
                    recognise(source).clean(source, held, Notes())
            except NotCleanable as refused:
                print(f"{path}: {refused.why} {refused.inside}")
                continue
            (folder / f"{number}-before{ending}").write_bytes(path.read_bytes())
            (folder / f"{number}-after{ending}").write_bytes(held.getvalue())
            pairs[number] = path
        render(sorted(each for each in folder.iterdir() if each.is_file()), folder)
        for number, path in pairs.items():
            same, sentence = compare(folder / f"{number}-before", folder / f"{number}-after")
            bad += not same
            print(f"{path}: {sentence}")
    return bad


def render(documents: list[Path], folder: Path) -> None:
    """A PDF beside each, its pages as pictures, and its text."""
    for at in range(0, len(documents), 40):
        subprocess.run(
            ["soffice", f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to", "pdf",
             "--outdir", str(folder), *map(str, documents[at : at + 40])],
            check=False, capture_output=True,
        )  # fmt: skip
    for pdf in folder.glob("*.pdf"):
        subprocess.run(["pdftoppm", "-r", DPI, "-png", str(pdf), str(pdf.with_suffix(""))], check=False)
        subprocess.run(["pdftotext", "-layout", str(pdf)], check=False)


def compare(before: Path, after: Path) -> tuple[bool, str]:
    """Whether both have the same pages, and a sentence."""
    pages = [sorted(each.parent.glob(f"{each.name}-*.png")) for each in (before, after)]
    texts = [each.with_suffix(".txt") for each in (before, after)]
    words = [each.read_text().split() if each.exists() else None for each in texts]
    differing = 0
    for one, other in zip(*pages, strict=False):
        difference = ImageChops.difference(Image.open(one).convert("L"), Image.open(other).convert("L"))
        differing += sum(difference.histogram()[VISIBLE:])
    text = "same text" if words[0] == words[1] else "other text"
    sentence = f"{len(pages[0])} pages before, {len(pages[1])} after; {differing} pixels differ; {text}"
    return len(pages[0]) == len(pages[1]) > 0, sentence


if __name__ == "__main__":
    raise SystemExit(main([Path(each) for each in sys.argv[1:]]))
