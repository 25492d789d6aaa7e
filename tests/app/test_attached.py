"""What goes along of attached files: through the real cleaner, the real vault and the program's own way of sending."""

from __future__ import annotations

import email
import email.policy
import io
import itertools
import wave
from typing import TYPE_CHECKING

import pytest

from tests.app import files as made
from torsend.app import App, Start
from torsend.clean.report import Trace, Verdict
from torsend.delivery.states import State
from torsend.errors import NotSendable
from torsend.identity.identity import Colour, FileNames, Identity, Kind, Server, Tls, new_identity_id
from torsend.mail import wire
from torsend.mail.address import Mailbox
from torsend.mail.draft import Attachment, Draft
from torsend.mail.refusals import (
    AttachmentDecidedBefore,
    AttachmentMissing,
    AttachmentNotCleaned,
    AttachmentUndecided,
)
from torsend.paths import Profile

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import EmailMessage
    from pathlib import Path


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    with App.open(Start(Profile(tmp_path / "profile"), in_memory=True)) as opened:
        for name, names in (("Wren", FileNames.KEPT), ("Tarn", FileNames.NEUTRAL)):
            opened.add_identity(
                Identity(
                    new_identity_id(),
                    name,
                    f"{name.lower()}@rowanmail.example",
                    Kind.ADDRESS,
                    Colour.TEAL,
                    Server("smtp.rowanmail.example", 465, Tls.IMPLICIT),
                    file_names=names,
                ),
                None,
            )
        yield opened


def draft(app: App, *files: Attachment, sender: str = "Wren") -> Draft:
    identity = app.find_identity(sender)
    return Draft(
        Draft.new().id, identity.id, to="marta@nordpost.example", text="Dear Marta,", attachments=files
    )


def cleaned(app: App, it: Draft) -> Draft:
    for file in it.attachments:
        app.cleaning.ensure(it.id, file)
    return it


def parts(chunks: Iterator[bytes]) -> dict[str, EmailMessage]:
    """The attached parts by their names."""
    parsed = email.message_from_bytes(b"".join(chunks), policy=email.policy.default)
    assert not parsed.defects
    return {part.get_filename() or "": part for part in parsed.iter_attachments()}


def as_sent(app: App, it: Draft) -> dict[str, EmailMessage]:
    return parts(app.compose(it).chunks())


def test_what_was_made_of_a_file_leaves_and_not_the_file(app: App, tmp_path: Path) -> None:
    recording = made.telling(tmp_path / "interview.wav")
    before = (recording.read_bytes(), recording.stat().st_mtime_ns)
    it = cleaned(app, draft(app, Attachment.of(recording)))
    (part,) = as_sent(app, it).values()
    content = part.get_content()
    assert made.SECRET not in content
    assert content != before[0]
    with wave.open(io.BytesIO(content)) as after, wave.open(str(recording)) as original:
        assert after.readframes(-1) == original.readframes(-1)
    # The same as the outbox keeps to be sent.
    entry = app.queue(it)
    (queued,) = parts(app.outbox.chunks(entry.id)).values()
    assert queued.get_content() == content
    assert (recording.read_bytes(), recording.stat().st_mtime_ns) == before


def test_a_file_with_nothing_in_it_is_read_through_and_leaves_as_the_cleaner_wrote_it(
    app: App, tmp_path: Path
) -> None:
    text = made.plain(tmp_path / "readings.wav")
    it = draft(app, Attachment.of(text))
    found = app.cleaning.ensure(it.id, it.attachments[0])
    assert found.report.verdict is Verdict.NOTHING
    (part,) = as_sent(app, it).values()
    assert part.get_payload(decode=True) == b"".join(app.cleaned.pieces(found.id))


def test_no_way_to_send_lets_a_file_go_that_nobody_decided_about(app: App, tmp_path: Path) -> None:
    sender = Mailbox("Wren", "wren@rowanmail.example")
    files = [
        made.telling(tmp_path / "a.wav"),
        made.plain(tmp_path / "b.wav"),
        made.old_office(tmp_path / "c.doc"),
    ]
    for attached in itertools.chain(
        itertools.permutations(files, 1), itertools.permutations(files, 2), itertools.permutations(files)
    ):
        it = draft(app, *map(Attachment.of, attached))
        for send in (app.compose, app.queue):
            with pytest.raises(AttachmentNotCleaned):
                send(it)
        with pytest.raises(AttachmentNotCleaned):
            wire.compose(it, sender, now=made.NOW, random=bytes)
        if files[2] in attached:
            cleaned(app, it)
            for send in (app.compose, app.queue):
                with pytest.raises(AttachmentUndecided):
                    send(it)
    assert app.outbox.list() == ()
    # What was saved and came back, from this program or an older one, is no more decided than before.
    again = Draft.from_json(draft(app, Attachment.of(files[2])).to_json().replace('"cleaned"', '"perhaps"'))
    with pytest.raises(NotSendable):
        app.compose(again)


def test_a_decision_sends_the_file_itself_and_can_be_taken_back(app: App, tmp_path: Path) -> None:
    notes = made.old_office(tmp_path / "notes.doc")
    file = Attachment.of(notes)
    it = cleaned(app, draft(app, file))
    with pytest.raises(AttachmentUndecided, match=r"notes\.doc can’t be cleaned"):
        app.compose(it)
    decided = Draft.from_json(Draft(it.id, it.identity_id, it.to, attachments=(file.as_it_is(),)).to_json())
    assert decided.as_they_are == (file.as_it_is(),)
    (part,) = as_sent(app, decided).values()
    assert part.get_content() == notes.read_bytes()
    assert part.get_content_type() == "application/msword"
    with pytest.raises(AttachmentUndecided):
        app.compose(Draft(it.id, it.identity_id, it.to, attachments=(file.as_it_is().cleaned(),)))


def test_a_decision_holds_for_the_file_that_it_was_made_about(app: App, tmp_path: Path) -> None:
    notes = made.old_office(tmp_path / "notes.doc")
    file = Attachment.of(notes)
    it = cleaned(app, draft(app, file))
    decided = Draft(it.id, it.identity_id, it.to, attachments=(file.as_it_is(),))
    app.compose(decided)
    notes.write_bytes(notes.read_bytes() + b"and what nobody looked at")
    for send in (app.compose, app.queue):
        with pytest.raises(AttachmentDecidedBefore, match="changed since you decided"):
            send(decided)
    # Decided again, it goes.
    app.cleaning.ensure(it.id, file)
    app.compose(decided)


def test_a_changed_file_is_not_the_one_that_was_cleaned(app: App, tmp_path: Path) -> None:
    file = Attachment.of(made.plain(tmp_path / "c.wav"))
    it = cleaned(app, draft(app, file))
    made.plain(file.path, 30_000)
    with pytest.raises(AttachmentNotCleaned):
        app.compose(it)
    cleaned(app, it)
    (part,) = as_sent(app, it).values()
    assert part.get_content() == file.path.read_bytes()


def test_a_file_that_is_gone_goes_along_as_it_was_cleaned_but_not_as_it_was(app: App, tmp_path: Path) -> None:
    file = Attachment.of(made.plain(tmp_path / "c.wav"))
    it = cleaned(app, draft(app, file))
    file.path.unlink()
    assert set(as_sent(app, it)) == {"c.wav"}
    with pytest.raises(AttachmentMissing, match=r"c\.wav isn’t there"):
        app.compose(draft(app, file.as_it_is(), sender="Tarn"))


def test_names_and_types_are_those_of_what_is_in_the_file(app: App, tmp_path: Path) -> None:
    recording = made.telling(tmp_path / "Interview_Kaspar_Meyer_2026-03-04.png")
    other = made.telling(tmp_path / "Kaspar at home.wav")
    notes = Attachment.of(made.old_office(tmp_path / "Kaspar’s notes.doc")).as_it_is()
    files = (Attachment.of(recording), Attachment.of(other), notes)
    kept = as_sent(app, cleaned(app, draft(app, *files)))
    assert {name: part.get_content_type() for name, part in kept.items()} == {
        "Interview_Kaspar_Meyer_2026-03-04.png": "audio/x-wav",
        "Kaspar at home.wav": "audio/x-wav",
        "Kaspar’s notes.doc": "application/msword",
    }
    neutral = cleaned(app, draft(app, *files, sender="Tarn"))
    assert set(as_sent(app, neutral)) == {"sound-1.wav", "sound-2.wav", "file-1.doc"}
    assert b"Kaspar" not in b"".join(app.compose(neutral).chunks()).replace(made.SECRET, b"")


def test_what_was_removed_is_kept(app: App, tmp_path: Path) -> None:
    it = cleaned(app, draft(app, Attachment.of(made.telling(tmp_path / "a.wav"))))
    found = app.cleaned.find(it.id, it.attachments[0])
    assert found is not None
    assert Trace.AUTHOR in dict(found.report.counts)
    assert any(made.SECRET.decode() in one.value for one in found.report.removed)


def test_what_was_made_of_files_goes_with_the_draft_however_that_goes(app: App, tmp_path: Path) -> None:
    def kept() -> tuple[int, int, int]:
        with app.vault.reading() as db:
            tables = ("cleaned", "cleaned_chunk", "cleaned_words")
            counts = [db.row(f"SELECT count(*) FROM {table}") for table in tables]
        one, two, three = (row[0] for row in counts if row is not None)
        return one, two, three

    text = Attachment.of(made.plain(tmp_path / "c.wav"))
    thrown_away = cleaned(app, draft(app, text))
    app.drafts.save(thrown_away)
    assert kept() == (1, 1, 0)
    app.drafts.remove(thrown_away.id)
    assert kept() == (0, 0, 0)

    taken_out = app.queue(cleaned(app, draft(app, text)))
    assert kept() == (1, 1, 0)
    app.remove_entry(taken_out.id)
    assert kept() == (0, 0, 0)

    sent = app.queue(cleaned(app, draft(app, text)))
    app.outbox.begin(sent.id)
    made.accept(app, sent.id)
    assert app.outbox.get(sent.id).state is State.ACCEPTED
    assert kept() == (0, 0, 0)

    removed = draft(app, text, Attachment.of(made.plain(tmp_path / "b.wav")))
    cleaned(app, removed)
    app.cleaned.forget(removed.id, text.path)
    assert kept() == (1, 1, 0)
    with pytest.raises(AttachmentNotCleaned, match=r"c\.wav"):
        app.compose(removed)


def test_a_word_of_the_list_within_a_file_is_found_once_the_cleaner_has_read_it(
    app: App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    notes = tmp_path / "notes.txt"
    notes.write_text("The night shift of\nKas-\npar, who saw it.\n")
    app.words.set(["Kaspar"])
    it = draft(app, Attachment.of(notes))
    assert "word-in-file" not in [each.code for each in app.findings(it)]
    (found,) = [each for each in app.findings(cleaned(app, it)) if each.about == "Kaspar"]
    assert (found.code, found.sentence) == ("word-in-file", "“Kaspar” is on your word list, and in notes.txt")
    # Looked for once, and again only where file or words are others.
    looked: list[int] = []

    def read(cleaned_id: int) -> Iterator[str]:
        looked.append(cleaned_id)
        yield "Kaspar"

    monkeypatch.setattr(app.cleaned, "words", read)
    app.findings(it)
    assert looked == []
    app.words.add(["night"])
    app.findings(it)
    app.findings(it)
    assert len(looked) == 1
    monkeypatch.undo()
    neutral = cleaned(app, draft(app, Attachment.of(notes), sender="Tarn"))
    assert any(each.about == "Kaspar" and "notes" not in each.sentence for each in app.findings(neutral))
