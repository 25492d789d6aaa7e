"""Tables in OpenDocument texts, and their automatic styles: named in the language of the program (``Tabelle1.A2``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torsend.clean.formats.odf_names import DRAW, OFFICE, STYLE, TABLES

if TYPE_CHECKING:
    from torsend.clean.formats.xml_part import Element

_NAME = f"{{{TABLES}}}name"
_CHARTED = f"{{{DRAW}}}notify-on-update-of-ranges"
_STYLE_NAME = f"{{{TABLES}}}style-name"


def rename(root: Element) -> None:
    """New names by order. In spreadsheets nothing is done: there names are seen, and formulas use them."""
    if root.find(f"{{{OFFICE}}}body/{{{OFFICE}}}spreadsheet") is not None:
        return
    names: dict[str, str] = {}
    for automatic in root.iter(f"{{{OFFICE}}}automatic-styles"):
        for style in automatic.iterchildren(f"{{{STYLE}}}style"):
            if style.get(f"{{{STYLE}}}family", "").startswith("table") and (
                old := style.get(f"{{{STYLE}}}name")
            ):
                style.set(f"{{{STYLE}}}name", names.setdefault(old, f"Table.{len(names) + 1}"))
    for each in root.iter():
        if (used := names.get(each.get(_STYLE_NAME, ""))) is not None:
            each.set(_STYLE_NAME, used)
    if any(each.get(f"{{{TABLES}}}formula") or each.get(_CHARTED) for each in root.iter()):
        # Formulas and charts name tables.
        return
    for number, table in enumerate(root.iter(f"{{{TABLES}}}table"), 1):
        if _NAME in table.attrib:
            table.set(_NAME, f"Table{number}")
