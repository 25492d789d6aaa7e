"""Who learns what, party by party, for one draft, one identity and its route; and what that doesn't cover.

*You* is the internet address and the real name, *Mail* is to whom and what. A pip is never emptier than what can be
shown: without OpenPGP both providers read the whole mail, and a file that isn't cleaned may name its author to everyone
who reads it.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING

from torsend.checks.file_risks import FileRisks
from torsend.checks.files import standings_of
from torsend.checks.finding import Severity
from torsend.checks.findings import shows_exit
from torsend.checks.sentences import say
from torsend.identity.identity import Identity, OnlyOverTor, Tls
from torsend.identity.providers import owner_of
from torsend.mail.address import Mailbox, complete_mailboxes, domain_of, provider_of
from torsend.mail.refusals import shown
from torsend.tor.circuits import Circuit, Role
from torsend.words import t, tn

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torsend.checks.files import FileStanding
    from torsend.mail.draft import Draft


class Pip(enum.StrEnum):
    """How much a party learns."""

    FULL = "full"
    HALF = "half"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Party:
    """One row of the panel.

    Attributes:
        code: stable, for tests and icons.
        label: who; ``detail_name`` is a relay's or provider's own name, which may be empty.
        sentence: what they learn.
        you, mail: the pips.
        fixable: the colour of the half pip that the person can do something about; None where there is nothing to do.
    """

    code: str
    label: str
    detail_name: str
    sentence: str
    you: Pip
    mail: Pip
    fixable: Severity | None = None


@dataclass(frozen=True, slots=True)
class Limit:
    """One sentence below the rows; ``strong`` is its beginning, shown bold."""

    strong: str
    rest: str

    @property
    def sentence(self) -> str:
        """The whole of it."""
        return f"{self.strong} {self.rest}"


def who_learns_what(
    draft: Draft,
    identity: Identity,
    circuit: Circuit | None = None,
    files: Sequence[FileStanding] | None = None,
    *,
    elsewhere: bool = False,
) -> tuple[Party, ...]:
    """The rows, from this computer outwards; none while there is no recipient.

    Args:
        circuit: the identity's, where Tor tells it; relays are then shown by name.
        files: how its files stand; without it, nothing but what the draft says.
        elsewhere: whether the Tor that is used runs on another computer of the local network.
    """
    case = _Case.of(draft, identity, files)
    if not case.recipients:
        return ()
    return (
        *_on_the_way(case, circuit, elsewhere=elsewhere),
        *_providers(case),
        *_domain(case),
        *_readers(case),
    )


def limits(
    draft: Draft, identity: Identity, files: Sequence[FileStanding] | None = None
) -> tuple[Limit, ...]:
    """For whom the sender is practically untraceable, and for whom not; nothing while there is no recipient."""
    case = _Case.of(draft, identity, files)
    if not case.recipients:
        return ()
    untraceable = case.files.limit(case.unknowing)
    found = [Limit(t("Practically untraceable"), untraceable), Limit(t("Not"), _not_for(case))]
    if identity.domain_owner:
        whoever = say("nor-registrar", domain=shown(identity.domain))
        found.append(Limit(t("Nor"), whoever))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Case:
    """What the sentences depend on."""

    identity: Identity
    recipients: tuple[Mailbox, ...]
    files: FileRisks

    @classmethod
    def of(cls, draft: Draft, identity: Identity, files: Sequence[FileStanding] | None) -> _Case:
        found = [
            mailbox for field in (draft.to, draft.cc, draft.bcc) for mailbox in complete_mailboxes(field)
        ]
        once = tuple({mailbox.address: mailbox for mailbox in reversed(found)}.values())[::-1]
        return cls(identity, once, FileRisks.of(standings_of(draft) if files is None else files))

    @property
    def provider(self) -> str:
        return self.identity.provider

    @property
    def theirs(self) -> tuple[str, ...]:
        """The recipients' providers but the sender's own."""
        names = dict.fromkeys(owner_of(domain_of(mailbox.address)) for mailbox in self.recipients)
        names.pop(self.provider, None)
        return tuple(names)

    @property
    def only_over_tor(self) -> bool:
        return self.identity.only_over_tor is OnlyOverTor.YES

    @property
    def reader(self) -> str:
        """The recipients in few words."""
        first = self.recipients[0]
        name = shown(first.name) if first.name else _short(first.address)
        others = len(self.recipients) - 1
        return name if not others else tn("{name} and one other", "{name} and {n} others", others, name=name)

    @property
    def unknowing(self) -> str:
        """Those who learn nothing of *you* but through files or words."""
        names = [*([self.provider] if self.only_over_tor else []), *self.theirs]
        if self.only_over_tor and self.theirs:
            return t("the providers and {reader}", reader=self.reader)
        if not names:
            return self.reader
        return t("{providers} and {reader}", providers=", ".join(names), reader=self.reader)

    def with_files(self, sentence: str) -> str:
        """The sentence, and what the files add to it."""
        return self.files.added_to(sentence)

    @property
    def you_by_files(self) -> Pip:
        return Pip.HALF if self.files.names else Pip.NONE

    @property
    def fixable_by_files(self) -> Severity | None:
        return self.files.severity


def _on_the_way(case: _Case, circuit: Circuit | None, *, elsewhere: bool) -> tuple[Party, ...]:
    network = Party(
        "network",
        t("Your network"),
        "",
        say("network-elsewhere") if elsewhere else say("network"),
        Pip.FULL,
        Pip.NONE,
    )
    computer = Party(
        "tor-computer", t("The computer with your Tor"), "", say("tor-computer"), Pip.FULL, Pip.NONE
    )
    # Without its name, by which it could be found: a picture of this is soon shared.
    bridge = circuit is not None and any(relay.role is Role.BRIDGE for relay in circuit.relays)
    first = Party(
        "bridge" if bridge else "guard",
        t("Bridge") if bridge else t("Guard relay"),
        _nickname(circuit, Role.GUARD),
        say("first-relay"),
        Pip.FULL,
        Pip.NONE,
    )
    if case.identity.server.is_onion:
        last = Party(
            "service-relays",
            t("The server’s relays"),
            "",
            say("service-relays"),
            Pip.NONE,
            Pip.NONE,
        )
    else:
        last = Party(
            "exit",
            t("Exit relay"),
            _nickname(circuit, Role.EXIT),
            say("exit-starttls", provider=case.provider)
            if case.identity.server.tls is Tls.STARTTLS
            else say("exit", provider=case.provider),
            Pip.NONE,
            Pip.NONE,
        )
    return (network, *((computer,) if elsewhere else ()), first, last)


def _providers(case: _Case) -> tuple[Party, ...]:
    """One row where both learn the same, otherwise one each."""
    if case.only_over_tor and case.theirs and not shows_exit(case.identity):
        both = ", ".join((case.provider, *case.theirs))
        return (_reads_all("providers", t("Mail providers"), both, case.with_files(say("whole")), case),)
    own = _own_provider(case)
    if not case.theirs:
        return (own,)
    label = tn("Their provider", "Their providers", len(case.theirs))
    sentence = say("whole-uses-tor") if shows_exit(case.identity) else say("whole-not-whence")
    return (own, _reads_all("their-provider", label, ", ".join(case.theirs), case.with_files(sentence), case))


def _own_provider(case: _Case) -> Party:
    label = t("Your provider")
    match case.identity.only_over_tor:
        case OnlyOverTor.YES:
            sentence = case.with_files(say("whole"))
            return _reads_all("your-provider", label, case.provider, sentence, case)
        case OnlyOverTor.UNSURE:
            sentence = say("whole-may-know")
            return Party("your-provider", label, case.provider, sentence, Pip.HALF, Pip.FULL, Severity.LOOK)
        case OnlyOverTor.NO:
            sentence = say("whole-knows")
            return Party("your-provider", label, case.provider, sentence, Pip.FULL, Pip.FULL)


def _domain(case: _Case) -> tuple[Party, ...]:
    """Whoever runs the domain of the sender's address, where that is not the server's operator."""
    if not case.identity.domain_owner:
        return ()
    sentence = say("domain")
    return (
        Party(
            "domain", t("Your address’s domain"), shown(case.identity.domain), sentence, Pip.HALF, Pip.HALF
        ),
    )


def _readers(case: _Case) -> tuple[Party, ...]:
    told = say("reads")
    if shows_exit(case.identity):
        told = say("reads-uses-tor")
    sentence = case.with_files(told)
    if len(case.recipients) == 1 and not case.recipients[0].name:
        label = t("{reader} and its readers", reader=case.reader)
        return (_reads_all("recipients", label, "", sentence, case),)
    if len(case.recipients) == 1:
        label = t("Anyone {reader} forwards it to", reader=case.reader)
        passed_on = say("passed-on", reader=case.reader)
    else:
        label = t("Anyone they forward it to")
        passed_on = say("passed-on-by-many")
    return (
        _reads_all("recipients", case.reader, "", sentence, case),
        _reads_all("forwarded", label, "", passed_on, case),
    )


def _reads_all(code: str, label: str, detail: str, sentence: str, case: _Case) -> Party:
    """A party that reads the mail with its files, and knows of *you* only what stands in them."""
    return Party(code, label, detail, sentence, case.you_by_files, Pip.FULL, case.fixable_by_files)


def _not_for(case: _Case) -> str:
    provider = case.provider
    match case.identity.only_over_tor:
        case OnlyOverTor.YES:
            return say("not-both-ends", provider=provider)
        case OnlyOverTor.UNSURE:
            return say("not-unsure", provider=provider)
        case OnlyOverTor.NO:
            return say("not-known", provider=provider)


def _nickname(circuit: Circuit | None, role: Role) -> str:
    relays: Sequence[str] = (
        [relay.nickname for relay in circuit.relays if relay.role is role] if circuit else []
    )
    return relays[0] if relays else ""


def _short(address: str) -> str:
    """``desk@nordpost`` for ``desk@nordpost.example``."""
    return shown(f"{address.rpartition('@')[0]}@{provider_of(address)}")
