"""What ``torsend selftest`` tries: each check is a value that says what was tried, whether it held, and what was seen.

Nothing of the person's is touched: vaults lie in memory or in a folder that goes, the keyring is only asked whether it is
there, and all that connects, connects to a Tor network of our own on loopback.
"""

from __future__ import annotations

import email
import email.policy
import io
import re
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from torsend import paths, signals
from torsend.clean.report import Trace
from torsend.delivery.dispatcher import status_of
from torsend.demo.failures import DemoFailed
from torsend.demo.network import check_version, find_tor
from torsend.demo.scene import RECIPIENT, SMTP_HOST, Arrived, Scene, circuits_differ
from torsend.demo.show import route
from torsend.demo.window import open_window
from torsend.errors import ExitStatus, TorsendError
from torsend.identity.secrets import KeyringStore
from torsend.mail.draft import Attachment, Draft
from torsend.tor import guard
from torsend.tor.process import child_environment
from torsend.vault import RawKey, Vault, WrongKey
from torsend.words import t, tn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

KEYRING_SECONDS = 10.0
CAMERA = "Kestrel 40"
OWNER = "Wren Alder"
PLACE = (48.0, 12.0, 31.0)
"""Degrees, minutes, seconds."""
_GPS, _MODEL, _ARTIST, _LATITUDE_REF, _LATITUDE = 0x8825, 0x0110, 0x013B, 1, 2
"""Tags of EXIF (CIPA DC-008)."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was tried.

    Attributes:
        what: in a few words.
        holds: whether it is as it must be.
        seen: what was found, or what went wrong.
    """

    what: str
    holds: bool
    seen: str


def checks() -> Iterator[Check]:
    """Tries everything, from what needs least to the whole path; takes some twenty seconds."""
    before = guard.refused()
    yield _tried(t("Vault"), _vault)
    yield _tried(t("Keyring"), _keyring)
    tor = _tried(t("Tor"), _tor)
    yield tor
    if tor.holds:
        try:
            with Scene() as scene:
                yield Check(t("Private network"), holds=True, seen=_network(scene))
                yield from _sent(scene)
                yield _tried(t("Window"), lambda: open_window(scene.client_torrc))
                yield _names(scene)
        except (TorsendError, OSError) as error:
            yield Check(t("Private network"), holds=False, seen=_said(error))
    refused = guard.refused() - before
    yield _nothing_leaked(refused)


def picture() -> bytes:
    """A JPEG as a camera writes it: with the place, the device and the owner's name."""
    # Slow to import, and nobody else needs it in this process.
    from PIL import Image

    image = Image.linear_gradient("L").convert("RGB").resize((96, 64))
    exif = Image.Exif()
    exif[_MODEL], exif[_ARTIST] = CAMERA, OWNER
    exif.get_ifd(_GPS).update({_LATITUDE_REF: "N", _LATITUDE: PLACE})
    out = io.BytesIO()
    image.save(out, "JPEG", exif=exif)
    return out.getvalue()


def tells(data: bytes) -> bool:
    """Whether the picture holds anything of what `picture` put into it, or any EXIF at all."""
    from PIL import Image

    with Image.open(io.BytesIO(data)) as opened:
        held = dict(opened.getexif()) or opened.getexif().get_ifd(_GPS)
    return bool(held) or any(each in data for each in (b"Exif", CAMERA.encode(), OWNER.encode()))


def _tried(what: str, try_: Callable[[], str]) -> Check:
    try:
        return Check(what, holds=True, seen=try_())
    except (TorsendError, OSError) as error:
        return Check(what, holds=False, seen=_said(error))


def _said(error: TorsendError | OSError) -> str:
    """A full disk, or one that nobody may write to, is this computer's state and no fault of ours."""
    if isinstance(error, TorsendError):
        return error.sentences()
    return t("this computer refused it: {reason}.", reason=error.strerror or type(error).__name__)


def _vault() -> str:
    """A vault on this computer's disk: what is written can be read with its key, and with no other, and not in the file."""
    word = "a word that must not lie there in plain text"
    with signals.temporary_folder("torsend-selftest-") as folder:
        path, key = folder / "vault.db", RawKey.random()
        with Vault.create(path, key) as vault, vault.writing() as db:
            db.execute("INSERT INTO secret (name, value) VALUES (?, ?)", ("selftest", word))
        with Vault.open(path, key) as vault, vault.reading() as db:
            row = db.row("SELECT value FROM secret WHERE name = ?", ("selftest",))
        if row is None or row["value"] != word:
            raise DemoFailed(t("What was written into a vault was not there afterwards."))
        try:
            Vault.open(path, RawKey.random()).close()
        except WrongKey:
            pass
        else:
            raise DemoFailed(t("A vault was opened by a key that is not its own."))
        if any(word.encode() in file.read_bytes() for file in folder.iterdir()):
            raise DemoFailed(t("A vault’s file holds what was written into it in plain text."))
    return t("encrypted, opened by its key and by no other")


def _keyring() -> str:
    """Both are fine: without one a passphrase protects the vault."""
    with KeyringStore(patience=KEYRING_SECONDS) as keyring:
        if keyring.available():
            return t("there is one, it can hold the vault’s key")
    return t("there is none here, so a passphrase protects the vault")


def _tor() -> str:
    tor = find_tor()
    check_version(tor)
    with guard.starting(tor):
        said = subprocess.run(
            [tor, "--version"], executable=tor, capture_output=True, text=True, timeout=10, check=False,
            stdin=subprocess.DEVNULL, env=child_environment(),
        ).stdout  # fmt: skip
    found = re.search(r"Tor version ([0-9.]+[0-9])", said)
    version = found[1] if found else "?"
    if paths.bundled_program("tor") == tor:
        return t("{version}, which came with Torsend", version=version)
    return t("{version}, this computer’s: {path}", version=version, path=tor)


def _network(scene: Scene) -> str:
    return tn("{n} relay on this computer", "{n} relays on this computer", len(scene.network.relays))


def _sent(scene: Scene) -> Iterator[Check]:
    """One mail as each identity, with a picture; what arrived of it."""
    original = picture()
    with signals.temporary_folder("torsend-selftest-") as folder:
        file = folder / "IMG_2041.jpg"
        file.write_bytes(original)
        ids, removed = [], set[Trace]()
        try:
            for identity in scene.identities:
                draft = Draft(
                    Draft.new().id, identity.id, to=RECIPIENT, subject="Test sheets",
                    text="Written by the selftest.\n", attachments=(Attachment.of(file),),
                )  # fmt: skip
                removed |= {
                    found
                    for found, _ in scene.app.cleaning.ensure(draft.id, draft.attachments[0]).report.counts
                }
                ids.append(scene.app.queue(draft).id)
            status = status_of(scene.app.dispatcher.run_once(ids))
        except TorsendError as error:
            yield Check(t("Sending"), holds=False, seen=error.sentences())
            return
    arrived = scene.arrived
    all_there = status is ExitStatus.OK and len(arrived) == len(scene.identities)
    yield Check(
        t("Sending"), holds=all_there,
        seen=t("{n} of {all} mails arrived", n=len(arrived), all=len(scene.identities)),
    )  # fmt: skip
    yield Check(
        t("Circuits"), holds=all_there and circuits_differ(*arrived),
        seen="; ".join(f"{each.identity.name}: {route(each.circuit)}" for each in arrived),
    )  # fmt: skip
    yield _cleaned(original, removed, arrived)


def _cleaned(original: bytes, removed: set[Trace], arrived: tuple[Arrived, ...]) -> Check:
    """That the picture told before, that the cleaner says so, and that what arrived is a picture which does not."""
    pictures = [
        part.get_payload(decode=True)
        for each in arrived
        for part in email.message_from_bytes(each.message.data, policy=email.policy.default).walk()
        if part.get_content_type() == "image/jpeg"
    ]
    expected = {Trace.LOCATION, Trace.DEVICE, Trace.AUTHOR}
    gone = bool(pictures) and len(pictures) == len(arrived)
    gone = gone and not any(not isinstance(each, bytes) or tells(each) for each in pictures)
    holds = tells(original) and gone and expected <= removed
    if holds:
        return Check(t("Files"), holds, t("a photo arrived without place, device and owner’s name"))
    return Check(
        t("Files"),
        holds,
        t("a photo did not arrive as it should: place, device or owner’s name may be in it"),
    )


def _names(scene: Scene) -> Check:
    """Names are asked by the exits, and only that of the server."""
    asked = set(scene.network.asked_names)
    return Check(
        t("Names"), holds=asked == {SMTP_HOST},
        seen=t("looked up by exit relays alone: {names}", names=", ".join(sorted(asked)) or "–"),
    )  # fmt: skip


def _nothing_leaked(refused: int) -> Check:
    """The guard stands (it is asked for what it must refuse) and had nothing to refuse in all that ran before."""
    if not guard.holds():
        return Check(
            t("Guard"), holds=False, seen=t("it does not stand: connections past Tor would not be stopped")
        )
    if refused:
        said = tn(
            "it had to stop {n} connection past Tor", "it had to stop {n} connections past Tor", refused
        )
        return Check(t("Guard"), holds=False, seen=said)
    return Check(t("Guard"), holds=True, seen=t("it stands, and nothing tried to go past Tor"))


__all__ = ["Check", "checks", "picture", "tells"]
