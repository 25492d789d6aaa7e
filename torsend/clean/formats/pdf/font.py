"""Fonts (ISO 32000 section 9): dictionaries by table, programs through ``fontfile``, CMaps written anew."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pikepdf

from torsend.clean.formats.format import NotCleanable
from torsend.clean.formats.pdf import cmap
from torsend.clean.formats.pdf.fontfile import clean_cff, clean_sfnt, clean_type1
from torsend.clean.formats.pdf.read import (
    is_array,
    is_fields,
    is_name,
    is_number,
    is_stream,
    is_string,
    items,
    name,
    numbers,
    plain_name,
)
from torsend.clean.formats.pdf.write import Name
from torsend.clean.report import Trace, Why

if TYPE_CHECKING:
    from collections.abc import Callable

    from torsend.clean.formats.pdf.read import Reading
    from torsend.clean.formats.pdf.write import Fields, PdfWriter, Ref, Value

SIMPLE = frozenset(("BaseFont", "FirstChar", "LastChar", "Widths", "FontDescriptor", "Encoding", "ToUnicode"))
TYPE3 = frozenset(
    ("FontBBox", "FontMatrix", "CharProcs", "Encoding", "FirstChar", "LastChar", "Widths", "ToUnicode", "FontDescriptor")
)  # fmt: skip
TYPE0 = frozenset(("BaseFont", "Encoding", "DescendantFonts", "ToUnicode"))
CID = frozenset(
    ("BaseFont", "CIDSystemInfo", "DW", "W", "DW2", "W2", "CIDToGIDMap", "FontDescriptor")
)  # fmt: skip
DESCRIPTOR_NUMBERS = (
    "Flags", "ItalicAngle", "Ascent", "Descent", "Leading", "CapHeight", "XHeight", "StemV", "StemH", "AvgWidth",
    "MaxWidth", "MissingWidth",
)  # fmt: skip
DESCRIPTOR = frozenset((*DESCRIPTOR_NUMBERS, "FontName", "FontBBox", "FontFile", "FontFile2", "FontFile3"))
ENCODINGS = frozenset(
    ("StandardEncoding", "MacRomanEncoding", "WinAnsiEncoding", "MacExpertEncoding", "PDFDocEncoding")
)
_SUBSET = re.compile(rb"/[A-Z]{6}\+(.+)", re.DOTALL)
_KNOWN_CMAP = re.compile(rb"/[A-Za-z0-9-]{1,40}")


class FontCopy:
    """The part of ``copy.Copy`` for fonts."""

    reading: Reading
    writer: PdfWriter
    once: Callable[..., Ref]
    drawing: Callable[..., bytes]
    resources: Callable[..., Any]

    def font(self, source: Any, outer: Any) -> Ref:
        return self.once("font", source, lambda ref, font: self._font(ref, font, outer))

    def _font(self, ref: Ref, source: Any, outer: Any) -> None:
        kind = plain_name(source.get("/Subtype"))
        fields: Fields = {"Type": Name(b"/Font")}
        match kind:
            case "Type1" | "MMType1" | "TrueType":
                self.reading.left_behind(source, SIMPLE, "font")
                fields |= {
                    "Subtype": name(source.get("/Subtype")),
                    "BaseFont": self._face(source.get("/BaseFont")),
                }
                self._simple(source, fields)
            case "Type3":
                self.reading.left_behind(source, TYPE3, "font")
                fields["Subtype"] = name(source.get("/Subtype"))
                self._simple(source, fields)
                self._type3(source, fields, outer)
            case "Type0":
                self.reading.left_behind(source, TYPE0, "font")
                below = [each for each in items(source.get("/DescendantFonts")) if is_fields(each)][:1]
                fields |= {
                    "Subtype": name(source.get("/Subtype")),
                    "BaseFont": self._face(source.get("/BaseFont")),
                    "Encoding": self._cid_encoding(source.get("/Encoding")),
                    "DescendantFonts": [self.once("descendant", each, self._descendant) for each in below],
                }
            case _:
                raise NotCleanable(Why.DAMAGED)
        unicode = source.get("/ToUnicode")
        if is_stream(unicode):
            fields["ToUnicode"] = self.once("unicode", unicode, self._unicode)
        elif plain_name(unicode) in ("Identity-H", "Identity-V"):
            fields["ToUnicode"] = name(unicode)
        self.writer.put(ref, fields)

    def _face(self, value: Any) -> Name:
        """The font's name; the letters before ``+``, which mark a part of a font and differ between documents, are made
        the same for all."""
        if not is_name(value):
            return Name(b"/Unnamed")
        found = _SUBSET.fullmatch(name(value))
        if found is None:
            return name(value)
        return Name(b"/AAAAAA+" + found[1])

    def _simple(self, source: Any, fields: Fields) -> None:
        for key in ("FirstChar", "LastChar"):
            if type(source.get(f"/{key}")) is int:
                fields[key] = source.get(f"/{key}")
        if (widths := numbers(source.get("/Widths"))) is not None:
            fields["Widths"] = self.writer.add(widths) if len(widths) > 8 else widths
        if is_fields(source.get("/FontDescriptor")):
            fields["FontDescriptor"] = self.once(
                "descriptor", source.get("/FontDescriptor"), self._descriptor
            )
        encoding = source.get("/Encoding")
        if plain_name(encoding) in ENCODINGS:
            fields["Encoding"] = name(encoding)
        elif is_fields(encoding):
            fields["Encoding"] = self.once("encoding", encoding, self._encoding)

    def _encoding(self, ref: Ref, source: Any) -> None:
        self.reading.left_behind(source, frozenset(("BaseEncoding", "Differences")), "encoding")
        out: Fields = {"Type": Name(b"/Encoding")}
        if plain_name(source.get("/BaseEncoding")) in ENCODINGS:
            out["BaseEncoding"] = name(source.get("/BaseEncoding"))
        changes: list[Value] = [
            name(each) if is_name(each) else each
            for each in items(source.get("/Differences"))
            if is_name(each) or type(each) is int
        ]
        if changes:
            out["Differences"] = changes
        self.writer.put(ref, out)

    def _type3(self, source: Any, fields: Fields, outer: Any) -> None:
        box, matrix = numbers(source.get("/FontBBox")), numbers(source.get("/FontMatrix"))
        if matrix is None or len(matrix) != 6 or not is_fields(source.get("/CharProcs")):
            raise NotCleanable(Why.DAMAGED)
        resources = self.resources(source.get("/Resources"), outer)
        drawings: Fields = {}
        for glyph in source.get("/CharProcs").keys():  # noqa: SIM118  # no mapping
            stream = source.get("/CharProcs").get(glyph)
            if is_stream(stream):
                # Each glyph is drawn from the same resources, so each is copied for this font alone.
                key = _glyph_key(glyph)
                drawings[key] = self.writer.add_stream({}, self.drawing(stream, resources))
        fields |= {
            "FontBBox": box if box is not None and len(box) == 4 else [0, 0, 0, 0],
            "FontMatrix": matrix,
        }
        fields |= {"CharProcs": self.writer.add(drawings), "Resources": resources.fields()}

    def _descendant(self, ref: Ref, source: Any) -> None:
        self.reading.left_behind(source, CID, "font")
        kind = plain_name(source.get("/Subtype"))
        system = source.get("/CIDSystemInfo")
        if kind not in ("CIDFontType0", "CIDFontType2"):
            raise NotCleanable(Why.DAMAGED)
        fields: Fields = {
            "Type": Name(b"/Font"),
            "Subtype": name(source.get("/Subtype")),
            "BaseFont": self._face(source.get("/BaseFont")),
            "CIDSystemInfo": _system(system),
        }
        if is_number(source.get("/DW")):
            fields["DW"] = source.get("/DW")
        if (pair := numbers(source.get("/DW2"))) is not None and len(pair) == 2:
            fields["DW2"] = pair
        for key in ("W", "W2"):
            if is_array(source.get(f"/{key}")):
                fields[key] = self.writer.add(_nested(source.get(f"/{key}")))
        glyphs = source.get("/CIDToGIDMap")
        if plain_name(glyphs) == "Identity":
            fields["CIDToGIDMap"] = name(glyphs)
        elif is_stream(glyphs):
            fields["CIDToGIDMap"] = self.writer.add_stream({}, self.reading.data(glyphs)[: 2 * 65536])
        if is_fields(source.get("/FontDescriptor")):
            fields["FontDescriptor"] = self.once(
                "descriptor", source.get("/FontDescriptor"), self._descriptor
            )
        self.writer.put(ref, fields)

    def _descriptor(self, ref: Ref, source: Any) -> None:
        self.reading.left_behind(source, DESCRIPTOR, "font")
        fields: Fields = {"Type": Name(b"/FontDescriptor"), "FontName": self._face(source.get("/FontName"))}
        for key in DESCRIPTOR_NUMBERS:
            if is_number(source.get(f"/{key}")):
                fields[key] = source.get(f"/{key}")
        if (box := numbers(source.get("/FontBBox"))) is not None and len(box) == 4:
            fields["FontBBox"] = box
        for key in ("FontFile", "FontFile2", "FontFile3"):
            if is_stream(source.get(f"/{key}")):
                fields[key] = self.once(key, source.get(f"/{key}"), getattr(self, f"_{key.lower()}"))
        self.writer.put(ref, fields)

    def _fontfile(self, ref: Ref, source: Any) -> None:
        self.reading.left_behind(source, frozenset(("Length1", "Length2", "Length3")), "font file")
        clear, hidden, tail = clean_type1(
            self.reading.data(source), source.get("/Length1"), self.reading.notes
        )
        lengths: Fields = {"Length1": len(clear), "Length2": len(hidden), "Length3": len(tail)}
        self.writer.put_stream(ref, lengths, clear + hidden + tail)

    def _fontfile2(self, ref: Ref, source: Any) -> None:
        self.reading.left_behind(source, frozenset(("Length1",)), "font file")
        data = clean_sfnt(self.reading.data(source), self.reading.notes)
        self.writer.put_stream(ref, {"Length1": len(data)}, data)

    def _fontfile3(self, ref: Ref, source: Any) -> None:
        self.reading.left_behind(source, frozenset(), "font file")
        data = self.reading.data(source)
        kind = plain_name(source.get("/Subtype"))
        if kind == "OpenType" or (kind in ("Type1C", "CIDFontType0C") and data.startswith(b"OTTO")):
            # Some programs put the whole font where its outlines alone belong; readers take both.
            data = clean_sfnt(data, self.reading.notes)
        elif kind in ("Type1C", "CIDFontType0C"):
            data = clean_cff(data, self.reading.notes)
        else:
            raise NotCleanable(Why.DAMAGED)
        self.writer.put_stream(ref, {"Subtype": name(source.get("/Subtype"))}, data)

    def _cid_encoding(self, source: Any) -> Value:
        if is_name(source):
            if not _KNOWN_CMAP.fullmatch(name(source)):
                raise NotCleanable(Why.DAMAGED)
            return name(source)
        if not is_stream(source):
            raise NotCleanable(Why.DAMAGED)
        return self.once("cmap", source, self._cmap)

    def _cmap(self, ref: Ref, source: Any) -> None:
        self.reading.left_behind(
            source, frozenset(("CMapName", "CIDSystemInfo", "WMode", "UseCMap")), "character map"
        )
        data = self.reading.data(source)
        vertical = cmap.is_vertical(data)
        fields: Fields = {
            "Type": Name(b"/CMap"),
            "CMapName": Name(b"/Adobe-Identity-Identity"),
            "CIDSystemInfo": _system(None),
            "WMode": int(vertical),
        }
        under = source.get("/UseCMap")
        if is_name(under) or is_stream(under):
            fields["UseCMap"] = self._cid_encoding(under)
        self.writer.put_stream(ref, fields, cmap.written(cmap.blocks(data), 1, vertical=vertical))

    def _unicode(self, ref: Ref, source: Any) -> None:
        self.reading.left_behind(
            source, frozenset(("CMapName", "CIDSystemInfo", "WMode", "UseCMap")), "character map"
        )
        data = self.reading.data(source)
        if b"CreationDate" in data or b"%%Creator" in data:
            self.reading.notes.remove(Trace.SOFTWARE, "character map comment")
        self.writer.put_stream(ref, {}, cmap.written(cmap.blocks(data), 2))


def _system(source: Any) -> Value:
    """A character collection; one that is not Adobe's is the identity."""
    registry = source.get("/Registry") if is_fields(source) else None
    ordering = source.get("/Ordering") if is_fields(source) else None
    supplement = source.get("/Supplement") if is_fields(source) else None
    if is_string(registry) and bytes(registry) == b"Adobe" and is_string(ordering):
        order = bytes(ordering)
        if order in (b"Japan1", b"GB1", b"CNS1", b"Korea1", b"KR", b"Identity", b"UCS"):
            return {
                "Registry": b"Adobe",
                "Ordering": order,
                "Supplement": supplement if type(supplement) is int else 0,
            }
    return {"Registry": b"Adobe", "Ordering": b"Identity", "Supplement": 0}


def _nested(source: Any) -> list[Value]:
    out: list[Value] = []
    for each in items(source):
        if is_number(each):
            out.append(each)
        elif (inner := numbers(each)) is not None:
            out.append(inner)
    return out


def _glyph_key(glyph: str) -> str:
    return pikepdf.Name(glyph).unparse().decode("latin-1")
