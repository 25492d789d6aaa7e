"""Colour spaces, functions and shadings (ISO 32000 sections 8.6, 7.10, 8.7.4.5)."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

from torsend.clean.formats.format import NotCleanable
from torsend.clean.formats.pdf.profile import clean_profile
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

DEVICE = {
    "DeviceGray": "DeviceGray", "DeviceRGB": "DeviceRGB", "DeviceCMYK": "DeviceCMYK", "Pattern": "Pattern",
    "G": "DeviceGray", "RGB": "DeviceRGB", "CMYK": "DeviceCMYK", "CalRGB": "DeviceRGB", "CalGray": "DeviceGray",
    "CalCMYK": "DeviceCMYK",
}  # fmt: skip
COMPONENTS = {"DeviceGray": 1, "DeviceRGB": 3, "DeviceCMYK": 4, "CalGray": 1, "CalRGB": 3, "Lab": 3}
BY_COMPONENTS = {1: "DeviceGray", 3: "DeviceRGB", 4: "DeviceCMYK"}
INKS = frozenset(("All", "None", "Cyan", "Magenta", "Yellow", "Black"))
"""Colourants that mean something; other names are what someone called them."""
CALIBRATION = frozenset(("WhitePoint", "BlackPoint", "Gamma", "Matrix", "Range"))
SHADING_NUMBERS = frozenset(
    ("Background", "BBox", "Coords", "Domain", "Matrix", "Decode", "ShadingType", "BitsPerCoordinate", "BitsPerComponent",
     "BitsPerFlag", "VerticesPerRow")
)  # fmt: skip
SHADING = SHADING_NUMBERS | {"ColorSpace", "AntiAlias", "Function", "Extend"}
SAMPLED = frozenset(("FunctionType", "Domain", "Range", "Size", "BitsPerSample", "Order", "Encode", "Decode"))
STITCHED = frozenset(("FunctionType", "Domain", "Range", "C0", "C1", "N", "Functions", "Bounds", "Encode"))
_CALCULATION = re.compile(
    rb"[{}]|[-+]?(?:\d+\.?\d*|\.\d+)|(?:abs|add|atan|ceiling|cos|cvi|cvr|div|exp|floor|idiv|ln|log|mod|mul|neg|round|sin|"
    rb"sqrt|sub|truncate|and|bitshift|eq|false|ge|gt|le|lt|ne|not|or|true|xor|if|ifelse|copy|dup|exch|index|pop|roll)\b"
)


class ColourCopy:
    """The part of ``copy.Copy`` for colours."""

    reading: Reading
    writer: PdfWriter
    once: Callable[..., Ref]

    def colour_space(self, source: Any, depth: int = 0) -> Value:
        """A colour space; None if nothing of it is known."""
        if depth > 4:
            raise NotCleanable(Why.DAMAGED)
        if is_name(source):
            known = DEVICE.get(plain_name(source))
            return None if known is None else Name(b"/" + known.encode())
        row = list(items(source))
        family = plain_name(row[0]) if row else ""
        match family, row[1:]:
            case ("ICCBased", [profile, *_]) if is_stream(profile):
                return self._icc_space(profile)
            case ("CalGray" | "CalRGB" | "Lab", [fields, *_]) if is_fields(fields):
                return [name(row[0]), self._numbers_of(fields, CALIBRATION)]
            case ("Indexed" | "I", [base, highest, table, *_]) if type(highest) is int:
                return self._indexed(base, highest, table, depth)
            case ("Pattern", [under, *_]):
                return [name(row[0]), self.colour_space(under, depth + 1)]
            case ("Separation", [ink, other, tint, *_]) if is_name(ink) and is_fields(tint):
                return [
                    name(row[0]),
                    self._ink(ink, 1),
                    self.colour_space(other, depth + 1),
                    self.function(tint),
                ]
            case ("DeviceN", [inks, other, tint, *_]) if is_array(inks) and is_fields(tint):
                new: list[Value] = [self._ink(ink, at) for at, ink in enumerate(items(inks), 1)]
                return [name(row[0]), new, self.colour_space(other, depth + 1), self.function(tint)]
            case (_, []) if row:
                return self.colour_space(row[0], depth + 1)
            case _:
                return None

    def components(self, source: Any) -> int:
        """How many amounts make a colour; 0 if that is not known."""
        row = [source] if is_name(source) else list(items(source))
        family = DEVICE.get(plain_name(row[0]), plain_name(row[0])) if row else ""
        if family in COMPONENTS:
            return COMPONENTS[family]
        if family in ("Indexed", "I", "Separation"):
            return 1
        if family == "ICCBased" and len(row) > 1 and is_stream(row[1]):
            count = row[1].get("/N")
            return count if type(count) is int else 0
        return len(list(items(row[1]))) if family == "DeviceN" and len(row) > 1 else 0

    def function(self, source: Any) -> Ref:
        return self.once("function", source, self._function)

    def shading(self, source: Any) -> Ref:
        return self.once("shading", source, self._shading)

    def _icc_space(self, profile: Any) -> Value:
        count = profile.get("/N")
        if count not in BY_COMPONENTS:
            return None
        return [Name(b"/ICCBased"), self.once("profile", profile, self._profile)]

    def _profile(self, ref: Ref, source: Any) -> None:
        self.reading.left_behind(source, frozenset(("N", "Alternate", "Range")), "colour profile")
        cleaned = clean_profile(self.reading.data(source), self.reading.notes)
        count = source.get("/N")
        fields: Fields = {"N": count, "Alternate": Name(b"/" + BY_COMPONENTS[count].encode())}
        self.writer.put_stream(ref, fields, cleaned)

    def _indexed(self, base: Any, highest: int, table: Any, depth: int) -> Value:
        under = self.colour_space(base, depth + 1)
        data = self.reading.data(table) if is_stream(table) else bytes(table) if is_string(table) else b""
        if under is None or not 0 <= highest < 256:
            return None
        size = (highest + 1) * (self.components(base) or 3)
        return [Name(b"/Indexed"), under, highest, data[:size]]

    def _ink(self, ink: Any, number: int) -> Value:
        known = plain_name(ink)
        if known in INKS:
            return name(ink)
        if known != f"Spot{number}":
            self.reading.notes.remove(Trace.OTHER, "colour name", known)
        return Name(b"/Spot%d" % number)

    def _numbers_of(self, source: Any, keys: frozenset[str]) -> Fields:
        out: Fields = {}
        for key in sorted(keys):
            value = source.get(f"/{key}")
            row = [value] if is_number(value) else numbers(value)
            if row is not None:
                out[key] = value if is_number(value) else row
        return out

    def _function(self, ref: Ref, source: Any) -> None:
        kind = source.get("/FunctionType")
        if kind in (0, 4) and is_stream(source):
            self.reading.left_behind(source, SAMPLED, "function")
            data = self.reading.data(source)
            if kind == 4:
                data = b" ".join(_CALCULATION.findall(re.sub(rb"%[^\r\n]*", b"", data)))
            else:
                size = _samples_size(source)
                if size is not None and len(data) > size:
                    self.reading.notes.remove(Trace.OTHER, "bytes behind a function")
                    data = data[:size]
            self.writer.put_stream(ref, self._numbers_of(source, SAMPLED), data)
            return
        if kind not in (2, 3):
            raise NotCleanable(Why.DAMAGED)
        self.reading.left_behind(source, STITCHED, "function")
        fields = self._numbers_of(source, STITCHED)
        if kind == 3:
            fields["Functions"] = [
                self.function(each) for each in items(source.get("/Functions")) if is_fields(each)
            ]
        self.writer.put(ref, fields)

    def _shading(self, ref: Ref, source: Any) -> None:
        self.reading.left_behind(source, SHADING, "shading")
        fields = self._numbers_of(source, SHADING_NUMBERS)
        space = self.colour_space(source.get("/ColorSpace"))
        if space is None:
            raise NotCleanable(Why.DAMAGED)
        fields["ColorSpace"] = space
        function = source.get("/Function")
        if is_fields(function):
            fields["Function"] = self.function(function)
        elif is_array(function):
            fields["Function"] = [self.function(each) for each in items(function) if is_fields(each)]
        extend = list(items(source.get("/Extend")))
        if len(extend) == 2 and all(isinstance(each, bool) for each in extend):
            fields["Extend"] = extend
        if isinstance(source.get("/AntiAlias"), bool):
            fields["AntiAlias"] = bool(source.get("/AntiAlias"))
        if is_stream(source):
            self.writer.put_stream(ref, fields, self.reading.data(source))
        else:
            self.writer.put(ref, fields)


def _samples_size(source: Any) -> int | None:
    """How many bytes a sampled function reads (ISO 32000 section 7.10.2); None where that can't be told."""
    size: Any = numbers(source.get("/Size"))
    reach, bits = numbers(source.get("/Range")), source.get("/BitsPerSample")
    if size is None or reach is None or not is_number(bits):
        return None
    octets: int = math.ceil(max(0, math.prod(size) * (len(reach) // 2) * bits) / 8)
    return octets
