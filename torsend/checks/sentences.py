"""Every sentence of "Before you send" and "Who learns what", in one table, each with the fact that it states.

The fact is what must be true wherever the sentence is shown; ``tests/checks/test_facts.py`` names for each the tests
that show it to be true: of the fact, not of the words. A sentence that is not in here cannot be said.
"""

from __future__ import annotations

from dataclasses import dataclass

from torsend.words import mark, t, tn


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence.

    Attributes:
        words: as they are shown, marked for translation; may hold ``{names}``.
        fact: what it states, in terms that a test can look at.
        many: the same for more than one, where it counts something.
    """

    words: str
    fact: str
    many: str = ""


def say(code: str, /, **values: object) -> str:
    """The sentence in the person's language, filled in.

    Raises:
        KeyError: there is no such sentence.
    """
    return t(SENTENCES[code].words, **values)


def count(code: str, n: int, /, **values: object) -> str:
    """The sentence for ``n`` things.

    Raises:
        KeyError: there is no such sentence.
    """
    sentence = SENTENCES[code]
    return tn(sentence.words, sentence.many, n, **values)


FINDINGS: dict[str, Sentence] = {
    "not-cleaned": Sentence(
        mark("{file} isn’t cleaned: it may hold its author’s name, place or dates."),
        "The file's bytes leave as they are.",
    ),
    "not-encrypted": Sentence(
        mark("Not encrypted: the mail providers can read it."),
        "The server that takes the mail gets subject and text in the clear.",
    ),
    "sign-in-differs": Sentence(
        mark("You sign in as {username}. Some servers write that into the mail; {provider} may."),
        "The server is told that user name; it is not the address nor its local part.",
    ),
    "exit-shown": Sentence(
        mark("{provider} writes the exit relay’s address into the mail: readers can tell that you use Tor."),
        "The provider's preset says, with its source, that it shows the address that connected.",
    ),
    "recipients-visible": Sentence(
        mark("All {n} recipients see each other’s addresses. Bcc hides them."),
        "The addresses of To and Cc stand in the bytes that everyone gets.",
    ),
    "recipients-hidden": Sentence(
        mark(
            "The hidden recipient is named to {provider} and to its own provider, {others}; not in the mail."
        ),
        "The addresses of Bcc stand in the envelope and nowhere in the bytes.",
        mark(
            "The {n} hidden recipients are named to {provider}, and each to its own provider ({others}); not in the mail."
        ),
    ),
    "recipients-hidden-there": Sentence(
        mark("The hidden recipient is named to {provider} only, not in the mail."),
        "The addresses of Bcc stand in the envelope and nowhere in the bytes.",
        mark("The {n} hidden recipients are named to {provider} only, not in the mail."),
    ),
    "domain-without-dot": Sentence(
        mark("{address} has no dot after the @. Is it complete?"),
        "The address's domain is one label.",
    ),
    "no-subject": Sentence(
        mark("The subject is empty. Some filters take such mail for spam."),
        "The Subject line that leaves is empty.",
    ),
    "no-text": Sentence(mark("The text is empty."), "The mail has no text and no file."),
    "large": Sentence(
        mark("The mail is {size} MB on the wire. Many servers take no more than {limit} MB."),
        "The bytes that leave are so many.",
    ),
    "no-trace": Sentence(
        mark("No header line names this computer, its time zone, its language or a mail program."),
        "The same draft gives the same header on any machine, in any time zone and language.",
    ),
    "from-matches": Sentence(
        mark("From matches its provider (as DMARC asks)"),
        "From and envelope name one domain, and the submission server is of whoever runs that domain.",
    ),
    "from-elsewhere": Sentence(
        mark(
            "{domain} isn’t known to be {provider}’s: receivers look up whether it may send for it (DMARC)."
        ),
        "The domain in From is not one that the submission server's operator is known to run.",
    ),
}
"""Of "Before you send"."""

PARTIES: dict[str, Sentence] = {
    "network": Sentence(
        mark("That you use Tor, when and how much."),
        "All that this computer sends goes to its first relay.",
    ),
    "first-relay": Sentence(
        mark("Your internet address, not where it leads."),
        "The first relay is connected to from here; no other party is, and it is not told the provider's name.",
    ),
    "exit": Sentence(
        mark("That someone connects to {provider}."),
        "The exit asks for the provider's name and connects to it; what passes it is inside TLS.",
    ),
    "exit-starttls": Sentence(
        mark(
            "That someone connects to {provider}, and the greeting before TLS, which is the same for everyone."
        ),
        "Before STARTTLS nothing is said but EHLO with the name that everyone says.",
    ),
    "service-relays": Sentence(
        mark("Neither of the two. There is no exit relay."),
        "The circuit ends where both sides meet; no exit is asked for a name.",
    ),
    "whole": Sentence(
        mark("The whole mail."),
        "The server gets the mail, and nothing of this computer's address; it is spoken to by the exit.",
    ),
    "whole-may-know": Sentence(
        mark("The whole mail. May know you already."),
        "The identity says that it isn't sure whether the account was used without Tor.",
    ),
    "whole-knows": Sentence(
        mark("The whole mail. Has seen your internet address."),
        "The identity says that the account was used without Tor.",
    ),
    "whole-not-whence": Sentence(
        mark("The whole mail, not where it came from."),
        "The bytes that leave hold no address of this computer.",
    ),
    "whole-uses-tor": Sentence(
        mark("The whole mail, and that you use Tor."),
        "The provider's preset says, with its source, that it shows the address that connected.",
    ),
    "reads": Sentence(
        mark("The whole mail, your address included."),
        "The sender's address stands in From.",
    ),
    "reads-uses-tor": Sentence(
        mark("The whole mail, your address included, and that you use Tor."),
        "The sender's address stands in From; the provider's preset says that it shows the address that connected.",
    ),
    "passed-on": Sentence(
        mark("All {reader} passes on, your address included."),
        "The sender's address stands in From.",
    ),
    "passed-on-by-many": Sentence(
        mark("All they pass on, your address included."),
        "The sender's address stands in From.",
    ),
    "domain": Sentence(
        mark("Decides where replies go and may read them. Knows who registered the name or the alias."),
        "The address's domain is not known to be run by the operator of the server.",
    ),
    "file-may-name": Sentence(
        mark("{sentence} {file} may name its author."),
        "The file's bytes leave as they are.",
    ),
    "files-may-name": Sentence(
        mark("{sentence} The {n} files may name their authors."),
        "The files' bytes leave as they are.",
    ),
}
"""What each party learns."""

LIMITS: dict[str, Sentence] = {
    "untraceable": Sentence(
        mark("for {parties}."),
        "Those parties get nothing of this computer's address; a provider that knows it is not among them.",
    ),
    "untraceable-but-files": Sentence(
        mark("for {parties}, unless {files} gives you away."),
        "The same, and a file's bytes leave as they are.",
    ),
    "not-both-ends": Sentence(
        mark("for someone who watches your network and {provider} at once, or if your words give you away."),
        "Tor's own limit: both ends of a circuit in one hand. What is written is not altered.",
    ),
    "not-unsure": Sentence(
        mark(
            "for {provider} if you ever signed in without Tor, nor for someone who watches your network and "
            "{provider} at once, nor if your words give you away."
        ),
        "The same, and the identity isn't sure whether the account was used without Tor.",
    ),
    "not-known": Sentence(
        mark(
            "for {provider}, which has seen your internet address, nor for someone who watches your network "
            "and {provider} at once, nor if your words give you away."
        ),
        "The same, and the identity says that the account was used without Tor.",
    ),
    "nor-registrar": Sentence(
        mark("for anyone who can learn who registered {domain}, if that is you."),
        "The address's domain is not known to be run by the operator of the server.",
    ),
}
"""For whom it is untraceable, and for whom not."""

SENTENCES: dict[str, Sentence] = FINDINGS | PARTIES | LIMITS
