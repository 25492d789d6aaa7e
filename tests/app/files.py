"""Files as people attach them; what they must not tell is ``SECRET``."""

from __future__ import annotations

import random
import struct
import wave
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from torsend.delivery.outcome import Accepted
from torsend.delivery.reasons import Reason
from torsend.delivery.reply import Reply
from torsend.delivery.states import Step

if TYPE_CHECKING:
    from pathlib import Path

    from torsend.app import App

NOW = datetime(2026, 4, 21, 10, 20, tzinfo=UTC)
SECRET = b"Kaspar Meyer"
WAV_HEADER = 44


def telling(path: Path) -> Path:
    """A WAV recording, whatever its name says, that names its author (RIFF's ``LIST`` of ``INFO``)."""
    plain(path)
    sound = path.read_bytes()
    author = SECRET + b"\0" * (2 - len(SECRET) % 2)
    said = b"INFO" + b"IART" + struct.pack("<I", len(author)) + author
    sound += b"LIST" + struct.pack("<I", len(said)) + said
    path.write_bytes(b"RIFF" + struct.pack("<I", len(sound) - 8) + sound[8:])
    return path


def plain(path: Path, size: int = 20_000) -> Path:
    """A WAV recording of that many bytes, of which all is sound: nothing has to go."""
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        frames = (size - WAV_HEADER) // 2
        sound.writeframes(random.Random(1).randbytes(2 * frames))
    return path


def old_office(path: Path) -> Path:
    """As the old Word wrote it: a compound file (MS-CFB section 2.2) with a stream of that name, which nobody can clean."""
    stream = "WordDocument".encode("utf-16-le").ljust(128, b"\0")
    path.write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + bytes(504) + stream + SECRET + bytes(1024))
    return path


def accept(app: App, entry_id: str) -> None:
    """The server takes it."""
    for step in (Step.ENVELOPE, Step.DOT_WRITTEN):
        app.outbox.advance(entry_id, step)
    app.outbox.settle(entry_id, Accepted(Reason.ACCEPTED, Step.REPLIED, Reply(250, "2.0.0", ("Ok",))))
