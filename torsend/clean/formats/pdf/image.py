"""Pictures within a PDF: pixels stay as they were packed, and what surrounds them goes."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any

import pikepdf

from torsend.clean.formats.format import NotCleanable
from torsend.clean.formats.jpeg import bare
from torsend.clean.formats.pdf.codestream import clean_jbig2, clean_jpeg2000
from torsend.clean.formats.pdf.content import INTENTS
from torsend.clean.formats.pdf.read import (
    filters,
    is_array,
    is_fields,
    is_stream,
    name,
    numbers,
    plain_name,
)
from torsend.clean.formats.pdf.write import Name, packed
from torsend.clean.report import Left, Why

if TYPE_CHECKING:
    from collections.abc import Callable

    from torsend.clean.formats.pdf.read import Reading
    from torsend.clean.formats.pdf.write import Fields, PdfWriter, Ref, Value

IMAGE = frozenset(
    ("Width", "Height", "ColorSpace", "BitsPerComponent", "Intent", "ImageMask", "Mask", "Decode", "Interpolate", "SMask",
     "SMaskInData", "Matte")
)  # fmt: skip
CODECS = {
    "/DCTDecode": "DCT", "/DCT": "DCT", "/JPXDecode": "JPX", "/CCITTFaxDecode": "CCITT", "/CCF": "CCITT",
    "/JBIG2Decode": "JBIG2",
}  # fmt: skip
LARGEST_PICTURE = 512 * 1024 * 1024
"""Bytes of pixels; they are counted, not held."""
WIDEST = 65_000
PREDICTORS = ("Predictor", "Colors", "BitsPerComponent", "Columns")
FAX = ("K", "Columns", "Rows", "DamagedRowsBeforeError")
FAX_FLAGS = ("EndOfLine", "EncodedByteAlign", "EndOfBlock", "BlackIs1")


class ImageCopy:
    """The part of ``copy.Copy`` for pictures."""

    reading: Reading
    writer: PdfWriter
    once: Callable[..., Ref]
    colour_space: Callable[..., Value]
    components: Callable[..., int]

    def image(self, source: Any) -> Ref:
        return self.once(
            "image", source, lambda ref, image: self.image_data(ref, image, image.read_raw_bytes())
        )

    def image_data(self, ref: Ref, source: Any, raw: bytes) -> None:
        """Writes a picture.

        Args:
            source: its dictionary, or the stream.
            raw: its octets, filters and all.
        """
        self.reading.left_behind(source, IMAGE, "image")
        self.reading.notes.keep(Left.PIXELS)
        width, height = source.get("/Width"), source.get("/Height")
        if type(width) is not int or type(height) is not int:
            raise NotCleanable(Why.DAMAGED)
        if not 0 < width <= WIDEST or not 0 < height <= WIDEST:
            raise NotCleanable(Why.TOO_LARGE)
        fields: Fields = {
            "Type": Name(b"/XObject"), "Subtype": Name(b"/Image"), "Width": width, "Height": height,
        }  # fmt: skip
        self._looks(source, fields)
        chain = filters(source)
        codec = CODECS.get(chain[-1][0]) if chain else None
        if codec is not None:
            data = self._before_codec(raw, chain)
            filter_fields, data = self._coded(codec, data, chain[-1][1])
            fields |= filter_fields
        else:
            row = self._row(source, width)
            filter_fields, data = self._plain(raw, chain, row * height, row)
            fields |= filter_fields
        self.writer.stream(ref, fields, data)

    def _looks(self, source: Any, fields: Fields) -> None:
        if isinstance(source.get("/ImageMask"), bool):
            fields["ImageMask"] = bool(source.get("/ImageMask"))
        if type(source.get("/BitsPerComponent")) is int:
            fields["BitsPerComponent"] = source.get("/BitsPerComponent")
        if source.get("/ColorSpace") is not None and not fields.get("ImageMask"):
            space = self.colour_space(source.get("/ColorSpace"))
            if space is None:
                raise NotCleanable(Why.DAMAGED)
            fields["ColorSpace"] = space
        if isinstance(source.get("/Interpolate"), bool):
            fields["Interpolate"] = bool(source.get("/Interpolate"))
        for key in ("Decode", "Matte"):
            if (row := numbers(source.get(f"/{key}"))) is not None:
                fields[key] = row
        if source.get("/SMaskInData") in (1, 2):
            fields["SMaskInData"] = source.get("/SMaskInData")
        if plain_name(source.get("/Intent")) in INTENTS:
            fields["Intent"] = name(source.get("/Intent"))
        if is_stream(source.get("/SMask")):
            fields["SMask"] = self.image(source.get("/SMask"))
        mask = source.get("/Mask")
        if is_stream(mask):
            fields["Mask"] = self.image(mask)
        elif is_array(mask) and (row := numbers(mask)) is not None:
            fields["Mask"] = row

    def _row(self, source: Any, width: int) -> int:
        """Octets of one row of pixels."""
        if source.get("/ImageMask") is True:
            return (width + 7) // 8
        count = self.components(source.get("/ColorSpace"))
        bits = source.get("/BitsPerComponent")
        if not count or count > 32 or type(bits) is not int or bits not in (1, 2, 4, 8, 16):
            raise NotCleanable(Why.DAMAGED)
        return (width * count * bits + 7) // 8

    def _before_codec(self, raw: bytes, chain: list[tuple[str, Any]]) -> bytes:
        """The octets that the picture's own codec made."""
        if len(chain) == 1:
            return raw
        return self._through(raw, chain[:-1])

    def _through(self, raw: bytes, chain: list[tuple[str, Any]]) -> bytes:
        """Undoes these filters."""
        stream = pikepdf.Stream(self._scratch, raw)
        stream["/Filter"] = pikepdf.Array([pikepdf.Name(LONG.get(each, each)) for each, _ in chain])
        stream["/DecodeParms"] = pikepdf.Array([_predictor(parms) or None for _, parms in chain])
        return self.reading.data(stream)

    @property
    def _scratch(self) -> pikepdf.Pdf:
        if not hasattr(self, "_pdf"):
            self._pdf = pikepdf.new()
        return self._pdf

    def _coded(self, codec: str, data: bytes, parms: Any) -> tuple[Fields, bytes]:
        match codec:
            case "DCT":
                out: Fields = {"Filter": Name(b"/DCTDecode")}
                transform = parms.get("/ColorTransform") if is_fields(parms) else None
                if transform in (0, 1):
                    out["DecodeParms"] = {"ColorTransform": transform}
                # What turns it and what its colours mean stands in the PDF, so it must not be packed anew.
                return out, bare(data, self.reading.notes)
            case "JPX":
                return {"Filter": Name(b"/JPXDecode")}, clean_jpeg2000(data, self.reading.notes)
            case "JBIG2":
                fields: Fields = {"Filter": Name(b"/JBIG2Decode")}
                shared = parms.get("/JBIG2Globals") if is_fields(parms) else None
                if is_stream(shared):
                    fields["DecodeParms"] = {"JBIG2Globals": self.once("globals", shared, self._globals)}
                return fields, clean_jbig2(data, self.reading.notes)
            case _:
                fax: Fields = {}
                for key in FAX if is_fields(parms) else ():
                    if type(parms.get(f"/{key}")) is int:
                        fax[key] = parms.get(f"/{key}")
                for key in FAX_FLAGS if is_fields(parms) else ():
                    if isinstance(parms.get(f"/{key}"), bool):
                        fax[key] = bool(parms.get(f"/{key}"))
                return {"Filter": Name(b"/CCITTFaxDecode"), "DecodeParms": fax}, data

    def _globals(self, ref: Ref, source: Any) -> None:
        self.reading.left_behind(source, frozenset(), "image")
        self.writer.put_stream(ref, {}, clean_jbig2(self.reading.data(source), self.reading.notes))

    def _plain(self, raw: bytes, chain: list[tuple[str, Any]], wanted: int, row: int) -> tuple[Fields, bytes]:
        """Pixels that are packed without loss. Flate stays as it is, if it holds the pixels and nothing else."""
        if wanted > LARGEST_PICTURE:
            raise NotCleanable(Why.TOO_LARGE)
        if len(chain) == 1 and chain[0][0] in ("/FlateDecode", "/Fl"):
            parms = _predictor(chain[0][1])
            lines = wanted // row if parms.get("/Predictor", 1) >= 10 else 0
            size, used = _inflated(raw, wanted + lines)
            if size is not None:
                kept: Fields = {"Filter": Name(b"/FlateDecode")}
                if parms.get("/Predictor", 1) > 1:
                    kept["DecodeParms"] = {
                        key: int(str(parms.get(f"/{key}"))) for key in PREDICTORS if f"/{key}" in parms
                    }
                return kept, raw[:used]
        data = self._through(raw, chain) if chain else raw
        return packed(data[:wanted])


LONG = {
    "/Fl": "/FlateDecode", "/LZW": "/LZWDecode", "/A85": "/ASCII85Decode", "/AHx": "/ASCIIHexDecode",
    "/RL": "/RunLengthDecode",
}  # fmt: skip
"""Inline images shorten the filters' names."""


def _predictor(parms: Any) -> pikepdf.Dictionary:
    out = pikepdf.Dictionary()
    if is_fields(parms):
        for key in (*PREDICTORS, "EarlyChange"):
            if type(value := parms.get(f"/{key}")) is int:
                out[f"/{key}"] = value
    return out


def _inflated(raw: bytes, wanted: int) -> tuple[int | None, int]:
    """How much these octets unpack to and how many of them were used; None where that is not exactly what is wanted."""
    unpacker = zlib.decompressobj()
    size, at, ended = 0, 0, False
    while at < len(raw) and not ended and size <= wanted:
        piece = raw[at : at + 65536]
        at += len(piece)
        try:
            while piece and not ended and size <= wanted:
                size += len(unpacker.decompress(piece, 1 << 20))
                piece = unpacker.unconsumed_tail
                ended = unpacker.eof
        except zlib.error:
            raise NotCleanable(Why.DAMAGED) from None
    whole = ended and size == wanted
    return (size if whole else None), at - len(unpacker.unused_data)
