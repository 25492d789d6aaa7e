"""The parts of the installers fit together. That they install and run, ``packaging/fresh.py`` shows."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import torsend
from torsend.cli.parser import COMMANDS

PACKAGING = Path(__file__).resolve().parents[2] / "packaging"
LINUX = PACKAGING / "linux"
LINE = re.compile(r"^([A-Za-z0-9._-]+)==(\S+)", re.MULTILINE)


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def lock(name: str) -> dict[str, str]:
    text = (PACKAGING / name).read_text(encoding="utf-8")
    return {normal(package): version for package, version in LINE.findall(text)}


def pins() -> dict[str, Any]:
    return tomllib.loads((PACKAGING / "pins.toml").read_text(encoding="utf-8"))


def test_what_is_bundled_is_what_runs_from_source() -> None:
    run, bundled = lock("requirements.txt"), lock("requirements-bundle.txt")
    assert run.items() <= bundled.items(), "python3 packaging/dev.py lock"
    builders = {normal(name) for name in pins()["builders"]}
    assert bundled.keys() - run.keys() == builders


def test_every_package_that_is_carried_has_its_licence() -> None:
    assert {normal(name) for name in pins()["python"]} == lock("requirements.txt").keys()


def test_every_pin_says_what_it_is() -> None:
    for pin in pins()["pin"]:
        assert pin["licence"]
        assert pin["why"]
        if pin["kind"] == "linked":
            assert pin["package"]
        else:
            assert re.fullmatch(r"[0-9a-f]{64}", pin["sha256"])
            assert pin["version"].partition("+")[0] in pin["file"]


def test_the_pins_are_read_as_they_stand() -> None:
    script = (
        "import pins; found = pins.pins(); assert found['tor'].sha256 and pins.epoch() > 0;"
        "held = pins.locked(); assert all(each.sha256 for each in held.values()), held; print(len(held))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=PACKAGING, capture_output=True, text=True, timeout=60, check=True
    )
    assert int(done.stdout) == len(lock("requirements-bundle.txt"))


def test_the_spec_is_python_and_leaves_out_what_connects() -> None:
    text = (PACKAGING / "payload" / "torsend.spec").read_text(encoding="utf-8")
    ast.parse(text)
    assert '"Network"' in text


def test_the_desktop_takes_its_files() -> None:
    for command in (
        ["desktop-file-validate", str(LINUX / "torsend.desktop")],
        ["appstreamcli", "validate", "--no-net", str(LINUX / "org.torsend.torsend.metainfo.xml")],
    ):
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_they_say_the_version_that_it_has() -> None:
    assert f'version="{torsend.__version__}"' in (LINUX / "org.torsend.torsend.metainfo.xml").read_text()
    assert f"torsend {torsend.__version__}" in (LINUX / "torsend.1").read_text()


def test_the_manual_names_every_command() -> None:
    manual = (LINUX / "torsend.1").read_text(encoding="utf-8")
    assert {each for each in COMMANDS if f".B {each}\n" not in manual} == {"version"}


def test_the_bill_of_materials_names_all_that_is_carried() -> None:
    script = (
        "import json, pins, sbom\n"
        "sbom._installed = lambda package: '1'  # of whoever builds\n"
        "assert sbom.bill('0') == sbom.bill('0')\n"
        "print(json.dumps(sbom.bill('0')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=PACKAGING, capture_output=True, text=True, timeout=60, check=True
    )
    bill = json.loads(done.stdout)
    names = {each["name"] for each in bill["components"]}
    assert {"tor", "obfs4proxy", "openssl", "pyside6-essentials", "sqlcipher3", "cffi", "python"} <= names
    assert "pywin32-ctypes" not in names  # of another system
    assert all(each["version"] and each["licenses"] for each in bill["components"])
