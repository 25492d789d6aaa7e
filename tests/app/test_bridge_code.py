"""A bridge's QR code: what is made of it, and each way in which it can't be had, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PIL import Image

from tests.support.qr_codes import FINGERPRINT, LINES, LISTED, encoded, photographed, qr_code
from torsend.app.bridge_code import NoBridgeCode, read_bridge_code
from torsend.clean.code_reader import CodeReader, Codes
from torsend.clean.report import Why

if TYPE_CHECKING:
    import threading
    from pathlib import Path

    from tests.app.parts import Program


class Said(CodeReader):
    """Says this of every picture."""

    def __init__(self, codes: Codes) -> None:
        self._codes = codes

    def read(self, picture: Path | bytes, *, cancelled: threading.Event | None = None) -> Codes:
        return self._codes


def test_a_list_becomes_lines(tmp_path: Path) -> None:
    file = tmp_path / "photo.jpg"
    file.write_bytes(encoded(photographed(qr_code(LISTED)), "JPEG"))
    assert read_bridge_code(file) == "\n".join(LINES)
    assert read_bridge_code(encoded(qr_code(f"Bridge {LINES[0]}"))) == f"Bridge {LINES[0]}"


@pytest.mark.parametrize(
    ("codes", "said"),
    [
        (Codes(), "No QR code was found"),
        (Codes((LINES[0], LINES[1])), "several QR codes"),
        (Codes(("https://example.net/",)), "not a bridge’s"),
        (Codes(("# only a remark",)), "not a bridge’s"),
        (Codes(why=Why.TOO_LARGE), "too large"),
        (Codes(why=Why.TOOK_TOO_LONG), "too large"),
        (Codes(why=Why.DAMAGED), "damaged"),
        (Codes(why=Why.UNKNOWN_FORMAT), "PNG, JPEG"),
        (Codes(why=Why.NO_SANDBOX), "lock away"),
        (Codes(why=Why.FAILED), "made to do harm"),
    ],
)
def test_what_is_no_bridge_is_told_in_words(codes: Codes, said: str) -> None:
    with pytest.raises(NoBridgeCode) as caught:
        read_bridge_code(b"", reader=Said(codes))
    assert said in caught.value.sentences()
    assert "example.net" not in caught.value.sentences()


def test_a_line_that_is_wrong_stays_beside_one_that_is_right() -> None:
    assert read_bridge_code(b"", reader=Said(Codes((f"{LINES[0]}\nobfs4",)))) == f"{LINES[0]}\nobfs4"


def test_a_picture_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(NoBridgeCode, match="can’t be read"):
        read_bridge_code(tmp_path / "nothing.png")


def test_from_the_command_line(program: Program, tmp_path: Path) -> None:
    good, empty = tmp_path / "good.png", tmp_path / "empty.png"
    good.write_bytes(encoded(qr_code(LISTED)))
    empty.write_bytes(encoded(Image.new("L", (90, 90), 255)))
    ran = program.run("tor", "bridges", "own", "--qr", str(good))
    assert ran.status == 0, ran.err
    assert "2 bridges of your own" in ran.err
    assert FINGERPRINT not in ran.err
    for arguments, said in (
        (("own", "--qr", str(empty)), "No QR code was found"),
        (("snowflake", "--qr", str(good)), "for bridges of your own"),
    ):
        ran = program.run("tor", "bridges", *arguments)
        assert ran.status == 64
        assert said in ran.err
    told = program.run("tor", "way", "--json").json
    assert (told["bridges"], told["own"]) == ("own", list(LINES))
