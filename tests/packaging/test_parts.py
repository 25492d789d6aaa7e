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


def in_packaging(script: str) -> str:
    """What the script prints, run beside the build's own modules."""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=PACKAGING, capture_output=True, text=True, timeout=60, check=False
    )
    return done.stdout + done.stderr


def test_the_values_of_the_product_stand_in_one_place() -> None:
    told = tomllib.loads((PACKAGING / "product.toml").read_text(encoding="utf-8"))
    metainfo = (LINUX / f"{told['id']}.metainfo.xml").read_text(encoding="utf-8")
    for part in (
        f"<id>{told['id']}</id>",
        f'type="homepage">{told["homepage"]}<',
        f"<name>{told['publisher']}</name>",
    ):
        assert part in metainfo
    project = tomllib.loads((PACKAGING.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["authors"] == [{"name": told["publisher"]}]


def test_a_release_is_refused_while_anything_is_a_placeholder() -> None:
    script = (
        "import dataclasses; from product import product\n"
        "held = product()\n"
        "try: held.check_release()\n"
        "except SystemExit as why: print(why)\n"
        "real = dict(id='net.wren.torsend', homepage='https://torsend.net/', email='a@torsend.net', sources='https://x.net/')\n"
        "dataclasses.replace(held, **real, placeholders=()).check_release(); print('released')\n"
        "dataclasses.replace(held, placeholders=()).check_release()\n"
    )
    said = in_packaging(script).splitlines()
    assert said[0].startswith(
        "No release yet: email, homepage, id, sources in product.toml are placeholders."
    )
    assert said[1] == "released"
    assert said[-1].startswith("No release yet: email, homepage, sources in")


def test_what_tells_of_the_builder_is_found_in_packed_modules_too(tmp_path: Path) -> None:
    script = (
        "import sys, zipfile; from pathlib import Path; from payload import traces\n"
        "built, folder = Path(sys.argv[1]), Path(sys.argv[2])\n"
        "(folder / 'plain').write_bytes(b'usr/lib'); print(traces.check(folder, [built]))\n"
        "with zipfile.ZipFile(folder / 'all.zip', 'w', zipfile.ZIP_DEFLATED) as to: to.writestr('a.pyc', f'x{built}/a.py')\n"
        "traces.check(folder, [built])\n"
    )
    folder = tmp_path / "payload"
    folder.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "builder"), str(folder)],
        cwd=PACKAGING, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.stdout == "1\n"
    assert f"(a.pyc) names a folder of the build: {tmp_path / 'builder'}" in done.stderr
    assert done.returncode == 1


def test_links_are_read_too(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path)
    place = f"Path({str(tmp_path)!r})"
    script = f"from pathlib import Path; from payload import traces; traces.check({place}, [{place}])"
    assert "link names a folder of the build" in in_packaging(script)
