"""What a server says reaches the person whole enough to help, and unable to play tricks: from the wire to the terminal."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from tests.delivery.parts import message
from torsend.cli.output import entry_lines
from torsend.delivery.outbox import Outbox, OutboxEntry
from torsend.delivery.outcome import Recipient, Refused
from torsend.delivery.reasons import Reason
from torsend.delivery.reply import MAX_TEXT, BadReply, Reply, ReplyReader
from torsend.delivery.sentences import explain
from torsend.delivery.states import RecipientState, Step
from torsend.vault import Vault

TRICKS = {"Cc", "Cf", "Cs", "Zl", "Zp"}
"""Control and format characters (bidi overrides among them), lone surrogates, line and paragraph separators."""

NASTY = st.one_of(
    st.binary(max_size=60),
    st.text(st.sampled_from("\u202e\u2066\u200b\u2028\x1b\x07\x9b\r\ufeff\U000e0041éя{}%"), max_size=30).map(
        str.encode
    ),
)
REPLIES = st.lists(NASTY.map(lambda raw: raw.replace(b"\n", b"")), min_size=1, max_size=8)


def heard(texts: list[bytes]) -> Reply | None:
    reader = ReplyReader()
    for text in texts[:-1]:
        reader.feed(b"550-" + text + b"\r\n")
    reader.feed(b"550 5.7.1 " + texts[-1] + b"\r\n")
    try:
        return reader.next()
    except BadReply:
        return None


def kept(vault: Vault, reply: Reply) -> OutboxEntry:
    outbox = Outbox(vault)
    entry = outbox.queue(message(), "wren")
    outbox.begin(entry.id)
    refused = Recipient("marta@example.org", RecipientState.REFUSED, reply)
    outbox.settle(entry.id, Refused(Reason.RECIPIENTS_REFUSED, Step.ENVELOPE, reply, recipients=(refused,)))
    return outbox.get(entry.id)


def harmless(text: str) -> bool:
    return all(char == "\n" or unicodedata.category(char) not in TRICKS for char in text)


@given(REPLIES)
def test_whatever_a_server_says_is_shown_without_tricks_and_survives_the_vault(texts: list[bytes]) -> None:
    reply = heard(texts)
    if reply is None:
        return
    assert harmless(reply.words)
    assert len(reply.text) <= MAX_TEXT
    with Vault.in_memory() as vault:
        entry = kept(vault, reply)
    assert entry.reply is not None
    assert entry.reply.words == reply.words
    assert entry.recipients[0].reply == entry.reply
    told = explain(entry, "rowanmail")
    assert told.their_words == reply.words
    # The sentences are ours alone: not a word of theirs is in them, whatever braces they use.
    assert told.sentences == explain(_silent(entry), "rowanmail").sentences
    assert told.their_words.startswith("550 ")


def _silent(entry: OutboxEntry) -> OutboxEntry:
    with Vault.in_memory() as vault:
        return kept(vault, Reply(entry.reply.code if entry.reply else 550, "", ("no",)))


@given(REPLIES)
def test_no_line_of_a_server_stands_at_the_terminals_margin(texts: list[bytes]) -> None:
    reply = heard(texts)
    if reply is None:
        return
    with Vault.in_memory() as vault:
        lines = entry_lines(kept(vault, reply), None)
    assert all(harmless(line) and "\n" not in line for line in lines)
    assert all(line.startswith("    ") for line in lines[1:])


def test_enhanced_code_and_meaning_are_told_beside_the_words() -> None:
    with Vault.in_memory() as vault:
        told = explain(kept(vault, Reply(550, "5.1.1", ("no such user",))), "rowanmail")
    assert told.their_words == "550 5.1.1 no such user"
    assert told.what == "rowanmail refused the recipients."
    assert told.advice
