"""Which office document a ZIP package or a compound file is; archives are told from documents here."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from torsend.clean.formats import odf, office, zip_package

if TYPE_CHECKING:
    from torsend.clean.formats.format import Format

FORMATS = (*office.formats(), *odf.FORMATS)


def recognise(source: BinaryIO) -> Format | None:
    """The format of an office document, ``None`` if it is none; leaves the position at the beginning.

    Raises:
        NotCleanable: an office document that can't be cleaned: old, encrypted, of another kind, broken.
    """
    beginning = source.read(8)
    source.seek(0)
    if beginning == office.OLE:
        office.refuse_ole(source)
    if not beginning.startswith(zip_package.BEGINNING):
        return None
    reader = zip_package.ZipReader(source)
    format_ = odf.recognise(reader) or office.recognise(reader)
    source.seek(0)
    return format_
