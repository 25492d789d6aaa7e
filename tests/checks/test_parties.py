"""Who learns what: each row's words and pips, for every route and account."""

from __future__ import annotations

import itertools

import pytest

from tests.checks import cases
from torsend.checks.files import FileState
from torsend.checks.findings import Severity
from torsend.checks.parties import Party, Pip, limits, who_learns_what
from torsend.identity.identity import OnlyOverTor, Server, Tls
from torsend.tor.circuits import Role


def by_code(parties: tuple[Party, ...]) -> dict[str, Party]:
    return {party.code: party for party in parties}


def test_without_a_recipient_there_is_nothing_to_show() -> None:
    for to in ("", "marta", "marta@"):
        assert who_learns_what(cases.draft(to=to), cases.identity()) == ()
        assert limits(cases.draft(to=to), cases.identity()) == ()


def test_exit_route_of_an_account_only_used_over_tor() -> None:
    circuit = cases.circuit(("larkspur", Role.GUARD), ("tinmill", Role.MIDDLE), ("osprey", Role.EXIT))
    rows = who_learns_what(cases.draft(), cases.identity(), circuit)
    told = [(row.label, row.detail_name, row.sentence, row.you, row.mail) for row in rows]
    full, none = Pip.FULL, Pip.NONE
    assert told == [
        ("Your network", "", "That you use Tor, when and how much.", full, none),
        ("Guard relay", "larkspur", "Your internet address, not where it leads.", full, none),
        ("Exit relay", "osprey", "That someone connects to rowanmail.", none, none),
        ("Mail providers", "rowanmail, nordpost", "The whole mail.", none, full),
        ("Marta Lindqvist", "", "The whole mail, your address included.", none, full),
        (
            "Anyone Marta Lindqvist forwards it to",
            "",
            "All Marta Lindqvist passes on, your address included.",
            none,
            full,
        ),
    ]
    assert not any(row.fixable for row in rows)


def test_onion_route_of_an_account_that_may_be_known() -> None:
    circuit = cases.circuit(("brindle", Role.GUARD), ("heron", Role.MEETING), onion=True)
    identity = cases.identity(onion=True, only_over_tor=OnlyOverTor.UNSURE)
    rows = who_learns_what(cases.draft(to="desk@nordpost.example"), identity, circuit)
    assert [row.code for row in rows] == [
        "network",
        "guard",
        "service-relays",
        "your-provider",
        "their-provider",
        "recipients",
    ]
    assert rows[1].detail_name == "brindle"
    assert rows[2].sentence == "Neither of the two. There is no exit relay."
    assert (rows[3].sentence, rows[3].you, rows[3].fixable) == (
        "The whole mail. May know you already.",
        Pip.HALF,
        Severity.LOOK,
    )
    assert (rows[4].label, rows[4].sentence) == ("Their provider", "The whole mail, not where it came from.")
    assert rows[5].label == "desk@nordpost and its readers"


def test_an_account_once_used_without_tor_is_known_to_its_provider() -> None:
    rows = by_code(who_learns_what(cases.draft(), cases.identity(only_over_tor=OnlyOverTor.NO)))
    assert rows["your-provider"].you is Pip.FULL
    assert rows["your-provider"].sentence == "The whole mail. Has seen your internet address."


def test_a_file_that_goes_as_it_is_half_fills_the_pips_of_all_who_read_it() -> None:
    draft = cases.draft(attachments=(cases.file("notes.doc"),))
    rows = by_code(who_learns_what(draft, cases.identity()))
    for code in ("providers", "recipients", "forwarded"):
        assert rows[code].you is Pip.HALF
        assert rows[code].fixable is Severity.LOOK
    assert rows["recipients"].sentence == (
        "The whole mail, your address included. notes.doc may name its author."
    )
    assert rows["exit"].you is Pip.NONE
    two = cases.draft(attachments=(cases.file("a.doc"), cases.file("b.doc")))
    assert (
        "2 files may name their authors."
        in by_code(who_learns_what(two, cases.identity()))["recipients"].sentence
    )


def test_recipients_at_ones_own_provider_have_no_row_for_theirs() -> None:
    rows = by_code(who_learns_what(cases.draft(to="ida@rowanmail.example"), cases.identity()))
    assert "their-provider" not in rows
    assert "providers" not in rows
    assert rows["your-provider"].mail is Pip.FULL


def test_many_recipients_are_one_row() -> None:
    draft = cases.draft(cc="a@one.example, b@two.example", bcc="A Third <c@two.example>, b@two.example")
    rows = by_code(who_learns_what(draft, cases.identity(only_over_tor=OnlyOverTor.UNSURE)))
    assert rows["recipients"].label == "Marta Lindqvist and 3 others"
    assert rows["their-provider"].label == "Their providers"
    assert rows["their-provider"].detail_name == "nordpost, one, two"
    assert rows["forwarded"].label == "Anyone they forward it to"


def test_a_bridge_stands_where_the_guard_would() -> None:
    rows = who_learns_what(cases.draft(), cases.identity(), cases.circuit(("alder", Role.BRIDGE)))
    assert (rows[1].code, rows[1].label, rows[1].detail_name) == ("bridge", "Bridge", "")


def test_where_the_provider_writes_the_exit_into_the_mail_readers_learn_of_tor() -> None:
    rows = by_code(who_learns_what(cases.draft(), cases.identity(address="w@gmail.com", server=cases.GMAIL)))
    assert rows["their-provider"].sentence == "The whole mail, and that you use Tor."
    assert rows["recipients"].sentence.endswith("and that you use Tor.")


@pytest.mark.parametrize(
    ("only_over_tor", "untraceable", "not_for"),
    [
        (
            OnlyOverTor.YES,
            "Practically untraceable for the providers and Marta Lindqvist.",
            "Not for someone who watches your network and rowanmail at once, or if your words give you away.",
        ),
        (
            OnlyOverTor.UNSURE,
            "Practically untraceable for nordpost and Marta Lindqvist.",
            (
                "Not for rowanmail if you ever signed in without Tor, nor for someone who watches your network and "
                "rowanmail at once, nor if your words give you away."
            ),
        ),
        (
            OnlyOverTor.NO,
            "Practically untraceable for nordpost and Marta Lindqvist.",
            (
                "Not for rowanmail, which has seen your internet address, nor for someone who watches your network "
                "and rowanmail at once, nor if your words give you away."
            ),
        ),
    ],
)
def test_limits_by_account(only_over_tor: OnlyOverTor, untraceable: str, not_for: str) -> None:
    told = limits(cases.draft(), cases.identity(only_over_tor=only_over_tor))
    assert [limit.sentence for limit in told] == [untraceable, not_for]


def test_files_limit_the_promise() -> None:
    one = limits(cases.draft(attachments=(cases.file("notes.doc"),)), cases.identity())
    assert one[0].rest == "for the providers and Marta Lindqvist, unless notes.doc gives you away."
    two = limits(cases.draft(attachments=(cases.file("a"), cases.file("b"))), cases.identity())
    assert two[0].rest.endswith("unless one of 2 files gives you away.")


@pytest.mark.parametrize(
    ("state", "you", "fixable", "rest"),
    [
        (FileState.CLEANED, Pip.NONE, None, "."),
        (FileState.NOTHING, Pip.NONE, None, "."),
        (FileState.CLEANING, Pip.HALF, Severity.LOOK, ", once notes.doc is settled."),
        (FileState.DECIDE, Pip.HALF, Severity.DECIDE, ", once notes.doc is settled."),
        (FileState.FAILED, Pip.HALF, Severity.DECIDE, ", once notes.doc is settled."),
        (FileState.AS_IT_IS, Pip.HALF, Severity.LOOK, ", unless notes.doc gives you away."),
    ],
)
def test_what_a_file_gives_away_follows_from_how_it_stands(
    state: FileState, you: Pip, fixable: Severity | None, rest: str
) -> None:
    files = [cases.standing("notes.doc", state)]
    draft = cases.draft(attachments=(files[0].file,))
    rows = by_code(who_learns_what(draft, cases.identity(), None, files))
    assert {(rows[code].you, rows[code].fixable) for code in ("providers", "recipients", "forwarded")} == {
        (you, fixable)
    }
    names_it = rows["recipients"].sentence.endswith("notes.doc may name its author.")
    assert names_it is (you is Pip.HALF)
    assert limits(draft, cases.identity(), files)[0].rest == f"for the providers and Marta Lindqvist{rest}"


def test_a_file_to_decide_about_and_one_that_was_decided_are_both_named() -> None:
    files = [cases.standing("a.doc", FileState.DECIDE), cases.standing("b.doc", FileState.AS_IT_IS)]
    draft = cases.draft(attachments=tuple(one.file for one in files))
    told = limits(draft, cases.identity(), files)[0].rest
    assert told.endswith(", once a.doc is settled, unless b.doc gives you away.")
    files.append(cases.standing("c.doc", FileState.FAILED))
    draft = cases.draft(attachments=tuple(one.file for one in files))
    told = limits(draft, cases.identity(), files)[0].rest
    assert told.endswith(", once 2 files are settled, unless b.doc gives you away.")


def test_of_a_domain_of_ones_own_the_servers_operator_is_named_and_the_domain_apart() -> None:
    identity = cases.identity(
        address="ida@holm.example", server=Server("smtp.fastmail.com", 587, Tls.STARTTLS)
    )
    rows = by_code(who_learns_what(cases.draft(), identity))
    assert rows["exit"].sentence == (
        "That someone connects to fastmail, and the greeting before TLS, which is the same for everyone."
    )
    assert rows["providers"].detail_name == "fastmail, nordpost"
    assert (rows["domain"].detail_name, rows["domain"].you) == ("holm.example", Pip.HALF)
    told = " ".join(limit.sentence for limit in limits(cases.draft(), identity))
    assert "watches your network and fastmail at once" in told
    assert "Nor for anyone who can learn who registered holm.example, if that is you." in told


def test_no_row_and_no_limit_promises_what_the_panel_must_not() -> None:
    files = ((), (cases.file("a.doc"),))
    to = ("marta@nordpost.example", "ida@rowanmail.example", "a@one.example, b@two.example")
    for onion, known, attachments, recipients in itertools.product((False, True), OnlyOverTor, files, to):
        draft = cases.draft(to=recipients, attachments=attachments)
        identity = cases.identity(onion=onion, only_over_tor=known)
        rows = who_learns_what(draft, identity)
        words = " ".join(
            [*(row.sentence for row in rows), *(limit.sentence for limit in limits(draft, identity))]
        )
        for never in ("nonymous", "secure", "uaranteed", "{", "}"):
            assert never not in words
        # Without OpenPGP, whoever handles the mail reads all of it.
        assert all(row.mail is Pip.FULL for row in rows[3:])
        assert len({row.code for row in rows}) == len(rows)
        # A promise never names the provider that has seen the address.
        promise = limits(draft, identity)[0].sentence
        if known is not OnlyOverTor.YES and "rowanmail" not in recipients:
            assert "rowanmail" not in promise


def test_an_account_is_said_to_be_known_exactly_where_its_person_says_so() -> None:
    told = {
        known: (
            by_code(
                who_learns_what(cases.draft(to="ida@rowanmail.example"), cases.identity(only_over_tor=known))
            )["your-provider"].sentence,
            limits(cases.draft(), cases.identity(only_over_tor=known))[1].rest,
        )
        for known in OnlyOverTor
    }
    assert "know you already" in told[OnlyOverTor.UNSURE][0]
    assert "if you ever signed in without Tor" in told[OnlyOverTor.UNSURE][1]
    assert "Has seen your internet address" in told[OnlyOverTor.NO][0]
    assert "which has seen your internet address" in told[OnlyOverTor.NO][1]
    assert told[OnlyOverTor.YES][0] == "The whole mail."
    assert "signed in without Tor" not in told[OnlyOverTor.YES][1]
    assert "has seen" not in told[OnlyOverTor.YES][1]


def test_a_tor_on_another_computer_is_a_party_of_its_own() -> None:
    rows = who_learns_what(cases.draft(), cases.identity(), elsewhere=True)
    assert [row.code for row in rows[:3]] == ["network", "tor-computer", "guard"]
    assert "sees where it leads" in rows[0].sentence
    assert (rows[1].you, rows[1].mail) == (Pip.FULL, Pip.NONE)
    assert "tor-computer" not in by_code(who_learns_what(cases.draft(), cases.identity()))
