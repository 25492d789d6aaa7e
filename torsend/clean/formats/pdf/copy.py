"""Copies what a page needs to be drawn: resources, fonts, colours, patterns, forms. Each by the table of its type.

A key that is in no table does not come along. Resources get new names, and only those that are used come along.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pikepdf

from torsend.clean.formats.format import NotCleanable
from torsend.clean.formats.pdf.colour import ColourCopy
from torsend.clean.formats.pdf.content import ContentCopy
from torsend.clean.formats.pdf.font import FontCopy
from torsend.clean.formats.pdf.image import ImageCopy
from torsend.clean.formats.pdf.read import (
    DEEPEST,
    Reading,
    is_array,
    is_fields,
    is_name,
    is_number,
    is_stream,
    items,
    name,
    numbers,
    plain_name,
)
from torsend.clean.formats.pdf.text import FontText, Spoken, font_text
from torsend.clean.formats.pdf.write import Fields, Name, PdfWriter, Ref, Value
from torsend.clean.report import Left, Why

if TYPE_CHECKING:
    from torsend.clean.formats.format import Notes
    from torsend.clean.formats.pdf.cover import Box
    from torsend.clean.formats.pdf.layers import Layers

PREFIXES = {
    "Font": "F", "XObject": "X", "ExtGState": "G", "ColorSpace": "C", "Pattern": "P", "Shading": "S",
}  # fmt: skip
BLENDS = frozenset(
    [
        "Normal",
        "Compatible",
        "Multiply",
        "Screen",
        "Overlay",
        "Darken",
        "Lighten",
        "ColorDodge",
        "ColorBurn",
        "HardLight",
        "SoftLight",
        "Difference",
        "Exclusion",
        "Hue",
        "Saturation",
        "Color",
        "Luminosity",
    ]
)
FORM = frozenset(("BBox", "Matrix", "Group", "FormType"))
TILING = frozenset(("PatternType", "PaintType", "TilingType", "BBox", "XStep", "YStep", "Matrix"))
SHADING_PATTERN = frozenset(("PatternType", "Shading", "Matrix", "ExtGState"))
STATE_NUMBERS = ("LW", "LC", "LJ", "ML", "OPM", "FL", "SM", "CA", "ca")
STATE_FLAGS = ("OP", "op", "SA", "AIS", "TK")
STATE = frozenset((*STATE_NUMBERS, *STATE_FLAGS, "D", "RI", "Font", "BM", "SMask", "UseBlackPtComp"))


def whole(value: object) -> bool:
    return type(value) is int


class Copy(ColourCopy, FontCopy, ImageCopy):
    """Copies objects from one original to one writer; each indirect object once."""

    def __init__(self, reading: Reading, writer: PdfWriter, layers: Layers) -> None:
        self.reading = reading
        self.writer = writer
        self.layers = layers
        self.notes: Notes = reading.notes
        self.done: dict[tuple[Any, ...], Ref] = {}
        self.bare_fields: set[tuple[int, int]] = set()
        """Fields of a form that brought no looks of their own."""
        self.depth = 0
        self._count = 0
        self._texts: dict[tuple[int, int], FontText] = {}

    def once(self, kind: str, source: Any, make: Any, *more: Any) -> Ref:
        """The copy of an object, made by ``make(ref, source)`` when it is first asked for.

        The number is known before the copy is made, so that an object may name itself (a form within itself).
        """
        key = (kind, source.objgen, *more)
        if source.is_indirect and key in self.done:
            return self.done[key]
        ref = self.writer.allocate()
        if source.is_indirect:
            self.done[key] = ref
        self.depth += 1
        if self.depth > DEEPEST:
            raise NotCleanable(Why.DAMAGED)
        make(ref, source)
        self.depth -= 1
        return ref

    # --- forms, patterns, states --------------------------------------------------------------------------------

    def drawing(self, source: Any, resources: ResourceCopy, seen: Box | None = None) -> bytes:
        """A content stream, or several one after the other, rewritten.

        Args:
            seen: what of it is shown, where that is known.
        """
        parts = [
            self.reading.data(each)
            for each in (items(source) if is_array(source) else [source])
            if is_stream(each)
        ]
        spoken = Spoken(self.notes.text, self.text_of)
        content = ContentCopy(resources, spoken)
        data = content.run(b"\n".join(parts))
        if spoken.cover.hides or (seen is not None and spoken.cover.leave(seen)):
            self.notes.keep(Left.HIDDEN)
        if content.was_hidden:
            self.layers.note(self.notes)
        return data

    def text_of(self, font: Any) -> FontText:
        """The font's tables, read once."""
        key = font.objgen
        if not font.is_indirect or key not in self._texts:
            text = font_text(font, self.reading)
            if not font.is_indirect:
                return text
            self._texts[key] = text
        return self._texts[key]

    def form(self, source: Any, outer: ResourceCopy) -> Ref:
        """A form XObject. One without resources of its own uses those of the page (PDF 1.1)."""
        own = source.get("/Resources")
        more = () if is_fields(own) else outer.key
        return self.once("form", source, lambda ref, form: self._form(ref, form, outer), *more)

    def _form(self, ref: Ref, source: Any, outer: ResourceCopy) -> None:
        self.reading.left_behind(source, FORM, "form")
        resources = self.resources(source.get("/Resources"), outer)
        data = self.drawing(source, resources)
        fields: Fields = {
            "Type": Name(b"/XObject"),
            "Subtype": Name(b"/Form"),
            "BBox": self._box(source.get("/BBox")),
            **self._matrix(source),
        }
        group = source.get("/Group")
        if is_fields(group):
            fields["Group"] = self.group(group)
        self.writer.put_stream(ref, {**fields, "Resources": resources.fields()}, data)

    def group(self, source: Any) -> Value:
        """A transparency group."""
        out: Fields = {"Type": Name(b"/Group"), "S": Name(b"/Transparency")}
        if source.get("/CS") is not None and (space := self.colour_space(source.get("/CS"))) is not None:
            out["CS"] = space
        for key in ("I", "K"):
            if isinstance(source.get(f"/{key}"), bool):
                out[key] = bool(source.get(f"/{key}"))
        return out

    def pattern(self, source: Any) -> Ref:
        return self.once("pattern", source, self._pattern)

    def _pattern(self, ref: Ref, source: Any) -> None:
        fields: Fields = {"Type": Name(b"/Pattern"), **self._matrix(source)}
        if source.get("/PatternType") == 2:
            self.reading.left_behind(source, SHADING_PATTERN, "pattern")
            shading = source.get("/Shading")
            if not is_fields(shading):
                raise NotCleanable(Why.DAMAGED)
            fields |= {"PatternType": 2, "Shading": self.shading(shading)}
            if is_fields(source.get("/ExtGState")):
                fields["ExtGState"] = self.state(source.get("/ExtGState"))
            self.writer.put(ref, fields)
            return
        if not is_stream(source):
            raise NotCleanable(Why.DAMAGED)
        self.reading.left_behind(source, TILING, "pattern")
        resources = self.resources(source.get("/Resources"), None)
        data = self.drawing(source, resources)
        for key in ("PatternType", "PaintType", "TilingType"):
            fields[key] = source.get(f"/{key}") if whole(source.get(f"/{key}")) else 1
        for key in ("XStep", "YStep"):
            fields[key] = source.get(f"/{key}") if is_number(source.get(f"/{key}")) else 1
        fields |= {"BBox": self._box(source.get("/BBox")), "Resources": resources.fields()}
        self.writer.put_stream(ref, fields, data)

    def state(self, source: Any) -> Ref:
        """A graphics state."""
        return self.once("state", source, self._state)

    def _state(self, ref: Ref, source: Any) -> None:
        self.reading.left_behind(source, STATE, "graphics state")
        out: Fields = {"Type": Name(b"/ExtGState")}
        for key in STATE_NUMBERS:
            if is_number(source.get(f"/{key}")):
                out[key] = source.get(f"/{key}")
        for key in STATE_FLAGS:
            if isinstance(source.get(f"/{key}"), bool):
                out[key] = bool(source.get(f"/{key}"))
        dash = list(items(source.get("/D")))
        if len(dash) == 2 and (lengths := numbers(dash[0])) is not None and is_number(dash[1]):
            out["D"] = [lengths, dash[1]]
        blend = source.get("/BM")
        for each in [blend] if is_name(blend) else items(blend):
            if plain_name(each) in BLENDS:
                out["BM"] = name(each)
                break
        font = list(items(source.get("/Font")))
        if len(font) == 2 and is_fields(font[0]) and is_number(font[1]):
            out["Font"] = [self.font(font[0], None), font[1]]
        mask = source.get("/SMask")
        if plain_name(mask) == "None":
            out["SMask"] = Name(b"/None")
        elif is_fields(mask) and is_stream(mask.get("/G")):
            out["SMask"] = self._soft_mask(mask)
        self.writer.put(ref, out)

    def _soft_mask(self, source: Any) -> Value:
        kind = plain_name(source.get("/S"))
        mask: Fields = {
            "S": Name(b"/Alpha" if kind == "Alpha" else b"/Luminosity"),
            "G": self.form(source.get("/G"), self.resources(None, None)),
        }
        if (back := numbers(source.get("/BC"))) is not None:
            mask["BC"] = back
        if is_fields(source.get("/TR")):
            mask["TR"] = self.function(source.get("/TR"))
        return mask

    def resources(self, source: Any, outer: ResourceCopy | None) -> ResourceCopy:
        """The resources of a stream."""
        self._count += 1
        return ResourceCopy(
            self, source if is_fields(source) else outer.source if outer else None, self._count
        )

    def _box(self, value: Any) -> Value:
        box = numbers(value)
        if box is None or len(box) != 4:
            raise NotCleanable(Why.DAMAGED)
        return box

    def _matrix(self, source: Any) -> Fields:
        matrix = numbers(source.get("/Matrix"))
        return {"Matrix": matrix} if matrix is not None and len(matrix) == 6 else {}


@dataclass(slots=True)
class ResourceCopy:
    """The resources of one stream, as far as it uses them, under new names."""

    copy: Copy
    source: Any
    number: int
    _used: dict[tuple[str, bytes], Name | None] = field(default_factory=dict)
    _new: dict[str, Fields] = field(default_factory=dict)

    @property
    def key(self) -> tuple[Any, ...]:
        """Tells these resources from others'."""
        if self.source is not None and self.source.is_indirect:
            return (self.source.objgen,)
        return (self.number,)

    def use(self, kind: str, wanted: Any) -> Name | None:
        """The new name, ``/F1``, ``/X1`` …; None if there is no such resource or nothing of it may come along."""
        if not is_name(wanted):
            return None
        place = (kind, wanted.unparse(resolved=True))
        if place not in self._used:
            self._used[place] = None  # while it is being copied it may ask for itself
            found = self._find(kind, wanted)
            made = None if found is None else self._make(kind, found)
            self._used[place] = None if made is None else self._add(kind, made)
        return self._used[place]

    def inline(self, image: pikepdf.PdfInlineImage) -> Name | None:
        """An image that stood in the stream becomes one like the others."""
        source = image.obj
        space = source.get("/ColorSpace")
        if is_name(space) and (found := self._find("ColorSpace", space)) is not None:
            source["/ColorSpace"] = found
        ref = self.copy.writer.allocate()
        self.copy.image_data(ref, source, image.read_raw_bytes())
        return self._add("XObject", ref)

    def attach(self, made: Ref) -> Name:
        """A name for a form that is drawn here though the stream did not name it."""
        return self._add("XObject", made)

    def is_off(self, wanted: Any) -> bool:
        """Whether these properties, by name or spelled out, are a layer that is switched off."""
        return self.copy.layers.is_off(self._find("Properties", wanted) if is_name(wanted) else wanted)

    def is_form_off(self, wanted: Any) -> bool:
        """Whether what is drawn by this name is on such a layer."""
        found = self._find("XObject", wanted)
        return found is not None and self.copy.layers.is_off(found.get("/OC"))

    def is_opaque(self, wanted: Any, *, before: bool) -> bool:
        """Whether what is filled in this state hides what lies under it."""
        state = self._find("ExtGState", wanted)
        if state is None:
            return before
        if state.get("/ca") is None and state.get("/BM") is None:
            return before
        return state.get("/ca") in (None, 1) and plain_name(state.get("/BM")) in ("", "Normal", "Compatible")

    def font(self, wanted: Any) -> Any:
        """The font in the original."""
        return self._find("Font", wanted)

    def fields(self) -> Value:
        """The dictionary of resources, complete once the stream was copied."""
        spaces = self.source.get("/ColorSpace") if self.source is not None else None
        for default in ("DefaultGray", "DefaultRGB", "DefaultCMYK"):
            if is_fields(spaces) and (space := spaces.get(f"/{default}")) is not None:
                made = self.copy.colour_space(space)
                if made is not None:
                    self._new.setdefault("ColorSpace", {})[default] = made
        return {kind: dict(entries) for kind, entries in sorted(self._new.items())}

    def _add(self, kind: str, made: Value) -> Name:
        entries = self._new.setdefault(kind, {})
        key = f"{PREFIXES[kind]}{len(entries) + 1}"
        entries[key] = made
        return Name(b"/" + key.encode())

    def _find(self, kind: str, wanted: Any) -> Any:
        entries = self.source.get(f"/{kind}") if self.source is not None else None
        if not is_fields(entries) or not is_name(wanted):
            return None
        found = entries.get(str(wanted))
        return found if is_fields(found) or kind == "ColorSpace" else None

    def _make(self, kind: str, found: Any) -> Value:
        copy = self.copy
        match kind:
            case "Font":
                return copy.font(found, self)
            case "ExtGState":
                return copy.state(found)
            case "ColorSpace":
                return copy.colour_space(found)
            case "Pattern":
                return copy.pattern(found)
            case "Shading":
                return copy.shading(found)
            case _:
                if not is_stream(found):
                    return None
                subtype = plain_name(found.get("/Subtype"))
                if subtype == "Form":
                    return copy.form(found, self)
                return copy.image(found) if subtype == "Image" else None
