"""Each wall of the cleaner's process by itself, so that one doesn't stand in for another that fell."""

from __future__ import annotations

import platform
import subprocess
import sys
import textwrap

import pytest

from torsend.clean.sandbox import seccomp

START = """
import os, socket, sys, threading
from torsend.clean import sandbox
from torsend.clean.limits import Limits
from torsend.clean.sandbox import linux, resources, seccomp

def refused(call):
    try:
        call()
    except OSError:
        return True
    return False

def connect():
    made = socket.socket()
    made.connect(("127.0.0.1", 9))

def no_namespaces(libc):
    class Without:
        def __getattr__(self, name):
            return (lambda *_: -1) if name == "unshare" else getattr(libc, name)
    return Without()

libc = linux._libc
read = lambda: open("/etc/passwd")
write = lambda: open("/tmp/torsend-was-here", "w")
end = lambda: os._exit(0)
"""


def run(scenario: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", START + textwrap.dedent(scenario) + "\nend()\n"],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_the_filter_alone_is_enough() -> None:
    run(
        """
        linux._libc = lambda: no_namespaces(libc())
        linux._restrict_by_landlock = lambda _: False
        resources.limit = lambda _: None
        assert sandbox.shut_off(Limits())
        assert all(map(refused, (read, write, connect, os.fork, os.uname)))
        """
    )


def test_landlock_alone_closes_the_files_and_is_not_enough() -> None:
    run(
        """
        linux._libc = lambda: no_namespaces(libc())
        seccomp.install = lambda _: False
        resources.limit = lambda _: None
        assert not sandbox.shut_off(Limits())
        assert all(map(refused, (read, write)))
        """
    )


def test_the_limits_alone_leave_no_new_descriptor_and_are_not_enough() -> None:
    run(
        """
        linux._libc = lambda: no_namespaces(libc())
        linux._restrict_by_landlock = lambda _: False
        seccomp.install = lambda _: False
        assert not sandbox.shut_off(Limits())
        assert all(map(refused, (read, write, socket.socket)))
        """
    )


def test_a_namespace_and_landlock_are_enough_where_they_can_be_had() -> None:
    run(
        """
        seccomp.install = lambda _: False
        resources.limit = lambda _: None
        namespace = os.readlink("/proc/self/ns/net")
        held = os.open("/proc/self/ns", os.O_RDONLY)
        apart = sandbox.shut_off(Limits())
        assert all(map(refused, (read, write)))
        if apart:
            assert os.readlink("net", dir_fd=held) != namespace
            assert refused(connect)
        """
    )


def test_without_the_filter_no_process_is_started() -> None:
    run(
        """
        import resource
        seccomp.install = lambda _: False
        sandbox.shut_off(Limits())
        assert resource.getrlimit(resource.RLIMIT_NPROC) == (0, 0)
        """
    )


def test_a_child_that_cannot_shut_itself_off_parses_nothing() -> None:
    run(
        """
        import io
        from torsend.clean import child
        from torsend.clean.formats.format import Format
        from torsend.clean.report import Report, Verdict, Why
        parsed = []
        format_ = Format("X", "x/x", lambda _: True, lambda *_: parsed.append(1), ("x", ".x"), needs=())
        report = child.work(lambda _: format_, io.BytesIO(), io.BytesIO(), print, lambda: False)
        assert report == Report(Verdict.NOT_CLEANABLE, why=Why.NO_SANDBOX)
        assert parsed == []
        """
    )


def test_a_system_that_is_not_known_has_no_sandbox(monkeypatch: pytest.MonkeyPatch) -> None:
    run('sys.platform = "plan9"; assert not sandbox.shut_off(Limits()); sandbox.tie_to_parent(1)')


def test_a_processor_that_is_not_known_has_no_filter(monkeypatch: pytest.MonkeyPatch) -> None:
    import ctypes

    monkeypatch.setattr(platform, "machine", lambda: "mips64")
    assert not seccomp.install(ctypes.CDLL(None))


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_every_jump_of_the_filter_lands_before_its_end(machine: str) -> None:
    import struct

    program = seccomp.program(seccomp._MACHINES[machine])
    lines = list(struct.iter_unpack("=HBBI", program))
    assert len(lines) < 4096
    assert lines[-1][0] == 0x06
    for at, (code, yes, no, _) in enumerate(lines):
        if code in (0x15, 0x45):
            assert at + 1 + max(yes, no) < len(lines)


def test_a_thread_that_was_there_before_is_held_by_the_filter_too() -> None:
    run(
        """
        found, go = [], threading.Event()
        def other():
            go.wait()
            found.append(refused(socket.socket))
        thread = threading.Thread(target=other)
        thread.start()
        resources.limit = lambda _: None
        assert sandbox.shut_off(Limits())
        go.set()
        thread.join()
        assert found == [True]
        """
    )
