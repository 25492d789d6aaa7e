"""ZIP archives. Office documents are ZIP packages, too: the registry asks for those first."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from torsend.clean.formats import archive, zip_package
from torsend.clean.formats.format import Format
from torsend.clean.report import Trace

if TYPE_CHECKING:
    from torsend.clean.formats.format import Notes, Writer
    from torsend.clean.formats.zip_package import Member

SYSTEMS = {0: "DOS or Windows", 3: "", 7: "Macintosh", 10: "NTFS", 11: "Windows", 19: "macOS"}
PLAIN_RIGHTS = (0o100644, 0o040755)
"""Like the system Unix: what is written for all."""
FIRST_DATE = (1980, 1, 1, 0, 0, 0)
"""What is written for all."""


def _clean(source: BinaryIO, out: Writer, notes: Notes) -> None:
    with archive.opened() as budget:
        reader = zip_package.ZipReader(source, most_members=budget.members, most_total=budget.octets)
        if reader.comment:
            notes.remove(Trace.COMMENT, "comment", reader.comment.decode("utf-8", "replace"))
        _tell(reader.members, notes)
        members = archive.Members(notes)
        for each in reader.members:
            name = _name(each.name)
            if not members.wants(name):
                continue
            if each.is_link:
                notes.remove(Trace.PATH, f"link {name}", reader.read(each).decode("utf-8", "replace"))
            elif each.is_directory:
                members.add_folder(name)
            else:
                budget.take(each.size)
                members.add_file(name, reader.read(each))
        writer = zip_package.ZipWriter(out)
        for kept in members.result():
            writer.add(kept.name, kept.data, stored=kept.is_packed)
        writer.finish()


def _name(name: str) -> str:
    """Many programs write UTF-8 and don't say so; read as the code page of the first PCs, it is nobody's name."""
    try:
        return name.encode("cp437").decode("utf-8")
    except UnicodeError:
        return name


def _tell(members: tuple[Member, ...], notes: Notes) -> None:
    dates = sorted(each.date for each in members if each.date != FIRST_DATE)
    if dates:
        notes.remove(Trace.DATE, "dates", f"{_written(dates[0])} – {_written(dates[-1])}")
    systems = {SYSTEMS.get(each.system, str(each.system)) for each in members} - {""}
    if systems:
        notes.remove(Trace.SOFTWARE, "made on", ", ".join(sorted(systems)))
    if any(each.rights not in (0, *PLAIN_RIGHTS) for each in members):
        notes.remove(Trace.OTHER, "rights")
    if any(each.extra for each in members):
        notes.remove(Trace.OTHER, "extra fields")
    for each in members:
        if each.comment:
            notes.remove(Trace.COMMENT, f"comment of {each.name}", each.comment)


def _written(date: tuple[int, int, int, int, int, int]) -> str:
    return f"{date[0]}-{date[1]:02}-{date[2]:02} {date[3]:02}:{date[4]:02}:{date[5]:02}"


ZIP = Format(
    "ZIP",
    "application/zip",
    lambda beginning: beginning.startswith((zip_package.BEGINNING, b"PK\x05\x06")),
    _clean,
    ("archive", ".zip"),
)
