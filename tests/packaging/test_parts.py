"""The parts of the installers fit together. That they install and run, ``packaging/fresh.py`` shows."""

from __future__ import annotations

import ast
import hashlib
import json
import re
import struct
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

from PySide6.QtCore import qVersion

import torsend
from torsend.cli.parser import COMMANDS, build

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


def test_the_manual_has_the_date_of_the_release_and_no_fault_of_form() -> None:
    date = re.search(
        r'<release version="\S+" date="(\S+)"', (LINUX / "org.torsend.torsend.metainfo.xml").read_text()
    )
    assert date
    assert f".TH TORSEND 1 {date[1]} " in (LINUX / "torsend.1").read_text(encoding="utf-8")
    done = subprocess.run(
        ["man", "-l", "--warnings=w", str(LINUX / "torsend.1")], env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert done.stderr == ""


def test_the_manual_names_every_option_for_all() -> None:
    manual = (LINUX / "torsend.1").read_text(encoding="utf-8").replace("\\-", "-")
    options = [each for action in build()._actions for each in action.option_strings]
    assert {each for each in options if each not in manual} == {"--version"}


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
    assert bill["dependencies"][0]["dependsOn"] == [each["bom-ref"] for each in bill["components"]]
    urls = {each["name"]: each["purl"] for each in bill["components"]}
    assert urls["obfs4proxy"] == "pkg:deb/debian/obfs4proxy@0.0.14-2%2Bb5?distro=trixie"
    assert urls["zstd"].startswith("pkg:deb/debian/libzstd-dev@1")
    assert urls["tor"].startswith("pkg:generic/tor@0.")
    # No lock names what a wheel's makers linked in: of OpenSSL alone there are several.
    inner = {
        (each["name"], found["name"]): found["version"]
        for each in bill["components"] for found in each.get("components", ())
    }  # fmt: skip
    assert inner["pyside6-essentials", "qt"] == qVersion()
    assert {("sqlcipher3", "openssl"), ("cryptography", "openssl"), ("lxml", "libxml2")} <= inner.keys()


def test_a_wheel_that_no_longer_says_what_it_brings_ends_the_build() -> None:
    script = (
        "import wheels_within as inner\n"
        "inner._KNOWN = {'a': (('b', 'MIT', lambda: None),)}\n"
        "print(list(inner.within('other')), list(inner.within('a')))"
    )
    assert "a doesn't say which b it brings: 'None'" in in_packaging(script)


def test_what_debian_has_a_newer_one_of_comes_from_its_archive(tmp_path: Path) -> None:
    """So a release can be built again years later, and says so where it can't."""
    script = f"""
import io, sys, urllib.request
from dataclasses import replace
from pathlib import Path
from hashlib import sha256
from payload import sources
from pins import pins
folder = Path({str(tmp_path)!r})
sources._private_apt = lambda *_, **__: ["false"]
pin = replace(pins()["obfs4proxy"], file="old.deb", sha256=sha256(b"old").hexdigest(), sha1="5a" * 20)
asked = []
def archive(url, timeout):
    asked.append(url)
    return io.BytesIO(b"old")
urllib.request.urlopen = archive
print(sources.fetched(pin, folder).read_bytes(), asked)
def away(url, timeout):
    raise OSError("no route")
urllib.request.urlopen = away
for gone in (replace(pin, file="gone.deb"), replace(pin, file="gone.deb", sha1="")):
    try:
        sources.fetched(gone, folder)
    except SystemExit as why:
        print(why)
"""
    first, *others = in_packaging(script).splitlines()
    assert first == f"b'old' ['https://snapshot.debian.org/file/{'5a' * 20}']"
    assert [each.partition(".deb ")[2].partition(":")[0] for each in others] == [
        "is neither with the distribution nor at https",
        "can be had by Debian's apt alone, and that no longer has it. Renew its pin in packaging/pins.toml.",
    ]


def test_texts_of_ours_are_whole() -> None:
    """BSD licences ask for their disclaimer, not for their conditions alone."""
    for text in (PACKAGING / "licences").rglob("*.txt"):
        told = text.read_text(encoding="utf-8")
        assert "the following disclaimer" not in told or "AS IS" in told, text


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


def test_the_text_of_windows_programs_is_read_too(tmp_path: Path) -> None:
    (tmp_path / "torsend.exe").write_bytes(b"MZ" + str(tmp_path).encode("utf-16-le"))
    place = f"Path({str(tmp_path)!r})"
    script = f"from pathlib import Path; from payload import traces; traces.check({place}, [{place}])"
    assert f"torsend.exe names a folder of the build: {tmp_path}" in in_packaging(script)


def test_links_are_read_too(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path)
    place = f"Path({str(tmp_path)!r})"
    script = f"from pathlib import Path; from payload import traces; traces.check({place}, [{place}])"
    assert "link names a folder of the build" in in_packaging(script)


def test_the_flatpak_may_reach_nothing_but_what_it_needs(tmp_path: Path) -> None:
    archive = tmp_path / "torsend-0-linux-amd64.tar.xz"
    archive.write_bytes(b"payload")
    script = (
        "import sys, json; from pathlib import Path; from linux import products, flatpak\n"
        "texts = [source.read_text() for source in products.DESKTOP_FILES]\n"
        "print(json.dumps(flatpak.manifest(Path(sys.argv[1]), *texts)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(archive)],
        cwd=PACKAGING,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    told = json.loads(done.stdout)
    name = tomllib.loads((PACKAGING / "product.toml").read_text(encoding="utf-8"))["id"]
    assert told["id"] == name
    assert not [
        each for each in told["finish-args"] if "filesystem" in each or "bus" in each.partition("=")[0]
    ]
    assert "--talk-name=org.freedesktop.secrets" in told["finish-args"]
    (module,) = told["modules"]
    source, *files = module["sources"]
    assert source["sha256"] == hashlib.sha256(b"payload").hexdigest()
    assert source["path"] == archive.name
    for each in files:
        assert each["dest-filename"].startswith(f"{name}.")
        assert sum(each["dest-filename"] in command for command in module["build-commands"]) == 1
        (tmp_path / each["dest-filename"]).write_text(each["contents"], encoding="utf-8")
    assert f"Icon={name}\n" in files[0]["contents"]
    for command in (
        ["desktop-file-validate", str(tmp_path / f"{name}.desktop")],
        ["appstreamcli", "validate", "--no-net", str(tmp_path / f"{name}.metainfo.xml")],
    ):
        checked = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert checked.returncode == 0, checked.stdout + checked.stderr
    assert f">{name}.desktop<" in files[1]["contents"]


def icu(items: dict[str, bytes]) -> bytes:
    """A package of ICU's as its own tools write it."""
    head = struct.pack("<HBBHHBBBB4s", 32, 0xDA, 0x27, 20, 0, 0, 0, 2, 0, b"CmnD").ljust(32, b"\0")
    names, table, body = b"", b"", b""
    begin = (4 + 8 * len(items) + sum(len(name) + 1 for name in items) + 15) // 16 * 16
    for name, item in items.items():
        table += struct.pack("<II", 4 + 8 * len(items) + len(names), begin + len(body))
        names += name.encode() + b"\0"
        body += item + bytes(-len(item) % 16)
    return head + (struct.pack("<I", len(items)) + table + names).ljust(begin, b"\0") + body


def test_icu_keeps_what_qt_asks_for(tmp_path: Path) -> None:
    whole = {"icudt73l/coll/sv.res": b"sorting", "icudt73l/ibm-1.cnv": b"c" * 40, "icudt73l/nfc.nrm": b"n" * 17,
             "icudt73l/zone/de.res": b"z"}  # fmt: skip
    (tmp_path / "whole").write_bytes(icu(whole))
    script = (
        "import sys; from pathlib import Path; from payload import icu\n"
        "data = Path(sys.argv[1]).read_bytes(); less = icu.package(data, icu.KEPT)\n"
        "assert icu.package(less, icu.KEPT) == less\n"
        "print({name: item.rstrip(bytes(1)) for name, item in icu.items(less).items()})\n"
        "icu.items(data[1:])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "whole")], cwd=PACKAGING, capture_output=True, text=True,
        timeout=60, check=False,
    )  # fmt: skip
    assert ast.literal_eval(done.stdout) == {name: whole[name] for name in list(whole)[::2]}
    assert "ValueError: not a package of ICU's" in done.stderr


def test_a_library_is_known_by_a_name_that_no_version_changes() -> None:
    names = {
        "lib/pillow.libs/libjpeg-6dc8d115.so.62.4.0": "libjpeg.so",
        "lib/PySide6/libpyside6.abi3.so.6.11": "libpyside6.so",
        "lib/libpython3.11.so.1.0": "libpython3.11.so",
        "lib/python3.11/lib-dynload/_ssl.cpython-311-x86_64-linux-gnu.so": "python/_ssl",
        "lib/PySide6/Qt/plugins/platforms/libqxcb.so": "platforms/libqxcb",
        "lib/PIL/_webp.cpython-311-x86_64-linux-gnu.so": "PIL/_webp",
        "lib/programs/tor": "programs/tor",
        "torsend": "torsend",
    }
    said = in_packaging(
        f"from payload.origins import general; print([general(each) for each in {list(names)!r}])"
    )
    assert ast.literal_eval(said) == list(names.values())


def test_what_nobody_listed_or_licensed_ends_the_build(tmp_path: Path) -> None:
    payload, work = tmp_path / "payload", tmp_path / "analysis" / "torsend"
    (payload / "lib").mkdir(parents=True)
    work.mkdir(parents=True)
    for name in ("libnew.so.1", "libz.so.1"):
        (payload / "lib" / name).write_bytes(b"\x7fELF")
    (work / "COLLECT-00.toc").write_text(repr([("libz.so.1", str(tmp_path / "libz.so.1"), "BINARY")]))
    script = f"from pathlib import Path; from payload.origins import carried; carried(Path({str(payload)!r}), Path({str(tmp_path / 'analysis')!r}))"  # noqa: E501
    said = in_packaging(script)
    assert "lib/libnew.so.1: nothing says under which licence it stands" in said
    assert "lib/libz.so.1: nothing says under which licence it stands" in said
    ours = f"import payload.origins as o; o._component = lambda *_: 1\n{script}"
    assert "lib/libnew.so.1: nothing says what it is for: 'libnew.so'" in in_packaging(ours)


def test_every_reason_is_a_sentence_and_every_text_of_ours_belongs_to_a_package() -> None:
    reasons = tomllib.loads((PACKAGING / "payload" / "libraries.toml").read_text(encoding="utf-8"))
    assert all(why.endswith(".") for part in reasons.values() for why in part.values())
    folders = {each.name for each in (PACKAGING / "licences").iterdir() if each.is_dir()}
    # `common` are the texts that several share, for systems where no distribution has them.
    assert folders - {"common"} <= {normal(name) for name in pins()["python"]}


def test_the_checksums_are_those_of_what_was_built_and_can_be_checked(tmp_path: Path) -> None:
    built = [tmp_path / name for name in ("torsend-0.AppImage", "torsend_0.deb")]
    for each in built:
        each.write_bytes(each.name.encode())
    (tmp_path / "torsend-older.deb").write_bytes(b"of another build")
    script = f"import build; from pathlib import Path; build._sums(Path({str(tmp_path)!r}), [Path(e) for e in {[str(e) for e in built]!r}])"  # noqa: E501
    assert in_packaging(script) == ""
    checked = subprocess.run(
        ["sha256sum", "--check", "SHA256SUMS"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert checked.stdout == "torsend-0.AppImage: OK\ntorsend_0.deb: OK\n"
