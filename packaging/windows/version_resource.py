"""What Windows shows of a program under Properties, Details: as PyInstaller reads it."""

from __future__ import annotations

import re

from product import product, version

DESCRIPTIONS = {"torsend": "Torsend, on the command line", "torsend-gui": "Torsend"}


def text(name: str) -> str:
    """The resource of one of the programs.

    Args:
        name: ``torsend`` or ``torsend-gui``.
    """
    numbers = tuple(int(each) for each in [*re.findall(r"\d+", version()), "0", "0", "0", "0"][:4])
    strings = {
        "CompanyName": product().publisher,
        # Task Manager and the question for permission show this one.
        "FileDescription": DESCRIPTIONS[name],
        "FileVersion": version(),
        "LegalCopyright": "GPL-3.0-or-later",
        "OriginalFilename": f"{name}.exe",
        "ProductName": product().name,
        "ProductVersion": version(),
    }
    rows = ", ".join(f"StringStruct({key!r}, {value!r})" for key, value in strings.items())
    # 0x0409, 1200: English, Unicode. The date stays 0, which means none.
    return (
        f"VSVersionInfo(ffi=FixedFileInfo(filevers={numbers}, prodvers={numbers}, mask=0x3F, flags=0x0, OS=0x40004, "
        f"fileType=0x1, subtype=0x0, date=(0, 0)), kids=[StringFileInfo([StringTable('040904B0', [{rows}])]), "
        "VarFileInfo([VarStruct('Translation', [0x0409, 1200])])])\n"
    )
