"""The installer for Windows compiles here, around a payload that only stands in for the real one. That it installs, upgrades
and removes was seen with Wine; on Windows itself it was never run."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image
from PIL.IcoImagePlugin import IcoImageFile

import torsend

PACKAGING = Path(__file__).resolve().parents[2] / "packaging"
FILES = ("torsend.exe", "torsend-gui.exe", "lib/programs/tor.exe", "lib/a folder/Blätter $1.txt")
MAKE = """
import sys
from pathlib import Path
from windows import products
payload, work, into = map(Path, sys.argv[1:])
print(products.installer(payload, work, into))
"""


def make(payload: Path, place: Path) -> subprocess.CompletedProcess[str]:
    (place / "dist").mkdir(parents=True)
    return subprocess.run(
        [sys.executable, "-c", MAKE, str(payload), str(place / "work"), str(place / "dist")],
        cwd=PACKAGING, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def stand_in(payload: Path) -> Path:
    for number, name in enumerate(FILES):
        file = payload / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"MZ" + bytes([number]) * 100)
        os.utime(file, (1764115200, 1764115200))
    return payload


def test_the_installer_carries_the_payload_and_is_the_same_each_time(tmp_path: Path) -> None:
    payload = stand_in(tmp_path / "payload")
    made = [make(payload, tmp_path / place) for place in ("here", "in another place")]
    assert not any(each.returncode for each in made), made[0].stderr
    first, second = (Path(each.stdout.strip()) for each in made)
    assert first.name == f"torsend-{torsend.__version__}-windows-x64.exe"
    assert first.read_bytes() == second.read_bytes()
    told = subprocess.run(
        ["7z", "l", "-slt", str(first)], capture_output=True, text=True, timeout=60, check=True
    ).stdout
    carried = set(re.findall(r"^Path = (.+)$", told, re.MULTILINE))
    # 7-Zip finds the uninstaller in what NSIS 3.08 (Debian 12) makes, not in what 3.11 (Debian 13) does.
    assert set(FILES) <= carried
    assert not [each for each in carried - {*FILES, str(first), "uninstall.exe"} if "$PLUGINSDIR" not in each]
    subprocess.run(
        ["7z", "x", f"-o{tmp_path / 'out'}", str(first)], capture_output=True, timeout=60, check=True
    )
    for name in FILES:
        assert (tmp_path / "out" / name).read_bytes() == (payload / name).read_bytes()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda payload: (payload / "torsend.exe").unlink(), "The payload has no torsend.exe."),
        (lambda payload: (payload / "lib" / "a?b").touch(), "Windows can't have such files: ['lib/a?b']"),
        (lambda payload: (payload / "lib" / "link").symlink_to("a"), "Windows can't have such files"),
    ],
)
def test_what_windows_could_not_start_or_hold_is_refused(tmp_path: Path, change, said) -> None:  # type: ignore[no-untyped-def]
    payload = stand_in(tmp_path / "payload")
    change(payload)
    made = make(payload, tmp_path)
    assert made.returncode
    assert said in made.stderr


def test_nothing_is_written_outside_what_belongs_to_this_user() -> None:
    script = (PACKAGING / "windows" / "installer.nsi").read_text(encoding="utf-8")
    assert "RequestExecutionLevel user" in script
    assert not re.search(
        r"\b(HKLM|HKCR|HKEY_LOCAL_MACHINE|SHCTX|SetShellVarContext all|\$PROGRAMFILES)", script
    )
    # Whole folders are never removed: what the person keeps in them stays.
    assert "RMDir /r" not in script


def test_one_that_lies_elsewhere_goes_before_this_one_comes() -> None:
    """With ``/D``: else its files would stay, known to nobody. Seen under Wine; here that it is still asked for."""
    script = (PACKAGING / "windows" / "installer.nsi").read_text(encoding="utf-8")
    section = script[script.index("\nSection\n") :]
    order = [
        'ReadRegStr $R0 HKCU "${UNINSTALL}" "InstallLocation"',
        "ExecWait '\"$R0\\uninstall.exe\" /S /UPGRADE _?=$R0'",
        'Delete "$R0\\uninstall.exe"',
        'WriteUninstaller "$INSTDIR\\uninstall.exe"',
    ]
    assert [section.index(each) for each in order] == sorted(section.index(each) for each in order)


def test_all_that_is_registered_is_removed_again() -> None:
    script = (PACKAGING / "windows" / "installer.nsi").read_text(encoding="utf-8")
    install, remove = script.split("Function un.onInit")
    written = set(re.findall(r'WriteReg\w+ HKCU "([^"\\]+(?:\\[^"\\]+)*)"', install))
    removed = re.findall(r'DeleteReg\w+ HKCU "([^"]+)"', remove)
    assert written
    for key in written:
        assert any(key == each or key.startswith(f"{each}\\") for each in removed), key


def test_the_icons_hold_every_size(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; import program_icon as icon\n"
        "icon.ico(Path(sys.argv[1]) / 'a.ico'); icon.icns(Path(sys.argv[1]) / 'a.icns')\n"
        "print(sorted(icon.ICO_SIZES), sorted(icon.ICNS_SIZES))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], cwd=PACKAGING, capture_output=True, text=True, timeout=60,
        check=True,
    )  # fmt: skip
    with Image.open(tmp_path / "a.ico") as ico:
        assert isinstance(ico, IcoImageFile)
        sizes = sorted(ico.info["sizes"])
        for size in sizes:
            frame = ico.ico.getimage(size).convert("RGBA")
            # Its ground at the middle of the left edge, nothing in the corner.
            assert frame.size == size
            assert frame.getpixel((frame.width // 16, frame.height // 2)) == (0x1C, 0x1E, 0x20, 0xFF)
            assert frame.getpixel((0, 0)) == (0, 0, 0, 0) or frame.width < 32
    with Image.open(tmp_path / "a.icns") as icns:
        pixels = {width * scale for width, _, scale in icns.info["sizes"]}
        assert icns.convert("RGBA").getpixel((0, 512)) == (0, 0, 0, 0)
    assert done.stdout == f"{[width for width, _ in sizes]} {sorted(pixels)}\n"
