"""What the payload is on Windows and macOS, as far as it can be seen from here. Nothing of it was run there."""

from __future__ import annotations

import ast
import json
import plistlib
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

import torsend

PACKAGING = Path(__file__).resolve().parents[2] / "packaging"
#: Of the pinned wheels for Windows and macOS, and of Python's installers there: places in the bundle, and their names.
NAMES = {
    "lib/PySide6/Qt6Core.dll": "libQt6Core.so",
    "lib/PySide6/Qt/lib/QtCore.framework/Versions/A/QtCore": "libQt6Core.so",
    "lib/PySide6/pyside6.abi3.dll": "libpyside6.so",
    "lib/PySide6/libpyside6.abi3.6.11.dylib": "libpyside6.so",
    "lib/PySide6/msvcp140_1.dll": "libmsvcp.so",
    "lib/VCRUNTIME140.dll": "libvcruntime.so",
    "lib/pikepdf.libs/msvcp140-7c26614e1d733892c2deac7e245ce115.dll": "libmsvcp.so",
    "lib/pikepdf.libs/qpdf30-14efc7eef6c9cae2095b94960308fa11.dll": "libqpdf.so",
    "lib/PIL/.dylibs/libz.1.3.1.zlib-ng.dylib": "libz.so",
    "lib/PySide6/plugins/platforms/qwindows.dll": "platforms/libqwindows",
    "lib/PySide6/Qt/plugins/platforms/libqcocoa.dylib": "platforms/libqcocoa",
    "lib/PySide6/plugins/imageformats/qjpeg.dll": "imageformats/libqjpeg",
    "lib/PIL/_webp.cp311-win_amd64.pyd": "PIL/_webp",
    "lib/_cffi_backend.cp311-win_amd64.pyd": "_cffi_backend",
    "lib/cryptography/hazmat/bindings/_rust.pyd": "cryptography/hazmat/bindings/_rust",
    "lib/_ssl.pyd": "python/_ssl",
    "lib/python311.dll": "libpython.so",
    "lib/libcrypto-3.dll": "libcrypto.so",
    "lib/libffi-8.dll": "libffi.so",
    "lib/Python.framework/Versions/3.11/Python": "libpython.so",
    "lib/programs/tor.exe": "programs/tor",
    "torsend-gui.exe": "torsend-gui",
}
UNWANTED = (
    "PySide6/Qt6Network.dll", "PySide6\\Qt6Quick.dll", "PySide6/opengl32sw.dll", "PySide6/plugins/tls/qopensslbackend.dll",
    "PySide6/plugins/platforms/qdirect2d.dll", "PySide6/plugins/networkinformation/qnetworklistmanager.dll",
    "PySide6/Qt/lib/QtNetwork.framework/Versions/A/QtNetwork", "PySide6/Qt/lib/QtNetwork.framework/QtNetwork",
    "PySide6/Qt/plugins/tls/libqsecuretransportbackend.dylib", "PySide6/Qt/plugins/imageformats/libqmacheif.dylib",
    "PySide6/Qt/plugins/networkinformation/libqapplenetworkinformation.dylib", "PySide6/translations/qtbase_de.qm",
    "PySide6/Qt/lib/libQt6Network.so.6", "libQt6Qml.so.6", "PySide6/Qt/plugins/platforms/libqvnc.so", "libgtk-3.so.0",
)  # fmt: skip
WANTED = (
    "PySide6/Qt6Core.dll", "PySide6/Qt6Svg.dll", "PySide6/plugins/platforms/qwindows.dll",
    "PySide6/plugins/imageformats/qsvg.dll",
    "PySide6/plugins/styles/qmodernwindowsstyle.dll", "PySide6/plugins/platforms/qoffscreen.dll", "msvcp140.dll",
    "PySide6/Qt/lib/QtDBus.framework/Versions/A/QtDBus", "PySide6/Qt/plugins/platforms/libqcocoa.dylib",
    "PySide6/Qt/plugins/iconengines/libqsvgicon.dylib", "PySide6/Qt/plugins/platforms/libqxcb.so",
    "PySide6/Qt/lib/libQt6Gui.so.6",
)  # fmt: skip


def in_packaging(script: str, *arguments: str) -> Any:
    """What the script prints as JSON, run beside the build's own modules."""
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments], cwd=PACKAGING, capture_output=True, text=True, timeout=60, check=False
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_library_has_the_name_and_the_reason_that_it_has_on_linux() -> None:
    script = "import json, sys; from payload.origins import general; print(json.dumps([general(e) for e in sys.argv[1:]]))"
    assert dict(zip(NAMES, in_packaging(script, *NAMES), strict=True)) == NAMES
    reasons = tomllib.loads((PACKAGING / "payload" / "libraries.toml").read_text(encoding="utf-8"))
    known = {name for part in reasons.values() for name in part}
    assert set(NAMES.values()) <= known


def test_what_connects_is_left_out_on_every_system() -> None:
    script = "import json, sys; from payload.unwanted import is_wanted; print(json.dumps([*map(is_wanted, sys.argv[1:])]))"
    assert not any(in_packaging(script, *UNWANTED))
    assert all(in_packaging(script, *WANTED))


def test_tor_is_the_same_source_everywhere_and_each_source_can_be_had_without_apt() -> None:
    script = (
        "import json, pins\n"
        "print(json.dumps({s: {n: [p.kind, p.sha256, p.sha1] for n, p in pins.pins(s).items()} for s in "
        "('linux', 'windows', 'macos')}))"
    )
    told = in_packaging(script)
    assert told["linux"]["tor"] == told["windows"]["tor"] == told["macos"]["tor"]
    for system in ("windows", "macos"):
        assert set(told[system]) == {"tor", "openssl", "libevent", "zlib", "zstd"}
        assert all(kind == "source" and len(sha1) == 40 for kind, _, sha1 in told[system].values())
    assert told["linux"]["openssl"][0] == "linked"


def test_programs_made_from_other_pins_are_refused(tmp_path: Path) -> None:
    ready = tmp_path / "programs-windows"
    ready.mkdir()
    (ready / "tor.exe").write_bytes(b"MZ")
    script = (
        "import json, sys; from pathlib import Path; from payload import programs\n"
        "ready, work = Path(sys.argv[1]), Path(sys.argv[2]); told = []\n"
        "try: programs.made('windows', work, ready)\n"
        "except SystemExit as why: told.append(str(why))\n"
        "(ready.parent / 'programs-windows-stamp').write_text(programs._stamp('windows'))\n"
        "told.append((programs.made('windows', work, ready) / 'tor.exe').read_text()); print(json.dumps(told))"
    )
    assert in_packaging(script, str(ready), str(tmp_path / "work")) == [
        f"{ready} was made from other pins: make it again from this tree.",
        "MZ",
    ]


def test_macos_is_told_what_the_application_is() -> None:
    script = (
        "import json, plistlib; from macos.info import info\n"
        "print(json.dumps(plistlib.loads(plistlib.dumps(info()))))"
    )
    info = in_packaging(script)
    told = tomllib.loads((PACKAGING / "product.toml").read_text(encoding="utf-8"))
    assert info["CFBundleIdentifier"] == told["id"]
    assert info["CFBundleShortVersionString"] == torsend.__version__
    assert [each["CFBundleURLSchemes"] for each in info["CFBundleURLTypes"]] == [["mailto"]]
    assert info["NSHighResolutionCapable"] is True
    assert float(info["LSMinimumSystemVersion"]) >= 13
    # Nothing that would have it ask for, or be given, more than it needs.
    assert not [key for key in info if key.endswith("UsageDescription") or key == "NSAppTransportSecurity"]


def test_macos_is_asked_for_no_rights_but_one() -> None:
    entitlements = plistlib.loads((PACKAGING / "macos" / "entitlements.plist").read_bytes())
    assert entitlements == {"com.apple.security.cs.allow-unsigned-executable-memory": True}


@pytest.mark.parametrize(
    ("identity", "profile", "tools"),
    [
        ("", "", ["codesign --verify", "hdiutil create"]),
        ("Developer ID Application: X (Y)", "", ["codesign --verify", "hdiutil create", "codesign --sign"]),
        ("X", "torsend", ["codesign --verify", "hdiutil create", "codesign --sign", "xcrun notarytool", "xcrun stapler"]),
    ],
)  # fmt: skip
def test_the_disk_image_is_signed_only_with_a_real_identity(
    identity: str, profile: str, tools: list[str]
) -> None:
    script = (
        "import dataclasses, json, sys; from pathlib import Path; import product; from macos import products\n"
        "held = dataclasses.replace(product.product(), macos_identity=sys.argv[1], macos_notary_profile=sys.argv[2])\n"
        "products.made = lambda: held\n"
        "print(json.dumps(products.commands(Path('stage'), Path('a.dmg'))))"
    )
    commands = in_packaging(script, identity, profile)
    assert [" ".join(each[:2]) for each in commands] == tools
    assert not any("--force" in each for each in commands)


def test_the_properties_of_a_windows_program_are_what_pyinstaller_reads() -> None:
    script = "import json; from windows import version_resource as v; print(json.dumps([v.text(n) for n in v.DESCRIPTIONS]))"
    for text in in_packaging(script):
        tree = ast.parse(text.strip(), mode="eval")
        assert isinstance(tree.body, ast.Call)
        assert repr(torsend.__version__) in text


def test_nothing_that_is_signed_with_stands_in_the_tree() -> None:
    told = tomllib.loads((PACKAGING / "product.toml").read_text(encoding="utf-8"))
    assert told["macos_identity"] == told["macos_notary_profile"] == ""
