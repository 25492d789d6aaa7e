"""What tells of this machine is found where it stands, and nothing is found where it does not."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from torsend.checks import this_machine
from torsend.checks.finding import Finding, Place, Severity, Where
from torsend.checks.not_in_there import (
    FilesSearched,
    Hit,
    NotInThere,
    Part,
    Spot,
    among,
    look_for,
    parts_of_commands,
    parts_of_draft,
    parts_of_mail,
)
from torsend.checks.this_machine import USER_NAME, Fact, Kind, facts_of_this_machine
from torsend.mail.address import Mailbox
from torsend.mail.draft import Attachment, Draft
from torsend.mail.wire import Message, compose

HERE = facts_of_this_machine()
KASPAR = Fact(Kind.USER, USER_NAME, "Kaspar")
SENDER = Mailbox("Wren", "wren@rowanmail.example")


def composed(draft: Draft, sender: Mailbox = SENDER) -> Message:
    return compose(
        draft, sender, now=datetime(2026, 4, 21, 10, 20, tzinfo=UTC), random=lambda n: os.urandom(n)
    )


def found(fact: Fact, draft: Draft, sender: Mailbox = SENDER) -> set[tuple[Spot, int]]:
    told = look_for([fact], parts_of_mail(composed(draft, sender).chunks()))
    assert all(hit.fact is fact for hit in told.hits)
    return {(hit.spot, hit.number) for hit in told.hits}


def written(folder: Path, name: str, data: bytes) -> Attachment:
    (folder / name).write_bytes(data)
    return Attachment.of(folder / name).as_it_is()


# ---- the real ones


def test_a_good_deal_is_known_of_this_machine() -> None:
    kinds = {fact.kind for fact in HERE}
    assert {Kind.HOST, Kind.USER, Kind.PROGRAM} <= kinds
    values = {fact.value for fact in HERE}
    assert os.uname().nodename.partition(".")[0] in values
    assert os.uname().release in values
    assert "torsend" in values


def real(fact: Fact) -> bool:
    """Whether it may be written into a mail's fields: no blank, no odd letter."""
    return fact.anywhere and fact.value.isascii() and not any(char in fact.value for char in ' "\\')


def test_this_machine_is_found_wherever_a_person_puts_it(tmp_path: Path) -> None:
    """Every fact that is looked for in what is written, planted in each place, in capitals too."""
    facts = [*filter(real, HERE), KASPAR]
    assert len(facts) >= 2
    for fact in facts:
        for value in (fact.value, fact.value.upper()):
            draft = Draft(
                "d",
                to=f'"on {value}" <marta@nordpost.example>',
                subject=f"Grüße von {value}!",
                text=f"é written on “{value}”\n" + "word " * 40 + f"{value}\n",
                attachments=(
                    written(tmp_path, "plain.txt", b"nothing\n"),
                    written(tmp_path, "telling.txt", b"x" * 65_530 + f" {value} ".encode()),
                    Attachment(
                        tmp_path / "plain.txt", f"é {value.replace('/', '-')}.txt", "text/plain"
                    ).as_it_is(),
                ),
            )
            spots = found(fact, draft, Mailbox(f"“{value}”", SENDER.address))
            assert spots >= {(spot, 0) for spot in (Spot.SENDER, Spot.RECIPIENTS, Spot.SUBJECT, Spot.TEXT)}
            assert (Spot.FILE, 2) in spots
            assert (Spot.FILE, 1) not in spots
            assert ((Spot.FILE_NAME, 3) in spots) is ("/" not in fact.value)
            # The same is found before there are any bytes.
            early = look_for([fact], parts_of_draft(draft, f"“{value}”", SENDER.address))
            assert {(hit.spot, hit.number) for hit in early.hits} == spots - {(Spot.FILE, 2)}


def test_of_this_machine_nothing_stands_in_an_ordinary_mail(tmp_path: Path) -> None:
    draft = Draft(
        "d", to="Marta <marta@nordpost.example>", subject="Prüfbögen", text="Dear Marta,\n\nsee you.\n" * 50,
        attachments=(written(tmp_path, "a.bin", bytes(range(256)) * 2000), written(tmp_path, "b.txt", b"hello\n")),
    )  # fmt: skip
    told = look_for(HERE, parts_of_mail(composed(draft).chunks()))
    assert told.hits == ()


def test_nothing_is_asked_of_anybody() -> None:
    """No resolver, no socket, no program: in a process where each of them would be heard."""
    code = (
        "import sys\n"
        "heard = []\n"
        "sys.addaudithook(lambda event, _: heard.append(event) if event.split('.')[0] in"
        " {'socket', 'subprocess', 'ctypes'} or event in {'os.system', 'os.exec', 'os.posix_spawn', 'os.fork'} else None)\n"
        "from torsend.checks.this_machine import facts_of_this_machine\n"
        "assert facts_of_this_machine()\n"
        "assert heard == [], heard\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr


# ---- another machine


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """The files of somebody's computer."""
    for name, text in {
        "etc/hostname": "hall4\n",
        "etc/resolv.conf": "search intern.firma.example\nnameserver 192.0.2.53\n",
        "etc/passwd": f"root:x:0:0:root:/root:/bin/sh\nkaspar:x:{os.getuid()}:1:Kaspar Lindt,3,:/home/kaspar:/bin/sh\n",
        "etc/timezone": "Europe/Vienna\n",
        "etc/os-release": 'PRETTY_NAME="Oddix 7"\nID=oddix\n',
        "proc/net/fib_trie": "  |-- 127.0.0.1\n     /32 host LOCAL\n  |-- 192.0.2.77\n     /32 host LOCAL\n",
        "proc/net/if_inet6": "fe80000000000000000000fffe000007 02 40 20 80 eth0\n"
        + "0" * 31
        + "1 01 80 10 80 lo\n",
        "sys/class/net/eth0/address": "02:fc:00:00:00:07\n",
        "sys/class/net/lo/address": "00:00:00:00:00:00\n",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    (tmp_path / "etc/localtime").symlink_to("/usr/share/zoneinfo/Europe/Vienna")
    return tmp_path


def test_all_sorts_of_facts_are_read_from_the_systems_files(elsewhere: Path) -> None:
    facts = facts_of_this_machine(
        elsewhere, {"LANG": "de_AT.UTF-8", "LANGUAGE": "de:en", "HOME": "/home/kaspar"}, {"Qt": "6.10.1"}
    )
    anywhere = {(fact.kind, fact.value) for fact in facts if fact.anywhere}
    assert {
        (Kind.HOST, "hall4"),
        (Kind.HOST, "intern.firma.example"),
        (Kind.USER, "kaspar"),
        (Kind.USER, "Kaspar Lindt"),
        (Kind.USER, "Lindt"),
        (Kind.USER, "/home/kaspar"),
        (Kind.ZONE, "Europe/Vienna"),
        (Kind.LANGUAGE, "de_AT"),
        (Kind.LANGUAGE, "de-AT"),
        (Kind.ADDRESS, "192.0.2.77"),
        (Kind.ADDRESS, "fe80::ff:fe00:7"),
        (Kind.ADDRESS, "02:fc:00:00:00:07"),
    } <= anywhere
    only_in_form = {fact.value for fact in facts if not fact.anywhere}
    assert {"de", "en", "Oddix 7", "oddix", "6.10.1", "torsend"} <= only_in_form
    assert not any(fact.value in ("127.0.0.1", "::1", "00:00:00:00:00:00") for fact in facts)


@pytest.mark.parametrize(
    ("host", "user"),
    [("a", "me"), ("localhost", "root"), ("amnesia", "amnesia"), ("vm", "user"), ("mail", "text")],
)
def test_names_that_are_everybodys_do_not_cry_wolf(tmp_path: Path, host: str, user: str) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/hostname").write_text(host)
    facts = facts_of_this_machine(tmp_path, {"USER": user, "HOME": f"/home/{user}"})
    text = "Dear user, a mail to me as root on localhost: amnesia, vm.\nIt is in /home/user there.\n"
    told = look_for(
        facts, parts_of_mail(composed(Draft("d", to="a@x.example", subject="a vm", text=text)).chunks())
    )
    assert told.hits == ()


def test_a_machine_of_which_nothing_can_be_read_says_so(tmp_path: Path) -> None:
    told = look_for(facts_of_this_machine(tmp_path, {}), ())
    assert told.unknown == {Kind.ADDRESS, Kind.HOST, Kind.USER}


# ---- how it is looked for


@pytest.mark.parametrize(
    ("text", "there"),
    [
        ("Kaspar", True),
        ("“kaspar”", True),
        ("x/kaspar_2.txt", True),
        ("kaspar's", True),
        ("(KASPAR)", True),
        ("kasparov", False),
        ("xkaspar", False),
        ("kaspar7", False),
        ("äkaspar", False),
        ("kasparä", False),
        ("kas par", False),
    ],
)
def test_it_is_found_as_a_word_in_any_case(text: str, there: bool) -> None:
    for data in (text, text + "\n", "–" + text, "kasparov " + text):
        told = look_for([KASPAR], [Part(Spot.TEXT, data.encode())])
        assert bool(told.hits) is (
            (there and data[0] != "x") or (there and data == text) or (there and data != text)
        )


@given(st.binary(max_size=300), st.binary(max_size=300), st.lists(st.integers(0, 700), max_size=8))
def test_it_is_found_however_it_is_cut(before: bytes, behind: bytes, cuts: list[int]) -> None:
    data = before + b" Kaspar. " + behind
    edges = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    parts = [Part(Spot.FILE, data[a:b], 1) for a, b in itertools.pairwise(edges)]
    assert look_for([KASPAR], parts).hits == (Hit(KASPAR, Spot.FILE, 1),)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "utf-16-be", "latin-1"])
def test_it_is_found_in_files_of_several_encodings(tmp_path: Path, encoding: str) -> None:
    file = written(tmp_path, "notes.txt", "Notes by Kaspar, at home".encode(encoding))
    assert (Spot.FILE, 1) in found(KASPAR, Draft("d", to="a@x.example", attachments=(file,)))


@pytest.mark.parametrize("name", ["Jürgen Müßig", "JÜRGEN MÜSSIG", "Jürgen=?utf-8?q?", "Кирилл"])
def test_names_of_any_script_are_found_in_encoded_words_and_names(tmp_path: Path, name: str) -> None:
    fact = Fact(Kind.USER, USER_NAME, name)
    file = written(tmp_path, f"by {name.replace('?', '')}.txt", b"x")
    draft = Draft("d", to="a@x.example", subject=f"{name} and " * 9, text=f"by {name}.", attachments=(file,))
    spots = found(fact, draft)
    assert {(Spot.SUBJECT, 0), (Spot.TEXT, 0)} <= spots
    assert ((Spot.FILE_NAME, 1) in spots) is ("?" not in name)


def test_in_what_torsend_writes_nothing_of_it_may_stand() -> None:
    """Whatever is known of the machine: a short name, an address, a time that is not UTC."""
    golden = b"".join(composed(Draft("d", to="a@x.example", text="hi")).chunks())
    facts = [
        Fact(Kind.HOST, this_machine.HOST_NAME, "vm", anywhere=False),
        Fact(Kind.PROGRAM, this_machine.PROGRAM, "torsend", anywhere=False),
    ]

    def hits(data: bytes) -> set[Kind]:
        told = look_for(facts, parts_of_mail([data]))
        assert {hit.spot for hit in told.hits} <= {Spot.FORM}
        return {hit.fact.kind for hit in told.hits}

    assert hits(golden) == set()
    assert hits(b"X-Mailer: Torsend 1\r\n" + golden) == {Kind.PROGRAM}
    assert hits(golden.replace(b"+0000", b"+0200")) == {Kind.ZONE}
    assert hits(b"Received: from vm ([198.51.100.7])\r\n" + golden) == {Kind.HOST, Kind.ADDRESS}
    assert hits(golden.replace(b"Message-ID: <", b"Message-ID: <vm.")) == {Kind.HOST}


def test_what_is_said_round_the_mail_is_searched_too() -> None:
    lines = [
        b"EHLO [127.0.0.1]\r\n",
        b"MAIL FROM:<wren@kaspar.example> SIZE=5\r\n",
        b"RCPT TO:<kaspar@x.example>\r\n",
    ]
    told = look_for([KASPAR], parts_of_commands(lines))
    assert {hit.spot for hit in told.hits} == {Spot.SENDER, Spot.RECIPIENTS}
    told = look_for([KASPAR], parts_of_commands([b"EHLO kaspar\r\n", b"MAIL FROM:<a@x> AUTH=192.0.2.1\r\n"]))
    assert {(hit.spot, hit.fact.kind) for hit in told.hits} == {
        (Spot.FORM, Kind.USER),
        (Spot.FORM, Kind.ADDRESS),
    }


def test_it_is_told_in_words_where_it_stands() -> None:
    told = NotInThere(
        (Hit(KASPAR, Spot.TEXT), Hit(KASPAR, Spot.FILE, 2), Hit(KASPAR, Spot.FILE_NAME, 2)),
        frozenset(),
        ("a.txt", "b.txt"),
    )
    assert [finding.sentence for finding in told.findings()] == [
        "Your user name ‘Kaspar’ stands in the text.",
        "Your user name ‘Kaspar’ stands in b.txt.",
        "Your user name ‘Kaspar’ stands in the name of b.txt.",
    ]
    assert told.of(Kind.HOST) == ()
    files = tuple(Attachment(Path(name), name, "text/plain") for name in ("a", "b.kaspar"))
    draft = Draft("d", text="é, Kaspar; kasparov. KASPAR_2", attachments=files)
    assert [finding.places for finding in told.findings(draft)] == [
        (Place(Where.TEXT, 3, 9), Place(Where.TEXT, 21, 27)),
        (Place(Where.FILE, 0, 8, 1),),
        (Place(Where.FILE, 2, 8, 1),),
    ]
    far = NotInThere(
        (Hit(KASPAR, Spot.RECIPIENTS), Hit(KASPAR, Spot.SUBJECT), Hit(KASPAR, Spot.SENDER)), frozenset()
    )
    written_so = Draft("d", to="a@x.example", bcc="kaspar@x.example", subject="kaspar " * 99)
    assert [len(finding.places) for finding in far.findings(written_so)] == [1, 50, 0]
    fine, hold = Finding("a", Severity.FINE, "A."), Finding("b", Severity.DECIDE, "B.")
    assert [one.severity for one in among([fine, hold], told, draft)] == [
        Severity.DECIDE, *[Severity.LOOK] * 3, Severity.FINE,
    ]  # fmt: skip


# ---- files, again and again


def test_a_file_is_read_again_only_where_it_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    telling, plain = tmp_path / "a", tmp_path / "b"
    telling.write_bytes(b"by kaspar")
    plain.write_bytes(b"by nobody")
    read: list[str] = []
    opened = Path.open

    def noted(path: Path, mode: str = "r") -> object:
        read.append(path.name)
        return opened(path, mode)

    monkeypatch.setattr(Path, "open", noted)
    searched = FilesSearched([KASPAR])
    files = [(1, telling), (2, plain), (3, tmp_path / "gone"), (4, tmp_path)]
    for _ in range(2):
        assert list(searched.hits(files)) == [Hit(KASPAR, Spot.FILE, 1)]
    assert read == ["a", "b"]
    with open(plain, "wb") as file:  # noqa: PTH123  # not noted
        file.write(b"by kaspar, too")
    assert len(list(searched.hits(files))) == 2
    assert read == ["a", "b", "b"]
