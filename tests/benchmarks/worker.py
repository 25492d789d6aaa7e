"""A sender in a process of its own: takes one command a line on standard input, answers each with a line of JSON.

    python -m tests.benchmarks.worker lane PROFILE PASSPHRASE-FILE SOCKS-PORT
    python -m tests.benchmarks.worker smtplib

So what is measured shares no interpreter with the server and the relay, and its memory is its own.
"""

from __future__ import annotations

import dataclasses
import json
import secrets
import smtplib
import socket
import ssl
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.benchmarks.resident import Growth

Answer = dict[str, Any]
PATIENCE = 120.0


class Lane:
    """Torsend's parts as the window has them; the outbox is worked off by the dispatcher."""

    def __init__(self, profile: str, passphrase_file: str, port: str) -> None:
        from torsend.app import App, SecretsPlace, Start
        from torsend.app.start import read_passphrase
        from torsend.paths import Profile
        from torsend.tor import guard
        from torsend.tor.choice import Socks

        guard.install()
        start = Start(
            Profile(Path(profile)),
            read_passphrase(Path(passphrase_file)),
            SecretsPlace.VAULT,
            Socks("127.0.0.1", int(port)),
            PATIENCE,
        )
        self._app = App.open(start)
        self._app.connection.start()
        self._app.connection.wait_ready(PATIENCE)

    def do(self, ask: Answer) -> Answer:
        match ask["do"]:
            case "server":
                return self._server(ask)
            case "queue":
                return self._queue(ask)
            case "send":
                return self._send(ask)
            case "crowd":
                return self._crowd(ask)
            case "look":
                return self._look()
            case "together":
                return self._together(ask)
            case _:
                self._app.connection.new_circuit(self._app.book.list()[0].id)
                return {}

    def _server(self, ask: Answer) -> Answer:
        """Another port and way of TLS for the identity."""
        from torsend.identity.identity import Tls

        book = self._app.book
        identity = book.list()[0]
        server = dataclasses.replace(identity.server, port=ask["port"], tls=Tls(ask["tls"]))
        book.save(dataclasses.replace(identity, server=server))
        return {}

    def _queue(self, ask: Answer) -> Answer:
        from torsend.mail.draft import Draft

        draft = Draft.from_json(ask["draft"])
        draft = dataclasses.replace(draft, id=Draft.new().id, identity_id=self._app.book.list()[0].id)
        with Growth() as growth:
            began = time.monotonic()
            entry = self._app.queue(draft)
            seconds = time.monotonic() - began
        return {"id": entry.id, "seconds": seconds, "growth": growth.peak_mib}

    def _send(self, ask: Answer) -> Answer:
        with Growth() as growth:
            began = time.monotonic()
            ended = self._app.dispatcher.run_once([ask["id"]])
            seconds = time.monotonic() - began
        state = ended[0].state.value
        self._app.remove_entry(ask["id"])
        return {"state": state, "seconds": seconds, "growth": growth.peak_mib}

    def _crowd(self, ask: Answer) -> Answer:
        """Fills the vault: a third each of the messages accepted, waiting for another day, and held."""
        from torsend.identity.secrets import password_name

        book, identities, messages = self._app.book, ask["identities"], ask["messages"]
        first = book.list()[0]
        password = self._app.passwords.get(password_name(first.id))
        ids = [first.id]
        for number in range(identities):
            made = dataclasses.replace(
                first, id=secrets.token_hex(16), address=f"person{number}@rowanmail.example"
            )
            ids.append(self._app.add_identity(made, password).id)
        with self._app.vault.writing() as db:
            for number in range(messages):
                state, when = (("accepted", None), ("queued", 4e9), ("held", None))[number % 3]
                key = secrets.token_hex(16)
                db.execute(
                    "INSERT INTO outbox (id, identity_id, created, finished, state, step, mail_from, message_id, subject,"
                    " size, next_attempt) VALUES (?, ?, ?, ?, ?, 'queued', 'a@x.example', '<1@x>', 's', 9, ?)",
                    (key, ids[number % len(ids)], time.time(), time.time(), state, when),
                )
                db.execute(
                    "INSERT INTO outbox_recipient (entry_id, ordinal, address, state) VALUES (?, 0, 'm@x.example', ?)",
                    (key, "accepted" if state == "accepted" else "waiting"),
                )
                if state != "accepted":
                    db.execute("INSERT INTO outbox_chunk VALUES (?, 0, zeroblob(2000))", (key,))
        return {}

    def _look(self) -> Answer:
        """What the window asks for when it opens its pages."""
        began = time.monotonic()
        self._app.outbox.recover()
        recovered = time.monotonic()
        entries = self._app.outbox.list()
        listed = time.monotonic()
        people = self._app.book.list()
        return {
            "recover": recovered - began, "outbox": listed - recovered, "identities": time.monotonic() - listed,
            "entries": len(entries), "people": len(people),
        }  # fmt: skip

    def _together(self, ask: Answer) -> Answer:
        """One message of each of so many senders, all due at once, on circuits that are ready."""
        from torsend.mail.draft import Draft

        people = self._app.book.list()[: ask["senders"]]
        for measured in (False, True):
            draft = Draft.from_json(ask["draft"])
            entries = [
                self._app.queue(dataclasses.replace(draft, id=Draft.new().id, identity_id=each.id))
                for each in people
            ]
            began = time.monotonic()
            ended = self._app.dispatcher.run_once([entry.id for entry in entries])
            seconds = time.monotonic() - began
            for entry in ended:
                self._app.remove_entry(entry.id)
            if measured:
                return {"states": [entry.state.value for entry in ended], "seconds": seconds}
        raise AssertionError


class Smtplib:
    """``smtplib`` over PySocks, used as its documentation shows."""

    def __init__(self) -> None:
        self._context = ssl.create_default_context()
        self._renew()

    def do(self, ask: Answer) -> Answer:
        match ask["do"]:
            case "send":
                with Growth() as growth:
                    began = time.monotonic()
                    self._send(ask)
                    seconds = time.monotonic() - began
                return {"state": "accepted", "seconds": seconds, "growth": growth.peak_mib}
            case "bare":
                began = time.monotonic()
                self._bare(ask)
                return {"state": "accepted", "seconds": time.monotonic() - began}
            case _:
                self._renew()
                return {}

    def _renew(self) -> None:
        self._credentials = secrets.token_hex(16), secrets.token_hex(16)

    def _connected(self, ask: Answer) -> socket.socket:
        import socks

        made = socks.socksocket()
        username, password = self._credentials
        made.set_proxy(
            socks.SOCKS5, "127.0.0.1", ask["socks"], rdns=True, username=username, password=password
        )
        made.settimeout(PATIENCE)
        made.connect((ask["host"], ask["port"]))
        return made

    def _send(self, ask: Answer) -> None:
        context = self._context

        class Implicit(smtplib.SMTP_SSL):
            def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
                return context.wrap_socket(connected(ask), server_hostname=host)

        class Starttls(smtplib.SMTP):
            def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
                return connected(ask)

        connected: Callable[[Answer], socket.socket] = self._connected
        kind = Starttls if ask["tls"] == "starttls" else Implicit
        with kind(ask["host"], ask["port"], local_hostname="localhost") as server:
            if ask["tls"] == "starttls":
                server.starttls(context=context)
            server.login(ask["user"], ask["password"])
            server.sendmail(ask["from"], [ask["to"]], Path(ask["file"]).read_bytes())

    def _bare(self, ask: Answer) -> None:
        """As many bytes over a stream as the message has, and one back: what nobody can beat."""
        size = Path(ask["file"]).stat().st_size
        with self._connected(ask) as connected, Path(ask["file"]).open("rb") as file:
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connected.sendall(size.to_bytes(8, "big") + file.read(65536))
            while block := file.read(65536):
                connected.sendall(block)
            connected.recv(1)


def main(kind: str, *arguments: str) -> None:
    worker = Lane(*arguments) if kind == "lane" else Smtplib()
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        print(json.dumps(worker.do(json.loads(line))), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
