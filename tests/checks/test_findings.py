"""What is said before sending, and that it says no more than was looked at."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from tests.checks import cases
from torsend.checks.files import FileState
from torsend.checks.findings import MOST_TOLD, Finding, Severity, Where, before_sending
from torsend.errors import NotSendable
from torsend.mail.address import Mailbox
from torsend.mail.draft import Attachment
from torsend.mail.refusals import AttachmentMissing
from torsend.mail.wire import Message, compose

if TYPE_CHECKING:
    from pathlib import Path

    from torsend.mail.draft import Draft


def composed(draft: Draft) -> Message | NotSendable:
    sender = Mailbox("Wren", "wren@rowanmail.example")
    try:
        return compose(draft, sender, now=datetime(2026, 4, 21, tzinfo=UTC), random=bytes)
    except NotSendable as refused:
        return refused


def codes(findings: tuple[Finding, ...]) -> list[str]:
    return [finding.code for finding in findings]


def sentence(findings: tuple[Finding, ...], code: str) -> str:
    (found,) = [finding for finding in findings if finding.code == code]
    return found.sentence


def test_an_ordinary_mail_is_told_not_to_be_encrypted_and_to_leave_no_trace() -> None:
    draft = cases.draft()
    findings = before_sending(draft, cases.identity(), composed(draft))
    assert codes(findings) == ["not-encrypted", "from-matches", "no-trace"]
    assert findings[0].sentence == "Not encrypted: the mail providers can read it."


def test_nothing_is_called_cleaned_or_encrypted_before_it_is_known(tmp_path: Path) -> None:
    picture = tmp_path / "a.jpg"
    picture.write_bytes(b"jpeg")
    draft = cases.draft(attachments=(Attachment.of(picture),))
    for finding in before_sending(draft, cases.identity(), composed(draft)):
        if "clean" in finding.sentence or "ncrypted" in finding.sentence:
            assert finding.severity is Severity.LOOK
            assert "still being cleaned" in finding.sentence or finding.sentence.startswith("Not encrypted")


def test_each_file_that_goes_as_it_is_is_named() -> None:
    findings = before_sending(
        cases.draft(attachments=(cases.file("a.doc"), cases.file("b\u202edoc.exe"))), cases.identity()
    )
    as_they_are = [finding for finding in findings if finding.code == "as-it-is"]
    assert [finding.about for finding in as_they_are] == ["a.doc", "b\u202edoc.exe"]
    assert as_they_are[0].sentence == "a.doc is sent as it is: it may hold its author’s name, place or dates."
    assert "\u202e" not in as_they_are[1].sentence


def test_of_files_the_one_to_decide_about_comes_first_and_those_that_are_fine_share_a_line() -> None:
    files = [
        cases.standing("test-sheet.jpg", FileState.CLEANED),
        cases.standing("a.txt", FileState.NOTHING),
        cases.standing("large.mp4", FileState.CLEANING),
        cases.standing("notes.doc", FileState.DECIDE),
        cases.standing("bids.pdf", FileState.CLEANED),
    ]
    draft = cases.draft(attachments=tuple(one.file for one in files))
    findings = before_sending(draft, cases.identity(), composed(draft), files=files)
    said = [(finding.severity, finding.sentence) for finding in findings if finding.code != "not-encrypted"]
    assert said == [
        (Severity.DECIDE, "notes.doc can’t be cleaned"),
        (Severity.LOOK, "large.mp4 is still being cleaned"),
        (Severity.FINE, "test-sheet.jpg and bids.pdf are cleaned"),
        (Severity.FINE, "a.txt: nothing to clean was found"),
    ]
    (decide,) = findings[0].places
    assert (decide.where, decide.file) == (Where.FILE, 3)


def test_many_cleaned_files_are_counted_and_one_that_failed_says_why() -> None:
    files = [cases.standing(f"{n}.jpg", FileState.CLEANED) for n in range(3)]
    files += [cases.standing(f"{n}.txt", FileState.NOTHING) for n in range(3)]
    files += [cases.standing("gone.png", FileState.FAILED)]
    draft = cases.draft(attachments=tuple(one.file for one in files))
    gone = AttachmentMissing("gone.png")
    said = [finding.sentence for finding in before_sending(draft, cases.identity(), gone, files=files)]
    # Said once: the file's own line, and not the mail's as well.
    assert said[0] == "It failed."
    assert said[-2:] == ["3 files are cleaned", "3 files: nothing to clean was found"]
    assert len(said) == 4


def test_what_cannot_be_sent_comes_first_and_holds_sending() -> None:
    draft = cases.draft(to="marta@nordpost.example, oops")
    findings = before_sending(draft, cases.identity(), composed(draft))
    assert findings[0].code == "not-sendable"
    assert findings[0].severity is Severity.DECIDE
    assert "oops" in findings[0].sentence


def test_a_missing_file_is_named() -> None:
    draft = cases.draft(attachments=(cases.file("gone.doc"),))
    first = before_sending(draft, cases.identity(), composed(draft))[0]
    assert (first.severity, first.about) == (Severity.DECIDE, "gone.doc")


def test_an_empty_draft_has_nothing_to_say() -> None:
    draft = cases.draft(to="", subject="", text="")
    assert before_sending(draft, cases.identity(), composed(draft)) == ()


def test_empty_subject_and_empty_text() -> None:
    found = codes(before_sending(cases.draft(subject=" ", text="\n"), cases.identity()))
    assert {"no-subject", "no-text"} <= set(found)


@pytest.mark.parametrize(
    ("username", "told"),
    [("", False), ("wren", False), ("wren@rowanmail.example", False), ("real.name@rowanmail.example", True)],
)
def test_a_sign_in_under_another_name_is_told(username: str, told: bool) -> None:
    findings = before_sending(cases.draft(), cases.identity(username=username))
    assert ("sign-in-differs" in codes(findings)) is told


def test_many_visible_recipients_are_told_to_see_each_other() -> None:
    many = ", ".join(f"r{n}@nordpost.example" for n in range(5))
    assert "recipients-visible" in codes(before_sending(cases.draft(to=many), cases.identity()))
    assert "recipients-visible" not in codes(before_sending(cases.draft(to="", bcc=many), cases.identity()))


def test_hidden_recipients_are_named_to_the_provider_and_to_their_own() -> None:
    draft = cases.draft(bcc="hidden@example.net")
    message = composed(draft)
    assert isinstance(message, Message)
    findings = before_sending(draft, cases.identity(), message)
    assert sentence(findings, "recipients-hidden").startswith(
        "The hidden recipient is named to rowanmail and to its own provider, example; not in the mail."
    )
    at_home = before_sending(cases.draft(bcc="tarn@rowanmail.example"), cases.identity())
    assert sentence(at_home, "recipients-hidden") == (
        "The hidden recipient is named to rowanmail only, not in the mail."
    )
    assert "hidden@example.net" in message.envelope.recipients
    assert b"hidden@example.net" not in b"".join(message.chunks())


def test_a_domain_without_a_dot_is_asked_about() -> None:
    findings = before_sending(cases.draft(to="marta@nordpost"), cases.identity())
    assert (
        sentence(findings, "domain-without-dot") == "marta@nordpost has no dot after the @. Is it complete?"
    )


@pytest.mark.parametrize(
    ("to", "told"),
    [
        ('"marta@nordpost.example" <x@evil.example>', True),
        ("Marta (marta@nordpost.example) <x@evil.example>", True),
        ('"Marta@nordpost.example" <marta@nordpost.example>', False),
        ("Marta <marta@nordpost.example>", False),
    ],
)
def test_a_name_that_is_another_address_is_told(to: str, told: bool) -> None:
    draft = cases.draft(to=to)
    findings = [each for each in before_sending(draft, cases.identity()) if each.code == "name-is-address"]
    message = composed(draft)
    assert isinstance(message, Message)
    assert bool(findings) is told
    if told:
        (finding,) = findings
        assert finding.sentence == (
            "This mail goes to x@evil.example, though the name beside it says marta@nordpost.example."
        )
        assert message.envelope.recipients == ("x@evil.example",)
        (place,) = finding.places
        assert draft.to[place.start : place.end] == "marta@nordpost.example"


def test_an_address_in_a_name_that_is_written_otherwise_is_told_without_a_place() -> None:
    draft = cases.draft(to=r'"marta\@nordpost.example" <x@evil.example>')
    (finding,) = [each for each in before_sending(draft, cases.identity()) if each.code == "name-is-address"]
    assert finding.places == ()


def test_of_thousands_of_odd_recipients_a_few_are_told() -> None:
    many = ", ".join(f'"a@b.example" <c{number}@dotless>' for number in range(2000))
    found = codes(before_sending(cases.draft(to=many), cases.identity()))
    assert (found.count("domain-without-dot"), found.count("name-is-address")) == (MOST_TOLD, MOST_TOLD)


def test_a_large_mail_is_told_by_its_size_on_the_wire(tmp_path: Path) -> None:
    big = tmp_path / "big.bin"
    with big.open("wb") as opened:
        opened.truncate(18_500_000)
    draft = cases.draft(attachments=(Attachment.of(big).as_it_is(),))
    findings = before_sending(draft, cases.identity(), composed(draft))
    assert (
        sentence(findings, "large") == "The mail is 26 MB on the wire. Many servers take no more than 25 MB."
    )


def test_a_provider_that_writes_the_exit_into_the_mail_is_told() -> None:
    assert "exit-shown" in codes(before_sending(cases.draft(), cases.identity(server=cases.GMAIL)))
    assert "exit-shown" not in codes(before_sending(cases.draft(), cases.identity(address="w@gmail.com")))
    over_onion = cases.identity(onion=True)
    assert "exit-shown" not in codes(before_sending(cases.draft(), over_onion))


def test_from_matches_where_envelope_and_operator_fit() -> None:
    draft = cases.draft()
    message = composed(draft)
    assert isinstance(message, Message)
    header = b"".join(message.chunks()).decode().split("\r\n\r\n")[0]
    # DMARC (RFC 7489 section 3.1) holds From's domain against the envelope's: they are one by construction.
    assert f"<{message.envelope.mail_from}>" in header.split("\r\n")[0]
    found = before_sending(draft, cases.identity(), message)
    assert sentence(found, "from-matches") == "From matches its provider (as DMARC asks)"
    elsewhere = before_sending(draft, cases.identity(address="ida@holm.example"), message)
    assert "from-matches" not in codes(elsewhere)
    assert "holm.example isn’t known to be rowanmail’s" in sentence(elsewhere, "from-elsewhere")
    # Before the mail stands, nothing is said of it.
    assert "from-matches" not in codes(before_sending(draft, cases.identity()))


def test_visible_recipients_stand_in_the_bytes() -> None:
    many = ", ".join(f"r{n}@nordpost.example" for n in range(5))
    draft = cases.draft(to=many)
    message = composed(draft)
    assert isinstance(message, Message)
    leaves = b"".join(message.chunks())
    assert all(f"r{n}@nordpost.example".encode() in leaves for n in range(5))
    assert "recipients-visible" in codes(before_sending(draft, cases.identity(), message))


def test_an_empty_subject_leaves_an_empty_line() -> None:
    message = composed(cases.draft(subject=""))
    assert isinstance(message, Message)
    lines = b"".join(message.chunks()).split(b"\r\n")
    assert [line.strip() for line in lines if line.startswith(b"Subject:")] == [b"Subject:"]
