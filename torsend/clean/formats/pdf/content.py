"""A content stream (ISO 32000 section 7.8.2), operator by operator: what is known to draw is written anew, the rest goes.

Comments, names of resources, tags with their properties and operands too many do not come along; neither does what lies on a
layer that is switched off.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import pikepdf

from torsend.clean.formats.format import NotCleanable
from torsend.clean.formats.pdf.read import (
    is_array,
    is_fields,
    is_name,
    is_number,
    is_string,
    items,
    name,
    plain_name,
)
from torsend.clean.formats.pdf.write import written
from torsend.clean.report import Why

if TYPE_CHECKING:
    from collections.abc import Callable

    from torsend.clean.formats.pdf.text import Spoken
    from torsend.clean.formats.pdf.write import Name

NUMBERS = {
    **dict.fromkeys(("w", "J", "j", "M", "i", "Tc", "Tw", "Tz", "TL", "Tr", "Ts", "g", "G"), 1),
    **dict.fromkeys(("m", "l", "Td", "TD", "d0"), 2),
    **dict.fromkeys(("rg", "RG"), 3),
    **dict.fromkeys(("v", "y", "re", "k", "K"), 4),
    **dict.fromkeys(("cm", "c", "Tm", "d1"), 6),
    **dict.fromkeys(("h", "W", "W*", "BT", "ET", "T*", "n", "q", "Q"), 0),
    **dict.fromkeys(("S", "s", "f", "F", "f*", "B", "B*", "b", "b*"), 0),
}
"""Operators with numbers alone, and how many."""
FOLLOWED = frozenset(("BT", "cm", "q", "Q"))
"""What else moves text."""
PATHS = frozenset(
    ("q", "Q", "m", "l", "c", "v", "y", "re", "n", "S", "s", "f", "F", "f*", "B", "B*", "b", "b*")
)
"""What makes, fills and ends paths, and what changes the state in which they are filled."""
PAINTS = frozenset(("S", "s", "f", "F", "f*", "B", "B*", "b", "b*"))
DEVICE = frozenset(("DeviceGray", "DeviceRGB", "DeviceCMYK", "Pattern"))
INTENTS = frozenset(("AbsoluteColorimetric", "RelativeColorimetric", "Saturation", "Perceptual"))
MOST_COLOURANTS = 32
MOST_OPERANDS = 1000
"""Before one operator; the standard knows 33 at most."""


class Resources(Protocol):
    """The resources of one stream, as ``copy.ResourceCopy`` has them."""

    def use(self, kind: str, wanted: Any) -> Name | None:
        """The new name of a resource that the stream uses; None if there is none."""

    def inline(self, image: pikepdf.PdfInlineImage) -> Name | None:
        """The new name of an image that stood in the stream itself."""

    def is_off(self, wanted: Any) -> bool:
        """Whether the layer of these properties is switched off."""

    def is_form_off(self, wanted: Any) -> bool:
        """Whether this form or image is on a layer that is switched off."""

    def is_opaque(self, wanted: Any, *, before: bool) -> bool:
        """Whether what is filled in this state hides what lies under it."""

    def font(self, wanted: Any) -> Any:
        """The font's dictionary in the original, for its text."""


class _Operators(pikepdf.StreamParser):
    """Hands over each operator as soon as it is read: all at once they would take a hundred times the memory."""

    def __init__(
        self, step: Callable[[str, list[Any]], None], picture: Callable[[pikepdf.PdfInlineImage], None]
    ) -> None:
        super().__init__()
        self._take, self._picture = step, picture
        self._operands: list[Any] = []
        self._fields: list[Any] = []

    def handle_object(self, obj: Any, offset: int, length: int) -> None:  # noqa: ARG002  # qpdf's signature
        """One token."""
        if not isinstance(obj, pikepdf.Operator):
            self._operands.append(obj)
            if len(self._operands) > MOST_OPERANDS:
                raise NotCleanable(Why.DAMAGED)
            return
        operands, self._operands = self._operands, []
        operator = bytes(obj).decode("latin-1")
        match operator:
            case "BI":
                pass
            case "ID":
                self._fields = operands
            case "EI" if operands:
                image = pikepdf.PdfInlineImage(image_data=operands[-1], image_object=tuple(self._fields))
                self._picture(image)
            case _:
                self._take(operator, operands)

    def handle_eof(self) -> None:
        """Nothing is pending."""


@dataclass(slots=True)
class ContentCopy:
    """One stream on its way.

    Attributes:
        hidden: how many of the open marks are switched-off layers.
        marks: for each open mark, whether it is one of those, and whether its end is written.
        depth: states saved and not yet restored.
    """

    resources: Resources
    spoken: Spoken
    out: list[bytes] = field(default_factory=list)
    hidden: int = 0
    marks: list[tuple[bool, bool]] = field(default_factory=list)
    depth: int = 0
    was_hidden: bool = False

    def run(self, data: bytes) -> bytes:
        """The stream's new octets."""
        with pikepdf.new() as scratch:
            page = scratch.add_blank_page()
            page.obj["/Contents"] = scratch.make_stream(data)
            page.parse_contents(_Operators(self._step, self._picture))
        for _, is_written in reversed(self.marks):
            if is_written:
                self._write(b"EMC")
        self.out.extend([b"Q"] * self.depth)
        self.spoken.end()
        return b"\n".join(self.out) + b"\n"

    def _picture(self, image: pikepdf.PdfInlineImage) -> None:
        if not self.hidden and (new := self.resources.inline(image)) is not None:
            self._write(b"Do", new)

    def _step(self, operator: str, operands: list[Any]) -> None:
        count = NUMBERS.get(operator)
        if count is not None:
            self._plain(operator, operands[len(operands) - count :] if count else [], count)
            return
        match operator:
            case "Tj" | "TJ" | "'" | '"':
                self._show(operator, operands)
            case "Tf" if len(operands) >= 2 and is_number(operands[-1]):
                if (new := self.resources.use("Font", operands[-2])) is not None:
                    self.spoken.font(self.resources.font(operands[-2]), float(operands[-1]))
                    self._write(b"Tf", new, operands[-1])
            case "cs" | "CS" if operands:
                space = operands[-1] if plain_name(operands[-1]) in DEVICE else None
                new = name(space) if space is not None else self.resources.use("ColorSpace", operands[-1])
                if new is not None:
                    self._write(operator.encode(), new)
            case "sc" | "SC" | "scn" | "SCN":
                self._colour(operator, operands)
            case "gs" if operands:
                if (new := self.resources.use("ExtGState", operands[-1])) is not None:
                    self.spoken.cover.is_opaque = self.resources.is_opaque(
                        operands[-1], before=self.spoken.cover.is_opaque
                    )
                    self._write(b"gs", new)
            case "Do" if operands:
                self._do(operands[-1])
            case "sh" if operands and not self.hidden:
                if (new := self.resources.use("Shading", operands[-1])) is not None:
                    self._write(b"sh", new)
            case "d" if len(operands) >= 2 and is_array(operands[-2]) and is_number(operands[-1]):
                dashes = list(items(operands[-2]))
                if all(map(is_number, dashes)):
                    self._write(b"d", dashes, operands[-1])
            case "ri" if operands and plain_name(operands[-1]) in INTENTS:
                self._write(b"ri", name(operands[-1]))
            case "BMC" | "BDC":
                self._mark(operator, operands)
            case "EMC":
                if self.marks:
                    hides, is_written = self.marks.pop()
                    self.hidden -= hides
                    if is_written:
                        self._write(b"EMC")
            case _:
                pass  # MP, DP, BX, EX and whatever nobody knows: none of them draws

    def _plain(self, operator: str, operands: list[Any], count: int) -> None:
        if len(operands) != count or not all(map(is_number, operands)):
            return
        if operator == "q":
            self.depth += 1
            if self.depth > 4096:
                raise NotCleanable(Why.DAMAGED)
        elif operator == "Q":
            if not self.depth:
                return
            self.depth -= 1
        if operator in PATHS and not self.hidden:
            self.spoken.cover.path(operator, [float(each) for each in operands], self.spoken.page)
        if self.hidden and operator in PAINTS:
            operator = "n"  # the path still clips
        if operator[0] == "T" or operator in FOLLOWED:
            self.spoken.move(operator, operands)
        self._write(operator.encode(), *operands)

    def _show(self, operator: str, operands: list[Any]) -> None:
        if self.hidden or not operands:
            return
        last = operands[-1]
        if operator == "TJ":
            parts = [each for each in items(last) if is_string(each) or is_number(each)]
            shown = [bytes(each) if is_string(each) else each for each in parts]
            self.spoken.show(shown)
            self._write(b"TJ", shown)
            return
        if not is_string(last):
            return
        if operator == '"':
            if len(operands) < 3 or not all(map(is_number, operands[-3:-1])):
                return
            self.spoken.move("T*", [])
            self.spoken.show([bytes(last)])
            self._write(b'"', *operands[-3:-1], bytes(last))
            return
        if operator == "'":
            self.spoken.move("T*", [])
        self.spoken.show([bytes(last)])
        self._write(operator.encode(), bytes(last))

    def _colour(self, operator: str, operands: list[Any]) -> None:
        amounts = [each for each in operands if is_number(each)][:MOST_COLOURANTS]
        if operands and is_name(operands[-1]) and operator in ("scn", "SCN"):
            if (new := self.resources.use("Pattern", operands[-1])) is not None:
                self._write(operator.encode(), *amounts, new)
        elif amounts:
            self._write(operator.encode(), *amounts)

    def _do(self, wanted: Any) -> None:
        if self.hidden or self.resources.is_form_off(wanted):
            self.was_hidden = True
        elif (new := self.resources.use("XObject", wanted)) is not None:
            self._write(b"Do", new)

    def _mark(self, operator: str, operands: list[Any]) -> None:
        tag = plain_name(operands[0]) if operands else ""
        hides = is_written = False
        if operator == "BDC" and len(operands) >= 2:
            if tag == "OC" and self.resources.is_off(operands[-1]):
                hides = self.was_hidden = True
            elif tag == "Span" and not self.hidden and is_fields(operands[-1]):
                # What a reader copies instead of the letters drawn: part of the text, unlike all other properties.
                actual = operands[-1].get("/ActualText")
                if is_string(actual):
                    self.spoken.aside(str(actual))
                    self.out.append(b"/Span " + written({"ActualText": bytes(actual)}) + b" BDC")
                    is_written = True
        self.hidden += hides
        self.marks.append((hides, is_written))

    def _write(self, operator: bytes, *operands: Any) -> None:
        self.out.append(b" ".join([*map(written, operands), operator]))
