"""The words for every reason: what happened, what left, what to try. One table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING

from torsend.delivery.reasons import Reason
from torsend.delivery.retries import RULES
from torsend.delivery.states import State, Step
from torsend.tor.stream_failures import REFUSALS
from torsend.words import mark, t, tn

if TYPE_CHECKING:
    from datetime import datetime

    from torsend.delivery.outbox import OutboxEntry


@dataclass(frozen=True, slots=True)
class Explanation:
    """What the person is told about an entry.

    Attributes:
        what: what happened.
        left: what left this computer; empty where nothing was tried yet, or it was accepted.
        advice: what to try, or what happens by itself; empty where there is nothing to do.
        their_words: the server's own, safe to show, as they are set apart in mono; or empty.
    """

    what: str
    left: str = ""
    advice: str = ""
    their_words: str = ""

    @property
    def sentences(self) -> str:
        """What happened, what left, what to try, in one line."""
        return " ".join(part for part in (self.what, self.left, self.advice) if part)


@dataclass(frozen=True, slots=True)
class _Words:
    what: str
    advice: str = ""
    left: str = ""
    """Where the step's own sentence says too little or too much."""


_NOTHING = mark("Nothing left this computer.")
_NO_MAIL = mark("No mail was sent.")
_NO_PASSWORD = mark("No mail, no password was sent.")
_NOT_DELIVERED = mark("Nothing was delivered.")
_OTHER_EXIT = mark(
    "A new circuit ends at another exit relay and may get through. If it stays so, use the provider’s onion address, or "
    "another provider."
)
_REPORT = mark("Try again later. If it stays so, tell {provider}.")

WORDS: dict[Reason, _Words] = {
    Reason.NONE: _Words(mark("Waits its turn.")),
    Reason.ACCEPTED: _Words(mark("Accepted by {provider}.")),
    Reason.ACCEPTED_FOR_SOME: _Words(
        mark("{provider} took it for some recipients and put the others off."),
        mark("Only the others are tried again."),
        left=mark("Recipients who have it are never sent to again."),
    ),
    Reason.COUNTED_AS_SENT: _Words(mark("You counted it as sent.")),
    # Tor
    Reason.NO_TOR: _Words(mark("Tor can’t be reached."), mark("The mail waits until Tor is connected.")),
    Reason.NOT_TOR: _Words(
        mark("That port is not Tor."), mark("A SOCKS port of Tor is mostly 9050 or 9150.")
    ),
    Reason.ISOLATION_LOST: _Words(
        mark("Tor’s port doesn’t keep identities apart, so nothing was sent."),
        mark("Choose another SOCKS port of Tor, without special isolation settings."),
        left=_NOTHING,
    ),
    Reason.STREAM_FAILED: _Words(
        mark("Tor could not open the connection."), mark("Try again over another circuit.")
    ),
    Reason.EXIT_POLICY: _Words(
        mark("The exit relays refuse this port."), mark("Use port 465 or 587, or the server’s onion address.")
    ),
    Reason.HOST_UNREACHABLE: _Words(
        mark("The server can’t be reached from the exit relay."), mark("Check the server’s name.")
    ),
    Reason.ONION_UNREACHABLE: _Words(
        mark("The onion service can’t be reached; it may be down."), mark("Try again later.")
    ),
    Reason.ONION_KEY: _Words(
        mark("The onion service wants a client key."),
        mark("Set the right key with the identity, then retry."),
    ),
    Reason.ONION_ADDRESS: _Words(
        mark("That is not a valid onion address."), mark("Check the onion address.")
    ),
    Reason.TOR_PROTOCOL: _Words(
        mark("That port doesn’t understand what Tor would."), mark("Check Tor’s settings.")
    ),
    # The connection
    Reason.DROPPED: _Words(mark("The circuit broke."), mark("Try again.")),
    Reason.STALLED: _Words(mark("{provider} didn’t answer in time."), mark("Try again later.")),
    Reason.PROTOCOL: _Words(
        mark("{provider} answered with something that isn’t SMTP."),
        mark("Check the server’s name, port and encryption."),
    ),
    Reason.EXIT_BLOCKED: _Words(
        mark("{provider} lets nobody in who comes from the exit relay that Tor used."), _OTHER_EXIT
    ),
    Reason.TEMPORARY: _Words(mark("{provider} can’t take it now."), _REPORT),
    Reason.STARTTLS_MISSING: _Words(
        mark("{provider} offered no encryption, or someone between took the offer away."),
        mark("Use the port with TLS from the start (465), or the onion address."),
        left=_NO_PASSWORD,
    ),
    Reason.STARTTLS_INJECTED: _Words(
        mark("Someone between put words into {provider}’s mouth before encryption began."),
        mark("Use the port with TLS from the start (465), or the onion address."),
        left=_NO_PASSWORD,
    ),
    Reason.BAD_CERTIFICATE: _Words(
        mark("This isn’t {provider}: its certificate doesn’t fit."),
        mark("Check the server’s name. Its certificate: {detail}."),
        left=_NO_PASSWORD,
    ),
    Reason.ONION_CERTIFICATE: _Words(
        mark("The onion server’s certificate doesn’t show that it is this server’s."),
        mark(
            "Tor has checked that the address’s owner answers. If you know this fingerprint from whoever runs the "
            "server, accept the certificate, then retry: {detail}."
        ),
        left=_NO_PASSWORD,
    ),
    Reason.CERTIFICATE_CHANGED: _Words(
        mark("The onion server shows another certificate than the one you accepted."),
        mark("Ask whoever runs the server, by another way, whether it was renewed. Now it shows: {detail}."),
        left=_NO_PASSWORD,
    ),
    Reason.TLS_FAILED: _Words(
        mark("No encryption could be agreed on with {provider}."),
        mark("Check the port: 465 is TLS from the start, 587 STARTTLS."),
        left=_NO_PASSWORD,
    ),
    Reason.PLAIN_OUTSIDE_ONION: _Words(
        mark("Without encryption it goes only to an onion address."), mark("Choose TLS for this server.")
    ),
    Reason.PLAIN_BEFORE_TOR: _Words(
        mark(
            "Tor is on another computer, and without TLS the password and the mail could be read on the way there."
        ),
        mark("Use a Tor on this computer, or TLS for this server."),
        left=_NOTHING,
    ),
    # Signing in
    Reason.PASSWORD_MISSING: _Words(
        mark("There is no password for this sender."), mark("Type the password, then retry.")
    ),
    Reason.SECRETS_LOCKED: _Words(mark("The keyring is locked."), mark("Unlock it or type the password.")),
    Reason.SIGN_IN_REFUSED: _Words(
        mark("{provider} refused the password."),
        mark("Check the user name and the password; some providers want an app password."),
        left=_NO_MAIL,
    ),
    Reason.SIGN_IN_UNUSUAL: _Words(
        mark("{provider} refused the sign-in."),
        mark(
            "Coming through Tor is the likely cause. Confirm the sign-in with the provider, or use an app password."
        ),
        left=_NO_MAIL,
    ),
    Reason.SIGN_IN_NOT_OFFERED: _Words(
        mark("{provider} offers no way to sign in that torsend knows."),
        mark("Check the port and whether SMTP is enabled for the account."),
    ),
    Reason.SIGN_IN_BROKEN: _Words(
        mark("{provider} asked for the password in a way that makes no sense."), _REPORT, left=_NO_MAIL
    ),
    Reason.SIGN_IN_WAITS: _Words(
        mark("It waits because another mail of this sender was refused at sign-in."),
        mark("Put the sign-in right, then retry."),
    ),
    Reason.IDENTITY_GONE: _Words(
        mark("Its sender doesn’t exist any more."), mark("Write it anew from another sender.")
    ),
    # The envelope
    Reason.ADDRESS_NOT_ASCII: _Words(
        mark("{provider} takes only addresses that are plain a to z before the @, and one of these isn’t."),
        mark("Ask for a plain address, or send from an account whose server takes others (SMTPUTF8)."),
        left=_NO_PASSWORD,
    ),
    Reason.SENDER_REFUSED: _Words(
        mark("{provider} refused the sender’s address."), mark("Does this address belong to the account?")
    ),
    Reason.TOO_LARGE: _Words(mark("{provider} doesn’t take a mail this large."), mark("Attach less.")),
    Reason.RECIPIENTS_REFUSED: _Words(
        mark("{provider} refused the recipients."), mark("Check their addresses.")
    ),
    Reason.SOME_RECIPIENTS_REFUSED: _Words(
        mark("{provider} refused some of the recipients, so it was sent to nobody."),
        mark("Send it to the others, or check the addresses and retry."),
    ),
    Reason.RECIPIENTS_LATER: _Words(
        mark("{provider} puts the recipients off for a while."), mark("Try again later.")
    ),
    # The mail
    Reason.REFUSED: _Words(
        mark("{provider} refused the mail before it was sent."), mark("Read the server’s words.")
    ),
    Reason.CONTENT_REFUSED: _Words(
        mark("{provider} refused the mail for what it is."),
        mark("Read the server’s words."),
    ),
    Reason.NO_ANSWER: _Words(
        mark("All of it was sent, and no answer came."),
        mark("Only {provider} knows whether it took the mail; torsend won’t guess."),
        left=mark("It may have been sent."),
    ),
    # Here
    Reason.CANCELLED: _Words(mark("You cancelled it.")),
    Reason.MISSED: _Words(
        mark("Its time, {detail}, passed while torsend couldn’t send it."),
        mark("Send it now, or choose another time."),
    ),
    Reason.FAULT: _Words(
        mark("Something in torsend went wrong."),
        mark("Retry, and report it if it happens again."),
    ),
    Reason.INTERRUPTED: _Words(mark("Torsend ended in between."), mark("Retry.")),
    Reason.STORAGE: _Words(
        mark("The vault couldn’t be written, so sending stopped."),
        mark("Free some space and see whether the vault’s folder can be written."),
    ),
}

_SOME_OF_THE_REST_REFUSED = mark(
    "{provider} refused some of the recipients, so this time it was sent to nobody."
)
_CLOCK = mark(
    "See whether this computer’s clock is right. If it is, tell {provider}. The certificate: {detail}."
)
_STRANGER = _Words(
    mark("This may not be {provider}: nobody whom this computer trusts vouches for its certificate."),
    mark(
        "Someone may answer in the server’s place: try a new circuit. An authority of your own is named by SSL_CERT_FILE. "
        "The certificate: {detail}."
    ),
)
_CERTIFICATES: dict[str, _Words] = {
    "certificate has expired": _Words(mark("{provider}’s certificate has expired."), _CLOCK),
    "certificate is not yet valid": _Words(mark("{provider}’s certificate isn’t valid yet."), _CLOCK),
    "hostname mismatch": _Words(
        mark("This isn’t {provider}: its certificate is for another name."),
        mark("Check the server’s name. Its certificate: {detail}."),
    ),
    "ip address mismatch": _Words(
        mark("This isn’t {provider}: its certificate is for another address."),
        mark("Use the server’s name, not a number. Its certificate: {detail}."),
    ),
    "unable to get local issuer certificate": _STRANGER,
    "unable to get issuer certificate": _STRANGER,
    "unable to verify the first certificate": _STRANGER,
    "self-signed certificate": _STRANGER,
    "self-signed certificate in certificate chain": _STRANGER,
    "self signed certificate": _STRANGER,
    "self signed certificate in certificate chain": _STRANGER,
}
"""By how OpenSSL's words for it begin (``tls.handshake_failure`` puts them first); of all others (a weak key, a wrong
purpose) no more is said than that it doesn't fit."""

_TOO_LARGE_KNOWN = mark("{provider} takes up to {limit}; this is {size}.")
_WAITS_FOR_ITS_TIME = mark("Waits for its time, {time}.")
_WAITS_FOR_CHANCE = mark("Goes out some time before {time}, at random.")
_AGAIN = mark("It is tried again by itself.")
_AGAIN_AT_ONCE = mark("Trying another.")


def explain(entry: OutboxEntry, provider: str) -> Explanation:
    """The words for an entry as it stands.

    Args:
        provider: the short word for the server that is shown to the person.
    """
    words = WORDS[entry.reason]
    what, advice = words.what, words.advice
    if entry.reason is Reason.BAD_CERTIFICATE:
        of_certificate = _CERTIFICATES.get(entry.detail.partition(",")[0].lower(), words)
        what, advice = of_certificate.what, of_certificate.advice
    if entry.reason in _OF_TOR and entry.detail:
        row = REFUSALS.get(int(entry.detail, 16))
        what, advice = (row.what, row.advice) if row else (what, advice)
    values: dict[str, object] = {"provider": provider, "detail": entry.detail}
    if entry.reason is Reason.TOO_LARGE and entry.detail:
        what = _TOO_LARGE_KNOWN
        values |= {"limit": amount(int(entry.detail)), "size": amount(entry.size)}
    if entry.reason is Reason.SOME_RECIPIENTS_REFUSED and (entry.has_it or entry.may_have_it):
        what = _SOME_OF_THE_REST_REFUSED
    if entry.state is State.QUEUED and entry.next_attempt is not None:
        what = _WAITS_FOR_ITS_TIME
        values["time"] = minute(entry.next_attempt)
    if entry.random_before is not None:
        what = _WAITS_FOR_CHANCE
        values["time"] = minute(entry.random_before)
    rule = RULES.get(entry.reason)
    if entry.state is State.RETRY:
        advice = _AGAIN_AT_ONCE if rule and rule.new_circuit and entry.next_attempt is None else _AGAIN
    tried = ""
    if entry.state is State.REFUSED and entry.attempts > 1 and rule and rule.tries > 1:
        tried = " " + tn("Tried once.", "Tried {n} times.", entry.attempts)
    return Explanation(
        what=t(what, **values),
        left=_left(entry, words, provider),
        advice=(t(advice, **values) if advice else "") + tried,
        their_words=entry.reply.words if entry.reply else "",
    )


def would_end(reason: Reason, detail: str, provider: str, size: int) -> str:
    """Why a conversation would end before a mail of so many bytes is accepted, and what to try."""
    values: dict[str, object] = {"provider": provider, "detail": detail}
    what = WORDS[reason].what
    if reason is Reason.TOO_LARGE and detail:
        what = _TOO_LARGE_KNOWN
        values |= {"limit": amount(int(detail)), "size": amount(size)}
    return f"{t(what, **values)} {t(WORDS[reason].advice, **values) if WORDS[reason].advice else ''}".strip()


_OF_TOR = frozenset(
    {
        Reason.STREAM_FAILED,
        Reason.EXIT_POLICY,
        Reason.HOST_UNREACHABLE,
        Reason.ONION_UNREACHABLE,
        Reason.ONION_KEY,
        Reason.ONION_ADDRESS,
        Reason.TOR_PROTOCOL,
    }
)


_TRUE_UP_TO = {_NOTHING: Step.CONNECTING, _NO_PASSWORD: Step.TLS, _NO_MAIL: Step.AUTH}
"""How far any attempt may have got where these still hold."""


def _left(entry: OutboxEntry, words: _Words, provider: str) -> str:
    if entry.state is State.ACCEPTED:
        return ""
    told = _brought(entry, provider)
    if entry.reason in {Reason.ACCEPTED_FOR_SOME, Reason.NO_ANSWER}:
        return " ".join((t(words.left), *told))
    if told or entry.reason is Reason.NONE:
        return " ".join(told)
    furthest = max(entry.step, entry.furthest)
    if words.left and furthest <= _TRUE_UP_TO[words.left]:
        return t(words.left)
    return t(_NOT_DELIVERED) if furthest >= Step.DOT_WRITTEN else furthest.left.sentence()


def _brought(entry: OutboxEntry, provider: str) -> tuple[str, ...]:
    """Who has it, and who may have it, as far as the reason doesn't say so itself."""
    told = []
    if entry.has_it and entry.reason is not Reason.ACCEPTED_FOR_SOME:
        taken = len(entry.has_it)
        told.append(
            tn("{provider} took it for one recipient already.", "{provider} took it for {n} recipients already.", taken,
               provider=provider)
        )  # fmt: skip
    if entry.may_have_it and entry.state is not State.UNKNOWN:
        some = len(entry.may_have_it)
        told.append(
            t("It may have been sent with an earlier attempt.")
            if some == len(entry.recipients)
            else tn(
                "It may have been sent to one recipient with an earlier attempt.",
                "It may have been sent to {n} recipients with an earlier attempt.",
                some,
            )
        )
    return tuple(told)


def delivered(entry: OutboxEntry) -> str:
    """Whether anybody has it, in few words, for a mail that is not on its way."""
    told = []
    if entry.has_it:
        told.append(t("Accepted for {n} of {m} recipients", n=len(entry.has_it), m=len(entry.recipients)))
    if entry.may_have_it:
        told.append(t("May have been sent with an earlier attempt"))
    return ". ".join(told) or t("Nothing was delivered")


def minute(at: datetime) -> str:
    """A moment as people read it, in UTC."""
    return t("{time} UTC", time=at.astimezone(UTC).strftime("%Y-%m-%d %H:%M"))


def amount(size: int) -> str:
    """Bytes as people read them: decimal units, as providers state their limits."""
    if size >= 1_000_000:
        return t("{n} MB", n=f"{size / 1e6:.1f}".removesuffix(".0"))
    return t("{n} KB", n=max(1, round(size / 1000)))
