"""A PDF as a whole: opened, its pages copied, what belongs to no page noted and left behind."""

from __future__ import annotations

import re
import warnings
from typing import TYPE_CHECKING, Any, BinaryIO

import pikepdf

from torsend.clean.formats.format import NotCleanable
from torsend.clean.formats.pdf.annotation import MOST, AnnotationCopy, Targets
from torsend.clean.formats.pdf.copy import Copy
from torsend.clean.formats.pdf.layers import Layers
from torsend.clean.formats.pdf.metadata import note_catalog, note_info
from torsend.clean.formats.pdf.read import (
    LARGEST_STREAM,
    Reading,
    is_fields,
    is_number,
    is_string,
    items,
    name,
    numbers,
    plain_name,
)
from torsend.clean.formats.pdf.write import Fields, Name, PdfWriter, Ref, Value
from torsend.clean.report import Left, Trace, Why

if TYPE_CHECKING:
    from torsend.clean.formats.format import Notes, Writer
    from torsend.clean.formats.pdf.cover import Box

MOST_PAGES = 10_000
LARGEST = 256 * 1024 * 1024
"""Bytes of a file."""
DEEPEST_TREE = 60
MOST_OUTLINES = 50_000
MOST_FIELDS = 50_000
PAGE = frozenset(("MediaBox", "CropBox", "Rotate", "Group", "UserUnit"))
_END = re.compile(rb"%%EOF")


def clean_pdf(source: BinaryIO, out: Writer, notes: Notes) -> None:
    """Writes the document anew from its pages."""
    size = source.seek(0, 2)
    if size > LARGEST:
        raise NotCleanable(Why.TOO_LARGE)
    source.seek(0)
    _count_versions(source, notes)
    source.seek(0)
    pikepdf.settings.set_qpdf_limits(
        flate_max_memory=LARGEST_STREAM,
        run_length_max_memory=LARGEST_STREAM,
        png_max_memory=LARGEST_STREAM,
        tiff_max_memory=LARGEST_STREAM,
        parser_max_nesting=100,
        # Otherwise what follows some faults on a page would be left out without a word.
        parser_max_errors=0,
        max_stream_filters=8,
        doc_max_warnings=2000,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            pdf = pikepdf.open(source, suppress_warnings=True)
        except pikepdf.PasswordError:
            raise NotCleanable(Why.ENCRYPTED) from None
        with pdf:
            if len(pdf.pages) > MOST_PAGES:
                raise NotCleanable(Why.TOO_LARGE)
            _Document(pdf, Reading(notes), PdfWriter(out)).clean()


class _Document:
    def __init__(self, pdf: pikepdf.Pdf, reading: Reading, writer: PdfWriter) -> None:
        self._pdf = pdf
        self._catalog: Any = pdf.Root
        self._reading = reading
        self._notes = reading.notes
        self._writer = writer
        self._copy = Copy(reading, writer, Layers(pdf.Root))

    def clean(self) -> None:
        self._refuse()
        note_info(self._pdf.trailer, self._notes)
        note_catalog(self._catalog, self._reading)
        if self._pdf.is_encrypted:
            self._notes.remove(Trace.OTHER, "Encrypt")
        self._notes.keep(Left.WORDS)
        self._notes.keep(Left.LAYOUT)
        sources = [page.obj for page in self._pdf.pages]
        root, tree = self._writer.allocate(), self._writer.allocate()
        refs = [self._writer.allocate() for _ in sources]
        targets = Targets(self._catalog, {each.objgen: ref for each, ref in zip(sources, refs, strict=True)})
        for source, ref in zip(sources, refs, strict=True):
            self._page(source, ref, tree, targets)
        self._writer.put(tree, {"Type": Name(b"/Pages"), "Count": len(refs), "Kids": list(refs)})
        fields: Fields = {"Type": Name(b"/Catalog"), "Pages": tree}
        if (labels := self._labels()) is not None:
            fields["PageLabels"] = labels
        if (outlines := self._outlines(targets)) is not None:
            fields["Outlines"] = outlines
        self._writer.put(root, fields)
        self._writer.finish(root)

    def _refuse(self) -> None:
        """What can't be cleaned without breaking it."""
        catalog = self._catalog
        if catalog.get("/NeedsRendering") is True or is_fields(catalog.get("/Collection")):
            # A form that only Adobe's programs draw; a portfolio, whose pages say that one needs another reader.
            raise NotCleanable(Why.UNKNOWN_FORMAT)
        if is_fields(catalog.get("/Perms")) and catalog.get("/Perms").get("/DocMDP") is not None:
            raise NotCleanable(Why.SIGNED)
        form = catalog.get("/AcroForm")
        if not is_fields(form):
            return
        needs_looks = form.get("/NeedAppearances") is True
        pending, seen = list(items(form.get("/Fields"))), 0
        while pending:
            each = pending.pop()
            seen += 1
            if seen > MOST_FIELDS:
                raise NotCleanable(Why.TOO_LARGE)
            if not is_fields(each):
                continue
            if plain_name(each.get("/FT")) == "Sig" and each.get("/V") is not None:
                raise NotCleanable(Why.SIGNED)
            if each.is_indirect and each.get("/AP") is None:
                self._copy.bare_fields.add(each.objgen)
            has_value = is_string(each.get("/V")) and bytes(each.get("/V"))
            if has_value and each.get("/Rect") is not None and each.get("/AP") is None:
                form["/NeedAppearances"] = needs_looks = True
            pending.extend(items(each.get("/Kids")))
        if needs_looks:
            # What is typed in has no looks yet; readers make them up, and so does qpdf.
            self._pdf.generate_appearance_streams()

    def _page(self, source: Any, ref: Ref, tree: Ref, targets: Targets) -> None:
        copy = self._copy
        self._reading.left_behind(source, PAGE, "page")
        resources = copy.resources(_inherited(source, "Resources"), None)
        box = numbers(_inherited(source, "MediaBox"))
        media: list[Value] = box if box is not None and len(box) == 4 else [0, 0, 612, 792]
        crop = numbers(_inherited(source, "CropBox"))
        cropped = crop if crop is not None and len(crop) == 4 else None
        data = copy.drawing(source.get("/Contents"), resources, _shown(media, cropped or media))
        annotations = AnnotationCopy(copy, targets, resources)
        for at, each in enumerate(items(source.get("/Annots"))):
            if at > MOST:
                raise NotCleanable(Why.TOO_LARGE)
            if is_fields(each):
                annotations.add(each)
        if annotations.drawn:
            data = b"q\n" + data + b"Q\n" + b"".join(annotations.drawn)
        fields: Fields = {"Type": Name(b"/Page"), "Parent": tree}
        fields["MediaBox"] = media
        if cropped is not None:
            fields["CropBox"] = cropped
        turned = _inherited(source, "Rotate")
        if type(turned) is int and turned % 90 == 0 and turned % 360:
            fields["Rotate"] = turned % 360
        if is_number(source.get("/UserUnit")):
            fields["UserUnit"] = source.get("/UserUnit")
        if is_fields(source.get("/Group")):
            fields["Group"] = copy.group(source.get("/Group"))
        fields |= {"Resources": resources.fields(), "Contents": self._writer.add_stream({}, data)}
        if annotations.links:
            fields["Annots"] = [self._writer.add(each) for each in annotations.links]
        self._writer.put(ref, fields)

    def _labels(self) -> Value:
        """How pages are numbered, from a tree of numbers made flat."""
        tree = self._catalog.get("/PageLabels")
        if not is_fields(tree):
            return None
        pending, found, seen = [tree], {}, 0
        while pending:
            node = pending.pop()
            seen += 1
            if seen > MOST_PAGES:
                return None
            row = list(items(node.get("/Nums")))
            for at, label in zip(row[::2], row[1::2], strict=False):
                if type(at) is int and is_fields(label):
                    found[at] = self._label(label)
            pending.extend(each for each in items(node.get("/Kids")) if is_fields(each))
        flat: list[Value] = []
        for at in sorted(found):
            flat += [at, found[at]]
        return {"Nums": flat} if flat else None

    def _label(self, source: Any) -> Value:
        out: Fields = {}
        if plain_name(source.get("/S")) in ("D", "R", "r", "A", "a"):
            out["S"] = name(source.get("/S"))
        if is_string(source.get("/P")):
            out["P"] = bytes(source.get("/P"))
            self._notes.text(f"{source.get('/P')}\n")
        if type(source.get("/St")) is int:
            out["St"] = source.get("/St")
        return out

    def _outlines(self, targets: Targets) -> Value:
        """The table of contents beside the pages: titles, and where they lead."""
        source = self._catalog.get("/Outlines")
        if not is_fields(source) or not is_fields(source.get("/First")):
            return None
        root = self._writer.allocate()
        seen: set[tuple[int, int]] = set()
        below = self._titles(source, root, targets, seen, 0)
        if below is None:
            return None
        self._writer.put(root, {"Type": Name(b"/Outlines"), **below})
        return root

    def _titles(
        self, parent: Any, above: Ref, targets: Targets, seen: set[tuple[int, int]], depth: int
    ) -> Fields | None:
        if depth > DEEPEST_TREE:
            raise NotCleanable(Why.DAMAGED)
        sources = []
        each = parent.get("/First")
        while is_fields(each):
            if each.objgen in seen or len(seen) > MOST_OUTLINES:
                break
            seen.add(each.objgen)
            sources.append(each)
            each = each.get("/Next")
        refs = [self._writer.allocate() for _ in sources]
        for at, (source, ref) in enumerate(zip(sources, refs, strict=True)):
            title = source.get("/Title")
            fields: Fields = {"Title": bytes(title) if is_string(title) else b"", "Parent": above}
            if is_string(title):
                self._notes.text(f"{title}\n")
            action = source.get("/A")
            place = targets.place(source.get("/Dest"))
            if place is None and is_fields(action):
                if plain_name(action.get("/S")) == "GoTo":
                    place = targets.place(action.get("/D"))
                else:
                    self._notes.remove(Trace.ACTIVE, "outline action", plain_name(action.get("/S")))
            if place is not None:
                fields["Dest"] = place
            if at:
                fields["Prev"] = refs[at - 1]
            if at + 1 < len(refs):
                fields["Next"] = refs[at + 1]
            if (colour := numbers(source.get("/C"))) is not None and len(colour) == 3:
                fields["C"] = colour
            if type(source.get("/F")) is int:
                fields["F"] = source.get("/F") & 3
            below = self._titles(source, ref, targets, seen, depth + 1)
            if below is not None:
                fields |= below
                count = source.get("/Count")
                if type(count) is int and count < 0:
                    fields["Count"] = -abs(int(str(below["Count"])))
            self._writer.put(ref, fields)
        return {"First": refs[0], "Last": refs[-1], "Count": len(refs)} if refs else None


def _shown(media: list[Any], crop: list[Any]) -> Box:
    """Where both boxes lie over each other; each is told by any two corners."""
    (left, low, right, top), (left_, low_, right_, top_) = (
        (min(a, c), min(b, d), max(a, c), max(b, d)) for a, b, c, d in (map(float, media), map(float, crop))
    )
    return max(left, left_), max(low, low_), min(right, right_), min(top, top_)


def _inherited(page: Any, key: str) -> Any:
    """A page's own entry, or that of the nearest node above it that has one."""
    node = page
    for _ in range(DEEPEST_TREE):
        if not is_fields(node):
            return None
        if node.get(f"/{key}") is not None:
            return node.get(f"/{key}")
        node = node.get("/Parent")
    return None


def _count_versions(source: BinaryIO, notes: Notes) -> None:
    """Earlier versions of a document stand in front of the latest one (ISO 32000 section 7.5.6)."""
    head = source.read(1024)
    source.seek(0)
    ends, before = 0, b""
    while piece := source.read(1 << 20):
        ends += len(_END.findall(before + piece))
        before = piece[-4:]
    # A file made for reading over a network has a second end in its first part.
    if ends > (2 if b"/Linearized" in head else 1):
        notes.remove(Trace.HISTORY, "earlier versions", ends - 1)
