"""The guard stays for a process's life, so each scenario has a process of its own."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from torsend.errors import LeakRefused
from torsend.tor import guard

START = """
import socket
from torsend.errors import LeakRefused
from torsend.tor import guard
guard.install()
guard.install()

def refused(call):
    try:
        call()
    except LeakRefused:
        return True
    except OSError:
        return False
    return False
"""


def _run(scenario: str, **environment: str) -> None:
    script = START + textwrap.dedent(scenario)
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "DBUS_SESSION_BUS_ADDRESS": "", "XDG_RUNTIME_DIR": "", **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "call",
    [
        "socket.socket().connect(('127.0.0.1', 9))",
        "socket.socket().connect(('127.0.0.1', 9050))",
        "socket.socket().connect_ex(('127.0.0.1', 9))",
        "socket.socket().connect(('localhost', 9))",
        "socket.socket().connect(('smtp.rowanmail.example', 465))",
        "socket.socket().connect_ex((b'smtp.rowanmail.example', 465))",
        "socket.socket(type=socket.SOCK_DGRAM).sendto(b'?', 0, ('smtp.rowanmail.example', 53))",
        "socket.socket(type=socket.SOCK_DGRAM).sendmsg([b'?'], [], 0, ('smtp.rowanmail.example', 53))",
        "socket.socket().bind(('smtp.rowanmail.example', 0))",
        "socket.create_connection(('127.0.0.1', 9))",
        "socket.socket(socket.AF_INET6).connect(('::1', 9, 0, 0))",
        "socket.socket(type=socket.SOCK_DGRAM).connect(('127.0.0.1', 53))",
        "socket.socket(type=socket.SOCK_DGRAM).sendto(b'?', ('127.0.0.1', 53))",
        "socket.socket(type=socket.SOCK_DGRAM).sendto(b'?', 0, ('127.0.0.1', 53))",
        "socket.socket(type=socket.SOCK_DGRAM).sendmsg([b'?'], [], 0, ('127.0.0.1', 53))",
        "socket.getaddrinfo('rowanmail.example', 465)",
        "socket.getaddrinfo('127.0.0.1', 465)",
        "socket.gethostbyname('localhost')",
        "socket.gethostbyname_ex('localhost')",
        "socket.gethostbyaddr('127.0.0.1')",
        "socket.getnameinfo(('127.0.0.1', 80), 0)",
        "socket.getfqdn('localhost')",
        "__import__('smtplib').SMTP('127.0.0.1', 25)",
        "__import__('urllib.request').request.urlopen('http://127.0.0.1:9/')",
        "socket.socket(socket.AF_UNIX).connect('/var/run/nscd/socket')",
        "socket.socket(socket.AF_UNIX).connect(b'/var/run/nscd/socket')",
        "socket.socket(socket.AF_UNIX).connect('\\0io.systemd.Resolve')",
    ],
)
def test_nothing_goes_past_tor(call: str) -> None:
    _run(f"assert refused(lambda: {call})")


@pytest.mark.parametrize(
    "call",
    [
        "subprocess.run(['true'])",
        "subprocess.run(['true'], close_fds=False)",
        "subprocess.run('true', shell=True)",
        "subprocess.run([b'/bin/true'])",
        "subprocess.Popen(['curl', 'https://rowanmail.example'])",
        "os.system('true')",
        "os.popen('true')",
        "os.execv('/bin/true', ['true'])",
        "os.posix_spawn('/bin/true', ['true'], {})",
        "__import__('pty').spawn('true')",
        "__import__('asyncio').run(__import__('asyncio').create_subprocess_exec('true'))",
    ],
)
def test_no_other_program_is_started(call: str) -> None:
    _run(f"import os, subprocess\nassert refused(lambda: {call})")


def test_tor_is_started_and_nothing_beside_it() -> None:
    _run(
        """
        import subprocess
        from pathlib import Path
        tor = Path("/bin/true")
        start = lambda program: lambda: subprocess.run([program], check=True)
        with guard.starting(tor), guard.starting(tor):
            assert not refused(start(tor))
            assert not refused(start(str(tor)))
            assert not refused(start(bytes(tor)))
            assert not refused(lambda: subprocess.run([tor], close_fds=False, check=True))
            assert refused(start("/usr/bin/env"))
            assert refused(start("true"))
        assert refused(start(tor))
        """
    )


def test_a_python_is_started_with_the_very_arguments_that_were_named() -> None:
    _run(
        """
        import subprocess
        from pathlib import Path
        program = Path("/bin/sh")
        command = ["/bin/sh", "-c", "true"]
        with guard.starting(program, command):
            assert not refused(lambda: subprocess.run(command, check=True))
            assert not refused(lambda: subprocess.run(command, check=True, close_fds=False))
            assert refused(lambda: subprocess.run([*command, "more"]))
            assert refused(lambda: subprocess.run(["/bin/sh", "-c", "curl"]))
            assert refused(lambda: subprocess.run(program))
        assert refused(lambda: subprocess.run(command))
        """
    )


def test_the_one_line_of_arguments_that_windows_has_is_compared_as_well() -> None:
    _run(
        """
        from pathlib import Path
        with guard.starting(Path("C:/torsend.exe"), ["C:/torsend.exe", "--clean-child"]):
            import sys
            sys.audit("subprocess.Popen", "C:/torsend.exe", "C:/torsend.exe --clean-child", None, None)
            assert refused(lambda: sys.audit("subprocess.Popen", "C:/torsend.exe", "C:/torsend.exe", None, None))
            assert refused(lambda: sys.audit("subprocess.Popen", None, "C:/torsend.exe --clean-child", None, None))
        """
    )


def test_what_was_permitted_goes_through_until_it_is_forgotten() -> None:
    _run(
        """
        listening = socket.socket()
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        address = listening.getsockname()
        connect = lambda: socket.socket().connect(address)
        assert refused(connect)
        guard.permit(address)
        guard.permit(address)
        connect()
        guard.forget(address)
        connect()
        guard.forget(address)
        assert refused(connect)
        with guard.permitted(address):
            connect()
        assert refused(connect)
        """
    )


def test_a_permission_is_for_one_port_of_one_host() -> None:
    _run(
        """
        guard.permit(("127.0.0.1", 9))
        assert not refused(lambda: socket.socket().connect(("127.0.0.1", 9)))
        assert refused(lambda: socket.socket().connect(("127.0.0.1", 10)))
        assert refused(lambda: socket.socket().connect(("127.0.0.2", 9)))
        assert refused(lambda: socket.socket().connect(("localhost", 9)))
        """
    )


def test_a_socket_pair_and_what_is_connected_already_are_free() -> None:
    _run(
        """
        one, other = socket.socketpair()
        one.sendmsg([b"x"])
        assert other.recv(1) == b"x"
        """
    )


def test_the_session_bus_is_let_through_for_the_keyring(tmp_path: Path) -> None:
    bus = tmp_path / "a bus"
    _run(
        f"""
        assert not refused(lambda: socket.socket(socket.AF_UNIX).connect({str(bus)!r}))
        assert not refused(lambda: socket.socket(socket.AF_UNIX).connect({str(bus).encode()!r}))
        assert not refused(lambda: socket.socket(socket.AF_UNIX).connect("\\0tmp/dbus-1"))
        assert not refused(lambda: socket.socket(socket.AF_UNIX).connect("{tmp_path}/run/bus"))
        assert refused(lambda: socket.socket(socket.AF_UNIX).connect("/tmp/other"))
        """,
        DBUS_SESSION_BUS_ADDRESS=f"tcp:host=127.0.0.1,port=4;unix:path={tmp_path}/a%20bus,guid=7;"
        "unix:abstract=tmp/dbus-1",
        XDG_RUNTIME_DIR=f"{tmp_path}/run",
    )


def test_the_bus_is_the_one_that_was_there_when_the_guard_went_up(tmp_path: Path) -> None:
    _run(
        f"""
        import os
        os.environ["DBUS_SESSION_BUS_ADDRESS"] = "unix:path={tmp_path}/another"
        os.environ["XDG_RUNTIME_DIR"] = "{tmp_path}/run"
        assert refused(lambda: socket.socket(socket.AF_UNIX).connect("{tmp_path}/another"))
        assert refused(lambda: socket.socket(socket.AF_UNIX).connect("{tmp_path}/run/bus"))
        assert not refused(lambda: socket.socket(socket.AF_UNIX).connect("{tmp_path}/bus"))
        """,
        DBUS_SESSION_BUS_ADDRESS=f"unix:path={tmp_path}/bus",
    )


def test_without_install_nothing_is_refused_but_permissions_are_kept() -> None:
    before = guard.permissions()
    with guard.permitted(("127.0.0.1", 1)):
        assert guard.permissions() == before | {("127.0.0.1", 1)}
    assert guard.permissions() == before


@pytest.mark.parametrize(
    ("event", "family", "address", "through"),
    [
        ("socket.connect", socket.AF_INET, ("127.0.0.1", 1), True),
        ("socket.connect", socket.AF_INET6, ("::1", 1, 0, 0), True),
        ("socket.sendmsg", socket.AF_INET, None, True),
        ("socket.connect", socket.AF_UNIX, "/permitted", True),
        ("socket.connect", socket.AF_UNIX, bytearray(b"/permitted"), True),
        ("open", socket.AF_INET, ("203.0.113.1", 1), True),
        ("socket.connect", socket.AF_INET, ("127.0.0.1", 2), False),
        ("socket.sendto", socket.AF_INET, ("203.0.113.1", 53), False),
        ("socket.connect", socket.AF_INET, "127.0.0.1", False),
        ("socket.connect", socket.AF_UNIX, "/other", False),
        ("socket.connect", socket.AF_UNIX, ("/permitted", 0), False),
        ("socket.connect", 0x10, (0, 0), False),
        ("socket.connect", None, ("127.0.0.1", 1), False),
        ("socket.connect", getattr(socket, "AF_VSOCK", 0x28), (2, 1), False),
        ("os.exec", None, "/permitted", False),
        ("os.system", None, b"/permitted", False),
        ("socket.getaddrinfo", socket.AF_INET, ("localhost", 1), False),
    ],
)
def test_what_the_hook_lets_through(event: str, family: int | None, address: object, through: bool) -> None:
    class Connecting:
        def __init__(self) -> None:
            self.family = family

    with contextlib.ExitStack() as stack:
        for each in (("127.0.0.1", 1), ("::1", 1), "/permitted"):
            stack.enter_context(guard.permitted(each))
        if not through:
            stack.enter_context(pytest.raises(LeakRefused))
        guard._hook(event, (Connecting(), address))


def test_it_tells_that_it_stands_and_how_often_it_said_no() -> None:
    _run(
        """
        assert guard.refused() == 0 and guard.holds()
        before = guard.refused()
        assert refused(lambda: socket.socket().connect(("127.0.0.1", 9)))
        assert guard.refused() == before + 1
        """
    )


def test_where_it_does_not_stand_it_says_so() -> None:
    script = "from torsend.tor import guard; assert not guard.holds() and guard.refused() == 0"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
