"""What goes around the payload on Windows: an installer by NSIS, for one person, without an administrator.

``installer.nsi`` says what it does; what it carries and how it calls itself is written here into two files that it takes in.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import program_icon
from pins import epoch
from product import product as made
from product import version

HERE = Path(__file__).resolve().parent
SCRIPT = HERE / "installer.nsi"
PLACES = tuple(
    Path(os.environ.get(name, "")) / "NSIS" / "makensis.exe" for name in ("ProgramFiles(x86)", "ProgramFiles")
)
"""Where its own installer puts it, if it isn't on the PATH."""
PROGRAMS = ("torsend.exe", "torsend-gui.exe")
"""One for the command line, one that opens no console."""
_NO_NAME = re.compile(r'["*?<>|\x00-\x1f]')


def installer(payload: Path, work: Path, into: Path) -> Path:
    """The installer: bit-identical for the same payload.

    Raises:
        SystemExit: the payload lacks a program, has a name that can't be carried, or the script doesn't compile.
    """
    product = into / f"torsend-{version()}-windows-x64.exe"
    stage = work / "windows"
    shutil.rmtree(stage, ignore_errors=True)
    stage.mkdir(parents=True)
    program_icon.ico(stage / "torsend.ico")
    # A file's date goes along with it.
    os.utime(program_icon.side(stage / "side.bmp"), (epoch(), epoch()))
    (stage / "values.nsh").write_text(_values(payload, product), encoding="utf-8-sig")
    (stage / "files.nsh").write_text(_files(payload), encoding="utf-8-sig")
    done = subprocess.run(
        [_makensis(), "-V2", "-WX", "-NOCD", "-INPUTCHARSET", "UTF8", str(SCRIPT)],
        cwd=stage, env={**os.environ, "SOURCE_DATE_EPOCH": str(epoch())}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(f"The installer could not be made:\n{done.stdout}{done.stderr}")
    return product


def _makensis() -> str:
    found = shutil.which("makensis") or next((str(each) for each in PLACES if each.is_file()), None)
    if found is None:
        raise SystemExit("makensis is missing: install NSIS 3.")
    return found


def _values(payload: Path, product: Path) -> str:
    """How it calls itself."""
    size = sum(each.stat().st_size for each in payload.rglob("*") if each.is_file()) // 1024
    values = {
        "NAME": made().name,
        "VERSION": version(),
        # Windows wants four numbers.
        "VERSION_NUMBERS": ".".join([*re.findall(r"\d+", version()), "0", "0", "0", "0"][:4]),
        "PUBLISHER": made().publisher,
        "HOMEPAGE": made().homepage,
        "SIZE_KIB": str(size),
        "PRODUCT": str(product.resolve()),
    }
    return "".join(f'!define {name} "{_quoted(value)}"\n' for name, value in values.items())


def _files(payload: Path) -> str:
    """Two macros: one that puts each file in its place, one that removes these and nothing else."""
    files = sorted(each for each in payload.rglob("*") if not each.is_dir())
    folders = sorted((each for each in payload.rglob("*") if each.is_dir()), reverse=True)
    names = {each: each.relative_to(payload).as_posix() for each in [*files, *folders]}
    if lacking := [each for each in PROGRAMS if each not in names.values()]:
        raise SystemExit(f"The payload has no {', '.join(lacking)}.")
    if odd := [name for each, name in names.items() if _NO_NAME.search(name) or each.is_symlink()]:
        raise SystemExit(f"Windows can't have such files: {odd}")
    lines = ["!macro PutFiles"]
    folder = None
    for each in files:
        if each.parent != folder:
            folder = each.parent
            lines.append(f'SetOutPath "{_installed(folder.relative_to(payload).as_posix())}"')
        lines.append(f'File "/oname={_quoted(each.name)}" "{each.resolve()}"')
    lines += ["!macroend", "!macro RemoveFiles"]
    lines += [f'Delete "{_installed(names[each])}"' for each in files]
    # Without /r: a folder in which the person keeps something of their own stays.
    lines += [f'RMDir "{_installed(names[each])}"' for each in folders]
    return "\n".join([*lines, "!macroend", ""])


def _installed(name: str) -> str:
    return "\\".join(["$INSTDIR", *(_quoted(part) for part in name.split("/") if part != ".")])


def _quoted(text: str) -> str:
    """As it stands within double quotes in NSIS."""
    return text.replace("$", "$$").replace('"', '$\\"')


ALL = (installer,)
