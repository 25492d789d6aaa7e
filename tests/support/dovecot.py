"""Dovecot's submission service (RFC 6409) on loopback: a server from the real world, with PIPELINING and CHUNKING.

It runs as an ordinary user; for root, as ``nobody``. What it accepts it relays to a ``SubmissionServer`` of the
demo's, where a test reads it. Dovecot 2.3 and 2.4 have different languages of configuration; both are written here.
"""

from __future__ import annotations

import grp
import os
import pwd
import random
import re
import shutil
import socket
import subprocess
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from torsend.demo.certificates import Certificates, make_certificates
from torsend.demo.server import Received, SubmissionServer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

RELAY = ("relay", "relay")
SEARCHED = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"
STOP_SECONDS = 10.0


class DovecotMissing(Exception):
    """Dovecot or its submission service is not installed."""


class DovecotFailed(Exception):
    """It did not start; its own log is the message."""


class DovecotSubmission:
    """The service. ``start`` it, submit to one of its ports, read ``wait_for``, ``stop`` it.

    Args:
        users: user name → password.
        names: host names and addresses that its certificate holds for.
    """

    def __init__(self, users: Mapping[str, str], names: Sequence[str] = ("127.0.0.1",)) -> None:
        self._users = dict(users)
        self._names = tuple(names)
        self._process: subprocess.Popen[str] | None = None
        self._drain: threading.Thread | None = None
        self._log: list[str] = []
        self._folder: Path | None = None
        self._sink: SubmissionServer | None = None
        self.certificates: Certificates
        self.implicit_port = 0
        self.starttls_port = 0

    @staticmethod
    def version() -> tuple[int, int]:
        """Such as (2, 3).

        Raises:
            DovecotMissing: it, or its submission service, is not installed.
        """
        program = shutil.which("dovecot", path=SEARCHED)
        if program is None or not Path("/usr/lib/dovecot/submission").exists():
            raise DovecotMissing("install dovecot-core and dovecot-submissiond")
        said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
        found = re.match(r"(\d+)\.(\d+)", said)
        assert found, said
        return int(found[1]), int(found[2])

    def start(self) -> None:
        """Returns when both ports listen.

        Raises:
            DovecotMissing: it is not installed.
            DovecotFailed: it ended instead.
        """
        version = self.version()
        # Not pytest's folder: for root nobody else may enter that.
        self._folder = Path(tempfile.mkdtemp(prefix="torsend-dovecot-"))
        try:
            self._start(version, self._folder)
        except BaseException:
            self.stop()
            raise

    def _start(self, version: tuple[int, int], folder: Path) -> None:
        self.certificates = make_certificates(folder / "tls", self._names)
        self._sink = SubmissionServer(self.certificates, dict([RELAY]))
        self._sink.start()
        self.implicit_port, self.starttls_port = _free_ports(2)

        me = pwd.getpwuid(os.geteuid()) if os.geteuid() else pwd.getpwnam("nobody")
        for name in ("run", "state", "home"):
            (folder / name).mkdir(mode=0o700)
        lines = [f"{user}:{{PLAIN}}{password}" for user, password in self._users.items()]
        (folder / "users").write_text("\n".join([*lines, ""]), encoding="utf-8")
        write = _configuration_2_3 if version < (2, 4) else _configuration_2_4
        configuration = folder / "dovecot.conf"
        configuration.write_text(
            write(folder, me, self.implicit_port, self.starttls_port, self._sink.onion_port), encoding="ascii"
        )
        identity: list[str] = []
        if os.geteuid() == 0:
            for path in (folder, *folder.rglob("*")):
                os.chown(path, me.pw_uid, me.pw_gid)
            identity = [f"--reuid={me.pw_uid}", f"--regid={me.pw_gid}", "--clear-groups"]
        program = shutil.which("dovecot", path=SEARCHED)
        assert program
        self._process = subprocess.Popen(
            ["setpriv", *identity, "--pdeathsig=TERM", program, "-F", "-c", configuration],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            cwd=folder,
        )
        assert self._process.stderr
        for line in self._process.stderr:
            self._log.append(line.rstrip())
            if "starting up" in line:
                break
        else:
            raise DovecotFailed("\n".join(self._log))
        self._drain = threading.Thread(target=self._read_log, name="dovecot-log", daemon=True)
        self._drain.start()

    def stop(self) -> None:
        """Ends every process and removes the folder; harmless when called twice."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            if self._drain is not None:
                self._drain.join(STOP_SECONDS)
            assert self._process.stderr
            self._process.stderr.close()
        if self._sink is not None:
            self._sink.stop()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def pid(self) -> int | None:
        """Of its master process."""
        return self._process.pid if self._process else None

    @property
    def log(self) -> tuple[str, ...]:
        """What Dovecot wrote."""
        return tuple(self._log)

    @property
    def received(self) -> tuple[Received, ...]:
        """What arrived behind it. User name, EHLO and TLS are those of the relaying; see the Received header."""
        assert self._sink
        return self._sink.received

    @property
    def refuse(self) -> set[str]:
        """Addresses that are refused as recipients."""
        assert self._sink
        return self._sink.refuse

    def wait_for(self, count: int, timeout_seconds: float = 30.0) -> tuple[Received, ...]:
        """As ``SubmissionServer.wait_for``."""
        assert self._sink
        return self._sink.wait_for(count, timeout_seconds)

    def clear(self) -> None:
        """Forgets what was received."""
        assert self._sink
        self._sink.clear()

    def _read_log(self) -> None:
        assert self._process
        assert self._process.stderr
        self._log.extend(line.rstrip() for line in self._process.stderr)


def _free_ports(count: int) -> list[int]:
    """Free ports of 127.0.0.1 that the system does not give to anybody in the meantime (see /proc/sys/net)."""
    free: list[int] = []
    for port in random.sample(range(10_000, 30_000), 100):
        with socket.socket() as trying:
            try:
                trying.bind(("127.0.0.1", port))
            except OSError:
                continue
        free.append(port)
        if len(free) == count:
            return free
    raise DovecotFailed("no free port")


def _configuration_2_3(folder: Path, me: pwd.struct_passwd, implicit: int, starttls: int, relay: int) -> str:
    group = _group_name(me)
    return f"""\
protocols = submission
base_dir = {folder}/run
state_dir = {folder}/state
log_path = /dev/stderr
listen = 127.0.0.1
hostname = smtp.rowanmail.example
default_internal_user = {me.pw_name}
default_internal_group = {group}
default_login_user = {me.pw_name}
first_valid_uid = 1
first_valid_gid = 1
mail_location = maildir:{folder}/home
ssl = required
ssl_cert = <{folder}/tls/server.pem
ssl_key = <{folder}/tls/server.key
ssl_min_protocol = TLSv1.2
auth_mechanisms = plain login
auth_failure_delay = 0
passdb {{
  driver = passwd-file
  args = username_format=%u {folder}/users
}}
userdb {{
  driver = static
  args = uid={me.pw_uid} gid={me.pw_gid} home={folder}/home
}}
{_relay(relay)}
{_services(implicit, starttls)}
"""


def _configuration_2_4(folder: Path, me: pwd.struct_passwd, implicit: int, starttls: int, relay: int) -> str:
    group = _group_name(me)
    return f"""\
dovecot_config_version = 2.4.0
dovecot_storage_version = 2.4.0
protocols {{
  submission = yes
}}
base_dir = {folder}/run
state_dir = {folder}/state
log_path = /dev/stderr
listen = 127.0.0.1
hostname = smtp.rowanmail.example
default_internal_user = {me.pw_name}
default_internal_group = {group}
default_login_user = {me.pw_name}
first_valid_uid = 1
first_valid_gid = 1
mail_driver = maildir
mail_path = {folder}/home
ssl = required
ssl_server_cert_file = {folder}/tls/server.pem
ssl_server_key_file = {folder}/tls/server.key
ssl_min_protocol = TLSv1.2
auth_mechanisms = plain login
auth_failure_delay = 0
passdb passwd-file {{
  passwd_file_path = {folder}/users
  auth_username_format = %{{user}}
}}
userdb static {{
  fields {{
    uid = {me.pw_uid}
    gid = {me.pw_gid}
    home = {folder}/home
  }}
}}
{_relay(relay)}
{_services(implicit, starttls)}
"""


def _relay(port: int) -> str:
    return (
        "submission_relay_host = 127.0.0.1\n"
        f"submission_relay_port = {port}\n"
        f"submission_relay_user = {RELAY[0]}\n"
        f"submission_relay_password = {RELAY[1]}"
    )


def _services(implicit: int, starttls: int) -> str:
    # Without chroot: that is root's alone. Without the penalty that makes each sign-in after a wrong one wait.
    return f"""\
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service submission-login {{
  chroot =
  inet_listener submission {{
    port = {starttls}
  }}
  inet_listener submissions {{
    port = {implicit}
    ssl = yes
  }}
}}"""


def _group_name(me: pwd.struct_passwd) -> str:
    return grp.getgrgid(me.pw_gid).gr_name
