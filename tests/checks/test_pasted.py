"""What comes along with pasted and answered text is pointed at; what people type is not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.checks import cases
from torsend.checks import pasted
from torsend.checks.finding import Place, Severity, Where
from torsend.checks.sentences import PASTED

#: Of each row: a text, and what in it is pointed at first.
SAMPLES: list[tuple[str, str, str]] = [
    *(
        ("reply-line", f"Yes.\n\n{line}\n> hello", line)
        for line in (
            "On Tue, 21 Apr 2026 at 10:20, Marta Lindqvist <marta@nordpost.example> wrote:",
            "On 21/04/2026 10:20, Marta wrote:",
            "Marta Lindqvist <marta@nordpost.example> wrote:",
            "Am 21.04.26 um 10:20 schrieb Marta Lindqvist:",
            "Am Di., 21. Apr. 2026 um 10:20 Uhr schrieb Marta <marta@nordpost.example>:",
            "Marta schrieb am 21.04.2026 um 10:20:",
            "Le mar. 21 avr. 2026 à 10:20, Marta <marta@nordpost.example> a écrit :",
            "El mar, 21 abr 2026 a las 10:20, Marta (<marta@nordpost.example>) escribió:",
            "Il giorno mar 21 apr 2026 alle ore 10:20 Marta <marta@nordpost.example> ha scritto:",
            "Em ter., 21 de abr. de 2026 às 10:20, Marta <marta@nordpost.example> escreveu:",
            "Op di 21 apr 2026 om 10:20 schreef Marta <marta@nordpost.example>:",
            "Den tis 21 apr. 2026 kl 10:20 skrev Marta <marta@nordpost.example>:",
            "ti 21. huhtik. 2026 klo 10.20 Marta (marta@nordpost.example) kirjoitti:",
            "út 21. 4. 2026 v 10:20 odesílatel Marta <marta@nordpost.example> napsal:",
            "wt., 21 kwi 2026 o 10:20 Marta <marta@nordpost.example> napisał(a):",
            "вт, 21 апр. 2026 г. в 10:20, Marta <marta@nordpost.example>: написала:",
            "21 Nisan 2026 Salı 10:20 tarihinde Marta <marta@nordpost.example> şunu yazdı:",
            "Marta <marta@nordpost.example> ezt írta (időpont: 2026. ápr. 21., K, 10:20):",
            "Στις Τρί 21 Απρ 2026 στις 10:20, ο χρήστης Marta <marta@nordpost.example> έγραψε:",
            "Marta <marta@nordpost.example> 于2026年4月21日周二 10:20写道：",
            "2026年4月21日(火) 10:20 Martaのメール:",
        )
    ),
    (
        "reply-line",
        "On Tue, 21 Apr 2026 at 10:20, Marta Lindqvist\n<marta@nordpost.example> wrote:\n",
        "On Tue, 21 Apr 2026 at 10:20, Marta Lindqvist\n<marta@nordpost.example> wrote:",
    ),
    *(
        ("original-message", f"x\n{line}\n", line)
        for line in (
            "-----Original Message-----",
            "---------- Forwarded message ---------",
            "-------- Weitergeleitete Nachricht --------",
            "-----Ursprüngliche Nachricht-----",
            "-------- Message d’origine --------",
            "Begin forwarded message",
        )
        if not line.startswith("Begin")
    ),
    ("original-message", "Begin forwarded message:\n", "Begin forwarded message"),
    (
        "quoted-header",
        "x\n\nFrom: Marta <marta@nordpost.example>\nSent: Tuesday\nTo: Wren\n\ny",
        "From: Marta <marta@nordpost.example>\nSent: Tuesday\nTo: Wren",
    ),
    (
        "quoted-header",
        "Von: Marta\nGesendet: Dienstag, 21. April 2026 10:20\nAn: Wren\nBetreff: Blatt",
        "Von: Marta\nGesendet: Dienstag, 21. April 2026 10:20\nAn: Wren\nBetreff: Blatt",
    ),
    (
        "quoted-header",
        "*De:* Marta\n*Envoyé:* mardi 21 avril 2026\n*À:* x",
        "*De:* Marta\n*Envoyé:* mardi 21 avril 2026\n*À:* x",
    ),
    ("quoted-lines", "Yes\n> did you see it?\n", "> did you see it?"),
    ("quoted-address", "> ask kaspar@home.example, please", "kaspar@home.example"),
    ("quoted-address", "as <mailto:kaspar@home.example> said", "kaspar@home.example"),
    *(
        ("device-line", f"Wren\n\n{line}", line)
        for line in (
            "Sent from my iPhone",
            "Sent from Outlook for Android",
            "Sent with Proton Mail secure email.",
            "Get Outlook for iOS",
            "Von meinem iPhone gesendet",
            "Von meinem Samsung Galaxy Smartphone gesendet.",
            "Gesendet von meinem Telefon",
            "Envoyé de mon iPhone",
            "Enviado desde mi iPhone",
            "Inviato da iPhone",
            "Verzonden vanaf mijn iPad",
            "Skickat från min iPhone",
            "Lähetetty iPhonesta",
            "Wysłane z iPhone'a",
            "Отправлено с iPhone",
            "iPhoneから送信",
            "发自我的iPhone",
        )
    ),
    ("signature-mark", "Yes\n-- \nWren, Hall 4", "-- "),
    ("tracking-link", "see https://news.example/a?id=7&utm_source=letter", "utm_source=letter"),
    ("tracking-link", "(https://news.example/?fbclid=IwAR0abc)", "fbclid=IwAR0abc"),
    ("tracking-link", "https://youtu.be/abc?si=Zx9_1", "si=Zx9_1"),
    ("zoned-time", "at 10:20 CEST", "CEST"),
    ("zoned-time", "Tue, 21 Apr 2026 10:20:00 +0200", "+0200"),
    ("zoned-time", "at 9.30 pm (GMT+2)", "GMT+2"),
    ("local-path", "in C:\\Users\\kaspar\\notes.doc, there", "C:\\Users\\kaspar\\notes.doc"),
    ("local-path", "in /home/kaspar/notes", "/home/kaspar"),
    ("local-path", "in /Users/kaspar/notes", "/Users/kaspar"),
    ("local-path", "file:///tmp/a.html", "file:///tmp/a.html"),
    ("local-path", "on \\\\server\\share", "\\\\server\\share"),
    ("hidden-characters", "pass\u200bword", "\u200b"),
    ("hidden-characters", "copy\U000e0142", "\U000e0142"),
    ("hidden-characters", "soft\u00adhyphen", "\u00ad"),
    ("hidden-characters", "a\u200cb", "\u200c"),
    ("hidden-characters", "a\U000e0041\U000e0042b", "\U000e0041\U000e0042"),
    ("mixed-alphabets", "the раssword", "раssword"),
    ("mixed-alphabets", "это пpивет", "пpивет"),
    ("odd-spaces", "one\u2005two", "\u2005"),
    ("trailing-spaces", "one   \ntwo\t\nthree", "   "),
]


@pytest.mark.parametrize(("code", "text", "pointed_at"), SAMPLES)
def test_what_is_pointed_at_stands_there(code: str, text: str, pointed_at: str) -> None:
    findings = {each.code: each for each in pasted.in_text(cases.draft(text=text))}
    assert code in findings, list(findings)
    finding = findings[code]
    assert finding.severity is Severity.LOOK
    assert {place.where for place in finding.places} == {Where.TEXT}
    first = finding.places[0]
    assert text[first.start : first.end] == pointed_at


def test_every_row_has_a_sample() -> None:
    assert {code for code, _, _ in SAMPLES} == set(PASTED) - {"subject-prefix"} == set(pasted._ORDER)


@pytest.mark.parametrize(
    "text",
    [
        "Dear Marta,\n\nattached are a photograph of the original test sheet and my notes on the dates.\n\nWren",
        "On the wall someone wrote:\nno entry",
        "She wrote: come at once.",
        "Er schrieb: komm sofort. Um 10:20 Uhr, am 21. 4. 2026.",
        "Liebe Marta,\n\nanbei die Blätter – ich hoffe, es reicht. Am Donnerstag um 10:20 schaue ich nach.\n\nWren",
        "Chère Marta,\n\nvoici les feuilles ; il en manque : 1 000 pages. « Non ! »\n\nWren",
        "Querida Marta:\n\nadjunto las hojas. ¿Te parece bien? Desde el martes.\n\nWren",
        "Дорогая Марта,\n\nво вложении листы. Я посмотрю в четверг: в 10:20.\n\nВрен",
        "Αγαπητή Μάρτα,\n\nεπισυνάπτω τα φύλλα.\n\nWren",
        "سلام مارتا،\n\nمی\u200cخواهم برگه\u200cها را بفرستم.",
        "मार्टा,\n\nक्\u200dया आपने देखा?",
        "שלום מרתה,\n\nמצורפים הדפים.\u200f",
        "マルタさん、\n\n用紙を添付します。　よろしく。",
        "玛尔塔：\n\n附件是表格，共 3 页。",
        "A family: 👩\u200d👩\u200d👧, a flag: 🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f, ❤\ufe0f.",
        "- one\n- two\n- three\n\n1. first\n2. second\n\n* * *\n\n--- Chapter 1 ---",
        "see https://nordpost.example/a?id=7&page=2 and https://nordpost.example/home/kaspar",
        "x > 3 and y < 4; a -> b; 10:20 UTC; 5 µm; Δt; 3.5 + 0200",
        "To: the desk\nPlease print it.",
        "Datum: Donnerstag\nOrt: Halle 4",
        "One space at the end \nand two for Markdown  \nand one more \n",
        "You can write to desk@nordpost.example.",
        "ភាសា\u200bខ្មែរ និង ภาษา\u200bไทย",
        "葛\U000e0100飾区",
        "and/or, /etc, ~ 5 km, C: drive",
    ],
)
def test_plain_letters_are_left_alone(text: str) -> None:
    assert [each.code for each in pasted.in_text(cases.draft(text=text))] == []


@pytest.mark.parametrize(
    ("subject", "prefix"),
    [
        ("AW: Blätter", "AW:"), ("SV: blad", "SV:"), ("Antw: blad", "Antw:"), ("TR : feuilles", "TR :"),
        ("RE: sheets", "RE:"), ("FW: sheets", "FW:"), ("Re[2]: sheets", "Re[2]:"), ("回复：表格", "回复："),
        ("Odp: arkusze", "Odp:"),
    ],
)  # fmt: skip
def test_a_prefix_of_another_program_is_pointed_at(subject: str, prefix: str) -> None:
    (finding,) = pasted.in_subject(cases.draft(subject=subject))
    (place,) = finding.places
    assert place == Place(Where.SUBJECT, subject.index(prefix[0]), len(prefix))
    assert subject[place.start : place.end] == prefix
    assert finding.sentence.startswith(f"“{prefix}” in the subject")


@pytest.mark.parametrize(
    "subject", ["Re: sheets", "Fwd: sheets", "Test sheets", "", "Return: why", "SVG: how", "RE://x"]
)
def test_a_plain_subject_is_left_alone(subject: str) -> None:
    assert list(pasted.in_subject(cases.draft(subject=subject))) == []


def test_what_readers_see_anyway_and_ones_own_signature_are_no_news() -> None:
    draft = cases.draft(text="> marta@nordpost.example\n> and kaspar@home.example\n-- \nWren")
    known = frozenset({"marta@nordpost.example"})
    findings = {each.code: each for each in pasted.in_text(draft, signature="-- \nWren", known=known)}
    assert set(findings) == {"quoted-lines", "quoted-address"}
    assert findings["quoted-address"].sentence == "The address kaspar@home.example is quoted."


def test_of_a_long_quote_only_some_places_are_kept() -> None:
    (finding,) = [
        each for each in pasted.in_text(cases.draft(text="> quoted\n" * 500)) if each.code == "quoted-lines"
    ]
    assert len(finding.places) == pasted.MOST_PLACES


def test_a_line_without_end_is_looked_through_in_pieces() -> None:
    text = "x" * 10_000 + " C:\\Users\\kaspar\\a.doc " + "y" * 10_000
    (finding,) = pasted.in_text(cases.draft(text=text))
    place = finding.places[0]
    assert text[place.start : place.end] == "C:\\Users\\kaspar\\a.doc"


@given(st.text(max_size=500))
def test_any_text_is_looked_through(text: str) -> None:
    for finding in pasted.in_text(cases.draft(text=text)):
        for place in finding.places:
            assert 0 <= place.start < place.end <= len(text)
