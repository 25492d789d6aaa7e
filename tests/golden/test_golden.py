"""One draft, one form: the same bytes in every environment, and the same as written down here."""

from __future__ import annotations

import contextlib
import json
import ssl
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from tests.golden import write
from tests.golden.client_hello import described
from tests.golden.drafts import drafts, make_files
from tests.golden.environments import Environment, environments, run
from torsend.delivery.tls import CIPHERS, verifying
from torsend.demo.certificates import make_certificates
from torsend.identity.identity import Tls

if TYPE_CHECKING:
    from pathlib import Path

WORKERS = 3


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("drafts")
    make_files(folder)
    return folder


def written(files: Path, folder: Path) -> list[tuple[Environment, dict[str, Any]]]:
    """What each environment gave."""
    every = environments(folder)
    (folder / "elsewhere").mkdir()

    def told(environment: Environment) -> tuple[Environment, dict[str, Any]]:
        done = run(environment, "tests.golden.write", files, folder / "elsewhere")
        assert done.returncode == 0, (environment.name, done.stderr.decode()[-2000:])
        return environment, json.loads(done.stdout)

    with ThreadPoolExecutor(WORKERS) as pool:
        return list(pool.map(told, every))


@pytest.mark.long
def test_every_environment_gives_the_golden_bytes(files: Path, tmp_path: Path) -> None:
    """Mail, dialogue and ClientHello. One test, so that all of it is written once."""
    gave = written(files, tmp_path)
    the_environments_are_what_they_say(gave)
    for kind, golden in (("mail", "mail.eml"), ("dialogue", "dialogue.txt")):
        expected = (write.HERE / golden).read_bytes()
        assert [each.name for each, told in gave if told[kind].encode("latin-1") != expected] == [], kind
    tls_says_hello_alike(gave)
    what_tls_says_is_ours(gave)


def the_environments_are_what_they_say(gave: list[tuple[Environment, dict[str, Any]]]) -> None:
    assert len(gave) >= 45
    assert [each.name for each, told in gave if each.localised and not told["localised"]] == []
    hosts = {told["host"] for each, told in gave if each.inside}
    assert hosts in ({"x", "hall4.home.example"}, set())


def tls_says_hello_alike(gave: list[tuple[Environment, dict[str, Any]]]) -> None:
    """With one OpenSSL: another one's differs by what it has learned, and Python gives no say in that."""
    by_openssl: dict[str, dict[str, list[str]]] = {}
    for each, told in gave:
        by_openssl.setdefault(told["openssl"], {}).setdefault(told["hello"], []).append(each.name)
    for openssl, hellos in by_openssl.items():
        assert len(hellos) == 1, hellos
        golden = write.HERE / openssl
        if golden.exists():
            assert list(hellos) == [golden.read_text()]


def what_tls_says_is_ours(gave: list[tuple[Environment, dict[str, Any]]]) -> None:
    """Whatever the OpenSSL."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    numbers = {each["name"]: f"{each['id'] & 0xFFFF:04x}" for each in context.get_ciphers()}
    ours = [numbers[name] for name in CIPHERS if name in numbers]
    for hello in {told["hello"] for _, told in gave}:
        lines = dict(line.partition(" ")[::2] for line in hello.splitlines())
        assert lines["version"] == "0303"
        assert lines["server_name"] == write.HOST
        assert lines["supported_versions"] == "0304 0303"
        assert lines["compression"] == "00"
        # Behind TLS 1.3's three; older OpenSSLs add the sign of RFC 5746, newer ones say the same in an extension.
        said = lines["ciphers"].split()[3:]
        assert said[: len(ours)] == ours
        assert said[len(ours) :] in ([], ["00ff"])
        # Nothing that would tie two connections together, and nothing that says which program it is.
        assert not {"session_ticket", "pre_shared_key", "early_data", "alpn", "post_handshake_auth"} & set(
            lines
        )


def test_no_connection_says_that_there_was_another(tmp_path: Path) -> None:
    """The same context, after a whole handshake with a server that hands out tickets."""
    certificates = make_certificates(tmp_path, [write.HOST])
    context = verifying()
    context.load_verify_locations(certificates.authority)
    hellos = []
    for _ in range(2):
        to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
        client = context.wrap_bio(to_client, to_server, server_hostname=write.HOST)
        server = certificates.for_server().wrap_bio(to_server, to_client, server_side=True)
        with contextlib.suppress(ssl.SSLWantReadError):
            client.do_handshake()
        hello = to_server.read()
        hellos.append(hello)
        to_server.write(hello)
        for each in (server, client, server, client):
            with contextlib.suppress(ssl.SSLWantReadError):
                each.do_handshake()
        server.write(b"220 hi\r\n")
        assert client.read(100) == b"220 hi\r\n"
    assert described(hellos[0]) == described(hellos[1])
    # Random and session id: 32 bytes each, never the same.
    random, session = slice(11, 43), slice(44, 76)
    assert hellos[0][random] != hellos[1][random]
    assert hellos[0][session] != hellos[1][session]


def test_the_golden_bytes_name_nothing_of_where_they_were_written(files: Path) -> None:
    for golden in write.HERE.glob("*.eml"):
        content = golden.read_bytes().lower()
        for word in ("kaspar", "hall4", str(files), "python", "torsend", "hidden", "+0545", "home.example"):
            # A file is called so.
            assert word.encode() not in content.replace(b"''.hidden", b""), word


def test_the_golden_files_hold_all_drafts(files: Path) -> None:
    assert (write.HERE / "mail.eml").read_bytes().count(write.END) == len(drafts(files))
    said = (write.HERE / "dialogue.txt").read_bytes()
    assert said.count(b"== ") == len(write.SERVERS)
    assert said.count(b"\r\nQUIT\r\n") == sum(tls is Tls.ONION_PLAIN for tls, _, _ in write.SERVERS.values())
