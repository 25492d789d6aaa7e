"""QR codes for the tests, as they are printed and as they are photographed."""

from __future__ import annotations

import io
import random
from typing import Any

import zxingcpp
from PIL import Image, ImageFilter

FINGERPRINT = "0123456789ABCDEF0123456789ABCDEF01234567"
LINES = tuple(
    f"obfs4 192.0.2.{number}:443 {FINGERPRINT} cert=abcdefghijklmnopqrstuvwxyz0123456789 iat-mode=0"
    for number in (7, 8)
)
LISTED = f"['{LINES[0]}', '{LINES[1]}']"
"""As bridges.torproject.org writes them."""


def qr_code(text: str, scale: int = 4) -> Image.Image:
    """A clean one, with its white edge."""
    code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode)
    # Its stubs call it a buffer under some Pythons only.
    made: Any = zxingcpp.write_barcode_to_image(code, scale=scale)
    drawn = memoryview(made)
    height, width = drawn.shape or (0, 0)
    return Image.frombytes("L", (width, height), drawn.tobytes())


def photographed(code: Image.Image) -> Image.Image:
    """Held askew, from the side, in poor light, out of focus, with a noisy sensor."""
    wall = Image.new("L", (1200, 900), 150)
    held = code.resize((560, 560)).rotate(17, Image.Resampling.BICUBIC, expand=True, fillcolor=150)
    wall.paste(held, (250, 60))
    askew = wall.transform(
        wall.size,
        Image.Transform.PERSPECTIVE,
        (1.0, 0.06, -20.0, 0.02, 1.04, -15.0, 0.00008, 0.00005),
        Image.Resampling.BICUBIC,
        fillcolor=150,
    )
    dim = askew.filter(ImageFilter.GaussianBlur(1.1)).point(lambda light: 70 + light * 0.45)
    noise = Image.frombytes("L", dim.size, random.Random(5).randbytes(dim.width * dim.height))
    return Image.blend(dim, noise, 0.12).convert("RGB")


def encoded(picture: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    """The file."""
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()
