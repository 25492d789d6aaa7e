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
    "not-cleanable": Sentence(
        mark("{file} can’t be cleaned"),
        "The cleaner made nothing of the file, and it doesn't leave until the person decides.",
    ),
    "cleaning": Sentence(
        mark("{file} is still being cleaned"),
        "Nothing is known of the file yet, and it doesn't leave until it is.",
    ),
    "as-it-is": Sentence(
        mark("{file} is sent as it is: it may hold its author’s name, place or dates."),
        "The file's bytes leave as they are.",
    ),
    "cleaned": Sentence(
        mark("{files} is cleaned"), "What the cleaner made of the file leaves, and not the file."
    ),
    "cleaned-several": Sentence(
        mark("{files} are cleaned"), "What the cleaner made of the files leaves, and not the files."
    ),
    "cleaned-many": Sentence(
        mark("{n} file is cleaned"),
        "What the cleaner made of the files leaves, and not the files.",
        mark("{n} files are cleaned"),
    ),
    "nothing-to-clean": Sentence(
        mark("{files}: nothing to clean was found"),
        "The cleaner knows the format, read all of the file and had nothing to remove.",
    ),
    "nothing-to-clean-several": Sentence(
        mark("{files}: nothing to clean was found"),
        "The cleaner knows the formats, read all of the files and had nothing to remove.",
    ),
    "nothing-to-clean-many": Sentence(
        mark("{n} file: nothing to clean was found"),
        "The cleaner knows the formats, read all of the files and had nothing to remove.",
        mark("{n} files: nothing to clean was found"),
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
    "name-is-address": Sentence(
        mark("This mail goes to {address}, though the name beside it says {name}."),
        "The address of the recipient is another than the one that stands in the name.",
    ),
    "domain-without-dot": Sentence(
        mark("{address} has no dot after the @. Is it complete?"),
        "The address's domain is one label.",
    ),
    "no-subject": Sentence(
        mark("The subject is empty. Some filters take such mail for spam."),
        "The Subject line that leaves is empty.",
    ),
    "no-text": Sentence(mark("The text is empty."), "The mail has no text but a signature, and no file."),
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
    "tells-in-sender": Sentence(
        mark("{fact} stands in the sender’s name or address."),
        "The From line, the envelope's sender or the Message-ID's domain holds it.",
    ),
    "tells-in-recipients": Sentence(
        mark("{fact} stands in a recipient’s name or address."),
        "To, Cc or the envelope's recipients hold it.",
    ),
    "tells-in-subject": Sentence(mark("{fact} stands in the subject."), "The Subject line holds it."),
    "tells-in-text": Sentence(mark("{fact} stands in the text."), "The text holds it, as a word of its own."),
    "tells-in-file-name": Sentence(mark("{fact} stands in the name of {file}."), "A file's name holds it."),
    "tells-in-file": Sentence(mark("{fact} stands in {file}."), "The bytes of a file hold it."),
    "tells-in-form": Sentence(
        mark("{fact} stands in a line that torsend wrote. That is a fault of torsend: report it."),
        "A line that the person has not written holds it.",
    ),
}
"""Of "Before you send": the mail as a whole."""

WORDS: dict[str, Sentence] = {
    "on-word-list": Sentence(
        mark("“{word}” is on your word list"), "The word stands in what leaves, at the place shown."
    ),
    "word-in-file-name": Sentence(
        mark("“{word}” is on your word list, and in a file’s name"),
        "The name that the recipient sees the file called holds the word.",
    ),
    "word-in-file": Sentence(
        mark("“{word}” is on your word list, and in {file}"),
        "The text that a reader of the file sees, as the cleaner read it, holds the word.",
    ),
    "more-words": Sentence(
        mark("One more word of your list is in it"),
        "So many more words of the list stand in what leaves.",
        mark("{n} more words of your list are in it"),
    ),
    "no-word": Sentence(
        mark("No word of your list in text, subject, names and file names"),
        "None of the words stands in what was looked at; recipients' names and the names of files were.",
    ),
}
"""Of the person's word list."""

_STANDS = "What is shown stands in the text that leaves, at the place shown."

PASTED: dict[str, Sentence] = {
    "subject-prefix": Sentence(
        mark("“{prefix}” in the subject shows the language or the program of a mail that was answered."),
        "The subject that leaves begins with it; RFC 5322 names Re: alone.",
    ),
    "reply-line": Sentence(mark("“{example}” tells when and by whom a quoted mail was written."), _STANDS),
    "original-message": Sentence(mark("A quoted mail begins here: “{example}”."), _STANDS),
    "quoted-header": Sentence(
        mark("Quoted header lines tell names, addresses and times of others."), _STANDS
    ),
    "quoted-lines": Sentence(mark("Quoted lines go along: words of somebody else."), _STANDS),
    "quoted-address": Sentence(mark("The address {example} is quoted."), _STANDS),
    "device-line": Sentence(mark("“{example}” names a device or a program."), _STANDS),
    "signature-mark": Sentence(mark("A signature begins with “--”. What follows goes along."), _STANDS),
    "tracking-link": Sentence(
        mark("A link holds a mark of where or by whom it was found: {example}"), _STANDS
    ),
    "zoned-time": Sentence(mark("“{example}” tells a time zone."), _STANDS),
    "local-path": Sentence(mark("“{example}” is a place on a computer. It may hold a user’s name."), _STANDS),
    "hidden-characters": Sentence(
        mark("Characters that can’t be seen stand in the text. They can mark a copy."), _STANDS
    ),
    "mixed-alphabets": Sentence(
        mark("“{example}” mixes letters that look alike. That can mark a copy."), _STANDS
    ),
    "odd-spaces": Sentence(mark("Spaces of unusual width stand in the text. They can mark a copy."), _STANDS),
    "trailing-spaces": Sentence(mark("Spaces at the ends of lines go along. They can mark a copy."), _STANDS),
}
"""Of text that was pasted, quoted or answered."""

WALLS: dict[str, Sentence] = {
    "other-thread": Sentence(
        mark("This answers a mail to {other}. As {sender}, both addresses are linked for whoever reads it."),
        "The draft was begun as an answer under another identity. No line that names the thread leaves.",
    ),
    "thread-of-nobody": Sentence(
        mark(
            "This answers a mail to an identity that is gone. As {sender}, both are linked for whoever reads it."
        ),
        "The draft was begun as an answer under another identity. No line that names the thread leaves.",
    ),
    "names-thread": Sentence(
        mark(
            "The mail names the one that it answers. Whoever has that one, or made the link to here, knows it again."
        ),
        "In-Reply-To and References leave.",
    ),
    "own-address": Sentence(
        mark("{address} is your address as {other}. Whoever reads this links it to {sender}."),
        "The address of another identity stands in what leaves, at the place shown.",
    ),
    "own-recipient": Sentence(
        mark("{address} is your address as {other}. Both providers can link it to {sender}."),
        "The address of another identity stands in the envelope.",
    ),
    "other-name": Sentence(
        mark("The text ends with “{name}”, your name at another address."),
        "One of the last lines of what leaves is another identity's name.",
    ),
    "other-signature": Sentence(
        mark("The signature of {other} stands in the text."),
        "Another identity's signature stands in what leaves, at the place shown.",
    ),
}
"""Of identities that must not meet."""

PARTIES: dict[str, Sentence] = {
    "network": Sentence(
        mark("That you use Tor, when and how much."),
        "All that this computer sends goes to its first relay.",
    ),
    "network-elsewhere": Sentence(
        mark("That you use Tor, when and how much. Who shares it with you also sees where it leads."),
        "What is told to a Tor on another computer goes there unencrypted, the provider's name included.",
    ),
    "tor-computer": Sentence(
        mark("That it is you, and where it leads. Not the mail, which is inside TLS."),
        "The Tor that is attached to is told the provider's name; without TLS nothing goes to a Tor elsewhere.",
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
        "The file's bytes leave as they are, or would if the person so decides.",
    ),
    "files-may-name": Sentence(
        mark("{sentence} {n} files may name their authors."),
        "The files' bytes leave as they are, or would if the person so decides.",
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
    "untraceable-once-files": Sentence(
        mark("for {parties}, once {settled}."),
        "The same, and the mail doesn't leave until the person decided about a file, or until it is cleaned.",
    ),
    "untraceable-once-but-files": Sentence(
        mark("for {parties}, once {settled}, unless {files} gives you away."),
        "Both of these, of different files.",
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

SENTENCES: dict[str, Sentence] = FINDINGS | WORDS | PASTED | WALLS | PARTIES | LIMITS
