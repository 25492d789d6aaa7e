"""What the program inherits from where it is started: screens and buses elsewhere, core dumps, key logs."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.golden.environments import OPENSSL
from torsend import surroundings
from torsend.errors import ExitStatus

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def own_memory_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests' own process keeps its limits; what ``close_off`` does to them is seen in another one."""
    monkeypatch.setattr(surroundings, "_keep_memory_private", lambda: None)


def closed_off(**environment: str) -> dict[str, str]:
    surroundings.close_off(environment)
    return environment


@pytest.mark.parametrize(
    ("display", "named"),
    [
        (":0", "unix/:0"),
        (":1.0", "unix/:1.0"),
        ("unix:0", "unix/:0"),
        ("unix/:77", "unix/:77"),
        ("unix/desk.office.example:0", "unix/:0"),
        ("localhost:10.0", "127.0.0.1:10.0"),
        ("127.0.0.1:10", "127.0.0.1:10"),
        ("tcp/127.0.0.1:10", "tcp/127.0.0.1:10"),
        ("[::1]:10", "[::1]:10"),
        ("/private/tmp/com.apple.launchd.x/org.xquartz:0", "/private/tmp/com.apple.launchd.x/org.xquartz:0"),
        ("unix:/run/x11/socket", "unix:/run/x11/socket"),
    ],
)
def test_a_screen_of_this_computer_is_named_so_that_nothing_is_looked_up(display: str, named: str) -> None:
    environment = {"DISPLAY": display}
    surroundings.check_screen(environment)
    assert environment["DISPLAY"] == named


@pytest.mark.parametrize(
    "display",
    [
        "desk.office.example:0",
        "desk:0",
        "tcp/desk:0",
        "192.0.2.7:0",
        "tcp/192.0.2.7:0.0",
        "[2001:db8::7]:0",
        "localhost.office.example:0",
        "decnet/desk::0",
        "desk::0",
        "nonsense",
    ],
)
def test_a_screen_elsewhere_is_refused_in_words(display: str) -> None:
    with pytest.raises(surroundings.NotThisMachine, match="past Tor") as raised:
        surroundings.check_screen({"DISPLAY": display})
    assert raised.value.status is ExitStatus.USAGE


@pytest.mark.parametrize(
    "platform", ["xcb", "wayland;xcb", "offscreen", "offscreen:configfile=x", "xcb:nograb", ""]
)
def test_a_screen_of_this_computer_may_be_chosen(platform: str) -> None:
    surroundings.check_screen({"QT_QPA_PLATFORM": platform})


@pytest.mark.parametrize(
    "platform", ["vnc", "vnc:size=800x600", "xcb:desk:0", "wayland;vnc", "webgl:port=80"]
)
def test_a_window_for_other_computers_is_refused(platform: str) -> None:
    with pytest.raises(surroundings.NotThisMachine, match="QT_QPA_PLATFORM"):
        surroundings.check_screen({"QT_QPA_PLATFORM": platform})


@pytest.mark.skipif(sys.platform != "linux", reason="D-Bus")
def test_of_buses_only_sockets_of_this_computer_are_left(tmp_path: Path) -> None:
    local, elsewhere = "unix:path=/run/user/7/bus,guid=4", "tcp:host=bus.office.example,port=4444"
    for name in ("DBUS_SESSION_BUS_ADDRESS", "DBUS_SYSTEM_BUS_ADDRESS"):
        assert closed_off(**{name: f"{elsewhere};{local}"})[name] == local
        for strange in (elsewhere, "nonce-tcp:host=a", "autolaunch:", "unixexec:path=ssh", ""):
            assert closed_off(**{name: strange})[name] == surroundings.NO_BUS
    for name in ("AT_SPI_BUS_ADDRESS", "IBUS_ADDRESS"):
        assert closed_off(**{name: local})[name] == local
        assert name not in closed_off(**{name: elsewhere})
    # None at all: libdbus would start one.
    assert closed_off()["DBUS_SESSION_BUS_ADDRESS"] == surroundings.NO_BUS
    assert closed_off(XDG_RUNTIME_DIR=str(tmp_path))["DBUS_SESSION_BUS_ADDRESS"] == surroundings.NO_BUS
    with socket.socket(socket.AF_UNIX) as bus:
        bus.bind(str(tmp_path / "bus"))
        assert (
            closed_off(XDG_RUNTIME_DIR=str(tmp_path))["DBUS_SESSION_BUS_ADDRESS"]
            == f"unix:path={tmp_path}/bus"
        )


def test_a_session_manager_is_left_where_its_name_need_not_be_looked_up() -> None:
    here = f"local/{socket.gethostname()}:@/tmp/.ICE-unix/7"
    given = f"{here},tcp/desk.office.example:4444,unix/elsewhere:/tmp/.ICE-unix/7"
    assert closed_off(SESSION_MANAGER=given)["SESSION_MANAGER"] == here
    assert "SESSION_MANAGER" not in closed_off(SESSION_MANAGER="tcp/desk.office.example:4444")


def test_no_key_log_is_handed_down() -> None:
    assert "SSLKEYLOGFILE" not in closed_off(SSLKEYLOGFILE="/tmp/keys")


def test_no_configuration_of_openssl_is_read() -> None:
    for given in ({}, {"OPENSSL_CONF": "/etc/ssl/strange.cnf"}):
        assert closed_off(**given)["OPENSSL_CONF"] == os.devnull


# The program itself, in another process

AFTER_MAIN = """
import contextlib, io, sys
from torsend.__main__ import main
with contextlib.redirect_stdout(io.StringIO()):
    assert main(["version"]) == 0
"""


def after_main(scenario: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs the program's own entry point, then the scenario in the same process."""
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", AFTER_MAIN + scenario],
        env={**os.environ, **environment}, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


@pytest.mark.skipif(sys.platform != "linux", reason="prctl")
def test_the_program_s_memory_is_written_to_no_core_file_and_read_by_no_neighbour() -> None:
    done = after_main(
        "import ctypes, resource, subprocess\n"
        "assert resource.getrlimit(resource.RLIMIT_CORE) == (0, 0)\n"
        "PR_GET_DUMPABLE = 3\n"
        "assert ctypes.CDLL(None).prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0\n"
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(
    sys.platform != "linux", reason="elsewhere other users don't see it, or it can't be taken out"
)
def test_a_link_is_taken_out_of_the_list_of_processes() -> None:
    asked = (
        "import sys; from pathlib import Path; from torsend import surroundings\n"
        "surroundings.close_off()\n"
        "surroundings.forget_arguments(sys.argv[2:])\n"
        "sys.stdout.buffer.write(Path('/proc/self/cmdline').read_bytes())"
    )
    told = ["mailto:marta@nordpost.example?subject=Readings", "letter \udcff.txt"]
    ran = subprocess.run([sys.executable, "-c", asked, "compose", *told], capture_output=True, check=True)
    assert b"compose" in ran.stdout
    for word in (b"marta", b"Readings", b"letter"):
        assert word not in ran.stdout


def test_the_configuration_is_out_of_the_way_before_anything_reads_it(tmp_path: Path) -> None:
    strange = tmp_path / "openssl.cnf"
    strange.write_text(OPENSSL)
    asked = "import ssl; print(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).maximum_version.name)"
    # Without what measures coverage: that would read OpenSSL's configuration before anything of ours runs.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    seen = [
        subprocess.run(
            [sys.executable, "-c", code], env={**environment, "OPENSSL_CONF": str(strange)},
            capture_output=True, text=True, timeout=60, check=True,
        ).stdout.split()[-1]
        for code in (asked, AFTER_MAIN + asked)
    ]  # fmt: skip
    assert seen == ["TLSv1_2", "MAXIMUM_SUPPORTED"]


@pytest.mark.parametrize(
    "call",
    [
        "socket.create_connection(listening.getsockname())",
        "socket.socket().connect(('192.0.2.7', 465))",
        "socket.getaddrinfo('smtp.rowanmail.example', 465)",
        "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'?', ('127.0.0.1', 53))",
    ],
)
def test_the_program_itself_puts_the_guard_up(call: str) -> None:
    done = after_main(
        "import socket\n"
        "from torsend.errors import LeakRefused\n"
        "listening = socket.create_server(('127.0.0.1', 0))\n"
        "try:\n"
        f"    {call}\n"
        "except LeakRefused:\n"
        "    sys.exit(7)\n"
    )
    assert done.returncode == 7, done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="DISPLAY")
def test_the_window_does_not_open_on_another_computer(tmp_path: Path) -> None:
    environment = {**os.environ, "DISPLAY": "desk.office.example:0"}
    environment.pop("QT_QPA_PLATFORM", None)
    for command in ([], ["demo"]):
        done = subprocess.run(
            [sys.executable, "-m", "torsend", "--profile", str(tmp_path / "p"), *command],
            env=environment, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode == ExitStatus.USAGE, done.stderr
        assert "DISPLAY names a screen on another computer" in done.stderr
    # What needs no window does not mind.
    version = [sys.executable, "-m", "torsend", "version"]
    subprocess.run(version, env=environment, timeout=60, check=True, text=True)


def test_authorities_that_cannot_be_read_are_said_before_anything_is_tried(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "torsend", "--profile", str(tmp_path / "p"), "identity", "list"],
        env={**os.environ, "SSL_CERT_FILE": str(tmp_path / "nowhere.pem")},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == ExitStatus.USAGE
    assert "SSL_CERT_FILE" in done.stderr
    assert not (tmp_path / "p").exists()
