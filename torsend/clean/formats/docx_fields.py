"""Fields of Word: those that compute from the document stay fields; all others become the text that they show."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from torsend.clean.formats.format import NotCleanable
from torsend.clean.formats.ooxml_names import W
from torsend.clean.formats.opc import SAFE_SCHEMES, Part
from torsend.clean.formats.unseen import PLACE
from torsend.clean.formats.xml_part import Element, names_in, remove, text_of, unwrap
from torsend.clean.report import Trace, Why

_R, _CHAR, _CODE, _SIMPLE = (f"{{{W}}}{name}" for name in ("r", "fldChar", "instrText", "fldSimple"))
_T = f"{{{W}}}t"

DEEPEST = 40
"""Fields within fields."""
KEPT = names_in(
    """
    PAGE NUMPAGES SECTIONPAGES SECTION PAGEREF REF NOTEREF TOC TC XE INDEX SEQ STYLEREF HYPERLINK SYMBOL EQ ADVANCE
    FORMTEXT FORMCHECKBOX FORMDROPDOWN LISTNUM AUTONUM AUTONUMLGL AUTONUMOUT =
    """
)
"""Computed from the document alone."""
NAMES_A_PERSON = names_in("AUTHOR LASTSAVEDBY USERNAME USERINITIALS USERADDRESS")
"""What these show goes too."""
_OWN_PROPERTIES = names_in("author lastauthor lastsavedby manager company")


_ARGUMENT = re.compile(r'"([^"]*)"|(\\[A-Za-z*#@!])(?!\S)|(\S+)')


@dataclass(slots=True)
class _Field:
    begin: Element
    code: list[Element] = field(default_factory=list)
    marks: list[Element] = field(default_factory=list)
    shown: list[Element] = field(default_factory=list)
    unseen: list[Element] = field(default_factory=list)
    """Text before its result, as of a field within its instruction: Word shows none of it."""
    in_result: bool = False

    @property
    def instruction(self) -> str:
        return "".join(each.text or "" for each in self.code).strip()


def instructions(root: Element) -> Iterator[str]:
    """All that are left."""
    for each in root.iter(_CODE, _SIMPLE):
        yield (each.text if each.tag == _CODE else each.get(f"{{{W}}}instr")) or ""


def settle(root: Element, part: Part) -> None:
    """Goes through all fields of a story."""
    for simple in list(root.iter(_SIMPLE)):
        _settle_simple(simple, part)
    for data in list(root.iter(f"{{{W}}}fldData", f"{{{W}}}entryMacro", f"{{{W}}}exitMacro")):
        part.findings.add(
            Trace.ACTIVE if "Macro" in str(data.tag) else Trace.OTHER,
            "field data",
            data.get(f"{{{W}}}val", ""),
        )
        remove(data)
    open_: list[_Field] = []
    ended: list[_Field] = []
    for each in root.iter(_CHAR, _CODE, _T):
        if each.tag == _CHAR:
            kind = each.get(f"{{{W}}}fldCharType")
            if kind == "begin":
                open_.append(_Field(each, marks=[each]))
                if len(open_) > DEEPEST:
                    raise NotCleanable(Why.DAMAGED)
            elif open_:
                open_[-1].marks.append(each)
                if kind == "separate":
                    open_[-1].in_result = True
                else:
                    ended.append(open_.pop())
        elif each.tag == _CODE:
            if open_ and not open_[-1].in_result:
                open_[-1].code.append(each)
            else:
                remove(each)
        else:
            for outer in open_:
                (outer.shown if outer.in_result else outer.unseen).append(each)
    for broken in open_:
        # A field that never ends: its marks would swallow what follows.
        _unlink(broken)
    for one in ended:
        _settle(one, part)


def _settle(one: _Field, part: Part) -> None:
    instruction = one.instruction
    for each in one.unseen:
        # Without the field around it, it would even be shown.
        part.findings.add(Trace.OTHER, f"field {_name(instruction)}", each.text or "")
        remove(each)
    if _stays(instruction, part):
        return
    name = _name(instruction)
    part.findings.add(_trace(name), f"field {name}", instruction)
    _unlink(one)
    _shorten(name, instruction, one.shown, part)


def _settle_simple(simple: Element, part: Part) -> None:
    instruction = simple.get(f"{{{W}}}instr", "").strip()
    for data in simple.findall(f"{{{W}}}fldData"):
        simple.remove(data)
    if _stays(instruction, part):
        return
    name = _name(instruction)
    part.findings.add(_trace(name), f"field {name}", instruction)
    _shorten(name, instruction, list(simple.iter(_T)), part)
    unwrap(simple)


def _unlink(one: _Field) -> None:
    for each in one.marks + one.code:
        remove(each)


def _name(instruction: str) -> str:
    words = instruction.split(None, 1)
    name = words[0].upper() if words else ""
    return "=" if name.startswith("=") else name


def _stays(instruction: str, part: Part) -> bool:
    name = _name(instruction)
    if name not in KEPT:
        return False
    if name in ("XE", "TC"):
        # Words of an index, which stand in it and nowhere else.
        part.package.notes.text(instruction)
    if PLACE.search(instruction):
        return False
    return name != "HYPERLINK" or _is_for_readers(instruction, part)


def _is_for_readers(instruction: str, part: Part) -> bool:
    """Whether a link leads to the web, a mail address or a place in the document. ``\\l``, ``\\o`` and ``\\t`` take a
    word: the place, the tip, the window.
    """
    said: list[str] = []
    before = ""
    for quoted, switch, bare in _ARGUMENT.findall(instruction)[1:]:
        if switch:
            before = switch.lower()
            continue
        word = quoted or bare
        if before not in ("\\l", "\\o", "\\t") and not word.lower().startswith(SAFE_SCHEMES):
            return False
        said.append(word)
        before = ""
    for word in said:
        part.package.notes.text(word)
    return True


def _shorten(name: str, instruction: str, shown: list[Element], part: Part) -> None:
    """What a field shows of a person goes, and of a path all but the file's name."""
    words = instruction.split()
    own = name == "DOCPROPERTY" and len(words) > 1 and words[1].strip('"').lower() in _OWN_PROPERTIES
    if name in NAMES_A_PERSON or own:
        part.findings.add(Trace.AUTHOR, f"field {name}", text_of(shown))
        for each in shown:
            each.text = ""
    elif name in ("FILENAME", "TEMPLATE"):
        whole = "".join(each.text or "" for each in shown)
        base = re.split(r"[\\/]", whole)[-1]
        if base != whole:
            part.findings.add(Trace.PATH, f"field {name}", whole)
            for at, each in enumerate(shown):
                each.text = base if not at else ""


def _trace(name: str) -> Trace:
    if name in NAMES_A_PERSON:
        return Trace.AUTHOR
    if name in ("DATE", "TIME", "CREATEDATE", "SAVEDATE", "PRINTDATE", "EDITTIME", "REVNUM"):
        return Trace.DATE
    if name in ("FILENAME", "TEMPLATE", "INCLUDEPICTURE", "INCLUDETEXT", "HYPERLINK", "LINK", "RD"):
        return Trace.PATH
    if name in ("MACROBUTTON", "DDE", "DDEAUTO", "DATABASE"):
        return Trace.ACTIVE
    return Trace.OTHER
