"""Annotations (ISO 32000 section 12.5): links stay links, what is drawn is drawn into the page, remarks go.

Fields of forms, typed letters, drawings and stamps keep their looks and lose their makers, dates and data. Notes of a
reviewer and their windows are not the document: they go, and "What was removed" shows them.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from torsend.clean.formats.pdf.read import (
    is_fields,
    is_name,
    is_number,
    is_stream,
    is_string,
    items,
    name,
    numbers,
    plain_name,
    shown,
)
from torsend.clean.formats.pdf.write import Name, number
from torsend.clean.report import Trace

if TYPE_CHECKING:
    from torsend.clean.formats.pdf.copy import Copy, ResourceCopy
    from torsend.clean.formats.pdf.write import Fields, Value

HIDDEN = 2 | 32
"""Flags Hidden and NoView: not to be seen on a screen."""
REMARKS = frozenset(("Text", "Popup", "FileAttachment", "Sound", "Movie", "Screen", "3D", "RichMedia", "Redact", "TrapNet",
                     "PrinterMark", "Projection"))  # fmt: skip
TELLING = {
    "T": Trace.AUTHOR, "M": Trace.DATE, "CreationDate": Trace.DATE, "NM": Trace.IDENTIFIER, "Contents": Trace.COMMENT,
    "RC": Trace.COMMENT, "Subj": Trace.COMMENT, "TU": Trace.COMMENT, "FS": Trace.EMBEDDED, "AA": Trace.ACTIVE,
    "IRT": Trace.HISTORY, "A": Trace.ACTIVE,
}  # fmt: skip
MOST = 20_000
"""Annotations of one page."""
FITS = {"XYZ": 3, "Fit": 0, "FitH": 1, "FitV": 1, "FitR": 4, "FitB": 0, "FitBH": 1, "FitBV": 1}
_OPEN_LINK = re.compile(rb"(?i:https?://|mailto:)[\x21-\x7e\x80-\xff]{1,2000}")


class Targets:
    """Where links and outlines lead: names of destinations are resolved, so that none stays."""

    def __init__(self, catalog: Any, pages: dict[tuple[int, int], Any]) -> None:
        self._pages = pages
        self._named: dict[bytes, Any] = {}
        old = catalog.get("/Dests")
        if is_fields(old):
            for key in old.keys():  # noqa: SIM118  # no mapping
                self._named[key[1:].encode()] = old.get(key)
        names = catalog.get("/Names")
        if is_fields(names) and is_fields(names.get("/Dests")):
            self._gather(names.get("/Dests"))

    def place(self, wanted: Any) -> Value:
        """The destination spelled out; None if it leads nowhere in this document."""
        if is_string(wanted):
            wanted = self._named.get(bytes(wanted))
        elif is_name(wanted):
            wanted = self._named.get(str(wanted)[1:].encode())
        if is_fields(wanted):
            wanted = wanted.get("/D")
        row = list(items(wanted))
        if len(row) < 2 or not is_fields(row[0]) or row[0].objgen not in self._pages:
            return None
        fit = plain_name(row[1])
        if fit not in FITS:
            return None
        amounts: list[Value] = [each if is_number(each) else None for each in row[2 : 2 + FITS[fit]]]
        return [self._pages[row[0].objgen], name(row[1]), *amounts]

    def _gather(self, root: Any) -> None:
        pending = [root]
        seen: set[tuple[int, int]] = set()
        while pending and len(seen) < MOST:
            node = pending.pop()
            if node.is_indirect and node.objgen in seen:
                continue
            seen.add(node.objgen if node.is_indirect else (len(seen), -1))
            row = list(items(node.get("/Names")))
            for key, value in zip(row[::2], row[1::2], strict=False):
                if is_string(key):
                    self._named[bytes(key)] = value
            pending.extend(each for each in items(node.get("/Kids")) if is_fields(each))


class AnnotationCopy:
    """The annotations of one page."""

    def __init__(self, copy: Copy, targets: Targets, resources: ResourceCopy) -> None:
        self._copy = copy
        self._targets = targets
        self._resources = resources
        self.links: list[Value] = []
        self.drawn: list[bytes] = []
        """What is drawn over the page's own content."""

    def add(self, source: Any) -> None:
        """Takes one of them over, as far as it may come along."""
        kind = plain_name(source.get("/Subtype"))
        flags = source.get("/F")
        is_seen = not (type(flags) is int and flags & HIDDEN) and not self._copy.layers.is_off(
            source.get("/OC")
        )
        if kind == "Link":
            self._link(source)
            return
        self._tell(source, kind)
        if not is_seen or kind in REMARKS:
            return
        has_frame = source.objgen in self._copy.bare_fields and self._frame(source)
        if not self._draw(source) and not has_frame and kind != "Widget":
            # Readers draw something of their own for marks that bring no looks.
            self._copy.notes.remove(Trace.COMMENT, f"{kind} annotation")

    def _link(self, source: Any) -> None:
        notes = self._copy.notes
        for key in ("Contents", "NM", "M", "T"):
            if is_string(source.get(f"/{key}")):
                notes.remove(TELLING[key], f"link {key}", shown(source.get(f"/{key}")))
        box = numbers(source.get("/Rect"))
        if box is None or len(box) != 4:
            return
        out: Fields = {"Type": Name(b"/Annot"), "Subtype": Name(b"/Link"), "Rect": box}
        action = source.get("/A")
        if (place := self._targets.place(source.get("/Dest"))) is not None:
            out["Dest"] = place
        elif is_fields(action):
            if not self._action(action, out):
                return
        else:
            return
        if (border := numbers(source.get("/Border"))) is not None and len(border) == 3:
            out["Border"] = border
        for key in ("C", "QuadPoints"):
            if (row := numbers(source.get(f"/{key}"))) is not None:
                out[key] = row
        style = source.get("/BS")
        if is_fields(style):
            looks: Fields = {}
            if is_number(style.get("/W")):
                looks["W"] = style.get("/W")
            if plain_name(style.get("/S")) in ("S", "D", "B", "I", "U"):
                looks["S"] = name(style.get("/S"))
            if (dashes := numbers(style.get("/D"))) is not None:
                looks["D"] = dashes
            out["BS"] = looks
        if plain_name(source.get("/H")) in ("N", "I", "O", "P"):
            out["H"] = name(source.get("/H"))
        if is_fields(source.get("/AP")) and is_stream(source.get("/AP").get("/N")):
            self._draw(source)
        self.links.append(out)

    def _action(self, action: Any, out: Fields) -> bool:
        """What a click does, if it is one of the two things that a link may do."""
        notes = self._copy.notes
        kind = plain_name(action.get("/S"))
        if action.get("/Next") is not None:
            notes.remove(Trace.ACTIVE, "link Next")
        if kind == "GoTo" and (place := self._targets.place(action.get("/D"))) is not None:
            out["Dest"] = place
            return True
        target = action.get("/URI")
        if kind == "URI" and is_string(target):
            address = bytes(target)
            if _OPEN_LINK.fullmatch(address):
                out["A"] = {"S": Name(b"/URI"), "URI": address}
                notes.text(address.decode("utf-8", "replace") + "\n")
                return True
            notes.remove(Trace.PATH, "link URI", shown(target))
            return False
        file = action.get("/F")
        where = file if is_string(file) else file.get("/F") if is_fields(file) else None
        notes.remove(Trace.PATH if file is not None else Trace.ACTIVE, f"link {kind}", shown(where))
        return False

    def _tell(self, source: Any, kind: str) -> None:
        notes = self._copy.notes
        if kind in REMARKS and kind != "Popup":
            notes.remove(
                Trace.EMBEDDED if source.get("/FS") is not None else Trace.COMMENT, f"{kind} annotation"
            )
        for key, trace in TELLING.items():
            if kind == "FreeText" and key in ("Contents", "RC"):
                continue  # what is drawn, which stays
            holders = [source, source.get("/Parent")] if kind == "Widget" else [source]
            for holder in holders:
                value = holder.get(f"/{key}") if is_fields(holder) else None
                if value is not None:
                    notes.remove(trace, f"{kind} {key}", shown(value))
                    break

    def _draw(self, source: Any) -> bool:
        """The looks of an annotation become part of the page (ISO 32000 section 12.5.5), if it has any."""
        looks = source.get("/AP").get("/N") if is_fields(source.get("/AP")) else None
        if is_fields(looks) and not is_stream(looks):
            state = source.get("/AS")
            looks = looks.get(str(state)) if is_name(state) else None
        box, form = numbers(source.get("/Rect")), looks
        if not is_stream(form) or box is None or len(box) != 4:
            return False
        bounds = numbers(form.get("/BBox"))
        if bounds is None or len(bounds) != 4:
            return False
        matrix = numbers(form.get("/Matrix")) or [1, 0, 0, 1, 0, 0]
        placed = _placing(amounts(box), amounts(bounds), amounts(matrix))
        if placed is None:
            return False
        key = self._resources.attach(self._copy.form(form, self._resources))
        self.drawn.append(b"q\n" + _written(placed) + b" cm\n" + key + b" Do\nQ\n")
        return True

    def _frame(self, source: Any) -> bool:
        """The frame of an empty field, which readers draw by themselves (ISO 32000 section 12.5.6.19)."""
        looks = source.get("/MK")
        box = amounts(numbers(source.get("/Rect")) or [])
        colour = amounts(numbers(looks.get("/BC")) or []) if is_fields(looks) else []
        operator = {1: b"G", 3: b"RG", 4: b"K"}.get(len(colour))
        if len(box) != 4 or operator is None:
            return False
        left, right = sorted((box[0], box[2]))
        low, top = sorted((box[1], box[3]))
        place = _written([left + 0.5, low + 0.5, right - left - 1, top - low - 1])
        self.drawn.append(b"q\n%s %s\n1 w\n%s re\nS\nQ\n" % (_written(colour), operator, place))
        return True


def _written(row: list[float]) -> bytes:
    return b" ".join(number(Decimal(repr(each))) for each in row)


def amounts(row: list[Value]) -> list[float]:
    """Numbers to compute with."""
    return [float(each) for each in row if isinstance(each, int | Decimal)]


def _placing(box: list[float], bounds: list[float], matrix: list[float]) -> list[float] | None:
    """The matrix that brings a form's bounds, moved by its own matrix, into the annotation's box."""
    a, b, c, d, e, f = matrix
    corners = [(x, y) for x in (bounds[0], bounds[2]) for y in (bounds[1], bounds[3])]
    xs = [a * x + c * y + e for x, y in corners]
    ys = [b * x + d * y + f for x, y in corners]
    wide, high = max(xs) - min(xs), max(ys) - min(ys)
    if not wide or not high:
        return None
    left, right = sorted((box[0], box[2]))
    low, top = sorted((box[1], box[3]))
    across, up = (right - left) / wide, (top - low) / high
    return [across, 0.0, 0.0, up, left - min(xs) * across, low - min(ys) * up]
