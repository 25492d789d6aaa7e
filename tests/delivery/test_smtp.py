"""The dialogue, without a socket: dot-stuffing, and what may follow what."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from torsend.delivery.actions import (
    Action,
    Login,
    NextBlock,
    PeerGone,
    Poll,
    Reached,
    Read,
    Stage,
    Verdict,
    Write,
)
from torsend.delivery.reasons import Reason
from torsend.delivery.smtp import Submission
from torsend.delivery.transaction import DotStuffer

BODIES = st.lists(st.sampled_from([b".", b"..", b"\r\n", b"a", b".\r\n", b"\r\n."]), max_size=30).map(
    b"".join
)


def unstuffed(wire: bytes) -> bytes:
    """As RFC 5321 section 4.5.2 has the receiver do it, line by line."""
    assert wire.endswith(b"\r\n.\r\n") or wire == b".\r\n"
    lines = wire[:-3].split(b"\r\n")
    assert b"." not in lines
    return b"\r\n".join(line[1:] if line.startswith(b".") else line for line in lines)


@given(BODIES, st.lists(st.integers(0, 60), max_size=6))
def test_dots_survive_any_cutting(body: bytes, cuts: list[int]) -> None:
    edges = sorted({0, len(body), *(cut for cut in cuts if cut < len(body))})
    stuffer = DotStuffer()
    wire = b"".join(stuffer.feed(body[a:b]) for a, b in itertools.pairwise(edges)) + stuffer.end()
    whole = body if body.endswith(b"\r\n") or not body else body + b"\r\n"
    assert unstuffed(wire) == whole


def converse(
    replies: list[bytes],
    *,
    recipients: tuple[str, ...] = ("b@x.example",),
    lose: bytes | None = None,
    utf8: bool = False,
) -> tuple[Verdict, list[Action]]:
    """Runs a dialogue against answers that come whenever it reads; then the peer is gone, or at the write of ``lose``."""
    replies = list(replies)
    dialogue = Submission("a@x.example", recipients, 9, Login("u", "p"), starttls=False, utf8=utf8).dialogue()
    actions: list[Action] = []
    blocks = [b"body...\r\n"]
    action = next(dialogue)
    try:
        while True:
            actions.append(action)
            match action:
                case Read():
                    action = dialogue.send(replies.pop(0)) if replies else dialogue.throw(PeerGone())
                case NextBlock():
                    action = dialogue.send(blocks.pop(0) if blocks else b"")
                case Write(data) if lose is not None and lose in data:
                    action = dialogue.throw(PeerGone())
                case _:
                    action = dialogue.send(b"")
    except StopIteration as end:
        verdict: Verdict = end.value
        return verdict, actions


HELLO = [b"220 hi\r\n", b"250-x\r\n250-PIPELINING\r\n250 AUTH PLAIN\r\n", b"235 in\r\n"]


def test_five_answers_are_all_it_waits_for() -> None:
    verdict, actions = converse([*HELLO, b"250 ok\r\n250 ok\r\n354 go\r\n", b"250 done\r\n"])
    assert verdict.reason is Reason.ACCEPTED
    assert sum(isinstance(action, Read) for action in actions) == 5
    writes = [action.data for action in actions if isinstance(action, Write)]
    assert writes[2:] == [
        b"MAIL FROM:<a@x.example>\r\nRCPT TO:<b@x.example>\r\nDATA\r\n",
        b"body...\r\n.\r\n",
    ]


def test_journal_comes_before_the_bytes() -> None:
    _, actions = converse([*HELLO, b"250 ok\r\n250 ok\r\n354 go\r\n", b"250 done\r\n"])
    dot = actions.index(Reached(Stage.DOT, ("b@x.example",)))
    written = next(
        n for n, action in enumerate(actions) if isinstance(action, Write) and b"body" in action.data
    )
    assert dot < written
    assert isinstance(actions[dot - 1], Poll)
    assert Reached(Stage.BODY) not in actions


def test_password_is_not_in_a_representation() -> None:
    _, actions = converse(HELLO)
    assert "dQ" not in repr(actions)
    assert "secret" not in repr(Login("u", "secret"))


@given(st.lists(st.binary(max_size=40), max_size=12))
def test_whatever_a_peer_says_only_its_positive_answer_to_the_dot_is_acceptance(replies: list[bytes]) -> None:
    verdict, actions = converse(replies)
    if verdict.reason is Reason.ACCEPTED:
        assert any(isinstance(action, Reached) and action.stage is Stage.DOT for action in actions)
    if not any(isinstance(action, Reached) and action.stage is Stage.DOT for action in actions):
        assert verdict.reason is not Reason.NO_ANSWER


ANSWERS = st.sampled_from([b"220 a\r\n", b"235 a\r\n", b"250 a\r\n", b"250-x\r\n250 AUTH PLAIN\r\n", b"354 a\r\n",
                           b"421 a\r\n", b"451 a\r\n", b"550 a\r\n", b"334 \r\n", b"x\r\n"])  # fmt: skip


@given(st.lists(ANSWERS, max_size=10))
def test_dot_is_never_written_unless_sender_recipient_and_data_were_answered_with_yes(
    answers: list[bytes],
) -> None:
    verdict, actions = converse([*HELLO, *answers])
    if any(isinstance(action, Reached) and action.stage is Stage.DOT for action in actions):
        said = b"".join(answers).split(b"\r\n")
        assert said[0].startswith(b"2")
        assert verdict.reason is not Reason.DROPPED


@pytest.mark.parametrize("utf8", [True, False])
@pytest.mark.parametrize(
    "address",
    [
        "a\r\nRCPT TO:<evil@x.example>",
        "a\n@x",
        "a\r@x",
        "a\0@x",
        "a\x7f@x",
        "ä\x85@x",
        "ä\u2028@x",
        "ä\ud800@x",
    ],
)
def test_control_characters_never_reach_a_command(address: str, utf8: bool) -> None:
    for sender, recipient in (("a@x.example", address), (address, "a@x.example")):
        with pytest.raises(ValueError, match="control"):
            Submission(sender, (recipient,), 1, None, starttls=False, utf8=utf8)


def test_dot_that_was_not_handed_over_has_not_left() -> None:
    verdict, actions = converse([*HELLO, b"250 ok\r\n250 ok\r\n354 go\r\n", b"250 done\r\n"], lose=b"body...")
    assert any(isinstance(action, Reached) and action.stage is Stage.DOT for action in actions)
    assert (verdict.reason, verdict.stage) == (Reason.DROPPED, Stage.BODY)
