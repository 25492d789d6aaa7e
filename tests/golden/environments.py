"""Where a process may find itself: locales, time zones, users, hosts, folders, interpreters."""

from __future__ import annotations

import functools
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

LOCALES = {
    "de_DE.ISO-8859-1": ("de_DE", "ISO-8859-1"),
    "tr_TR.UTF-8": ("tr_TR", "UTF-8"),
    "tr_TR.ISO-8859-9": ("tr_TR", "ISO-8859-9"),
    "ar_EG.UTF-8": ("ar_EG", "UTF-8"),
    "fa_IR.UTF-8": ("fa_IR", "UTF-8"),
    "ja_JP.EUC-JP": ("ja_JP", "EUC-JP"),
}
"""Made with ``localedef``, whatever the system has."""

OPENSSL = """\
openssl_conf = all
[all]
ssl_conf = ssl
[ssl]
system_default = strange
[strange]
MinProtocol = TLSv1.2
MaxProtocol = TLSv1.2
CipherString = DEFAULT@SECLEVEL=1
Ciphersuites = TLS_AES_128_GCM_SHA256
Groups = P-384:P-256
SignatureAlgorithms = RSA+SHA512
Options = -ExtendedMasterSecret,-EncryptThenMac,-MiddleboxCompat
"""
"""OpenSSL's configuration (config(5)) by the taste of somebody else."""


@dataclass(frozen=True)
class Environment:
    """One of them.

    Attributes:
        variables: beside those that Python needs to find the program.
        options: Python's own.
        inside: a command that starts what follows it.
        python: the interpreter.
        localised: whether the C library must know its locale.
    """

    name: str
    variables: dict[str, str] = field(default_factory=dict)
    options: tuple[str, ...] = ()
    inside: tuple[str, ...] = ()
    python: str = sys.executable
    umask: int = 0o022
    localised: bool = False


def environments(folder: Path) -> list[Environment]:
    """All of them.

    Args:
        folder: where the locales and a few files are written.
    """
    locales = folder / "locales"
    locales.mkdir()
    for name, (language, charset) in LOCALES.items():
        made = ["localedef", "--no-archive", "-i", language, "-f", charset, str(locales / name)]
        subprocess.run(made, check=True, capture_output=True)
    configuration = folder / "openssl.cnf"
    configuration.write_text(OPENSSL)
    bare = {"PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    every = [Environment("nothing set")]
    every += [
        Environment(
            name,
            {"LOCPATH": str(locales), "LANG": name, "LC_ALL": name, "LANGUAGE": name[:2], **bare},
            localised=True,
        )
        for name in LOCALES
    ]
    every += [
        Environment(f"locale {name}", {"LC_ALL": name, **bare}) for name in ("C", "POSIX", "C.UTF-8", "xx_XX")
    ]
    every += [
        Environment(
            "locales, mixed",
            {
                "LOCPATH": str(locales),
                "LANG": "ar_EG.UTF-8",
                "LC_TIME": "ja_JP.EUC-JP",
                "LC_NUMERIC": "tr_TR.UTF-8",
            },
            localised=True,
        ),
    ]
    every += [
        Environment(f"zone {zone}", {"TZ": zone})
        for zone in (
            "UTC", "Asia/Kathmandu", "America/St_Johns", "Pacific/Kiritimati", "Europe/Dublin", "Antarctica/Troll",
            "right/UTC", "XYZ-13", "<+0330>-3:30<+0430>,J79/24,J263/24", "AAA23BBB-23", "Nonsense/Zone", "",
        )
    ]  # fmt: skip
    every += [
        Environment("user", {"HOME": "/home/kaspar", "USER": "kaspar", "LOGNAME": "kaspar", "USERNAME": "kaspar"}),
        Environment("mail", {"EMAIL": "kaspar@home.example", "NAME": "Kaspar", "REPLYTO": "k@home.example"}),
        Environment("no home", {"HOME": "/nowhere"}),
        Environment("host in the environment", {"HOSTNAME": "hall4", "HOST": "hall4.home.example"}),
        Environment("host", inside=named("hall4.home.example")),
        Environment("host of one letter", inside=named("x")),
        Environment("nobody else reads", umask=0o077),
        Environment("everybody reads", umask=0),
        Environment("proxies", dict.fromkeys(("http_proxy", "https_proxy", "all_proxy"), "http://127.0.0.1:1")),
        Environment("terminal", {"COLUMNS": "20", "LINES": "3", "TERM": "dumb", "NO_COLOR": "1", "SOURCE_DATE_EPOCH": "1"}),
        Environment("openssl.cnf", {"OPENSSL_CONF": str(configuration)}),
        Environment("no openssl.cnf", {"OPENSSL_CONF": str(folder / "missing.cnf")}),
        # Without AES and carry-less multiplication, AVX and SHA: another processor.
        Environment("processor", {"OPENSSL_ia32cap": "~0x200000200000000:~0x20000020"}),
        Environment("authorities", {"SSL_CERT_DIR": str(folder), "SSL_CERT_FILE": str(folder / "missing.pem")}),
        Environment("key log", {"SSLKEYLOGFILE": str(folder / "keys.log")}),
        Environment("seed 0", {"PYTHONHASHSEED": "0"}),
        Environment("seed 4294967295", {"PYTHONHASHSEED": "4294967295"}),
        Environment("optimised", options=("-OO",)),
        Environment("development", {"PYTHONDEVMODE": "1", "PYTHONMALLOC": "debug"}, ("-W", "error")),
        Environment("UTF-8 mode", {"PYTHONUTF8": "1", "LC_ALL": "C"}),
        Environment("streams", {"PYTHONIOENCODING": "latin-1:replace", "PYTHONUNBUFFERED": "1"}),
        Environment("few digits", {"PYTHONINTMAXSTRDIGITS": "640", "PYTHONNODEBUGRANGES": "1"}),
    ]  # fmt: skip
    every += [Environment(f"Python {python}", python=python) for python in pythons()]
    return every


@functools.cache
def named(host: str) -> tuple[str, ...]:
    """What starts a command on a computer of this name, as far as the command can tell."""
    for prefix in (("unshare", "--uts"), ("unshare", "--user", "--map-root-user", "--uts")):
        inside = (*prefix, "sh", "-c", f'hostname {host} && exec "$@"', "sh")
        if subprocess.run([*inside, "true"], capture_output=True, check=False).returncode == 0:
            return inside
    return ()


def pythons() -> list[str]:
    """Every interpreter of this computer that is new enough, by whatever way it came: the system's, pyenv's."""
    # Not by PATH: pyenv's come first there, and those are scripts that ask the environment which one is meant.
    folders = (Path("/usr/bin"), Path("/usr/local/bin"))
    found = {path.resolve() for folder in folders for path in folder.glob("python3.[0-9][0-9]")}
    for home in (os.environ.get("PYENV_ROOT"), Path.home() / ".pyenv"):
        if home:
            found |= {path.resolve() for path in Path(home).glob("versions/3.*/bin/python3")}
    asked = "import sys; sys.exit(sys.version_info < (3, 11))"
    return [
        str(path)
        for path in sorted(found)
        if subprocess.run([path, "-I", "-c", asked], capture_output=True, check=False).returncode == 0
    ]


def run(
    environment: Environment, module: str, argument: Path, cwd: Path
) -> subprocess.CompletedProcess[bytes]:
    """The module, as a program, there."""
    variables = {"PATH": os.defpath, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [*environment.inside, environment.python, *environment.options, "-m", module, str(argument)],
        env=variables | environment.variables,
        cwd=cwd,
        umask=environment.umask,
        capture_output=True,
        timeout=60,
        check=False,
    )
