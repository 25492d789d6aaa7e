"""Names of tags in sound and film, and which sort of trace each is. Only for the report: every one of them goes."""

from __future__ import annotations

import re

from torsend.clean.report import Trace

# By what the name of a tag holds, whatever format it is of; the first that fits. Names of four letters are ID3's,
# RIFF's and QuickTime's; a dot stands for the last's ©.
_SORTS = {
    Trace.LOCATION: "location geo_ gps coordinat latitude longitude ^.?xyz$ ^i?loci?$ country city",
    Trace.THUMBNAIL: "picture coverart cover.art ^covr$ ^apic$ ^pic$ thumb ^[st]nal$",
    Trace.DEVICE: "make$ model device camera lens serial firmware manufactur microphone tapeid ^.(mak|mod)$ ^manu$ ^modl$ "
    "^camm$ ^gpm[df]$ ^fdsc$ ^hmmt$ ^isrc$ ^tsrc$",
    Trace.SOFTWARE: "software encod vendor ^.(swr|too|enc|req)$ ^tsse$ ^tenc$ ^tss$ ^ten$ ^isft$ tool codinghistory version",
    Trace.DATE: "date time year ^.day$ ^tdrc$ ^tyer?$ ^tdat$ ^tden$ ^tdtg$ ^tdrl$ ^tory$ ^tdor$ ^trda$ ^icrd$ ^idit$",
    Trace.AUTHOR: "artist author compos perform creator producer director owner organi[sz]ation copyright licen contact "
    "publisher engineer originator$ user ^.(art|wrt|prd|dir|cpy|own|aut)$ ^aart$ ^cprt$ ^auth$ ^perf$ ^tp[e1-4].?$ ^tcop$ "
    "^tpub$ ^town$ ^text$ ^toly$ ^tope$ ^tcom$ ^iart$ ^ieng$ ^icop$ ^itch$ ^icms$",
    Trace.IDENTIFIER: "uuid identifier ^ufid$ ^priv$ umid originatorreference account ^a[pk]id$ _id$ ^cnid$ ^plid$ ^mcdi$",
    Trace.PROVENANCE: "c2pa jumb contentcredential",
    Trace.EMBEDDED: "^geob$ ^aenc$ attach",
    Trace.COMMENT: "comment descri title album genre keyword lyric subject track chapter rating "
    "^.(nam|alb|cmt|gen|grp|lyr|des|inf)$ ^desc$ ^tit[123]$ ^tt[123]$ ^talb?$ ^tcon$ ^trck$ ^comm?$ ^uslt$ ^txxx$ ^icmt$ "
    "^inam$ ^ignr$ ^iprd$ ^itrk$ ^isbj$ ^ikey$ ^adtl$ ^labl$ ^note$ ^ltxt$",
}
_COMPILED = {trace: re.compile("|".join(patterns.split())) for trace, patterns in _SORTS.items()}


def sort_of(name: str) -> Trace:
    """The sort of trace that a tag of this name is; ``OTHER`` if the name tells nothing."""
    lowered = name.lower()
    return next((trace for trace, pattern in _COMPILED.items() if pattern.search(lowered)), Trace.OTHER)


def readable(data: bytes, encoding: str = "utf-8") -> str:
    """Text for the report: what can be read of it, on one line; empty where it is not text."""
    text = data.decode(encoding, "replace").replace("\ufffd", "")
    text = " ".join(re.sub(r"[\x00-\x1f\x7f-\x9f\ufeff]+", " ", text).split())
    return text if 2 * len(text) >= len(data) * (0.5 if encoding.startswith("utf-16") else 1) else ""
